/* tests/fuzz/fuzz_dns_zone.c - bytes as a packet for the zone of a DNS list: every answer keeps its limits, by UDP and by TCP. */
#include "session/dns_zone_engine.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct address_lists none;
	static struct dns_zone zone;
	uint8_t out[DNS_ZONE_ANSWER_MAX];
	enum dns_zone_outcome outcome, other;
	if (!zone.name_n && !dns_zone_init(&zone, SPAN("bl.example.org"), SPAN("ns.example.org"), &none))
		abort();
	size_t udp = dns_zone_answer(&zone, span_of(data, size), false, 0, out, &outcome);
	if (udp > DNS_ZONE_UDP || (udp == 0) != (outcome == DNS_ZONE_SILENT) ||
	    (udp && (udp < 12 || memcmp(out, data, 2) || !(out[2] & 0x80))))
		abort();
	size_t tcp = dns_zone_answer(&zone, span_of(data, size), true, 0, out, &other);
	if (tcp > sizeof out || other != outcome || (tcp && out[2] & 2))
		abort();
	return 0;
}

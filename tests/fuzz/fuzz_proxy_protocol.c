/* tests/fuzz/fuzz_proxy_protocol.c - the header of a load balancer as arbitrary bytes: what is read of a beginning stays what it is when
 * more has come. */
#include "session/proxy_protocol.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	size_t used = 0, part_used = 0;
	struct proxy_protocol whole = { .has_ip = false }, part = { .has_ip = false };
	enum proxy_protocol_step step = proxy_protocol_read(in, &used, &whole);
	if (step == PROXY_PROTOCOL_READ && (used == 0 || used > size))
		abort();
	for (size_t n = 0; n < size && n < 200; n++) {
		enum proxy_protocol_step before = proxy_protocol_read(span_first(in, n), &part_used, &part);
		if (before == PROXY_PROTOCOL_MORE)
			continue;
		if (before != step ||
		    (step == PROXY_PROTOCOL_READ && (part_used != used || part.has_ip != whole.has_ip || part.port != whole.port)))
			abort();
	}
	return 0;
}

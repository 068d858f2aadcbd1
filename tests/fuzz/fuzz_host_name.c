/* tests/fuzz/fuzz_host_name.c - four bytes of address, then any bytes as a host name. */
#include "facts/host_name.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_address found;
	struct ip ip = { 0 };
	if (size < 4)
		return 0;
	bool six = data[0] & 1;
	if (six && size >= 20)
		memcpy(ip.b, data + 4, 16);
	else
		ip = ip_from_v4((uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3]);
	struct span name = span_of(data + 4, size - 4);
	if (host_name_spells(name, &ip, &found) && (found.from > found.to || found.to > name.n))
		abort();
	if (host_name_address(name, &found) && (found.from > found.to || found.to > name.n))
		abort();
	host_class_says(host_name_class(name));
	return 0;
}

/* tests/zone_test.h - DNS answers for a test, written as they stand in a --dns file. */
#ifndef TESTS_ZONE_TEST_H
#define TESTS_ZONE_TEST_H

#include "facts/zone.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

/* zone_free is the caller's. */
static inline struct zone *zone_test(const char *json, struct arena *arena)
{
	char path[] = "/tmp/postern-zone-XXXXXX";
	struct zone *zone = NULL;
	struct span error = span_none;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, json, strlen(json)) == (ssize_t)strlen(json));
	close(fd);
	if (zone_load(path, arena, &zone, &error) != 0)
		fail_msg("%.*s", SPAN_ARG(error));
	unlink(path);
	return zone;
}

#endif

/* state/ring: what was put comes back, and nothing else does: not with another id, place or key, not changed, not cut off. */
#include "base/err.h"
#include "base/limits.h"
#include "state/ring.h"
#include "tests/store_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct arena arena;
enum { NOW = 1800000000 };

static struct ring *opened(bool write)
{
	struct ring *ring = NULL;
	assert_int_equal(ring_open(test_folder, write, &ring), 0);
	return ring;
}

static void comes_back(void **state)
{
	struct ring *ring = opened(true), *reader = opened(false);
	struct ring_place places[3], again;
	struct span got;
	struct stat is;
	(void)state;
	struct span large = span_of(arena_zalloc(&arena, 5000000), 5000000);
	assert_int_equal(ring_put(ring, NOW, SPAN("one"), SPAN("hello, this is the first message"), &places[0]), 0);
	assert_int_equal(ring_put(ring, NOW, SPAN("two"), SPAN(""), &places[1]), 0);
	assert_int_equal(ring_put(ring, NOW, SPAN("three"), large, &places[2]), 0);
	assert_true(places[2].length < 10000);
	assert_int_equal(ring_gathered(ring), 3);
	assert_int_equal(ring_get(reader, SPAN("one"), &places[0], &arena, &got), ERR_NOT_FOUND); /* not written yet */
	assert_int_equal(ring_flush(ring), 0);
	assert_int_equal(ring_gathered(ring), 0);
	assert_int_equal(ring_get(reader, SPAN("one"), &places[0], &arena, &got), 0);
	assert_span(got, "hello, this is the first message");
	assert_int_equal(ring_get(reader, SPAN("two"), &places[1], &arena, &got), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(ring_get(reader, SPAN("three"), &places[2], &arena, &got), 0);
	assert_true(span_eq(got, large));
	assert_int_equal(ring_get(reader, SPAN("two"), &places[0], &arena, &got), ERR_NOT_FOUND);
	again = places[0];
	again.at++;
	assert_int_equal(ring_get(reader, SPAN("one"), &again, &arena, &got), ERR_NOT_FOUND);
	again = places[0];
	again.segment++;
	assert_int_equal(ring_get(reader, SPAN("one"), &again, &arena, &got), ERR_NOT_FOUND);
	again.length = UINT32_MAX;
	assert_int_equal(ring_get(reader, SPAN("one"), &again, &arena, &got), ERR_NOT_FOUND);
	assert_int_equal(ring_put(ring, NOW, SPAN("x"), span_of("", LIMIT_MESSAGE_BYTES + (size_t)1), &again), ERR_LIMIT);
	ring_close(ring);

	/* A writer that comes back begins a segment of its own. */
	ring = opened(true);
	assert_int_equal(ring_put(ring, NOW, SPAN("four"), SPAN("later"), &again), 0);
	assert_int_not_equal(again.segment, places[0].segment);
	ring_close(ring);
	char key[96];
	snprintf(key, sizeof key, "%s/content.key", test_folder);
	assert_int_equal(stat(key, &is), 0);
	assert_int_equal(is.st_mode & 0777, 0600);
	assert_int_equal(is.st_size, 32);
	ring_close(reader);
}

static void shows_nothing(void **state)
{
	struct ring *ring = opened(true);
	struct ring_place place;
	struct span got;
	char path[128];
	(void)state;
	assert_int_equal(ring_put(ring, NOW, SPAN("id"), SPAN("a secret, a secret, a secret"), &place), 0);
	assert_int_equal(ring_flush(ring), 0);
	snprintf(path, sizeof path, "%s/content/%016llx.segment", test_folder, (unsigned long long)place.segment);
	int file = open(path, O_RDWR);
	assert_true(file >= 0);
	uint8_t bytes[4096];
	ssize_t n = pread(file, bytes, sizeof bytes, 0);
	assert_int_equal(n, place.at + place.length);
	assert_false(span_has(span_of(bytes, (size_t)n), SPAN("secret")));
	for (uint64_t at = 8; at < (uint64_t)n; at++) { /* salt, lengths, tag, text: each byte counts */
		uint8_t changed = bytes[at] ^ 1;
		assert_int_equal(pwrite(file, &changed, 1, (off_t)at), 1);
		assert_int_equal(ring_get(ring, SPAN("id"), &place, &arena, &got), ERR_NOT_FOUND);
		assert_int_equal(pwrite(file, &bytes[at], 1, (off_t)at), 1);
	}
	assert_int_equal(ring_get(ring, SPAN("id"), &place, &arena, &got), 0);
	assert_int_equal(ftruncate(file, n - 1), 0);
	assert_int_equal(ring_get(ring, SPAN("id"), &place, &arena, &got), ERR_NOT_FOUND);
	close(file);
	ring_close(ring);
}

/* What no compression makes smaller. */
static struct span random_bytes(size_t n)
{
	uint8_t *noise = arena_alloc(&arena, n);
	srandom(1);
	for (size_t i = 0; i < n; i++)
		noise[i] = (uint8_t)random();
	return span_of(noise, n);
}

static void bounds(void **state)
{
	struct ring *ring = opened(true);
	struct ring_place place, first = { 0, 0, 0 };
	struct span got, noise = random_bytes(300000);
	(void)state;
	ring_expire(ring, 0, 4u << 20);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(ring_put(ring, NOW + i, SPAN("id"), noise, &place), 0);
		if (!i)
			first = place;
		ring_expire(ring, 0, 4u << 20);
		assert_true(ring_bytes(ring) <= 4u << 20);
	}
	assert_int_equal(ring_get(ring, SPAN("id"), &place, &arena, &got), 0);
	assert_int_equal(ring_get(ring, SPAN("id"), &first, &arena, &got), ERR_NOT_FOUND);
	ring_expire(ring, INT64_MAX, 4u << 20);
	assert_int_equal(ring_bytes(ring), 0);
	assert_int_equal(ring_get(ring, SPAN("id"), &place, &arena, &got), ERR_NOT_FOUND);
	ring_close(ring);
}

static void full_disk(void **state)
{
	struct ring *ring = opened(true);
	struct ring_place before, after, failed, large = { 0, 0, 0 };
	struct span got, noise = span_of(arena_zalloc(&arena, 200), 200);
	struct rlimit limit, none;
	(void)state;
	assert_int_equal(ring_put(ring, NOW, SPAN("one"), SPAN("one"), &before), 0);
	assert_int_equal(ring_flush(ring), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &none);
	limit = none;
	limit.rlim_cur = before.at + before.length + 10;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(ring_put(ring, NOW, SPAN("two"), noise, &failed), 0);
	assert_int_equal(ring_flush(ring), ERR_IO);
	assert_int_equal(ring_gathered(ring), 0);
	assert_int_equal(ring_put(ring, NOW, SPAN("large"), random_bytes(1 << 19), &large), ERR_IO);
	assert_int_equal(large.length, 0);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(ring_put(ring, NOW, SPAN("three"), noise, &after), 0);
	assert_int_not_equal(after.segment, before.segment); /* else its nonce might come twice */
	assert_int_equal(ring_get(ring, SPAN("three"), &after, &arena, &got), 0);
	assert_int_equal(ring_get(ring, SPAN("one"), &before, &arena, &got), 0);
	assert_int_equal(ring_get(ring, SPAN("two"), &failed, &arena, &got), ERR_NOT_FOUND);
	ring_close(ring);
}

static void no_ring(void **state)
{
	struct ring *ring;
	char path[96];
	(void)state;
	assert_int_equal(ring_open("/nonexistent", true, &ring), ERR_NOT_FOUND);
	assert_int_equal(ring_open(test_folder, false, &ring), ERR_NOT_FOUND);
	snprintf(path, sizeof path, "%s/content.key", test_folder);
	int file = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(file, "short", 5), 5);
	close(file);
	assert_int_equal(ring_open(test_folder, true, &ring), ERR_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(shows_nothing, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(bounds, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(full_disk, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(no_ring, make_test_folder, drop_test_folder),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}

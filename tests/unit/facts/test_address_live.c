/* facts/address_live: entries come, change, expire and go; against a plain table; a writer killed at any instant; readers beside a writer;
 * a full set; damaged files. */
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "facts/address_live.h"
#include "tests/address_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/postern-live-XXXXXX", path[64], why[ADDRESS_WHY_MAX];

static struct address_live *open_live(enum address_live_mode mode)
{
	struct address_live *live;
	if (address_live_open(path, mode, why, &live) < 0)
		fail_msg("%s", why);
	return live;
}

static struct address_live *fresh(void)
{
	unlink(path);
	return open_live(ADDRESS_LIVE_WRITE);
}

static struct ip ip_of(const char *text)
{
	struct ip ip;
	assert_true(ip_parse(span_cstr(text), &ip));
	return ip;
}

static struct address_live_entry entry_of(const char *net, const char *class, int64_t expires)
{
	struct address_live_entry entry = { .since = 100, .expires = expires, .hits = 3 };
	assert_true(ip_net_parse(span_cstr(net), &entry.net));
	snprintf(entry.class, sizeof entry.class, "%s", class);
	snprintf(entry.note, sizeof entry.note, "seen at %s", net);
	return entry;
}

static void put(struct address_live *live, const char *net, const char *class, int64_t expires)
{
	struct address_live_entry entry = entry_of(net, class, expires);
	assert_int_equal(address_live_put(live, &entry, 100), 0);
}

/* Written by a clock that ran a year ahead: once it is right again nobody is kept out until the year is over. */
static void clock_ran_ahead(void **state)
{
	enum { YEAR = 365 * 86400 };
	(void)state;
	struct address_live *live = fresh();
	struct address_live_entry entry = entry_of("192.0.2.7", "trap", YEAR + 3600), found;
	struct ip ip = ip_of("192.0.2.7");
	entry.since = YEAR;
	assert_int_equal(address_live_put(live, &entry, YEAR), 0);
	assert_true(address_live_find(live, &ip, YEAR, &found));
	assert_true(address_live_find(live, &ip, YEAR - 3600, &found)); /* set back a little */
	assert_false(address_live_find(live, &ip, 100, &found));
	entry.expires = CLOCK_NONE; /* put by hand, for good */
	assert_int_equal(address_live_put(live, &entry, YEAR), 0);
	assert_true(address_live_find(live, &ip, 100, &found));
	address_live_close(live);
}

static void comes_and_goes(void **state)
{
	(void)state;
	struct address_live *writer = fresh(), *reader = open_live(ADDRESS_LIVE_READ);
	struct address_live_entry entry;
	struct ip ip = ip_of("192.0.2.7"), other = ip_of("192.0.2.8"), v6 = ip_of("2001:db8:0:1::5");
	assert_false(address_live_find(reader, &ip, 100, &entry));
	put(writer, "192.0.2.0/24", "trap", CLOCK_NONE);
	put(writer, "192.0.2.7", "block", 200);
	put(writer, "2001:db8:0:1::/64", "trap", 200);
	put(writer, "::/80", "trap", 200);
	assert_true(address_live_find(reader, &ip, 199, &entry));
	assert_string_equal(entry.class, "block");
	assert_string_equal(entry.note, "seen at 192.0.2.7");
	assert_true(entry.hits == 3 && entry.since == 100 && entry.expires == 200 && entry.net.bits == 128);
	assert_true(address_live_find(reader, &ip, 200, &entry) && entry.net.bits == 120); /* expired: the wider one */
	assert_true(address_live_find(reader, &other, 1, &entry) && entry.net.bits == 120);
	assert_true(address_live_find(reader, &v6, 1, &entry) && entry.net.bits == 64);
	assert_false(address_live_find(reader, &v6, 200, &entry));
	struct address_live_entry longer = entry_of("192.0.2.7", "a name that is longer than thirty", 300);
	longer.net.exclude = true;
	longer.note[3] = '\n';
	assert_int_equal(address_live_put(writer, &longer, 100), 0);
	assert_int_equal(address_live_count(reader), 4);
	assert_true(address_live_find(reader, &ip, 299, &entry) && entry.net.exclude);
	assert_string_equal(entry.class, "a name that is longer than thir");
	assert_string_equal(entry.note, "see  at 192.0.2.7");
	assert_int_equal(address_live_drop(writer, &longer.net), 0);
	assert_int_equal(address_live_drop(writer, &longer.net), ERR_NOT_FOUND);
	assert_true(address_live_find(reader, &ip, 1, &entry) && entry.net.bits == 120);
	assert_true(address_live_get(reader, &entry.net, &entry));
	assert_int_equal(address_live_drop(reader, &entry.net), ERR_USAGE);
	assert_int_equal(address_live_put(reader, &entry, 1), ERR_USAGE);
	assert_int_equal(address_live_count(reader), 3);
	address_live_close(reader);
	address_live_close(writer);
	writer = open_live(ADDRESS_LIVE_WRITE);
	assert_int_equal(address_live_count(writer), 3);
	assert_true(address_live_find(writer, &ip, 1, &entry));
	address_live_close(writer);
}

/* Two writers in turn, beside a table looked through. */
static void as_a_plain_table(void **state)
{
	(void)state;
	static struct plain_list list;
	struct address_live *writers[2] = { fresh(), open_live(ADDRESS_LIVE_WRITE) };
	struct address_live_entry entry;
	uint64_t seed = 3;
	list.n = 0;
	for (unsigned i = 0; i < 12000; i++) {
		struct address_live *w = writers[i / 64 & 1];
		uint64_t what = plain_random(&seed) % 4;
		if (what < 2 && list.n < 1000) {
			struct plain_entry e = { plain_network(&seed, plain_random(&seed) & 1), (uint16_t)i };
			size_t at = 0;
			while (at < list.n && !(list.v[at].net.bits == e.net.bits && ip_eq(&list.v[at].net.ip, &e.net.ip)))
				at++;
			list.v[at] = e;
			list.n += at == list.n;
			entry = (struct address_live_entry){ .net = e.net, .expires = CLOCK_NONE, .hits = e.class };
			assert_int_equal(address_live_put(w, &entry, 0), 0);
		} else if (what == 2 && list.n) {
			size_t at = plain_random(&seed) % list.n;
			assert_int_equal(address_live_drop(w, &list.v[at].net), 0);
			list.v[at] = list.v[--list.n];
		}
		struct ip ip = plain_question(&list, &seed, plain_random(&seed) & 1);
		const struct plain_entry *want = plain_find(&list, &ip);
		bool got = address_live_find(w, &ip, 0, &entry);
		if (got != !!want || (got && (entry.hits != want->class || entry.net.bits != want->net.bits)))
			fail_msg("step %u: found %d, should be %d", i, got, !!want);
	}
	assert_int_equal(address_live_count(writers[0]), list.n);
	address_live_close(writers[0]);
	address_live_close(writers[1]);
}

/* Entries i have hits and a since that agree; whoever reads one sees both of one writing. */
static struct address_live_entry numbered(uint32_t i, uint32_t round)
{
	struct address_live_entry entry = { .net = { ip_from_v4(0x0a000000 + i), 128, false }, .expires = CLOCK_NONE, .hits = round };
	entry.since = (int64_t)round * 7 + i;
	memset(entry.note, 'a' + (int)(round % 26), ADDRESS_LIVE_NOTE);
	return entry;
}

static bool is_whole(const struct address_live_entry *entry)
{
	struct address_live_entry want = numbered(ip_v4(&entry->net.ip) - 0x0a000000, entry->hits);
	return entry->since == want.since && memcmp(entry->note, want.note, ADDRESS_LIVE_NOTE) == 0;
}

static bool check_whole(void *context, const struct address_live_entry *entry)
{
	++*(unsigned *)context;
	assert_true(is_whole(entry));
	return true;
}

enum { CROWD = 200 };

static pid_t start_writer(uint32_t round)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct address_live *live;
		if (address_live_open(path, ADDRESS_LIVE_WRITE, why, &live) < 0)
			_exit(1);
		for (uint32_t i = 0;; i = (i * 5 + 3) % CROWD) {
			struct address_live_entry entry = numbered(i, round++);
			if (round % 3 == 0)
				address_live_drop(live, &entry.net);
			else
				address_live_put(live, &entry, 0);
		}
	}
	return pid;
}

/* Whenever the writer is killed, each entry is whole, as it was or as it was put; those that it does not touch are there; and others write
 * on. */
static void killed(void **state)
{
	(void)state;
	struct address_live *live = fresh();
	struct address_live_entry entry;
	for (uint32_t i = 0; i < CROWD; i++) { /* these stay */
		entry = numbered(1000 + i, 1);
		assert_int_equal(address_live_put(live, &entry, 0), 0);
	}
	for (unsigned round = 0; round < 60; round++) {
		pid_t pid = start_writer(round * 100000);
		unsigned n = 0, seen = 0;
		usleep(200 + round * 97 % 2500);
		while (seen < 2000) { /* beside the writer */
			struct ip ip = ip_from_v4(0x0a000000 + seen++ % CROWD);
			if (address_live_find(live, &ip, 0, &entry))
				assert_true(is_whole(&entry));
			ip = ip_from_v4(0x0a000000 + 1000 + seen % CROWD);
			assert_true(address_live_find(live, &ip, 0, &entry) && is_whole(&entry));
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		address_live_each(live, check_whole, &n);
		assert_true(n >= CROWD && n <= 2 * CROWD);
		entry = numbered(5000, round);
		assert_int_equal(address_live_put(live, &entry, 0), 0);
		assert_int_equal(address_live_drop(live, &entry.net), 0);
		assert_int_equal(address_live_count(live), n);
	}
	address_live_close(live);
}

/* A full set makes room: expired ones first, then those that expire soonest; what never expires stays. */
static void full(void **state)
{
	(void)state;
	struct address_live *live = fresh();
	struct address_live_entry entry;
	for (uint32_t i = 0; i < LIMIT_ADDRESS_LIVE - 1; i++) {
		entry = numbered(i, 1);
		entry.since = 0;
		entry.expires = i % 2 ? CLOCK_NONE : 1000 + i;
		assert_int_equal(address_live_put(live, &entry, 0), 0);
	}
	assert_int_equal(address_live_count(live), LIMIT_ADDRESS_LIVE - 1);
	for (uint32_t i = 0; i < 100; i++) {
		entry = numbered(LIMIT_ADDRESS_LIVE + i, 1);
		assert_int_equal(address_live_put(live, &entry, 0), 0);
		assert_int_equal(address_live_count(live), LIMIT_ADDRESS_LIVE - 1);
		assert_true(address_live_find(live, &entry.net.ip, 0, &entry));
	}
	for (uint32_t i = 1; i < LIMIT_ADDRESS_LIVE; i += 2) {
		struct ip ip = ip_from_v4(0x0a000000 + i);
		if (i < LIMIT_ADDRESS_LIVE - 1)
			assert_true(address_live_find(live, &ip, INT64_MAX, &entry));
	}
	entry = numbered(LIMIT_ADDRESS_LIVE + 500, 1);
	assert_int_equal(address_live_put(live, &entry, 1000000), 0); /* now all of a neighbourhood have expired */
	assert_true(address_live_count(live) < LIMIT_ADDRESS_LIVE - 100);
	for (uint32_t i = 0; i < LIMIT_ADDRESS_LIVE; i++) {
		entry = numbered(2 * LIMIT_ADDRESS_LIVE + i, 1);
		if (address_live_put(live, &entry, 1000000) == ERR_LIMIT)
			break;
		assert_true(i < LIMIT_ADDRESS_LIVE - 1);
	}
	assert_int_equal(address_live_count(live), LIMIT_ADDRESS_LIVE - 1);
	address_live_close(live);
}

static void damaged(void **state)
{
	(void)state;
	struct address_live *live = fresh(), *reader;
	struct address_live_entry entry;
	struct ip ip = ip_of("192.0.2.7");
	put(live, "192.0.2.7", "trap", CLOCK_NONE);
	address_live_close(live);
	/* every byte that is not zero, wrong: not found or as it was */
	int fd = open(path, O_RDWR);
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	uint8_t *bytes = malloc((size_t)st.st_size);
	assert_true(pread(fd, bytes, (size_t)st.st_size, 0) == st.st_size);
	for (off_t i = 0; i < st.st_size; i++) {
		if (bytes[i] == 0)
			continue;
		uint8_t wrong = (uint8_t)~bytes[i];
		assert_int_equal(pwrite(fd, &wrong, 1, i), 1);
		int err = address_live_open(path, ADDRESS_LIVE_READ, why, &reader);
		if (err == 0) {
			assert_true(!address_live_find(reader, &ip, 0, &entry) || strcmp(entry.class, "trap") == 0);
			address_live_close(reader);
		} else {
			assert_int_equal(err, ERR_SYNTAX);
		}
		assert_int_equal(pwrite(fd, bytes + i, 1, i), 1);
	}
	free(bytes);
	assert_int_equal(ftruncate(fd, 1000), 0);
	close(fd);
	assert_int_equal(address_live_open(path, ADDRESS_LIVE_READ, why, &reader), ERR_SYNTAX);
	live = open_live(ADDRESS_LIVE_WRITE); /* made anew */
	assert_int_equal(address_live_count(live), 0);
	put(live, "192.0.2.7", "trap", CLOCK_NONE);
	address_live_close(live);
	address_live_close(NULL);
	unlink(path);
	assert_int_equal(address_live_open(path, ADDRESS_LIVE_READ, why, &reader), ERR_NOT_FOUND);
	assert_int_equal(address_live_open("/nonexistent/x", ADDRESS_LIVE_WRITE, why, &reader), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_and_goes),
		cmocka_unit_test(clock_ran_ahead),
		cmocka_unit_test(as_a_plain_table),
		cmocka_unit_test(killed),
		cmocka_unit_test(full),
		cmocka_unit_test(damaged),
	};
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/live", folder);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(folder);
	return failed;
}

/* What processes tell each other comes out as it went in; cut short, or longer than it says, it is refused. */
#include "app/wire.h"
#include "base/err.h"
#include "tests/test.h"

static struct arena arena;

static struct buf begun(void)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	return out;
}

/* Each beginning of a record is refused, and each record with a byte more. */
#define assert_whole(record, read)                                                                                                         \
	for (size_t n_ = 0; n_ <= (record).n; n_++) {                                                                                      \
		struct span part_ = span_first((record), n_);                                                                              \
		assert_int_equal((read(part_)), n_ == (record).n ? ERR_OK : ERR_SYNTAX);                                                   \
	}

static int job_read(struct span record)
{
	struct wire_job job;
	return wire_job(record, &arena, &job);
}

static void a_job_keeps_its_connection(void **state)
{
	const struct span recipients[] = { SPAN("b@example.net"), SPAN("") };
	struct wire_job job = {
		.wish = WISH_WHY,
		.door = DOOR_HTTP,
		.connection = { .has_ip = true, .helo = SPAN("mx.example.org"), .mail_from = SPAN(""), .recipients = recipients, .n_recipients = 2 },
		.queue_id = SPAN("4Q1"),
		.now = -5,
	}, got;
	struct buf out = begun();
	(void)state;
	assert_true(ip_parse(SPAN("2001:db8::7"), &job.connection.ip));
	wire_put_job(&job, &out);
	assert_int_equal(wire_job(buf_span(&out), &arena, &got), 0);
	assert_int_equal(got.wish, WISH_WHY);
	assert_int_equal(got.door, DOOR_HTTP);
	assert_int_equal(got.now, -5);
	assert_true(got.connection.has_ip && ip_eq(&got.connection.ip, &job.connection.ip));
	assert_null(got.connection.rdns.p);                                         /* not known stays not known */
	assert_true(got.connection.mail_from.p && got.connection.mail_from.n == 0); /* and <> stays <> */
	assert_span(got.connection.helo, "mx.example.org");
	assert_int_equal(got.connection.n_recipients, 2);
	assert_span(got.connection.recipients[0], "b@example.net");
	assert_span(got.queue_id, "4Q1");
	assert_whole(buf_span(&out), job_read);
}

static int settings_read(struct span record)
{
	struct wire_settings settings;
	return wire_settings(record, &settings);
}

static void settings_name_paths(void **state)
{
	static const char folder[] = "/var/lib/postern", model[] = "/m", no_path[] = "/a\0b";
	struct wire_settings settings = { SPAN("files"), span_of(folder, sizeof folder), span_of(model, sizeof model) };
	struct buf out = begun();
	(void)state;
	wire_put_settings(&settings, &out);
	assert_whole(buf_span(&out), settings_read);
	settings.model = span_of(no_path, sizeof no_path);
	out = begun();
	wire_put_settings(&settings, &out);
	assert_int_equal(settings_read(buf_span(&out)), ERR_SYNTAX);
}

static int judged_read(struct span record)
{
	struct wire_judged judged;
	return wire_judged(record, &arena, &judged);
}

static int keep_read(struct span record)
{
	struct wire_keep keep;
	return wire_keep(record, &arena, &keep);
}

static void what_counts_is_bounded(void **state)
{
	struct wire_judged judged = { SPAN("outcome"), SPAN("case"), SPAN(""), { .by = { TUPLE_ONE, 0 } } }, got;
	struct wire_keep keep = { .hold = true, .answer = true, .casefile = SPAN("case") };
	struct remembered *one = vec_push(&arena, &judged.remembered.list);
	struct buf out = begun();
	(void)state;
	*one = (struct remembered){ TUPLE_DOMAIN, SPAN("example.org") };
	wire_put_judged(&judged, &out);
	assert_whole(buf_span(&out), judged_read);
	assert_int_equal(wire_judged(buf_span(&out), &arena, &got), 0);
	assert_int_equal(got.remembered.list.v[0].kind, TUPLE_DOMAIN);
	assert_span(got.remembered.list.v[0].key, "example.org");

	keep.remembered = judged.remembered;
	out = begun();
	wire_put_keep(&keep, &out);
	assert_whole(buf_span(&out), keep_read);

	/* A worker that was taken over may not say that its message counts for a million, nor touch what is none of its business. */
	judged.remembered.by[TUPLE_GOOD] = 1000000 * (uint64_t)TUPLE_ONE;
	out = begun();
	wire_put_judged(&judged, &out);
	assert_int_equal(judged_read(buf_span(&out)), ERR_SYNTAX);
	judged.remembered.by[TUPLE_GOOD] = 0;
	one->kind = TUPLE_RELEASED;
	out = begun();
	wire_put_judged(&judged, &out);
	assert_int_equal(judged_read(buf_span(&out)), ERR_SYNTAX);
}

static int hit_read(struct span record)
{
	struct wire_hit hit;
	return wire_hit(record, &hit);
}

static void a_hit_keeps_what_was_read(void **state)
{
	struct wire_hit hit = { .over = true, .fingerprint = { 1, [15] = 255 }, .reading = SPAN("as the trap read it") }, got;
	struct buf out = begun();
	(void)state;
	wire_put_hit(&hit, &out);
	assert_int_equal(wire_hit(buf_span(&out), &got), ERR_OK);
	assert_true(got.over && span_eq(got.reading, hit.reading));
	assert_memory_equal(got.fingerprint, hit.fingerprint, sizeof hit.fingerprint);
	assert_whole(buf_span(&out), hit_read);
}

static int trapped_read(struct span record)
{
	struct wire_trapped trapped;
	return wire_trapped(record, &trapped);
}

static void who_named_a_trap_is_kept(void **state)
{
	struct wire_trapped trapped = { .door = DOOR_POLICY,
					.ip = ip_from_v4(0xC0000207),
					.helo = SPAN("scanner.example"),
					.mail_from = SPAN(""),
					.recipient = SPAN("a.keller@ours.example"),
					.planted = true,
					.shown = { ip_from_v4(0xCB007109), 1778065200 } };
	struct wire_trapped got;
	struct buf out = begun();
	(void)state;
	wire_put_trapped(&trapped, &out);
	assert_int_equal(wire_trapped(buf_span(&out), &got), ERR_OK);
	assert_true(got.door == DOOR_POLICY && ip_eq(&got.ip, &trapped.ip) && got.planted && got.shown.time == trapped.shown.time);
	assert_true(ip_eq(&got.shown.visitor, &trapped.shown.visitor) && span_eq(got.recipient, trapped.recipient));
	assert_whole(buf_span(&out), trapped_read);
}

static int known_read(struct span record)
{
	struct wire_known known;
	return wire_known(record, &known);
}

static void what_is_known_of_a_client_is_kept(void **state)
{
	struct wire_known known = { ip_from_v4(0xC0000207), GATE_NAME_CONFIRMED, SPAN("mail.client.example"), true, true }, got;
	struct buf out = begun();
	(void)state;
	wire_put_known(&known, &out);
	assert_int_equal(wire_known(buf_span(&out), &got), ERR_OK);
	assert_true(ip_eq(&got.ip, &known.ip) && got.name == known.name && got.listed && got.allowed && span_eq(got.text, known.text));
	assert_whole(buf_span(&out), known_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_keeps_its_connection), cmocka_unit_test(settings_name_paths),
		cmocka_unit_test(what_counts_is_bounded),     cmocka_unit_test(a_hit_keeps_what_was_read),
		cmocka_unit_test(who_named_a_trap_is_kept),   cmocka_unit_test(what_is_known_of_a_client_is_kept),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}

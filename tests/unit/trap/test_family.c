/* trap/family: shapes, published families, and families that are found. */
#include "trap/family.h"

#include "tests/test.h"

static struct own_set *ours(struct arena *arena)
{
	struct own_address list[2] = { { .ip = ip_from_v4(0xC6336407) }, { .name = SPAN("relay.example.org") } };
	struct own_set *set = NULL;
	assert_int_equal(own_address_build(list, 2, arena, &set), 0);
	return set;
}

static struct family_shape shape(struct arena *arena, const char *subject, const char *text)
{
	struct own_set *set = ours(arena);
	struct own_finds a = { 0 }, b = { 0 };
	struct family_shape shape;
	own_address_find(set, span_cstr(subject), arena, &a);
	own_address_find(set, span_cstr(text), arena, &b);
	family_shape_take(span_cstr(subject), &a, span_cstr(text), &b, arena, &shape);
	return shape;
}

static void shapes(void **state)
{
	(void)state;
	static const struct {
		const char *subject, *text, *want;
	} cases[] = {
		{ "BC_198.51.100.7", "", "bc_<address>\n" },
		{ "bc_C6336407", "", "bc_<address>\n" },
		{ "BC_203.0.113.9", "", "bc_<address>\n" },
		{ "relay 4711 ok kJx9Q mail a@b.example.", "", "relay <n> ok <x> mail <mail>.\n" },
		{ "Go  to\r\n http://x.example/abc?d now", "", "go to <link> now\n" },
		{ "x", "1C6336407:8080\n", "x\n<address>" },
		{ "host = relay.example.org", "ok", "host = <address>\nok" },
		{ "qwrtplkj aBcDeF a1b2c3", "", "<x>\n" },
		{ "@@@@", "a@", "@@@@\na@" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena arena;
		arena_init(&arena);
		struct family_shape got = shape(&arena, cases[i].subject, cases[i].text);
		assert_span(got.text, cases[i].want);
		arena_release(&arena);
	}
}

static const char *published(struct arena *arena, const char *subject, const char *text, const char *from, const char *to)
{
	struct own_set *set = ours(arena);
	struct own_finds a = { 0 }, b = { 0 };
	own_address_find(set, span_cstr(subject), arena, &a);
	own_address_find(set, span_cstr(text), arena, &b);
	return family_published(span_cstr(subject), &a, span_cstr(text), &b, span_cstr(from), span_cstr(to), arena);
}

static void known_ones(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	assert_string_equal(published(&arena, "BC_198.51.100.7", "", "", ""), "bc");
	assert_string_equal(published(&arena, "Super webscan open relay check succeded, hostname = 198.51.100.7", "", "", ""),
			    "super-webscan");
	assert_string_equal(published(&arena, "Super webscan open relay check succeded, hostname = relay.example.org", "", "", ""),
			    "super-webscan");
	assert_string_equal(published(&arena, "t_Smtp.LocalIP", "", "", ""), "local-ip");
	assert_string_equal(published(&arena, "hi", "\n\n198.51.100.7:8080\n", "", ""), "address-line");
	assert_string_equal(published(&arena, "", "", "spameri@tiscali.it", "spameri@tiscali.it"), "spameri");
	assert_string_equal(published(&arena, "", "", "antispam@x.example", "someone@x.example"), "nmap");
	assert_null(published(&arena, "Meeting on 4 March", "See you\n", "a@b.example", "c@d.example"));
	assert_null(published(&arena, "Re: BC_198.51.100.7", "", "", ""));
	arena_release(&arena);
}

static const struct family *see(struct arena *arena, struct families *families, const char *subject, const char *text, uint32_t sender)
{
	struct family_shape *s = arena_new(arena, struct family_shape);
	*s = shape(arena, subject, text);
	return families_see(families,
			    &(struct family_sight){ .shape = s, .target = ip_from_v4(1), .sender = ip_from_v4(sender), .time = 5 });
}

static void found_ones(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct families *families = families_new();
	/* a second time from another sender: a family */
	assert_null(see(&arena, families, "check 17 of relay 198.51.100.7", "open and fine", 10));
	const struct family *family = see(&arena, families, "check 99 of relay c6336407", "open and fine", 11);
	assert_non_null(family);
	assert_false(family->published);
	assert_int_equal(family->times, 2);
	/* the same sender again is no proof of anything */
	assert_null(see(&arena, families, "quite another text stands here", "x", 10));
	assert_null(see(&arena, families, "quite another text stands here", "x", 10));
	/* words that change become slots */
	assert_null(see(&arena, families, "green apple mail test for host number 5", "", 20));
	assert_non_null(see(&arena, families, "brown table mail test for host number 6", "", 21));
	family = see(&arena, families, "white paper mail test for host number 7", "", 22);
	assert_non_null(family);
	assert_int_equal(family->times, 3);
	/* unlike texts of the same length are not one */
	assert_null(see(&arena, families, "one two three four five six seven eight", "", 30));
	assert_null(see(&arena, families, "red green blue grey pink black white brown", "", 31));
	arena_release(&arena);
	families_free(families);
}

static void bounds_and_record(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct families *families = families_new(), *again = families_new();
	char subject[64];
	for (unsigned i = 0; i < LIMIT_FAMILIES + 50; i++) {
		snprintf(subject, sizeof subject, "a%c%c%c b%c%c", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676, 'a' + i % 26,
			 'a' + i / 26 % 26);
		see(&arena, families, subject, "", i);
	}
	assert_true(families_count(families) <= LIMIT_FAMILIES);
	/* no more of a text than LIMIT_FAMILY_TOKENS tells */
	char *text = arena_alloc(&arena, 4001);
	for (unsigned i = 0; i < 4000; i++)
		text[i] = i % 2 ? ' ' : 'a';
	text[4000] = '\0';
	assert_int_equal(shape(&arena, "x", text).n, LIMIT_FAMILY_TOKENS);
	struct buf out, twice;
	buf_init(&out, &arena, 16 << 20);
	families_write(families, &out);
	struct cursor c = cursor_of(buf_span(&out));
	assert_int_equal(families_read(again, &c), 0);
	assert_int_equal(cursor_left(&c), 0);
	buf_init(&twice, &arena, 16 << 20);
	families_write(again, &twice);
	assert_true(span_eq(buf_span(&out), buf_span(&twice)));
	/* cut anywhere it is refused */
	for (size_t n = 0; n < out.n; n += 1 + out.n / 97) {
		c = cursor_of(span_first(buf_span(&out), n));
		assert_int_equal(families_read(again, &c), ERR_SYNTAX);
		assert_int_equal(families_count(again), 0);
	}
	families_free(families);
	families_free(again);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shapes), cmocka_unit_test(known_ones), cmocka_unit_test(found_ones),
					    cmocka_unit_test(bounds_and_record) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* learn/explain_things: lines of FIELDS find their header field, their host, their name; the strongest line gives the quote. */
#include "learn/explain_things.h"
#include "tests/test.h"

static const char text[] = "From: Anna <anna@friends.example>\nX-Mailer: Quillpen 4\nTo: zack@home.example\nX-Odd: first\n\nhello\n";

struct fixture {
	struct arena arena;
	struct message message;
	struct evidence_set evidence;
	struct view_source source;
	struct explain_things *things;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	arena_init(&f->arena);
	message_parse(span_cstr(text), &f->arena, &f->message);
	f->source = (struct view_source){ .message = &f->message, .evidence = &f->evidence };
	f->things = explain_things_new(&f->source, &f->arena);
}

/* Name and quote of the thing, as "NAME|QUOTE". */
static struct span told(struct fixture *f, uint32_t index, unsigned *ret_telling)
{
	const struct explain_thing *thing = &f->things->list.v[index];
	const char *name = explain_thing_name(thing, ret_telling);
	struct span quote = explain_thing_quote(f->things, thing);
	return arena_printf(&f->arena, "%s|%.*s", name, SPAN_ARG(quote));
}

static struct place field(const struct fixture *f, uint32_t index)
{
	return header_place(f->message.raw, &message_headers(&f->message)->list.v[index]);
}

static void header_fields(void **state)
{
	struct fixture f;
	unsigned telling;
	(void)state;
	begin(&f);
	struct place from = field(&f, 0), inside = from;
	inside.from += 12;
	explain_things_line(f.things, SPAN("from.name:Anna"), inside, 0.5f);
	explain_things_line(f.things, SPAN("from.domain:friends.example"), inside, 2);
	explain_things_line(f.things, SPAN("name:From"), from, -1);
	explain_things_line(f.things, SPAN("h.X-Mailer:Quillpen 4"), field(&f, 1), -1);
	explain_things_line(f.things, SPAN("to.addr:zack@home.example"), field(&f, 2), 1);
	explain_things_line(f.things, SPAN("h.X-Odd:first"), field(&f, 3), 1);
	assert_int_equal(f.things->list.n, 4);
	assert_true(f.things->list.v[0].nats > 1.49 && f.things->list.v[0].nats < 1.51);
	assert_span(told(&f, 0, &telling), "its sender's domain|friends.example");
	assert_span(told(&f, 1, &telling), "the program it says it was written with,|Quillpen 4");
	unsigned mailer = telling;
	assert_span(told(&f, 2, &telling), "the address it is sent to,|zack@home.example");
	assert_true(telling < mailer / 5);
	assert_span(told(&f, 3, &telling), "the header line|X-Odd: first");
	struct place body = { .from = sizeof text - 3, .to = sizeof text - 1, .in = PLACE_RAW };
	assert_true(explain_things_header_at(f.things, &body) == EXPLAIN_NONE);
	arena_release(&f.arena);
}

/* Host, domain and whole link are one thing; so are two links to one host; another line without a place is a thing of its own. */
static void links(void **state)
{
	struct fixture f;
	unsigned telling;
	struct place first = { .from = 1, .to = 9, .part = 0, .in = PLACE_TEXT }, second = { .from = 20, .to = 29, .in = PLACE_TEXT };
	(void)state;
	begin(&f);
	explain_things_line(f.things, SPAN("link.host:www.shop.example"), first, 1);
	explain_things_line(f.things, SPAN("link.domain:shop.example"), first, 0.1f);
	explain_things_line(f.things, SPAN("link:http://www.shop.example/a"), first, 0.1f);
	explain_things_line(f.things, SPAN("link.host:www.shop.example"), second, 1);
	explain_things_line(f.things, SPAN("link:mailto:a@shop.example"), (struct place){ .from = 40, .to = 50, .in = PLACE_TEXT }, 1);
	assert_int_equal(f.things->list.n, 2);
	assert_span(told(&f, 0, &telling), "a link to|www.shop.example");
	assert_ptr_equal(explain_things_link(f.things, SPAN("http://www.shop.example/b?c")), &f.things->list.v[0]);
	assert_ptr_equal(explain_things_link(f.things, SPAN("www.shop.example")), &f.things->list.v[0]);
	assert_null(explain_things_link(f.things, SPAN("http://other.example/")));
	arena_release(&f.arena);
}

static void without_colon_or_place(void **state)
{
	struct fixture f;
	unsigned telling;
	(void)state;
	begin(&f);
	explain_things_line(f.things, SPAN("no colon"), (struct place){ 0 }, 1);
	explain_things_line(f.things, SPAN("h.X-Far:away"), (struct place){ 0 }, 1);
	explain_things_line(f.things, SPAN("part:1 text/html encoding0 utf-8 flags0"), (struct place){ 0 }, 1);
	for (uint32_t i = 0; i < f.things->list.n; i++)
		(void)told(&f, i, &telling);
	assert_span(told(&f, 2, &telling), "a part of the type|text/html");
	arena_release(&f.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(header_fields), cmocka_unit_test(links),
					    cmocka_unit_test(without_colon_or_place) };
	return cmocka_run_group_tests_name("learn/explain_things", tests, NULL, NULL);
}

/* tests/unit/message/test_html_tokenizer.c - tokens as WHATWG HTML 13.2.5 has them. */
#include "base/buf.h"
#include "message/html_tokenizer.h"
#include "tests/test.h"

/* Tokens as a line: T(text) S(name attribute=value) C(name) !(comment) D. */
static struct span tokens_of(struct span source, struct arena *arena)
{
	static const char *const attributes[HTML_ATTRIBUTES] = {
#define ATTRIBUTE(symbol, name) [HTML_ATTRIBUTE_##symbol] = name,
#include "message/html_attributes.def"
#undef ATTRIBUTE
	};
	struct html_tokenizer t;
	struct html_token token;
	struct buf out;
	buf_init(&out, arena, 1 << 20);
	html_tokenizer_start(&t, source);
	while (html_tokenizer_next(&t, &token)) {
		buf_byte(&out, "TSC!D"[token.kind]);
		buf_byte(&out, '(');
		buf_put(&out, token.text);
		for (uint32_t i = 0; token.kind == HTML_TOKEN_START && i < token.n_attributes; i++) {
			buf_printf(&out, " %s=", attributes[token.attributes[i].id]);
			buf_put(&out, token.attributes[i].value);
		}
		buf_byte(&out, ')');
		assert_true(token.from < token.to && token.to <= source.n);
	}
	return buf_span(&out);
}

static void tokens(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "a<b>c</b>", "T(a)S(b)T(c)C(b)" },
		{ "<A HREF=\"x y\" href=z class='q'/>", "S(A href=x y class=q)" },
		{ "<a href = x/y>t", "S(a href=x/y)T(t)" },
		{ "<a href>t", "S(a href=)T(t)" },
		{ "<a href=>t", "S(a href=)T(t)" },
		{ "<a =href=x id=1>", "S(a id=1)" },
		{ "<a\nhref\n=\n'x'id=2>", "S(a href=x id=2)" },
		{ "<a/href=x>", "S(a href=x)" },
		{ "1 < 2 <3 <", "T(1 < 2 <3 <)" },
		{ "a<b", "T(a)" },
		{ "a<b href=\"x>", "T(a)" },
		{ "</", "T(</)" },
		{ "</>x", "!()T(x)" },
		{ "</ b>x", "!( b)T(x)" },
		{ "<?xml v?>x", "!(?xml v?)T(x)" },
		{ "<!doctype html>x", "D(doctype html)T(x)" },
		{ "<!-- a -->x", "!( a )T(x)" },
		{ "<!-->x", "!()T(x)" },
		{ "<!--->x", "!()T(x)" },
		{ "<!---->x", "!()T(x)" },
		{ "<!--a--!>x", "!(a)T(x)" },
		{ "<!--a--->x", "!(a-)T(x)" },
		{ "<!---!>x-->", "!(-!>x)" },
		{ "<!--a->b--", "!(a->b--)" },
		{ "<!--[if mso]><p>x</p><![endif]-->y", "!([if mso]><p>x</p><![endif])T(y)" },
		{ "<![if !mso]>x<![endif]>", "!([if !mso])T(x)!([endif])" },
		{ "<![CDATA[a>b]]>", "!([CDATA[a)T(b]]>)" },
		{ "<style><b></styl></style >x", "S(style)T(<b></styl>)C(style)T(x)" },
		{ "<title>a<b>&amp;</title>", "S(title)T(a<b>&amp;)C(title)" },
		{ "<textarea></TextArea>x", "S(textarea)C(TextArea)T(x)" },
		{ "<script>a</script>b", "S(script)T(a)C(script)T(b)" },
		{ "<script><!--<script></script>--></script>b", "S(script)T(<!--<script></script>-->)C(script)T(b)" },
		{ "<script><!--></script>b", "S(script)T(<!-->)C(script)T(b)" },
		{ "<xmp><a></xmp>", "S(xmp)T(<a>)C(xmp)" },
		{ "<noscript><b></noscript>", "S(noscript)S(b)C(noscript)" },
		{ "<plaintext><b></plaintext>", "S(plaintext)T(<b></plaintext>)" },
		{ "<o:p></o:p>", "S(o:p)C(o:p)" },
		{ "", "" },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_span(tokens_of(span_cstr(cases[i].in), &arena), cases[i].out);
	arena_release(&arena);
}

static void counts_handlers_and_takes_any_number_of_attributes(void **state)
{
	struct arena arena;
	struct buf b;
	struct html_tokenizer t;
	struct html_token token;
	(void)state;
	arena_init(&arena);
	buf_init(&b, &arena, 1 << 24);
	buf_cstr(&b, "<a onclick=x ");
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "a%d=%d ", i, i);
	buf_cstr(&b, "onload=y href=last>");
	html_tokenizer_start(&t, buf_span(&b));
	assert_true(html_tokenizer_next(&t, &token));
	assert_int_equal(token.handlers, 2);
	assert_span(html_token_value(&token, HTML_ATTRIBUTE_HREF), "last");
	arena_release(&arena);
}

static void finds_names(void **state)
{
	(void)state;
	assert_int_equal(html_element_of(SPAN("BlockQuote")), HTML_ELEMENT_BLOCKQUOTE);
	assert_int_equal(html_element_of(SPAN("h1")), HTML_ELEMENT_H1);
	assert_int_equal(html_element_of(SPAN("blockquota")), HTML_ELEMENT_UNKNOWN);
	assert_int_equal(html_attribute_of(SPAN("http-EQUIV")), HTML_ATTRIBUTE_HTTP_EQUIV);
	assert_int_equal(html_css_property_of(SPAN("background-color")), CSS_BACKGROUND_COLOR);
	assert_int_equal(html_colour_of(SPAN("LightGoldenrodYellow")), 0xfafad2);
	assert_int_equal(html_colour_of(SPAN("black")), 0);
	assert_int_equal(html_colour_of(SPAN("blakk")), -1);
	assert_int_equal(html_colour_of(SPAN("")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(counts_handlers_and_takes_any_number_of_attributes),
		cmocka_unit_test(finds_names),
	};
	return cmocka_run_group_tests_name("message/html_tokenizer", tests, NULL, NULL);
}

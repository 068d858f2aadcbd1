/* tests/unit/message/test_html.c - what a person sees of HTML, what is hidden and why, where links lead, and that no input costs more
 * than linear work. */
#include "base/buf.h"
#include "base/limits.h"
#include "message/html.h"
#include "tests/test.h"

static struct arena arena;
static struct anomalies anomalies;

static struct html parse(struct span source)
{
	struct html html;
	memset(&anomalies, 0, sizeof anomalies);
	html_parse(source, 1, &arena, &anomalies, &html);
	return html;
}

static void shows_text(void **state)
{
	static const struct {
		const char *in, *text;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "  a \r\n\t b  ", "a b" },
		{ "<p>a<p>b<br>c<br><br>d</p>", "a\nb\nc\nd" },
		{ "<b>bo</b>ld", "bold" },
		{ "a&nbsp;&#160; b", "a b" },
		{ "<table><tr><td>a<td>b<tr><td>c</table>d", "a b\nc\nd" },
		{ "<ul><li>a<li>b</ul>", "a\nb" },
		{ "x<style>p{}</style><script>y</script><title>t</title>z", "xz" },
		{ "<textarea>a<b>&amp;</textarea>", "a<b>&" },
		{ "a<img alt='pic &amp; co'>b", "a pic & co b" },
		{ "<input value=Go> <input type=hidden value=no>", "Go" },
		{ "<noscript>seen</noscript><iframe>not</iframe>", "seen" },
		{ "Vi\u200bag\u00adra", "Viagra" },
		{ "<!--[if !mso]>no<![endif]--><![if !mso]>yes<![endif]>", "yes" },
		{ "a</body></html>b", "ab" },
		{ "a<unterminated", "a" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_span(parse(span_cstr(cases[i].in)).text, cases[i].text);
}

/* Each source has "seen" words before and after what is in question, so that nothing counts as a preheader. */
static void hides_text(void **state)
{
	static const struct {
		const char *in;
		int why; /* -1: seen */
	} cases[] = {
		{ "<div style='display:none'>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div style='DISPLAY : None !important;'>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div style='d\\69splay:none'>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div style='/*x*/display/**/:/**/none/*y*/'>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div style='display&#58;none'>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div style='display:block;display:none'>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div style='display:none;display:block'>H</div>", -1 },
		{ "<div style='xdisplay:none'>H</div>", -1 },
		{ "<div style='background:url(a;display:none)'>H</div>", -1 },
		{ "<div hidden><b>H</b></div>", HTML_HIDDEN_DISPLAY },
		{ "<template>H</template>", HTML_HIDDEN_DISPLAY },
		{ "<div style='visibility:hidden'>H</div>", HTML_HIDDEN_VISIBILITY },
		{ "<div style='visibility:hidden'><i style='visibility:visible'>H</i></div>", -1 },
		{ "<font style='font-size:0'>H</font>", HTML_HIDDEN_TINY },
		{ "<font style='font-size:1.5px'>H</font>", HTML_HIDDEN_TINY },
		{ "<font style='font:1px/1px arial'>H</font>", HTML_HIDDEN_TINY },
		{ "<font style='font:bold 12px/0 arial'>H</font>", -1 },
		{ "<font style='font-size:.1em'>H</font>", HTML_HIDDEN_TINY },
		{ "<font style='font-size:1em'>H</font>", -1 },
		{ "<div style='font-size:0'><div style='font-size:14px'>H</div></div>", -1 },
		{ "<div style='max-height:0;overflow:hidden'>H</div>", HTML_HIDDEN_TINY },
		{ "<div style='height:0'>H</div>", -1 },
		{ "<font color=white>H</font>", HTML_HIDDEN_COLOUR },
		{ "<font color='#fefefe'>H</font>", HTML_HIDDEN_COLOUR },
		{ "<font color='fffffe'>H</font>", HTML_HIDDEN_COLOUR },
		{ "<font color=gray>H</font>", -1 },
		{ "<table bgcolor=navy><tr><td><font color=white>H</font></table>", -1 },
		{ "<table bgcolor=navy><tr><td><font color='#000080'>H</font></table>", HTML_HIDDEN_COLOUR },
		{ "<table background=i.png><tr><td><font color=white>H</font></table>", -1 },
		{ "<p style='color:rgb(255,255,255)'>H</p>", HTML_HIDDEN_COLOUR },
		{ "<p style='color:rgba(0 0 0 / 0)'>H</p>", HTML_HIDDEN_COLOUR },
		{ "<p style='color:hsl(240,100%,50%);background:#00f'>H</p>", HTML_HIDDEN_COLOUR },
		{ "<p style='color:transparent'>H</p>", HTML_HIDDEN_COLOUR },
		{ "<p style='color:#fff;background:url(x) #fff'>H</p>", -1 },
		{ "<div style='position:absolute;left:-5000px'>H</div>", HTML_HIDDEN_OFFSCREEN },
		{ "<div style='left:-5000px'>H</div>", -1 },
		{ "<div style='text-indent:-9999px'>H</div>", HTML_HIDDEN_OFFSCREEN },
		{ "<div style='margin:0 0 0 -999em'>H</div>", HTML_HIDDEN_OFFSCREEN },
		{ "<div style='position:absolute;clip:rect(0,0,0,0)'>H</div>", HTML_HIDDEN_OFFSCREEN },
		{ "<div style='opacity:0'>H</div>", HTML_HIDDEN_OPACITY },
		{ "<div style='opacity:0.5'>H</div>", -1 },
		{ "<style>.x{display:none}</style><p class='y x'>H</p>", HTML_HIDDEN_DISPLAY },
		{ "<style>#x,b{font-size:0}</style><p id=x>H</p>", HTML_HIDDEN_TINY },
		{ "<style>td.x{display:none}</style><p class=x>H</p>", -1 },
		{ "<style>div .x{display:none}</style><p class=x>H</p>", -1 },
		{ "<style>@media print{.x{display:none}}</style><p class=x>H</p>", -1 },
		{ "<style>.x{display:none!important}</style><p class=x style='display:block'>H</p>", HTML_HIDDEN_DISPLAY },
		{ "<style>.x{display:none}</style><p class=x style='display:block'>H</p>", -1 },
		{ "<style>.x{display:none}.x{display:block}</style><p class=x>H</p>", -1 },
		{ "<style><!-- .x{display:none} --></style><p class=x>H</p>", HTML_HIDDEN_DISPLAY },
		/* what is closed, and by whom */
		{ "<td style='display:none'>n<td>H", -1 },
		{ "<p style='display:none'>n<p>H", -1 },
		{ "<p hidden>n<div>H</div>", -1 },
		{ "<span hidden>n<div>n</div></span>H", -1 },
		{ "<div hidden><span></div>H", -1 },
		{ "<span hidden><div></span>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<font color=white><div></font>H</div>", -1 },
		{ "<div hidden></p></td></b>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<div hidden/>H</div>", HTML_HIDDEN_DISPLAY },
		{ "<br hidden>H", -1 },
		{ "<td style='font-size:0;color:#fff'><img alt=H>", -1 },
		{ "<td style='display:none'><img alt=H>", HTML_HIDDEN_DISPLAY },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span in = arena_printf(&arena, "<p>%0100d</p><div>%s<div>end</div></div>", 7, cases[i].in);
		struct html html = parse(in);
		bool seen = span_has(html.text, SPAN("H"));
		bool ok = cases[i].why < 0
			      ? seen && !span_has(html.hidden, SPAN("H"))
			      : !seen && html.hidden_runs.n > 0 && (int)html.hidden_runs.v[html.hidden_runs.n - 1].why == cases[i].why &&
				    span_has(html.hidden, SPAN("H"));
		if (!ok)
			print_error("%s: text \"%.*s\" hidden \"%.*s\"\n", cases[i].in, SPAN_ARG(html.text), SPAN_ARG(html.hidden));
		assert_true(ok);
	}
}

static void keeps_preheaders_apart(void **state)
{
	(void)state;
	struct html html = parse(SPAN("<body><div style='display:none'>Your order is on its way &zwnj;&#847;&nbsp;&zwnj;</div>"
				      "<p>Hello, here is a first long paragraph that everybody can read without effort, honestly.</p>"
				      "<p style='display:none'>a trick</p>"));
	assert_int_equal(html.hidden_runs.n, 2);
	assert_int_equal(html.hidden_runs.v[0].why, HTML_HIDDEN_PREHEADER);
	assert_span(html.hidden_runs.v[0].text, "Your order is on its way");
	assert_int_equal(html.hidden_runs.v[1].why, HTML_HIDDEN_DISPLAY);
	assert_span(html.hidden, "a trick");
	assert_int_equal(html.counts.invisible_characters, 3);
}

static void finds_links(void **state)
{
	static const char source[] = "<title> A &amp; B </title><base href=http://b.example/><a href='http://a.example/?x=1&amp;y=2'>click "
				     "<b>here</b> <img src=i.png width=1 alt=now></a><form action=/f><input type=password></form>"
				     "<meta http-equiv=Refresh content='0; URL=\"http://r.example/\"'><iframe src=if></iframe>"
				     "<td style='background:url( \"bg.png\" )'><img srcset='s1.png 1x, s2.png 2x'><a name=n>no</a>"
				     "<style>@import url(c.css); p{background:url(d.png)}</style><script src=j onload=x></script>"
				     "<div hidden><a href=h>hid</a></div><a href=1>one<a href=2>two";
	static const struct {
		enum html_link_kind kind;
		const char *href, *shown;
	} want[] = {
		{ HTML_LINK_ANCHOR, "http://a.example/?x=1&y=2", "click here now" },
		{ HTML_LINK_IMAGE, "i.png", NULL },
		{ HTML_LINK_FORM, "/f", NULL },
		{ HTML_LINK_REFRESH, "http://r.example/", NULL },
		{ HTML_LINK_FRAME, "if", NULL },
		{ HTML_LINK_IMAGE, "bg.png", NULL },
		{ HTML_LINK_IMAGE, "s1.png", NULL },
		{ HTML_LINK_IMAGE, "s2.png", NULL },
		{ HTML_LINK_SHEET, "c.css", NULL },
		{ HTML_LINK_IMAGE, "d.png", NULL },
		{ HTML_LINK_SCRIPT, "j", NULL },
		{ HTML_LINK_ANCHOR, "h", "hid" },
		{ HTML_LINK_ANCHOR, "1", "one" },
		{ HTML_LINK_ANCHOR, "2", "two" },
	};
	(void)state;
	struct html html = parse(span_cstr(source));
	assert_int_equal(html.links.n, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		const struct html_link *link = &html.links.v[i];
		assert_int_equal(link->kind, want[i].kind);
		assert_span(link->href, want[i].href);
		if (want[i].shown)
			assert_span(link->shown, want[i].shown);
		else
			assert_null(link->shown.p);
		struct span raw = span_slice(span_cstr(source), link->from, link->to);
		assert_span(html_decode_references(raw, true, &arena), want[i].href);
	}
	assert_span(span_slice(html.text, html.links.v[0].text_from, html.links.v[0].text_to), "click here now");
	assert_true(html.links.v[0].has_image);
	assert_true(html.links.v[11].hidden);
	assert_span(html.title, "A & B");
	assert_span(html.base, "http://b.example/");
	assert_int_equal(html.counts.passwords, 1);
	assert_int_equal(html.counts.forms, 1);
	assert_int_equal(html.counts.scripts, 1);
	assert_int_equal(html.counts.event_handlers, 1);
	assert_int_equal(html.counts.images_tiny, 1);
}

static void finds_links_for_outlook(void **state)
{
	(void)state;
	struct html html = parse(SPAN(
	    "<!--[if gte mso 9]><v:roundrect HREF='http://a.example/?x&amp;y'><v:fill src=f.png><a href=b>t</a></v:roundrect><![endif]-->"
	    "<!--[if !mso]><a href=not><![endif]--><!-- <a href=not> --><!--[if mso]><p href=not><![endif]-->"));
	assert_int_equal(html.links.n, 3);
	assert_span(html.links.v[0].href, "http://a.example/?x&y");
	assert_int_equal(html.links.v[1].kind, HTML_LINK_IMAGE);
	assert_span(html.links.v[2].href, "b");
	assert_span(html.text, "t");
	assert_span(html.links.v[2].shown, "t");
}

/* Behind all other text, never hidden, and no part of the words around the comment. */
static void reads_text_for_outlook(void **state)
{
	static const struct {
		const char *in, *text, *outlook;
	} cases[] = {
		{ "a<!--[if mso]>b<![endif]-->c", "ac\nb", "b" },
		{ "<!--[if (gte mso 9)|(IE)]><table><tr><td>b<td>c</table><![endif]--><p>a", "a\nb c", "b c" },
		{ "<!--[if gte vml 1]><v:textbox>b &amp; c</v:textbox><![endif]-->", "b & c", "b & c" },
		{ "a<!--[if mso]>b<![endif]--><!--[if mso]>c<![endif]-->", "a\nb\nc", "b\nc" },
		{ "a<!--[if gte mso 9]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><style>p{}</style><![endif]-->", "a", "" },
		{ "a<!--[if mso]><table><tr><td>&nbsp;<![endif]-->b<!--[if mso]></table><![endif]-->", "ab", "" },
		{ "a<!--[if mso", "a", "" },
		{ "a<!-- [if mso]>b<![endif]-->", "a", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct html html = parse(span_cstr(cases[i].in));
		assert_span(html.text, cases[i].text);
		assert_span(span_skip(html.text, html.outlook_from), cases[i].outlook);
		assert_int_equal(html.hidden.n, 0);
	}
	struct html html = parse(SPAN("<a href=/1>one</a><!--[if mso]><a href=/2>two</a><![endif]--><a href=/3>three</a>"));
	assert_span(html.text, "onethree\ntwo");
	for (uint32_t i = 0; i < html.links.n; i++)
		assert_span(span_slice(html.text, html.links.v[i].text_from, html.links.v[i].text_to), i == 0   ? "one"
												       : i == 1 ? "two"
														: "three");
}

static void counts_split_words(void **state)
{
	(void)state;
	struct html html = parse(SPAN("Vi<!-- -->ag<b></b>ra lo<x>an <b>B</b>old a<br>b c<i>d</i>e"));
	assert_int_equal(html.counts.words_split_by_tags, 3);
	html = parse(SPAN("pass<span style='display:none'> zz </span>word &#112;lain lo\u200bgin"));
	assert_span(html.text, "password plain login");
	assert_int_equal(html.counts.words_split_by_hidden, 2);
	assert_int_equal(html.counts.entities_needless, 1);
}

static struct span repeated(const char *head, const char *unit, size_t n)
{
	struct buf b;
	buf_init(&b, &arena, 1 << 26);
	buf_cstr(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_cstr(&b, unit);
	return buf_span(&b);
}

/* What makes other parsers quadratic. */
static void is_linear(void **state)
{
	static const struct {
		const char *head, *unit;
		size_t n;
	} cases[] = {
		{ "", "<div>", 100000 },
		{ "", "<div><p><a href=x><b>", 20000 },
		{ "<div><table>", "</span></div></b>", 100000 },
		{ "<x><div><b><b><b><b><b><b><b><b>", "</x>", 100000 },
		{ "", "<", 1000000 },
		{ "", "<a ", 300000 },
		{ "", "<!--", 200000 },
		{ "<!--", "-", 1000000 },
		{ "<!--", "->", 500000 },
		{ "<script>", "<!--<script>", 80000 },
		{ "<style>", ".a", 300000 },
		{ "<style>", ".a{display:none}", 60000 },
		{ "<style>", "@media x{", 100000 },
		{ "<style>", "/*", 300000 },
		{ "<a style='", "color:red;", 100000 },
		{ "<a style='", "(", 500000 },
		{ "<img srcset='", "a 1x,", 100000 },
		{ "", "<a href=x>", 100000 },
		{ "", "<font color=red><p>", 50000 },
		{ "", "<b><div></b>", 50000 },
		{ "", "&", 500000 },
		{ "", "&notit", 200000 },
		{ "", "&#1", 300000 },
		{ "", "<p hidden>a</p>b", 50000 },
		{ "", "\xe2\x80\x8b", 200000 },
		{ "<textarea>", "</textare", 100000 },
		{ "", "<tr><td>", 100000 },
		{ "", "<select><option>", 50000 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span source = repeated(cases[i].head, cases[i].unit, cases[i].n);
		struct html html = parse(source);
		if (html.steps > 16 * source.n + 1000)
			print_error("%s%s: %lu steps for %zu bytes\n", cases[i].head, cases[i].unit, (unsigned long)html.steps, source.n);
		assert_true(html.steps <= 16 * source.n + 1000);
		assert_true(html.links.n <= LIMIT_LINKS && html.hidden_runs.n <= LIMIT_HTML_HIDDEN_RUNS);
		arena_reset(&arena);
	}
}

static void says_when_it_stops(void **state)
{
	(void)state;
	parse(repeated("", "<div>", LIMIT_HTML_DEPTH + 2));
	assert_int_equal(anomalies.count[ANOMALY_HTML_DEPTH_LIMIT], 1);
	parse(repeated("", "<div>", LIMIT_HTML_DEPTH));
	assert_int_equal(anomalies.count[ANOMALY_HTML_DEPTH_LIMIT], 0);
	parse(repeated("", "<a href=x>", LIMIT_LINKS + 1));
	assert_int_equal(anomalies.count[ANOMALY_LINK_LIMIT], 1);
	parse(repeated("", "too much text ", LIMIT_TEXT_BYTES / 10));
	assert_int_equal(anomalies.count[ANOMALY_HTML_TEXT_LIMIT], 1);
	parse(span_of("a\0b", 3));
	assert_int_equal(anomalies.count[ANOMALY_HTML_NUL], 1);
}

static int start(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}
static int stop(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_text),
		cmocka_unit_test(hides_text),
		cmocka_unit_test(keeps_preheaders_apart),
		cmocka_unit_test(finds_links),
		cmocka_unit_test(finds_links_for_outlook),
		cmocka_unit_test(reads_text_for_outlook),
		cmocka_unit_test(counts_split_words),
		cmocka_unit_test(is_linear),
		cmocka_unit_test(says_when_it_stops),
	};
	return cmocka_run_group_tests_name("message/html", tests, start, stop);
}

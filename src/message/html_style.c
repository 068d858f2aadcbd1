/* message/html_style.c - see html_style.h: declarations and colours; style sheets are in html_sheet.c */
#include "message/html_style.h"
#include "base/ascii.h"

enum {
	FAR_OUT = 500000, /* thousandths of a pixel: further than that is out of view */
	FLAT = 1999,      /* a box this high shows no text */
	PX_PER_EM = 16000,
};

/* A number with a unit, in thousandths of a pixel; *relative is set for em, rem, % and the like, then it is thousandths of one. */
static bool read_length(struct span value, int32_t *ret_length, bool *ret_relative)
{
	static const struct unit {
		struct span name;
		int32_t px; /* thousandths */
	} units[] = {
		{ SPAN_INIT("pt"), 1333 }, { SPAN_INIT("pc"), 16000 }, { SPAN_INIT("in"), 96000 }, { SPAN_INIT("cm"), 37795 },
		{ SPAN_INIT("mm"), 3780 }, { SPAN_INIT("vw"), 6000 },  { SPAN_INIT("vh"), 6000 },  { SPAN_INIT("ex"), 8000 },
	};
	const uint8_t *p = value.p, *end = p + value.n;
	bool minus = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	int64_t number = 0, scale = 1000; /* thousandths */
	bool digits = false, fraction = false;
	for (; p < end && (ascii_is_digit(*p) || (*p == '.' && !fraction)); p++) {
		if (*p == '.') {
			fraction = true;
			continue;
		}
		digits = true;
		if (fraction)
			number += (*p - '0') * (scale /= 10);
		else if (number < 100000000)
			number = number * 10 + (*p - '0') * 1000;
	}
	if (!digits)
		return false;
	struct span unit = span_of(p, 0);
	while (p < end && (ascii_is_alpha(*p) || *p == '%'))
		p++, unit.n++;
	int64_t length = number; /* without a unit: pixels, as mail programs in quirks mode have it */
	*ret_relative = false;
	if (unit.n && !span_ieq(unit, SPAN("px"))) {
		if (span_ieq(unit, SPAN("em")) || span_ieq(unit, SPAN("rem")) || unit.p[0] == '%') {
			*ret_relative = true;
			length = unit.p[0] == '%' ? number / 100 : number;
		}
		for (size_t i = 0; i < sizeof units / sizeof *units; i++)
			if (span_ieq(unit, units[i].name))
				length = number * units[i].px / 1000;
	}
	if (length > 1000000000)
		length = 1000000000;
	*ret_length = (int32_t)(minus ? -length : length);
	return true;
}

/* The same as pixels, whatever the unit. */
static bool read_pixels(struct span value, int32_t *ret_px)
{
	bool relative;
	if (!read_length(value, ret_px, &relative))
		return false;
	if (relative)
		*ret_px = *ret_px > 1000000 ? 1000000000 : *ret_px < -1000000 ? -1000000000 : *ret_px * (PX_PER_EM / 1000);
	return true;
}

/* The next blank-separated word of a value; parentheses keep together. */
static bool next_word(struct span *rest, struct span *ret_word)
{
	size_t i = 0, depth = 0;
	while (i < rest->n && (ascii_is_space(rest->p[i]) || rest->p[i] == ','))
		i++;
	size_t begin = i;
	for (; i < rest->n; i++) {
		uint8_t c = rest->p[i];
		if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (!depth && (ascii_is_space(c) || c == ','))
			break;
	}
	*ret_word = span_slice(*rest, begin, i);
	*rest = span_skip(*rest, i);
	return ret_word->n > 0;
}

static int32_t hex_colour(struct span digits)
{
	int32_t v = 0;
	if (digits.n != 3 && digits.n != 4 && digits.n != 6 && digits.n != 8)
		return COLOUR_UNKNOWN;
	bool small = digits.n <= 4;
	for (size_t i = 0; i < (small ? 3u : 6u); i++) {
		int d = ascii_hex(digits.p[i]);
		if (d < 0)
			return COLOUR_UNKNOWN;
		v = small ? v << 8 | d << 4 | d : v << 4 | d;
	}
	if (digits.n == 4 && digits.p[3] == '0')
		return COLOUR_CLEAR;
	if (digits.n == 8 && digits.p[6] == '0' && digits.p[7] == '0')
		return COLOUR_CLEAR;
	return v;
}

static int32_t clamp(int32_t v, int32_t low, int32_t high) { return v < low ? low : v > high ? high : v; }

/* One channel of hsl() by the formula of CSS Color 4, 8.1; all in thousandths. */
static int32_t hsl_channel(int32_t n, int32_t hue, int32_t saturation, int32_t lightness)
{
	int32_t k = (n * 1000 + hue / 30) % 12000;
	int32_t a = saturation * (lightness < 1000 - lightness ? lightness : 1000 - lightness) / 1000;
	int32_t m = k - 3000 < 9000 - k ? k - 3000 : 9000 - k;
	return clamp((lightness - a * clamp(m, -1000, 1000) / 1000) * 255 / 1000, 0, 255);
}

/* rgb(), rgba(), hsl(), hsla() with commas, blanks or '/'. */
static int32_t function_colour(struct span value)
{
	size_t open = span_find_byte(value, '(', 0), close = span_rfind_byte(value, ')');
	if (open == SPAN_NPOS)
		return COLOUR_UNKNOWN;
	struct span rest = span_slice(value, open + 1, close == SPAN_NPOS ? value.n : close), word;
	int32_t v[4] = { 0, 0, 0, 1000 };
	unsigned n = 0;
	for (; n < 4 && next_word(&rest, &word); n++) {
		if (span_eq(word, SPAN("/")) && next_word(&rest, &word) == false)
			break;
		bool percent;
		if (!read_length(word, &v[n], &percent))
			return COLOUR_UNKNOWN;
		if (percent && n < 3 && span_istarts(value, SPAN("rgb")))
			v[n] *= 255;
	}
	if (n < 3)
		return COLOUR_UNKNOWN;
	if (v[3] <= 20)
		return COLOUR_CLEAR;
	if (span_istarts(value, SPAN("rgb")))
		return clamp(v[0] / 1000, 0, 255) << 16 | clamp(v[1] / 1000, 0, 255) << 8 | clamp(v[2] / 1000, 0, 255);
	if (!span_istarts(value, SPAN("hsl")))
		return COLOUR_UNKNOWN;
	int32_t hue = (v[0] % 360000 + 360000) % 360000, s = clamp(v[1], 0, 1000), l = clamp(v[2], 0, 1000);
	return hsl_channel(0, hue, s, l) << 16 | hsl_channel(8, hue, s, l) << 8 | hsl_channel(4, hue, s, l);
}

int32_t css_colour(struct span value)
{
	if (value.n == 0)
		return COLOUR_UNKNOWN;
	if (value.p[0] == '#')
		return hex_colour(span_skip(value, 1));
	if (value.p[value.n - 1] == ')')
		return function_colour(value);
	if (span_ieq(value, SPAN("transparent")))
		return COLOUR_CLEAR;
	int32_t named = html_colour_of(value);
	return named >= 0 ? named : COLOUR_UNKNOWN;
}

int32_t css_colour_attribute(struct span value)
{
	value = span_trim(value);
	int32_t colour = css_colour(value);
	return colour == COLOUR_UNKNOWN && value.n == 6 ? hex_colour(value) : colour;
}

/* font-size, and what follows the weight in font. True when the value is a size. */
static bool read_font_size(struct span value, struct css *css)
{
	static const struct keyword {
		struct span name;
		int32_t px;
	} keywords[] = {
		{ SPAN_INIT("xx-small"), 9000 },  { SPAN_INIT("x-small"), 10000 }, { SPAN_INIT("small"), 13000 },
		{ SPAN_INIT("medium"), 16000 },   { SPAN_INIT("large"), 18000 },   { SPAN_INIT("x-large"), 24000 },
		{ SPAN_INIT("xx-large"), 32000 },
	};
	bool relative;
	size_t slash = span_find_byte(value, '/', 0);
	if (read_length(span_first(value, slash == SPAN_NPOS ? value.n : slash), &css->font, &relative)) {
		css->font_unit = relative ? CSS_FONT_EM : CSS_FONT_PX;
		return css->font >= 0;
	}
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (span_ieq(value, keywords[i].name)) {
			css->font = keywords[i].px;
			css->font_unit = CSS_FONT_PX;
			return true;
		}
	return false;
}

/* font: [style] [weight] size[/line-height] family. A bare 100 to 900 is a weight. */
static bool read_font(struct span value, struct css *css)
{
	struct span word;
	while (next_word(&value, &word)) {
		bool weight = word.n == 3 && word.p[0] != '0' && span_ends(word, SPAN("00"));
		if (!weight && read_font_size(word, css))
			return true;
	}
	return false;
}

/* The colour in a background shorthand; COLOUR_UNKNOWN when an image or gradient lies on it. */
static int32_t read_background(struct span value)
{
	if (span_find_byte(value, '(', 0) != SPAN_NPOS && (span_ihas(value, SPAN("url(")) || span_ihas(value, SPAN("gradient("))))
		return COLOUR_UNKNOWN;
	struct span word;
	while (next_word(&value, &word)) {
		int32_t colour = css_colour(word);
		if (colour != COLOUR_UNKNOWN)
			return colour;
		if (span_ieq(word, SPAN("none")) || span_ieq(word, SPAN("initial")))
			return COLOUR_CLEAR;
	}
	return COLOUR_UNKNOWN;
}

static bool clips_all(struct span value)
{
	if (span_istarts(value, SPAN("inset(")))
		return span_istarts(value, SPAN("inset(50%")) || span_istarts(value, SPAN("inset(100%"));
	if (!span_istarts(value, SPAN("rect(")))
		return false;
	struct span rest = span_skip(value, 5), word;
	if (span_ends(rest, SPAN(")")))
		rest.n--;
	for (; next_word(&rest, &word);) {
		int32_t px;
		if (!read_pixels(word, &px) || px > FLAT)
			return false;
	}
	return true;
}

static bool any_far_negative(struct span value)
{
	struct span word;
	int32_t px;
	while (next_word(&value, &word))
		if (read_pixels(word, &px) && px < -FAR_OUT)
			return true;
	return false;
}

static bool is_zero(struct span value)
{
	int32_t length;
	bool relative;
	return read_length(value, &length, &relative) && length >= 0 && length < 20;
}

static bool is_flat(struct span value)
{
	int32_t px;
	return read_pixels(value, &px) && px >= 0 && px <= FLAT;
}

static void say(struct css *css, uint32_t fact, bool on, bool important)
{
	if (css->important & fact && !important)
		return;
	css->set |= fact;
	css->on = on ? css->on | fact : css->on & ~fact;
	if (important)
		css->important |= fact;
}

/* visibility, display ... : a property whose value is a word or a number that hides or does not. */
static void read_simple(enum css_property property, struct span value, bool important, struct css *css)
{
	int32_t px = 0;
	switch (property) {
	case CSS_DISPLAY: say(css, CSS_IS_NONE, span_ieq(value, SPAN("none")), important); break;
	case CSS_VISIBILITY:
		say(css, CSS_IS_INVISIBLE, span_ieq(value, SPAN("hidden")) || span_ieq(value, SPAN("collapse")), important);
		break;
	case CSS_OPACITY: say(css, CSS_IS_CLEAR, is_zero(value), important); break;
	case CSS_FILTER:
		say(css, CSS_IS_CLEAR, span_ieq(value, SPAN("alpha(opacity=0)")) || span_ieq(value, SPAN("opacity(0)")), important);
		break;
	case CSS_POSITION: say(css, CSS_IS_PLACED, span_ieq(value, SPAN("absolute")) || span_ieq(value, SPAN("fixed")), important); break;
	case CSS_LEFT:
	case CSS_TOP:
	case CSS_RIGHT:
		if (read_pixels(value, &px) && (px < -FAR_OUT || px > 4 * FAR_OUT))
			say(css, CSS_IS_FAR, true, important);
		break;
	case CSS_TEXT_INDENT:
	case CSS_MARGIN:
	case CSS_MARGIN_LEFT:
	case CSS_MARGIN_TOP:
		if (any_far_negative(value))
			say(css, CSS_IS_INDENTED, true, important);
		break;
	case CSS_CLIP:
	case CSS_CLIP_PATH: say(css, CSS_IS_CLIPPED, clips_all(value), important); break;
	case CSS_OVERFLOW: say(css, CSS_CUTS, span_ieq(value, SPAN("hidden")) || span_ieq(value, SPAN("clip")), important); break;
	case CSS_HEIGHT:
	case CSS_MAX_HEIGHT:
		if (is_flat(value) || !(css->on & CSS_IS_FLAT) || property == CSS_MAX_HEIGHT)
			say(css, CSS_IS_FLAT, is_flat(value), important);
		break;
	case CSS_WIDTH:
	case CSS_MAX_WIDTH:
		if (is_flat(value) || !(css->on & CSS_IS_NARROW) || property == CSS_MAX_WIDTH)
			say(css, CSS_IS_NARROW, is_flat(value), important);
		break;
	case CSS_TRANSFORM:
		say(css, CSS_IS_SHRUNK, span_istarts(value, SPAN("scale(0")) && !span_istarts(value, SPAN("scale(0.")), important);
		break;
	default: break;
	}
}

static void read_declaration(enum css_property property, struct span value, bool important, struct css *css)
{
	struct css one = { 0 };
	if (span_find_byte(value, '(', 0) != SPAN_NPOS && span_ihas(value, SPAN("url(")))
		css->set |= CSS_HAS_URL;
	switch (property) {
	case CSS_COLOR:
		one.ink = css_colour(value);
		one.set = one.ink != COLOUR_UNKNOWN ? CSS_HAS_INK : 0;
		break;
	case CSS_BACKGROUND_COLOR:
		one.paper = css_colour(value);
		one.set = one.paper != COLOUR_UNKNOWN ? CSS_HAS_PAPER : 0;
		break;
	case CSS_BACKGROUND:
	case CSS_BACKGROUND_IMAGE:
		one.paper = read_background(value);
		one.set = property == CSS_BACKGROUND || one.paper == COLOUR_UNKNOWN ? CSS_HAS_PAPER : 0;
		break;
	case CSS_FONT: one.set = read_font(value, &one) ? CSS_HAS_FONT : 0; break;
	case CSS_FONT_SIZE: one.set = read_font_size(value, &one) ? CSS_HAS_FONT : 0; break;
	default: read_simple(property, value, important, css); return;
	}
	one.important = important ? one.set : 0;
	css_lay(css, &one);
}

void css_lay(struct css *under, const struct css *over)
{
	uint32_t wins = over->set & ~(under->important & ~over->important);
	under->set |= wins;
	under->on = (under->on & ~wins) | (over->on & wins);
	under->important |= over->important;
	if (wins & CSS_HAS_FONT) {
		under->font = over->font;
		under->font_unit = over->font_unit;
	}
	if (wins & CSS_HAS_INK)
		under->ink = over->ink;
	if (wins & CSS_HAS_PAPER)
		under->paper = over->paper;
}

/* Takes "!important" off a value. */
static bool take_important(struct span *value)
{
	size_t bang = span_rfind_byte(*value, '!');
	if (bang == SPAN_NPOS || !span_ieq(span_trim(span_skip(*value, bang + 1)), SPAN("important")))
		return false;
	*value = span_trim(span_first(*value, bang));
	return true;
}

/* Bytes that may end a declaration or begin something in which ';' does not. */
static const bool stops[256] = { [';'] = true, ['('] = true, [')'] = true, ['"'] = true, ['\''] = true, ['\\'] = true };

/* Where the declaration that begins at from ends: at its ';', outside of quotes and parentheses. */
static size_t declaration_end(struct span text, size_t from)
{
	unsigned depth = 0;
	for (size_t i = from;; i++) {
		while (i < text.n && !stops[text.p[i]])
			i++;
		if (i >= text.n)
			return text.n;
		switch (text.p[i]) {
		case ';':
			if (!depth)
				return i;
			break;
		case '(': depth++; break;
		case ')': depth -= depth > 0; break;
		case '\\': i++; break;
		default: /* a quote */
			i = span_find_byte(text, text.p[i], i + 1);
			if (i == SPAN_NPOS)
				return text.n;
			break;
		}
	}
}

/* "/x/ none": a comment before or after the value; one inside makes it another value, as in a browser. */
static struct span without_comments(struct span value)
{
	for (value = span_trim(value); span_starts(value, SPAN("/*"));) {
		size_t close = span_find(value, SPAN("*/"), 2);
		value = span_trim(span_skip(value, close == SPAN_NPOS ? value.n : close + 2));
	}
	size_t open = span_ends(value, SPAN("*/")) ? span_find(value, SPAN("/*"), 0) : SPAN_NPOS;
	return open == SPAN_NPOS ? value : span_trim(span_first(value, open));
}

/* CSS escapes ("d\69splay" is display): short names and values only, into scratch. */
static struct span unescape(struct span text, uint8_t scratch[64])
{
	size_t n = 0;
	if (text.n > 64 || span_find_byte(text, '\\', 0) == SPAN_NPOS)
		return text;
	for (size_t i = 0; i < text.n;) {
		if (text.p[i] != '\\') {
			scratch[n++] = text.p[i++];
			continue;
		}
		uint32_t v = 0;
		size_t digits = 0;
		for (i++; digits < 6 && ascii_hex(span_at(text, i)) >= 0; digits++)
			v = v * 16 + (uint32_t)ascii_hex(text.p[i++]);
		if (digits && ascii_is_space(span_at(text, i)))
			i++;
		if (digits)
			scratch[n++] = v < 0x80 ? (uint8_t)v : '?';
		else if (i < text.n)
			scratch[n++] = text.p[i++];
	}
	return span_of(scratch, n);
}

static const bool in_name[256] = {
	['-'] = true,
#define LETTER(c) [c] = true, [(c)-32] = true
	LETTER('a'),  LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'), LETTER('h'), LETTER('i'),
	LETTER('j'),  LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'), LETTER('o'), LETTER('p'), LETTER('q'), LETTER('r'),
	LETTER('s'),  LETTER('t'), LETTER('u'), LETTER('v'), LETTER('w'), LETTER('x'), LETTER('y'), LETTER('z'),
#undef LETTER
};

/* The property that text[at, end) names before its ':', and where its value begins; CSS_UNKNOWN when it is none that matters. */
static enum css_property read_property(struct span text, size_t at, size_t end, size_t *ret_value)
{
	uint8_t scratch[64];
	while (at < end && ascii_is_space(text.p[at]))
		at++;
	size_t stop = at;
	while (stop < end && in_name[text.p[stop]])
		stop++;
	if (stop < end && text.p[stop] == ':') {
		*ret_value = stop + 1;
		return html_css_property_of(span_slice(text, at, stop));
	}
	size_t colon = stop; /* blanks, comments, escapes */
	while (colon < end && text.p[colon] != ':')
		colon++;
	if (colon == end)
		return CSS_UNKNOWN;
	*ret_value = colon + 1;
	return html_css_property_of(unescape(without_comments(span_slice(text, at, colon)), scratch));
}

void css_read(struct span text, struct css *css)
{
	memset(css, 0, sizeof *css);
	for (size_t at = 0; at < text.n;) {
		size_t end = declaration_end(text, at), value_at;
		enum css_property property = read_property(text, at, end, &value_at);
		if (property != CSS_UNKNOWN) {
			uint8_t scratch[64];
			struct span value = unescape(without_comments(span_slice(text, value_at, end)), scratch);
			bool important = take_important(&value);
			read_declaration(property, value, important, css);
		}
		at = end + 1;
	}
}

bool css_next_url(struct span text, size_t *at, struct span *ret_url)
{
	size_t open = span_ifind(text, SPAN("url("), *at);
	if (open == SPAN_NPOS)
		return false;
	size_t close = span_find_byte(text, ')', open);
	*at = close == SPAN_NPOS ? text.n : close + 1;
	struct span url = span_trim(span_slice(text, open + 4, close == SPAN_NPOS ? text.n : close));
	if (url.n >= 2 && (url.p[0] == '"' || url.p[0] == '\'') && url.p[url.n - 1] == url.p[0])
		url = span_slice(url, 1, url.n - 1);
	*ret_url = url;
	return true;
}

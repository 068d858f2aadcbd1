/* message/charset.c - see charset.h */
#include "message/charset.h"
#include "base/ascii.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

/* How bytes of a charset are turned into UTF-8. */
enum method {
	METHOD_NONE, /* the label names nothing, or says that it does not know */
	METHOD_UTF8,
	METHOD_1252,
	METHOD_UTF16,  /* byte order not said */
	METHOD_ICU,    /* letters, digits and marks of ASCII are themselves */
	METHOD_ICU_ALL /* ASCII bytes may mean something else: UTF-16, UTF-7, ISO-2022, HZ */
};

struct charset {
	struct span label; /* lower-case */
	enum method method;
	const char *icu; /* its name for ICU, and ours; NULL: as labelled */
};

/* Labels whose meaning on the net differs from what ICU takes them for (WHATWG Encoding Standard 4.2), and those that mail is full of.
 * Everything else is asked of ICU's own alias table. Sorted for bsearch. */
static const struct charset labels[] = {
	{ SPAN_INIT("8bit"), METHOD_NONE, NULL },
	{ SPAN_INIT("ansi_x3.4-1968"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("ascii"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("binary"), METHOD_NONE, NULL },
	{ SPAN_INIT("cp1252"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("default"), METHOD_NONE, NULL },
	{ SPAN_INIT("euc-kr"), METHOD_ICU, "windows-949-2000" },
	{ SPAN_INIT("gb2312"), METHOD_ICU, "gb18030" },
	{ SPAN_INIT("gb_2312-80"), METHOD_ICU, "gb18030" },
	{ SPAN_INIT("gbk"), METHOD_ICU, "gb18030" },
	{ SPAN_INIT("hz-gb-2312"), METHOD_ICU_ALL, "hz" },
	{ SPAN_INIT("iso-2022-jp"), METHOD_ICU_ALL, "iso-2022-jp" },
	{ SPAN_INIT("iso-8859-1"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("iso-8859-11"), METHOD_ICU, "windows-874" },
	{ SPAN_INIT("iso-8859-8-i"), METHOD_ICU, "iso-8859-8" },
	{ SPAN_INIT("iso-8859-9"), METHOD_ICU, "windows-1254" },
	{ SPAN_INIT("iso8859-1"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("iso_8859-1"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("koi8r"), METHOD_ICU, "koi8-r" },
	{ SPAN_INIT("ks_c_5601-1987"), METHOD_ICU, "windows-949-2000" },
	{ SPAN_INIT("latin-1"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("latin1"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("shift-jis"), METHOD_ICU, "windows-31j" },
	{ SPAN_INIT("shift_jis"), METHOD_ICU, "windows-31j" },
	{ SPAN_INIT("tis-620"), METHOD_ICU, "windows-874" },
	{ SPAN_INIT("unicode-1-1-utf-7"), METHOD_ICU_ALL, "utf-7" },
	{ SPAN_INIT("unicode-1-1-utf-8"), METHOD_UTF8, "utf-8" },
	{ SPAN_INIT("unknown"), METHOD_NONE, NULL },
	{ SPAN_INIT("unknown-8bit"), METHOD_NONE, NULL },
	{ SPAN_INIT("us-ascii"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("utf-16"), METHOD_UTF16, "utf-16" },
	{ SPAN_INIT("utf-7"), METHOD_ICU_ALL, "utf-7" },
	{ SPAN_INIT("utf-8"), METHOD_UTF8, "utf-8" },
	{ SPAN_INIT("utf8"), METHOD_UTF8, "utf-8" },
	{ SPAN_INIT("win-1251"), METHOD_ICU, "windows-1251" },
	{ SPAN_INIT("win-1252"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("windows-1252"), METHOD_1252, "windows-1252" },
	{ SPAN_INIT("x-sjis"), METHOD_ICU, "windows-31j" },
	{ SPAN_INIT("x-unknown"), METHOD_NONE, NULL },
};

/* U+0080 to U+009F as Windows-1252 has them (WHATWG index windows-1252: the five gaps stay control characters). */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
	0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

/* Converters of this thread: opening one costs microseconds and memory, mail uses few. */
enum { CACHED = 16, NAME_MAX_BYTES = 60 };
static _Thread_local struct {
	char name[NAME_MAX_BYTES + 4];
	UConverter *converter;
} cache[CACHED];
static _Thread_local unsigned cache_next;
static _Thread_local UConverter *utf8_converter;
static _Thread_local UCharsetDetector *detector;

static UConverter *converter_of(const char *name)
{
	for (unsigned i = 0; i < CACHED; i++)
		if (cache[i].converter && strcmp(cache[i].name, name) == 0)
			return cache[i].converter;
	UErrorCode error = U_ZERO_ERROR;
	UConverter *converter = ucnv_open(name, &error);
	if (U_FAILURE(error))
		return NULL;
	unsigned slot = cache_next++ % CACHED;
	if (cache[slot].converter)
		ucnv_close(cache[slot].converter);
	cache[slot].converter = converter;
	memcpy(cache[slot].name, name, strlen(name) + 1);
	return converter;
}

static UConverter *to_utf8(void)
{
	UErrorCode error = U_ZERO_ERROR;
	if (!utf8_converter)
		utf8_converter = ucnv_open("UTF-8", &error);
	return utf8_converter;
}

void charset_thread_release(void)
{
	for (unsigned i = 0; i < CACHED; i++)
		if (cache[i].converter) {
			ucnv_close(cache[i].converter);
			cache[i].converter = NULL;
		}
	if (utf8_converter)
		ucnv_close(utf8_converter);
	utf8_converter = NULL;
	if (detector)
		ucsdet_close(detector);
	detector = NULL;
}

static int by_label(const void *key, const void *entry)
{
	return span_icmp(*(const struct span *)key, ((const struct charset *)entry)->label);
}

/* Charsets in which a byte below 0x80 need not be that character. */
static bool not_ascii_superset(const char *name)
{
	static const char *const heads[] = { "utf-16",    "utf16", "utf-32",  "utf32", "ucs-",  "iso-10646", "iso-2022",
					     "hz",        "utf-7", "ebcdic",  "scsu",  "bocu",  "unicode",   "csunicode",
					     "csiso2022", "imap-", "ibm-037", "cp037", "lmbcs", "compound" };
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (strncmp(name, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

/* What the label means; name gets the converter's name when ICU does the work. */
static enum method look_up(struct span label, char name[NAME_MAX_BYTES + 4], struct span *ret_name)
{
	label = span_trim(label);
	while (label.n && (label.p[0] == '"' || label.p[0] == '\''))
		label = span_skip(label, 1);
	while (label.n && (label.p[label.n - 1] == '"' || label.p[label.n - 1] == '\'' || label.p[label.n - 1] == ';'))
		label.n--;
	if (label.n == 0 || label.n > NAME_MAX_BYTES)
		return METHOD_NONE;
	const struct charset *entry = bsearch(&label, labels, sizeof labels / sizeof *labels, sizeof *labels, by_label);
	if (entry) {
		if (entry->icu) {
			*ret_name = span_cstr(entry->icu);
			memcpy(name, entry->icu, ret_name->n + 1);
		}
		return entry->method;
	}
	for (size_t i = 0; i < label.n; i++) {
		if (!ascii_is_alnum(label.p[i]) && !memchr("-_.:+()", label.p[i], 7))
			return METHOD_NONE;
		name[i] = (char)ascii_lower(label.p[i]);
	}
	name[label.n] = '\0';
	if (!converter_of(name))
		return METHOD_NONE;
	*ret_name = span_of(name, label.n);
	return not_ascii_superset(name) ? METHOD_ICU_ALL : METHOD_ICU;
}

static struct span from_1252(struct span bytes, struct arena *arena)
{
	size_t high = 0;
	for (size_t i = 0; i < bytes.n; i++)
		high += bytes.p[i] >> 7;
	uint8_t *begin = arena_alloc(arena, bytes.n + 2 * high), *out = begin;
	for (size_t i = 0; i < bytes.n; i++) {
		uint8_t c = bytes.p[i];
		if (c < 0x80)
			*out++ = c;
		else
			out += utf8_encode(c < 0xA0 ? windows_1252[c - 0x80] : c, out);
	}
	return span_of(begin, (size_t)(out - begin));
}

/* Valid UTF-8 out of nearly valid: each byte that is none becomes U+FFFD. */
static struct span repair_utf8(struct span bytes, struct arena *arena)
{
	uint8_t *begin = arena_alloc(arena, bytes.n * 3), *out = begin;
	for (size_t i = 0; i < bytes.n;) {
		uint32_t c;
		i += utf8_decode(bytes, i, &c);
		out += utf8_encode(c, out);
	}
	return span_of(begin, (size_t)(out - begin));
}

static bool from_icu(struct span bytes, const char *name, struct arena *arena, struct span *ret_text)
{
	UConverter *source = converter_of(name), *target = to_utf8();
	if (!source || !target)
		return false;
	ucnv_reset(source);
	ucnv_reset(target);
	size_t room = bytes.n * 3 + 16;
	uint8_t *begin = arena_alloc(arena, room);
	UChar pivot[1024], *pivot_source = pivot, *pivot_target = pivot;
	char *out = (char *)begin;
	const char *in = (const char *)bytes.p;
	UErrorCode error = U_ZERO_ERROR;
	ucnv_convertEx(target, source, &out, out + room, &in, in + bytes.n, pivot, &pivot_source, &pivot_target, pivot + 1024, true, true,
		       &error);
	if (U_FAILURE(error) && error != U_BUFFER_OVERFLOW_ERROR)
		return false;
	*ret_text = span_of(begin, (size_t)((uint8_t *)out - begin));
	if (span_starts(*ret_text, SPAN("\xEF\xBB\xBF"))) /* the byte order mark is no text */
		*ret_text = span_skip(*ret_text, 3);
	return true;
}

static bool has_replacement(struct span text) { return span_has(text, SPAN("\xEF\xBF\xBD")); }

/* Zero bytes at every second place: UTF-16 without a label. */
static const char *utf16_by_nuls(struct span bytes)
{
	size_t even = 0, odd = 0, n = bytes.n < 256 ? bytes.n : 256;
	for (size_t i = 0; i < n; i++)
		if (bytes.p[i] == 0)
			++*(i & 1 ? &odd : &even);
	if (n >= 4 && odd * 5 >= n * 2 && even * 10 < n)
		return "utf-16le";
	if (n >= 4 && even * 5 >= n * 2 && odd * 10 < n)
		return "utf-16be";
	return NULL;
}

/* By the mark, else by where the NULs are, else little-endian (WHATWG Encoding 4.2). */
static const char *utf16_order(struct span bytes)
{
	if (span_starts(bytes, SPAN("\xFE\xFF")))
		return "utf-16be";
	const char *by_nuls = span_starts(bytes, SPAN("\xFF\xFE")) ? NULL : utf16_by_nuls(bytes);
	return by_nuls ? by_nuls : "utf-16le";
}

/* Letters of other scripts come in runs of bytes above 0x7F, accented Latin letters alone. Collects the lines that hold such bytes; returns
 * how many bytes of them (the detector is slow, and markup tells it nothing), 0 when they stand alone: then it is Latin, whatever the
 * detector would say. */
enum { SAMPLE = 1024, DETECT_LEAST = 32 };
static size_t sample_runs(struct span bytes, char out[SAMPLE])
{
	size_t n = 0, high = 0, runs = 0;
	for (size_t i = 0; i < bytes.n && n < SAMPLE; i++) {
		if (bytes.p[i] < 0x80)
			continue;
		size_t from = i > 8 ? i - 8 : 0, end = i;
		for (; end < bytes.n && bytes.p[end] != '\n' && end - i < 64; end++) {
			high += bytes.p[end] >> 7;
			runs += bytes.p[end] >> 7 && end > 0 && bytes.p[end - 1] >> 7;
		}
		size_t take = end - from < SAMPLE - n ? end - from : SAMPLE - n;
		memcpy(out + n, bytes.p + from, take);
		n += take;
		i = end;
	}
	return high >= DETECT_LEAST && runs * 5 >= high * 2 ? n : 0;
}

static const char *by_detector(struct span bytes)
{
	UErrorCode error = U_ZERO_ERROR;
	char sample[SAMPLE];
	size_t n = sample_runs(bytes, sample);
	if (n == 0)
		return NULL;
	if (!detector)
		detector = ucsdet_open(&error);
	ucsdet_setText(detector, sample, (int32_t)n, &error);
	const UCharsetMatch *match = ucsdet_detect(detector, &error);
	if (U_FAILURE(error) || !match || ucsdet_getConfidence(match, &error) < 30)
		return NULL;
	const char *name = ucsdet_getName(match, &error);
	return U_FAILURE(error) || strlen(name) > NAME_MAX_BYTES || strncmp(name, "UTF-", 4) == 0 ? NULL : name;
}

/* The label does not help: find out. */
static struct span detect(struct span bytes, struct arena *arena, struct span *ret_name)
{
	struct span text;
	if (span_starts(bytes, SPAN("\xEF\xBB\xBF")) || utf8_valid(bytes)) {
		*ret_name = SPAN("utf-8");
		return utf8_valid(bytes) ? bytes : repair_utf8(bytes, arena);
	}
	const char *name = span_starts(bytes, SPAN("\xFF\xFE"))   ? "utf-16le"
			   : span_starts(bytes, SPAN("\xFE\xFF")) ? "utf-16be"
								  : utf16_by_nuls(bytes);
	if (!name)
		name = by_detector(bytes);
	if (name && strcmp(name, "ISO-8859-1") != 0 && from_icu(bytes, name, arena, &text)) {
		*ret_name = arena_dup(arena, span_cstr(name));
		return text;
	}
	*ret_name = SPAN("windows-1252");
	return from_1252(bytes, arena);
}

static bool has_iso_2022_escape(struct span bytes)
{
	return span_has(bytes, SPAN("\x1B$B")) || span_has(bytes, SPAN("\x1B$@")) || span_has(bytes, SPAN("\x1B(J"));
}

struct span charset_to_utf8(struct span bytes, struct span label, struct arena *arena, enum charset_fact *ret_fact, struct span *ret_name)
{
	char name[NAME_MAX_BYTES + 4];
	struct span named = span_none, text;
	enum method method = look_up(label, name, &named);
	*ret_fact = CHARSET_AS_LABELLED;
	if (method != METHOD_ICU_ALL && method != METHOD_UTF16 && utf8_is_ascii(bytes)) {
		if (method == METHOD_NONE && label.n)
			*ret_fact = CHARSET_WAS_UNKNOWN;
		if (span_find_byte(bytes, 0x1B, 0) != SPAN_NPOS && has_iso_2022_escape(bytes) &&
		    from_icu(bytes, "iso-2022-jp", arena, &text)) {
			*ret_fact = method == METHOD_NONE ? CHARSET_WAS_UNLABELLED : CHARSET_WAS_LYING;
			*ret_name = SPAN("iso-2022-jp");
			return text;
		}
		*ret_name = named.n && method != METHOD_ICU ? named : SPAN("us-ascii");
		return bytes;
	}
	switch (method) {
	case METHOD_NONE: *ret_fact = label.n ? CHARSET_WAS_UNKNOWN : CHARSET_WAS_UNLABELLED; return detect(bytes, arena, ret_name);
	case METHOD_UTF8:
		*ret_name = named;
		if (utf8_valid(bytes))
			return bytes;
		text = repair_utf8(bytes, arena);
		*ret_fact = CHARSET_HAD_INVALID_BYTES;
		return text;
	case METHOD_1252:
		*ret_name = named;
		if (utf8_valid(bytes)) {
			*ret_fact = CHARSET_WAS_LYING;
			*ret_name = SPAN("utf-8");
			return bytes;
		}
		return from_1252(bytes, arena);
	case METHOD_UTF16:
		named = span_cstr(utf16_order(bytes));
		memcpy(name, named.p, named.n + 1);
		break;
	case METHOD_ICU:
	case METHOD_ICU_ALL: break;
	}
	if (!from_icu(bytes, name, arena, &text)) {
		*ret_fact = CHARSET_WAS_UNKNOWN;
		return detect(bytes, arena, ret_name);
	}
	*ret_name = arena_dup(arena, named);
	if (has_replacement(text))
		*ret_fact = CHARSET_HAD_INVALID_BYTES;
	return text;
}

void charset_warm_up(void)
{
	static const char *const common[] = { "utf-8",       "gb18030",     "big5",         "windows-31j", "euc-jp", "windows-949-2000",
					      "iso-2022-jp", "koi8-r",      "windows-1251", "utf-7",       "utf-16", "windows-1250",
					      "iso-8859-2",  "iso-8859-15", "windows-1254", "windows-1256" };
	UErrorCode error = U_ZERO_ERROR;
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		converter_of(common[i]);
	to_utf8();
	if (!detector)
		detector = ucsdet_open(&error);
}

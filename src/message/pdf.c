/* message/pdf.c - see pdf.h */
#include "message/pdf.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "message/archive.h"

enum { NAME_BYTES = 32 };

struct pdf {
	struct attachment_work *work;
	struct span name;   /* of the file */
	struct span whole;  /* the file, or an unpacked object stream */
	bool inside_stream; /* whole is unpacked: offsets are not those of the attachment */
	/* what the dictionary since the last "obj" said */
	bool object_stream, flate;
};

/* A name with its escapes undone (7.3.5), cut to NAME_BYTES. Moves *at behind it. */
static struct span read_name(struct span s, size_t *at, uint8_t out[NAME_BYTES])
{
	size_t n = 0;
	while (*at < s.n) {
		uint8_t c = s.p[*at];
		if (c <= ' ' || memchr("()<>[]{}/%", c, 10))
			break;
		(*at)++;
		if (c == '#' && ascii_hex(span_at(s, *at)) >= 0 && ascii_hex(span_at(s, *at + 1)) >= 0) {
			c = (uint8_t)(ascii_hex(s.p[*at]) << 4 | ascii_hex(s.p[*at + 1]));
			*at += 2;
		}
		if (n < NAME_BYTES)
			out[n++] = c;
	}
	return span_of(out, n);
}

/* The literal or hexadecimal string of a /URI (7.3.4), cut to LIMIT_URL_BYTES. Moves *at behind it; what is no string leaves it there. */
static struct span read_string(struct span s, size_t *at, uint8_t out[LIMIT_URL_BYTES])
{
	size_t i = *at, n = 0;
	while (i < s.n && ascii_is_space(s.p[i]))
		i++;
	int open = span_at(s, i++);
	if (open != '(' && open != '<')
		return span_none;
	int depth = 1, high = -1;
	for (; i < s.n && n < LIMIT_URL_BYTES; i++) {
		uint8_t c = s.p[i];
		if (open == '<') {
			int digit = ascii_hex(c);
			if (c == '>')
				break;
			if (digit >= 0 && high >= 0)
				out[n++] = (uint8_t)(high << 4 | digit);
			if (digit >= 0)
				high = high >= 0 ? -1 : digit;
			continue;
		}
		if (c == '\\' && i + 1 < s.n)
			c = s.p[++i];
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			break;
		out[n++] = c;
	}
	*at = i;
	return span_of(out, n);
}

static void judge_name(struct pdf *pdf, struct span name, struct span s, size_t *at)
{
	static const struct {
		struct span name;
		uint32_t flag;
	} signs[] = {
		{ SPAN_INIT("JavaScript"), ATTACHMENT_PDF_SCRIPT }, { SPAN_INIT("JS"), ATTACHMENT_PDF_SCRIPT },
		{ SPAN_INIT("Launch"), ATTACHMENT_PDF_LAUNCH },     { SPAN_INIT("EmbeddedFile"), ATTACHMENT_EMBEDDED_OBJECT },
		{ SPAN_INIT("Encrypt"), ATTACHMENT_ENCRYPTED },     { SPAN_INIT("OpenAction"), ATTACHMENT_PDF_OPEN_ACTION },
	};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (span_eq(name, signs[i].name)) {
			attachment_flag(pdf->work, signs[i].flag, pdf->name);
			return;
		}
	if (span_eq(name, SPAN("ObjStm"))) {
		pdf->object_stream = true;
	} else if (span_eq(name, SPAN("FlateDecode")) || span_eq(name, SPAN("Fl"))) {
		pdf->flate = true;
	} else if (span_eq(name, SPAN("URI"))) {
		uint8_t bytes[LIMIT_URL_BYTES];
		size_t from = *at;
		struct span url = read_string(s, at, bytes);
		if (url.n)
			attachment_link(pdf->work, arena_dup(pdf->work->arena, url), pdf->inside_stream ? 0 : from,
					pdf->inside_stream ? pdf->work->bytes.n : *at);
	}
}

static void read_names(struct pdf *pdf, size_t from, size_t to)
{
	struct span s = span_first(pdf->whole, to);
	uint8_t bytes[NAME_BYTES];
	for (size_t at = from; (at = span_find_byte(s, '/', at)) != SPAN_NPOS;) {
		at++;
		struct span name = read_name(s, &at, bytes);
		judge_name(pdf, name, s, &at);
	}
}

/* False when a limit ends the file. */
static bool read_object_stream(struct pdf *pdf, struct span packed, uint64_t *unpacked)
{
	enum inflate_end end;
	uint64_t left = archive_left(pdf->work), grown = (uint64_t)packed.n * LIMIT_ARCHIVE_RATIO + 65536;
	struct span text = inflate_all(&pdf->work->inflater, INFLATE_ZLIB, packed, (size_t)(grown < left ? grown : left), &end);
	struct pdf inner = { .work = pdf->work, .name = pdf->name, .whole = text, .inside_stream = true };
	read_names(&inner, 0, text.n);
	return archive_count(pdf->work, text.n, unpacked, pdf->whole.n);
}

void pdf_examine(struct attachment_work *work, struct span bytes, struct span name)
{
	struct pdf pdf = { .work = work, .name = name, .whole = bytes };
	uint64_t unpacked = 0;
	size_t at = 0;
	/* What is found stands beside a member of its own: a PDF inside PDFs is not read. */
	for (uint32_t streams = 0; at < bytes.n; streams++) {
		size_t stream = span_find(bytes, SPAN("stream"), at);
		size_t dictionary_end = stream == SPAN_NPOS ? bytes.n : stream;
		read_names(&pdf, at, dictionary_end);
		if (stream == SPAN_NPOS)
			return;
		if (streams >= LIMIT_PDF_OBJECTS) {
			attachment_limit(work, ATTACHMENT_LIMIT, name);
			return;
		}
		size_t data = stream + 6;
		data += span_at(bytes, data) == '\r';
		data += span_at(bytes, data) == '\n';
		size_t end = span_find(bytes, SPAN("endstream"), data);
		struct span packed = span_slice(bytes, data, end == SPAN_NPOS ? bytes.n : end);
		if (pdf.object_stream && pdf.flate && !read_object_stream(&pdf, packed, &unpacked))
			return;
		pdf.object_stream = pdf.flate = false;
		at = end == SPAN_NPOS ? bytes.n : end + 9;
	}
}

/* auth/dkim_sign.c - see dkim.h and dkim_sign.h
 *
 * The field is written with an empty b= first, hashed as a verifier will, and then the signature is put behind it. */
#include "auth/dkim_sign.h"
#include "auth/dkim_base64.h"
#include "auth/dkim_digest.h"
#include "auth/dkim_key.h"
#include "base/err.h"
#include "base/limits.h"

#include <inttypes.h>

enum { LINE = 76, FIELD_MAX = 65536 };

/* RFC 6376 5.4.1, and the MIME fields that decide what is shown. `over`: signed once more than it is there, because one that is added
 * afterwards would be shown instead; fields that relays and lists add to good mail are not. */
static const struct signed_field {
	struct span name;
	bool over;
	bool arc_only;
} signed_fields[] = {
	{ SPAN_INIT("From"), true, false },
	{ SPAN_INIT("Reply-To"), true, false },
	{ SPAN_INIT("Subject"), true, false },
	{ SPAN_INIT("Date"), true, false },
	{ SPAN_INIT("To"), true, false },
	{ SPAN_INIT("Cc"), true, false },
	{ SPAN_INIT("Message-ID"), false, false },
	{ SPAN_INIT("In-Reply-To"), false, false },
	{ SPAN_INIT("References"), false, false },
	{ SPAN_INIT("MIME-Version"), true, false },
	{ SPAN_INIT("Content-Type"), true, false },
	{ SPAN_INIT("Content-Transfer-Encoding"), true, false },
	{ SPAN_INIT("Content-ID"), false, false },
	{ SPAN_INIT("Content-Description"), false, false },
	{ SPAN_INIT("Resent-Date"), false, false },
	{ SPAN_INIT("Resent-From"), false, false },
	{ SPAN_INIT("Resent-To"), false, false },
	{ SPAN_INIT("Resent-Cc"), false, false },
	{ SPAN_INIT("List-Id"), false, false },
	{ SPAN_INIT("List-Help"), false, false },
	{ SPAN_INIT("List-Unsubscribe"), false, false },
	{ SPAN_INIT("List-Unsubscribe-Post"), false, false },
	{ SPAN_INIT("List-Subscribe"), false, false },
	{ SPAN_INIT("List-Post"), false, false },
	{ SPAN_INIT("List-Owner"), false, false },
	{ SPAN_INIT("List-Archive"), false, false },
	{ SPAN_INIT("DKIM-Signature"), false, true }, /* RFC 8617 4.1.2 */
};

void dkim_sign_fold(struct buf *out, struct span text, const char *breaks, size_t *column)
{
	while (text.n) {
		size_t end = 0;
		while (end < text.n && !strchr(breaks, text.p[end]))
			end++;
		struct span piece = span_first(text, end + 1);
		if (*column > 8 && *column + piece.n > LINE) {
			while (out->n && out->p[out->n - 1] == ' ')
				out->n--;
			buf_cstr(out, "\r\n\t");
			*column = 8;
			while (span_at(piece, 0) == ' ')
				piece = span_skip(piece, 1), text = span_skip(text, 1);
		}
		buf_put(out, piece);
		*column += piece.n;
		text = span_skip(text, piece.n);
	}
}

static struct span base64_lines(struct span bytes, struct arena *arena, size_t column)
{
	struct span text = dkim_base64_encode(bytes, arena);
	struct buf out;
	buf_init(&out, arena, FIELD_MAX);
	while (text.n) {
		if (column >= LINE) {
			buf_cstr(&out, "\r\n\t");
			column = 8;
		}
		struct span line = span_first(text, LINE - column);
		buf_put(&out, line);
		column += line.n;
		text = span_skip(text, line.n);
	}
	return buf_span(&out);
}

struct header dkim_sign_header(struct span field)
{
	size_t colon = span_find_byte(field, ':', 0);
	struct span value = span_skip(field, colon + 1);
	if (span_ends(value, SPAN("\r\n")))
		value.n -= 2;
	return (
	    struct header){ .name = span_first(field, colon), .value = value, .raw = field, .id = HEADER_OTHER, .next_same = HEADER_NONE };
}

int dkim_sign_finish(struct buf *out, const struct dkim_key *key, struct span digest, struct arena *arena)
{
	struct span signature, text = buf_span(out);
	int err = dkim_key_sign(key, digest, arena, &signature);
	if (err)
		return err;
	size_t line = span_rfind_byte(text, '\n'), column = line == SPAN_NPOS ? text.n : text.n - line - 1 + 7; /* the tab is eight wide */
	buf_put(out, base64_lines(signature, arena, column));
	buf_cstr(out, "\r\n");
	return out->full ? ERR_LIMIT : ERR_OK;
}

/* Where the header begins with something else than a field, one more field on top would make another header of it. */
static bool begins_with_field(const struct message *message)
{
	const struct headers *headers = message_headers(message);
	return headers->list.n && headers->list.v[0].raw.p == message_root(message)->raw_header.p;
}

/* "From:From:To:..." */
static int name_fields(enum dkim_field kind, struct dkim_digest *digest, struct buf *out)
{
	size_t names = 0;
	for (size_t i = 0; i < sizeof signed_fields / sizeof *signed_fields; i++) {
		const struct signed_field *f = &signed_fields[i];
		uint32_t count, picked;
		if (f->arc_only && kind != DKIM_FIELD_ARC_MESSAGE)
			continue;
		dkim_fields_count(&digest->fields, f->name, &count, &picked);
		if (i == 0 && count == 0)
			return ERR_SYNTAX;
		for (uint32_t k = 0; k < count + f->over; k++) {
			if (++names > LIMIT_DKIM_SIGNED_FIELDS)
				return ERR_LIMIT;
			if (names > 1)
				buf_byte(out, ':');
			buf_put(out, f->name);
		}
	}
	return ERR_OK;
}

static void put_tags(struct buf *out, enum dkim_field kind, uint32_t instance, const struct dkim_signing *signing, size_t *column)
{
	static const char *const form[] = { [DKIM_SIMPLE] = "simple", [DKIM_RELAXED] = "relaxed" };
	struct arena *arena = out->arena;
	struct span begin =
	    kind == DKIM_FIELD_SIGNATURE ? SPAN("DKIM-Signature: v=1;") : arena_printf(arena, "ARC-Message-Signature: i=%u;", instance);
	dkim_sign_fold(out, begin, ";", column);
	dkim_sign_fold(out,
		       arena_printf(arena, " a=%s; c=%s/%s; d=%.*s; s=%.*s; t=%" PRId64 ";",
				    dkim_algorithm_name(dkim_key_algorithm(signing->key)), form[signing->header], form[signing->body],
				    SPAN_ARG(signing->domain), SPAN_ARG(signing->selector), signing->now),
		       ";", column);
	if (signing->lifetime)
		dkim_sign_fold(out, arena_printf(arena, " x=%" PRId64 ";", signing->now + signing->lifetime), ";", column);
}

static int sign(enum dkim_field kind, uint32_t instance, struct dkim_digest *digest, const struct dkim_signing *signing, struct buf *out)
{
	struct arena *arena = digest->arena;
	struct dkim_tags tags = {
		.algorithm = dkim_key_algorithm(signing->key), .header = signing->header, .body = signing->body, .length = DKIM_WHOLE_BODY
	};
	struct buf names;
	size_t column = 0;
	buf_init(&names, arena, FIELD_MAX);
	dkim_fields_init(&digest->fields, message_headers(digest->message), arena);
	int err = name_fields(kind, digest, &names);
	if (err)
		return err;
	tags.names = buf_span(&names);
	const struct dkim_body *body = dkim_digest_body(digest, &tags);
	put_tags(out, kind, instance, signing, &column);
	dkim_sign_fold(out, arena_printf(arena, " h=%.*s;", SPAN_ARG(tags.names)), ":;", &column);
	struct span bh = dkim_base64_encode(span_of(body->digest, dkim_hash_size(tags.algorithm)), arena);
	dkim_sign_fold(out, arena_printf(arena, " bh=%.*s;", SPAN_ARG(bh)), ";", &column);
	dkim_sign_fold(out, SPAN(" b="), ";", &column);
	struct header own = dkim_sign_header(buf_span(out));
	struct span hash = dkim_digest_header(digest, &tags, &own);
	return hash.p ? dkim_sign_finish(out, signing->key, hash, arena) : ERR_LIMIT;
}

int dkim_sign_message(enum dkim_field kind, uint32_t instance, const struct message *message, const struct dkim_signing *signing,
		      struct arena *arena, struct span *ret)
{
	struct dkim_digest digest;
	struct buf out;
	buf_init(&out, arena, FIELD_MAX);
	dkim_digest_init(&digest, message, arena);
	int err = begins_with_field(message) ? sign(kind, instance, &digest, signing, &out) : ERR_SYNTAX;
	dkim_digest_release(&digest);
	if (err)
		return err;
	*ret = buf_span(&out);
	return ERR_OK;
}

int dkim_sign(const struct message *message, const struct dkim_signing *signing, struct arena *arena, struct span *ret)
{
	return dkim_sign_message(DKIM_FIELD_SIGNATURE, 0, message, signing, arena, ret);
}

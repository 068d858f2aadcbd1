/* action/plan_headers.c - see plan_headers.h */
#include "action/plan_headers.h"
#include "action/field.h"
#include "auth/authres.h"
#include "base/utf8.h"

#include <stdlib.h>

/* From one of our own machines, which may speak in our name. */
static bool is_inside(const struct plan_source *s)
{
	const struct settings_nets *nets =
	    s->settings->internal_networks.n ? &s->settings->internal_networks : &s->settings->trusted_networks;
	return s->path->outgoing || (s->connection->has_ip && ip_nets_have(nets->v, nets->n, &s->connection->ip));
}

/* "X-Spam", "X-Spam-Flag", "X-Spam_score" (Exim): what mail programs and filters behind us act on. */
static bool has_our_name(struct span name)
{
	static const struct span ours[] = { SPAN_INIT("X-Spam"), SPAN_INIT("X-Postern") };
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (span_istarts(name, ours[i]) && (name.n == ours[i].n || name.p[ours[i].n] == '-' || name.p[ours[i].n] == '_'))
			return true;
	return false;
}

struct claim {
	const struct header *header;
	uint32_t n, ours; /* n: of those of the same name, from 1 */
};

static int by_name(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	int order = span_icmp(left->header->name, right->header->name);
	return order ? order : (left->header > right->header) - (left->header < right->header);
}

static int from_below(const void *a, const void *b)
{
	const struct header *left = ((const struct claim *)a)->header, *right = ((const struct claim *)b)->header;
	return (left < right) - (left > right);
}

static void add_edit(struct plan_source const *s, struct arena *arena, struct outcome *o, enum header_edit_kind kind, uint32_t n,
		     const struct header *header, struct span value)
{
	*(struct header_edit *)vec_push(arena, &o->edits) = (struct header_edit){
		.kind = kind,
		.n = n,
		.name = header->name,
		.value = value,
		.from = (uint32_t)(header->raw.p - s->message->raw.p),
		.to = (uint32_t)(header->raw.p - s->message->raw.p + header->raw.n),
	};
}

/* Fields are counted by name, so those of a name stand together for a moment; and deleted from the last on, so that nobody needs to agree
 * on whether the numbers of those that stay move up. */
static void remove_claims(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	const struct headers *headers = message_headers(s->message);
	struct span authserv_id = settings_authserv_id(s->settings);
	VEC(struct claim) claims = { 0 };
	bool inside = is_inside(s);
	if (!authserv_id.n)
		authserv_id = s->hostname;
	for (uint32_t i = 0; i < headers->list.n; i++) {
		const struct header *h = &headers->list.v[i];
		bool authres = h->id == HEADER_AUTHENTICATION_RESULTS;
		if (authres || has_our_name(h->name))
			*(struct claim *)vec_push(arena, &claims) =
			    (struct claim){ h, 0, !authres || (!inside && authres_claims(h->name, h->value, authserv_id, arena)) };
	}
	if (!claims.n)
		return;
	qsort(claims.v, claims.n, sizeof *claims.v, by_name);
	for (uint32_t i = 0; i < claims.n; i++)
		claims.v[i].n = i && span_ieq(claims.v[i].header->name, claims.v[i - 1].header->name) ? claims.v[i - 1].n + 1 : 1;
	qsort(claims.v, claims.n, sizeof *claims.v, from_below);
	for (uint32_t i = 0; i < claims.n; i++)
		if (claims.v[i].ours)
			add_edit(s, arena, o, HEADER_DELETE, claims.v[i].n, claims.v[i].header, span_none);
}

static void insert(struct arena *arena, struct outcome *o, struct span name, struct span value)
{
	*(struct header_edit *)vec_push(arena, &o->edits) = (struct header_edit){ .kind = HEADER_INSERT, .name = name, .value = value };
}

enum { COLON = 1 };

static void insert_text(struct arena *arena, struct outcome *o, struct span name, struct span text)
{
	struct buf value;
	buf_init(&value, arena, LIMIT_HEADER_VALUE);
	field_put_text(&value, name.n + COLON, text);
	insert(arena, o, name, buf_span(&value));
}

static void insert_words(struct arena *arena, struct outcome *o, struct span name, struct span words)
{
	struct buf value;
	buf_init(&value, arena, LIMIT_HEADER_VALUE);
	field_put_words(&value, name.n + COLON, words);
	insert(arena, o, name, buf_span(&value));
}

/* The old value goes on behind the mark, its folds kept; other line ends and NULs, which no server passes on alike, are left out. */
static void put_old_subject(struct buf *out, size_t column, struct span old)
{
	size_t first = span_find_byte(old, '\n', 0);
	bool blank = old.n && (old.p[0] == ' ' || old.p[0] == '\t');
	if (column + (first == SPAN_NPOS ? old.n : first) > 78)
		buf_cstr(out, "\r\n");
	if (!blank && old.n)
		buf_byte(out, ' ');
	for (size_t i = 0; i < old.n; i++)
		if (old.p[i] == '\n')
			buf_cstr(out, "\r\n");
		else if (old.p[i] != '\r' && old.p[i] != '\0')
			buf_byte(out, old.p[i]);
}

static void mark_subject(const struct plan_source *s, const struct header *h, uint32_t n, struct arena *arena, struct outcome *o)
{
	struct span mark = s->settings->subject_mark, name = SPAN("Subject");
	struct buf value;
	if (h && span_istarts(header_text(h, arena), mark))
		return;
	buf_init(&value, arena, (h ? h->value.n : 0) * 2 + 1024);
	/* Blanks between two encoded words are not shown, so the one behind the mark must stand inside it. */
	field_put_text(&value, name.n + COLON, utf8_is_ascii(mark) ? mark : arena_join(arena, mark, SPAN(" ")));
	if (!h) {
		insert(arena, o, name, buf_span(&value));
		return;
	}
	put_old_subject(&value, name.n + COLON + value.n, h->value);
	add_edit(s, arena, o, HEADER_CHANGE, n, h, buf_span(&value));
}

/* Of several, some programs show the first, others the last. */
static void mark_subjects(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	const struct headers *headers = message_headers(s->message);
	const struct header *first = header_first(headers, HEADER_SUBJECT), *last = first;
	uint32_t n = 1;
	for (const struct header *h = first; h && (h = header_next(headers, h)); n++)
		last = h;
	if (last != first)
		mark_subject(s, last, n, arena, o);
	mark_subject(s, first, 1, arena, o);
}

static bool stood_before(const struct outcome *o, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (span_eq(o->symbols.v[k].id, o->symbols.v[i].id))
			return true;
	return false;
}

/* As SpamAssassin writes it, which the Sieve extension spamtest, procmail recipes and scripts read: one decimal, ids between commas. */
static void insert_status(struct arena *arena, struct outcome *o, int32_t score)
{
	enum { TESTS = 50 };
	struct buf words;
	unsigned n = 0;
	buf_init(&words, arena, LIMIT_HEADER_VALUE);
	buf_printf(&words, "%s, score=%s%d.%d required=5.0 tests=", o->spam ? "Yes" : "No", score < 0 ? "-" : "", abs(score) / 10,
		   abs(score) % 10);
	for (uint32_t i = 0; i < o->symbols.n && n < TESTS; i++)
		if (o->symbols.v[i].weight && !stood_before(o, i)) {
			buf_cstr(&words, n++ ? "," : "");
			buf_put(&words, o->symbols.v[i].id);
		}
	buf_cstr(&words, n ? "" : "none");
	insert_words(arena, o, SPAN("X-Spam-Status"), buf_span(&words));
}

static void insert_spam(struct arena *arena, struct outcome *o)
{
	static const char stars[] = "**************************************************";
	int32_t score = outcome_client_score(o);
	int32_t level = score / 10 > (int32_t)sizeof stars - 1 ? (int32_t)sizeof stars - 1 : score / 10;
	insert_status(arena, o, score);
	if (level > 0)
		insert_words(arena, o, SPAN("X-Spam-Level"), span_of(stars, (size_t)level));
	insert_words(arena, o, SPAN("X-Spam-Score"),
		     arena_printf(arena, "%s%d.%d", score < 0 ? "-" : "", abs(score) / 10, abs(score) % 10));
	if (o->spam)
		insert_words(arena, o, SPAN("X-Spam-Flag"), SPAN("YES"));
}

static void insert_authres(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	struct span id = settings_authserv_id(s->settings);
	if (!s->auth || (!s->auth->has_client && !s->auth->has_message))
		return;
	id = authres_value(id.n ? id : s->hostname, arena);
	insert_words(arena, o, SPAN("Authentication-Results"),
		     arena_join(arena, id, SPAN(";\n"), authres_write(s->auth, SPAN(";\n"), arena)));
}

/* All recipients are ours, and that is certain. */
static bool stays_inside(const struct plan_source *s)
{
	const struct connection *c = s->connection;
	for (size_t i = 0; i < c->n_recipients; i++) {
		size_t at = span_rfind_byte(c->recipients[i], '@');
		struct span domain = at == SPAN_NPOS ? span_none : span_skip(c->recipients[i], at + 1);
		if (!settings_names_have(&s->settings->local_domains, domain))
			return false;
	}
	return c->n_recipients > 0;
}

void plan_headers(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	bool tells = !o->outgoing || (o->spam && stays_inside(s));
	remove_claims(s, arena, o);
	if (!tells)
		return;
	if (o->spam && s->settings->subject_mark.n)
		mark_subjects(s, arena, o);
	if (s->settings->enforce)
		insert_spam(arena, o); /* what is not enforced must move no filter behind us */
	insert_text(arena, o, SPAN("X-Postern-Why"), o->why);
	if (o->id.n)
		insert_words(arena, o, SPAN("X-Postern-Id"), o->id);
	if (!is_inside(s))
		insert_authres(s, arena, o);
}

void plan_headers_unjudged(struct arena *arena, struct outcome *o) { insert_text(arena, o, SPAN("X-Postern-Why"), o->why); }

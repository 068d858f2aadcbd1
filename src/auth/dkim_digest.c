/* auth/dkim_digest.c - see dkim_digest.h */
#include "auth/dkim_digest.h"
#include "base/limits.h"

enum { BODIES_MAX = LIMIT_DKIM_SIGNATURES + LIMIT_ARC_SETS };

void dkim_digest_init(struct dkim_digest *digest, const struct message *message, struct arena *arena)
{
	memset(digest, 0, sizeof *digest);
	digest->message = message;
	digest->arena = arena;
}

void dkim_digest_release(struct dkim_digest *digest)
{
	dkim_hash_release(&digest->hash);
	dkim_hash_release(&digest->cut);
}

static struct dkim_body *find(struct dkim_digest *digest, const struct dkim_tags *tags)
{
	for (uint32_t i = 0; i < digest->bodies.n; i++) {
		struct dkim_body *body = &digest->bodies.v[i];
		if (body->form == tags->body && body->sha1 == (tags->algorithm == DKIM_RSA_SHA1) && body->length == tags->length)
			return body;
	}
	return NULL;
}

void dkim_digest_want(struct dkim_digest *digest, const struct dkim_tags *tags)
{
	if (!find(digest, tags))
		*(struct dkim_body *)vec_push(digest->arena, &digest->bodies) =
		    (struct dkim_body){ .form = tags->body, .sha1 = tags->algorithm == DKIM_RSA_SHA1, .length = tags->length };
}

/* --- the body --- */

/* The canonical body runs through; at each length that is wanted the hash so far is taken. */
struct run {
	struct dkim_digest *digest;
	struct dkim_body *bodies[BODIES_MAX]; /* shortest first */
	uint32_t n, next;
	uint64_t at;
};

static void end_copy(struct run *run, struct dkim_body *body)
{
	dkim_hash_copy(&run->digest->hash, &run->digest->cut);
	dkim_hash_end(&run->digest->cut, body->digest);
}

static void take(void *taker, const uint8_t *p, size_t n)
{
	struct run *run = taker;
	while (run->next < run->n && run->bodies[run->next]->length - run->at <= n) {
		size_t part = (size_t)(run->bodies[run->next]->length - run->at);
		dkim_hash_take(&run->digest->hash, p, part);
		end_copy(run, run->bodies[run->next++]);
		run->at += part;
		p += part;
		n -= part;
	}
	if (run->next < run->n)
		dkim_hash_take(&run->digest->hash, p, n);
	run->at += n;
}

/* All bodies that can be hashed in the same pass as this one. */
static void gather(struct run *run, const struct dkim_body *like)
{
	struct dkim_digest *digest = run->digest;
	for (uint32_t i = 0; i < digest->bodies.n && run->n < BODIES_MAX; i++) {
		struct dkim_body *body = &digest->bodies.v[i];
		if (body->done || body->form != like->form || body->sha1 != like->sha1)
			continue;
		uint32_t at = run->n++;
		for (; at && run->bodies[at - 1]->length > body->length; at--)
			run->bodies[at] = run->bodies[at - 1];
		run->bodies[at] = body;
	}
}

static void hash_bodies(struct dkim_digest *digest, const struct dkim_body *like)
{
	struct run run = { .digest = digest };
	struct canonical canonical;
	gather(&run, like);
	dkim_hash_begin(&digest->hash, like->sha1 ? DKIM_RSA_SHA1 : DKIM_RSA_SHA256);
	canonical_init(&canonical, take, &run);
	canonical_body(&canonical, like->form, message_root(digest->message)->raw_body);
	canonical_finish(&canonical);
	for (; run.next < run.n; run.next++)
		end_copy(&run, run.bodies[run.next]);
	for (uint32_t i = 0; i < run.n; i++) {
		run.bodies[i]->total = run.at;
		run.bodies[i]->done = true;
	}
	digest->looked += canonical.looked;
}

const struct dkim_body *dkim_digest_body(struct dkim_digest *digest, const struct dkim_tags *tags)
{
	dkim_digest_want(digest, tags);
	struct dkim_body *body = find(digest, tags);
	if (!body->done)
		hash_bodies(digest, body);
	return body;
}

/* --- the header --- */

struct span dkim_digest_header(struct dkim_digest *digest, const struct dkim_tags *tags, const struct header *own)
{
	struct canonical canonical;
	struct span rest = tags->names, name;
	uint8_t *out = arena_alloc(digest->arena, DKIM_HASH_MAX);
	if (!digest->fields.headers)
		dkim_fields_init(&digest->fields, message_headers(digest->message), digest->arena);
	dkim_fields_begin(&digest->fields);
	dkim_hash_begin(&digest->hash, tags->algorithm);
	canonical_init(&canonical, dkim_hash_take, &digest->hash);
	while (canonical.looked <= LIMIT_DKIM_HEADER_BYTES && span_split(&rest, ':', &name)) {
		const struct header *field = dkim_fields_pick(&digest->fields, span_trim(name));
		if (field)
			canonical_field(&canonical, tags->header, field, span_none, false);
	}
	canonical_field(&canonical, tags->header, own, tags->b_text, true);
	canonical_finish(&canonical);
	dkim_hash_end(&digest->hash, out);
	digest->looked += canonical.looked;
	return canonical.looked <= LIMIT_DKIM_HEADER_BYTES ? span_of(out, dkim_hash_size(tags->algorithm)) : span_none;
}

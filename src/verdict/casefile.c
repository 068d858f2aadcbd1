/* verdict/casefile.c - see casefile.h
 *
 * The record, in the terms of base/record.h ("text?" is a number of bytes and one, or 0 for none, and the bytes):
 *
 *	byte    version: 2; of version 1, which had the message's SHA-256 in front of the fingerprint, all else is read
 *	26      id
 *	texts   door, queue id; signed reference time; number microseconds
 *	byte    flags: has_ip, has_origin, outgoing, bound, defer
 *	16, 16  client, origin, where they are known
 *	text?   rdns, helo, auth user, MAIL FROM, Message-ID, From, address of From, subject
 *	number  recipients, then for each: number withheld; text address
 *	number  bytes; 16 fingerprint; text answers
 *	number  kinds of evidence, then for each: text id; numbers group, flags; signed weight
 *	number  groups, then for each: number group, cap
 *	number  parts, then for each: number index; text number
 *	number  pieces of evidence, then for each: number kind; signed weight; said; number details, then for each: said
 *	number  unchecked, then for each: text check; said; number kind that could have been and one, or 0; number temporary
 *	number  findings left out
 *	number  sentences of the sender, then for each: said
 *	signed  prior, mark, quarantine, reject; number action; signed score; number disposition
 *	text    build; numbers settings, model, lists
 *
 * where said is: text says, text? places in words, number of places, then for each: number part * 4 + in, numbers from, length. */
#include "verdict/casefile.h"
#include "base/err.h"
#include "base/record.h"

#include <math.h>

enum {
	VERSION = 2,
	VERSION_SHA256 = 1,
	SHA256_BYTES = 32,
	PLACE_IN_BITS = 2,
	PIECES_MAX = LIMIT_EVIDENCE + 1,
	KINDS_MAX = PIECES_MAX + LIMIT_EVIDENCE
};
enum { HAS_IP = 1, HAS_ORIGIN = 2, OUTGOING = 4, BOUND = 8, DEFER = 16, FLAGS = 31 };

/* ids */

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
enum { DIGIT_BITS = 5, TIME_DIGITS = 10 };

static void put_digits(uint64_t value, unsigned n, char *out)
{
	for (unsigned i = n; i-- > 0; value >>= DIGIT_BITS)
		out[i] = alphabet[value & 31];
}

void casefile_id(uint64_t milliseconds, const uint8_t random[CASEFILE_RANDOM], char ret_id[CASEFILE_ID])
{
	put_digits(milliseconds & 0xffffffffffff, TIME_DIGITS, ret_id);
	for (unsigned half = 0; half < 2; half++) {
		uint64_t value = 0;
		for (unsigned i = 0; i < CASEFILE_RANDOM / 2; i++)
			value = value << 8 | random[half * (CASEFILE_RANDOM / 2) + i];
		put_digits(value, 8, ret_id + TIME_DIGITS + (size_t)half * 8);
	}
}

static int digit(uint8_t c)
{
	const char *at = c ? memchr(alphabet, c, sizeof alphabet - 1) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

bool casefile_id_time(struct span id, uint64_t *ret_milliseconds)
{
	uint64_t time = 0;
	if (id.n != CASEFILE_ID)
		return false;
	for (unsigned i = 0; i < CASEFILE_ID; i++) {
		int value = digit(id.p[i]);
		if (value < 0)
			return false;
		if (i < TIME_DIGITS)
			time = time << DIGIT_BITS | (unsigned)value;
	}
	*ret_milliseconds = time;
	return time <= 0xffffffffffff;
}

bool casefile_id_parse(struct span text, char ret_id[CASEFILE_ID])
{
	char id[CASEFILE_ID];
	uint64_t time;
	if (text.n != CASEFILE_ID)
		return false;
	for (unsigned i = 0; i < CASEFILE_ID; i++) {
		uint8_t c = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (uint8_t)(text.p[i] + 32) : text.p[i];
		id[i] = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : (char)c;
	}
	if (!casefile_id_time(span_of(id, CASEFILE_ID), &time))
		return false;
	memcpy(ret_id, id, CASEFILE_ID);
	return true;
}

/* writing */

static void put_optional(struct buf *out, struct span text)
{
	record_put_number(out, text.p ? text.n + 1 : 0);
	buf_put(out, text);
}

static void put_said(struct buf *out, struct span says, struct span cited, const struct place *at, uint32_t n_at)
{
	record_put_text(out, says);
	put_optional(out, cited);
	record_put_number(out, n_at);
	for (uint32_t i = 0; i < n_at; i++) {
		record_put_number(out, (uint64_t)at[i].part << PLACE_IN_BITS | at[i].in);
		record_put_number(out, at[i].from);
		record_put_number(out, at[i].to > at[i].from ? at[i].to - at[i].from : 0);
	}
}

/* Every kind of evidence that is named, once. */
struct kinds {
	const struct evidence_def *v[KINDS_MAX];
	uint32_t n;
};

static uint32_t kind_of(struct kinds *kinds, const struct evidence_def *def)
{
	uint32_t i = 0;
	while (i < kinds->n && kinds->v[i] != def)
		i++;
	if (i == kinds->n)
		kinds->v[kinds->n++] = def;
	return i;
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void put_kinds(const struct casefile *c, struct kinds *kinds, struct buf *out)
{
	bool used[GROUPS] = { false };
	uint32_t groups = 0;
	for (uint32_t i = 0; i < least(c->evidence.list.n, PIECES_MAX); i++)
		kind_of(kinds, c->evidence.list.v[i].def);
	for (uint32_t i = 0; i < least(c->evidence.unchecked.n, LIMIT_EVIDENCE); i++)
		if (c->evidence.unchecked.v[i].could)
			kind_of(kinds, c->evidence.unchecked.v[i].could);
	record_put_number(out, kinds->n);
	for (uint32_t i = 0; i < kinds->n; i++) {
		const struct evidence_def *def = kinds->v[i];
		record_put_text(out, span_cstr(def->id));
		record_put_number(out, def->group);
		record_put_number(out, def->flags);
		record_put_signed(out, def->weight);
		groups += !used[def->group];
		used[def->group] = true;
	}
	record_put_number(out, groups);
	for (unsigned g = 0; g < GROUPS; g++)
		if (used[g]) {
			record_put_number(out, g);
			record_put_number(out, (uint32_t)evidence_cap(&c->evidence, g));
		}
}

static void put_evidence(const struct casefile *c, struct buf *out)
{
	struct kinds kinds = { .n = 0 };
	uint32_t n = least(c->evidence.list.n, PIECES_MAX), n_unchecked = least(c->evidence.unchecked.n, LIMIT_EVIDENCE);
	put_kinds(c, &kinds, out);
	record_put_number(out, c->parts.n);
	for (uint32_t i = 0; i < c->parts.n; i++) {
		record_put_number(out, c->parts.v[i].index);
		record_put_text(out, c->parts.v[i].number);
	}
	record_put_number(out, n);
	for (uint32_t i = 0; i < n; i++) {
		const struct evidence *e = &c->evidence.list.v[i];
		record_put_number(out, kind_of(&kinds, e->def));
		record_put_signed(out, e->weight);
		put_said(out, e->says, e->cited, e->at, e->n_at);
		record_put_number(out, e->n_details);
		for (uint32_t k = 0; k < e->n_details; k++)
			put_said(out, e->details[k].says, e->details[k].cited, &e->details[k].at, 1);
	}
	record_put_number(out, n_unchecked);
	for (uint32_t i = 0; i < n_unchecked; i++) {
		const struct unchecked *u = &c->evidence.unchecked.v[i];
		record_put_text(out, span_cstr(u->check));
		put_said(out, u->why, u->cited, &u->at, u->at.to > 0);
		record_put_number(out, u->could ? kind_of(&kinds, u->could) + 1 : 0);
		record_put_number(out, u->temporary);
	}
	record_put_number(out, c->evidence.dropped);
}

static void put_envelope(const struct casefile *c, struct buf *out)
{
	const struct span texts[] = { c->rdns, c->helo, c->auth_user, c->mail_from, c->message_id, c->from, c->from_address, c->subject };
	buf_byte(out, (uint8_t)(c->has_ip * HAS_IP | c->has_origin * HAS_ORIGIN | c->outgoing * OUTGOING | c->bound * BOUND |
				c->verdict.thresholds.defer * DEFER));
	if (c->has_ip)
		buf_put(out, span_of(c->ip.b, sizeof c->ip.b));
	if (c->has_origin)
		buf_put(out, span_of(c->origin.b, sizeof c->origin.b));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		put_optional(out, texts[i]);
	record_put_number(out, c->recipients.n);
	for (uint32_t i = 0; i < c->recipients.n; i++) {
		record_put_number(out, c->recipients.v[i].withheld);
		record_put_text(out, c->recipients.v[i].address);
	}
}

static void put_decision(const struct casefile *c, struct buf *out)
{
	const struct verdict_thresholds *t = &c->verdict.thresholds;
	const int32_t numbers[] = { t->prior, t->mark, t->quarantine, t->reject };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		record_put_signed(out, numbers[i]);
	record_put_number(out, c->verdict.action);
	record_put_signed(out, c->verdict.score);
	record_put_number(out, c->disposition);
	record_put_text(out, c->generations.build);
	record_put_number(out, c->generations.settings);
	record_put_number(out, c->generations.model);
	record_put_number(out, c->generations.lists);
}

void casefile_write(const struct casefile *c, struct buf *out)
{
	buf_byte(out, VERSION);
	buf_put(out, c->id);
	record_put_text(out, c->door);
	record_put_text(out, c->queue_id);
	record_put_signed(out, c->reference_time);
	record_put_number(out, c->microseconds);
	put_envelope(c, out);
	record_put_number(out, c->bytes);
	buf_put(out, span_of(c->fingerprint, sizeof c->fingerprint));
	record_put_text(out, c->answers);
	put_evidence(c, out);
	record_put_number(out, c->sender.n);
	for (uint32_t i = 0; i < c->sender.n; i++)
		put_said(out, c->sender.v[i].says, c->sender.v[i].cited, c->sender.v[i].at, c->sender.v[i].n_at);
	put_decision(c, out);
}

/* reading: what cannot be sets overrun, which is tested once at the end */

static struct span take_optional(struct cursor *in)
{
	uint64_t n = record_number(in);
	return n ? cursor_take(in, n - 1) : span_none;
}

static void take_bytes(struct cursor *in, uint8_t *ret, size_t n)
{
	struct span bytes = cursor_take(in, n);
	if (bytes.n == n)
		memcpy(ret, bytes.p, n);
}

/* A name of ours as a C string: letters, digits, dots, underscores. */
static const char *take_name(struct cursor *in, struct arena *arena)
{
	struct span name = record_text(in);
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		in->overrun |= !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.');
	}
	return (const char *)arena_join(arena, name, span_of("", 1)).p; /* with its NUL */
}

static void take_said(struct cursor *in, uint32_t most, struct casefile_sentence *ret)
{
	*ret = (struct casefile_sentence){ .says = record_text(in), .cited = take_optional(in) };
	ret->n_at = (uint32_t)record_below(in, most + 1);
	for (uint32_t i = 0; i < ret->n_at; i++) {
		uint64_t where = record_below(in, (uint64_t)UINT16_MAX << PLACE_IN_BITS | PLACE_TEXT);
		uint64_t from = record_below(in, UINT32_MAX), length = record_below(in, UINT32_MAX - from);
		in->overrun |= (where & ((1 << PLACE_IN_BITS) - 1)) > PLACE_TEXT;
		ret->at[i] = (struct place){ (uint32_t)from, (uint32_t)(from + length), (uint16_t)(where >> PLACE_IN_BITS),
					     where & ((1 << PLACE_IN_BITS) - 1) };
	}
}

struct reading {
	struct cursor in;
	struct arena *arena;
	struct casefile *c;
	struct evidence_def *kinds;
	uint32_t n_kinds;
	int32_t *caps;
	bool newer; /* it names a group that is not known here */
};

static enum evidence_group take_group(struct reading *r)
{
	uint64_t group = record_number(&r->in);
	r->newer |= group >= GROUPS;
	return group < GROUPS ? (enum evidence_group)group : 0;
}

static void take_kinds(struct reading *r)
{
	r->n_kinds = (uint32_t)record_below(&r->in, KINDS_MAX + 1);
	r->kinds = arena_zalloc(r->arena, (r->n_kinds + 1) * sizeof *r->kinds);
	for (uint32_t i = 0; i < r->n_kinds && !r->in.overrun; i++) {
		struct evidence_def *def = &r->kinds[i];
		def->id = take_name(&r->in, r->arena);
		def->group = take_group(r);
		def->flags = (uint32_t)record_below(&r->in, (uint64_t)UINT32_MAX + 1);
		def->weight = record_int32(&r->in);
		def->says = def->why = "";
	}
	r->caps = arena_alloc(r->arena, GROUPS * sizeof *r->caps);
	for (unsigned g = 0; g < GROUPS; g++)
		r->caps[g] = evidence_group_cap(g);
	for (uint64_t n = record_count(&r->in); n-- && !r->in.overrun;) {
		enum evidence_group group = take_group(r);
		r->caps[group] = (int32_t)record_below(&r->in, (uint64_t)INT32_MAX + 1);
	}
}

static void take_details(struct reading *r, struct evidence *e)
{
	VEC(struct evidence_detail) details = { 0 };
	for (uint64_t n = record_count(&r->in); n-- && !r->in.overrun;) {
		struct casefile_sentence said;
		take_said(&r->in, 1, &said);
		*(struct evidence_detail *)vec_push(r->arena, &details) = (struct evidence_detail){ said.says, said.at[0], said.cited };
	}
	e->details = details.v;
	e->n_details = details.n;
}

static void take_piece(struct reading *r)
{
	struct casefile_sentence said;
	struct evidence *e = vec_push(r->arena, &r->c->evidence.list);
	e->def = &r->kinds[record_below(&r->in, r->n_kinds)];
	e->weight = record_int32(&r->in);
	take_said(&r->in, LIMIT_EVIDENCE_PLACES, &said);
	e->says = said.says;
	e->cited = said.cited;
	memcpy(e->at, said.at, sizeof e->at);
	e->n_at = said.n_at;
	take_details(r, e);
}

static void take_unchecked(struct reading *r)
{
	struct casefile_sentence said;
	struct unchecked *u = vec_push(r->arena, &r->c->evidence.unchecked);
	u->check = take_name(&r->in, r->arena);
	take_said(&r->in, 1, &said);
	u->why = said.says;
	u->cited = said.cited;
	u->at = said.at[0];
	uint64_t could = record_below(&r->in, r->n_kinds + 1);
	u->could = could ? &r->kinds[could - 1] : NULL;
	u->temporary = record_below(&r->in, 2) != 0;
}

static void take_evidence(struct reading *r)
{
	struct evidence_set *set = &r->c->evidence;
	take_kinds(r);
	for (uint64_t n = record_count(&r->in); n-- && !r->in.overrun;) {
		struct casefile_part part = { .index = (uint16_t)record_below(&r->in, UINT16_MAX + 1) };
		part.number = record_text(&r->in);
		*(struct casefile_part *)vec_push(r->arena, &r->c->parts) = part;
	}
	for (uint64_t n = record_below(&r->in, PIECES_MAX + 1); n-- && !r->in.overrun;)
		take_piece(r);
	for (uint64_t n = record_below(&r->in, LIMIT_EVIDENCE + 1); n-- && !r->in.overrun;)
		take_unchecked(r);
	set->dropped = (uint32_t)record_below(&r->in, (uint64_t)UINT32_MAX + 1);
	set->arena = r->arena;
	set->caps = r->caps;
}

static void take_envelope(struct reading *r)
{
	struct casefile *c = r->c;
	struct span *const texts[] = { &c->rdns,       &c->helo, &c->auth_user,    &c->mail_from,
				       &c->message_id, &c->from, &c->from_address, &c->subject };
	uint8_t flags = cursor_u8(&r->in);
	r->in.overrun |= flags > FLAGS;
	c->has_ip = flags & HAS_IP;
	c->has_origin = flags & HAS_ORIGIN;
	c->outgoing = flags & OUTGOING;
	c->bound = flags & BOUND;
	c->verdict.thresholds.defer = flags & DEFER;
	if (c->has_ip)
		take_bytes(&r->in, c->ip.b, sizeof c->ip.b);
	if (c->has_origin)
		take_bytes(&r->in, c->origin.b, sizeof c->origin.b);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = take_optional(&r->in);
	for (uint64_t n = record_count(&r->in); n-- && !r->in.overrun;) {
		struct casefile_recipient recipient = { .withheld = record_below(&r->in, 2) != 0 };
		recipient.address = record_text(&r->in);
		*(struct casefile_recipient *)vec_push(r->arena, &c->recipients) = recipient;
	}
}

static void take_decision(struct reading *r)
{
	struct casefile *c = r->c;
	struct verdict_thresholds *t = &c->verdict.thresholds;
	t->prior = record_int32(&r->in);
	t->mark = record_int32(&r->in);
	t->quarantine = record_int32(&r->in);
	t->reject = record_int32(&r->in);
	c->verdict.action = (enum verdict_action)record_below(&r->in, VERDICT_DEFER + 1);
	c->verdict.score = record_int32(&r->in);
	c->disposition = (uint8_t)record_below(&r->in, UINT8_MAX + 1);
	c->generations.build = record_text(&r->in);
	c->generations.settings = record_number(&r->in);
	c->generations.model = record_number(&r->in);
	c->generations.lists = record_number(&r->in);
}

int casefile_read(struct span record, struct arena *arena, struct casefile *ret)
{
	struct casefile c = { .bytes = 0 };
	struct reading r = { .in = cursor_of(record), .arena = arena, .c = &c };
	uint64_t time;
	uint8_t version = cursor_u8(&r.in);
	if (version != VERSION && version != VERSION_SHA256)
		return r.in.overrun ? ERR_SYNTAX : ERR_UNSUPPORTED;
	c.id = cursor_take(&r.in, CASEFILE_ID);
	r.in.overrun |= !casefile_id_time(c.id, &time);
	c.door = record_text(&r.in);
	c.queue_id = record_text(&r.in);
	c.reference_time = record_signed(&r.in);
	c.microseconds = record_number(&r.in);
	take_envelope(&r);
	c.bytes = (uint32_t)record_below(&r.in, (uint64_t)UINT32_MAX + 1);
	if (version == VERSION_SHA256)
		cursor_take(&r.in, SHA256_BYTES);
	take_bytes(&r.in, c.fingerprint, sizeof c.fingerprint);
	c.answers = record_text(&r.in);
	take_evidence(&r);
	for (uint64_t n = record_count(&r.in); n-- && !r.in.overrun;)
		take_said(&r.in, LIMIT_EVIDENCE_PLACES, vec_push(arena, &c.sender));
	take_decision(&r);
	if (r.in.overrun || cursor_left(&r.in))
		return ERR_SYNTAX;
	if (r.newer)
		return ERR_UNSUPPORTED;
	struct verdict again = casefile_verdict(&c);
	memcpy(c.verdict.group_sum, again.group_sum, sizeof again.group_sum);
	c.verdict.probability = 1 / (1 + exp(-c.verdict.score / 1000.0));
	*ret = c;
	return 0;
}

struct verdict casefile_verdict(const struct casefile *casefile)
{
	return verdict_judge(&casefile->evidence, &casefile->verdict.thresholds);
}

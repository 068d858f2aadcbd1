/* trap/family.c - families remembered, and how a new one is found; see family.h */
#include "trap/family.h"

#include "base/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

enum { FORMAT = 1, SLOT_WORD = 0 };

struct families {
	struct family *v;
	uint32_t n;
};

struct families *families_new(void)
{
	struct families *families = calloc(1, sizeof *families);
	if (!families || !(families->v = calloc(LIMIT_FAMILIES, sizeof *families->v)))
		abort();
	return families;
}

void families_free(struct families *families)
{
	if (families)
		free(families->v);
	free(families);
}

uint32_t families_count(const struct families *families) { return families->n; }
const struct family *families_at(const struct families *families, uint32_t i) { return &families->v[i]; }

static uint64_t hash_ip(const struct ip *ip) { return XXH3_64bits(ip->b, sizeof ip->b) | 1; }

/* True when another was seen before. */
static bool remember(uint64_t seen[FAMILY_SEEN_AT], uint64_t one)
{
	unsigned i = 0;
	while (i < FAMILY_SEEN_AT && seen[i] && seen[i] != one)
		i++;
	if (i < FAMILY_SEEN_AT)
		seen[i] = one;
	return i > 0 || seen[1] != 0;
}

enum { ALIKE_NOT, ALIKE_MOSTLY, ALIKE_WHOLLY };

/* Mostly: as many tokens, two thirds of all the same, and two thirds of the words: signs alone say nothing. */
static int alike(const struct family *family, const struct family_shape *shape)
{
	if (family->n != shape->n)
		return ALIKE_NOT;
	uint32_t same = 0, slots = 0, same_words = 0;
	for (uint32_t i = 0; i < shape->n; i++) {
		bool equal = family->tokens[i] == shape->tokens[i];
		slots += family->tokens[i] == SLOT_WORD;
		same += equal;
		same_words += equal && shape->tokens[i] & 1;
	}
	if (same + slots == shape->n)
		return ALIKE_WHOLLY;
	return same_words >= 2 && same * 3 >= shape->n * 2 && same_words * 3 >= shape->words * 2 ? ALIKE_MOSTLY : ALIKE_NOT;
}

static struct family *find(struct families *families, const struct family_sight *sight)
{
	struct family *mostly = NULL;
	for (uint32_t i = 0; i < families->n; i++) {
		struct family *family = &families->v[i];
		if (sight->published) {
			if (family->published && span_eq(span_cstr(family->name), span_cstr(sight->published)))
				return family;
			continue;
		}
		int how = family->published ? ALIKE_NOT : alike(family, sight->shape);
		if (how == ALIKE_WHOLLY)
			return family;
		if (how == ALIKE_MOSTLY && !mostly)
			mostly = family;
	}
	return mostly;
}

/* A free place, or that of the one longest unseen; what was never seen again goes before what was. */
static struct family *place_for_new(struct families *families)
{
	if (families->n < LIMIT_FAMILIES)
		return &families->v[families->n++];
	struct family *oldest = &families->v[0];
	for (uint32_t i = 1; i < families->n; i++) {
		struct family *family = &families->v[i];
		if (family->certain != oldest->certain ? !family->certain : family->last < oldest->last)
			oldest = family;
	}
	return oldest;
}

static struct family *make(struct families *families, const struct family_sight *sight)
{
	struct family *family = place_for_new(families);
	*family = (struct family){ .first = sight->time, .published = sight->published != NULL, .certain = sight->published != NULL };
	const struct family_shape *shape = sight->shape;
	family->n = shape->n;
	memcpy(family->tokens, shape->tokens, shape->n * sizeof *shape->tokens);
	size_t n = shape->text.n < FAMILY_TEXT - 1 ? shape->text.n : FAMILY_TEXT - 1;
	memcpy(family->text, shape->text.p, n);
	if (sight->published)
		snprintf(family->name, sizeof family->name, "%s", sight->published);
	else
		snprintf(family->name, sizeof family->name, "found-%08x",
			 (uint32_t)XXH3_64bits(shape->tokens, shape->n * sizeof *shape->tokens));
	return family;
}

/* Where they differ, any word may stand. */
static void widen(struct family *family, const struct family_shape *shape)
{
	for (uint32_t i = 0; i < family->n && i < shape->n; i++)
		if (family->tokens[i] != shape->tokens[i])
			family->tokens[i] = SLOT_WORD;
}

const struct family *families_see(struct families *families, const struct family_sight *sight)
{
	struct family *family = find(families, sight);
	bool made = family == NULL;
	if (made)
		family = make(families, sight);
	else if (!family->published)
		widen(family, sight->shape);
	bool other_target = remember(family->targets, hash_ip(&sight->target));
	bool other_sender = remember(family->senders, hash_ip(&sight->sender));
	family->times++;
	family->last = sight->time > family->last ? sight->time : family->last;
	family->certain |= !made && (other_target || other_sender);
	return family->certain ? family : NULL;
}

void families_write(const struct families *families, struct buf *out)
{
	record_put_number(out, FORMAT);
	record_put_number(out, families->n);
	for (uint32_t i = 0; i < families->n; i++) {
		const struct family *f = &families->v[i];
		record_put_text(out, span_cstr(f->name));
		record_put_text(out, span_cstr(f->text));
		record_put_number(out, f->published | f->certain << 1);
		record_put_signed(out, f->first);
		record_put_signed(out, f->last);
		record_put_number(out, f->times);
		for (unsigned k = 0; k < FAMILY_SEEN_AT; k++) {
			record_put_number(out, f->targets[k]);
			record_put_number(out, f->senders[k]);
		}
		record_put_number(out, f->n);
		for (uint32_t k = 0; k < f->n; k++)
			record_put_number(out, f->tokens[k]);
	}
}

static void read_cstr(struct cursor *c, char *ret, size_t size)
{
	struct span text = record_text(c);
	if (text.n >= size) {
		c->overrun = true;
		return;
	}
	memcpy(ret, text.p, text.n);
}

static void read_one(struct cursor *c, struct family *f)
{
	read_cstr(c, f->name, sizeof f->name);
	read_cstr(c, f->text, sizeof f->text);
	uint64_t flags = record_below(c, 4);
	f->published = flags & 1;
	f->certain = flags >> 1;
	f->first = record_signed(c);
	f->last = record_signed(c);
	f->times = (uint32_t)record_below(c, UINT32_MAX);
	for (unsigned k = 0; k < FAMILY_SEEN_AT; k++) {
		f->targets[k] = record_number(c);
		f->senders[k] = record_number(c);
	}
	f->n = (uint32_t)record_below(c, LIMIT_FAMILY_TOKENS + 1);
	for (uint32_t k = 0; k < f->n; k++)
		f->tokens[k] = record_number(c);
}

int families_read(struct families *families, struct cursor *c)
{
	memset(families->v, 0, LIMIT_FAMILIES * sizeof *families->v);
	families->n = 0;
	if (record_number(c) != FORMAT)
		c->overrun = true;
	uint64_t n = record_below(c, LIMIT_FAMILIES + 1);
	for (uint64_t i = 0; i < n && !c->overrun; i++)
		read_one(c, &families->v[i]);
	if (c->overrun)
		return ERR_SYNTAX;
	families->n = (uint32_t)n;
	return 0;
}

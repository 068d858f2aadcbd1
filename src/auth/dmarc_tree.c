/* auth/dmarc_tree.c - see dmarc_tree.h */
#include "auth/dmarc_tree.h"
#include "message/url.h"

enum { QUERIES_MAX = 8, LABELS_MAX = 7 };

/* The names of the walk, longest first: the domain, then what is left of it with seven labels or fewer. */
static unsigned walk_names(struct span domain, struct span names[QUERIES_MAX])
{
	unsigned n = 0, labels = 1;
	for (size_t i = 0; i < domain.n; i++)
		labels += domain.p[i] == '.';
	names[n++] = domain;
	for (struct span rest = domain; labels > 1 && n < QUERIES_MAX;) {
		rest = span_skip(rest, span_find_byte(rest, '.', 0) + 1);
		if (--labels <= LABELS_MAX)
			names[n++] = rest;
	}
	return n;
}

/* "b.example.com" under "example.com", for the domain "a.b.example.com". */
static struct span one_label_below(struct span domain, struct span suffix)
{
	size_t from = domain.n - suffix.n - 1;
	while (from > 0 && domain.p[from - 1] != '.')
		from--;
	return span_skip(domain, from);
}

/* The one record of a name: several are none (4.10 step 2). */
static bool find_record(const struct answer *answer, struct dmarc_record *ret)
{
	struct dmarc_record record;
	unsigned n = 0;
	for (uint32_t i = 0; i < answer->records.n; i++)
		if (dmarc_record_read(answer->records.v[i], &record) && n++ == 0)
			*ret = record;
	return n == 1;
}

static bool is_everybodys(struct span name) { return !url_registrable_icann(name).p; }

bool dmarc_tree_within(struct span name, struct span domain)
{
	return span_ieq(name, domain) || (name.n > domain.n && span_iends(name, domain) && name.p[name.n - domain.n - 1] == '.');
}

/* What was found on the way; names longest first. */
struct way {
	struct span names[QUERIES_MAX];
	struct dmarc_record records[QUERIES_MAX];
	bool has[QUERIES_MAX];
	unsigned n; /* names that count: the walk ends at the first record that says what it is */
};

/* RFC 9989 4.10.2. */
static struct span organisational(const struct way *way)
{
	struct span domain = way->names[0], found = domain;
	for (unsigned i = 0; i < way->n; i++)
		if (way->has[i])
			found = i > 0 && way->records[i].psd == DMARC_PSD_YES ? one_label_below(domain, way->names[i]) : way->names[i];
	return found;
}

/* RFC 9989 4.10.1: the domain's own record, else the organisation's, else that of the public suffix. */
static void choose_policy(const struct way *way, struct dmarc_tree *tree)
{
	for (unsigned i = 0; i < way->n; i++) {
		bool applies = i == 0 || span_eq(way->names[i], tree->organisational) || way->records[i].psd == DMARC_PSD_YES;
		if (!way->has[i] || !applies)
			continue;
		tree->policy_domain = way->names[i];
		tree->record = way->records[i];
		return;
	}
}

enum auth_step dmarc_tree_walk(struct span domain, const struct answers *answers, struct questions *questions, struct arena *arena,
			       struct dmarc_tree *ret)
{
	struct way way = { .n = 0 };
	struct dmarc_tree tree = { .organisational = domain };
	const struct answer *found[QUERIES_MAX];
	unsigned n = walk_names(domain, way.names);
	bool missing = false;
	for (unsigned i = 0; i < n; i++) {
		found[i] = question_ask(answers, questions, QUESTION_TXT, arena_join(arena, SPAN("_dmarc."), way.names[i]));
		missing |= !found[i];
	}
	if (missing)
		return AUTH_MORE;
	for (bool end = false; way.n < n && !end; way.n++) {
		unsigned i = way.n;
		if (answer_failed(found[i])) {
			tree.unknown_from = tree.failed ? tree.unknown_from : way.names[i];
			tree.unknown_to = way.names[i];
			tree.failed = tree.failed ? tree.failed : found[i];
		}
		way.has[i] = find_record(found[i], &way.records[i]);
		end = way.has[i] && way.records[i].psd != DMARC_PSD_UNKNOWN;
		if (i > 0 && !end && way.has[i] && is_everybodys(way.names[i]))
			way.has[i] = false;
	}
	tree.organisational = organisational(&way);
	choose_policy(&way, &tree);
	*ret = tree;
	return AUTH_DONE;
}

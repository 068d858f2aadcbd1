/* trap/own_name.c - host names of ours, found by one automaton for all of them (Aho and Corasick, CACM 18(6), 1975); see own_address.h
 *
 * Each name goes in as it is, with dashes and with underscores for its dots, with its labels in reverse order, and letter by letter
 * backwards. A byte of the text costs one step, however many names there are. */
#include "base/ascii.h"
#include "trap/own_parts.h"

enum { CLASSES = 40, NAME_MIN = 6, NAME_MAX = 253 };

struct state {
	uint32_t next[CLASSES];
	uint32_t fallback; /* of building: the longest proper suffix that is a state; then: of output, the next state with one */
	uint32_t which;    /* of the name that ends here, or OWN_NONE */
	uint16_t length;
	uint8_t spelling;
};

struct own_names {
	struct state *states; /* [0] is the root */
	uint32_t n;
	uint8_t class_of[256]; /* 0: in no name */
};

static void fill_classes(uint8_t class_of[256])
{
	memset(class_of, 0, 256);
	for (unsigned c = 0; c < 26; c++)
		class_of['a' + c] = class_of['A' + c] = (uint8_t)(1 + c);
	for (unsigned c = 0; c < 10; c++)
		class_of['0' + c] = (uint8_t)(27 + c);
	class_of['.'] = 37;
	class_of['-'] = 38;
	class_of['_'] = 39;
}

static bool usable(const struct own_names *names, struct span name)
{
	if (name.n < NAME_MIN || name.n > NAME_MAX || span_find_byte(name, '.', 0) == SPAN_NPOS)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (names->class_of[name.p[i]] == 0)
			return false;
	return true;
}

static void add(struct own_names *names, const uint8_t *text, size_t n, uint32_t which, enum own_spelling spelling)
{
	uint32_t at = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t *next = &names->states[at].next[names->class_of[text[i]]];
		if (*next == 0) {
			*next = names->n;
			names->states[names->n++].which = OWN_NONE;
		}
		at = *next;
	}
	struct state *end = &names->states[at];
	if (end->which == OWN_NONE) {
		end->which = which;
		end->length = (uint16_t)n;
		end->spelling = (uint8_t)spelling;
	}
}

static void add_spellings(struct own_names *names, struct span name, uint32_t which)
{
	uint8_t text[NAME_MAX];
	memcpy(text, name.p, name.n);
	add(names, text, name.n, which, OWN_NAME);
	static const uint8_t signs[] = { '-', '_' };
	for (unsigned s = 0; s < sizeof signs; s++) {
		for (size_t i = 0; i < name.n; i++)
			text[i] = name.p[i] == '.' ? signs[s] : name.p[i];
		add(names, text, name.n, which, OWN_NAME_PARTED);
	}
	for (size_t i = 0; i < name.n; i++)
		text[i] = name.p[name.n - 1 - i];
	add(names, text, name.n, which, OWN_NAME_REVERSED);
	struct span rest = name, label;
	for (size_t end = name.n; span_split(&rest, '.', &label);) {
		memcpy(text + end - label.n, label.p, label.n);
		end -= label.n;
		if (end > 0)
			text[--end] = '.';
	}
	add(names, text, name.n, which, OWN_NAME_REVERSED);
}

/* Level by level: where a byte leads nowhere, the longest suffix of what was read goes on. */
static void link_states(struct own_names *names, struct arena *arena)
{
	uint32_t *queue = arena_alloc(arena, names->n * sizeof *queue), head = 0, tail = 0;
	struct state *states = names->states;
	for (unsigned c = 1; c < CLASSES; c++)
		if (states[0].next[c])
			queue[tail++] = states[0].next[c];
	while (head < tail) {
		struct state *s = &states[queue[head++]];
		const struct state *fallback = &states[s->fallback];
		for (unsigned c = 1; c < CLASSES; c++) {
			uint32_t child = s->next[c];
			if (child) {
				states[child].fallback = fallback->next[c];
				queue[tail++] = child;
			} else {
				s->next[c] = fallback->next[c];
			}
		}
		/* the fallback is nearer the root and was done before: its own leads to an output or the root */
		if (s->fallback && fallback->which == OWN_NONE)
			s->fallback = fallback->fallback;
	}
}

int own_name_build(const struct span *list, size_t n, struct arena *arena, const struct own_names **ret_names)
{
	struct own_names *names = arena_new(arena, struct own_names);
	size_t bytes = 0;
	fill_classes(names->class_of);
	for (size_t i = 0; i < n; i++)
		bytes += usable(names, list[i]) ? list[i].n : 0;
	if (bytes > LIMIT_OWN_NAME_BYTES)
		return ERR_LIMIT;
	names->states = arena_zalloc(arena, (1 + 5 * bytes) * sizeof *names->states);
	names->states[0].which = OWN_NONE;
	names->n = 1;
	for (size_t i = 0; i < n; i++)
		if (usable(names, list[i]))
			add_spellings(names, list[i], (uint32_t)i);
	link_states(names, arena);
	*ret_names = names->n > 1 ? names : NULL;
	return 0;
}

/* "xmail.example.org" and "mail.example.org.uk" are other hosts. */
static bool stands_alone(struct span bytes, size_t from, size_t to)
{
	int after = span_at(bytes, to);
	if (from > 0 && ascii_is_alnum(bytes.p[from - 1]))
		return false;
	return !ascii_is_alnum(after) && !((after == '.' || after == '-') && ascii_is_alpha(span_at(bytes, to + 1)));
}

void own_name_scan(struct own_search *s)
{
	const struct own_names *names = s->set->names;
	struct span bytes = s->text.bytes;
	uint32_t at = 0;
	for (size_t i = 0; i < bytes.n; i++) {
		at = names->states[at].next[names->class_of[bytes.p[i]]];
		for (uint32_t end = at; end; end = names->states[end].fallback) {
			const struct state *state = &names->states[end];
			if (state->which == OWN_NONE || !stands_alone(bytes, i + 1 - state->length, i + 1))
				continue;
			own_search_found(s, state->which, (enum own_spelling)state->spelling, i + 1 - state->length, i + 1);
			break;
		}
	}
}

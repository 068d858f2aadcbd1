/* trap/family_shape.c - the shape of a text, and the published families; see family.h */
#include "base/ascii.h"
#include "trap/family.h"

#include <xxhash.h>

enum { SHAPE_TEXT = 1024, TEXT_READ = 4096 };

struct shaper {
	struct family_shape *shape;
	struct buf text;
	bool blank;       /* stood before this token */
	bool last_random; /* the last token was <x>: several in a row count as one */
};

static void put_token(struct shaper *s, struct span text, bool word)
{
	struct family_shape *shape = s->shape;
	if (s->blank && s->text.n)
		buf_byte(&s->text, ' ');
	s->blank = s->last_random = false;
	buf_put(&s->text, text);
	if (shape->n < LIMIT_FAMILY_TOKENS)
		shape->tokens[shape->n++] = word ? XXH3_64bits(text.p, text.n) | 1 : (XXH3_64bits(text.p, text.n) | 2) & ~1ULL;
	shape->words += word;
}

static void token(struct shaper *s, struct span text) { put_token(s, text, false); }

static bool is_vowel(int c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'; }

/* A word that no language has: capitals in its midst, five consonants in a row, letters and digits mixed. */
static bool is_random(struct span word)
{
	size_t consonants = 0, changes = 0, digits = 0;
	for (size_t i = 0; i < word.n; i++) {
		uint8_t c = word.p[i];
		if (c >= 0x80)
			return false;
		digits += ascii_is_digit(c);
		changes += i > 0 && ascii_is_upper(c) && ascii_is_lower(word.p[i - 1]);
		consonants = ascii_is_alpha(c) && !is_vowel(c | 0x20) ? consonants + 1 : 0;
		if (consonants >= 5)
			return true;
	}
	return word.n >= 4 && (changes >= 2 || (digits && digits < word.n) || (changes == 1 && word.n >= 6));
}

static bool is_word(int c) { return ascii_is_alnum(c) || c >= 0x80; }
static bool is_local(int c) { return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '='; }

/* A dotted quad that is not ours: the end of it, or 0. */
static size_t quad_end(struct span s, size_t i)
{
	for (unsigned part = 0;; part++) {
		size_t from = i;
		while (i - from < 4 && ascii_is_digit(span_at(s, i)))
			i++;
		if (i == from || i - from > 3)
			return 0;
		if (part == 3)
			return is_word(span_at(s, i)) ? 0 : i;
		if (span_at(s, i++) != '.')
			return 0;
	}
}

static size_t word_end(struct span s, size_t i)
{
	while (i < s.n && is_word(s.p[i]))
		i++;
	return i;
}

/* An address of mail that begins at i: its end, or 0. *checked: before it there is none, so no run is read twice. */
static size_t mail_end(struct span s, size_t i, size_t *checked)
{
	if (i < *checked)
		return 0;
	size_t at = i;
	while (at < s.n && is_local(s.p[at]))
		at++;
	*checked = at;
	if (span_at(s, at) != '@')
		return 0;
	size_t end = at + 1;
	while (end < s.n && is_local(s.p[end]))
		end++;
	while (end > at + 1 && !is_word(s.p[end - 1]))
		end--;
	return end > at + 1 ? end : 0;
}

static const struct own_find *find_at(const struct own_finds *finds, size_t i)
{
	for (uint32_t k = 0; finds && k < finds->list.n; k++)
		if (finds->list.v[k].from == i)
			return &finds->list.v[k];
	return NULL;
}

static void put_word(struct shaper *s, struct span word)
{
	uint8_t lower[32];
	size_t digits = 0;
	while (digits < word.n && ascii_is_digit(word.p[digits]))
		digits++;
	if (digits == word.n) {
		token(s, SPAN("<n>"));
	} else if (word.n > sizeof lower || is_random(word)) {
		bool again = s->last_random;
		if (!again)
			token(s, SPAN("<x>"));
		s->last_random = true;
		s->blank = false;
	} else {
		for (size_t k = 0; k < word.n; k++)
			lower[k] = ascii_lower(word.p[k]);
		put_token(s, span_of(lower, word.n), true);
	}
}

/* What its spelling leaves around an address is no part of the shape: "0x", "%", "[", the "=" behind base64, a port. */
static size_t put_own(struct shaper *s, struct span text, const struct own_find *own)
{
	s->shape->own = true;
	token(s, SPAN("<address>"));
	size_t end = word_end(text, own->to);
	end += span_at(text, end) == ']';
	if (own->port && span_at(text, end) == ':')
		return word_end(text, end + 1);
	while (span_at(text, end) == '=')
		end++;
	return end;
}

/* The end of what only leads to one, or 0. */
static size_t lead_end(struct span text, const struct own_finds *finds, size_t i)
{
	static const struct span leads[] = { SPAN_INIT("%"), SPAN_INIT("["), SPAN_INIT("\\x"), SPAN_INIT("::ffff:") };
	for (size_t k = 0; k < sizeof leads / sizeof *leads; k++)
		if (span_istarts(span_skip(text, i), leads[k]) && find_at(finds, i + leads[k].n))
			return i + leads[k].n;
	return 0;
}

/* A word, or as much of it as stands before an address: "BC198.51.100.7", "1D9808AFD". */
static size_t word_or_glued(struct shaper *s, struct span text, const struct own_finds *finds, size_t i)
{
	size_t end = word_end(text, i);
	bool glued = false;
	for (uint32_t k = 0; finds && k < finds->list.n; k++)
		if (finds->list.v[k].from > i && finds->list.v[k].from < end) {
			end = finds->list.v[k].from;
			glued = true;
		}
	if (!glued || end - i > 2 || ascii_is_alpha(text.p[i]))
		put_word(s, span_slice(text, i, end));
	return end;
}

static void shape_text(struct shaper *s, struct span text, const struct own_finds *finds)
{
	text = span_first(text, TEXT_READ);
	size_t checked = 0;
	for (size_t i = 0, end; i < text.n && s->shape->n < LIMIT_FAMILY_TOKENS; i = end) {
		const struct own_find *own = find_at(finds, i);
		end = i + 1;
		if (own)
			end = put_own(s, text, own);
		else if (ascii_is_space(text.p[i]))
			s->blank = true;
		else if ((end = lead_end(text, finds, i)) != 0)
			continue;
		else if (!is_word(text.p[i]))
			token(s, span_slice(text, i, end = i + 1));
		else if ((end = quad_end(text, i)) != 0)
			token(s, SPAN("<address>"));
		else if (span_istarts(span_skip(text, i), SPAN("http://")) || span_istarts(span_skip(text, i), SPAN("https://"))) {
			for (end = i; end < text.n && !ascii_is_space(text.p[end]);)
				end++;
			token(s, SPAN("<link>"));
		} else if ((end = mail_end(text, i, &checked)) != 0)
			token(s, SPAN("<mail>"));
		else
			end = word_or_glued(s, text, finds, i);
	}
}

static void shaper_init(struct shaper *s, struct family_shape *shape, struct arena *arena)
{
	memset(shape, 0, sizeof *shape);
	*s = (struct shaper){ .shape = shape };
	buf_init(&s->text, arena, SHAPE_TEXT);
}

void family_shape_take(struct span subject, const struct own_finds *in_subject, struct span text, const struct own_finds *in_text,
		       struct arena *arena, struct family_shape *ret)
{
	struct shaper s;
	shaper_init(&s, ret, arena);
	shape_text(&s, subject, in_subject);
	s.blank = false;
	token(&s, SPAN("\n"));
	shape_text(&s, text, in_text);
	ret->text = buf_span(&s.text);
}

enum where { FAMILY_SUBJECT, FAMILY_LINE, FAMILY_SENDER, FAMILY_RECIPIENT };
static const struct {
	const char *name;
	enum where where;
	const char *shape;
} published[] = {
#define FAMILY(symbol, name, where, shape, words) { name, where, shape },
#include "trap/families.def"
#undef FAMILY
};

static struct span shape_of(struct span text, const struct own_finds *finds, struct arena *arena)
{
	struct family_shape *shape = arena_new(arena, struct family_shape);
	struct shaper s;
	shaper_init(&s, shape, arena);
	shape_text(&s, text, finds);
	return buf_span(&s.text);
}

static const char *published_in(enum where where, struct span text)
{
	for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
		struct span shape = span_cstr(published[i].shape);
		bool whole = where == FAMILY_SUBJECT || where == FAMILY_LINE;
		if (published[i].where == where && (whole ? span_ieq(text, shape) : span_istarts(text, shape)))
			return published[i].name;
	}
	return NULL;
}

const char *family_published(struct span subject, const struct own_finds *in_subject, struct span text, const struct own_finds *in_text,
			     struct span mail_from, struct span recipient, struct arena *arena)
{
	enum { LINES = 20, LINE = 200 };
	/* as it is, too: what is published has no slot where we would see one ("LocalIP") */
	const char *name = published_in(FAMILY_SUBJECT, span_trim(subject));
	if (!name)
		name = published_in(FAMILY_SUBJECT, shape_of(subject, in_subject, arena));
	struct span rest = span_first(text, TEXT_READ), line;
	for (unsigned i = 0; i < LINES && !name && span_split(&rest, '\n', &line); i++) {
		struct own_finds here = { 0 };
		size_t from = (size_t)(line.p - text.p);
		line = span_trim(line);
		if (line.n == 0 || line.n > LINE)
			continue;
		from = (size_t)(line.p - text.p);
		for (uint32_t k = 0; in_text && k < in_text->list.n; k++) {
			struct own_find find = in_text->list.v[k];
			if (find.from < from || find.to > from + line.n)
				continue;
			find.from -= from;
			find.to -= from;
			*(struct own_find *)vec_push(arena, &here.list) = find;
		}
		name = published_in(FAMILY_LINE, shape_of(line, &here, arena));
	}
	if (!name)
		name = published_in(FAMILY_RECIPIENT, recipient);
	return name ? name : published_in(FAMILY_SENDER, mail_from);
}

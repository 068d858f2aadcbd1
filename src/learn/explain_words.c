/* learn/explain_words.c - see explain_words.h */
#include "learn/explain_words.h"
#include "base/ascii.h"

enum { PHRASE_WORDS = 6, WRAPPED_FROM = 45 /* a shorter line was not wrapped: it ended */, GAP = 8, NAME_LEAST = 3, NAME_WORDS = 16 };

static bool in_word(uint8_t c) { return c >= 0x80 || ascii_is_alnum(c) || c == '$' || c == '\'' || c == '-' || c == '_'; }

static bool blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0; }

static bool url_begins(struct span text, size_t at)
{
	struct span rest = span_slice(text, at, at + 8);
	return rest.n && ascii_lower(rest.p[0]) == 'h'   ? span_istarts(rest, SPAN("http://")) || span_istarts(rest, SPAN("https://"))
	       : rest.n && ascii_lower(rest.p[0]) == 'w' ? span_istarts(rest, SPAN("www."))
							 : false;
}

static size_t url_end(struct span text, size_t at)
{
	while (at < text.n && !blank(text.p[at]) && text.p[at] != '<' && text.p[at] != '>' && text.p[at] != '"')
		at++;
	while (at > 0 && (text.p[at - 1] == '.' || text.p[at - 1] == ',' || text.p[at - 1] == ')'))
		at--;
	return at;
}

/* What stands between two words: does a new sentence, line or column begin? *line is where the line began. */
static bool gap_breaks(struct span text, size_t from, size_t to, size_t *line)
{
	bool breaks = to - from > GAP;
	for (size_t i = from; i < to; i++) {
		uint8_t c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : ' ';
		if (c == '\n') {
			breaks |= i - *line < WRAPPED_FROM || next == '\n';
			*line = i + 1;
		}
		breaks |= c == '|' || c == '>' || c == '<' || c == '=' || c == '*';
		breaks |= (c == '.' || c == '!' || c == '?' || c == ';' || c == ':') && blank(next);
	}
	return breaks;
}

static bool says_something(struct span token)
{
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] >= 0x80 || ascii_is_alnum(token.p[i]))
			return true;
	return false;
}

static uint32_t hash_of(struct span token)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < token.n; i++)
		h = (h ^ ascii_lower(token.p[i])) * 16777619u;
	return h;
}

/* "lists.example.org", "me@example.org", "10/15" are one word each. */
static bool joins(uint8_t c) { return c == '.' || c == '@' || c == '/' || c == '+' || c == '&' || c == '%'; }

static size_t token_end(struct span text, size_t at, bool *ret_url)
{
	*ret_url = url_begins(text, at);
	if (*ret_url)
		return url_end(text, at);
	while (at < text.n && (in_word(text.p[at]) || (joins(text.p[at]) && at + 1 < text.n && in_word(text.p[at + 1]))))
		at++;
	return at;
}

void explain_words_read(const struct view *view, uint32_t from, uint32_t to, struct arena *arena, struct explain_words *ret)
{
	struct span text = span_first(buf_span(&view->text), to);
	uint32_t piece = 0;
	size_t line = from, before = from;
	*ret = (struct explain_words){ .view = view, .v = arena_alloc(arena, ((to - from) / 2 + 2) * sizeof *ret->v) };
	for (size_t i = from, end; i < text.n; i = end) {
		bool url = false;
		end = in_word(text.p[i]) ? token_end(text, i, &url) : i + 1;
		struct span token = span_slice(text, i, end);
		if (!in_word(text.p[i]) || !says_something(token))
			continue;
		struct explain_word *word = &ret->v[ret->n++];
		*word = (struct explain_word){ .from = (uint32_t)i, .to = (uint32_t)end, .hash = hash_of(token), .url = url };
		word->begins = gap_breaks(text, before, i, &line) || ret->n == 1;
		for (; piece + 1 < view->pieces.n && view->pieces.v[piece + 1].at <= i; piece++) {
			const struct place *a = &view->pieces.v[piece].place, *b = &view->pieces.v[piece + 1].place;
			word->begins |= a->part != b->part || a->in != b->in;
		}
		before = end;
	}
}

void explain_words_weigh(struct explain_words *words, const float *byte)
{
	for (uint32_t i = 0; i < words->n; i++) {
		uint32_t end = i + 1 < words->n ? words->v[i + 1].from : (uint32_t)words->view->text.n;
		for (uint32_t k = words->v[i].from; k < end; k++)
			words->v[i].nats += byte[k];
	}
}

void explain_words_index(struct explain_words *words, struct arena *arena)
{
	uint32_t size = 16;
	while (size < 2 * words->n)
		size *= 2;
	words->mask = size - 1;
	words->slots = arena_zalloc(arena, size * sizeof *words->slots);
	for (uint32_t i = 0; i < words->n; i++) {
		uint32_t slot = words->v[i].hash & words->mask;
		while (words->slots[slot] && words->v[words->slots[slot] - 1].hash != words->v[i].hash)
			slot = (slot + 1) & words->mask;
		if (!words->slots[slot])
			words->slots[slot] = (uint16_t)(i + 1);
	}
}

struct explain_word *explain_words_find(const struct explain_words *words, uint32_t hash)
{
	uint32_t slot = hash & words->mask;
	while (words->slots[slot] && words->v[words->slots[slot] - 1].hash != hash)
		slot = (slot + 1) & words->mask;
	return words->slots[slot] ? &words->v[words->slots[slot] - 1] : NULL;
}

void explain_words_drop(struct explain_words *words, struct span name)
{
	uint32_t hashes[NAME_WORDS], n = 0;
	for (size_t i = 0, end; i < name.n && n < NAME_WORDS; i = end + 1) {
		bool url;
		end = in_word(name.p[i]) ? token_end(name, i, &url) : i;
		if (end - i >= NAME_LEAST)
			hashes[n++] = hash_of(span_slice(name, i, end));
	}
	for (uint32_t i = 0; n && i < words->n; i++)
		for (uint32_t k = 0; k < n; k++)
			if (words->v[i].hash == hashes[k]) {
				words->v[i].nats = 0;
				words->v[i].begins = true;
				if (i + 1 < words->n)
					words->v[i + 1].begins = true;
			}
}

static float size_of(float nats) { return nats < 0 ? -nats : nats; }

/* A quarter of what a word moves on average: below it a word is neither for nor against. */
float explain_words_noise(const struct explain_words *words)
{
	double sum = 0;
	for (uint32_t i = 0; i < words->n; i++)
		sum += size_of(words->v[i].nats);
	return words->n ? (float)(sum / words->n / 4) : 0;
}

/* Ends of a run from word i: words of one direction, with noise between them. At most twice what a phrase may have. */
static uint32_t run_end(const struct explain_words *words, float noise, uint32_t i)
{
	float sign = words->v[i].nats > 0 ? 1 : -1;
	uint32_t end = i + 1, k = i + 1;
	for (; k < words->n && k < i + 2 * PHRASE_WORDS; k++) {
		float nats = sign * words->v[k].nats;
		if (words->v[k].begins || nats < -noise || words->v[k].url != words->v[i].url)
			break;
		if (nats > noise)
			end = k + 1;
	}
	return end;
}

/* A word alone is hard to find again: the next one goes with it, or the one before, unless it says the opposite or was told (before first).
 */
static void widen(const struct explain_words *words, float noise, uint32_t first, uint32_t *from, uint32_t *to)
{
	const struct explain_word *v = words->v;
	float sign = v[*from].nats > 0 ? 1 : -1;
	if (v[*from].url || *to - *from > 1)
		return;
	if (*to < words->n && !v[*to].begins && !v[*to].url && sign * v[*to].nats >= -noise)
		(*to)++;
	else if (*from > first && !v[*from].begins && !v[*from - 1].url && sign * v[*from - 1].nats >= -noise)
		(*from)--;
}

bool explain_phrase_next(const struct explain_words *words, float noise, uint32_t *at, struct explain_phrase *ret)
{
	uint32_t first = *at, i = first;
	while (i < words->n && size_of(words->v[i].nats) <= noise)
		i++;
	if (i == words->n)
		return false;
	uint32_t end = run_end(words, noise, i), best = i, best_end = i + 1;
	double most = 0, sum = 0;
	/* The stretch of at most PHRASE_WORDS words that moved most. */
	for (uint32_t from = i, to = i; from < end; sum -= words->v[from++].nats) {
		for (; to < end && to < from + PHRASE_WORDS; to++)
			sum += words->v[to].nats;
		if (size_of((float)sum) > most) {
			most = size_of((float)sum);
			best = from;
			best_end = to;
		}
	}
	*at = best_end;
	float carries = (float)most / 10 > noise ? (float)most / 10 : noise;
	while (best_end > best + 1 && size_of(words->v[best_end - 1].nats) <= carries)
		best_end--;
	while (best + 1 < best_end && size_of(words->v[best].nats) <= carries)
		best++;
	widen(words, noise, first, &best, &best_end);
	*ret = (struct explain_phrase){ .from = words->v[best].from, .to = words->v[best_end - 1].to, .url = words->v[best].url };
	for (uint32_t k = best; k < best_end; k++)
		ret->nats += words->v[k].nats;
	/* "[list] matter", not "list] matter". */
	struct span text = buf_span(&words->view->text);
	if (ret->from > 0 && text.p[ret->from - 1] == '[' && span_find_byte(span_first(text, ret->to + 1), ']', ret->from) != SPAN_NPOS) {
		ret->from--;
		ret->to += text.p[ret->to] == ']';
	}
	return true;
}

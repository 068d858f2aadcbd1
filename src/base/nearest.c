/* base/nearest.c - see nearest.h */
#include "base/nearest.h"
#include "base/ascii.h"

enum { WORD_MAX = 40 };

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Levenshtein's distance; a swap of neighbours counts as one edit (optimal string alignment). Words are at most WORD_MAX long. */
static unsigned distance(struct span a, struct span b)
{
	unsigned rows[3][WORD_MAX + 1];
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *now = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool same = ascii_lower(a.p[i - 1]) == ascii_lower(b.p[j - 1]);
			now[j] = least(least(up[j], now[j - 1]) + 1, up[j - 1] + !same);
			if (i > 1 && j > 1 && ascii_lower(a.p[i - 1]) == ascii_lower(b.p[j - 2]) &&
			    ascii_lower(a.p[i - 2]) == ascii_lower(b.p[j - 1]))
				now[j] = least(now[j], up2[j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

const char *nearest_word(struct span word, const char *const *first, size_t stride, size_t n)
{
	if (word.n == 0 || word.n > WORD_MAX)
		return NULL;
	unsigned best = least(2, (unsigned)(word.n + 2) / 3) + 1;
	const char *found = NULL;
	for (size_t i = 0; i < n; i++) {
		const char *candidate = *(const char *const *)(const void *)((const char *)first + i * stride);
		struct span c = span_cstr(candidate);
		if (c.n > WORD_MAX)
			continue;
		unsigned d = distance(word, c);
		if (d < best) {
			best = d;
			found = candidate;
		}
	}
	return found;
}

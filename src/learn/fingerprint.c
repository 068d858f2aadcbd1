/* learn/fingerprint.c - see fingerprint.h */
#include "learn/fingerprint.h"
#include "base/ascii.h"
#include "learn/delivered.h"

#define XXH_STATIC_LINKING_ONLY /* for the state on the stack */
#include <xxhash.h>

static void put(XXH3_state_t *state, struct span s)
{
	if (s.n)
		XXH3_128bits_update(state, s.p, s.n);
}

static void put_lower(XXH3_state_t *state, struct span s)
{
	uint8_t lower[256];
	while (s.n) {
		size_t n = s.n < sizeof lower ? s.n : sizeof lower;
		for (size_t i = 0; i < n; i++)
			lower[i] = ascii_lower(s.p[i]);
		put(state, span_of(lower, n));
		s = span_skip(s, n);
	}
}

static void put_without_cr(XXH3_state_t *state, struct span s)
{
	while (s.n) {
		const uint8_t *cr = memchr(s.p, '\r', s.n);
		size_t n = cr ? (size_t)(cr - s.p) : s.n;
		put(state, span_first(s, n));
		s = span_skip(s, cr ? n + 1 : n);
	}
}

/* Writers of mailboxes put a > before "From " at the beginning of a line, and before ">From " (mboxrd): it counts nowhere. */
static void put_body(XXH3_state_t *state, struct span body)
{
	size_t done = 0, from = 0;
	while ((from = span_find(body, SPAN("From "), from)) != SPAN_NPOS) {
		size_t quotes = from;
		while (quotes > done && body.p[quotes - 1] == '>')
			quotes--;
		if (quotes < from && (quotes == 0 || body.p[quotes - 1] == '\n')) {
			put_without_cr(state, span_slice(body, done, quotes));
			done = from;
		}
		from += 5;
	}
	put_without_cr(state, span_skip(body, done));
}

void fingerprint_take(const struct message *message, struct fingerprint *ret)
{
	const struct headers *headers = message_headers(message);
	struct delivered every_received = { .all_own = true };
	struct span body = message_root(message)->raw_body;
	XXH3_state_t state;
	XXH128_canonical_t canonical;
	XXH3_128bits_reset(&state);
	for (uint32_t i = 0; i < headers->list.n; i++) {
		const struct header *field = &headers->list.v[i];
		if (delivered_field(&every_received, field) || delivered_opaque(field))
			continue;
		put_lower(&state, field->name);
		put(&state, SPAN(":"));
		put_without_cr(&state, span_trim(field->value));
		put(&state, SPAN("\n"));
	}
	put(&state, SPAN("\n"));
	while (body.n && (body.p[body.n - 1] == '\n' || body.p[body.n - 1] == '\r'))
		body.n--;
	put_body(&state, body);
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
	memcpy(ret->b, canonical.digest, sizeof ret->b);
}

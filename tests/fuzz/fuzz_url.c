/* URLs: whatever parses must serialise to itself when parsed again, and its pieces must lie in it. */
#include "message/url.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void must_be_inside(struct span whole, struct span piece)
{
	if (piece.n && !span_within(whole, piece))
		abort();
}

static void check(const struct url *url, struct arena *arena)
{
	struct url again;
	const struct span pieces[] = { url->scheme, url->username, url->password, url->host, url->path, url->query, url->fragment };
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		must_be_inside(url->href, pieces[i]);
	must_be_inside(url->host, url_registrable(url->host));
	must_be_inside(url->host, url_registrable_icann(url->host));
	url_domain_to_unicode(url->host, arena);
	url_percent_decode(url->path, arena);
	if (url->host_kind == URL_HOST_DOMAIN && url_parse(url->href, NULL, arena, &again) == 0 && !span_eq(again.host, url->host))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	static bool ready;
	struct span input = span_of(data, size), first = input, rest;
	struct url url, base;
	if (!ready)
		arena_init(&arena);
	ready = true;
	arena_reset(&arena);
	if (url_parse(input, NULL, &arena, &url) == 0)
		check(&url, &arena);
	/* Two lines: a base and a relative URL. */
	rest = input;
	span_split(&rest, '\n', &first);
	if (rest.p && url_parse(first, NULL, &arena, &base) == 0 && url_parse(rest, &base, &arena, &url) == 0)
		check(&url, &arena);
	return 0;
}

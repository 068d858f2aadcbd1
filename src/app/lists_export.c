/* app/lists_export.c - `postern lists export`: what all lists together decide, for postscreen, nftables, another postern, or programs. */
#include "app/lists.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json_out.h"
#include "facts/address_export.h"

#include <stdio.h>

struct export
{
	const struct format *format;
	const struct address_listing *listing; /* of the range that is written */
	struct arena arena;                    /* of one range */
	int64_t now;
};

struct format {
	const char *name;
	void (*begin)(void);
	bool (*range)(void *context, const struct address_range *range);
};

static struct span net_text(const struct ip_net *net, struct arena *arena)
{
	char text[IP_TEXT_MAX];
	ip_format(&net->ip, text);
	return net->bits == 128 ? arena_printf(arena, "%s", text)
				: arena_printf(arena, "%s/%u", text, net->bits - (ip_is_v4(&net->ip) && net->bits >= 96 ? 96 : 0));
}

/* --- plain, which `lists build` reads again; postscreen: cidr_table(5) for postscreen_access_list --- */

static void plain_network(void *context, const struct ip_net *net)
{
	struct export *e = context;
	printf("%.*s %.*s\n", SPAN_ARG(net_text(net, &e->arena)), SPAN_ARG(e->listing->class.name));
}

static void postscreen_network(void *context, const struct ip_net *net)
{
	struct export *e = context;
	printf("%.*s %s\n", SPAN_ARG(net_text(net, &e->arena)), e->listing->action == ADDRESS_ALLOW ? "permit" : "reject");
}

static bool each_network(struct export *e, const struct address_range *range, void (*put)(void *, const struct ip_net *))
{
	e->listing = range->listing;
	address_export_networks(range, put, e);
	arena_reset(&e->arena);
	return true;
}

static bool plain_range(void *context, const struct address_range *range) { return each_network(context, range, plain_network); }
static bool postscreen_range(void *context, const struct address_range *range) { return each_network(context, range, postscreen_network); }

/* --- JSON --- */

static void json_network(void *context, const struct ip_net *net)
{
	struct export *e = context;
	struct buf out;
	struct json_out j;
	buf_init(&out, &e->arena, LIMIT_REPORT_BYTES);
	json_init(&j, &out);
	json_object(&j, NULL);
	json_text(&j, "network", net_text(net, &e->arena));
	json_cstr(&j, "action", e->listing->action == ADDRESS_ALLOW ? "allow" : "block");
	json_text(&j, "class", e->listing->class.name);
	json_text(&j, "note", e->listing->class.text);
	if (e->listing->entry.expires != CLOCK_NONE)
		json_int(&j, "expires", e->listing->entry.expires);
	json_close(&j);
	printf("%.*s\n", SPAN_ARG(buf_span(&out)));
}

static bool json_range(void *context, const struct address_range *range) { return each_network(context, range, json_network); }

/* --- nftables: sets that the operator's own rules name; loaded by `nft -f`, all of it or nothing --- */

static const struct {
	const char *name, *type;
	enum address_action action;
	bool v4;
} nft_sets[] = {
	{ "block4", "ipv4_addr", ADDRESS_BLOCK, true },
	{ "block6", "ipv6_addr", ADDRESS_BLOCK, false },
	{ "allow4", "ipv4_addr", ADDRESS_ALLOW, true },
	{ "allow6", "ipv6_addr", ADDRESS_ALLOW, false },
};
enum { NFT_SETS = sizeof nft_sets / sizeof *nft_sets };

static void nft_begin(void)
{
	printf("table inet postern {\n");
	for (unsigned i = 0; i < NFT_SETS; i++)
		printf("\tset %s { type %s; flags interval, timeout; }\n", nft_sets[i].name, nft_sets[i].type);
	printf("}\n");
	for (unsigned i = 0; i < NFT_SETS; i++)
		printf("flush set inet postern %s\n", nft_sets[i].name);
}

static bool nft_range(void *context, const struct address_range *range)
{
	struct export *e = context;
	char first[IP_TEXT_MAX], last[IP_TEXT_MAX];
	unsigned set = 0;
	while (nft_sets[set].action != range->listing->action || nft_sets[set].v4 != ip_is_v4(&range->first))
		set++;
	ip_format(&range->first, first);
	ip_format(&range->last, last);
	printf("add element inet postern %s { %s%s%s", nft_sets[set].name, first, ip_eq(&range->first, &range->last) ? "" : "-",
	       ip_eq(&range->first, &range->last) ? "" : last);
	if (range->listing->entry.expires != CLOCK_NONE)
		printf(" timeout %llds", (long long)(range->listing->entry.expires - e->now));
	printf(" }\n");
	return true;
}

/* --- all --- */

static void nothing(void) {}

static const struct format formats[] = {
	{ "plain", nothing, plain_range },
	{ "postscreen", nothing, postscreen_range },
	{ "nftables", nft_begin, nft_range },
	{ "json", nothing, json_range },
};

static const struct format *find_format(const struct options *o)
{
	const char *name = o->lists_command.format ? o->lists_command.format : o->json ? "json" : "plain";
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	fprintf(stderr, "postern: lists export writes the formats plain, postscreen, nftables and json, not \"%s\"\n", name);
	return NULL;
}

enum exit_status lists_export(struct options *o, char **arguments, size_t n)
{
	struct export e = { .format = find_format(o) };
	struct lists lists;
	if (n)
		fprintf(stderr, "postern: lists export takes no arguments, not \"%s\"\n", arguments[0]);
	if (n || !e.format || !lists_open(o, ADDRESS_LIVE_READ, &lists))
		return EXIT_TROUBLE;
	e.now = lists.now;
	arena_init(&e.arena);
	e.format->begin();
	address_export_each(&lists.lists, lists.now, e.format->range, &e);
	arena_release(&e.arena);
	lists_close(&lists);
	if (fflush(stdout) == 0)
		return EXIT_CLEAN;
	perror("postern: lists export");
	return EXIT_TROUBLE;
}

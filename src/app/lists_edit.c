/* app/lists_edit.c - `postern lists add|remove|look`: puts an address or a network on the live set, takes it off all lists, says what they
 * hold. */
#include "app/lists.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json_out.h"
#include "facts/address_text.h"
#include "report/style.h"

#include <stdio.h>

enum { NET_TEXT_MAX = IP_TEXT_MAX + 5 };

bool lists_parse_duration(struct span text, int64_t *ret)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	int64_t by = 1;
	uint64_t n;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text.n && text.p[text.n - 1] == units[i].unit) {
			by = units[i].seconds;
			text = span_first(text, text.n - 1);
			break;
		}
	if (!span_to_uint(text, 1000000000, &n) || n == 0)
		return false;
	*ret = (int64_t)n * by;
	return true;
}

static void format_net(const struct ip_net *net, char text[NET_TEXT_MAX])
{
	size_t n = ip_format(&net->ip, text);
	if (net->bits < 128)
		snprintf(text + n, NET_TEXT_MAX - n, "/%u", net->bits - (net->bits >= 96 && ip_is_v4(&net->ip) ? 96 : 0));
}

/* A network of the command line; false: that was said. */
static bool read_net(const char *argument, struct ip_net *ret)
{
	if (ip_net_parse(span_cstr(argument), ret) && !ret->exclude) {
		for (unsigned bit = ret->bits; bit < 128; bit++)
			ret->ip.b[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
		return true;
	}
	fprintf(stderr, "postern: \"%s\" is no address and no network; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32\n", argument);
	return false;
}

/* --- add, remove --- */

static bool new_entry(const struct options *o, int64_t now, struct address_live_entry *ret)
{
	const char *class = o->lists_command.class ? o->lists_command.class : "block", *note = o->lists_command.note;
	*ret = (struct address_live_entry){ .since = now, .expires = CLOCK_NONE };
	if (o->lists_command.seconds)
		ret->expires = now + o->lists_command.seconds;
	snprintf(ret->class, sizeof ret->class, "%s", class);
	snprintf(ret->note, sizeof ret->note, "%s", note ? note : "");
	return true;
}

static bool put(struct lists *lists, const struct address_live_entry *entry)
{
	switch (address_live_put(lists->live, entry, lists->now)) {
	case 0: return true;
	case ERR_LIMIT:
		fprintf(stderr,
			"postern: the live set is full of entries that never expire; put them into a file with `postern lists build`\n");
		return false;
	default: fprintf(stderr, "postern: the live set cannot be locked\n"); return false;
	}
}

enum exit_status lists_add(struct options *o, char **arguments, size_t n)
{
	struct lists lists;
	struct address_live_entry entry;
	bool good = n > 0;
	if (!good)
		fprintf(stderr, "postern: lists add needs an address or a network\n");
	if (!good || !lists_open(o, ADDRESS_LIVE_WRITE, &lists))
		return EXIT_TROUBLE;
	new_entry(o, lists.now, &entry);
	for (size_t i = 0; i < n && good; i++) {
		struct address_live_entry old;
		good = read_net(arguments[i], &entry.net);
		if (good && address_live_get(lists.live, &entry.net, &old))
			entry.hits = old.hits;
		good = good && put(&lists, &entry);
	}
	lists_close(&lists);
	return good ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* 1: it was listed, and is not any more; 0: it was not; -1: said. */
static int take_off(const struct options *o, struct lists *lists, const struct ip_net *net)
{
	struct address_listing listing;
	struct address_live_entry entry;
	bool dropped = address_live_drop(lists->live, net) == 0;
	if (!address_lists_find(&lists->lists, &net->ip, lists->now, &listing))
		return dropped;
	new_entry(o, lists->now, &entry);
	snprintf(entry.class, sizeof entry.class, "none");
	entry.net = *net;
	entry.net.exclude = true;
	return put(lists, &entry) ? 1 : -1;
}

enum exit_status lists_remove(struct options *o, char **arguments, size_t n)
{
	struct lists lists;
	struct ip_net net;
	int worst = 1;
	if (!n)
		fprintf(stderr, "postern: lists remove needs an address or a network\n");
	if (!n || !lists_open(o, ADDRESS_LIVE_WRITE, &lists))
		return EXIT_TROUBLE;
	for (size_t i = 0; i < n && worst >= 0; i++) {
		int done = read_net(arguments[i], &net) ? take_off(o, &lists, &net) : -1;
		if (done == 0)
			fprintf(stderr, "postern: %s was not listed\n", arguments[i]);
		worst = done < worst ? done : worst;
	}
	lists_close(&lists);
	return worst > 0 ? EXIT_CLEAN : worst == 0 ? EXIT_FOUND : EXIT_TROUBLE;
}

/* --- look --- */

static const char *const actions[] = { [ADDRESS_BLOCK] = "block", [ADDRESS_ALLOW] = "allow" };

static void say_json(const char *asked, const struct address_listing *l, struct buf *out)
{
	struct json_out j;
	char net[NET_TEXT_MAX];
	json_init(&j, out);
	json_object(&j, NULL);
	json_cstr(&j, "address", asked);
	json_bool(&j, "listed", l != NULL);
	if (l) {
		format_net(&l->net, net);
		json_cstr(&j, "action", actions[l->action]);
		json_text(&j, "list", l->list ? l->list->name : SPAN("live"));
		json_cstr(&j, "network", net);
		json_text(&j, "class", l->class.name);
		json_text(&j, "note", l->class.text);
		if (!l->list)
			json_milli(&j, "hits", l->entry.hits); /* gate/hits.h: they fade */
		if (l->entry.since != CLOCK_NONE)
			json_int(&j, "since", l->entry.since);
		if (l->entry.expires != CLOCK_NONE)
			json_int(&j, "expires", l->entry.expires);
	}
	json_close(&j);
	buf_byte(out, '\n');
}

static void say_text(const char *asked, const struct address_listing *l, struct arena *arena, struct buf *out)
{
	char net[NET_TEXT_MAX], time[CLOCK_TEXT_MAX];
	if (!l) {
		buf_printf(out, "%s: not listed\n", asked);
		return;
	}
	format_net(&l->net, net);
	struct span list = l->list ? l->list->name : SPAN("the live set");
	buf_printf(out, "%s: %s, as %s of class %.*s in %.*s", asked, actions[l->action], net, SPAN_ARG(style_safe(l->class.name, arena)),
		   SPAN_ARG(list));
	if (l->entry.since != CLOCK_NONE && clock_format(l->entry.since, time))
		buf_printf(out, ", since %s", time);
	if (l->entry.expires != CLOCK_NONE && clock_format(l->entry.expires, time))
		buf_printf(out, ", until %s", time);
	if (l->class.text.n)
		buf_printf(out, ": %.*s", SPAN_ARG(style_safe(l->class.text, arena)));
	buf_byte(out, '\n');
}

enum exit_status lists_look(struct options *o, char **arguments, size_t n)
{
	struct lists lists;
	enum exit_status status = EXIT_FOUND;
	if (!n)
		fprintf(stderr, "postern: lists look needs an address\n");
	if (!n || !lists_open(o, ADDRESS_LIVE_READ, &lists))
		return EXIT_TROUBLE;
	for (size_t i = 0; i < n && status != EXIT_TROUBLE; i++) {
		struct address_listing listing, *found;
		struct buf out;
		struct ip ip;
		if (!ip_parse(span_cstr(arguments[i]), &ip)) {
			fprintf(stderr, "postern: \"%s\" is no address; write 192.0.2.7 or 2001:db8::7\n", arguments[i]);
			status = EXIT_TROUBLE;
			break;
		}
		found = address_lists_find(&lists.lists, &ip, lists.now, &listing) ? &listing : NULL;
		if (found)
			status = EXIT_CLEAN;
		buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
		if (o->json)
			say_json(arguments[i], found, &out);
		else
			say_text(arguments[i], found, &o->arena, &out);
		fwrite(out.p, 1, out.n, stdout);
	}
	lists_close(&lists);
	return status;
}

/* facts/address_export.c - see address_export.h
 *
 * What is decided changes only where an entry begins or ends: at each of these places the lists are asked, and neighbours of whom they say
 * the same are joined. */
#include "facts/address_export.h"
#include "base/clock.h"
#include "facts/address_column.h"

struct places {
	struct address_column v[2]; /* IPv6, IPv4 */
	int64_t now;
};

static bool add_place(void *context, const struct ip_net *net, uint16_t class)
{
	struct places *places = context;
	bool v4 = net->bits >= 96 && ip_is_v4(&net->ip);
	unsigned bits = net->bits - (v4 ? 96u : 0);
	struct address_item item = { .key = address_key_of(&net->ip, v4) & address_mask(bits), .bits = 128 };
	(void)class;
	address_column_push(&places->v[v4], &item);
	item.key += bits ? (address_key)1 << (128 - bits) : 0;
	address_column_push(&places->v[v4], &item); /* behind the last address of all is the first one, which is asked anyway */
	return true;
}

static bool add_live_place(void *context, const struct address_live_entry *entry)
{
	const struct places *places = context;
	return entry->expires != CLOCK_NONE && entry->expires <= places->now ? true : add_place(context, &entry->net, 0);
}

static bool same(const struct address_listing *a, const struct address_listing *b)
{
	return a->action == b->action && a->list == b->list && a->entry.expires == b->entry.expires &&
	       span_eq(a->class.name, b->class.name) && span_eq(a->class.text, b->class.text);
}

struct walk {
	struct address_listing listings[2]; /* of the range, and of the place that is looked at: texts of the live set lie within */
	unsigned of_range;
	bool open;
	struct address_range range;
	bool (*visit)(void *context, const struct address_range *range);
	void *context;
};

static bool close_range(struct walk *w, address_key next, bool v4)
{
	if (!w->open)
		return true;
	w->open = false;
	w->range.last = address_key_ip(next - 1, v4);
	w->range.listing = &w->listings[w->of_range];
	return w->visit(w->context, &w->range);
}

static bool walk_family(struct walk *w, const struct address_lists *lists, int64_t now, const struct address_column *places, bool v4)
{
	for (uint64_t i = 0; i < places->n; i++) {
		address_key key = address_column_get(places, i).key;
		struct ip ip = address_key_ip(key, v4);
		unsigned other = !w->of_range;
		bool found = address_lists_find(lists, &ip, now, &w->listings[other]);
		if (found && w->open && same(&w->listings[w->of_range], &w->listings[other]))
			continue;
		if (!close_range(w, key, v4))
			return false;
		if (found) {
			w->open = true;
			w->of_range = other;
			w->range.first = ip;
		}
	}
	return close_range(w, 0, v4);
}

bool address_export_each(const struct address_lists *lists, int64_t now, bool (*visit)(void *context, const struct address_range *range),
			 void *context)
{
	struct places places = { .v[true].v4 = true, .now = now };
	struct walk walk = { .visit = visit, .context = context };
	bool whole = true;
	for (size_t i = 0; i < lists->n; i++)
		address_set_each(lists->v[i].set, add_place, &places);
	if (lists->live)
		address_live_each(lists->live, add_live_place, &places);
	for (int v4 = 1; v4 >= 0; v4--) {
		address_column_sort(&places.v[v4]);
		whole = whole && walk_family(&walk, lists, now, &places.v[v4], v4);
		address_column_free(&places.v[v4]);
	}
	return whole;
}

void address_export_networks(const struct address_range *range, void (*visit)(void *context, const struct ip_net *net), void *context)
{
	bool v4 = ip_is_v4(&range->first);
	address_key first = address_key_of(&range->first, v4), last = address_key_of(&range->last, v4) | address_low_mask(v4 ? 96 : 0), end;
	do {
		unsigned bits = address_key_widest(first, last, v4);
		struct ip_net net = { address_key_ip(first, v4), (uint8_t)(bits + (v4 ? 96 : 0)), false };
		end = first | address_low_mask(128 - bits);
		visit(context, &net);
		first = end + 1;
	} while (end != last);
}

/* check/listed_keys.c - see listed_keys.h */
#include "check/listed_keys.h"
#include "base/ascii.h"

enum { SITES_HOSTS = 4, SITES_ADDRESSES = 4, RELAYS_LOOKED_AT = 12 };

struct gathering {
	const struct check_view *view;
	const struct list_declaration *list;
	const struct answers *answers;
	struct questions *questions;
	struct listed_keys *keys;
	int ask;
};

static void add(struct gathering *g, struct span text, struct question question, struct place at)
{
	struct listed_keys *keys = g->keys;
	for (uint32_t i = 0; i < keys->n; i++)
		if (span_ieq(keys->v[i].question.name, question.name))
			return;
	if (keys->n < g->list->per_message)
		keys->v[keys->n++] = (struct listed_key){ g->ask, text, question, at };
	else
		keys->more = true;
}

static void add_address(struct gathering *g, const struct ip *ip, struct place at)
{
	char text[IP_TEXT_MAX];
	struct question question;
	if (!ip_is_private(ip) && list_ask_address(g->list, ip, g->view->arena, &question))
		add(g, arena_dup(g->view->arena, span_of(text, ip_format(ip, text))), question, at);
}

static void add_text(struct gathering *g, struct span text, struct place at)
{
	struct question question;
	if (text.n && list_ask_text(g->list, text, g->view->arena, &question))
		add(g, text, question, at);
}

/* A name that the DNS at large can know, not one's own. */
static void add_domain(struct gathering *g, struct span domain, struct place at)
{
	if (domain.n && url_registrable(domain).n && !check_is_own(&g->view->own, domain))
		add_text(g, domain, at);
}

static struct place hop_place(const struct gathering *g, const struct hop *hop)
{
	return hop->header ? header_place(g->view->message->raw, hop->header) : (struct place){ 0 };
}

static void gather_client(struct gathering *g)
{
	const struct hop *hop = g->view->sender.client;
	if (hop->received.has_ip && hop->source != HOP_ORIGINATING_IP)
		add_address(g, &hop->received.ip, hop_place(g, hop));
}

static void gather_relays(struct gathering *g)
{
	const struct path *path = g->view->path;
	for (uint32_t i = path->boundary + 1; i < path->hops.n && i <= path->boundary + RELAYS_LOOKED_AT; i++)
		if (path->hops.v[i].verdict != HOP_FALSE && path->hops.v[i].received.has_ip)
			add_address(g, &path->hops.v[i].received.ip, hop_place(g, &path->hops.v[i]));
}

static void gather_client_name(struct gathering *g) { add_domain(g, g->view->sender.client_name, hop_place(g, g->view->sender.client)); }

static void gather_helo(struct gathering *g) { add_domain(g, g->view->sender.client->received.helo, hop_place(g, g->view->sender.client)); }

static void gather_from(struct gathering *g)
{
	if (g->view->sender.from)
		add_domain(g, g->view->sender.from_org, g->view->sender.from->at);
}

static void gather_reply_to(struct gathering *g)
{
	const struct addresses *list = &g->view->content->reply_to;
	for (uint32_t i = 0; i < list->list.n && i < LIST_PER_MESSAGE_MOST; i++)
		add_domain(g, sender_org(list->list.v[i].domain), list->list.v[i].at);
}

static void gather_mail_from(struct gathering *g) { add_domain(g, g->view->sender.envelope_org, (struct place){ 0 }); }

static void gather_mail_addresses(struct gathering *g)
{
	const struct addresses *fields[] = { &g->view->content->from, &g->view->content->reply_to };
	for (int which = 0; which < 2; which++)
		for (uint32_t i = 0; i < fields[which]->list.n && i < LIST_PER_MESSAGE_MOST; i++) {
			const struct address *address = &fields[which]->list.v[i];
			if (!address->domain.n || check_is_own(&g->view->own, address->domain))
				continue;
			struct span spec = arena_dup(g->view->arena, address->spec);
			for (size_t k = 0; k < spec.n; k++)
				((uint8_t *)spec.p)[k] = ascii_lower(spec.p[k]);
			add_text(g, spec, address->at);
		}
}

/* What a reader may click first, what is only loaded behind it. */
static void each_link(struct gathering *g, void (*take)(struct gathering *, const struct link *))
{
	const struct links *links = &g->view->content->links;
	for (int clicked = 1; clicked >= 0; clicked--)
		for (uint32_t i = 0; i < links->list.n && !g->keys->more; i++)
			if (link_has_host(&links->list.v[i]) && link_is_clicked(&links->list.v[i]) == clicked)
				take(g, &links->list.v[i]);
}

static void take_domain(struct gathering *g, const struct link *link) { add_domain(g, link->domain, link->at); }

static void take_host(struct gathering *g, const struct link *link)
{
	if (link->url.host_kind == URL_HOST_DOMAIN)
		add_domain(g, link->url.host, link->at);
}

static void take_number(struct gathering *g, const struct link *link)
{
	if (link->url.host_kind == URL_HOST_IPV4 || link->url.host_kind == URL_HOST_IPV6)
		add_address(g, &link->url.ip, link->at);
}

static void take_url(struct gathering *g, const struct link *link)
{
	struct span href = link->url.href;
	add_text(g, span_first(href, span_find_byte(href, '#', 0)), link->at);
}

static void gather_link_domains(struct gathering *g) { each_link(g, take_domain); }
static void gather_link_hosts(struct gathering *g) { each_link(g, take_host); }
static void gather_link_addresses(struct gathering *g) { each_link(g, take_number); }
static void gather_urls(struct gathering *g) { each_link(g, take_url); }

/* The addresses of the first few hosts: a question of its own comes before. */
static void gather_sites(struct gathering *g)
{
	const struct links *links = &g->view->content->links;
	struct span seen[SITES_HOSTS];
	unsigned n = 0;
	for (uint32_t i = 0; i < links->list.n && n < SITES_HOSTS; i++) {
		const struct link *link = &links->list.v[i];
		unsigned k = 0;
		if (!link_is_clicked(link) || !link->domain.n || check_is_own(&g->view->own, link->domain))
			continue;
		while (k < n && !span_eq(seen[k], link->domain))
			k++;
		if (k < n)
			continue;
		seen[n++] = link->domain;
		const struct answer *a = question_ask(g->answers, g->questions, QUESTION_A, link->url.host);
		g->keys->waiting |= !a;
		struct ip ip;
		for (uint32_t r = 0; a && r < a->records.n && r < SITES_ADDRESSES; r++)
			if (ip_parse(a->records.v[r], &ip))
				add_address(g, &ip, link->at);
	}
}

void listed_keys_collect(const struct check_view *view, const struct list_declaration *list, const struct answers *answers,
			 struct questions *questions, struct listed_keys *ret)
{
	static const struct {
		void (*gather)(struct gathering *);
		bool of_client; /* only where a machine outside handed it over */
	} rows[LIST_ASKS] = {
		{ gather_client, true },      { gather_relays, true },
		{ gather_client_name, true }, { gather_helo, true },
		{ gather_from, false },       { gather_reply_to, false },
		{ gather_mail_from, false },  { gather_link_domains, false },
		{ gather_link_hosts, false }, { gather_link_addresses, false },
		{ gather_sites, false },      { gather_mail_addresses, false },
		{ gather_urls, false },
	};
	ret->n = 0;
	ret->more = ret->waiting = false;
	struct gathering g = { view, list, answers, questions, ret, 0 };
	for (g.ask = 0; g.ask < LIST_ASKS; g.ask++)
		if (list->asks >> g.ask & 1 && (view->sender.outside || !rows[g.ask].of_client))
			rows[g.ask].gather(&g);
}

/* check/flux.c - where the advertised site lives: on servers, or on the machines of people who know nothing of it.
 *
 * A fast-flux site answers with the addresses of hijacked machines on home lines, scattered over networks and soon replaced. Content
 * networks also give many addresses for a short time (Holz et al. 2008 separate the two by counting networks over two look-ups); what tells
 * them apart in one look-up is what the addresses are: names of access lines, entries in lists. Those who hide the site so often hide its
 * name servers in the same way, which no honest site does. The host of each of the first few domains that a reader may click is looked up,
 * IPv6 where it has no other address; only where the answer is short-lived and scattered are its addresses and name servers asked about.
 * A short life proves nothing by itself: content networks have it, and of an answer from a cache only the rest is told. Silent on honest
 * content networks (200 simulated ones in the test), on fixed lines, and on single home servers but for a little. */
#include "check/check.h"
#include "facts/host_name.h"
#include "facts/list.h"
#include "facts/network.h"

enum {
	SITES = 8,      /* domains whose host is looked up */
	SUSPECTS = 3,   /* of which addresses are asked about */
	ADDRESSES = 16, /* of one site, looked at */
	NAMED = 6,      /* whose names are asked for */
	SERVERS = 4,    /* name servers of a suspect, looked at */
	SHORT_LIVED = 3600,
	VERY_SHORT_LIVED = 600,
};

enum { STRONG, WEAK, NAME_SERVERS, SCATTERED, HOME };
static const struct evidence_def defs[] = {
	[STRONG] = { "flux.strong", GROUP_LINK, 3000, EVIDENCE_ASKED,
		     "It links to {1}, which is served from people's home lines in many networks: {2}",
		     "At least three access lines, half or more of what was looked at, in three networks or more, for an hour at most: no "
		     "honest site is hosted so; those that are belong to hijacked machines. Two suffice where the name servers live so as "
		     "well." },
	[WEAK] = { "flux.weak", GROUP_LINK, 1200, EVIDENCE_ASKED, "It links to {1}, which seems to be served from people's home lines: {2}",
		   "Two access lines of three addresses or more in two networks. A network of volunteers may look so." },
	[NAME_SERVERS] = { "flux.name_servers", GROUP_LINK, 1000, EVIDENCE_ASKED,
			   "It links to {1}, whose name servers are on people's home lines: {2}",
			   "Two name servers or more in two networks, at least half of those looked at, on access lines, and a site of a "
			   "short "
			   "life. Some people run a name server at home; they have the second one elsewhere." },
	[SCATTERED] = { "flux.scattered", GROUP_LINK, 700, EVIDENCE_ASKED,
			"It links to {1}, whose addresses are scattered over many networks: {2}",
			"Five networks or more, for ten minutes, most addresses and most name servers without a name or within the same "
			"addresses. Some honest sites spread so over many providers, but name their machines, or at least their name "
			"servers." },
	[HOME] = { "flux.home", GROUP_LINK, 600, EVIDENCE_ASKED, "It links to {1}, which is served from {2}",
		   "A dial-up or pool line by its name. Home servers of honest people exist; those who advertise by mail seldom use "
		   "them." },
};

/* What one look-up and the names of its addresses tell about a site. */
struct site {
	const struct link *link;
	const struct answer *a;
	struct ip ip[ADDRESSES];
	unsigned n, nets;      /* addresses; distinct /16 networks */
	unsigned systems;      /* distinct AS, 0 when not known */
	unsigned looked, home; /* names asked for; those of access lines, or listed */
	unsigned nameless, failed;
	struct span example; /* a name of an access line */
	struct {
		unsigned n, nets;              /* with an address; distinct networks */
		unsigned looked, home, hidden; /* names known; of access lines; without a name, or at an address of the site */
		struct span example;           /* a name of an access line */
	} servers;
};

struct survey {
	const struct check_view *view;
	const struct answers *answers;
	struct questions *questions;
	struct site sites[SITES];
	unsigned n;
	bool waiting;
};

static const struct answer *ask(struct survey *s, enum question_type type, struct span name)
{
	const struct answer *answer = question_ask(s->answers, s->questions, type, name);
	s->waiting |= !answer;
	return answer;
}

static bool known(const struct survey *s, struct span domain)
{
	for (unsigned i = 0; i < s->n; i++)
		if (span_eq(s->sites[i].link->domain, domain))
			return true;
	return false;
}

static void find_sites(struct survey *s)
{
	const struct links *links = &s->view->content->links;
	for (uint32_t i = 0; i < links->list.n && s->n < SITES; i++) {
		const struct link *link = &links->list.v[i];
		if (link_is_clicked(link) && link->url.host_kind == URL_HOST_DOMAIN && link->domain.n && !known(s, link->domain) &&
		    !check_is_own(&s->view->own, link->domain))
			s->sites[s->n++] = (struct site){ .link = link };
	}
}

/* Does one of them lie in the same network: /16, or /32, which is what providers get? */
static bool in_networks(const struct ip *ips, unsigned n, const struct ip *ip)
{
	size_t from = ip_is_v4(ip) ? 12 : 0, bytes = ip_is_v4(ip) ? 2 : 4;
	for (unsigned i = 0; i < n; i++)
		if (ip_is_v4(&ips[i]) == ip_is_v4(ip) && memcmp(ips[i].b + from, ip->b + from, bytes) == 0)
			return true;
	return false;
}

static void read_addresses(struct site *site)
{
	for (uint32_t i = 0; i < site->a->records.n && site->n < ADDRESSES; i++) {
		struct ip *ip = &site->ip[site->n];
		if (!ip_parse(site->a->records.v[i], ip) || ip_is_private(ip))
			continue;
		site->nets += !in_networks(site->ip, site->n, ip);
		site->n++;
	}
}

static bool scattered(const struct site *site) { return site->n >= 3 && site->nets >= 2 && site->a->ttl <= SHORT_LIVED; }
static bool perhaps_home(const struct site *site) { return site->n > 0 && site->n <= 2 && site->a->ttl <= VERY_SHORT_LIVED; }

/* In how many networks of operators do the addresses lie? 0 unless all are known. */
static void count_systems(struct survey *s, struct site *site)
{
	uint32_t as[ADDRESSES];
	char text[IP_TEXT_MAX];
	bool all = true;
	for (unsigned i = 0; i < site->n; i++) {
		struct span name = arena_dup(s->view->arena, span_of(text, ip_format(&site->ip[i], text)));
		const struct answer *answer = ask(s, QUESTION_NETWORK, name);
		struct network_entry entry = { 0 };
		all &=
		    answer && answer->status == ANSWER_OK && answer->records.n && network_record(answer->records.v[0], &entry) && entry.as;
		as[i] = entry.as;
	}
	for (unsigned i = 0; all && i < site->n; i++) {
		unsigned k = 0;
		while (k < i && as[k] != as[i])
			k++;
		site->systems += k == i;
	}
}

/* Is it in a list that may be asked about sites? Their questions are put by the check `listed`, only its answers are looked at. */
static bool is_listed(const struct survey *s, const struct ip *ip)
{
	const struct check_settings *settings = s->view->settings;
	for (size_t i = 0; i < settings->n_lists; i++) {
		const struct list_declaration *list = &settings->lists[i];
		const struct list_code *code;
		struct question question;
		struct span entry;
		if (!(list->asks & LIST_SITES) || !list_ask_address(list, ip, s->view->arena, &question))
			continue;
		const struct answer *answer = answers_find(s->answers, question.type, question.name);
		if (answer && list_read(list, answer, s->view->arena, &code, &entry) == LIST_SAYS_LISTED && code->weight > 0)
			return true;
	}
	return false;
}

static bool is_home(struct span name, const struct ip *ip)
{
	struct host_address spelled;
	enum host_class class = host_name_class(name);
	return class == HOST_DYNAMIC || (class == HOST_RESIDENTIAL && host_name_spells(name, ip, &spelled));
}

static void look_at_names(struct survey *s, struct site *site)
{
	for (unsigned i = 0; i < site->n && i < NAMED; i++) {
		const struct answer *ptr = ask(s, QUESTION_PTR, question_ptr_name(&site->ip[i], s->view->arena));
		if (!ptr)
			continue;
		bool listed = is_listed(s, &site->ip[i]), named = ptr->status == ANSWER_OK && ptr->records.n;
		site->failed += answer_failed(ptr);
		if (answer_failed(ptr) && !listed)
			continue;
		site->looked++;
		site->nameless += !named;
		bool home = named && is_home(ptr->records.v[0], &site->ip[i]);
		if (home && !site->example.n)
			site->example = ptr->records.v[0];
		site->home += home || listed;
	}
}

/* The first address of a name server; false: not known. */
static bool server_address(struct survey *s, struct span host, struct ip *ret)
{
	const struct answer *a = ask(s, QUESTION_A, host);
	if (a && a->status == ANSWER_NODATA)
		a = ask(s, QUESTION_AAAA, host);
	return a && a->status == ANSWER_OK && a->records.n && ip_parse(a->records.v[0], ret) && !ip_is_private(ret);
}

/* Where do those live who say where the site lives? */
static void look_at_servers(struct survey *s, struct site *site)
{
	const struct answer *servers = ask(s, QUESTION_NS, site->link->domain);
	struct ip ip[SERVERS];
	if (!servers || servers->status != ANSWER_OK)
		return;
	for (uint32_t i = 0; i < servers->records.n && i < SERVERS; i++) {
		struct ip *one = &ip[site->servers.n];
		if (!server_address(s, servers->records.v[i], one))
			continue;
		site->servers.nets += !in_networks(ip, site->servers.n, one);
		site->servers.n++;
		const struct answer *ptr = ask(s, QUESTION_PTR, question_ptr_name(one, s->view->arena));
		if (!ptr || answer_failed(ptr))
			continue;
		bool named = ptr->status == ANSWER_OK && ptr->records.n, home = named && is_home(ptr->records.v[0], one), inside = false;
		for (unsigned k = 0; k < site->n; k++)
			inside |= memcmp(&site->ip[k], one, sizeof *one) == 0;
		site->servers.looked++;
		site->servers.home += home;
		site->servers.hidden += !home && (!named || inside);
		if (home && !site->servers.example.n)
			site->servers.example = ptr->records.v[0];
	}
}

static unsigned spread(const struct site *site) { return site->systems ? site->systems : site->nets; }

static int judge(const struct site *site)
{
	bool half = site->looked && site->home * 2 >= site->looked;
	bool servers_home = site->servers.home >= 2 && site->servers.home * 2 >= site->servers.looked && site->servers.nets >= 2;
	bool servers_odd = site->servers.looked >= 2 && (site->servers.home + site->servers.hidden) * 2 > site->servers.looked;
	if (scattered(site) && half && site->home >= 3 && spread(site) >= 3)
		return STRONG;
	if (scattered(site) && half && site->home >= 2 && spread(site) >= 2 && servers_home)
		return STRONG;
	if (scattered(site) && half && site->home >= 2 && spread(site) >= 2)
		return WEAK;
	if (servers_home)
		return NAME_SERVERS;
	if (scattered(site) && spread(site) >= 5 && site->a->ttl <= VERY_SHORT_LIVED && site->nameless * 2 > site->looked && servers_odd)
		return SCATTERED;
	return perhaps_home(site) && site->home && site->example.n && host_name_class(site->example) == HOST_DYNAMIC ? HOME : -1;
}

static struct span told(const struct survey *s, const struct site *site, int kind)
{
	if (kind == HOME)
		return site->example;
	if (kind == NAME_SERVERS)
		return arena_printf(s->view->arena, "%u of the %u looked at, one of them %.*s", site->servers.home, site->servers.looked,
				    SPAN_ARG(site->servers.example));
	return arena_printf(s->view->arena, "%u addresses in %u networks%s%.*s", site->n, spread(site),
			    site->example.n ? ", one of them " : "", SPAN_ARG(site->example));
}

/* Puts all questions that are worth it. */
static void examine(struct survey *s)
{
	unsigned suspects = 0, homes = 0;
	find_sites(s);
	for (unsigned i = 0; i < s->n; i++)
		s->sites[i].a = ask(s, QUESTION_A, s->sites[i].link->url.host);
	for (unsigned i = 0; i < s->n; i++) {
		struct site *site = &s->sites[i];
		if (site->a && site->a->status == ANSWER_NODATA)
			site->a = ask(s, QUESTION_AAAA, site->link->url.host);
		if (!site->a || site->a->status != ANSWER_OK)
			continue;
		read_addresses(site);
		if (scattered(site) ? suspects++ < SUSPECTS : perhaps_home(site) && homes++ < SUSPECTS) {
			look_at_names(s, site);
			if (scattered(site))
				count_systems(s, site);
			if (scattered(site) || site->home)
				look_at_servers(s, site);
		}
	}
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	if (view->path->outgoing || !view->content->links.list.n)
		return CHECK_DONE;
	struct survey *s = arena_alloc(view->arena, sizeof *s); /* large: sites are made as they are found */
	s->view = view;
	s->answers = answers;
	s->questions = questions;
	s->n = 0;
	s->waiting = false;
	examine(s);
	if (s->waiting)
		return CHECK_MORE;
	for (unsigned i = 0; i < s->n; i++) {
		struct site *site = &s->sites[i];
		int kind = site->n ? judge(site) : -1;
		if (kind >= 0)
			evidence_at(evidence_add(set, &defs[kind], site->link->url.host, told(s, site, kind), span_none), site->link->at);
		else if (answer_failed(site->a) || (scattered(site) && site->failed > site->looked))
			check_unanswered(view, set, "flux", "What machines serve {1}", site->link->url.host, site->a, &defs[STRONG]);
	}
	return CHECK_DONE;
}

const struct check check_flux = {
	.name = "flux",
	.purpose = "Are the sites it links to, or their name servers, served from people's home lines?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};

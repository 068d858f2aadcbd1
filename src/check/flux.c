/* check/flux.c - where the advertised site lives: on servers, or on the machines of people who know nothing of it.
 *
 * A fast-flux site answers with the addresses of hijacked machines on home lines, scattered over networks and soon replaced. Content
 * networks also give many addresses for a short time (Holz et al. 2008 separate the two by counting networks over two look-ups); what tells
 * them apart in one look-up is what the addresses are: names of access lines, entries in lists. The host of each of the first few domains
 * that a reader may click is looked up; only where the answer is short-lived and scattered are its addresses asked about. Silent on honest
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
	SHORT_LIVED = 3600,
	VERY_SHORT_LIVED = 600,
};

enum { STRONG, WEAK, SCATTERED, HOME };
static const struct evidence_def defs[] = {
	[STRONG] = { "flux.strong", GROUP_LINK, 3000, EVIDENCE_ASKED,
		     "It links to {1}, which is served from people's home lines in many networks: {2}",
		     "At least three access lines, half or more of what was looked at, in three networks or more, for an hour at most: no "
		     "honest "
		     "site is hosted so; those that are belong to hijacked machines." },
	[WEAK] = { "flux.weak", GROUP_LINK, 1200, EVIDENCE_ASKED, "It links to {1}, which seems to be served from people's home lines: {2}",
		   "Two access lines of three addresses or more in two networks. A network of volunteers may look so." },
	[SCATTERED] = { "flux.scattered", GROUP_LINK, 700, EVIDENCE_ASKED,
			"It links to {1}, whose addresses are scattered over many networks: {2}",
			"Five networks or more, most addresses without a name, for ten minutes. Some honest sites spread so over many "
			"providers, but "
			"name their machines." },
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

static void read_addresses(struct site *site)
{
	for (uint32_t i = 0; i < site->a->records.n && site->n < ADDRESSES; i++) {
		struct ip *ip = &site->ip[site->n];
		if (!ip_parse(site->a->records.v[i], ip) || !ip_is_v4(ip) || ip_is_private(ip))
			continue;
		bool seen = false;
		for (unsigned k = 0; k < site->n && !seen; k++)
			seen = ip_v4(&site->ip[k]) >> 16 == ip_v4(ip) >> 16;
		site->nets += !seen;
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

static void look_at_names(struct survey *s, struct site *site)
{
	for (unsigned i = 0; i < site->n && i < NAMED; i++) {
		const struct answer *ptr = ask(s, QUESTION_PTR, question_ptr_name(&site->ip[i], s->view->arena));
		struct host_address spelled;
		if (!ptr)
			continue;
		bool listed = is_listed(s, &site->ip[i]), named = ptr->status == ANSWER_OK && ptr->records.n;
		site->failed += answer_failed(ptr);
		if (answer_failed(ptr) && !listed)
			continue;
		site->looked++;
		site->nameless += !named;
		enum host_class class = named ? host_name_class(ptr->records.v[0]) : HOST_UNKNOWN;
		bool home = (class == HOST_DYNAMIC || class == HOST_RESIDENTIAL) &&
			    (class == HOST_DYNAMIC || host_name_spells(ptr->records.v[0], &site->ip[i], &spelled));
		if (home && !site->example.n)
			site->example = ptr->records.v[0];
		site->home += home || listed;
	}
}

static unsigned spread(const struct site *site) { return site->systems ? site->systems : site->nets; }

static int judge(const struct site *site)
{
	bool half = site->looked && site->home * 2 >= site->looked;
	if (scattered(site) && half && site->home >= 3 && spread(site) >= 3)
		return STRONG;
	if (scattered(site) && half && site->home >= 2 && spread(site) >= 2)
		return WEAK;
	if (scattered(site) && spread(site) >= 5 && site->a->ttl <= VERY_SHORT_LIVED && site->nameless * 2 > site->looked)
		return SCATTERED;
	return perhaps_home(site) && site->home && site->example.n && host_name_class(site->example) == HOST_DYNAMIC ? HOME : -1;
}

static struct span told(const struct survey *s, const struct site *site, int kind)
{
	if (kind == HOME)
		return site->example;
	return arena_printf(s->view->arena, "%u addresses in %u networks, good for %u seconds%s%.*s", site->n, spread(site), site->a->ttl,
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
		if (!site->a || site->a->status != ANSWER_OK)
			continue;
		read_addresses(site);
		if (scattered(site) ? suspects++ < SUSPECTS : perhaps_home(site) && homes++ < SUSPECTS) {
			look_at_names(s, site);
			if (scattered(site))
				count_systems(s, site);
		}
	}
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	if (view->path->outgoing || !view->content->links.list.n)
		return CHECK_DONE;
	struct survey *s = arena_new(view->arena, struct survey);
	*s = (struct survey){ .view = view, .answers = answers, .questions = questions };
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
	.purpose = "Are the sites it links to served from people's home lines?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};

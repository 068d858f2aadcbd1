/* auth/spf_mechanism.c - see spf_mechanism.h */
#include "auth/spf_mechanism.h"
#include "auth/spf_macro.h"
#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>

enum { NAME_BYTES_MAX = 253, LABEL_BYTES_MAX = 63 };

enum spf_match spf_walk_permerror(struct spf_walk *walk, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0)
		walk->problem = arena_dup(walk->arena, span_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
	return SPF_MATCH_PERMERROR;
}

enum spf_match spf_walk_temperror(struct spf_walk *walk, const struct answer *answer)
{
	walk->problem = arena_join(walk->arena, SPAN("the look-up of the "), span_cstr(question_type_name(answer->question.type)),
				   SPAN(" record of "), answer->question.name, SPAN(" "), answer_says(answer));
	return SPF_MATCH_TEMPERROR;
}

enum spf_match spf_walk_count(struct spf_walk *walk, struct span term)
{
	if (++walk->lookups <= SPF_LOOKUPS_MAX)
		return SPF_MATCH_NO;
	return spf_walk_permerror(walk, "the record of %.*s needs more than %d look-ups: \"%.*s\" is one too many",
				  SPAN_ARG(walk->query->domain), SPF_LOOKUPS_MAX, SPAN_ARG(span_first(term, LIMIT_EVIDENCE_DETAIL)));
}

/* A term whose look-up found nothing: more than two are a sign of misuse. */
static enum spf_match count_void(struct spf_walk *walk, struct span name)
{
	if (++walk->voids <= SPF_VOIDS_MAX)
		return SPF_MATCH_NO;
	return spf_walk_permerror(walk, "the record of %.*s asks for more than %d names that have no such record: %.*s is one too many",
				  SPAN_ARG(walk->query->domain), SPF_VOIDS_MAX, SPAN_ARG(name));
}

bool spf_mechanism_is_name(struct span name)
{
	if (span_ends(name, SPAN(".")))
		name.n--;
	if (name.n == 0 || name.n > NAME_BYTES_MAX)
		return false;
	struct span rest = name, label;
	while (span_split(&rest, '.', &label))
		if (label.n == 0 || label.n > LABEL_BYTES_MAX)
			return false;
	return true;
}

static enum question_type address_type(const struct spf_walk *walk) { return ip_is_v4(&walk->query->ip) ? QUESTION_A : QUESTION_AAAA; }

static bool in_network(const struct spf_walk *walk, const struct ip *network, unsigned bits)
{
	struct ip_net net = { .ip = *network, .bits = (uint8_t)(ip_is_v4(network) ? bits + 96 : bits) };
	return ip_is_v4(network) == ip_is_v4(&walk->query->ip) && ip_net_has(&net, &walk->query->ip);
}

static bool has_client(const struct spf_walk *walk, const struct answer *answer, const struct spf_term *term)
{
	unsigned bits = ip_is_v4(&walk->query->ip) ? term->bits : term->bits6;
	struct ip ip;
	for (uint32_t i = 0; i < answer->records.n; i++)
		if (ip_parse(answer->records.v[i], &ip) && in_network(walk, &ip, bits))
			return true;
	return false;
}

/* "10 mx.example.org" */
static struct span mx_host(struct span record)
{
	size_t blank = span_find_byte(record, ' ', 0);
	return blank == SPAN_NPOS ? record : span_skip(record, blank + 1);
}

/* Asks for the addresses of all names at once; MISSING while one is. "." (RFC 7505) is no name. */
static enum spf_match ask_hosts(struct spf_walk *walk, const struct answer *names, bool mx, uint32_t n)
{
	enum spf_match match = SPF_MATCH_NO;
	for (uint32_t i = 0; i < n; i++) {
		struct span host = mx ? mx_host(names->records.v[i]) : names->records.v[i];
		if (spf_mechanism_is_name(host) && !question_ask(walk->answers, walk->questions, address_type(walk), host))
			match = SPF_MATCH_MISSING;
	}
	return match;
}

static enum spf_match match_ip(struct spf_walk *walk, const struct spf_term *term, struct span name)
{
	(void)name;
	bool same = ip_is_v4(&walk->query->ip) == (term->mechanism == SPF_IP4); /* ip6:::ffff:192.0.2.1 is for nobody */
	return same && in_network(walk, &term->ip, term->bits) ? SPF_MATCH_YES : SPF_MATCH_NO;
}

static enum spf_match match_all(struct spf_walk *walk, const struct spf_term *term, struct span name)
{
	(void)walk;
	(void)term;
	(void)name;
	return SPF_MATCH_YES;
}

static enum spf_match match_a(struct spf_walk *walk, const struct spf_term *term, struct span name)
{
	const struct answer *answer = question_ask(walk->answers, walk->questions, address_type(walk), name);
	if (!answer)
		return SPF_MATCH_MISSING;
	if (answer_failed(answer))
		return spf_walk_temperror(walk, answer);
	if (answer->records.n == 0)
		return count_void(walk, name);
	return has_client(walk, answer, term) ? SPF_MATCH_YES : SPF_MATCH_NO;
}

/* Always an A record, for IPv6 clients too (5.7). */
static enum spf_match match_exists(struct spf_walk *walk, const struct spf_term *term, struct span name)
{
	(void)term;
	const struct answer *answer = question_ask(walk->answers, walk->questions, QUESTION_A, name);
	if (!answer)
		return SPF_MATCH_MISSING;
	if (answer_failed(answer))
		return spf_walk_temperror(walk, answer);
	return answer->records.n ? SPF_MATCH_YES : count_void(walk, name);
}

static enum spf_match match_mx(struct spf_walk *walk, const struct spf_term *term, struct span name)
{
	const struct answer *mx = question_ask(walk->answers, walk->questions, QUESTION_MX, name);
	if (!mx)
		return SPF_MATCH_MISSING;
	if (answer_failed(mx))
		return spf_walk_temperror(walk, mx);
	if (mx->records.n == 0)
		return count_void(walk, name);
	if (mx->records.n > SPF_NAMES_MAX)
		return spf_walk_permerror(walk, "\"%.*s\" in the SPF record leads to %u mail servers of %.*s, more than %d",
					  SPAN_ARG(span_first(term->text, LIMIT_EVIDENCE_DETAIL)), mx->records.n, SPAN_ARG(name),
					  SPF_NAMES_MAX);
	if (ask_hosts(walk, mx, true, mx->records.n) == SPF_MATCH_MISSING)
		return SPF_MATCH_MISSING;
	const struct answer *failed = NULL;
	for (uint32_t i = 0; i < mx->records.n; i++) {
		const struct answer *answer = answers_find(walk->answers, address_type(walk), mx_host(mx->records.v[i]));
		if (answer && has_client(walk, answer, term))
			return SPF_MATCH_YES;
		if (answer && answer_failed(answer))
			failed = answer;
	}
	return failed ? spf_walk_temperror(walk, failed) : SPF_MATCH_NO;
}

static bool is_within(struct span name, struct span domain)
{
	return span_ieq(name, domain) || (name.n > domain.n && span_iends(name, domain) && name.p[name.n - domain.n - 1] == '.');
}

/* The names the client's address has, and that lead back to it (5.5). Failures of look-ups are no names. */
static enum spf_match client_names(struct spf_walk *walk, const struct answer **ret_ptr, uint32_t *ret_n)
{
	const struct answer *ptr =
	    question_ask(walk->answers, walk->questions, QUESTION_PTR, question_ptr_name(&walk->query->ip, walk->arena));
	if (!ptr)
		return SPF_MATCH_MISSING;
	*ret_ptr = ptr;
	*ret_n = ptr->records.n < SPF_NAMES_MAX ? ptr->records.n : SPF_NAMES_MAX;
	return ask_hosts(walk, ptr, false, *ret_n);
}

static bool leads_back(const struct spf_walk *walk, struct span name)
{
	static const struct spf_term exactly = { .bits = 32, .bits6 = 128 };
	const struct answer *answer = answers_find(walk->answers, address_type(walk), name);
	return answer && has_client(walk, answer, &exactly);
}

static enum spf_match match_ptr(struct spf_walk *walk, const struct spf_term *term, struct span name)
{
	(void)term;
	const struct answer *ptr;
	uint32_t n;
	if (client_names(walk, &ptr, &n) == SPF_MATCH_MISSING)
		return SPF_MATCH_MISSING;
	if (n == 0 && !answer_failed(ptr))
		return count_void(walk, ptr->question.name);
	for (uint32_t i = 0; i < n; i++)
		if (is_within(ptr->records.v[i], name) && leads_back(walk, ptr->records.v[i]))
			return SPF_MATCH_YES;
	return SPF_MATCH_NO;
}

/* The domain itself before a name under it, before any other. */
enum spf_match spf_mechanism_client_name(struct spf_walk *walk, struct span domain, struct span *ret_name)
{
	const struct answer *ptr;
	uint32_t n;
	if (client_names(walk, &ptr, &n) == SPF_MATCH_MISSING)
		return SPF_MATCH_MISSING;
	struct span best = span_none;
	int best_rank = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct span name = ptr->records.v[i];
		int rank = span_ieq(name, domain) ? 3 : is_within(name, domain) ? 2 : 1;
		if (rank > best_rank && leads_back(walk, name)) {
			best = name;
			best_rank = rank;
		}
	}
	*ret_name = best;
	return SPF_MATCH_NO;
}

enum spf_match spf_mechanism_name(struct spf_walk *walk, struct span domain_spec, struct span domain, struct span *ret_name)
{
	struct spf_macro_values values = { .query = walk->query, .domain = domain };
	if (spf_macro_wants_name(domain_spec) && spf_mechanism_client_name(walk, domain, &values.validated) == SPF_MATCH_MISSING)
		return SPF_MATCH_MISSING;
	struct span name = domain_spec.p ? spf_macro_expand_domain(domain_spec, &values, walk->arena) : domain;
	*ret_name = spf_mechanism_is_name(name) ? name : span_none;
	return SPF_MATCH_NO;
}

static const struct {
	bool asks;
	enum spf_match (*match)(struct spf_walk *walk, const struct spf_term *term, struct span name);
} mechanisms[] = {
	[SPF_ALL] = { false, match_all },      [SPF_A] = { true, match_a },     [SPF_MX] = { true, match_mx },
	[SPF_PTR] = { true, match_ptr },       [SPF_IP4] = { false, match_ip }, [SPF_IP6] = { false, match_ip },
	[SPF_EXISTS] = { true, match_exists },
};

enum spf_match spf_mechanism_match(struct spf_walk *walk, const struct spf_term *term, struct span domain)
{
	if (!mechanisms[term->mechanism].asks)
		return mechanisms[term->mechanism].match(walk, term, span_none);
	struct span name;
	if (spf_walk_count(walk, term->text) == SPF_MATCH_PERMERROR)
		return SPF_MATCH_PERMERROR;
	if (spf_mechanism_name(walk, term->domain, domain, &name) == SPF_MATCH_MISSING)
		return SPF_MATCH_MISSING;
	return name.p ? mechanisms[term->mechanism].match(walk, term, name) : SPF_MATCH_NO;
}

static bool known_to_match(struct spf_walk *walk, const struct spf_term *term)
{
	return term->mechanism != SPF_INCLUDE && !mechanisms[term->mechanism].asks &&
	       mechanisms[term->mechanism].match(walk, term, span_none) == SPF_MATCH_YES;
}

static void ask_ahead(struct spf_walk *walk, enum spf_mechanism mechanism, struct span name)
{
	if (mechanism == SPF_PTR)
		question_ask(walk->answers, walk->questions, QUESTION_PTR, question_ptr_name(&walk->query->ip, walk->arena));
	else if (spf_mechanism_is_name(name))
		question_ask(walk->answers, walk->questions,
			     mechanism == SPF_INCLUDE  ? QUESTION_TXT
			     : mechanism == SPF_MX     ? QUESTION_MX
			     : mechanism == SPF_EXISTS ? QUESTION_A
						       : address_type(walk),
			     name);
}

/* A name may have a final dot in a record, questions have none. */
static struct span without_dot(struct span name) { return span_ends(name, SPAN(".")) ? span_first(name, name.n - 1) : name; }

void spf_mechanism_ask_ahead(struct spf_walk *walk, const struct spf_record *record, struct span domain)
{
	uint32_t lookups = walk->lookups;
	for (uint32_t i = 0; i < record->terms.n; i++) {
		const struct spf_term *term = &record->terms.v[i];
		if (known_to_match(walk, term))
			return;
		if (term->mechanism != SPF_INCLUDE && !mechanisms[term->mechanism].asks)
			continue;
		if (++lookups > SPF_LOOKUPS_MAX || walk->ahead == SPF_LOOKUPS_MAX)
			return;
		if (term->has_macro)
			continue;
		walk->ahead++;
		ask_ahead(walk, term->mechanism, term->domain.p ? without_dot(term->domain) : domain);
	}
}

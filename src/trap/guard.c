/* trap/guard.c - see guard.h */
#include "trap/guard.h"

static const struct {
	const char *name, *domains, *as;
} providers[] = {
#define PROVIDER(name, domains, as) { name, domains, as },
#include "trap/providers.def"
#undef PROVIDER
};

static bool is_below(struct span host, struct span domain)
{
	return span_ieq(host, domain) || (host.n > domain.n && span_iends(host, domain) && host.p[host.n - domain.n - 1] == '.');
}

static bool has_domain(struct span domains, struct span host)
{
	struct span one;
	while (span_split(&domains, ' ', &one))
		if (one.n && is_below(host, one))
			return true;
	return false;
}

static bool has_as(struct span list, uint32_t as)
{
	struct span one;
	uint64_t number;
	while (span_split(&list, ' ', &one))
		if (span_to_uint(one, UINT32_MAX, &number) && number == as)
			return true;
	return false;
}

const char *guard_provider(struct span rdns, uint32_t as)
{
	if (rdns.n && rdns.p[rdns.n - 1] == '.')
		rdns.n--;
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
		if ((rdns.n && has_domain(span_cstr(providers[i].domains), rdns)) || (as && has_as(span_cstr(providers[i].as), as)))
			return providers[i].name;
	return NULL;
}

enum guard_answer guard_judge(const struct guard_question *q, const char **ret_why)
{
	/* one IPv4 address; one IPv6 line, which is a /64 */
	unsigned widest = ip_is_v4(&q->net.ip) ? 128 : 64;
	struct ip_net net = q->net;
	bool own = ip_is_private(&net.ip) || ip_nets_have(q->own, q->n_own, &net.ip);
	for (size_t i = 0; i < q->n_own && !own; i++)
		own = !q->own[i].exclude && q->own[i].bits > net.bits && ip_net_has(&net, &q->own[i].ip);
	const char *why = NULL;
	enum guard_answer answer = GUARD_ASK;
	if (own) {
		why = "it is a network of your own";
		answer = GUARD_NEVER;
	} else if (net.bits < widest) {
		why = "it is more than one machine's address";
	} else if (guard_provider(q->rdns, q->as)) {
		why = "a mail provider sends from it that many use";
	} else if (q->corresponds) {
		why = "good mail came from it, or your users write to it";
	} else {
		why = "one address that is nobody's provider";
		answer = GUARD_YES;
	}
	*ret_why = why;
	return answer;
}

/* auth/internal_results.c - see internal_results.h */
#include "auth/internal_results.h"
#include "auth/authres.h"
#include "base/limits.h"
#include "message/url.h"

/* Was this field written by one of our own machines? below: it stands beneath the boundary's Received line. */
static bool is_ours(const struct authentication_source *source, struct span authserv_id, bool below)
{
	const struct path *path = source->path;
	bool own = source->authserv_id.n && span_ieq(authserv_id, source->authserv_id);
	if (below)
		return (own && source->authserv_id_set) ||
		       (source->networks_set && span_ieq(authserv_id, path->hops.v[path->boundary].received.by));
	if (own)
		return true;
	for (uint32_t i = 0; i <= path->boundary; i++) {
		struct span by = path->hops.v[i].received.by;
		if (by.n && (span_ieq(authserv_id, by) || url_same_organisation(authserv_id, by)))
			return true;
	}
	return false;
}

static bool take_dmarc(struct authentication *a, const struct authres_method *method)
{
	static const enum dmarc_result results[] = { DMARC_NONE, DMARC_PASS, DMARC_FAIL };
	struct span from = authres_property(method, "header", "from");
	if (a->dmarc.result != DMARC_TEMPERROR || !span_ieq(from, a->dmarc.domain))
		return false;
	for (size_t i = 0; i < sizeof results / sizeof *results; i++)
		if (span_eq(method->result, span_cstr(dmarc_result_name(results[i])))) {
			a->dmarc.result = results[i];
			return true;
		}
	return false;
}

static bool take_spf_result(struct spf *spf, struct span result, struct span domain)
{
	if (spf->result != SPF_TEMPERROR || !span_ieq(domain, spf->domain))
		return false;
	for (int i = SPF_NONE; i <= SPF_PERMERROR; i++)
		if (i != SPF_TEMPERROR && span_eq(result, span_cstr(spf_result_name((enum spf_result)i)))) {
			spf->result = (enum spf_result)i;
			return true;
		}
	return false;
}

static bool take_spf(struct authentication *a, const struct authres_method *method)
{
	struct span helo = authres_property(method, "smtp", "helo");
	bool taken = helo.n && take_spf_result(&a->helo, method->result, helo);
	return take_spf_result(&a->mail_from, method->result, authentication_domain(authres_property(method, "smtp", "mailfrom"))) || taken;
}

static bool take_dkim(struct authentication *a, const struct authres_method *method)
{
	struct span domain = authres_property(method, "header", "d");
	if (!domain.n)
		domain = authentication_domain(authres_property(method, "header", "i"));
	for (uint32_t i = 0; i < a->dkim.list.n; i++) {
		struct dkim_signature *s = &a->dkim.list.v[i];
		bool pass = span_eq(method->result, SPAN("pass"));
		if (s->result != DKIM_TEMPERROR || !span_ieq(domain, s->domain) || (!pass && !span_eq(method->result, SPAN("fail"))))
			continue;
		s->result = pass ? DKIM_PASS : DKIM_FAIL;
		return true;
	}
	return false;
}

static bool take(struct authentication *a, const struct authres *results)
{
	static const struct {
		struct span method;
		bool (*take)(struct authentication *a, const struct authres_method *method);
	} methods[] = { { SPAN_INIT("dmarc"), take_dmarc }, { SPAN_INIT("spf"), take_spf }, { SPAN_INIT("dkim"), take_dkim } };
	bool taken = false;
	for (uint32_t i = 0; i < results->methods.n; i++)
		for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
			if (span_eq(results->methods.v[i].method, methods[k].method))
				taken |= methods[k].take(a, &results->methods.v[i]);
	return taken;
}

/* RFC 7208 9.1; the machine that writes it does not always write the other. */
static bool take_received_spf(const struct authentication_source *source, const struct header *header, bool below, struct arena *arena,
			      struct authentication *a)
{
	struct received_spf spf;
	if (received_spf_parse(header_unfolded(header, arena), arena, &spf) != 0 || !is_ours(source, spf.receiver, below))
		return false;
	return take_spf_result(&a->mail_from, spf.result, authentication_domain(spf.envelope_from));
}

void internal_results_apply(const struct authentication_source *source, struct arena *arena, struct authentication *a)
{
	const struct path *path = source->path;
	const struct headers *headers = message_headers(source->message);
	if (source->client || path->boundary >= path->hops.n || path->hops.v[path->boundary].source != HOP_RECEIVED)
		return;
	const struct header *boundary = path->hops.v[path->boundary].header;
	bool below = false;
	uint32_t read = 0;
	for (uint32_t i = 0; i < headers->list.n && read < LIMIT_AUTHRES_FIELDS; i++) {
		const struct header *header = &headers->list.v[i];
		struct authres results;
		bool taken = false;
		if (below && header->id == HEADER_RECEIVED)
			return; /* from here on others wrote */
		below |= header == boundary;
		if (header->id == HEADER_AUTHENTICATION_RESULTS && ++read &&
		    authres_parse(header_unfolded(header, arena), arena, &results) == 0 && is_ours(source, results.authserv_id, below))
			taken = take(a, &results);
		else if (header->id == HEADER_RECEIVED_SPF && ++read)
			taken = take_received_spf(source, header, below, arena, a);
		if (taken && !a->told_by)
			a->told_by = header;
	}
}

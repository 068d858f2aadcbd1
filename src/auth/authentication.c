/* auth/authentication.c - see authentication.h */
#include "auth/authentication.h"
#include "auth/dkim_digest.h"
#include "auth/dmarc_author.h"
#include "auth/internal_results.h"
#include "message/url.h"

/* Who handed it over, as far as the message or the live connection says. */
static bool find_client(const struct authentication_source *source, struct authentication_client *ret)
{
	if (source->client) {
		*ret = *source->client;
		return true;
	}
	const struct path *path = source->path;
	if (path->outgoing || path->boundary >= path->hops.n)
		return false;
	const struct hop *hop = &path->hops.v[path->boundary];
	if (!hop->received.has_ip)
		return false;
	ret->ip = hop->received.ip;
	ret->helo = hop->received.helo;
	ret->mail_from = hop->source == HOP_CONNECTION      ? source->connection->mail_from
			 : source->content->has_return_path ? source->content->return_path.spec
							    : hop->received.envelope_from;
	return true;
}

struct span authentication_domain(struct span address)
{
	size_t at = span_rfind_byte(address, '@');
	return at == SPAN_NPOS ? address : span_skip(address, at + 1);
}

/* HELO and MAIL FROM in one round (RFC 7208 2.3, 2.4). */
static enum auth_step judge_spf(const struct authentication_source *source, const struct answers *answers, struct questions *questions,
				struct arena *arena, struct authentication *a)
{
	struct authentication_client *client = &a->client;
	if (a->spf_judged)
		return AUTH_DONE;
	a->has_client = find_client(source, client);
	if (!a->has_client)
		return AUTH_DONE;
	struct spf_query query = { .ip = client->ip,
				   .domain = client->helo,
				   .sender = arena_join(arena, SPAN("postmaster@"), client->helo),
				   .helo = client->helo,
				   .receiver = source->receiver,
				   .now = source->now };
	enum auth_step step = spf_check(&query, answers, questions, arena, &a->helo);
	a->null_sender = client->mail_from.p && client->mail_from.n == 0;
	if (a->null_sender) {
		a->mail_from = a->helo;
		return step;
	}
	query.domain = authentication_domain(client->mail_from);
	query.sender = client->mail_from;
	if (spf_check(&query, answers, questions, arena, &a->mail_from) == AUTH_MORE)
		step = AUTH_MORE;
	a->spf_judged = step == AUTH_DONE;
	return step;
}

void authentication_step(const struct authentication_source *source, const struct answers *answers, struct questions *questions,
			 struct arena *arena, struct authentication *a)
{
	if (a->step == AUTH_DONE)
		return;
	enum auth_step spf = judge_spf(source, answers, questions, arena, a);
	a->has_message = source->message != NULL;
	if (!a->has_message) {
		a->step = spf;
		return;
	}
	if (!a->digest) {
		a->digest = arena_new(arena, struct dkim_digest);
		dkim_digest_init(a->digest, source->message, arena);
		a->author = dmarc_author(source->message, source->content, arena, &a->author_problem);
	}
	enum auth_step dkim = dkim_verify(a->digest, source->now, answers, questions, &a->dkim_state, &a->dkim);
	enum auth_step arc = arc_validate(a->digest, source->now, answers, questions, &a->arc_state, &a->arc);
	if (spf == AUTH_MORE || dkim == AUTH_MORE) {
		dmarc_ask_ahead(a->author, answers, questions, arena);
		return;
	}
	struct dmarc_source from = {
		.author = a->author,
		.author_problem = a->author_problem,
		.mail_from = a->has_client ? &a->mail_from : NULL,
		.helo = a->has_client ? &a->helo : NULL,
		.null_sender = a->null_sender,
		.dkim = &a->dkim,
	};
	if (dmarc_judge(&from, answers, questions, arena, &a->dmarc) == AUTH_MORE || arc == AUTH_MORE)
		return;
	internal_results_apply(source, arena, a);
	a->step = AUTH_DONE;
}

bool authentication_vouched(const struct authentication *a, struct span domain)
{
	if (a->has_client && a->mail_from.result == SPF_PASS && url_same_organisation(a->mail_from.domain, domain))
		return true;
	for (uint32_t i = 0; i < a->dkim.list.n; i++)
		if (a->dkim.list.v[i].result == DKIM_PASS && url_same_organisation(a->dkim.list.v[i].domain, domain))
			return true;
	return false;
}

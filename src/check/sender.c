/* check/sender.c - see sender.h */
#include "check/sender.h"

#include "message/url.h"

enum { SENDER_HOPS = 12 };

struct span sender_org(struct span domain)
{
	struct span registrable = url_registrable(domain);
	return registrable.p ? registrable : domain;
}

bool sender_below(struct span domain, struct span parent)
{
	return parent.n && span_iends(domain, parent) && (domain.n == parent.n || domain.p[domain.n - parent.n - 1] == '.');
}

bool sender_passed(const struct path *path, struct span domain)
{
	for (uint32_t i = 0; i < path->hops.n && i < SENDER_HOPS; i++) {
		const struct hop *hop = &path->hops.v[i];
		const struct received *r = &hop->received;
		if (hop->verdict != HOP_FALSE && (sender_below(r->rdns, domain) || sender_below(r->by, domain) ||
						  (!r->rdns.n && i != path->boundary && sender_below(r->helo, domain))))
			return true;
	}
	return false;
}

/* RFC 2919, RFC 2369, and what list servers wrote before them. Precedence: junk is what autoresponders say. */
static bool is_list(const struct message *message)
{
	const struct headers *h = message_headers(message);
	if (header_first(h, HEADER_LIST_ID) || header_first(h, HEADER_LIST_POST) || header_first(h, HEADER_MAILING_LIST) ||
	    header_first(h, HEADER_X_BEENTHERE) || header_first(h, HEADER_X_LOOP))
		return true;
	struct span precedence = message_field(message, HEADER_PRECEDENCE);
	return span_ieq(precedence, SPAN("list")) || span_ieq(precedence, SPAN("bulk"));
}

void sender_examine(const struct message *message, const struct content *content, const struct path *path,
		    const struct connection *connection, struct sender *ret)
{
	struct sender s = { 0 };
	for (uint32_t i = 0; i < content->from.list.n && !s.from; i++)
		if (content->from.list.v[i].domain.n)
			s.from = &content->from.list.v[i];
	if (!s.from && content->from.list.n)
		s.from = &content->from.list.v[0];
	if (s.from && s.from->domain.n)
		s.from_org = sender_org(s.from->domain);

	struct address envelope;
	if (connection->mail_from.n && address_parse_path(connection->mail_from, message->arena, &envelope))
		s.envelope_domain = envelope.domain;
	else if (!connection->mail_from.p && content->has_return_path)
		s.envelope_domain = content->return_path.domain;
	if (s.envelope_domain.n)
		s.envelope_org = s.from && span_eq(s.envelope_domain, s.from->domain) ? s.from_org : sender_org(s.envelope_domain);

	size_t at = span_rfind_byte(content->message_id, '@');
	if (at != SPAN_NPOS)
		s.message_id_domain = arena_lower(message->arena, span_skip(content->message_id, at + 1));

	s.list = is_list(message);
	if (path->boundary < path->hops.n) {
		s.client = &path->hops.v[path->boundary];
		s.client_name = arena_lower(message->arena, s.client->received.rdns);
		if (s.client_name.n)
			s.client_org = sender_org(s.client_name);
	}
	s.outside = s.client && !path->outgoing;
	*ret = s;
}

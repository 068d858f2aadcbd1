/* check/check.c - the registry of checks, and whose domains are the user's own; see check.h */
#include "check/check.h"
#include "base/visible.h"

#include "check/free_mail.h"

const struct check *const check_all[] = {
#define CHECK(name) &check_##name,
#include "check/checks.def"
#undef CHECK
	NULL,
};

bool check_is_own(const struct own_domains *own, struct span domain)
{
	for (uint32_t i = 0; i < own->domains.n; i++) {
		struct span d = own->domains.v[i];
		if (span_iends(domain, d) && (domain.n == d.n || domain.p[domain.n - d.n - 1] == '.'))
			return true;
	}
	return false;
}

/* An address of a free-mail service says nothing about its neighbours: nobody's own domain. */
static void add_domain(struct check_view *view, struct span domain)
{
	if (!view->own.certain && domain.n && !free_mail_find(domain) && !check_is_own(&view->own, sender_org(domain)))
		*(struct span *)vec_push(view->arena, &view->own.domains) = sender_org(domain);
}

static void add_recipient(struct check_view *view, struct span path)
{
	struct address address;
	if (!address_parse_path(path, view->arena, &address) || address.domain.n == 0)
		return;
	for (uint32_t i = 0; i < view->own_addresses.n; i++)
		if (span_ieq(view->own_addresses.v[i], address.spec))
			return;
	*(struct span *)vec_push(view->arena, &view->own_addresses) = address.spec;
	add_domain(view, address.domain);
}

/* Delivered-To is ours when it stands above the line that the first machine outside was met in; below that anybody may have written it. */
static const struct header *own_delivered_to(const struct check_view *view)
{
	const struct header *delivered = header_first(message_headers(view->message), HEADER_DELIVERED_TO);
	const struct header *boundary = view->sender.client ? view->sender.client->header : NULL;
	return delivered && boundary && delivered > boundary ? NULL : delivered;
}

void check_own_domains(struct check_view *view)
{
	const struct check_settings *s = view->settings;
	for (size_t i = 0; i < s->n_local_domains; i++)
		*(struct span *)vec_push(view->arena, &view->own.domains) = s->local_domains[i];
	view->own.certain = s->n_local_domains > 0;

	for (size_t i = 0; i < view->connection->n_recipients; i++)
		add_recipient(view, view->connection->recipients[i]);
	const struct header *delivered = own_delivered_to(view);
	if (delivered)
		add_recipient(view, header_unfolded(delivered, view->arena));
	for (uint32_t i = 0; i < view->path->hops.n; i++) {
		const struct hop *hop = &view->path->hops.v[i];
		if (hop->verdict == HOP_TRUE && hop->received.recipient.n) {
			add_recipient(view, hop->received.recipient);
			break;
		}
	}
}

bool check_came_back(const struct check_view *view)
{
	enum { LOOKED_AT = 12 };
	const struct path *path = view->path;
	for (uint32_t i = path->boundary + 1; i < path->hops.n && i < path->boundary + LOOKED_AT; i++) {
		const struct received *r = &path->hops.v[i].received;
		if (path->hops.v[i].verdict != HOP_FALSE &&
		    ((r->by.n && check_is_own(&view->own, r->by)) || (r->rdns.n && check_is_own(&view->own, r->rdns))))
			return true;
	}
	return false;
}

/* The sentence for whatever nobody was asked, for this reason; most messages come by here many times where there is no resolver. */
static struct unchecked *nobody_asked(struct evidence_set *set, struct span says)
{
	static const char id[] = "questions";
	for (uint32_t i = 0; i < set->unchecked.n; i++)
		if (set->unchecked.v[i].check == id && span_ends(set->unchecked.v[i].why, says))
			return &set->unchecked.v[i];
	return evidence_unchecked(set, id, "What the DNS knows of its sender and its links {1}", says);
}

/* "Whether example.org exists is not known: the question for MX of example.org timed out", safe to show, followed by a NUL. */
static const char *unanswered_says(const struct check_view *view, struct span what, struct span subject, const struct answer *answer)
{
	struct buf out;
	size_t at = span_find(what, SPAN("{1}"), 0);
	buf_init(&out, view->arena, SIZE_MAX);
	buf_put(&out, span_first(what, at));
	visible_put(&out, subject, LIMIT_EVIDENCE_DETAIL);
	buf_put(&out, span_skip(what, at == SPAN_NPOS ? what.n : at + 3));
	buf_printf(&out, " is not known: the question for %s of ", question_type_name(answer->question.type));
	visible_put(&out, answer->question.name, LIMIT_EVIDENCE_DETAIL);
	buf_byte(&out, ' ');
	buf_put(&out, answer_says(answer));
	buf_byte(&out, 0);
	return (const char *)out.p;
}

void check_unanswered(const struct check_view *view, struct evidence_set *set, const char *check, const char *what, struct span subject,
		      const struct answer *answer, const struct evidence_def *could)
{
	bool asked = answer->status != ANSWER_UNAVAILABLE;
	struct unchecked *unchecked =
	    asked ? evidence_unchecked(set, check, unanswered_says(view, span_cstr(what), subject, answer), span_none)
		  : nobody_asked(set, answer_says(answer));
	if (could && (!unchecked->could || could->weight > unchecked->could->weight))
		unchecked->could = could;
	unchecked->temporary |= asked;
}

/* check/brand.c - a well-known name, borrowed by somebody who has nothing to do with it.
 *
 * The strong place is the shown name of the sender: "PayPal Service" <x@elsewhere>. A name in the subject or the signature counts little,
 * and not at all on lists, where people talk about brands. A brand's own address in From is weighed by the machine that brought it.
 * brands.def holds names and domains; nothing the sender writes about himself (envelope, signature text) is proof, only the name of the
 * machine is. Example: Microsoft <customerservice@microsoft.com>, handed over by koln-5d8184e2.pool.einsundeins.de. */
#include "check/brands.h"
#include "check/check.h"
#include "check/free_mail.h"
#include "facts/host_name.h"

enum { DISPLAY, DISPLAY_DISGUISED, DISPLAY_KIN, DISPLAY_AMONG, STRANGER, UNSIGNED_NOW, UNSIGNED, SUBJECT, SIGNATURE, GENUINE };
static const struct evidence_def defs[] = {
	[DISPLAY] = { "brand.display", GROUP_IDENTITY, 2000, 0, "It shows {1} as its sender, but the address {2} is not one of {3}",
		      "Companies write from their own domains. A few let a service write from its own, so this marks and does not "
		      "quarantine alone." },
	[DISPLAY_DISGUISED] = { "brand.disguised", GROUP_IDENTITY, 3500, 0,
				"It shows {1} as its sender: {3} in look-alike letters, from {2}",
				"Nobody misspells his own name with a digit or a foreign letter; people who must pass a filter do." },
	[DISPLAY_KIN] = { "brand.display_kin", GROUP_IDENTITY, 200, 0,
			  "It shows {1} as its sender, but {2} is a domain that {3} is not known to use",
			  "The domain holds the brand's name, or is one that a sending service lends to anybody: a daughter or customer we "
			  "do not know, or an imitation." },
	[DISPLAY_AMONG] = { "brand.display_among", GROUP_IDENTITY, 400, 0, "It names {3} in its sender's name, {1}, but writes from {2}",
			    "Resellers, fans and staff name brands, too." },
	[STRANGER] = { "brand.stranger", GROUP_IDENTITY, 2200, 0, "It claims to be from {1}, but {2} is {3}: no company sends from there",
		       "An access line or a machine without a name, and no signature of the brand. Small forwarders at home look the "
		       "same." },
	[UNSIGNED_NOW] = { "brand.unsigned_now", GROUP_IDENTITY, 1800, 0,
			   "It claims to be from {1}, but is not signed by {3}, as all its mail is today ({2} brought it)",
			   "Since about 2014 companies that are imitated sign everything. Gateways that cut signatures off, and small "
			   "daughters, are the exception." },
	[UNSIGNED] = { "brand.unsigned", GROUP_IDENTITY, 600, 0,
		       "It claims to be from {1}, but neither is it signed by {3} nor did it come from one of its machines ({2} brought "
		       "it)",
		       "Before 2010 companies did not sign, and services sent for them." },
	[SUBJECT] = { "brand.subject", GROUP_IDENTITY, 400, 0, "Its subject speaks for {3} (\"{1}\"), but {2} does not belong to it",
		      "News and people speak about brands; the subject begins with the name here." },
	[SIGNATURE] = { "brand.signature", GROUP_IDENTITY, 600, 0, "It is signed \"{1}\", but {2} does not belong to {3}",
			"A line of nothing but the brand and words of service, near the end." },
	[GENUINE] = { "brand.genuine", GROUP_STANDING, -1000, EVIDENCE_ASKED, "It is truly from {1}: {3} stands behind it",
		      "Whoever imitates the brand cannot sign as it. Invoices and invitations that strangers have a brand send are "
		      "genuine, too: "
		      "hence no more than this." },
};

enum { LABEL_LEAST = 4, SIGNATURE_BYTES = 800, SIGNATURE_LINE = 60, SUBJECT_BYTES = 100 };
#define SIGNED_SINCE INT64_C(1388534400) /* 2014-01-01 */

static struct span sender_says(const struct sender *s) { return s->from && s->from->spec.n ? s->from->spec : SPAN("no address"); }

/* Services that lend their own domain as From to any customer: the address says nothing about the customer. */
static bool is_lent(struct span org)
{
	static const struct span services[] = { SPAN_INIT("sparkpostmail.com"), SPAN_INIT("sendgrid.net"),     SPAN_INIT("mailgun.org"),
						SPAN_INIT("amazonses.com"),     SPAN_INIT("mcsv.net"),         SPAN_INIT("rsgsv.net"),
						SPAN_INIT("mcdlv.net"),         SPAN_INIT("mailchimpapp.net"), SPAN_INIT("ccsend.com"),
						SPAN_INIT("hubspotemail.net"),  SPAN_INIT("mktomail.com"),     SPAN_INIT("netsuite.com"),
						SPAN_INIT("sparkpost.com"),     SPAN_INIT("msgfocus.com"),     SPAN_INIT("adobe.com"),
						SPAN_INIT("shopifyemail.com"),  SPAN_INIT("intuit.com"),       SPAN_INIT("docusign.net"),
						SPAN_INIT("facebookmail.com"),  SPAN_INIT("googlegroups.com") };
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (span_eq(org, services[i]))
			return true;
	return false;
}

/* The brand's own domain or machine, or our own mail about it. An address that anybody gets from the brand (outlook.com, gmail.com) is not
 * its own. */
static bool is_own_mail_of(const struct check_view *view, const struct brand *brand)
{
	const struct sender *s = &view->sender;
	if (s->from && s->from->domain.n) {
		if (check_is_own(&view->own, s->from->domain))
			return true;
		if (free_mail_find(s->from->domain))
			return false;
		if (brands_owns(brand, s->from->domain))
			return true;
	}
	return s->client_name.n && brands_owns(brand, s->client_name);
}

/* "disneystore.com" for Disney: one of the brand's names of four letters or more stands in the sender's organisation label. */
static bool is_kin(const struct brand *brand, struct span org)
{
	struct span label = span_first(org, span_find_byte(org, '.', 0)), rest = brand->names, name;
	while (span_split(&rest, '|', &name))
		if (name.n >= LABEL_LEAST && name.n <= 64 && span_ifind(label, name, 0) != SPAN_NPOS)
			return true;
	return false;
}

static void judge_display(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (!s->from || !s->from->display.n || span_ieq(s->from->display, s->from->spec))
		return;
	struct brand_hit hit = brands_find(s->from->display, true, view->arena);
	if (!hit.brand || is_own_mail_of(view, hit.brand))
		return;
	int kind = hit.disguised                                            ? DISPLAY_DISGUISED
		   : is_kin(hit.brand, s->from_org) || is_lent(s->from_org) ? DISPLAY_KIN
		   : hit.whole                                              ? DISPLAY
									    : DISPLAY_AMONG;
	if (s->list && kind != DISPLAY_DISGUISED)
		kind = DISPLAY_AMONG;
	evidence_at(evidence_add(set, &defs[kind], s->from->display, sender_says(s), hit.brand->title), s->from->at);
}

/* A signature of the brand that was not found to be somebody else's. What was changed on its way, hash or tags, is for DMARC to weigh. */
static bool signed_by(const struct check_view *view, const struct brand *brand)
{
	const struct dkim *dkim = &view->auth->dkim;
	for (uint32_t i = 0; i < dkim->list.n; i++) {
		const struct dkim_signature *s = &dkim->list.v[i];
		bool false_one = s->flags & (DKIM_NO_KEY | DKIM_REVOKED) || (s->result == DKIM_FAIL && !(s->flags & DKIM_BODY_CHANGED));
		if (!false_one && brands_owns(brand, s->domain))
			return true;
	}
	return false;
}

static bool passed_brand(const struct check_view *view, const struct brand *brand)
{
	struct span rest = brand->domains, one;
	while (span_split(&rest, ' ', &one))
		if (!span_ends(one, SPAN(".*")) && sender_passed(view->path, one))
			return true;
	return sender_passed(view->path, view->sender.from_org);
}

/* The name of the machine that brought it: as our server wrote it, as the DNS knows it (check/client_dns asks), or else its greeting.
 * nameless: it was looked up, and there is none. Postfix, Sendmail and Exim look up and write "unknown"; Exchange writes the greeting only.
 */
static struct span machine_name(const struct check_view *view, const struct answers *answers, bool *ret_nameless)
{
	const struct received *r = &view->sender.client->received;
	enum received_writer w = r->writer;
	const struct answer *ptr = r->has_ip ? answers_find(answers, QUESTION_PTR, question_ptr_name(&r->ip, view->arena)) : NULL;
	bool looked_up = w == RECEIVED_BY_POSTFIX || w == RECEIVED_BY_SENDMAIL || w == RECEIVED_BY_EXIM || view->connection->rdns.n;
	bool known = ptr && ptr->status == ANSWER_OK && ptr->records.n;
	*ret_nameless = !view->sender.client_name.n && !known && (looked_up || (ptr && !answer_failed(ptr)));
	return view->sender.client_name.n ? view->sender.client_name : known ? ptr->records.v[0] : r->helo;
}

/* From is in the brand's own domain: who brought it? */
static void judge_domain(const struct check_view *view, const struct answers *answers, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (!s->from || !s->from_org.n || s->list || free_mail_find(s->from->domain))
		return;
	const struct brand *brand = brands_of_domain(s->from_org);
	if (brand && !is_lent(s->from_org) && authentication_vouched(view->auth, s->from_org)) {
		evidence_at(evidence_add(set, &defs[GENUINE], s->from->spec, span_none, brand->title), s->from->at);
		return;
	}
	if (!brand || is_lent(s->from_org) || (s->client_name.n && brands_owns(brand, s->client_name)) ||
	    check_is_own(&view->own, s->from->domain) || signed_by(view, brand))
		return;
	bool nameless;
	struct span name = machine_name(view, answers, &nameless);
	enum host_class class = name.n ? host_name_class(name) : HOST_UNKNOWN;
	bool line = class == HOST_DYNAMIC || class == HOST_RESIDENTIAL;
	bool passed = passed_brand(view, brand);
	int kind = line || (nameless && !passed) ? STRANGER : view->now >= SIGNED_SINCE ? UNSIGNED_NOW : UNSIGNED;
	if (kind == UNSIGNED && passed)
		return;
	struct span client = line || !nameless ? name : s->client->received.ip_text;
	if (!client.n)
		client = s->client->received.ip_text;
	struct span what = kind != STRANGER ? brand->title : line ? span_cstr(host_class_says(class)) : SPAN("a machine without a name");
	struct evidence *e = evidence_add(set, &defs[kind], s->from->spec, client, what);
	evidence_at(e, s->from->at);
	if (s->client->header)
		evidence_at(e, header_place(view->message->raw, s->client->header));
}

static void judge_subject(const struct check_view *view, struct evidence_set *set)
{
	struct brand_hit hit = brands_find(span_first(view->content->subject, SUBJECT_BYTES), true, view->arena);
	if (!hit.brand || (hit.brand->flags & BRAND_DISCUSSED) || hit.first > 1 || is_own_mail_of(view, hit.brand))
		return;
	const struct header *h = header_first(message_headers(view->message), HEADER_SUBJECT);
	evidence_at(evidence_add(set, &defs[SUBJECT], view->content->subject, sender_says(&view->sender), hit.brand->title),
		    h ? header_place(view->message->raw, h) : (struct place){ 0 });
}

/* "The PayPal Team" signs; "Facebook" alone is the label of a button, and "from Dell" the end of a sentence. */
static bool signs_for(const struct brand_hit *hit, struct span line)
{
	if (hit->brand->flags & BRAND_COMMON)
		return hit->first == 0 || span_istarts(line, SPAN("the "));
	return !(hit->brand->flags & BRAND_DISCUSSED) || hit->text.n < line.n;
}

/* Lines near the end of the first body that are nothing but a brand and words of service. */
static void judge_signature(const struct check_view *view, struct evidence_set *set)
{
	if (view->content->bodies.n == 0)
		return;
	const struct body *body = &view->content->bodies.v[0];
	struct span text = body->text, rest = text.n > SIGNATURE_BYTES ? span_skip(text, text.n - SIGNATURE_BYTES) : text, line;
	while (span_split(&rest, '\n', &line)) {
		line = span_trim(line);
		if (line.n < 4 || line.n > SIGNATURE_LINE || line.p[0] == '>')
			continue;
		struct brand_hit hit = brands_find(line, false, view->arena);
		if (!hit.brand || !hit.whole || is_own_mail_of(view, hit.brand) || !signs_for(&hit, line))
			continue;
		uint32_t from = (uint32_t)(line.p - text.p);
		struct place at = { .from = from, .to = from + (uint32_t)line.n, .part = body->part, .in = PLACE_TEXT };
		evidence_at(evidence_add(set, &defs[SIGNATURE], line, sender_says(&view->sender), hit.brand->title), at);
		return;
	}
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	(void)questions;
	if (!view->sender.outside)
		return CHECK_DONE;
	if (view->auth->step != AUTH_DONE)
		return CHECK_MORE;
	judge_display(view, set);
	judge_domain(view, answers, set);
	if (!view->sender.list) {
		judge_subject(view, set);
		judge_signature(view, set);
	}
	return CHECK_DONE;
}

const struct check check_brand = {
	.name = "brand",
	.purpose = "Does somebody borrow a well-known name he has nothing to do with?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};

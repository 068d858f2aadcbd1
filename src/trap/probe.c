/* trap/probe.c - see probe.h */
#include "trap/probe.h"

#include <inttypes.h>
#include <math.h>

enum {
	PROBE_SURE = 2500,    /* nats/1000 for and against, between which nothing is claimed: odds of twelve to one */
	PAYLOAD_SURE = -1000, /* payload is the safer thing to call it */
	PRIOR = -500,         /* of messages to open relays most are payload: 370 million in 325 days (CERT.br), probes come by the dozen */
	FEW = 4,
	MANY = 20,
	SMALL = 1024,
	TINY = 160,
	LARGE = 8192,
};

enum {
	OWN_SUBJECT,
	OWN_BODY,
	OWN_HEADER,
	OWN_ENVELOPE,
	PUBLISHED,
	FAMILY,
	COLLECTOR,
	TO_ITSELF,
	FORMS,
	ONE_RECIPIENT,
	SEVERAL,
	MANY_RECIPIENTS,
	SMALL_TEXT,
	TINY_TEXT,
	LARGE_MESSAGE,
	NO_LINK,
	LINKS,
	HTML,
	ATTACHMENT,
	FIRST,
	SENT_BEFORE,
	NO_MESSAGE,
};

#define G GROUP_TRAP
static const struct evidence_def defs[] = {
	[OWN_SUBJECT] = { "trap.own_subject", G, 0, 0, "The subject holds our address {1}, {2}",
			  "Who sends mail for people to read does not write the relay's address into it; the weight is that of the "
			  "spelling" },
	[OWN_BODY] = { "trap.own_body", G, 0, 0, "The text holds our address {1}, {2}",
		       "The same; a little less, for a text is longer and may quote a log" },
	[OWN_HEADER] = { "trap.own_header", G, 0, 0, "A header field holds our address {1}, {2}",
			 "Programs put the host they talk to into fields they make up" },
	[OWN_ENVELOPE] = { "trap.own_envelope", G, 0, 0, "The envelope holds our address {1}, {2}",
			   "Sender made of our address, or a recipient at it: relay tests do both; clients also greet by the server's "
			   "name" },
	[PUBLISHED] = { "trap.family_published", G, 5500, 0, "It has the shape of a published probe: {1}",
			"Shapes that only scanners use" },
	[FAMILY] = { "trap.family_found", G, 3000, 0, "It has the shape of other probes seen here: {1}",
		     "The same shape with other values for another target or sender, most of them probes" },
	[COLLECTOR] = { "trap.collector", G, 4000, 0, "Its recipient {1} is where probes are collected",
			"Only the scanner's own mailbox gets probes for several targets" },
	[TO_ITSELF] = { "trap.to_itself", G, 1200, 0, "Sender and recipient are the same: {1}",
			"Scanners mail themselves; spam too borrows the recipient's address, so it is little" },
	[FORMS] = { "trap.relay_forms", G, 3000, 0, "A recipient is written so that a careless server passes it on: {1}",
		    "%, !, source routes and quotes are tried one after the other to find a way through" },
	[ONE_RECIPIENT] = { "trap.one_recipient", G, 800, 0, "It has one recipient",
			    "A probe needs one; spam through relays had nine each (CERT.br, 3.3 of 0.37 thousand million)" },
	[SEVERAL] = { "trap.several_recipients", G, -2000, 0, "It has {1} recipients", "A probe needs one" },
	[MANY_RECIPIENTS] = { "trap.many_recipients", G, -6000, 0, "It has {1} recipients", "Only who sends in bulk names so many" },
	[SMALL_TEXT] = { "trap.small", G, 500, 0, "Its text has {1} bytes", "A probe has nothing to say" },
	[TINY_TEXT] = { "trap.tiny", G, 700, 0, "Its text has {1} bytes",
			"Little can be sold in so few words; loans and address lists were (2019 to 2021), so it is not much" },
	[LARGE_MESSAGE] = { "trap.large", G, -2000, 0, "It has {1} bytes", "A probe has nothing to say" },
	[NO_LINK] = { "trap.no_link", G, 500, 0, "There is no link in it", "Most spam leads somewhere" },
	[LINKS] = { "trap.links", G, -3000, 0, "It has {1} links", "What is advertised must be found" },
	[HTML] = { "trap.html", G, -1200, 0, "It is HTML", "Scanners write plain text" },
	[ATTACHMENT] = { "trap.attachment", G, -4000, 0, "It carries {1} attachments", "A probe has nothing to carry" },
	[FIRST] = { "trap.first", G, 500, 0, "Nothing came from this address before", "Who has not asked yet does not send" },
	[SENT_BEFORE] = { "trap.sent_before", G, -1500, 0, "{1} messages that were no probes came from this address before",
			  "Senders go on sending" },
	[NO_MESSAGE] = { "trap.no_message", G, 1500, 0, "It went away before the message",
			 "Some scanners only want to see the recipient accepted" },
};

struct judging {
	const struct reading *reading;
	struct evidence_set *evidence;
	int32_t score;
};

static void add(struct judging *j, unsigned which, int32_t weight, struct span detail1, struct span detail2)
{
	struct evidence *evidence = evidence_add(j->evidence, &defs[which], detail1, detail2, span_none);
	evidence->weight = weight;
	j->score += weight;
}

static void say(struct judging *j, unsigned which, struct span detail) { add(j, which, defs[which].weight, detail, span_none); }
static void count(struct judging *j, unsigned which, uint64_t n) { say(j, which, arena_printf(j->evidence->arena, "%" PRIu64, n)); }

/* Seen in several places it is one thing: the best counts. */
static void own_address(struct judging *j)
{
	static const int32_t less[READING_PLACES] = {
		[READING_SUBJECT] = 0, [READING_BODY] = 1000, [READING_HEADER] = 2000, [READING_ENVELOPE] = 3000
	};
	static const unsigned ids[READING_PLACES] = { OWN_SUBJECT, OWN_BODY, OWN_HEADER, OWN_ENVELOPE };
	int best = -1;
	int32_t weight = 0;
	for (int i = 0; i < READING_PLACES; i++) {
		int32_t here = j->reading->has_own[i] ? j->reading->own_best[i].weight - less[i] : 0;
		if (here > weight) {
			weight = here;
			best = i;
		}
	}
	if (best < 0)
		return;
	const struct own_find *find = &j->reading->own_best[best];
	add(j, ids[best], weight, span_cstr(own_spelling_words(find->spelling)),
	    find->wrapping == OWN_PLAIN ? SPAN("plainly") : span_cstr(own_wrapping_words(find->wrapping)));
}

static struct span form_words(uint32_t forms)
{
	return forms & TRAP_FORM_PERCENT  ? SPAN("user%domain@here")
	       : forms & TRAP_FORM_BANG   ? SPAN("domain!user")
	       : forms & TRAP_FORM_ROUTE  ? SPAN("@here:user@domain")
	       : forms & TRAP_FORM_QUOTED ? SPAN("\"user@domain\"@here")
					  : SPAN("user@domain@here");
}

static void envelope(struct judging *j, const struct probe_known *known)
{
	const struct reading *r = j->reading;
	if (r->n_recipients > MANY)
		count(j, MANY_RECIPIENTS, r->n_recipients);
	else if (r->n_recipients > FEW)
		count(j, SEVERAL, r->n_recipients);
	else if (r->n_recipients == 1)
		say(j, ONE_RECIPIENT, span_none);
	if (r->forms)
		say(j, FORMS, form_words(r->forms));
	if (r->n_recipients == 1 && r->n_kept && r->mail_from.n && span_eq(r->mail_from, r->recipients[0]))
		say(j, TO_ITSELF, r->mail_from);
	if (known->collector && r->n_recipients <= FEW)
		say(j, COLLECTOR, r->n_kept ? r->recipients[0] : span_none);
	if (known->payloads)
		count(j, SENT_BEFORE, known->payloads);
	else if (known->first)
		say(j, FIRST, span_none);
}

static void message(struct judging *j)
{
	const struct reading *r = j->reading;
	if (!r->has_message) {
		say(j, NO_MESSAGE, span_none);
		return;
	}
	bool bare = r->links == 0 && r->attachments == 0 && !r->html;
	if (bare && r->text_bytes <= TINY)
		count(j, TINY_TEXT, r->text_bytes);
	else if (r->text_bytes <= SMALL && r->bytes <= 2 * LARGE)
		count(j, SMALL_TEXT, r->text_bytes);
	if (r->bytes > LARGE)
		count(j, LARGE_MESSAGE, r->bytes);
	if (r->links == 0)
		say(j, NO_LINK, span_none);
	else
		count(j, LINKS, r->links);
	if (r->html)
		say(j, HTML, span_none);
	if (r->attachments)
		count(j, ATTACHMENT, r->attachments);
}

void probe_judge(const struct reading *reading, const struct probe_known *known, struct evidence_set *evidence, struct probe_judgement *ret)
{
	struct judging j = { .reading = reading, .evidence = evidence, .score = PRIOR };
	if (reading->n_recipients == 0) {
		*ret = (struct probe_judgement){ .kind = PROBE_NEITHER, .probability = 1 };
		return;
	}
	own_address(&j);
	if (reading->published[0])
		say(&j, PUBLISHED, span_cstr(reading->published));
	else if (known->family && known->family_of_probes)
		say(&j, FAMILY, span_cstr(known->family->text));
	envelope(&j, known);
	message(&j);
	double p = 1 / (1 + exp(-j.score / 1000.0));
	enum probe_kind kind = j.score >= PROBE_SURE ? PROBE_PROBE : j.score <= PAYLOAD_SURE ? PROBE_PAYLOAD : PROBE_UNSURE;
	*ret = (struct probe_judgement){ .kind = kind, .score = j.score, .probability = kind == PROBE_PAYLOAD ? 1 - p : p };
}

const char *probe_kind_name(enum probe_kind kind)
{
	static const char *const names[] = { "neither", "probe", "payload", "unsure" };
	return names[kind];
}

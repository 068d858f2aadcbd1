/* action/outcome_log.c - see outcome_log.h */
#include "action/outcome_log.h"

#include <stdlib.h>

enum { REASONS = 3 };

/* The strongest either way: "identity.lookalike:2.40,link.disguise:1.20". */
static void put_reasons(const struct outcome *o, struct log_line *line)
{
	uint8_t bytes[256];
	struct buf text = { .p = bytes, .cap = sizeof bytes, .ceiling = sizeof bytes };
	const struct outcome_symbol *best[REASONS] = { NULL };
	for (uint32_t i = 0; i < o->symbols.n; i++) {
		const struct outcome_symbol *s = &o->symbols.v[i], *next;
		for (unsigned k = 0; k < REASONS && s && s->weight; k++)
			if (!best[k] || llabs(s->weight) > llabs(best[k]->weight)) {
				next = best[k];
				best[k] = s;
				s = next;
			}
	}
	for (unsigned k = 0; k < REASONS && best[k]; k++) {
		long long weight = best[k]->weight;
		buf_cstr(&text, k ? "," : "");
		buf_put(&text, span_first(best[k]->id, 60));
		buf_printf(&text, ":%s%lld.%02lld", weight < 0 ? "-" : "", llabs(weight) / 1000, llabs(weight) % 1000 / 10);
	}
	if (text.n)
		log_text(line, "reasons", buf_span(&text));
}

static void put_text(struct log_line *line, const char *name, struct span text)
{
	if (text.n)
		log_text(line, name, text);
}

static void put_connection(const struct connection *c, struct log_line *line)
{
	char ip[IP_TEXT_MAX];
	if (c->has_ip)
		log_text(line, "ip", span_of(ip, ip_format(&c->ip, ip)));
	put_text(line, "user", c->auth_user);
	if (c->mail_from.p)
		log_text(line, "from", c->mail_from.n ? c->mail_from : SPAN("<>"));
	log_number(line, "recipients", (int64_t)c->n_recipients);
}

void outcome_log(const struct outcome *o, const struct outcome_told *told, struct log_line *line)
{
	put_text(line, "id", o->id);
	log_word(line, "door", told->door);
	put_text(line, "queue_id", told->queue_id);
	put_connection(told->connection, line);
	put_text(line, "message_id", o->message_id);
	log_number(line, "bytes", (int64_t)told->bytes);
	if (o->unjudged) {
		log_word(line, "unjudged", outcome_unjudged_name(o->unjudged));
	} else {
		log_word(line, "verdict", verdict_action_name(o->verdict));
		log_milli(line, "score", o->score);
	}
	log_word(line, "disposition", disposition_name(o->disposition));
	if (o->would != o->disposition)
		log_word(line, "would", disposition_name(o->would));
	if (o->withhold.n)
		log_number(line, "withheld", o->withhold.n);
	put_reasons(o, line);
	if (o->unchecked.n)
		log_number(line, "unchecked", o->unchecked.n);
	put_text(line, "origin", o->origin);
	log_number(line, "work_us", (int64_t)o->microseconds);
	log_number(line, "wait_us", (int64_t)o->waited);
	log_number(line, "took_us", (int64_t)told->took);
}

/* report/json.c - see json.h */
#include "report/json.h"
#include "facts/network.h"

void report_json_ip(struct json_out *j, const char *key, const struct ip *ip)
{
	char text[IP_TEXT_MAX];
	if (ip)
		json_text(j, key, span_of(text, ip_format(ip, text)));
	else
		json_null(j, key);
}

void report_json_place(struct json_out *j, const struct message *message, const struct place *place)
{
	static const char *const in[] = { [PLACE_RAW] = "raw", [PLACE_DECODED] = "decoded", [PLACE_TEXT] = "text" };
	json_object(j, NULL);
	json_text(j, "part", place->part < message->parts.n ? message->parts.v[place->part].number : SPAN("0"));
	json_cstr(j, "in", in[place->in]);
	json_int(j, "from", place->from);
	json_int(j, "to", place->to);
	json_close(j);
}

static void put_evidence(struct json_out *j, const struct judgement *judgement)
{
	json_array(j, "evidence");
	for (uint32_t i = 0; i < judgement->evidence.list.n; i++) {
		const struct evidence *evidence = &judgement->evidence.list.v[i];
		json_object(j, NULL);
		json_cstr(j, "id", evidence->def->id);
		json_cstr(j, "group", evidence_group_name(evidence->def->group));
		json_milli(j, "weight", evidence->weight);
		json_text(j, "says", evidence->says);
		json_array(j, "at");
		for (uint32_t k = 0; k < evidence->n_at; k++)
			report_json_place(j, judgement->message, &evidence->at[k]);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

/* "could": the verdict that this one finding would have made, where that is another. */
static void put_unchecked(struct json_out *j, const struct judgement *judgement)
{
	const struct evidence_set *set = &judgement->evidence;
	json_array(j, "unchecked");
	for (uint32_t i = 0; i < set->unchecked.n; i++) {
		const struct unchecked *unchecked = &set->unchecked.v[i];
		enum verdict_action could = verdict_could(set, &judgement->verdict.thresholds, unchecked, 1);
		json_object(j, NULL);
		json_cstr(j, "check", unchecked->check);
		json_text(j, "why", unchecked->why);
		if (could != verdict_could(set, &judgement->verdict.thresholds, NULL, 0))
			json_cstr(j, "could", verdict_action_name(could));
		json_close(j);
	}
	json_close(j);
}

/* Who runs its address. */
static void put_network(struct json_out *j, struct span record)
{
	struct network_entry entry;
	if (!network_record(record, &entry))
		return;
	struct span rest = record, net;
	for (int i = 0; i < 3; i++)
		span_split(&rest, ' ', &net);
	json_object(j, "network");
	json_int(j, "as", entry.as);
	json_text(j, "name", entry.name);
	json_cstr(j, "country", entry.country);
	json_text(j, "net", net);
	json_close(j);
}

void report_json_origin(struct json_out *j, const char *key, const struct judgement *judgement)
{
	const struct origin *origin = &judgement->path->origin;
	json_object(j, key);
	report_json_ip(j, "ip", origin->has_ip ? &origin->ip : NULL);
	json_milli(j, "confidence", origin->confidence);
	if (origin->has_ip)
		json_int(j, "hop", origin->hop);
	else
		json_null(j, "hop");
	json_cstr(j, "role", origin_role_name(origin->role));
	if (origin->has_relay)
		report_json_ip(j, "relay", &origin->relay);
	put_network(j, judgement->origin_network);
	json_close(j);
}

/* One object a kind: how often it was seen, and the places that were kept. */
static void put_anomalies(struct json_out *j, const struct message *message)
{
	json_array(j, "anomalies");
	for (unsigned kind = 0; message->anomalies.list.n && kind < ANOMALY_KINDS; kind++) {
		if (!message->anomalies.count[kind])
			continue;
		json_object(j, NULL);
		json_cstr(j, "id", anomaly_id((enum anomaly_kind)kind));
		json_int(j, "count", message->anomalies.count[kind]);
		json_array(j, "at");
		for (uint32_t i = 0; i < message->anomalies.list.n; i++)
			if (message->anomalies.list.v[i].kind == kind)
				report_json_place(j, message, &message->anomalies.list.v[i].at);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

static void put_correspondents(struct json_out *j, const struct judgement *judgement)
{
	if (!judgement->path->outgoing)
		return;
	json_array(j, "correspondents");
	for (uint32_t i = 0; i < judgement->correspondents.n; i++)
		json_text(j, NULL, judgement->correspondents.v[i]);
	json_close(j);
}

void report_json_members(struct json_out *j, const struct judgement *judgement)
{
	json_text(j, "file", judgement->file);
	if (judgement->n)
		json_int(j, "n", judgement->n);
	if (judgement->label)
		json_cstr(j, "label", judgement->label);
	json_int(j, "bytes", (int64_t)judgement->message->raw.n);
	json_cstr(j, "verdict", verdict_action_name(judgement->verdict.action));
	json_double(j, "probability", judgement->verdict.probability, 6);
	json_milli(j, "score", judgement->verdict.score);
	put_evidence(j, judgement);
	put_unchecked(j, judgement);
	report_json_origin(j, "origin", judgement);
	put_correspondents(j, judgement);
	put_anomalies(j, judgement->message);
	json_int(j, "microseconds", (int64_t)judgement->microseconds);
}

void report_json(const struct judgement *judgement, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	report_json_members(&j, judgement);
	json_close(&j);
}

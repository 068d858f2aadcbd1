/* message/path.c - see path.h. Hops are gathered newest first, trust is walked down from our own machine, then every line is judged
 * (path_judge.c) and the origin named. */
#include "message/path.h"
#include "base/limits.h"
#include "message/clue.h"
#include "message/path_judge.h"
#include "message/received_items.h"

/* What is known while walking from the newest hop to the oldest. */
struct walk {
	const struct path_settings *settings;
	bool unset; /* neither trusted nor internal networks given: infer */
	bool in_trusted, in_internal, found_msa;
	struct span home; /* the newest `by` host: whose organisation counts as inside */
	struct ip inside; /* the client of the line before, when trusted */
};

static void add_connection(const struct connection *connection, struct arena *arena, struct path *path)
{
	if (!connection->has_ip)
		return;
	struct hop *hop = vec_push(arena, &path->hops);
	hop->source = HOP_CONNECTION;
	hop->received.class = RECEIVED_RELAY;
	hop->received.has_ip = true;
	hop->received.ip = connection->ip;
	char text[IP_TEXT_MAX];
	hop->received.ip_text = arena_dup(arena, span_of(text, ip_format(&connection->ip, text)));
	/* Postfix says "unknown" when there is no name, as in its Received lines. */
	if (connection->rdns.n && !span_ieq(connection->rdns, SPAN("unknown")))
		hop->received.rdns = connection->rdns;
	hop->received.helo = connection->helo;
	hop->received.auth = connection->auth_user;
	hop->received.envelope_from = connection->mail_from;
}

/* Lines beyond LIMIT_HOPS are not read; the anomaly says so. */
static void add_received(struct message *message, struct path *path)
{
	const struct headers *headers = message_headers(message);
	uint32_t n = 0;
	for (const struct header *h = header_first(headers, HEADER_RECEIVED); h; h = header_next(headers, h)) {
		if (n == LIMIT_HOPS) {
			anomaly_add(&message->anomalies, message->arena, ANOMALY_HOPS_LIMIT, header_place(message->raw, h));
			return;
		}
		struct hop *hop = vec_push(message->arena, &path->hops);
		hop->n = ++n;
		hop->source = HOP_RECEIVED;
		hop->header = h;
		struct span text = header_unfolded(h, message->arena);
		received_parse(text, message->arena, &hop->received);
		if (text.n > LIMIT_RECEIVED_BYTES)
			anomaly_add(&message->anomalies, message->arena, ANOMALY_HEADER_VALUE_LIMIT, header_place(message->raw, h));
		if (hop->received.class == RECEIVED_UNPARSEABLE)
			anomaly_add(&message->anomalies, message->arena, ANOMALY_RECEIVED_UNPARSEABLE, header_place(message->raw, h));
	}
}

/* X-Originating-IP and its kin are written by webmail servers about their client: as a hop, they come before all others. */
static void add_originating(struct message *message, struct path *path)
{
	static const enum header_id ids[] = { HEADER_X_ORIGINATING_IP, HEADER_X_YAHOO_POST_IP, HEADER_X_SENDER_IP, HEADER_X_CLIENT_IP,
					      HEADER_X_SOURCE_IP };
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		const struct header *h = header_first(message_headers(message), ids[i]);
		struct ip ip;
		struct span text;
		if (!h || !received_address(span_first(header_unfolded(h, message->arena), 80), &ip, &text))
			continue;
		struct hop *hop = vec_push(message->arena, &path->hops);
		hop->n = path->hops.n > 1 ? path->hops.v[path->hops.n - 2].n + 1 : 1;
		hop->source = HOP_ORIGINATING_IP;
		hop->header = h;
		hop->received.class = RECEIVED_RELAY;
		hop->received.has_ip = true;
		hop->received.ip = ip;
		hop->received.ip_text = text;
		return;
	}
}

/* Was the hand-over between two machines of the organisation whose server wrote the newest line? The greeting alone proves nothing
 * (spammers greet with the victim's own name), so either reverse DNS says it, checked forward by the server, or both machines are
 * neighbours. */
static bool inside_organisation(const struct walk *w, const struct received *r)
{
	bool written_inside = path_same_operator(r->by, w->home) || (r->has_by_ip && ip_eq(&r->by_ip, &w->inside));
	if (w->home.n == 0 || !written_inside)
		return false;
	bool forged = span_ihas(r->from_clause, SPAN("may be forged"));
	bool proves_names = r->writer == RECEIVED_BY_POSTFIX || r->writer == RECEIVED_BY_SENDMAIL || r->writer == RECEIVED_BY_EXIM ||
			    r->writer == RECEIVED_BY_GMAIL;
	if (proves_names && !forged && r->rdns.n && path_same_operator(r->rdns, w->home))
		return true;
	if (!r->has_by_ip || !path_same_operator(r->helo.n ? r->helo : r->rdns, w->home) || ip_is_v4(&r->ip) != ip_is_v4(&r->by_ip))
		return false;
	struct ip_net near = { .ip = r->by_ip, .bits = ip_is_v4(&r->by_ip) ? 96 + 16 : 24 };
	return ip_net_has(&near, &r->ip);
}

static bool client_is_trusted(const struct walk *w, const struct received *r)
{
	const struct path_settings *s = w->settings;
	if (w->found_msa || r->auth.p || ip_is_loopback(&r->ip))
		return true;
	if (w->unset)
		return ip_is_private(&r->ip) || inside_organisation(w, r);
	return s->n_trusted ? ip_nets_have(s->trusted, s->n_trusted, &r->ip) : ip_nets_have(s->internal, s->n_internal, &r->ip);
}

/* Internal networks must lie within the trusted ones; as in SpamAssassin, one that does not is an error of the settings and counts for
 * nothing. */
static bool is_internal_network(const struct path_settings *s, const struct ip *ip)
{
	const struct ip_net *net = s->internal;
	while (net < s->internal + s->n_internal && !ip_net_has(net, ip))
		net++;
	if (net == s->internal + s->n_internal || net->exclude)
		return false;
	if (s->n_trusted == 0)
		return true;
	for (size_t i = 0; i < s->n_trusted; i++)
		if (ip_net_has(&s->trusted[i], &net->ip))
			return !s->trusted[i].exclude && s->trusted[i].bits <= net->bits;
	return false;
}

static bool client_is_internal(const struct walk *w, const struct received *r)
{
	const struct path_settings *s = w->settings;
	if (w->found_msa || r->auth.p || w->unset || ip_is_loopback(&r->ip))
		return true;
	return s->n_internal ? is_internal_network(s, &r->ip) : ip_nets_have(s->trusted, s->n_trusted, &r->ip);
}

/* The organisation of the newest server; a mailbox fetched from elsewhere begins anew at the server it was fetched from. */
static void note_home(struct walk *w, const struct received *r)
{
	if (r->writer == RECEIVED_BY_FETCHMAIL)
		w->home = span_none;
	else if (w->home.n == 0 && span_find_byte(r->by, '.', 0) != SPAN_NPOS)
		w->home = r->by;
}

static void walk_hop(struct walk *w, struct path *path, uint32_t i)
{
	struct hop *hop = &path->hops.v[i];
	struct received *r = &hop->received;
	hop->verdict = HOP_UNPROVEN;
	if (w->in_trusted) {
		hop->verdict = HOP_TRUE;
		note_home(w, r);
		if (path->reference_time == CLOCK_NONE && r->has_time)
			path->reference_time = r->time.seconds;
	}
	if (r->class != RECEIVED_RELAY)
		return;
	w->in_trusted = w->in_trusted && client_is_trusted(w, r);
	w->in_internal = w->in_internal && w->in_trusted && client_is_internal(w, r);
	w->inside = r->ip;
	hop->trusted = w->in_trusted;
	hop->internal = w->in_internal;
	if (!w->in_trusted && path->boundary == path->hops.n)
		path->boundary = i;
	if (w->in_trusted && !w->found_msa && ip_nets_have(w->settings->msa, w->settings->n_msa, &r->ip))
		hop->msa = w->found_msa = true;
}

/* Ours to send: handed in by somebody who proved to be a user of ours. Inferred, the proof must be on a line of the newest organisation. */
static bool is_outgoing(const struct path *path, const struct walk *w)
{
	struct span home = span_none;
	uint32_t last = UINT32_MAX;
	for (uint32_t i = 0; i < path->hops.n && path->hops.v[i].verdict == HOP_TRUE; i++) {
		const struct hop *hop = &path->hops.v[i];
		if (hop->received.writer == RECEIVED_BY_FETCHMAIL)
			return false;
		if (home.n == 0)
			home = hop->received.by;
		if (hop->msa)
			return true;
		if (hop->received.class == RECEIVED_RELAY && hop->trusted && hop->received.auth.p &&
		    (!w->unset || i == 0 || path_same_operator(home, hop->received.by)))
			return true;
		if (hop->received.class == RECEIVED_RELAY)
			last = i;
	}
	/* Everything ours from the first machine on: only certain where the user said which networks are his. */
	return !w->unset && last != UINT32_MAX && path->boundary == path->hops.n && path->hops.v[last].internal;
}

static void walk_trust(const struct path_settings *settings, struct path *path)
{
	struct walk w = { .settings = settings,
			  .unset = settings->n_trusted == 0 && settings->n_internal == 0,
			  .in_trusted = true,
			  .in_internal = true };
	path->boundary = path->hops.n;
	for (uint32_t i = 0; i < path->hops.n; i++)
		walk_hop(&w, path, i);
	path->outgoing = is_outgoing(path, &w);
}

static void note_delays(struct path *path)
{
	int64_t older = CLOCK_NONE;
	for (uint32_t i = path->hops.n; i-- > 0;) {
		struct hop *hop = &path->hops.v[i];
		hop->delay = hop->received.has_time && older != CLOCK_NONE ? hop->received.time.seconds - older : CLOCK_NONE;
		if (hop->received.has_time)
			older = hop->received.time.seconds;
	}
}

void path_examine(const struct message *message, const struct content *content, const struct path_settings *settings,
		  const struct connection *connection, struct path *path)
{
	/* Anomalies of Received lines are recorded with the message's others. */
	struct message *mutable = (struct message *)(uintptr_t)message;
	memset(path, 0, sizeof *path);
	path->reference_time = CLOCK_NONE;
	add_connection(connection, message->arena, path);
	add_received(mutable, path);
	add_originating(mutable, path);
	walk_trust(settings, path);
	note_delays(path);
	clues_find(message, content, path);
	path_judge(message, content, path);
}

const char *hop_verdict_name(enum hop_verdict verdict)
{
	return verdict == HOP_TRUE ? "true" : verdict == HOP_FALSE ? "false" : "unproven";
}

const char *hop_source_name(enum hop_source source)
{
	return source == HOP_CONNECTION ? "connection" : source == HOP_RECEIVED ? "received" : "x-originating-ip";
}

static const struct {
	const char *id, *says;
	bool proves_false;
} reasons[] = {
#define HOP_REASON(symbol, id, proves_false, says) { id, says, proves_false },
#include "message/hop_reasons.def"
#undef HOP_REASON
};

const char *hop_reason_id(enum hop_reason reason) { return reasons[reason].id; }

const char *hop_reason_says(enum hop_reason reason) { return reasons[reason].says; }

bool hop_reason_proves_false(enum hop_reason reason) { return reasons[reason].proves_false; }

const char *origin_role_name(enum origin_role role)
{
	return role == ORIGIN_ORIGIN ? "origin" : role == ORIGIN_RELAY ? "relay" : "unknown";
}

/* app/remembered.c - see remembered.h */
#include "app/remembered.h"
#include "base/record.h"
#include "facts/network.h"

static void add(struct remembered_list *out, struct arena *arena, enum tuple_kind kind, struct span key)
{
	if (key.n && key.n <= TUPLES_KEY_MAX)
		*(struct remembered *)vec_push(arena, &out->list) = (struct remembered){ kind, key };
}

static void add_client(struct remembered_list *out, const struct judgement *j, const struct connection *connection, struct arena *arena)
{
	struct network_entry entry;
	if (!connection->has_ip)
		return;
	add(out, arena, TUPLE_ADDRESS, span_of(&connection->ip, sizeof connection->ip));
	add(out, arena, TUPLE_NETWORK, tuples_network(&connection->ip, arena));
	if (j->path->origin.has_ip && ip_eq(&j->path->origin.ip, &connection->ip) && network_record(j->origin_network, &entry) && entry.as)
		add(out, arena, TUPLE_AS, arena_printf(arena, "%u", (unsigned)entry.as));
}

static void add_names(struct remembered_list *out, const struct authentication *auth, struct arena *arena)
{
	if (auth->dmarc.aligned_by.n && auth->dmarc.domain.n)
		add(out, arena, TUPLE_DOMAIN, arena_lower(arena, auth->dmarc.domain));
	for (uint32_t i = 0; i < auth->dkim.list.n; i++)
		if (auth->dkim.list.v[i].result == DKIM_PASS)
			add(out, arena, TUPLE_DKIM_DOMAIN, arena_lower(arena, auth->dkim.list.v[i].domain));
}

static void add_correspondents(struct remembered_list *out, const struct judgement *j, const struct connection *connection,
			       struct arena *arena)
{
	struct span own = connection->auth_user.n ? connection->auth_user : connection->mail_from;
	for (uint32_t i = 0; i < j->correspondents.n && own.n; i++) {
		const struct span parts[] = { own, j->correspondents.v[i] };
		add(out, arena, TUPLE_CORRESPONDENT, tuples_key(arena, parts, 2));
	}
}

enum { OWN_USERS = 5 }; /* of one message */

/* Only where the author is proven: a forger does not make his machine a friend's. */
static void add_server(struct remembered_list *out, const struct judgement *j, const struct pipeline *pipeline, struct arena *arena)
{
	const struct connection *connection = pipeline->connection;
	const struct content *content = j->content;
	if (!connection->has_ip || !pipeline->auth.dmarc.aligned_by.n || !content->from.list.n)
		return;
	for (size_t i = 0; i < connection->n_recipients && i < OWN_USERS; i++) {
		const struct span parts[] = { connection->recipients[i], content->from.list.v[0].spec };
		add(out, arena, TUPLE_SERVER,
		    arena_join(arena, span_of(connection->ip.b, sizeof connection->ip.b), tuples_key(arena, parts, 2)));
	}
}

struct span remembered_server(struct span key, struct span *ret_correspondents)
{
	*ret_correspondents = span_skip(key, sizeof(struct ip));
	return span_first(key, sizeof(struct ip));
}

void remembered_of(const struct judgement *j, const struct pipeline *pipeline, struct arena *arena, struct remembered_list *ret)
{
	memset(ret, 0, sizeof *ret);
	if (j->path->outgoing) {
		add_correspondents(ret, j, pipeline->connection, arena);
		ret->by[TUPLE_GOOD] = TUPLE_ONE;
		return;
	}
	/* a message that is only marked says little of who sent it */
	if (j->verdict.action == VERDICT_ACCEPT)
		ret->by[TUPLE_GOOD] = TUPLE_ONE;
	else if (j->verdict.action == VERDICT_QUARANTINE || j->verdict.action == VERDICT_REJECT)
		ret->by[TUPLE_SPAM] = TUPLE_ONE;
	else
		return;
	add_client(ret, j, pipeline->connection, arena);
	add_names(ret, &pipeline->auth, arena);
	if (j->verdict.action == VERDICT_ACCEPT)
		add_server(ret, j, pipeline, arena);
}

void remembered_put(const struct remembered_list *list, struct buf *out)
{
	for (size_t i = 0; i < TUPLE_COUNTERS; i++)
		record_put_number(out, list->by[i]);
	record_put_number(out, list->list.n);
	for (uint32_t i = 0; i < list->list.n; i++) {
		record_put_number(out, list->list.v[i].kind);
		record_put_text(out, list->list.v[i].key);
	}
}

int remembered_take(struct cursor *c, struct arena *arena, struct remembered_list *ret)
{
	memset(ret, 0, sizeof *ret);
	for (size_t i = 0; i < TUPLE_COUNTERS; i++) {
		ret->by[i] = record_number(c);
		if (ret->by[i] > TUPLE_ONE)
			return ERR_SYNTAX; /* one message counts as one */
	}
	for (uint64_t n = record_count(c); n && !c->overrun; n--) {
		uint64_t kind = record_number(c);
		struct span key = record_text(c);
		bool known = kind <= TUPLE_CORRESPONDENT && kind != TUPLE_GREYLIST;
		if ((!known && kind != TUPLE_SERVER) || key.n > TUPLES_KEY_MAX)
			return ERR_SYNTAX;
		add(ret, arena, (enum tuple_kind)kind, key);
	}
	return c->overrun ? ERR_SYNTAX : ERR_OK;
}

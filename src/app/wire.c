/* app/wire.c - see wire.h */
#include "app/wire.h"
#include "base/err.h"
#include "base/record.h"

/* What is not known is 0; an empty text is 1. */
static void put_optional(struct buf *out, struct span text)
{
	record_put_number(out, text.p ? text.n + 1 : 0);
	buf_put(out, text);
}

static struct span take_optional(struct cursor *c)
{
	uint64_t n = record_number(c);
	return n == 0 ? span_none : cursor_take(c, n - 1);
}

static void put_texts(struct buf *out, const struct span *v, size_t n)
{
	record_put_number(out, n);
	for (size_t i = 0; i < n; i++)
		record_put_text(out, v[i]);
}

static void put_ip(struct buf *out, const struct ip *ip) { buf_put(out, span_of(ip, sizeof *ip)); }

static void take_ip(struct cursor *c, struct ip *ip)
{
	struct span bytes = cursor_take(c, sizeof *ip);
	if (bytes.n == sizeof *ip)
		memcpy(ip, bytes.p, sizeof *ip);
}

static int end(const struct cursor *c) { return c->overrun || cursor_left(c) ? ERR_SYNTAX : ERR_OK; }

/* A C string: one NUL, at the end. */
static bool is_path(struct span path) { return path.n && span_find_byte(path, '\0', 0) == path.n - 1; }

void wire_put_settings(const struct wire_settings *s, struct buf *out)
{
	record_put_text(out, s->files);
	record_put_text(out, s->data_directory);
	record_put_text(out, s->model);
	record_put_text(out, s->dns_files);
}

int wire_settings(struct span payload, struct wire_settings *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_settings s = { .files = record_text(&c) };
	s.data_directory = record_text(&c);
	s.model = record_text(&c);
	s.dns_files = record_text(&c);
	if (end(&c) != 0 || !is_path(s.data_directory) || !is_path(s.model))
		return ERR_SYNTAX;
	*ret = s;
	return ERR_OK;
}

void wire_put_job(const struct wire_job *job, struct buf *out)
{
	const struct connection *connection = &job->connection;
	record_put_number(out, job->wish);
	record_put_number(out, job->door);
	record_put_number(out, connection->has_ip);
	if (connection->has_ip)
		put_ip(out, &connection->ip);
	put_optional(out, connection->rdns);
	put_optional(out, connection->helo);
	put_optional(out, connection->auth_user);
	put_optional(out, connection->mail_from);
	put_texts(out, connection->recipients, connection->n_recipients);
	record_put_text(out, job->queue_id);
	record_put_text(out, job->tls);
	record_put_signed(out, job->now);
}

int wire_job(struct span payload, struct arena *arena, struct wire_job *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_job job = { 0 };
	struct connection *connection = &job.connection;
	uint64_t wish = record_number(&c), door = record_number(&c);
	if (wish > WISH_WHY || door >= DOORS)
		return ERR_SYNTAX;
	job.wish = (enum session_wish)wish;
	job.door = (enum session_door)door;
	connection->has_ip = record_number(&c) != 0;
	if (connection->has_ip)
		take_ip(&c, &connection->ip);
	connection->rdns = take_optional(&c);
	connection->helo = take_optional(&c);
	connection->auth_user = take_optional(&c);
	connection->mail_from = take_optional(&c);
	connection->n_recipients = record_count(&c);
	struct span *recipients = arena_alloc(arena, connection->n_recipients * sizeof *recipients);
	for (size_t i = 0; i < connection->n_recipients; i++)
		recipients[i] = record_text(&c);
	connection->recipients = recipients;
	job.queue_id = record_text(&c);
	job.tls = record_text(&c);
	job.now = record_signed(&c);
	if (end(&c) != 0)
		return ERR_SYNTAX;
	*ret = job;
	return ERR_OK;
}

void wire_put_judged(const struct wire_judged *judged, struct buf *out)
{
	record_put_text(out, judged->outcome);
	record_put_text(out, judged->casefile);
	record_put_text(out, judged->story);
	remembered_put(&judged->remembered, out);
}

int wire_judged(struct span payload, struct arena *arena, struct wire_judged *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_judged judged = { .outcome = record_text(&c) };
	judged.casefile = record_text(&c);
	judged.story = record_text(&c);
	if (remembered_take(&c, arena, &judged.remembered) != 0 || end(&c) != 0)
		return ERR_SYNTAX;
	*ret = judged;
	return ERR_OK;
}

void wire_put_keep(const struct wire_keep *keep, struct buf *out)
{
	record_put_number(out, (uint64_t)keep->hold | (uint64_t)keep->answer << 1 | (uint64_t)keep->released << 2);
	record_put_text(out, keep->casefile);
	remembered_put(&keep->remembered, out);
}

int wire_keep(struct span payload, struct arena *arena, struct wire_keep *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_keep keep = { 0 };
	uint64_t flags = record_number(&c);
	keep.hold = flags & 1;
	keep.answer = flags & 2;
	keep.released = flags & 4;
	keep.casefile = record_text(&c);
	if (flags > 7 || remembered_take(&c, arena, &keep.remembered) != 0 || end(&c) != 0)
		return ERR_SYNTAX;
	*ret = keep;
	return ERR_OK;
}

void wire_put_hit(const struct wire_hit *hit, struct buf *out)
{
	record_put_number(out, hit->over);
	buf_put(out, span_of(hit->fingerprint, sizeof hit->fingerprint));
	record_put_text(out, hit->reading);
}

int wire_hit(struct span payload, struct wire_hit *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_hit hit = { .over = record_number(&c) != 0 };
	struct span fingerprint = cursor_take(&c, sizeof hit.fingerprint);
	if (fingerprint.n == sizeof hit.fingerprint)
		memcpy(hit.fingerprint, fingerprint.p, fingerprint.n);
	hit.reading = record_text(&c);
	if (end(&c) != 0)
		return ERR_SYNTAX;
	*ret = hit;
	return ERR_OK;
}

void wire_put_trapped(const struct wire_trapped *t, struct buf *out)
{
	record_put_number(out, t->door);
	put_ip(out, &t->ip);
	record_put_text(out, t->helo);
	record_put_text(out, t->mail_from);
	record_put_text(out, t->recipient);
	record_put_number(out, t->planted);
	put_ip(out, &t->shown.visitor);
	record_put_signed(out, t->shown.time);
}

int wire_trapped(struct span payload, struct wire_trapped *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_trapped t = { .door = (enum session_door)record_below(&c, DOORS) };
	take_ip(&c, &t.ip);
	t.helo = record_text(&c);
	t.mail_from = record_text(&c);
	t.recipient = record_text(&c);
	t.planted = record_below(&c, 2);
	take_ip(&c, &t.shown.visitor);
	t.shown.time = record_signed(&c);
	if (end(&c) != 0)
		return ERR_SYNTAX;
	*ret = t;
	return ERR_OK;
}

void wire_put_known(const struct wire_known *known, struct buf *out)
{
	put_ip(out, &known->ip);
	record_put_number(out, known->name);
	record_put_text(out, known->text);
	record_put_number(out, (uint64_t)known->listed | (uint64_t)known->allowed << 1);
}

int wire_known(struct span payload, struct wire_known *ret)
{
	struct cursor c = cursor_of(payload);
	struct wire_known known = { 0 };
	take_ip(&c, &known.ip);
	known.name = (enum gate_name)record_below(&c, GATE_NAMES);
	known.text = record_text(&c);
	uint64_t flags = record_below(&c, 4);
	known.listed = flags & 1;
	known.allowed = flags >> 1;
	if (end(&c) != 0)
		return ERR_SYNTAX;
	*ret = known;
	return ERR_OK;
}

/* facts/zone.c - see zone.h
 *
 * The file is trusted, but read as it may have been written by hand: a record that is not understood is refused with its name and line,
 * never skipped, because a test that silently lost a record proves nothing. */
#include "facts/zone.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { TTL_PRESET = 3600 };

struct record {
	enum question_type type;
	struct span text;
	uint32_t ttl, delay; /* seconds, milliseconds */
};

struct zone_name {
	struct span name; /* lower-case, without final dot */
	bool failed;
	enum answer_status status; /* when failed: TIMEOUT or SERVFAIL for whatever is asked */
	VEC(struct record) records;
};

struct zone {
	struct arena arena;
	VEC(struct zone_name) names; /* sorted, each once */
};

struct reading {
	struct zone *zone;
	const char *path;
	struct span bytes;
	struct arena *arena; /* for the error */
	struct span error;
};

static struct span normal_name(struct span name, struct arena *arena)
{
	if (span_ends(name, SPAN(".")))
		name.n--;
	return arena_lower(arena, name);
}

static size_t line_at(struct span bytes, size_t at)
{
	size_t line = 1;
	for (size_t i = 0; (i = span_find_byte(bytes, '\n', i)) < at; i++)
		line++;
	return line;
}

/* jansson keeps no lines: the line of a name is that of its first mention in quotes. */
static int refuse(struct reading *r, const char *name, const char *what)
{
	struct span quoted = arena_printf(r->arena, "\"%s\"", name);
	size_t at = span_find(r->bytes, quoted, 0);
	if (at == SPAN_NPOS)
		r->error = arena_printf(r->arena, "%s: %s: %s", r->path, name, what);
	else
		r->error = arena_printf(r->arena, "%s:%zu: %s: %s", r->path, line_at(r->bytes, at), name, what);
	return ERR_SYNTAX;
}

/* U+0080 to U+00FF are single bytes, so that any TXT record can be written. */
static void put_txt(struct buf *out, const json_t *piece)
{
	struct span text = span_of(json_string_value(piece), json_string_length(piece));
	for (size_t i = 0; i < text.n;) {
		uint32_t character;
		size_t n = utf8_decode(text, i, &character);
		if (character >= 0x80 && character <= 0xff)
			buf_byte(out, (uint8_t)character);
		else
			buf_put(out, span_slice(text, i, i + n));
		i += n;
	}
}

static const char *read_txt(struct arena *arena, const json_t *value, struct span *ret)
{
	struct buf out;
	buf_init(&out, arena, LIMIT_ZONE_BYTES);
	if (json_is_string(value))
		put_txt(&out, value);
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (!json_is_string(json_array_get(value, i)))
			return "the pieces of a TXT record are strings: {\"TXT\": [\"v=spf1 \", \"-all\"]}";
		put_txt(&out, json_array_get(value, i));
	}
	*ret = buf_span(&out);
	return json_is_string(value) || json_is_array(value) ? NULL : "a TXT record is a string or a list of strings";
}

static const char *read_address(struct arena *arena, const json_t *value, bool v4, struct span *ret)
{
	struct span text = span_of(json_string_value(value), json_string_length(value));
	struct ip ip;
	if (!json_is_string(value) || !ip_parse(text, &ip) || span_has(text, SPAN(":")) == v4)
		return v4 ? "an A record is an IPv4 address: {\"A\": \"192.0.2.1\"}"
			  : "an AAAA record is an IPv6 address: {\"AAAA\": \"2001:db8::1\"}";
	*ret = arena_dup(arena, text);
	return NULL;
}

static const char *read_mx(struct arena *arena, const json_t *value, struct span *ret)
{
	const json_t *preference = json_array_get(value, 0), *host = json_array_get(value, 1);
	if (json_array_size(value) != 2 || !json_is_integer(preference) || !json_is_string(host) || json_integer_value(preference) < 0 ||
	    json_integer_value(preference) > 65535)
		return "an MX record is a preference and a host: {\"MX\": [10, \"mail.example.org\"]}";
	struct span name = normal_name(span_of(json_string_value(host), json_string_length(host)), arena);
	*ret = arena_printf(arena, "%d %.*s", (int)json_integer_value(preference), SPAN_ARG(name));
	return NULL;
}

static const char *read_host(struct arena *arena, const json_t *value, struct span *ret)
{
	if (!json_is_string(value))
		return "PTR, CNAME, NS and SOA records are strings";
	*ret = normal_name(span_of(json_string_value(value), json_string_length(value)), arena);
	return NULL;
}

/* What is no DNS: kept as written. */
static const char *read_words(struct arena *arena, const json_t *value, struct span *ret)
{
	if (!json_is_string(value))
		return "LIST and NETWORK records are strings: {\"NETWORK\": \"AS64500 NZ 192.0.2.0/24 Example Networks\"}";
	*ret = arena_dup(arena, span_of(json_string_value(value), json_string_length(value)));
	return NULL;
}

static const char *read_value(struct arena *arena, enum question_type type, const json_t *value, struct span *ret)
{
	switch (type) {
	case QUESTION_TXT: return read_txt(arena, value, ret);
	case QUESTION_A: return read_address(arena, value, true, ret);
	case QUESTION_AAAA: return read_address(arena, value, false, ret);
	case QUESTION_MX: return read_mx(arena, value, ret);
	case QUESTION_LIST:
	case QUESTION_NETWORK: return read_words(arena, value, ret);
	default: return read_host(arena, value, ret);
	}
}

static bool type_named(const char *name, enum question_type *ret)
{
	for (int type = 0; type < QUESTION_TYPES; type++)
		if (span_ieq(span_cstr(name), span_cstr(question_type_name((enum question_type)type)))) {
			*ret = (enum question_type)type;
			return true;
		}
	return false;
}

static bool read_number(const json_t *value, uint32_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > INT32_MAX)
		return false;
	*ret = (uint32_t)json_integer_value(value);
	return true;
}

/* {"A": "192.0.2.1", "ttl": 60, "delay": 300} */
static const char *read_object(struct arena *arena, struct zone_name *name, json_t *object)
{
	struct record record = { .ttl = TTL_PRESET };
	bool found = false;
	const char *key, *wrong;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		if (span_ieq(span_cstr(key), SPAN("ttl"))) {
			if (!read_number(value, &record.ttl))
				return "ttl is a number of seconds";
		} else if (span_ieq(span_cstr(key), SPAN("delay"))) {
			if (!read_number(value, &record.delay))
				return "delay is a number of milliseconds";
		} else if (found) {
			return "one record holds one type; write a list of records";
		} else if (!type_named(key, &record.type)) {
			return "the types known here are A, AAAA, MX, TXT, PTR, CNAME, NS, SOA, LIST and NETWORK";
		} else if ((wrong = read_value(arena, record.type, value, &record.text))) {
			return wrong;
		} else {
			found = true;
		}
	}
	if (!found)
		return "a record needs a type: {\"A\": \"192.0.2.1\"}";
	*(struct record *)vec_push(arena, &name->records) = record;
	return NULL;
}

static const char *read_record(struct arena *arena, struct zone_name *name, json_t *value)
{
	const char *word = json_string_value(value);
	bool timeout = word && strcmp(word, "TIMEOUT") == 0, servfail = word && strcmp(word, "SERVFAIL") == 0;
	if (timeout || servfail) {
		name->failed = true;
		name->status = timeout ? ANSWER_TIMEOUT : ANSWER_SERVFAIL;
		return NULL;
	}
	if (json_is_object(value))
		return read_object(arena, name, value);
	if (!word)
		return "a record is an object as {\"A\": \"192.0.2.1\"}, a string (TXT), \"TIMEOUT\" or \"SERVFAIL\"";
	struct record record = { .type = QUESTION_TXT, .ttl = TTL_PRESET };
	read_txt(arena, value, &record.text);
	*(struct record *)vec_push(arena, &name->records) = record;
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	struct span x = ((const struct zone_name *)a)->name, y = ((const struct zone_name *)b)->name;
	int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
	return order ? order : (x.n > y.n) - (x.n < y.n);
}

static int read_names(struct reading *r, json_t *root)
{
	struct arena *arena = &r->zone->arena;
	const char *key, *wrong = NULL;
	json_t *value;
	if (!json_is_object(root)) {
		r->error = arena_printf(r->arena, "%s: an object is expected: {\"example.org\": [{\"A\": \"192.0.2.1\"}]}", r->path);
		return ERR_SYNTAX;
	}
	json_object_foreach(root, key, value)
	{
		struct zone_name *name = vec_push(arena, &r->zone->names);
		name->name = normal_name(span_cstr(key), arena);
		if (!json_is_array(value))
			wrong = read_record(arena, name, value);
		for (size_t i = 0; i < json_array_size(value) && !wrong; i++)
			wrong = read_record(arena, name, json_array_get(value, i));
		if (wrong)
			return refuse(r, key, wrong);
	}
	if (r->zone->names.n)
		qsort(r->zone->names.v, r->zone->names.n, sizeof *r->zone->names.v, compare_names);
	for (uint32_t i = 1; i < r->zone->names.n; i++)
		if (span_eq(r->zone->names.v[i].name, r->zone->names.v[i - 1].name)) {
			r->error = arena_printf(r->arena, "%s: %.*s stands there twice; put its records in one list", r->path,
						SPAN_ARG(r->zone->names.v[i].name));
			return ERR_SYNTAX;
		}
	return ERR_OK;
}

static int read_file(struct reading *r)
{
	FILE *f = fopen(r->path, "rbe");
	if (!f) {
		r->error = arena_printf(r->arena, "%s: cannot read the DNS answers: %s", r->path, strerror(errno));
		return ERR_IO;
	}
	struct buf bytes;
	buf_init(&bytes, r->arena, LIMIT_ZONE_BYTES);
	size_t got;
	while (buf_room(&bytes, 65536) && (got = fread(bytes.p + bytes.n, 1, 65536, f)) > 0)
		bytes.n += got;
	int error = ferror(f) ? errno : 0;
	fclose(f);
	r->bytes = buf_span(&bytes);
	if (!error && !bytes.full)
		return ERR_OK;
	r->error = error ? arena_printf(r->arena, "%s: cannot read the DNS answers: %s", r->path, strerror(error))
			 : arena_printf(r->arena, "%s: more than %u bytes of DNS answers", r->path, LIMIT_ZONE_BYTES);
	return error ? ERR_IO : ERR_LIMIT;
}

int zone_load(const char *path, struct arena *arena, struct zone **ret_zone, struct span *ret_error)
{
	struct reading r = { .path = path, .arena = arena };
	int err = read_file(&r);
	if (err) {
		*ret_error = r.error;
		return err;
	}
	json_error_t problem;
	json_t *root = json_loadb((const char *)r.bytes.p, r.bytes.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
	if (!root) {
		*ret_error = arena_printf(arena, "%s:%d: this is not JSON: %s", path, problem.line > 0 ? problem.line : 1, problem.text);
		return ERR_SYNTAX;
	}
	r.zone = calloc(1, sizeof *r.zone);
	if (!r.zone)
		abort();
	arena_init(&r.zone->arena);
	err = read_names(&r, root);
	json_decref(root);
	if (err) {
		zone_free(r.zone);
		*ret_error = r.error;
		return err;
	}
	*ret_zone = r.zone;
	return ERR_OK;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	arena_release(&zone->arena);
	free(zone);
}

static const struct zone_name *find(const struct zone *zone, struct span name, struct arena *arena)
{
	struct zone_name key = { .name = normal_name(name, arena) };
	return zone->names.n ? bsearch(&key, zone->names.v, zone->names.n, sizeof key, compare_names) : NULL;
}

static const struct record *record_of(const struct zone_name *name, enum question_type type)
{
	for (uint32_t i = 0; i < name->records.n; i++)
		if (name->records.v[i].type == type)
			return &name->records.v[i];
	return NULL;
}

/* The most that one of the records used takes. */
static uint32_t later(uint32_t delay, const struct record *record) { return record->delay > delay ? record->delay : delay; }

static uint32_t take_records(const struct zone_name *name, struct arena *arena, struct answer *answer, uint32_t delay)
{
	answer->status = ANSWER_NODATA;
	for (uint32_t i = 0; i < name->records.n; i++) {
		const struct record *record = &name->records.v[i];
		if (record->type != answer->question.type)
			continue;
		if (record->ttl < answer->ttl)
			answer->ttl = record->ttl;
		answer->status = ANSWER_OK;
		delay = later(delay, record);
		*(struct span *)vec_push(arena, &answer->records) = record->text;
	}
	return delay;
}

static uint32_t follow(const struct zone *zone, struct arena *arena, struct answer *answer)
{
	struct span name = answer->question.name;
	uint32_t delay = 0;
	for (unsigned step = 0; step <= LIMIT_CNAMES; step++) {
		const struct zone_name *found = find(zone, name, arena);
		const struct record *alias = found ? record_of(found, QUESTION_CNAME) : NULL;
		if (!found) {
			answer->status = ANSWER_NXDOMAIN;
			return delay;
		}
		if (found->failed) {
			answer->status = found->status;
			return delay;
		}
		if (!alias || answer->question.type == QUESTION_CNAME)
			return take_records(found, arena, answer, delay);
		if (alias->ttl < answer->ttl)
			answer->ttl = alias->ttl;
		delay = later(delay, alias);
		name = alias->text;
	}
	answer->status = ANSWER_SERVFAIL; /* a loop, or a chain that resolvers give up on as well */
	return delay;
}

uint32_t zone_answer(const struct zone *zone, struct arena *arena, struct answer *answer)
{
	answer->ttl = UINT32_MAX;
	uint32_t delay = follow(zone, arena, answer);
	if (answer->status != ANSWER_OK)
		answer->ttl = 0;
	return delay;
}

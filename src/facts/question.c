/* facts/question.c - see question.h */
#include "facts/question.h"
#include "base/ascii.h"
#include "base/buf.h"

#include <xxhash.h>

/* So few are compared one by one. Beyond, a table with open addressing, at most half full: names can be chosen to collide, but there are no
 * more of them than LIMIT_QUESTIONS and what was refused beyond it. */
enum { FEW = 8, NAME_BYTES = 255 };

static struct span without_dot(struct span name) { return span_ends(name, SPAN(".")) ? span_first(name, name.n - 1) : name; }

uint64_t question_hash(const struct question *question, uint64_t seed)
{
	struct span name = without_dot(question->name);
	uint8_t lower[NAME_BYTES];
	size_t n = name.n < sizeof lower ? name.n : sizeof lower;
	for (size_t i = 0; i < n; i++)
		lower[i] = ascii_lower(name.p[i]);
	return XXH3_64bits_withSeed(lower, n, seed + (XXH64_hash_t)question->type);
}

static uint32_t hash_of(enum question_type type, struct span name) { return (uint32_t)question_hash(&(struct question){ type, name }, 0); }

static bool is_about(const struct answer *answer, enum question_type type, struct span name)
{
	return answer->question.type == type && span_ieq(without_dot(answer->question.name), name);
}

const struct answer *answers_find(const struct answers *answers, enum question_type type, struct span name)
{
	name = without_dot(name);
	if (!answers->index) {
		for (uint32_t i = 0; i < answers->list.n; i++)
			if (is_about(&answers->list.v[i], type, name))
				return &answers->list.v[i];
		return NULL;
	}
	uint32_t mask = answers->n_index - 1, place;
	for (uint32_t at = hash_of(type, name); (place = answers->index[at & mask]) != 0; at++)
		if (is_about(&answers->list.v[place - 1], type, name))
			return &answers->list.v[place - 1];
	return NULL;
}

static void index_put(struct answers *answers, uint32_t i)
{
	const struct question *question = &answers->list.v[i].question;
	uint32_t mask = answers->n_index - 1, at = hash_of(question->type, without_dot(question->name));
	while (answers->index[at & mask])
		at++;
	answers->index[at & mask] = i + 1;
}

struct answer *answers_add(struct answers *answers, struct arena *arena, const struct question *question)
{
	struct answer *answer = vec_push(arena, &answers->list);
	answer->question = *question;
	answer->status = ANSWER_UNAVAILABLE;
	if (answers->list.n > FEW && answers->list.n * 2 > answers->n_index) {
		answers->n_index = answers->n_index ? answers->n_index * 2 : FEW * 8;
		answers->index = arena_zalloc(arena, answers->n_index * sizeof *answers->index);
		for (uint32_t i = 0; i < answers->list.n; i++)
			index_put(answers, i);
	} else if (answers->index) {
		index_put(answers, answers->list.n - 1);
	}
	return answer;
}

const struct answer *question_ask(const struct answers *answers, struct questions *questions, enum question_type type, struct span name)
{
	const struct answer *answer = answers_find(answers, type, name);
	if (!answer)
		*(struct question *)vec_push(questions->arena, &questions->list) = (struct question){ type, name };
	return answer;
}

const char *answer_status_says(enum answer_status status)
{
	static const char *const says[] = {
		[ANSWER_OK] = "was answered",
		[ANSWER_NODATA] = "has no record of that kind",
		[ANSWER_NXDOMAIN] = "does not exist",
		[ANSWER_TIMEOUT] = "timed out",
		[ANSWER_SERVFAIL] = "failed at its name server",
		[ANSWER_UNAVAILABLE] = "was not asked: there is no resolver",
	};
	return says[status];
}

struct span answer_says(const struct answer *answer)
{
	return answer->status == ANSWER_UNAVAILABLE && answer->why.n ? answer->why : span_cstr(answer_status_says(answer->status));
}

const char *question_type_name(enum question_type type)
{
	static const char *const names[QUESTION_TYPES] = {
		[QUESTION_A] = "A",       [QUESTION_AAAA] = "AAAA",       [QUESTION_MX] = "MX", [QUESTION_TXT] = "TXT",
		[QUESTION_PTR] = "PTR",   [QUESTION_CNAME] = "CNAME",     [QUESTION_NS] = "NS", [QUESTION_SOA] = "SOA",
		[QUESTION_LIST] = "LIST", [QUESTION_NETWORK] = "NETWORK",
	};
	return names[type];
}

static struct span v4_ptr_name(const struct ip *ip, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, 32);
	for (int i = 15; i >= 12; i--) {
		uint8_t octet = ip->b[i];
		if (octet >= 100)
			buf_byte(&out, (uint8_t)('0' + octet / 100));
		if (octet >= 10)
			buf_byte(&out, (uint8_t)('0' + octet / 10 % 10));
		buf_put(&out, span_of((const char[]){ (char)('0' + octet % 10), '.' }, 2));
	}
	buf_cstr(&out, "in-addr.arpa");
	return buf_span(&out);
}

struct span question_ptr_name(const struct ip *ip, struct arena *arena)
{
	static const char hex[] = "0123456789abcdef";
	if (ip_is_v4(ip))
		return v4_ptr_name(ip, arena);
	struct buf out;
	buf_init(&out, arena, 80);
	for (int i = 15; i >= 0; i--)
		buf_put(&out, span_of((const char[]){ hex[ip->b[i] & 15], '.', hex[ip->b[i] >> 4], '.' }, 4));
	buf_cstr(&out, "ip6.arpa");
	return buf_span(&out);
}

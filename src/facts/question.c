/* facts/question.c - see question.h */
#include "facts/question.h"
#include "base/buf.h"

const struct answer *answers_find(const struct answers *answers, enum question_type type, struct span name)
{
	for (uint32_t i = 0; i < answers->list.n; i++)
		if (answers->list.v[i].question.type == type && span_ieq(answers->list.v[i].question.name, name))
			return &answers->list.v[i];
	return NULL;
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

const char *question_type_name(enum question_type type)
{
	static const char *const names[QUESTION_TYPES] = {
		[QUESTION_A] = "A",       [QUESTION_AAAA] = "AAAA",       [QUESTION_MX] = "MX", [QUESTION_TXT] = "TXT",
		[QUESTION_PTR] = "PTR",   [QUESTION_CNAME] = "CNAME",     [QUESTION_NS] = "NS", [QUESTION_SOA] = "SOA",
		[QUESTION_LIST] = "LIST", [QUESTION_NETWORK] = "NETWORK",
	};
	return names[type];
}

struct span question_ptr_name(const struct ip *ip, struct arena *arena)
{
	static const char hex[] = "0123456789abcdef";
	if (ip_is_v4(ip))
		return arena_printf(arena, "%u.%u.%u.%u.in-addr.arpa", ip->b[15], ip->b[14], ip->b[13], ip->b[12]);
	struct buf out;
	buf_init(&out, arena, 80);
	for (int i = 15; i >= 0; i--)
		buf_printf(&out, "%c.%c.", hex[ip->b[i] & 15], hex[ip->b[i] >> 4]);
	buf_cstr(&out, "ip6.arpa");
	return buf_span(&out);
}

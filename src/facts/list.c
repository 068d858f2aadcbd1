/* facts/list.c - see list.h */
#include "facts/list.h"
#include "base/ascii.h"

#include <openssl/sha.h>
#include <stdlib.h>

enum { NAME_MOST = 253, LABEL_MOST = 63 }; /* RFC 1035 2.3.4 */

static bool question_is(struct question *ret, enum question_type type, struct span name)
{
	*ret = (struct question){ type, name };
	return true;
}

static struct span hexadecimal(const uint8_t *p, size_t n, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *text = arena_alloc(arena, 2 * n);
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = (uint8_t)digits[p[i] >> 4];
		text[2 * i + 1] = (uint8_t)digits[p[i] & 15];
	}
	return span_of(text, 2 * n);
}

/* RFC 4648 section 6, lower-case, without padding. */
static struct span base32(const uint8_t *p, size_t n, struct arena *arena)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t *text = arena_alloc(arena, (n * 8 + 4) / 5);
	uint32_t bits = 0;
	size_t out = 0;
	unsigned held = 0;
	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (held += 8; held >= 5; held -= 5)
			text[out++] = (uint8_t)digits[bits >> (held - 5) & 31];
	}
	if (held)
		text[out++] = (uint8_t)digits[bits << (5 - held) & 31];
	return span_of(text, out);
}

static struct span hashed(const struct list_declaration *list, struct span text, struct arena *arena)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	size_t n = list->hash == LIST_SHA1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
	if (list->hash == LIST_SHA1)
		SHA1(text.p, text.n, digest);
	else
		SHA256(text.p, text.n, digest);
	return list->digits == LIST_BASE32 ? base32(digest, n, arena) : hexadecimal(digest, n, arena);
}

static struct span reversed(const struct ip *ip, struct arena *arena)
{
	struct span name = question_ptr_name(ip, arena);
	return span_first(name, name.n - (ip_is_v4(ip) ? sizeof ".in-addr.arpa" : sizeof ".ip6.arpa") + 1);
}

bool list_ask_address(const struct list_declaration *list, const struct ip *ip, struct arena *arena, struct question *ret)
{
	char text[IP_TEXT_MAX];
	if (list->file.n)
		return question_is(ret, QUESTION_LIST,
				   arena_printf(arena, "%.*s %.*s", SPAN_ARG(list->name), (int)ip_format(ip, text), text));
	if (!ip_is_v4(ip) && !list->ipv6)
		return false;
	struct span head = reversed(ip, arena);
	return question_is(ret, QUESTION_A, arena_printf(arena, "%.*s.%.*s", SPAN_ARG(head), SPAN_ARG(list->zone)));
}

static bool is_dns_name(struct span name)
{
	struct span rest = name, label;
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MOST)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (label.p[i] <= ' ' || label.p[i] >= 0x7f)
				return false;
	}
	return name.n > 0;
}

bool list_ask_text(const struct list_declaration *list, struct span text, struct arena *arena, struct question *ret)
{
	if (list->file.n)
		return text.n && question_is(ret, QUESTION_LIST, arena_printf(arena, "%.*s %.*s", SPAN_ARG(list->name), SPAN_ARG(text)));
	if (list->hash)
		text = hashed(list, text, arena);
	else if (span_ends(text, SPAN(".")))
		text.n--;
	if (!is_dns_name(text) || text.n + 1 + list->zone.n > NAME_MOST)
		return false;
	return question_is(ret, QUESTION_A, arena_printf(arena, "%.*s.%.*s", SPAN_ARG(text), SPAN_ARG(list->zone)));
}

/* "::ffff:7f00:2" is asked the IPv6 way, though it is an IPv4 address (RFC 5782 section 5). */
bool list_ask_control(const struct list_declaration *list, struct span control, struct arena *arena, struct question *ret)
{
	static const char hex[] = "0123456789abcdef";
	struct ip ip;
	if (!ip_parse(control, &ip))
		return is_dns_name(control) &&
		       question_is(ret, QUESTION_A, arena_printf(arena, "%.*s.%.*s", SPAN_ARG(control), SPAN_ARG(list->zone)));
	if (!span_has(control, SPAN(":"))) {
		struct span head = reversed(&ip, arena);
		return question_is(ret, QUESTION_A, arena_printf(arena, "%.*s.%.*s", SPAN_ARG(head), SPAN_ARG(list->zone)));
	}
	struct buf out;
	buf_init(&out, arena, NAME_MOST);
	for (int i = 15; i >= 0; i--)
		buf_printf(&out, "%c.%c.", hex[ip.b[i] & 15], hex[ip.b[i] >> 4]);
	buf_put(&out, list->zone);
	return question_is(ret, QUESTION_A, buf_span(&out));
}

bool list_answers(const struct answer *answer) { return answer->status == ANSWER_OK && answer->records.n > 0; }

static const struct list_code *find_code(const struct list_codes *codes, uint32_t address)
{
	for (size_t i = 0; i < codes->n; i++)
		if (list_code_matches(&codes->v[i], address))
			return &codes->v[i];
	return NULL;
}

/* Of several answers the weightiest counts, not their sum: they tell of one thing. */
static enum list_says read_addresses(const struct list_declaration *list, const struct answer *answer, const struct list_code **ret_code,
				     struct span *ret_entry)
{
	const struct list_code *heaviest = NULL;
	for (uint32_t i = 0; i < answer->records.n; i++) {
		struct ip ip;
		if (!ip_parse(answer->records.v[i], &ip) || !ip_is_v4(&ip) || ip_v4(&ip) >> 24 != 127 ||
		    find_code(&list->refusals, ip_v4(&ip))) {
			*ret_entry = answer->records.v[i];
			return LIST_SAYS_REFUSED;
		}
		const struct list_code *code = find_code(&list->codes, ip_v4(&ip));
		if (code && (!heaviest || abs(code->weight) > abs(heaviest->weight))) {
			heaviest = code;
			*ret_entry = answer->records.v[i];
		}
	}
	*ret_code = heaviest;
	return heaviest ? LIST_SAYS_LISTED : LIST_SAYS_NOTHING;
}

enum list_says list_read(const struct list_declaration *list, const struct answer *answer, struct arena *arena,
			 const struct list_code **ret_code, struct span *ret_entry)
{
	if (answer_failed(answer))
		return LIST_SAYS_FAILED;
	if (!list_answers(answer))
		return LIST_SAYS_NOTHING;
	if (list->zone.n)
		return read_addresses(list, answer, ret_code, ret_entry);
	struct list_code *code = arena_new(arena, struct list_code);
	code->weight = list->weight;
	code->means = list->means;
	*ret_code = code;
	*ret_entry = answer->records.v[0];
	return LIST_SAYS_LISTED;
}

/* NULL when it was not put. */
static const struct answer *control_answer(const struct list_declaration *list, const struct answers *answers, struct span control,
					   struct arena *arena)
{
	struct question question;
	return list_ask_control(list, control, arena, &question) ? answers_find(answers, question.type, question.name) : NULL;
}

enum list_controls list_controls(const struct list_declaration *list, const struct answers *answers, struct arena *arena)
{
	bool put = false, failed = false, missed = false;
	for (size_t i = 0; i < list->must_not_list.n + list->must_list.n; i++) {
		bool innocent = i < list->must_not_list.n;
		struct span control = innocent ? list->must_not_list.v[i] : list->must_list.v[i - list->must_not_list.n];
		const struct answer *answer = control_answer(list, answers, control, arena);
		if (!answer)
			continue;
		put = true;
		failed |= answer_failed(answer);
		missed |= !innocent && !list_answers(answer);
		if (innocent && list_answers(answer))
			return LIST_CONTROLS_LISTED;
	}
	return !put ? LIST_CONTROLS_NOT_PUT : failed ? LIST_CONTROLS_UNANSWERED : missed ? LIST_CONTROLS_MISSED : LIST_CONTROLS_RIGHT;
}

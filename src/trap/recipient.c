/* trap/recipient.c - see recipient.h */
#include "trap/recipient.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

struct trap_recipients trap_recipients_of(const struct settings *settings)
{
	return (struct trap_recipients){ settings->trap_recipients.v, settings->trap_recipients.n, settings->plant_secret };
}

void trap_recipient_key(struct span secret, uint8_t key[PLANTED_KEY])
{
	static const char purpose[] = "postern: addresses planted for harvesters";
	unsigned length = PLANTED_KEY;
	if (!HMAC(EVP_sha256(), purpose, sizeof purpose - 1, secret.p, secret.n, key, &length))
		abort();
}

/* Where people write to who need help (RFC 5321 section 4.5.1, RFC 2142): a whole domain is a trap but for these. */
static bool is_role(struct span local) { return span_ieq(local, SPAN("postmaster")) || span_ieq(local, SPAN("abuse")); }

enum trap_recipient trap_recipient_find(const struct trap_recipients *traps, struct span address, struct planted *ret_visit)
{
	struct planted visit;
	uint8_t key[PLANTED_KEY];
	size_t at = span_rfind_byte(address, '@');
	if (at == SPAN_NPOS)
		return TRAP_RECIPIENT_NONE;
	struct span local = span_first(address, at);
	for (size_t i = 0; i < traps->n; i++) {
		struct span one = traps->v[i];
		if (one.p[0] == '@' ? span_ieq(one, span_skip(address, at)) && !is_role(local) : span_ieq(one, address))
			return TRAP_RECIPIENT_NAMED;
	}
	if (!traps->secret.n || !planted_looks(local))
		return TRAP_RECIPIENT_NONE;
	trap_recipient_key(traps->secret, key);
	if (!planted_read(key, local, &visit))
		return TRAP_RECIPIENT_NONE;
	if (ret_visit)
		*ret_visit = visit;
	return TRAP_RECIPIENT_PLANTED;
}

/* trap/planted.c - see planted.h */
#include "trap/planted.h"

#include "base/ascii.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

enum { PLAIN = 20, SEAL = 8, SEALED = PLAIN + SEAL, DIGITS = (SEALED * 8 + 4) / 5, HOUR = 3600 };
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford's, in lower case */
/* What stands before the dot; which one, the seal says, so that planted addresses do not look alike. */
static const char *const words[] = { "anna", "info", "office", "m.weber", "sales", "contact", "j.smith", "team" };

static void keyed(const uint8_t key[PLANTED_KEY], uint8_t purpose, const uint8_t *in, size_t n, uint8_t out[32])
{
	uint8_t message[1 + PLAIN];
	unsigned length = 32;
	message[0] = purpose;
	memcpy(message + 1, in, n);
	if (!HMAC(EVP_sha256(), key, PLANTED_KEY, message, n + 1, out, &length))
		abort();
}

static void seal_of(const uint8_t key[PLANTED_KEY], const uint8_t plain[PLAIN], uint8_t seal[SEAL])
{
	uint8_t hash[32];
	keyed(key, 1, plain, PLAIN, hash);
	memcpy(seal, hash, SEAL);
}

static void crypt_plain(const uint8_t key[PLANTED_KEY], const uint8_t seal[SEAL], const uint8_t *in, uint8_t *out)
{
	uint8_t stream[32];
	keyed(key, 2, seal, SEAL, stream);
	for (unsigned i = 0; i < PLAIN; i++)
		out[i] = in[i] ^ stream[i];
}

size_t planted_make(const uint8_t key[PLANTED_KEY], const struct planted *visit, char ret[PLANTED_TEXT])
{
	uint8_t plain[PLAIN], sealed[SEALED];
	uint32_t hours = (uint32_t)(visit->time / HOUR);
	memcpy(plain, visit->visitor.b, 16);
	for (unsigned i = 0; i < 4; i++)
		plain[16 + i] = (uint8_t)(hours >> (24 - 8 * i));
	seal_of(key, plain, sealed);
	crypt_plain(key, sealed, plain, sealed + SEAL);
	const char *word = words[sealed[0] % (sizeof words / sizeof *words)];
	size_t n = strlen(word);
	memcpy(ret, word, n);
	ret[n++] = '.';
	for (unsigned i = 0; i < DIGITS; i++) {
		unsigned bit = i * 5, byte = bit / 8;
		unsigned two = (unsigned)sealed[byte] << 8 | (byte + 1 < SEALED ? sealed[byte + 1] : 0);
		ret[n++] = alphabet[two >> (11 - bit % 8) & 31];
	}
	ret[n] = '\0';
	return n;
}

static int digit(uint8_t c)
{
	const char *at = c ? strchr(alphabet, ascii_lower(c)) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

bool planted_looks(struct span local)
{
	if (local.n <= DIGITS || local.n >= PLANTED_TEXT || local.p[local.n - DIGITS - 1] != '.')
		return false;
	for (size_t i = local.n - DIGITS; i < local.n; i++)
		if (digit(local.p[i]) < 0)
			return false;
	return true;
}

bool planted_read(const uint8_t key[PLANTED_KEY], struct span local, struct planted *ret)
{
	uint8_t sealed[SEALED + 1] = { 0 }, plain[PLAIN], seal[SEAL];
	if (!planted_looks(local))
		return false;
	struct span digits = span_skip(local, local.n - DIGITS);
	for (unsigned i = 0; i < DIGITS; i++) {
		int value = digit(digits.p[i]);
		unsigned bit = i * 5, byte = bit / 8;
		if (value < 0)
			return false;
		unsigned two = (unsigned)value << (11 - bit % 8);
		sealed[byte] |= (uint8_t)(two >> 8);
		if (byte + 1 <= SEALED)
			sealed[byte + 1] |= (uint8_t)two;
	}
	if (sealed[SEALED]) /* the last digit has a bit to spare: one address, one spelling */
		return false;
	crypt_plain(key, sealed, sealed + SEAL, plain);
	seal_of(key, plain, seal);
	uint8_t difference = 0;
	for (unsigned i = 0; i < SEAL; i++)
		difference |= seal[i] ^ sealed[i];
	if (difference)
		return false;
	memcpy(ret->visitor.b, plain, 16);
	ret->time = (int64_t)((uint32_t)plain[16] << 24 | (uint32_t)plain[17] << 16 | (uint32_t)plain[18] << 8 | plain[19]) * HOUR;
	return true;
}

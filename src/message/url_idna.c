/* message/url_idna.c - domain names between letters and A-labels (UTS #46 as the URL Standard sets it), by ICU; declared in url.h */
#include "base/ascii.h"
#include "base/buf.h"
#include "base/err.h"
#include "message/url.h"

#include <pthread.h>
#include <unicode/uidna.h>

/* No name of DNS is longer once encoded (253 characters of at most 4 bytes); ICU's Punycode is quadratic in the length of a label. */
enum { IDNA_LONGEST = 1100, IDNA_ROOM = 2048 };

/* CheckHyphens and VerifyDnsLength are false in "domain to ASCII". */
#define ERRORS_IGNORED                                                                                                                     \
	(UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |            \
	 UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4)

static UIDNA *idna;
static pthread_once_t idna_once = PTHREAD_ONCE_INIT;

static void idna_open(void)
{
	UErrorCode status = U_ZERO_ERROR;
	idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
			       &status);
	if (U_FAILURE(status))
		idna = NULL;
}

typedef int32_t uidna_function(const UIDNA *, const char *, int32_t, char *, int32_t, UIDNAInfo *, UErrorCode *);

static int convert(uidna_function *function, struct span domain, struct arena *arena, struct span *ret)
{
	pthread_once(&idna_once, idna_open);
	if (!idna || domain.n > IDNA_LONGEST)
		return ERR_SYNTAX;
	char room[IDNA_ROOM];
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = function(idna, (const char *)domain.p, (int32_t)domain.n, room, sizeof room, &info, &status);
	if (U_FAILURE(status) || n < 0 || (size_t)n > sizeof room || info.errors & ~(uint32_t)ERRORS_IGNORED)
		return ERR_SYNTAX;
	*ret = arena_dup(arena, span_of(room, (size_t)n));
	return 0;
}

/* What UTS #46 has changed since ICU 72's Unicode 15, and browsers follow: capitals that were refused now map to their small letter,
 * invisible characters are dropped, and capital sharp s is sharp s. */
static const struct {
	struct span old, new;
} newer_mappings[] = {
	{ SPAN_INIT("\u04C0"), SPAN_INIT("\u04CF") }, { SPAN_INIT("\u180E"), SPAN_INIT("") },
	{ SPAN_INIT("\u1E9E"), SPAN_INIT("\u00DF") }, { SPAN_INIT("\u206A"), SPAN_INIT("") },
	{ SPAN_INIT("\u206B"), SPAN_INIT("") },       { SPAN_INIT("\u206C"), SPAN_INIT("") },
	{ SPAN_INIT("\u206D"), SPAN_INIT("") },       { SPAN_INIT("\u206E"), SPAN_INIT("") },
	{ SPAN_INIT("\u206F"), SPAN_INIT("") },       { SPAN_INIT("\u2132"), SPAN_INIT("\u214E") },
	{ SPAN_INIT("\u2183"), SPAN_INIT("\u2184") }, { SPAN_INIT("\U0002F868"), SPAN_INIT("\u36FC") },
};

static struct span apply_newer_mappings(struct span domain, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, domain.n);
	for (size_t at = 0; at < domain.n;) {
		size_t i = 0, n = sizeof newer_mappings / sizeof *newer_mappings;
		while (i < n && !span_starts(span_skip(domain, at), newer_mappings[i].old))
			i++;
		if (i < n) {
			buf_put(&out, newer_mappings[i].new);
			at += newer_mappings[i].old.n;
		} else {
			buf_byte(&out, domain.p[at++]);
		}
	}
	return buf_span(&out);
}

int url_domain_to_ascii(struct span domain, struct arena *arena, struct span *ret_ascii)
{
	bool upper = false, high = false;
	struct span ascii = domain;
	for (size_t i = 0; i < domain.n; i++) {
		upper |= ascii_is_upper(domain.p[i]);
		high |= domain.p[i] >= 0x80;
	}
	if (high) {
		if (domain.n > IDNA_LONGEST || convert(uidna_nameToASCII_UTF8, apply_newer_mappings(domain, arena), arena, &ascii) != 0)
			return ERR_SYNTAX;
	} else if (upper) {
		uint8_t *p = arena_alloc(arena, domain.n);
		for (size_t i = 0; i < domain.n; i++)
			p[i] = ascii_lower(domain.p[i]);
		ascii = span_of(p, domain.n);
	}
	if (ascii.n == 0)
		return ERR_SYNTAX;
	*ret_ascii = ascii;
	return 0;
}

struct span url_domain_to_unicode(struct span domain, struct arena *arena)
{
	struct span letters;
	bool coded = span_istarts(domain, SPAN("xn--")) || span_ifind(domain, SPAN(".xn--"), 0) != SPAN_NPOS;
	return coded && convert(uidna_nameToUnicodeUTF8, domain, arena, &letters) == 0 ? letters : domain;
}

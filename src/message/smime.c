/* message/smime.c - see smime.h */
#include "message/smime.h"

#include "base/cursor.h"

/* The length octets of BER: *ret_length is UINT64_MAX for the indefinite form. */
static bool read_length(struct cursor *c, uint64_t *ret_length)
{
	uint8_t first = cursor_u8(c);
	if (first < 0x80) {
		*ret_length = first;
		return !c->overrun;
	}
	if (first == 0x80) {
		*ret_length = UINT64_MAX;
		return true;
	}
	unsigned octets = first & 0x7f;
	uint64_t length = 0;
	if (octets > 4)
		return false;
	while (octets--)
		length = length << 8 | cursor_u8(c);
	*ret_length = length;
	return !c->overrun;
}

/* pkcs7 1.2.840.113549.1.7.x and id-ct 1.2.840.113549.1.9.16.1.x (compressed, authenticated). */
static bool content_type_fits(struct span oid, enum smime_kind kind)
{
	static const struct span pkcs7 = SPAN_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07"),
				 ct = SPAN_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01");
	if (oid.n == pkcs7.n + 1 && span_starts(oid, pkcs7))
		return kind == SMIME_SIGNATURE ? oid.p[pkcs7.n] == 2 : oid.p[pkcs7.n] >= 1 && oid.p[pkcs7.n] <= 6;
	return kind == SMIME_OPAQUE && oid.n == ct.n + 1 && span_starts(oid, ct);
}

enum smime_verdict smime_judge(struct span bytes, enum smime_kind kind)
{
	if (bytes.n < 16 || span_starts(bytes, SPAN("-----BEGIN ")))
		return SMIME_UNKNOWN;
	struct cursor c = cursor_of(bytes);
	uint64_t length;
	if (cursor_u8(&c) != 0x30 || !read_length(&c, &length))
		return SMIME_FAKE;
	if (length != UINT64_MAX && length > cursor_left(&c))
		return SMIME_UNKNOWN; /* cut on the way */
	if (cursor_u8(&c) != 0x06 || !read_length(&c, &length) || length > 16)
		return SMIME_FAKE;
	struct span oid = cursor_take(&c, (size_t)length);
	return content_type_fits(oid, kind) && cursor_u8(&c) == 0xa0 ? SMIME_PLAUSIBLE : SMIME_FAKE;
}

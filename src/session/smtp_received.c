/* session/smtp_received.c - see smtp_received.h */
#include "session/smtp_received.h"

#include <time.h>

enum { HELO_MAX = 255 };

void smtp_received_date(int64_t seconds, struct buf *out)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t when = (time_t)seconds;
	struct tm tm = { .tm_mday = 1 };
	gmtime_r(&when, &tm);
	buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
		   tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_helo(struct span helo, struct buf *out)
{
	size_t before = out->n;
	helo = span_first(helo, HELO_MAX);
	for (size_t i = 0; i < helo.n; i++)
		if (helo.p[i] > ' ' && helo.p[i] < 0x7f && !memchr("()<>@,;\\\"", helo.p[i], 9))
			buf_byte(out, helo.p[i]);
	if (out->n == before)
		buf_cstr(out, "unknown");
}

void smtp_received_put(const struct smtp_received *r, struct buf *out)
{
	char address[IP_TEXT_MAX];
	buf_cstr(out, "Received: from ");
	put_helo(r->helo, out);
	if (r->has_ip) {
		size_t n = ip_format(&r->ip, address);
		buf_printf(out, " ([%s%.*s])", ip_is_v4(&r->ip) ? "" : "IPv6:", (int)n, address);
	}
	buf_cstr(out, "\r\n\tby ");
	buf_put(out, r->host);
	buf_printf(out, " (postern) with %s%s%s;\r\n\t",
		   r->lmtp    ? "LMTP"
		   : r->esmtp ? "ESMTP"
			      : "SMTP",
		   r->tls && (r->lmtp || r->esmtp) ? "S" : "", r->authenticated ? "A" : ""); /* RFC 3848 */
	smtp_received_date(r->time, out);
	buf_cstr(out, "\r\n");
}

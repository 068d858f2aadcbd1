/* session/smtp_ids.c - see smtp_ids.h */
#include "session/smtp_ids.h"

#include <xxhash.h>

enum {
	TICK = 500,       /* microseconds: Exim 4.96 counts fractions of a second in these */
	PIDS = 4194304,   /* Linux's pid_max of a 64-bit machine */
	EARLY_PIDS = 300, /* of what a system starts first */
};

static uint64_t mixed(uint64_t a, uint64_t b)
{
	uint64_t words[2] = { a, b };
	return XXH3_64bits(words, sizeof words);
}

static uint64_t host_number(struct span host) { return XXH3_64bits(host.p ? host.p : (const uint8_t *)"", host.n); }

static void put_base(struct buf *out, uint64_t n, unsigned base, size_t digits)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint8_t text[16];
	for (size_t i = digits; i > 0; n /= base)
		text[--i] = (uint8_t)letters[n % base];
	buf_put(out, span_of(text, digits));
}

void smtp_id_postfix(const struct smtp_id_seed *seed, struct buf *out)
{
	/* files of a queue come and go in a small stretch of a file system's numbers */
	uint64_t files = 0x40000 + host_number(seed->host) % 0xB0000;
	put_base(out, seed->now % 1000000, 16, 5);
	put_base(out, files + mixed(seed->chance, seed->n) % 64, 16, 5);
}

void smtp_id_exim(const struct smtp_id_seed *seed, struct buf *out)
{
	uint64_t seconds = seed->now / 1000000, rate = 1 + host_number(seed->host) % 4;
	put_base(out, seconds, 62, 6);
	buf_cstr(out, "-");
	put_base(out, EARLY_PIDS + (seconds * rate + seed->chance % rate) % (PIDS - EARLY_PIDS), 62, 6);
	buf_cstr(out, "-");
	put_base(out, seed->now % 1000000 / TICK, 62, 2);
}

/* What it writes about how long it took is at odds with nothing: the reply comes later than that. */
void smtp_id_exchange(const struct smtp_id_seed *seed, struct buf *out)
{
	uint64_t chance = mixed(mixed(seed->chance, seed->now), seed->n), ms = 60 + chance % 60;
	if (seed->message_id.n) {
		buf_put(out, seed->message_id);
	} else {
		buf_printf(out, "<%08llx-", (unsigned long long)(chance >> 32));
		buf_printf(out, "%04llx-4%03llx-", (unsigned long long)(chance >> 16 & 0xFFFF), (unsigned long long)(chance & 0xFFF));
		buf_printf(out, "a%03llx-%012llx@", (unsigned long long)(mixed(chance, 1) & 0xFFF),
			   (unsigned long long)(mixed(chance, 2) >> 16));
		buf_put(out, seed->host);
		buf_cstr(out, ">");
	}
	/* numbers of a queue database go on where they stood, in steps */
	buf_printf(
	    out, " [InternalId=%llu, Hostname=", (unsigned long long)(seed->now / 1000 * 4294967 / 2000 % 90000000000000 + 1000000000000));
	buf_put(out, seed->host);
	uint64_t rate = seed->bytes * 1000 * 1000 / 1024 / ms;
	buf_printf(out, "] %llu bytes in 0.%03llu, %llu.%03llu KB/sec", (unsigned long long)seed->bytes, (unsigned long long)ms,
		   (unsigned long long)(rate / 1000), (unsigned long long)(rate % 1000));
}

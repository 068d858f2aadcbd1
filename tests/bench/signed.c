/* tests/bench/signed.c - what DKIM costs: verifying beside the bare work of OpenSSL, and a whole scan of signed mail with its look-ups.
 *
 * The messages are made here: some 8 kB of text, signed with RSA of 2048 bits, relaxed, by one domain. The bare side hashes the same bytes
 * and verifies the same signature with everything prepared; both sides take turns and the fastest round of each counts. */
#include "bench.h"

#include "app/pipeline.h"
#include "auth/dkim_digest.h"
#include "auth/key.h"
#include "base/buf.h"
#include "base/clock.h"
#include "tests/dns_server.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MESSAGES = 400, BODY = 7000, SIGNED_ROUNDS = 5 };
#define NOW 1767571200 /* 2026-01-05 00:00 UTC */

struct signed_mail {
	struct span raw;
	struct message message;
	struct span signature, header_digest; /* for the bare side */
	uint64_t hashed;                      /* canonical bytes under both hashes */
};

static struct arena kept;
static struct signed_mail mails[MESSAGES];
static struct answers answers;
static struct span record, server_address;

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Words of the length that words have, in lines of some 70 bytes. */
static struct span make_text(unsigned number, const char *line_end)
{
	struct buf out;
	uint64_t random = number * 2654435761u + 1;
	size_t column = 0;
	buf_init(&out, &kept, 2 * BODY);
	while (out.n < BODY) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		unsigned length = 2 + (unsigned)(random >> 60);
		for (unsigned i = 0; i < length; i++)
			buf_byte(&out, (uint8_t)('a' + (random >> (2 * i + 8)) % 26));
		column += length + 1;
		if (column < 70) {
			buf_byte(&out, ' ');
		} else {
			buf_cstr(&out, line_end);
			column = 0;
		}
	}
	buf_cstr(&out, line_end);
	return buf_span(&out);
}

static struct span make_mail(unsigned number, const char *e)
{
	return arena_printf(
	    &kept,
	    "Received: from mail.example.org (mail.example.org [192.0.2.25])%s\tby mx.example.net with ESMTPS id %u%s"
	    "\tfor <b@example.net>; Mon, 5 Jan 2026 00:00:00 +0000%sFrom: Anna Example <anna@example.org>%sTo: Bert "
	    "<b@example.net>%sSubject: Minutes of meeting %u%sDate: Mon, 5 Jan 2026 00:00:00 +0000%sMessage-ID: <%u@example.org>%s"
	    "MIME-Version: 1.0%sContent-Type: text/plain; charset=utf-8%sContent-Transfer-Encoding: 7bit%s%s%.*s",
	    e, number, e, e, e, e, number, e, e, number, e, e, e, e, e, SPAN_ARG(make_text(number, e)));
}

/* What the bare side needs is taken from our own reading of the signature. */
static void prepare(struct signed_mail *mail)
{
	struct dkim_tags tags;
	struct dkim_digest digest;
	const struct header *own = header_first(message_headers(&mail->message), HEADER_DKIM_SIGNATURE);
	dkim_tags_read(DKIM_FIELD_SIGNATURE, own->value, &kept, &tags);
	dkim_digest_init(&digest, &mail->message, &kept);
	dkim_digest_body(&digest, &tags);
	mail->header_digest = dkim_digest_header(&digest, &tags, own);
	mail->signature = tags.b;
	mail->hashed = digest.hash.bytes;
	dkim_digest_release(&digest);
}

static void make_mails(const struct dkim_key *key, const char *line_end)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct dkim_signing signing = { .key = key,
						.domain = SPAN("example.org"),
						.selector = SPAN("k"),
						.header = DKIM_RELAXED,
						.body = DKIM_RELAXED,
						.now = NOW };
		struct span text = make_mail(i, line_end), field;
		message_parse(text, &kept, &mails[i].message);
		must(dkim_sign(&mails[i].message, &signing, &kept, &field) == 0);
		mails[i].raw = arena_printf(&kept, "%.*s%.*s", SPAN_ARG(field), SPAN_ARG(text));
		message_parse(mails[i].raw, &kept, &mails[i].message);
		prepare(&mails[i]);
	}
}

/* --- verifying --- */

static uint64_t verify_ours(void)
{
	struct arena arena;
	arena_init(&arena);
	uint64_t begin = microseconds();
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct questions questions = { .arena = &arena };
		struct dkim_state *state = NULL;
		struct dkim_digest digest;
		struct dkim dkim;
		arena_reset(&arena);
		dkim_digest_init(&digest, &mails[i].message, &arena);
		must(dkim_verify(&digest, NOW, &answers, &questions, &state, &dkim) == AUTH_DONE);
		must(dkim.list.n == 1 && dkim.list.v[0].result == DKIM_PASS);
	}
	uint64_t took = microseconds() - begin;
	arena_release(&arena);
	return took;
}

static uint64_t verify_bare(EVP_PKEY_CTX *verify, EVP_MD_CTX *hash, const EVP_MD *md)
{
	uint64_t begin = microseconds();
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct signed_mail *mail = &mails[i];
		size_t body = message_root(&mail->message)->raw_body.n, header = mail->hashed - body;
		uint8_t digest[32];
		must(EVP_DigestInit_ex2(hash, md, NULL) && EVP_DigestUpdate(hash, message_root(&mail->message)->raw_body.p, body) &&
		     EVP_DigestFinal_ex(hash, digest, NULL));
		must(EVP_DigestInit_ex2(hash, md, NULL) && EVP_DigestUpdate(hash, mail->raw.p, header) &&
		     EVP_DigestFinal_ex(hash, digest, NULL));
		must(EVP_PKEY_verify(verify, mail->signature.p, mail->signature.n, mail->header_digest.p, mail->header_digest.n) == 1);
	}
	return microseconds() - begin;
}

static void bench_verify(const char *name)
{
	const struct key *public = key_get(record);
	EVP_PKEY_CTX *verify = EVP_PKEY_CTX_new_from_pkey(NULL, public->public, NULL);
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	const EVP_MD *md = dkim_hash_md(DKIM_RSA_SHA256);
	uint64_t ours = UINT64_MAX, bare = UINT64_MAX;
	must(EVP_PKEY_verify_init(verify) > 0 && EVP_PKEY_CTX_set_signature_md(verify, md) > 0);
	for (int round = 0; round < SIGNED_ROUNDS; round++) {
		uint64_t a = verify_ours(), b = verify_bare(verify, hash, md);
		ours = a < ours ? a : ours;
		bare = b < bare ? b : bare;
	}
	printf("DKIM, RSA-2048, %zu bytes with %s: %.1f us a message, bare OpenSSL %.1f us, %.2f x (at most 1.3)\n", mails[0].raw.n, name,
	       (double)ours / MESSAGES, (double)bare / MESSAGES, (double)ours / (double)bare);
	EVP_MD_CTX_free(hash);
	EVP_PKEY_CTX_free(verify);
	key_release(public);
}

/* --- the whole scan --- */

/* A sender as they are: SPF with includes, an MX, its own name forward and back, DMARC. */
static const char zone_text[] =
    "{\"example.org\":[{\"TXT\":\"v=spf1 include:_spf1.example.org include:_spf2.example.org mx a:out.example.org -all\"},"
    "{\"MX\":[10,\"mail.example.org\"]},{\"A\":\"192.0.2.80\"},{\"NS\":\"ns.example.org\"}],"
    "\"_spf1.example.org\":\"v=spf1 ip4:198.51.100.0/24 -all\",\"_spf2.example.org\":\"v=spf1 ip4:203.0.113.0/24 -all\","
    "\"mail.example.org\":[{\"A\":\"192.0.2.25\"},{\"TXT\":\"v=spf1 a -all\"}],\"out.example.org\":[{\"A\":\"192.0.2.26\"}],"
    "\"25.2.0.192.in-addr.arpa\":[{\"PTR\":\"mail.example.org\"}],\"_dmarc.example.org\":\"v=DMARC1; p=reject\","
    "\"k._domainkey.example.org\":\"%.*s\"}\n";

/* The path of a file, to be unlinked. */
static void write_zone(char *path)
{
	int fd = mkstemp(path);
	must(fd >= 0 && dprintf(fd, zone_text, SPAN_ARG(record)) > 0);
	close(fd);
}

static void scan(struct pipeline_options *options, const char *from)
{
	struct pipeline pipeline;
	struct judgement judgement;
	uint64_t best = UINT64_MAX, mallocs = 0;
	settings_defaults(&options->settings);
	options->connection = (struct connection){
		.has_ip = true, .rdns = SPAN("mail.example.org"), .helo = SPAN("mail.example.org"), .mail_from = SPAN("anna@example.org")
	};
	must(ip_parse(SPAN("192.0.2.25"), &options->connection.ip));
	if (!options->zone)
		options->settings.resolver = (struct settings_resolver){ RESOLVER_SERVERS, &server_address, 1 };
	pipeline_init(&pipeline, options);
	pipeline_judge(&pipeline, mails[0].raw, &judgement); /* the first waits for its answers */
	for (int round = 0; round < SIGNED_ROUNDS; round++) {
		uint64_t before = count_malloc(), begin = microseconds();
		for (unsigned i = 0; i < MESSAGES; i++)
			pipeline_judge(&pipeline, mails[i].raw, &judgement);
		uint64_t took = microseconds() - begin;
		best = took < best ? took : best;
		mallocs = count_malloc() - before;
	}
	must(pipeline.auth.dkim.list.n == 1 && pipeline.auth.dkim.list.v[0].result == DKIM_PASS);
	printf("whole scan of signed mail, %u look-ups a message from %s: %.0f messages/s (at least 6000), %.1f allocations each\n",
	       pipeline.answers.list.n, from, MESSAGES * 1e6 / (double)best, (double)mallocs / MESSAGES);
	pipeline_release(&pipeline);
}

/* Judged as of now, not as of their date: nobody is asked over the network about old mail. */
static void bench_scan(void)
{
	char path[] = "/tmp/postern-bench-XXXXXX";
	struct dns_server server;
	struct zone *zone;
	struct span error;
	write_zone(path);
	must(zone_load(path, &kept, &zone, &error) == 0);
	scan(&(struct pipeline_options){ .zone = zone, .now = NOW }, "a zone file");
	zone_free(zone);
	dns_server_start(&server, path);
	server_address = span_cstr(server.address);
	scan(&(struct pipeline_options){ .network = true, .now = clock_now() }, "the cache");
	dns_server_stop(&server);
	unlink(path);
}

void signed_bench(void)
{
	struct span pem;
	struct dkim_key *key;
	arena_init(&kept);
	must(dkim_key_new(DKIM_RSA_SHA256, &kept, &pem) == 0 && dkim_key_read(pem, &key) == 0);
	record = dkim_key_record(key, &kept);
	struct answer *answer = vec_push(&kept, &answers.list);
	answer->question = (struct question){ QUESTION_TXT, SPAN("k._domainkey.example.org") };
	*(struct span *)vec_push(&kept, &answer->records) = record;
	make_mails(key, "\n");
	bench_verify("LF");
	make_mails(key, "\r\n");
	bench_verify("CRLF");
	bench_scan();
	dkim_key_free(key);
	arena_release(&kept);
}

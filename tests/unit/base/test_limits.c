/* base/limits: messages that go beyond each limit, through the whole pipeline. What was cut is said as evidence of the group limit, the
 * work stays linear, and the memory is in keeping with the size (DESIGN.md section 6). Counters are asserted, never times. */
#include "app/pipeline.h"
#include "base/limits.h"
#include "tests/test.h"
#include "tests/zip_make.h"

#include <openssl/evp.h>
#include <sys/mman.h>

#define TEXT "Subject: x\n\n"
#define HTML "Content-Type: text/html\n\n"
#define MIXED "Content-Type: multipart/mixed; "
#define HOP "Received: from a.example (a.example [192.0.2.1]) by b.example; Mon, 2 Mar 2026 10:00:00 +0000\n"
#define X16 "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16

/* One step of unpacking, seen after it was made; and what any message may take: DESIGN.md says 1 MB, red zones of the sanitizer double it.
 */
enum { UNPACK_STEP = 1024 * 1024, MEMORY_LEAST = 3 * 1024 * 1024 };

static struct pipeline_options options;

/* Each is head, then line so many times, then tail. */
static const struct flood {
	const char *name, *head, *line, *tail;
	size_t times;
	enum anomaly_kind says;
} floods[] = {
	{ "HEADERS", "", "A: b\n", "\nbody", 1000000, ANOMALY_HEADER_LIMIT },
	{ "HEADER_BYTES", "", "A: " X256 X256 X256 X256 X256 X256 X256 X256 "\n", "\nbody", 3000, ANOMALY_HEADER_LIMIT },
	{ "HEADER_VALUE", "Subject: ", "x ", "\n\nbody", 1000000, ANOMALY_HEADER_VALUE_LIMIT },
	{ "HEADER_VALUE, folded", "Subject: x", "\n x", "\n\nbody", 1000000, ANOMALY_HEADER_VALUE_LIMIT },
	{ "PARTS", MIXED "boundary=b\n\n", "--b\n\nx\n", "--b--\n", 100000, ANOMALY_PARTS_LIMIT },
	{ "MIME_DEPTH", "", "Content-Type: message/rfc822\n\n", "x", 20000, ANOMALY_DEPTH_LIMIT },
	{ "MIME_DEPTH, multipart", "", MIXED "boundary=b\n\n--b\n", "x", 20000, ANOMALY_PARTS_LIMIT },
	{ "BOUNDARY_BYTES", MIXED "boundary=\"", X256, "\"\n\nx", 40, ANOMALY_PARAMETER_LIMIT },
	{ "PARAMETERS", "Content-Type: text/plain", "; a=b;c=d", "\n\nx", 200, ANOMALY_PARAMETER_LIMIT },
	{ "PARAMETERS, pieces", "Content-Disposition: attachment", "; filename*0=x", "\n\nx", 101, ANOMALY_PARAMETER_LIMIT },
	{ "PART_NAMES",
	  "Content-Disposition: attachment"
	  "; filename=a1; filename=a2; filename=a3; filename=a4; filename=a5; filename=a6; filename=a7; filename=a8; filename=a9",
	  "; filename=b1"
	  "; filename=b2; filename=b3; filename=b4; filename=b5; filename=b6; filename=b7; filename=b8",
	  "\n\nx", 1, ANOMALY_PARAMETER_LIMIT },
	{ "ADDRESSES", "To: ", "a@b.example,", "\n\nx", 1100, ANOMALY_ADDRESS_LIMIT },
	{ "DECODED_BYTES",
	  MIXED "boundary=a; boundary=b; boundary=c\n\n--a\nContent-Transfer-Encoding: base64\n\n--b\nContent-Transfer-Encoding: base64\n\n"
		"--c\nContent-Transfer-Encoding: base64\n\n",
	  "QUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVG\n", "--c--\n--b--\n--a--\n", 20000, ANOMALY_DECODED_LIMIT },
	{ "TEXT_BYTES", TEXT, "Some words of text.\n", "", 500000, ANOMALY_TEXT_LIMIT },
	{ "TEXT_BYTES, one line", TEXT, X256, "", 400000, ANOMALY_TEXT_LIMIT },
	{ "TEXT_BYTES, HTML file", "Content-Type: application/octet-stream; name=a.html\n\n<html>", X256, "", 40000, ANOMALY_TEXT_LIMIT },
	{ "HTML_DEPTH", HTML, "<div><b>", "x", 60000, ANOMALY_HTML_DEPTH_LIMIT },
	{ "HTML_STYLE_RULES", HTML "<style>",
	  "a.b0,a.b1,a.b2,a.b3,a.b4,a.b5,a.b6,a.b7,a.b8,a.b9,b.b0,b.b1,b.b2,b.b3,b.b4,b.b5,b.b6,b.b7,b.b8,b.b9,"
	  "i.b0,i.b1,i.b2,i.b3,i.b4,i.b5,i.b6,i.b7,i.b8,i.b9,u.b0,u.b1,u.b2,u.b3,u.b4,u.b5,u.b6,u.b7,u.b8,u.b9,"
	  "p.b1,div.b1,td.b1,tr.b1,em.b1,h1.b1,h2.b1,h3.b1,li.b1,ul.b1,ol.b1,br.b1,hr.b1,tt.b1{color:red}",
	  "</style><b class=b1>x</b>", 1000, ANOMALY_HTML_STYLE_LIMIT },
	{ "LINKS", HTML, "<a href='http://a.example/'>x</a> ", "", 100000, ANOMALY_LINK_LIMIT },
	{ "LINKS, text", TEXT, "http://a.example/ ", "", 100000, ANOMALY_LINK_LIMIT },
	{ "URL_BYTES", HTML "<a href='http://a.example/", X256, "'>x</a>", 40, ANOMALY_URL_LIMIT },
	{ "URL_BYTES, text", TEXT "http://a.example/", X256, "", 40, ANOMALY_URL_LIMIT },
	{ "REDIRECT_DEPTH", HTML "<a href='http://a.example.org/", "?u=http://b.example.org/", "'>x</a>", 20, ANOMALY_LINK_INNER_LIMIT },
	{ "HOPS", "", HOP, TEXT, 9000, ANOMALY_HOPS_LIMIT },
	{ "HOPS, beyond HEADERS", "", HOP, TEXT, 100000, ANOMALY_HEADER_LIMIT },
	{ "RECEIVED_BYTES", "Received: from a.example by b.example ", "(comment) ", "; Mon, 2 Mar 2026 10:00:00 +0000\n\nx", 1000,
	  ANOMALY_HEADER_VALUE_LIMIT },
	{ "PDF_OBJECTS", "Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.4\n", "1 0 obj<<>>stream\nx\nendstream\n", "", 21000,
	  ANOMALY_ARCHIVE_LIMIT },
};

static struct span repeat(const struct flood *f)
{
	size_t head = strlen(f->head), line = strlen(f->line), tail = strlen(f->tail), n = head + line * f->times + tail;
	uint8_t *p = malloc(n);
	assert_non_null(p);
	memcpy(p, f->head, head);
	for (size_t i = 0; i < f->times; i++)
		memcpy(p + head + i * line, f->line, line);
	memcpy(p + head + f->times * line, f->tail, tail);
	return span_of(p, n);
}

/* Evidence of the group limit that rests on that anomaly. */
static bool said(const struct judgement *j, enum anomaly_kind kind)
{
	if (!j->message->anomalies.count[kind])
		return false;
	for (uint32_t i = 0; i < j->evidence.list.n; i++)
		if (j->evidence.list.v[i].def->group == GROUP_LIMIT && j->evidence.list.v[i].n_at > 0)
			return true;
	return false;
}

/* Each counter of work against the bytes of the message. */
static bool linear(const char *name, const struct pipeline *p, const struct judgement *j, size_t bytes)
{
	uint64_t html_steps = 0;
	for (uint32_t i = 0; i < j->content->bodies.n; i++)
		html_steps += j->content->bodies.v[i].html ? j->content->bodies.v[i].html->steps : 0;
	const struct {
		const char *what;
		uint64_t have, most;
	} counters[] = {
		{ "steps to find the parts", j->message->steps, 60 * (uint64_t)bytes + 10000 },
		{ "bytes decoded", j->message->decoded_bytes, LIMIT_DECODED_BYTES(bytes) },
		{ "steps over HTML", html_steps, 20 * (uint64_t)bytes + 10000 },
		{ "fields", j->message->header_count, LIMIT_HEADERS },
		{ "parts", j->message->parts.n, LIMIT_PARTS },
		{ "anomalies", j->message->anomalies.list.n, LIMIT_ANOMALIES },
		{ "links", j->content->links.list.n, LIMIT_LINKS },
		{ "hops", j->path->hops.n, LIMIT_HOPS + 2 },
		{ "bytes unpacked", j->content->attachments.unpacked, LIMIT_ARCHIVE_BYTES(bytes) + UNPACK_STEP },
		{ "members", j->content->attachments.entries, LIMIT_ARCHIVE_ENTRIES },
		{ "evidence", j->evidence.list.n, LIMIT_EVIDENCE + 1 },
		{ "bytes of memory", p->arena.peak, 16 * (uint64_t)bytes + MEMORY_LEAST },
	};
	bool ok = true;
	for (size_t i = 0; i < COUNT(counters); i++)
		if (counters[i].have > counters[i].most) {
			print_error("%s: %llu %s, at most %llu\n", name, (unsigned long long)counters[i].have, counters[i].what,
				    (unsigned long long)counters[i].most);
			ok = false;
		}
	return ok;
}

static bool judge(const char *name, struct span raw, enum anomaly_kind says)
{
	struct pipeline p;
	struct judgement j;
	pipeline_init(&p, &options);
	pipeline_judge(&p, raw, &j);
	bool ok = linear(name, &p, &j, raw.n);
	if (!said(&j, says)) {
		print_error("%s: %s is not said\n", name, anomaly_id(says));
		ok = false;
	}
	for (unsigned kind = 0; kind < ANOMALY_KINDS; kind++) {
		unsigned same = 0;
		for (uint32_t i = 0; i < j.message->anomalies.list.n; i++)
			same += j.message->anomalies.list.v[i].kind == kind;
		ok &= same <= LIMIT_ANOMALIES_SAME;
	}
	pipeline_release(&p);
	return ok;
}

static void all_floods(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(floods); i++) {
		struct span raw = repeat(&floods[i]);
		ok &= judge(floods[i].name, raw, floods[i].says);
		free((void *)(uintptr_t)raw.p);
	}
	assert_true(ok);
}

/* The bytes as the base64 content of a message with one attachment. */
static struct span attached(const char *name, struct span bytes)
{
	char *p = malloc(bytes.n / 3 * 4 + 400);
	int n = sprintf(p, "Content-Type: application/octet-stream; name=%s\nContent-Transfer-Encoding: base64\n\n", name);
	n += EVP_EncodeBlock((unsigned char *)p + n, bytes.p, (int)bytes.n);
	return span_of(p, (size_t)n);
}

static bool judge_attached(const char *name, const char *file, struct span bytes)
{
	struct span raw = attached(file, bytes);
	bool ok = judge(name, raw, ANOMALY_ARCHIVE_LIMIT);
	free((void *)(uintptr_t)raw.p);
	return ok;
}

static struct span packed(const char *name, struct span content)
{
	struct zip_make z = { 0 };
	zip_make_add(&z, name, content, ZIP_MAKE_DEFLATE);
	struct span bytes = zip_make_end(&z);
	uint8_t *copy = malloc(bytes.n);
	memcpy(copy, bytes.p, bytes.n);
	zip_make_free(&z);
	return span_of(copy, bytes.n);
}

static void archives(void **state)
{
	struct zip_make many = { 0 };
	bool ok = true;
	(void)state;
	for (unsigned i = 0; i < 2 * LIMIT_ARCHIVE_ENTRIES; i++)
		zip_make_add(&many, "a.txt", SPAN("x"), 0);
	ok &= judge_attached("ARCHIVE_ENTRIES", "a.zip", zip_make_end(&many));
	zip_make_free(&many);

	struct span deep = packed("a.txt", SPAN("x"));
	for (unsigned i = 0; i <= LIMIT_ARCHIVE_DEPTH; i++) {
		struct span outer = packed("a.zip", deep);
		free((void *)(uintptr_t)deep.p);
		deep = outer;
	}
	ok &= judge_attached("ARCHIVE_DEPTH", "a.zip", deep);
	free((void *)(uintptr_t)deep.p);

	/* HTML is unpacked whole: 16 MiB out of 16 kB. */
	size_t n = 16u * 1024 * 1024;
	uint8_t *page = malloc(n);
	memset(page, 0x20, n);
	memcpy(page, "<html>", 6);
	struct span bomb = packed("a.html", span_of(page, n));
	ok &= judge_attached("ARCHIVE_RATIO", "a.zip", bomb);
	free((void *)(uintptr_t)bomb.p);
	free(page);
	assert_true(ok);
}

/* One byte more than offsets can hold; nothing but zeros is mapped. */
static void message_bytes(void **state)
{
	size_t n = LIMIT_MESSAGE_BYTES + 1u;
	(void)state;
	uint8_t *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(p != MAP_FAILED);
	memcpy(p, TEXT, sizeof TEXT - 1);
	assert_true(judge("MESSAGE_BYTES", span_of(p, n), ANOMALY_MESSAGE_LIMIT));
	munmap(p, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_floods), cmocka_unit_test(archives), cmocka_unit_test(message_bytes) };
	options.now = CLOCK_NONE;
	settings_defaults(&options.settings);
	pipeline_warm_up();
	return cmocka_run_group_tests_name("base/limits", tests, NULL, NULL);
}

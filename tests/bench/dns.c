/* tests/bench/dns.c - what the network costs: how long a thousand messages wait that each need three answers one after the other, and how
 * fast a scan is whose answers the cache knows; see bench.h. The name server is tests/dns_server.py, on another core. */
#include "bench.h"

#include "app/batch.h"
#include "base/clock.h"
#include "tests/dns_server.h"

#include <sched.h>

enum { WAITING = 1000, LATENCY = 300, CACHED = 1000, ROUNDS = 3, LOOKUPS = 12, SMALL = 20 * 1024 };

static struct dns_server server;
static struct span server_address;
static uint64_t failed;
static unsigned more_lookups; /* of top_up */

/* Three questions, each of which could only be put when the one before was answered. */
static enum check_step chain_step(const struct check_view *view, const struct answers *answers, struct questions *questions,
				  struct evidence_set *set)
{
	uint64_t which = XXH3_64bits(view->message->raw.p, view->message->raw.n);
	(void)set;
	for (unsigned i = 1; i <= 3; i++) {
		struct span name = arena_printf(view->arena, "delay-%d.n%llx.r%u.example", LATENCY, (unsigned long long)which, i);
		const struct answer *answer = question_ask(answers, questions, QUESTION_A, name);
		if (!answer)
			return CHECK_MORE;
		__atomic_fetch_add(&failed, answer->status != ANSWER_OK, __ATOMIC_RELAXED);
	}
	return CHECK_DONE;
}

/* Questions beside those of the other checks, so that there are LOOKUPS on average. */
static enum check_step top_up_step(const struct check_view *view, const struct answers *answers, struct questions *questions,
				   struct evidence_set *set)
{
	bool more = false;
	(void)set;
	for (unsigned i = 0; i < more_lookups; i++)
		more |= !question_ask(answers, questions, QUESTION_A, arena_printf(view->arena, "d%u.top.example", i));
	return more ? CHECK_MORE : CHECK_DONE;
}

static const struct check chain = { .name = "chain", .step = chain_step }, top_up = { .name = "top_up", .step = top_up_step };

static void render_nothing(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	(void)batch;
	(void)judgement;
	(void)out;
}

static void use_server(struct pipeline_options *o)
{
	settings_defaults(&o->settings);
	o->settings.resolver = (struct settings_resolver){ RESOLVER_SERVERS, &server_address, 1 };
	o->network = true;
	o->now = clock_now();
}

static void write_mailbox(const char *path)
{
	FILE *f = fopen(path, "w");
	if (!f)
		abort();
	for (unsigned i = 0; i < WAITING; i++)
		fprintf(f, "From a@example.org Thu Jan  1 00:00:00 2026\nSubject: n%u\n\nbody\n\n", i);
	fclose(f);
}

static void waiting(void)
{
	static const struct check *const checks[] = { &chain, NULL };
	char path[] = "/tmp/postern-bench-XXXXXX", *paths[] = { path };
	struct options options = { .threads = 1, .paths = paths, .n_paths = 1 };
	struct batch batch = { .options = &options, .render = render_nothing };
	struct batch_totals totals;
	close(mkstemp(path));
	write_mailbox(path);
	use_server(&options.pipeline);
	options.pipeline.checks = checks;
	failed = 0;
	uint64_t begin = clock_microseconds(), worked = microseconds();
	batch_run(&batch, &totals);
	printf("DNS: %llu messages that wait three times %d ms: %.2f s, of which %.2f s work; %llu answers failed\n",
	       (unsigned long long)totals.messages, LATENCY, (double)(clock_microseconds() - begin) / 1e6,
	       (double)(microseconds() - worked) / 1e6, (unsigned long long)failed);
	unlink(path);
}

/* The same messages several times: the first fills the cache. How many look-ups a message made. */
static double cached(const struct mail *mails, size_t n, const struct check *more)
{
	const struct check *checks[100];
	struct pipeline_options options = { 0 };
	struct pipeline pipeline;
	size_t n_checks = 0, used = 0;
	uint64_t best = 0, allocations = 0, asked = 0;
	for (; check_all[n_checks]; n_checks++)
		checks[n_checks] = check_all[n_checks];
	checks[n_checks] = more;
	checks[n_checks + (more ? 1 : 0)] = NULL;
	use_server(&options);
	options.checks = checks;
	pipeline_init(&pipeline, &options);
	for (int round = 0; round <= ROUNDS; round++) {
		uint64_t mallocs = count_malloc(), begin = microseconds();
		asked = used = 0;
		for (size_t i = 0; i < n && used < CACHED; i += n / CACHED / 2 + 1) {
			struct judgement judgement;
			if (mails[i].n >= SMALL)
				continue;
			pipeline_judge(&pipeline, span_of(mails[i].bytes, mails[i].n), &judgement);
			asked += pipeline.answers.list.n;
			used++;
		}
		uint64_t took = microseconds() - begin;
		if (round == 1 || (round && took < best))
			best = took;
		allocations = count_malloc() - mallocs;
	}
	printf("DNS: whole scan with %.1f look-ups from the cache: %.0f messages/s, %.1f allocations each\n", (double)asked / (double)used,
	       (double)used * 1e6 / (double)best, (double)allocations / (double)used);
	pipeline_release(&pipeline);
	return (double)asked / (double)used;
}

void dns_bench(const struct mail *mails, size_t n)
{
	cpu_set_t here, anywhere;
	memset(&anywhere, 0xff, sizeof anywhere);
	sched_getaffinity(0, sizeof here, &here);
	sched_setaffinity(0, sizeof anywhere, &anywhere);
	dns_server_start(&server, NULL);
	sched_setaffinity(0, sizeof here, &here);
	server_address = span_cstr(server.address);
	waiting();
	double made = cached(mails, n, NULL);
	more_lookups = made < LOOKUPS ? (unsigned)(LOOKUPS - made + 0.99) : 0;
	if (more_lookups)
		cached(mails, n, &top_up);
	dns_server_stop(&server);
}

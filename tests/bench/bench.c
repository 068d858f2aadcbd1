/* tests/bench/bench.c - bench INDEX: messages and megabytes a second on one core, stage by stage, beside GMime's parse.
 *
 * Every message is read into memory first. Each stage runs over a set ROUNDS times and its fastest round counts, by processor time;
 * GMime and we take turns, so that a busy machine slows both. Both sides decode every leaf and every field to UTF-8 and hash it.
 * Sets: each source of the index (first folder of the path), messages under 20 kB, and the large modern mail of two sources. */
#include "bench.h"

#include "app/pipeline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 3, SMALL = 20 * 1024, SLOWEST = 10 };

struct set {
	const char *name;
	const char *prefix; /* of the path, NULL for any */
	const char *or_prefix;
	size_t below; /* bytes, 0 for any */
};

static struct mail *mails;
static size_t n_mails;
static struct pipeline pipeline;
static struct pipeline_options options;

uint64_t microseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what, const char *which)
{
	fprintf(stderr, "bench: %s %s\n", what, which);
	exit(1);
}

static void load(const char *index)
{
	char folder[4096], line[8192];
	const char *slash = strrchr(index, '/');
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - index + 1) : 0, index);
	FILE *f = fopen(index, "r");
	if (!f)
		die("cannot read", index);
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		char *path = strchr(line, ' '), full[12400];
		if (!path)
			continue;
		snprintf(full, sizeof full, "%s%s", folder, path + 1);
		int fd = open(full, O_RDONLY);
		struct stat st;
		if (fd < 0 || fstat(fd, &st) != 0)
			die("cannot read", full);
		mails = realloc(mails, (n_mails + 1) * sizeof *mails);
		struct mail *mail = &mails[n_mails++];
		mail->path = strdup(path + 1);
		mail->spam = line[0] == 's';
		mail->n = (size_t)st.st_size;
		mail->bytes = malloc(mail->n ? mail->n : 1);
		if (read(fd, mail->bytes, mail->n) != (ssize_t)mail->n)
			die("cannot read all of", full);
		close(fd);
	}
	fclose(f);
}

static bool has_prefix(const char *path, const char *prefix) { return prefix && strncmp(path, prefix, strlen(prefix)) == 0; }

static bool in_set(const struct mail *mail, const struct set *set)
{
	return (!set->prefix || has_prefix(mail->path, set->prefix) || has_prefix(mail->path, set->or_prefix)) &&
	       (!set->below || mail->n < set->below);
}

static void take(struct decoded *d, struct span s)
{
	XXH3_64bits_update(d->hash, s.p ? (const void *)s.p : "", s.n);
	d->bytes += s.n;
}

static void stage_gmime(const struct mail *mail, struct decoded *d) { gmime_side_parse(mail->bytes, mail->n, d); }

static void stage_parse(const struct mail *mail, struct decoded *d)
{
	arena_reset(&pipeline.arena);
	message_parse(span_of(mail->bytes, mail->n), &pipeline.arena, &pipeline.message);
	for (uint32_t i = 0; i < pipeline.message.parts.n; i++) {
		const struct part *part = &pipeline.message.parts.v[i];
		for (uint32_t k = 0; k < part->headers.list.n; k++) {
			take(d, header_text(&part->headers.list.v[k], &pipeline.arena));
			d->fields++;
		}
		if (part->kind != PART_MULTIPART && part->kind != PART_MESSAGE) {
			take(d, part->text.p ? part->text : part->bytes);
			d->leaves++;
		}
	}
}

static void stage_content(const struct mail *mail, struct decoded *d)
{
	(void)d;
	arena_reset(&pipeline.arena);
	message_parse(span_of(mail->bytes, mail->n), &pipeline.arena, &pipeline.message);
	content_examine(&pipeline.message, &pipeline.content);
}

static void stage_scan(const struct mail *mail, struct decoded *d)
{
	struct judgement judgement;
	(void)d;
	pipeline_judge(&pipeline, span_of(mail->bytes, mail->n), &judgement);
}

static void stage_learned(const struct mail *mail, struct decoded *d)
{
	(void)d;
	learned_scan(mail);
}

static const struct stage {
	const char *name;
	void (*run)(const struct mail *mail, struct decoded *d);
	bool decodes;
} stages[] = {
	{ "GMime: parse, decode", stage_gmime, true },          { "postern: parse, decode", stage_parse, true },
	{ "+ HTML, links, attachments", stage_content, false }, { "whole scan", stage_scan, false },
	{ "whole scan, learned", stage_learned, false },
};
enum { STAGES = sizeof stages / sizeof *stages };

static void run_set(const struct set *set)
{
	uint64_t best[STAGES], allocations[STAGES];
	struct decoded last[STAGES];
	size_t n = 0, bytes = 0;
	for (size_t i = 0; i < n_mails; i++)
		if (in_set(&mails[i], set)) {
			n++;
			bytes += mails[i].n;
		}
	if (n == 0)
		return;
	for (int round = 0; round < ROUNDS; round++)
		for (int s = 0; s < STAGES; s++) {
			struct decoded d = { .hash = XXH3_createState() };
			XXH3_64bits_reset(d.hash);
			uint64_t mallocs = count_malloc(), begin = microseconds();
			for (size_t i = 0; i < n_mails; i++)
				if (in_set(&mails[i], set))
					stages[s].run(&mails[i], &d);
			uint64_t took = microseconds() - begin;
			if (round == 0 || took < best[s])
				best[s] = took;
			allocations[s] = count_malloc() - mallocs;
			if (last[s].hash && round)
				XXH3_freeState(last[s].hash);
			last[s] = d;
		}
	printf("%s: %zu messages, %.1f MB\n", set->name, n, (double)bytes / 1e6);
	for (int s = 0; s < STAGES; s++) {
		printf("  %-28s %9.0f msg/s %8.1f MB/s %6.2f x GMime %8.2f allocations/msg", stages[s].name,
		       (double)n * 1e6 / (double)best[s], (double)bytes / (double)best[s], (double)best[0] / (double)best[s],
		       (double)allocations[s] / (double)n);
		if (stages[s].decodes)
			printf("  decoded %.1f MB, %llu leaves, %llu fields, checksum %016llx", (double)last[s].bytes / 1e6,
			       (unsigned long long)last[s].leaves, (unsigned long long)last[s].fields,
			       (unsigned long long)XXH3_64bits_digest(last[s].hash));
		printf("\n");
		XXH3_freeState(last[s].hash);
	}
}

/* A message may cost 10 ms up to 256 kB, 50 ns a byte beyond. */
static bool too_slow(const struct mail *mail, uint64_t cost) { return cost > (mail->n <= 256 * 1024 ? 10000 : mail->n / 20); }

static void slowest(void)
{
	struct {
		const struct mail *mail;
		uint64_t cost;
	} worst[SLOWEST + 1] = { 0 };
	unsigned n_too_slow = 0;
	for (size_t i = 0; i < n_mails; i++) {
		struct decoded d;
		uint64_t best = UINT64_MAX;
		for (int round = 0; round < ROUNDS; round++) { /* the best one: the message's cost, not the machine's */
			uint64_t begin = microseconds();
			stage_scan(&mails[i], &d);
			uint64_t took = microseconds() - begin;
			if (took < best)
				best = took;
		}
		n_too_slow += too_slow(&mails[i], best);
		int at = SLOWEST;
		for (; at > 0 && worst[at - 1].cost < best; at--)
			worst[at] = worst[at - 1];
		worst[at].mail = &mails[i];
		worst[at].cost = best;
	}
	for (int i = 0; i < SLOWEST && worst[i].mail; i++)
		printf("%s %s, %zu bytes, %llu us\n", i ? "        then" : "slowest message:", worst[i].mail->path, worst[i].mail->n,
		       (unsigned long long)worst[i].cost);
	printf("messages beyond 10 ms (above 256 kB: 50 ns a byte): %u\n", n_too_slow);
}

int main(int argc, char **argv)
{
	static const struct set sets[] = {
		{ "everything", NULL, NULL, 0 },
		{ "messages under 20 kB", NULL, NULL, SMALL },
		{ "foff-milter and phishing_pot", "foff-milter/", "phishing_pot/", 0 },
		{ "spamassassin", "spamassassin/", NULL, 0 },
		{ "lfdr", "lfdr/", NULL, 0 },
		{ "csdmc2010", "csdmc2010/", NULL, 0 },
	};
	if (argc != 2)
		die("usage: bench INDEX; got", argc > 2 ? argv[2] : "nothing");
	settings_defaults(&options.settings);
	options.now = CLOCK_NONE;
	pipeline_warm_up();
	gmime_side_init();
	pipeline_init(&pipeline, &options);
	signed_bench();
	addresses_bench();
	load(argv[1]);
	dns_bench(mails, n_mails);
	learned_bench(mails, n_mails);
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		run_set(&sets[i]);
	slowest();
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	size_t corpus = 0;
	for (size_t i = 0; i < n_mails; i++)
		corpus += mails[i].n;
	printf("peak memory: %.0f MB, of which the messages themselves %.0f MB; arena at most %.1f MB for one message\n",
	       (double)usage.ru_maxrss / 1e3, (double)corpus / 1e6, (double)pipeline.arena.peak / 1e6);
	pipeline_release(&pipeline);
	learned_release();
	return 0;
}

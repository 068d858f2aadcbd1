/* tools/prior/main.c - prior_maker [--leave-out NAME] [--measure] [--also FILE.index] FILE.index...; see maker.h
 *
 * Writes the prior made from all sources but the one left out to standard output. With --measure: leaves each out in turn and prints a
 * table; --also names a source that is measured, and never learned from. */
#include "app/pipeline.h"
#include "tools/prior/maker.h"

#include <stdio.h>
#include <stdlib.h>

static int write_prior(const struct mails *mails, uint32_t sources)
{
	enum { FILE_MOST = 2 << 20 };
	struct model_prior prior;
	struct arena arena;
	struct buf out;
	train(mails, sources, &prior);
	arena_init(&arena);
	buf_init(&out, &arena, FILE_MOST);
	prior_write(&prior, &out);
	bool written = !out.full && fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
	if (!written)
		fprintf(stderr, "prior_maker: the prior could not be written, or is larger than 2 MB\n");
	prior_release(&prior);
	arena_release(&arena);
	return written ? 0 : 2;
}

int main(int argc, char **argv)
{
	static struct mails mails;
	bool measuring = false;
	const char *left_out = "";
	uint32_t sources = 0;
	pipeline_warm_up();
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--measure") == 0) {
			measuring = true;
		} else if (strcmp(argv[i], "--leave-out") == 0 && i + 1 < argc) {
			left_out = argv[++i];
		} else if (mails.n_sources == SOURCES_MOST) {
			return 2;
		} else {
			bool also = strcmp(argv[i], "--also") == 0 && i + 1 < argc;
			mails_read(&mails, argv[also ? ++i : i]);
			uint32_t source = mails.n_sources - 1;
			if (!also && strcmp(mails.source[source], left_out) != 0)
				sources |= 1u << source;
		}
	}
	if (!measuring)
		return write_prior(&mails, sources);
	measure_head();
	for (uint32_t source = 0; source < mails.n_sources; source++) {
		struct model_prior prior;
		train(&mails, sources & ~(1u << source), &prior);
		measure(&mails, source, &prior);
		prior_release(&prior);
	}
	return 0;
}

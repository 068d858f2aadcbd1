/* Mailboxes: in whatever pieces the bytes come, the messages are the same, and nothing but single empty lines is lost between them. */
#include "tests/fuzz/fuzz.h"

#include "app/mbox.h"

#include <stdlib.h>

struct source {
	struct span left;
	size_t piece;
};

static ssize_t read_source(void *context, void *bytes, size_t n)
{
	struct source *s = context;
	n = n < s->piece ? n : s->piece;
	n = n < s->left.n ? n : s->left.n;
	if (n)
		memcpy(bytes, s->left.p, n);
	s->left = span_skip(s->left, n);
	return (ssize_t)n;
}

static uint64_t split(struct span bytes, size_t piece)
{
	struct source source = { bytes, piece };
	struct mbox mbox;
	struct span message;
	uint64_t sum = 1469598103934665603u;
	size_t total = 0, messages = 0;
	mbox_init(&mbox, span_none, read_source, &source);
	while (mbox_next(&mbox, &message) == 1) {
		for (size_t i = 0; i < message.n; i++)
			sum = (sum ^ message.p[i]) * 1099511628211u;
		sum = (sum ^ 0x100) * 1099511628211u;
		total += message.n;
		messages++;
	}
	mbox_release(&mbox);
	if (total > bytes.n || total + 2 * messages < bytes.n)
		abort();
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_of(data, size);
	size_t piece = size ? data[0] % 61 + 1u : 1;
	if (split(bytes, SIZE_MAX) != split(bytes, piece))
		abort();
	return 0;
}

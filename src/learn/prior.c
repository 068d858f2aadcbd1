/* learn/prior.c - see prior.h */
#include "learn/prior.h"
#include "base/cursor.h"
#include "base/err.h"

#include <pthread.h>
#include <stdlib.h>
#include <xxhash.h>

/* prior_data[]: the bytes of prior.bin */
#include "learn/prior_data.inc"

static const uint8_t magic[8] = "POSTERN";
enum { HASH_BYTES = 8, UNIT_MOST = 1000000 };

/* ---- reading ---- */

static uint32_t read_gap(struct cursor *c)
{
	uint32_t gap = 0;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		uint8_t byte = cursor_u8(c);
		gap |= (uint32_t)(byte & 0x7F) << shift;
		if (byte < 0x80)
			break;
	}
	return gap;
}

static int read_view(struct cursor *c, struct model_prior *prior)
{
	uint32_t view = cursor_u32(c), bits = cursor_u32(c), unit = cursor_u32(c), n = cursor_u32(c);
	if (view >= FEATURES_VIEWS || prior->view[view].weight || bits != FEATURES_BITS || unit > UNIT_MOST)
		return ERR_SYNTAX;
	int8_t *weight = calloc(FEATURES_CELLS, 1);
	if (!weight)
		abort();
	prior->view[view].weight = weight;
	prior->view[view].unit = (int32_t)unit;
	uint32_t cell = 0;
	for (uint32_t i = 0; i < n && !c->overrun; i++) {
		cell += read_gap(c);
		if (cell >= FEATURES_CELLS)
			return ERR_SYNTAX;
		weight[cell++] = (int8_t)cursor_u8(c);
	}
	return c->overrun ? ERR_SYNTAX : 0;
}

static int read_all(struct span file, struct model_prior *prior)
{
	if (file.n < sizeof magic + HASH_BYTES)
		return ERR_SYNTAX;
	struct cursor hash = cursor_of(span_skip(file, file.n - HASH_BYTES));
	struct cursor c = cursor_of(span_first(file, file.n - HASH_BYTES));
	if (memcmp(cursor_take(&c, sizeof magic).p, magic, sizeof magic) != 0 || cursor_u64(&hash) != XXH3_64bits(c.s.p, c.s.n))
		return ERR_SYNTAX;
	if (cursor_u32(&c) != MODEL_FORMAT)
		return ERR_UNSUPPORTED;
	for (uint32_t n = cursor_u32(&c); n > 0; n--) {
		int err = read_view(&c, prior);
		if (err < 0)
			return err;
	}
	return c.overrun || cursor_left(&c) ? ERR_SYNTAX : 0;
}

int prior_read(struct span file, struct model_prior *ret)
{
	struct model_prior prior = { 0 };
	int err = read_all(file, &prior);
	if (err < 0)
		prior_release(&prior);
	else
		*ret = prior;
	return err;
}

void prior_release(struct model_prior *prior)
{
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		free((void *)prior->view[v].weight);
	memset(prior, 0, sizeof *prior);
}

size_t prior_bytes(const struct model_prior *prior)
{
	size_t bytes = 0;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		bytes += prior->view[v].weight ? FEATURES_CELLS : 0;
	return bytes;
}

/* ---- writing ---- */

static void write_number(struct buf *out, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_byte(out, (uint8_t)(number >> 8 * i));
}

static void write_view(const struct model_prior *prior, enum feature_view view, struct buf *out)
{
	const int8_t *weight = prior->view[view].weight;
	uint32_t n = 0, gap = 0;
	for (uint32_t cell = 0; cell < FEATURES_CELLS; cell++)
		n += weight[cell] != 0;
	write_number(out, view, 4);
	write_number(out, FEATURES_BITS, 4);
	write_number(out, (uint32_t)prior->view[view].unit, 4);
	write_number(out, n, 4);
	for (uint32_t cell = 0; cell < FEATURES_CELLS; cell++) {
		if (!weight[cell]) {
			gap++;
			continue;
		}
		for (; gap >= 0x80; gap >>= 7)
			buf_byte(out, (uint8_t)(gap | 0x80));
		buf_byte(out, (uint8_t)gap);
		buf_byte(out, (uint8_t)weight[cell]);
		gap = 0;
	}
}

void prior_write(const struct model_prior *prior, struct buf *out)
{
	size_t begin = out->n;
	uint32_t views = 0;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		views += prior->view[v].weight != NULL;
	buf_put(out, span_of(magic, sizeof magic));
	write_number(out, MODEL_FORMAT, 4);
	write_number(out, views, 4);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		if (prior->view[v].weight)
			write_view(prior, v, out);
	write_number(out, XXH3_64bits(out->p + begin, out->n - begin), HASH_BYTES);
}

/* ---- the shipped one ---- */

static struct model_prior shipped;
static bool shipped_fits;
static pthread_once_t shipped_once = PTHREAD_ONCE_INIT;

static void read_shipped(void) { shipped_fits = prior_read(span_of(prior_data, sizeof prior_data), &shipped) == 0; }

const struct model_prior *prior_shipped(void)
{
	pthread_once(&shipped_once, read_shipped);
	return shipped_fits ? &shipped : NULL;
}

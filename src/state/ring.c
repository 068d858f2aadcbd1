/* state/ring.c - see ring.h
 *
 * A segment: 8 bytes "postern1", 16 of salt, then messages, each: u32 length of the message, u32 length of what is sealed, 16 tag, sealed.
 * Numbers are little-endian. The id, and both lengths, are authenticated with it. */
#include "state/ring.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum {
	KEY = 32,
	SALT = 16,
	TAG = 16,
	NONCE = 12,
	HEAD = 8 + SALT,
	ENTRY_HEAD = 8 + TAG,
	LEVEL = -3, /* two thirds of the time of level 1, for a third more disk: it is paid for every message and read for few */
	GATHER = 256 * 1024,
	ROOM_KEPT = 4 * 1024 * 1024,
	RANDOM_BITS = 16,
	SHARE = 16,
	NAME = 32
};
static const char magic[8] = "postern1";
enum { SEGMENT_LEAST = 1 << 20, SEGMENT_MOST = 64 << 20, SEGMENT_SECONDS = 6 * 3600 };

struct ring {
	int folder; /* content/ */
	bool write;
	uint8_t master[KEY];
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	EVP_CIPHER_CTX *cipher;
	uint8_t *room; /* what was put and is not written, and behind it what is being put: compressed, then sealed */
	size_t n_room, n_gathered;
	uint64_t gathered; /* messages */
	/* the segment that is written */
	int file;                                      /* -1: none yet */
	uint64_t segment, written, end, segment_bytes; /* end: with what is gathered */
	int64_t since;
	uint8_t key[KEY];
};

/* names */

static void segment_name(uint64_t segment, char ret_name[NAME]) { snprintf(ret_name, NAME, "%016" PRIx64 ".segment", segment); }

static bool segment_of(const char *name, uint64_t *ret_segment)
{
	char again[NAME], *end;
	*ret_segment = strtoull(name, &end, 16);
	segment_name(*ret_segment, again);
	return strcmp(name, again) == 0;
}

/* the key */

static bool read_exactly(int file, void *to, size_t n, uint64_t at)
{
	ssize_t got;
	do
		got = pread(file, to, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got >= 0 && (size_t)got == n;
}

static bool write_exactly(int file, const uint8_t *from, size_t n, uint64_t at)
{
	while (n) {
		ssize_t put = pwrite(file, from, n, (off_t)at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		from += put;
		at += (uint64_t)put;
		n -= (size_t)put;
	}
	return true;
}

/* Whole or not at all, and never over another's: two that begin at once agree on one. */
static int make_key(int folder)
{
	uint8_t key[KEY];
	char name[64];
	snprintf(name, sizeof name, "content.key.new-%ld", (long)getpid());
	if (getrandom(key, sizeof key, 0) != sizeof key)
		return ERR_IO;
	int file = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return ERR_IO;
	bool ok = write_exactly(file, key, sizeof key, 0) && fsync(file) == 0;
	close(file);
	ok = ok && (linkat(folder, name, folder, "content.key", 0) == 0 || errno == EEXIST);
	unlinkat(folder, name, 0);
	OPENSSL_cleanse(key, sizeof key);
	return ok ? 0 : ERR_IO;
}

static int read_key(int folder, bool write, uint8_t ret_key[KEY])
{
	int file = openat(folder, "content.key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0 && errno == ENOENT && write) {
		if (make_key(folder) < 0)
			return ERR_IO;
		file = openat(folder, "content.key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (file < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	bool ok = read_exactly(file, ret_key, KEY, 0);
	close(file);
	return ok ? 0 : ERR_SYNTAX;
}

static void segment_key(const struct ring *ring, const uint8_t salt[SALT], uint8_t ret_key[KEY])
{
	if (!HMAC(EVP_sha256(), ring->master, KEY, salt, SALT, ret_key, NULL))
		abort();
}

/* opening */

static int open_content(const char *path, bool write, int *ret_folder, uint8_t ret_key[KEY])
{
	int above = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (write && mkdirat(above, "content", 0700) < 0 && errno != EEXIST) {
		close(above);
		return ERR_IO;
	}
	int folder = openat(above, "content", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = folder < 0 ? errno == ENOENT ? ERR_NOT_FOUND : ERR_IO : read_key(above, write, ret_key);
	close(above);
	if (err < 0 && folder >= 0)
		close(folder);
	if (err == 0)
		*ret_folder = folder;
	return err;
}

int ring_open(const char *path, bool write, struct ring **ret)
{
	uint8_t key[KEY];
	int folder, err = open_content(path, write, &folder, key);
	if (err < 0)
		return err;
	struct ring *ring = calloc(1, sizeof *ring);
	if (!ring)
		abort();
	ring->folder = folder;
	ring->write = write;
	memcpy(ring->master, key, KEY);
	OPENSSL_cleanse(key, sizeof key);
	ring->file = -1;
	ring->segment_bytes = SEGMENT_MOST;
	ring->pack = write ? ZSTD_createCCtx() : NULL;
	ring->unpack = ZSTD_createDCtx();
	ring->cipher = EVP_CIPHER_CTX_new();
	if ((write && !ring->pack) || !ring->unpack || !ring->cipher)
		abort();
	*ret = ring;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	ring_flush(ring);
	if (ring->file >= 0)
		close(ring->file);
	close(ring->folder);
	ZSTD_freeCCtx(ring->pack);
	ZSTD_freeDCtx(ring->unpack);
	EVP_CIPHER_CTX_free(ring->cipher);
	free(ring->room);
	OPENSSL_cleanse(ring->master, KEY);
	OPENSSL_cleanse(ring->key, KEY);
	free(ring);
}

/* putting */

static int begin_segment(struct ring *ring, int64_t now)
{
	uint8_t head[HEAD];
	uint16_t chance;
	char name[NAME];
	if (ring_flush(ring) < 0)
		return ERR_IO;
	if (ring->file >= 0)
		close(ring->file);
	ring->file = -1;
	memcpy(head, magic, sizeof magic);
	if (getrandom(head + sizeof magic, SALT, 0) != SALT || getrandom(&chance, sizeof chance, 0) != sizeof chance)
		return ERR_IO;
	ring->segment = (uint64_t)now << RANDOM_BITS | chance;
	segment_name(ring->segment, name);
	int file = openat(ring->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return ERR_IO;
	if (!write_exactly(file, head, sizeof head, 0)) {
		close(file);
		unlinkat(ring->folder, name, 0);
		return ERR_IO;
	}
	segment_key(ring, head + sizeof magic, ring->key);
	ring->file = file;
	ring->written = ring->end = HEAD;
	ring->since = now;
	return 0;
}

static void put_u32(uint8_t *to, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++, n >>= 8)
		to[i] = (uint8_t)n;
}

static void nonce_at(uint64_t at, uint8_t ret_nonce[NONCE])
{
	memset(ret_nonce, 0, NONCE);
	put_u32(ret_nonce, (uint32_t)at);
	put_u32(ret_nonce + 4, (uint32_t)(at >> 32));
}

/* Of one message, in place: seals, or opens; false: it was changed. head: its two lengths. */
static bool run_cipher(EVP_CIPHER_CTX *cipher, bool seal, const uint8_t key[KEY], uint64_t at, const uint8_t *head, struct span id,
		       uint8_t *text, size_t n, uint8_t tag[TAG])
{
	uint8_t nonce[NONCE];
	int out;
	nonce_at(at, nonce);
	bool ok = EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce, seal) == 1 &&
		  EVP_CipherUpdate(cipher, NULL, &out, head, 8) == 1 && EVP_CipherUpdate(cipher, NULL, &out, id.p, (int)id.n) == 1 &&
		  EVP_CipherUpdate(cipher, text, &out, text, (int)n) == 1 &&
		  (seal || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1) &&
		  EVP_CipherFinal_ex(cipher, text + n, &out) == 1;
	return ok && (!seal || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, tag) == 1);
}

/* For n bytes behind what is gathered. */
static uint8_t *make_room(struct ring *ring, size_t n)
{
	if (ring->n_gathered + n > ring->n_room) {
		ring->n_room = ring->n_gathered + n + GATHER;
		ring->room = realloc(ring->room, ring->n_room);
		if (!ring->room)
			abort();
	}
	return ring->room + ring->n_gathered;
}

uint64_t ring_gathered(const struct ring *ring) { return ring->gathered; }

int ring_flush(struct ring *ring)
{
	bool ok = !ring->n_gathered || write_exactly(ring->file, ring->room, ring->n_gathered, ring->written);
	if (!ok) { /* These places must not be used again with the same key: it would be the same nonces. */
		int why = errno;
		close(ring->file);
		ring->file = -1;
		errno = why;
	}
	ring->written += ring->n_gathered;
	ring->n_gathered = 0;
	ring->gathered = 0;
	if (ring->n_room > ROOM_KEPT) { /* one large message must not be paid for ever after */
		free(ring->room);
		ring->room = NULL;
		ring->n_room = 0;
	}
	return ok ? 0 : ERR_IO;
}

int ring_put(struct ring *ring, int64_t now, struct span id, struct span content, struct ring_place *ret)
{
	if (content.n > LIMIT_MESSAGE_BYTES)
		return ERR_LIMIT;
	if (ring->file < 0 || ring->end >= ring->segment_bytes || now < ring->since || now - ring->since >= SEGMENT_SECONDS) {
		int err = begin_segment(ring, now);
		if (err < 0)
			return err;
	}
	size_t most = ZSTD_compressBound(content.n);
	uint8_t *head = make_room(ring, ENTRY_HEAD + most + TAG), *text = head + ENTRY_HEAD;
	size_t n = ZSTD_compressCCtx(ring->pack, text, most, content.p, content.n, LEVEL);
	if (ZSTD_isError(n))
		return ERR_IO;
	put_u32(head, (uint32_t)content.n);
	put_u32(head + 4, (uint32_t)n);
	if (!run_cipher(ring->cipher, true, ring->key, ring->end, head, id, text, n, head + 8))
		return ERR_IO;
	struct ring_place place = { ring->segment, ring->end, (uint32_t)(ENTRY_HEAD + n) };
	ring->end += ENTRY_HEAD + n;
	ring->n_gathered += ENTRY_HEAD + n;
	ring->gathered++;
	if (ring->n_gathered >= GATHER && ring_flush(ring) < 0)
		return ERR_IO;
	*ret = place;
	return 0;
}

/* getting */

static int unpack(struct ring *ring, struct span id, const struct ring_place *place, const uint8_t key[KEY], uint8_t *entry,
		  struct arena *arena, struct span *ret)
{
	struct cursor c = cursor_of(span_of(entry, place->length));
	uint32_t size = cursor_u32(&c), n = cursor_u32(&c);
	if (n != place->length - ENTRY_HEAD || size > LIMIT_MESSAGE_BYTES ||
	    !run_cipher(ring->cipher, false, key, place->at, entry, id, entry + ENTRY_HEAD, n, entry + 8))
		return ERR_NOT_FOUND;
	uint8_t *content = arena_alloc(arena, size + 1);
	size_t got = ZSTD_decompressDCtx(ring->unpack, content, size, entry + ENTRY_HEAD, n);
	if (ZSTD_isError(got) || got != size)
		return ERR_NOT_FOUND;
	*ret = span_of(content, size);
	return 0;
}

int ring_get(struct ring *ring, struct span id, const struct ring_place *place, struct arena *arena, struct span *ret)
{
	uint8_t head[HEAD], key[KEY];
	char name[NAME];
	if (place->length < ENTRY_HEAD || place->length > ZSTD_COMPRESSBOUND(LIMIT_MESSAGE_BYTES) + ENTRY_HEAD)
		return ERR_NOT_FOUND;
	ring_flush(ring);
	segment_name(place->segment, name);
	int file = openat(ring->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0)
		return ERR_NOT_FOUND;
	int err = ERR_NOT_FOUND;
	struct stat is;
	if (read_exactly(file, head, HEAD, 0) && memcmp(head, magic, sizeof magic) == 0 && fstat(file, &is) == 0 &&
	    place->at + place->length <= (uint64_t)is.st_size) {
		uint8_t *entry = arena_alloc(arena, (size_t)place->length + TAG);
		segment_key(ring, head + sizeof magic, key);
		if (read_exactly(file, entry, place->length, place->at))
			err = unpack(ring, id, place, key, entry, arena, ret);
		OPENSSL_cleanse(key, sizeof key);
	}
	close(file);
	return err;
}

/* bounds */

struct segment {
	uint64_t number, bytes;
	int64_t newest;
};

static int by_age(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* All that are there, the oldest first; to be freed. */
static struct segment *list_segments(const struct ring *ring, size_t *ret_n)
{
	struct segment *list = NULL;
	size_t n = 0, cap = 0;
	int again = openat(ring->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = again < 0 ? NULL : fdopendir(again);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		struct stat is;
		uint64_t number;
		if (!segment_of(entry->d_name, &number) || fstatat(ring->folder, entry->d_name, &is, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			list = realloc(list, cap * sizeof *list);
			if (!list)
				abort();
		}
		list[n++] = (struct segment){ number, (uint64_t)is.st_size, is.st_mtime };
	}
	if (folder)
		closedir(folder);
	if (n)
		qsort(list, n, sizeof *list, by_age);
	*ret_n = n;
	return list;
}

void ring_expire(struct ring *ring, int64_t oldest, uint64_t bytes)
{
	size_t n;
	ring_flush(ring);
	struct segment *list = list_segments(ring, &n);
	uint64_t total = 0;
	for (size_t i = 0; i < n; i++)
		total += list[i].bytes;
	for (size_t i = 0; i < n; i++) {
		char name[NAME];
		bool mine = ring->file >= 0 && list[i].number == ring->segment;
		if (list[i].newest >= oldest && total <= bytes)
			continue;
		segment_name(list[i].number, name);
		if (mine) {
			close(ring->file);
			ring->file = -1;
		}
		if (unlinkat(ring->folder, name, 0) == 0)
			total -= list[i].bytes;
	}
	free(list);
	uint64_t share = bytes / SHARE;
	ring->segment_bytes = share < SEGMENT_LEAST ? SEGMENT_LEAST : share > SEGMENT_MOST ? SEGMENT_MOST : share;
}

uint64_t ring_bytes(const struct ring *ring)
{
	size_t n;
	uint64_t total = 0;
	struct segment *list = list_segments(ring, &n);
	for (size_t i = 0; i < n; i++)
		total += list[i].bytes;
	free(list);
	return total;
}

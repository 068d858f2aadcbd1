/* app/sign.c - `postern sign`: puts a DKIM signature on top of a message, or makes the key for it and prints the record to publish. */
#include "app/sign.h"
#include "app/command.h"
#include "app/input.h"
#include "auth/dkim_tags.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 65536, STRING_MAX = 255 };

#define trouble(...) (fflush(stdout), fprintf(stderr, "postern: " __VA_ARGS__), fputc('\n', stderr), EXIT_TROUBLE)

bool sign_parse_canonical(struct span text, struct sign_options *options)
{
	static const struct span names[] = { [DKIM_SIMPLE] = SPAN_INIT("simple"), [DKIM_RELAXED] = SPAN_INIT("relaxed") };
	struct span body = text, header;
	enum dkim_canonical *const forms[] = { &options->header, &options->body };
	span_split(&body, '/', &header);
	struct span words[] = { header, body.p ? body : names[DKIM_SIMPLE] };
	for (int i = 0; i < 2; i++) {
		*forms[i] = span_eq(words[i], names[DKIM_RELAXED]) ? DKIM_RELAXED : DKIM_SIMPLE;
		if (!span_eq(words[i], names[*forms[i]]))
			return false;
	}
	return true;
}

bool sign_parse_new_key(struct span text, struct sign_options *options)
{
	options->new_key = true;
	options->algorithm = span_eq(text, SPAN("ed25519")) ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256;
	return options->algorithm == DKIM_ED25519_SHA256 || span_eq(text, SPAN("rsa"));
}

/* --- a new key --- */

/* Written whole and durable, or not there. */
static bool write_key(const char *path, struct span pem)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool good = write(fd, pem.p, pem.n) == (ssize_t)pem.n && fsync(fd) == 0;
	int error = errno;
	close(fd);
	if (!good)
		unlink(path);
	errno = error;
	return good;
}

/* As it stands in a zone file: strings of at most 255 bytes, which the DNS joins again. */
static void print_record(const struct sign_options *s, struct span record)
{
	const char *between = " ";
	printf("%.*s._domainkey.%.*s. IN TXT (", SPAN_ARG(s->selector), SPAN_ARG(s->domain));
	for (; record.n; record = span_skip(record, STRING_MAX), between = "\n\t")
		printf("%s\"%.*s\"", between, SPAN_ARG(span_first(record, STRING_MAX)));
	printf(" )\n");
}

static enum exit_status make_key(struct options *o)
{
	struct span pem;
	struct dkim_key *key;
	if (o->n_paths)
		return trouble("--new-key signs nothing; leave %s out, and sign with the key afterwards", o->paths[0]);
	if (dkim_key_new(o->sign.algorithm, &o->arena, &pem) || dkim_key_read(pem, &key))
		return trouble("OpenSSL made no key");
	bool written = write_key(o->sign.key, pem);
	if (written)
		print_record(&o->sign, dkim_key_record(key, &o->arena));
	dkim_key_free(key);
	if (!written && errno == EEXIST)
		return trouble("%s exists and is not overwritten: mail may depend on it; name another file", o->sign.key);
	if (!written)
		return trouble("%s: cannot be written: %s", o->sign.key, strerror(errno));
	fprintf(stderr, "The private key is in %s, for you alone. Publish the record above in the DNS, and sign when it is there.\n",
		o->sign.key);
	return EXIT_CLEAN;
}

/* --- a signature --- */

static enum exit_status read_key(struct options *o, struct dkim_key **ret)
{
	const char *path = o->sign.key;
	uint8_t *bytes = arena_alloc(&o->arena, KEY_FILE_MAX);
	FILE *f = fopen(path, "re");
	if (!f)
		return trouble("%s: the key cannot be opened: %s", path, strerror(errno));
	size_t n = fread(bytes, 1, KEY_FILE_MAX, f);
	bool failed = ferror(f);
	struct stat st;
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH))
		fprintf(stderr, "postern: %s: others than you can read this private key; `chmod 600 %s` mends it\n", path, path);
	fclose(f);
	if (failed)
		return trouble("%s: the key cannot be read: %s", path, strerror(EIO));
	switch (dkim_key_read(span_of(bytes, n), ret)) {
	case ERR_OK: return EXIT_CLEAN;
	case ERR_UNSUPPORTED: return trouble("%s: DKIM signs with RSA of 1024 to 8192 bits or with Ed25519, and this key is neither", path);
	default:
		return trouble("%s: no private key in PEM without a passphrase; `postern sign --new-key rsa --key FILE ...` makes one",
			       path);
	}
}

/* Where the header begins: after an mbox line. */
static size_t header_at(const struct message *message) { return (size_t)(message_root(message)->raw_header.p - message->raw.p); }

/* The field with the line ends of the message. */
static void put_field(struct span field, bool crlf)
{
	for (size_t i = 0; i < field.n; i++)
		if (crlf || field.p[i] != '\r')
			putchar(field.p[i]);
}

static enum exit_status sign_item(struct options *o, const struct input_item *item, const struct dkim_key *key)
{
	struct message message;
	struct span field;
	struct dkim_signing signing = {
		.key = key,
		.domain = o->sign.domain,
		.selector = o->sign.selector,
		.header = o->sign.header,
		.body = o->sign.body,
		.now = clock_now(),
	};
	if (item->bytes.n > LIMIT_MESSAGE_BYTES)
		return trouble("%.*s: is larger than %u bytes", SPAN_ARG(item->name), LIMIT_MESSAGE_BYTES);
	message_parse(item->bytes, &o->arena, &message);
	switch (dkim_sign(&message, &signing, &o->arena, &field)) {
	case ERR_OK: break;
	case ERR_SYNTAX:
		return trouble("%.*s: has no From field, which DKIM must sign, or does not begin with a header field; is it a message?",
			       SPAN_ARG(item->name));
	default:
		return trouble("%.*s: has more than %u fields to sign, or more than %u bytes of them", SPAN_ARG(item->name),
			       LIMIT_DKIM_SIGNED_FIELDS, LIMIT_DKIM_HEADER_BYTES);
	}
	size_t at = header_at(&message), lf = span_find_byte(message.raw, '\n', at);
	fwrite(message.raw.p, 1, at, stdout);
	put_field(field, lf != SPAN_NPOS && lf > 0 && message.raw.p[lf - 1] == '\r');
	fwrite(message.raw.p + at, 1, message.raw.n - at, stdout);
	return EXIT_CLEAN;
}

/* Exactly one message: a mailbox would come out as something that is none. */
static enum exit_status sign_one(struct options *o, const struct dkim_key *key)
{
	static char standard[] = "-";
	char *path[] = { o->n_paths ? o->paths[0] : standard };
	struct input input;
	struct input_item item, more;
	enum exit_status status;
	input_init(&input, path, 1, NULL);
	input_item_init(&item);
	input_item_init(&more);
	if (!input_next(&input, &item))
		status = trouble("%s: holds no message", path[0]);
	else {
		input_load(&item);
		status = item.failed                 ? trouble("%.*s: %s", SPAN_ARG(item.name), item.error)
			 : input_next(&input, &more) ? trouble("%s: holds more than one message; sign takes one at a time", path[0])
						     : sign_item(o, &item, key);
	}
	input_item_release(&more);
	input_item_release(&item);
	input_release(&input);
	return status;
}

/* What every use needs; *ret says what is missing. */
static enum exit_status check_options(struct options *o)
{
	struct sign_options *s = &o->sign;
	if (!s->key)
		return trouble("sign needs --key: the file of the private key");
	if (!s->domain.p)
		return trouble("sign needs --domain: the domain that signs, as in --domain example.org");
	if (!s->selector.p)
		return trouble("sign needs --selector: the name of the key below the domain, as in --selector 2026a");
	if (!dkim_tags_name(s->domain, &o->arena, &s->domain) || span_find_byte(s->domain, '.', 0) == SPAN_NPOS)
		return trouble("--domain needs a domain name as example.org, not \"%.*s\"", SPAN_ARG(s->domain));
	if (!dkim_tags_name(s->selector, &o->arena, &s->selector))
		return trouble("--selector needs a name of letters, digits and hyphens, not \"%.*s\"", SPAN_ARG(s->selector));
	return EXIT_CLEAN;
}

enum exit_status sign_run(struct options *o)
{
	struct dkim_key *key = NULL;
	enum exit_status status = check_options(o);
	if (status != EXIT_CLEAN)
		return status;
	if (o->sign.new_key)
		return make_key(o);
	if (o->n_paths > 1)
		return trouble("sign takes one message; see `postern sign --help`");
	status = read_key(o, &key);
	if (status == EXIT_CLEAN)
		status = sign_one(o, key);
	dkim_key_free(key);
	return status;
}

/* app/trap_plant.c - see trap_plant.h */
#include "app/trap_plant.h"
#include "app/store_file.h"
#include "app/trap_file.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "trap/recipient.h"

#include <stdio.h>
#include <sys/random.h>

enum { OUT_BYTES = 4096 };

static struct span domain_of(const struct options *o)
{
	const struct settings_names *local = &o->pipeline.settings.local_domains;
	return o->trap_domain.n ? o->trap_domain : local->n ? local->v[0] : span_none;
}

/* Without a secret nobody could know the address again. */
static bool has_secret(const struct options *o)
{
	uint64_t chance[2];
	if (o->pipeline.settings.plant_secret.n)
		return true;
	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		chance[0] = chance[1] = clock_microseconds();
	fprintf(
	    stderr,
	    "postern: plant_secret is not set, so nothing planted could be known again. Put this line into the settings, here and on the "
	    "mail servers:\n  plant_secret: \"%016llx%016llx\"\n",
	    (unsigned long long)chance[0], (unsigned long long)chance[1]);
	return false;
}

static void say_planted(struct options *o, struct span address, const struct planted *visit)
{
	char ip[IP_TEXT_MAX], when[CLOCK_TEXT_MAX];
	struct buf out;
	struct json_out j;
	buf_init(&out, &o->arena, OUT_BYTES);
	if (o->json) {
		json_init(&j, &out);
		json_object(&j, NULL);
		json_text(&j, "address", address);
		json_text(&j, "shown_to", span_of(ip, ip_format(&visit->visitor, ip)));
		json_text(&j, "shown", span_of(when, clock_format_rfc3339(visit->time, when)));
		json_close(&j);
	} else {
		buf_put(&out, address);
	}
	printf("%.*s\n", SPAN_ARG(buf_span(&out)));
}

enum exit_status trap_plant(struct options *o)
{
	uint8_t key[PLANTED_KEY];
	char local[PLANTED_TEXT];
	struct span domain = domain_of(o);
	if (!domain.n || o->n_paths < 2) {
		fprintf(stderr, "postern: %s\n",
			o->n_paths < 2 ? "trap plant needs the address of the visitor to whom the page is shown: trap plant 203.0.113.9"
				       : "trap plant needs --domain, a domain whose mail you receive (or local_domains in the settings)");
		return EXIT_TROUBLE;
	}
	if (!has_secret(o))
		return EXIT_TROUBLE;
	trap_recipient_key(o->pipeline.settings.plant_secret, key);
	for (size_t i = 1; i < o->n_paths; i++) {
		struct planted visit = { .time = clock_now() };
		if (!ip_parse(span_cstr(o->paths[i]), &visit.visitor)) {
			fprintf(stderr, "postern: \"%s\" is no address of a visitor\n", o->paths[i]);
			return EXIT_TROUBLE;
		}
		size_t n = planted_make(key, &visit, local);
		visit.time -= visit.time % 3600; /* as it will be read */
		say_planted(o, arena_join(&o->arena, span_of(local, n), SPAN("@"), domain), &visit);
	}
	return EXIT_CLEAN;
}

static void say_use(const struct used_recipient *use)
{
	char ip[IP_TEXT_MAX], when[CLOCK_TEXT_MAX];
	if (!use) {
		printf("  nobody has written to it yet\n");
		return;
	}
	clock_format(use->last, when);
	printf("  used %u time%s, last by %.*s at %s, from <%s>\n", use->times, use->times == 1 ? "" : "s", (int)ip_format(&use->ip, ip),
	       ip, when, use->mail_from);
}

/* True: it is one of ours. */
static bool say_whose(struct options *o, const struct trap_memory *memory, struct span address)
{
	const struct trap_recipients traps = trap_recipients_of(&o->pipeline.settings);
	struct planted visit;
	char ip[IP_TEXT_MAX], when[CLOCK_TEXT_MAX];
	enum trap_recipient is = trap_recipient_find(&traps, address, &visit);
	if (is == TRAP_RECIPIENT_NONE) {
		printf("%.*s: no trap recipient of yours\n", SPAN_ARG(address));
		return false;
	}
	clock_format(visit.time, when);
	if (is == TRAP_RECIPIENT_NAMED)
		printf("%.*s: stands in trap_recipients\n", SPAN_ARG(address));
	else if (o->json)
		say_planted(o, address, &visit);
	else
		printf("%.*s: shown to %.*s alone, in the hour from %s\n", SPAN_ARG(address), (int)ip_format(&visit.visitor, ip), ip, when);
	if (!o->json)
		say_use(used_find(memory->used, address));
	return true;
}

enum exit_status trap_whose(struct options *o)
{
	bool all = true;
	struct trap_memory *memory = trap_memory_new(1);
	if (o->n_paths < 2)
		fprintf(stderr, "postern: trap whose needs an address that was planted\n");
	trap_file_read(store_file_folder(o), memory); /* what cannot be read was not used, as far as is known */
	for (size_t i = 1; i < o->n_paths; i++)
		all &= say_whose(o, memory, span_cstr(o->paths[i]));
	trap_memory_free(memory);
	return o->n_paths < 2 ? EXIT_TROUBLE : all ? EXIT_CLEAN : EXIT_FOUND;
}

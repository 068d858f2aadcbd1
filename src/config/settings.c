/* config/settings.c - the table of options, their defaults and how their values are written; settings_parse.c reads the file. */
#include "config/settings.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#define NETS(member) SETTINGS_NETWORKS, offsetof(struct settings, member), 0, 0, 0, ""
#define NAMES(member) SETTINGS_DOMAINS, offsetof(struct settings, member), 0, 0, 0, ""
#define NAME(member) SETTINGS_DOMAIN, offsetof(struct settings, member), 0, 0, 0, ""
#define PATH(member) SETTINGS_PATH, offsetof(struct settings, member), 0, 0, 0, ""
#define LISTS(member) SETTINGS_LISTS, offsetof(struct settings, member), 0, 0, 0, ""
#define YES_NO(member, preset) SETTINGS_YES_NO, offsetof(struct settings, member), 0, 1, preset, ""
#define NATS(member, least, most, preset) SETTINGS_NUMBER, offsetof(struct settings, member), least, most, preset, "nats"
#define SECONDS(member, least, most, preset) SETTINGS_NUMBER, offsetof(struct settings, member), least, most, preset, "seconds"
#define RESOLVER(member, preset) SETTINGS_RESOLVER, offsetof(struct settings, member), 0, 0, preset, ""
#define PERCENT(member, least, most, preset) SETTINGS_NUMBER, offsetof(struct settings, member), least, most, preset, "percent"

const struct settings_option settings_options[] = {
	{ "trusted_networks", NETS(trusted_networks),
	  "Machines whose Received lines are believed: your own relays and those of your provider. "
	  "A trusted machine does not forge, though it may pass spam on. Unset, the boundary is found from the message itself.",
	  "[192.0.2.0/24, \"2001:db8::/32\"]" },
	{ "internal_networks", NETS(internal_networks),
	  "The trusted machines that are your own: they receive your mail from the internet. Unset, all trusted machines are.",
	  "[192.0.2.10]" },
	{ "msa_networks", NETS(msa_networks),
	  "The trusted machines that accept mail from your users only, after a password: what they hand in is outgoing mail.",
	  "[192.0.2.25]" },
	{ "local_domains", NAMES(local_domains),
	  "Domains that are yours, subdomains included: mail from outside that borrows them is an impostor. "
	  "Unset, only the domain of the envelope recipient counts, and weakly.",
	  "[example.org, example.net]" },
	{ "hostname", NAME(hostname), "The name of this host, as other mail servers know it. Unset, it is what the system calls itself.",
	  "mx.example.org" },
	{ "authserv_id", NAME(authserv_id),
	  "The name under which your servers write Authentication-Results (RFC 8601). Fields that bear it when mail arrives are forged, "
	  "and "
	  "are taken away; those in delivered mail are believed. Unset, hostname is written.",
	  "example.org" },
	{ "prior", NATS(prior, -10000, 10000, 0),
	  "Where the score begins before any evidence: 0 means that abuse and good mail are equally likely.", "0" },
	{ "mark", NATS(mark, 0, 100000, 2000), "The score from which a message is marked.", "2" },
	{ "quarantine", NATS(quarantine, 0, 100000, 4000), "The score from which a message is kept in quarantine.", "4" },
	{ "reject", NATS(reject, 0, 100000, 8000), "The score from which a message is refused.", "8" },
	{ "defer_unchecked", YES_NO(defer_unchecked, 0),
	  "Whether to put mail off for later that would be delivered, where a look-up failed for the moment and its answer could have kept "
	  "the "
	  "message in quarantine. Honest senders try again.",
	  "yes" },
	{ "trusted_sealers", NAMES(trusted_sealers),
	  "Forwarders and mailing lists whose word is taken for what they saw when mail came to them (the ARC seals they put on it): a "
	  "signature that they broke is then no crime of the sender's.",
	  "[lists.example.org]" },
	{ "reject_loss", PERCENT(reject_loss, 1, 5000, 10),
	  "How much good mail may be refused, at 99 % confidence, judging by the good mail that was learned. While that is too little to "
	  "promise it, what was learned does not refuse mail by itself; see postern-learn(1).",
	  "0.01" },
	{ "model", PATH(model),
	  "The file that holds what was learned; its journal stands beside it. Unset, it is postern/model below XDG_DATA_HOME where that "
	  "is "
	  "set, else /var/lib/postern/model for root and ~/.local/share/postern/model for everyone else.",
	  "/var/lib/postern/model" },
	{ "shipped_prior", YES_NO(shipped_prior, 1),
	  "Whether to begin with what postern is shipped with, which your own mail then overrules, or with nothing.", "no" },
	{ "lists", LISTS(lists),
	  "The lists of addresses and names to ask: public ones by the name they have in docs/lists.md, others as {name, zone or file, "
	  "ask, codes}. Unset, none is asked: public lists count questions, refuse large askers and learn who writes to you, so that is "
	  "for you to decide.",
	  "[spamhaus_zen, {name: blocked, file: /etc/postern/blocked, ask: [client, link_domains], weight: 3, means: stands on our own "
	  "list}]" },
	{ "network_database", PATH(network_database),
	  "A location database of the IPFire project, which tells who runs an address and in which country. Unset, the one of the package "
	  "libloc-database is read where it is installed.",
	  "/usr/share/libloc-location/location.db" },
	{ "resolver", RESOLVER(resolver, RESOLVER_SYSTEM),
	  "Who answers DNS questions: system asks the name servers of /etc/resolv.conf, none asks nobody, recursive asks the root servers "
	  "and "
	  "down and checks DNSSEC, a list of addresses asks those. Only recent mail is asked about; see postern-scan(1).",
	  "[192.0.2.53, \"2001:db8::53@5353\"]" },
	{ "dns_deadline", SECONDS(dns_deadline, 10, 60000, 5000),
	  "How long a message waits for all its DNS questions together. What was not answered by then could not be checked, and is said.",
	  "5" },
};
const size_t settings_options_n = sizeof settings_options / sizeof *settings_options;

const char *settings_type_says(enum settings_type type)
{
	static const char *const says[] = {
		[SETTINGS_NETWORKS] = "a list of networks; the first that matches decides, and one that begins with ! excludes",
		[SETTINGS_DOMAINS] = "a list of domain names",
		[SETTINGS_DOMAIN] = "a domain name",
		[SETTINGS_NUMBER] = "a number with up to three decimals",
		[SETTINGS_PATH] = "the path of a file, from / on",
		[SETTINGS_YES_NO] = "yes or no",
		[SETTINGS_LISTS] = "a list of names of the catalogue and of declarations in braces; see docs/lists.md",
		[SETTINGS_RESOLVER] = "system, none, recursive, or a list of addresses, each with @port where it is not 53",
	};
	return says[type];
}

const char *settings_resolver_name(enum resolver_kind kind)
{
	static const char *const names[] = { [RESOLVER_SYSTEM] = "system", [RESOLVER_NONE] = "none", [RESOLVER_RECURSIVE] = "recursive" };
	return kind == RESOLVER_SERVERS ? NULL : names[kind];
}

const struct settings_option *settings_find(struct span name)
{
	for (size_t i = 0; i < settings_options_n; i++)
		if (span_eq(name, span_cstr(settings_options[i].name)))
			return &settings_options[i];
	return NULL;
}

void settings_defaults(struct settings *ret)
{
	memset(ret, 0, sizeof *ret);
	for (size_t i = 0; i < settings_options_n; i++) {
		void *member = (char *)ret + settings_options[i].offset;
		if (settings_options[i].type == SETTINGS_NUMBER)
			*(int32_t *)member = (int32_t)settings_options[i].preset;
		else if (settings_options[i].type == SETTINGS_YES_NO)
			*(bool *)member = settings_options[i].preset != 0;
		else if (settings_options[i].type == SETTINGS_RESOLVER)
			((struct settings_resolver *)member)->kind = (enum resolver_kind)settings_options[i].preset;
	}
}

static void put_milli(struct buf *out, int64_t v)
{
	uint64_t u = (uint64_t)llabs(v);
	buf_printf(out, "%s%llu", v < 0 ? "-" : "", (unsigned long long)(u / 1000));
	if (u % 1000) {
		char digits[8];
		int n = snprintf(digits, sizeof digits, ".%03u", (unsigned)(u % 1000));
		while (digits[n - 1] == '0')
			n--;
		buf_put(out, span_of(digits, (size_t)n));
	}
}

static void put_net(struct buf *out, const struct ip_net *net)
{
	char text[IP_TEXT_MAX];
	ip_format(&net->ip, text);
	bool v4 = ip_is_v4(&net->ip) && net->bits >= 96;
	bool quote = net->exclude || !v4; /* YAML gives "!" and ":" a meaning of their own */
	buf_printf(out, "%s%s%s", quote ? "\"" : "", net->exclude ? "!" : "", text);
	if (net->bits != 128)
		buf_printf(out, "/%d", v4 ? net->bits - 96 : net->bits);
	buf_cstr(out, quote ? "\"" : "");
}

/* In double quotes, as JSON and YAML read it. */
static void put_path(struct buf *out, struct span path)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '"' || path.p[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, path.p[i]);
	}
	buf_byte(out, '"');
}

static void put_list(struct buf *out, enum settings_type type, const void *member)
{
	const struct settings_nets *nets = member;
	const struct settings_names *names = member;
	size_t n = type == SETTINGS_NETWORKS ? nets->n : names->n;
	buf_byte(out, '[');
	for (size_t i = 0; i < n; i++) {
		buf_cstr(out, i ? ", " : "");
		if (type == SETTINGS_NETWORKS)
			put_net(out, &nets->v[i]);
		else
			buf_put(out, names->v[i]);
	}
	buf_byte(out, ']');
}

static void put_lists(struct buf *out, const struct settings_lists *lists)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < lists->n; i++) {
		buf_cstr(out, i ? ", " : "");
		list_declaration_put(&lists->v[i], out);
	}
	buf_byte(out, ']');
}

static void put_resolver(struct buf *out, const struct settings_resolver *resolver)
{
	if (resolver->kind != RESOLVER_SERVERS) {
		buf_cstr(out, settings_resolver_name(resolver->kind));
		return;
	}
	for (size_t i = 0; i < resolver->n; i++) {
		buf_cstr(out, i ? ", " : "[");
		put_path(out, resolver->servers[i]); /* in quotes: YAML gives ":" and "@" a meaning of their own */
	}
	buf_byte(out, ']');
}

struct span settings_value(const struct settings *settings, const struct settings_option *option, struct arena *arena)
{
	const void *member = (const char *)settings + option->offset;
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	switch (option->type) {
	case SETTINGS_NUMBER: put_milli(&out, *(const int32_t *)member); break;
	case SETTINGS_DOMAIN:
	case SETTINGS_PATH: put_path(&out, *(const struct span *)member); break;
	case SETTINGS_YES_NO: buf_cstr(&out, *(const bool *)member ? "yes" : "no"); break;
	case SETTINGS_LISTS: put_lists(&out, member); break;
	case SETTINGS_RESOLVER: put_resolver(&out, member); break;
	case SETTINGS_NETWORKS:
	case SETTINGS_DOMAINS: put_list(&out, option->type, member); break;
	}
	return buf_span(&out);
}

struct span settings_preset(const struct settings_option *option, struct arena *arena)
{
	struct settings defaults;
	settings_defaults(&defaults);
	return settings_value(&defaults, option, arena);
}

/* Words of text as comment lines of at most 78 columns. */
static void put_comment(struct buf *out, struct span text)
{
	size_t column = 0;
	struct span word;
	while (span_split(&text, ' ', &word)) {
		if (column == 0 || column + 1 + word.n > 78) {
			buf_cstr(out, column ? "\n#" : "#");
			column = 1;
		}
		buf_byte(out, ' ');
		buf_put(out, word);
		column += 1 + word.n;
	}
	buf_byte(out, '\n');
}

struct span settings_sample(struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	buf_cstr(&out, "# Settings of postern. Every option is optional; remove the # before those you want to set.\n"
		       "# Test the file with: postern config test FILE. Scores are natural log-odds (nats): 2 is odds of 7 to 1, 4 of 55, "
		       "8 of 3000.\n");
	for (size_t i = 0; i < settings_options_n; i++) {
		const struct settings_option *option = &settings_options[i];
		buf_byte(&out, '\n');
		put_comment(&out, span_cstr(option->help));
		struct span preset = settings_preset(option, arena);
		put_comment(&out, arena_printf(arena, "It is %s; default %.*s.", settings_type_says(option->type), SPAN_ARG(preset)));
		buf_printf(&out, "#%s: %s\n", option->name, option->example);
	}
	return buf_span(&out);
}

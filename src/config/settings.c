/* config/settings.c - the table of options and their defaults; settings_parse.c reads files, settings_write.c writes values. */
#include "config/settings.h"

#define ROW(type, member, least, most, preset, words, unit) type, offsetof(struct settings, member), least, most, preset, words, unit
#define NETS(member) ROW(SETTINGS_NETWORKS, member, 0, 0, 0, NULL, "")
#define NAMES(member) ROW(SETTINGS_DOMAINS, member, 0, 0, 0, NULL, "")
#define MAILBOXES(member) ROW(SETTINGS_MAILBOXES, member, 0, 0, 0, NULL, "")
#define NAME(member) ROW(SETTINGS_DOMAIN, member, 0, 0, 0, NULL, "")
#define PATH(member) ROW(SETTINGS_PATH, member, 0, 0, 0, NULL, "")
#define PATHS(member) ROW(SETTINGS_PATHS, member, 0, 0, 0, NULL, "")
#define LISTS(member) ROW(SETTINGS_LISTS, member, 0, 0, 0, NULL, "")
#define YES_NO(member, preset) ROW(SETTINGS_YES_NO, member, 0, 1, preset, NULL, "")
#define NATS(member, least, most, preset) ROW(SETTINGS_NUMBER, member, least, most, preset, NULL, "nats")
#define SECONDS(member, least, most, preset) ROW(SETTINGS_NUMBER, member, least, most, preset, NULL, "seconds")
#define PERCENT(member, least, most, preset) ROW(SETTINGS_NUMBER, member, least, most, preset, NULL, "percent")
#define RESOLVER(member, preset) ROW(SETTINGS_RESOLVER, member, 0, 0, preset, NULL, "")
#define COUNT(member, least, most, preset) ROW(SETTINGS_COUNT, member, least, most, preset, NULL, "")
#define DAYS(member, least, most, preset) ROW(SETTINGS_COUNT, member, least, most, preset, NULL, "days")
#define SIZE(member, least, most, preset) ROW(SETTINGS_SIZE, member, least, most, preset, NULL, "")
#define TEXT(member, most, preset) ROW(SETTINGS_TEXT, member, 0, most, 0, preset, "")
#define SECRET(member, most) ROW(SETTINGS_SECRET, member, 0, most, 0, NULL, "")
#define CHOICE(member, preset, words) ROW(SETTINGS_CHOICE, member, 0, 0, preset, words, "")
#define LISTEN(member, preset) ROW(SETTINGS_LISTEN, member, 0, 0, 0, preset, "")
#define ADDRESS(member, preset) ROW(SETTINGS_ADDRESS, member, 0, 0, 0, preset, "")
#define KIB ((int64_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

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
	  "The file that holds what was learned; its journal stands beside it. Unset, it is model below data_directory.",
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
	{ "trust_anchors", PATH(trust_anchors),
	  "The keys at which checks of DNSSEC begin: a file of DS or DNSKEY records, as zone files have them. With it, answers are checked "
	  "whoever gives them, and one that is forged counts as none. Unset, only recursive checks, from the keys of the root.",
	  "/usr/share/dns/root.key" },
	{ "dns_deadline", SECONDS(dns_deadline, 10, 60000, 5000),
	  "How long a message waits for all its DNS questions together. What was not answered by then could not be checked, and is said.",
	  "5" },
	{ "listen_milter", LISTEN(listen_milter, "127.0.0.1:11332"),
	  "Where `postern serve` waits for mail servers that speak the milter protocol (Postfix, Sendmail). A Unix socket is trusted: what "
	  "comes in by it may teach without a password.",
	  "[127.0.0.1:11332, unix:/run/postern/milter]" },
	{ "listen_http", LISTEN(listen_http, "127.0.0.1:11333 127.0.0.1:11334"),
	  "Where it waits for HTTP: clients of rspamd (its ports are the default), its own interface, figures for Prometheus.",
	  "[127.0.0.1:11333, unix:/run/postern/http]" },
	{ "listen_spamd", LISTEN(listen_spamd, "127.0.0.1:783"), "Where it waits for clients of SpamAssassin, such as spamc and Exim.",
	  "[127.0.0.1:783, \"[::1]:783\"]" },
	{ "listen_policy", LISTEN(listen_policy, NULL),
	  "Where it waits for Postfix's check_policy_service: the gate's judgement for each recipient. Unset, nowhere.",
	  "[127.0.0.1:11335]" },
	{ "listen_smtp", LISTEN(listen_smtp, NULL),
	  "Where it waits for mail by SMTP and hands it on to next_hop, judged before it is accepted: port 25 in front of the mail server, "
	  "or "
	  "a port of its own behind it. Unset, nowhere.",
	  "[\"0.0.0.0:25\", \"[::]:25\"]" },
	{ "listen_lmtp", LISTEN(listen_lmtp, NULL),
	  "Where it waits for mail by LMTP and hands it on to next_hop_lmtp, between a mail server and its mailboxes. Unset, nowhere.",
	  "[unix:/run/postern/lmtp]" },
	{ "listen_trap", LISTEN(listen_trap, NULL),
	  "Where a false open relay waits: it takes everything, delivers nothing, and whoever uses it is kept out at the gate. Read "
	  "docs/trap.md first. Unset, nowhere.",
	  "[\"192.0.2.25:25\"]" },
	{ "trap_hostname", NAME(trap_hostname),
	  "What the false open relay calls itself: a name of its own, for it will stand on lists. Unset, hostname.", "relay.example.net" },
	{ "trap_personality", CHOICE(trap_personality, TRAP_POSTFIX, "postfix exim exchange"),
	  "Which server the false open relay looks like: Postfix 3.7, Exim 4.96 or Exchange 2019.", "exim" },
	{ "trap_certificate", PATH(trap_certificate),
	  "The certificate with which the false open relay offers STARTTLS, in PEM. Unset, it signs one itself, for trap_hostname, and "
	  "keeps "
	  "it. Never one of your real servers: it would tell whose trap this is.",
	  "/etc/postern/trap.crt" },
	{ "trap_key", PATH(trap_key), "The key of trap_certificate, in PEM. Only the master process reads it.", "/etc/postern/trap.key" },
	{ "trap_recipients", MAILBOXES(trap_recipients),
	  "Addresses of your own domains that never belonged to anybody; @ and a domain stands for everybody there but postmaster and "
	  "abuse. "
	  "Whoever sends to one is kept out at the gate as if caught by listen_trap, and the message is held against it. See docs/trap.md.",
	  "[a.keller@example.org, \"@unused.example\"]" },
	{ "plant_secret", SECRET(plant_secret, 256),
	  "What addresses for harvesters are made with (`postern trap plant`) and known again by: whoever sends to one used a trap "
	  "recipient. "
	  "Another secret disowns all that were planted.",
	  "\"zither-umbra-41-kelp\"" },
	{ "trap_learn", YES_NO(trap_learn, 0),
	  "Whether mail that was to be sent through listen_trap is learned as spam: what is surely no probe, at most 20 messages of one "
	  "operator "
	  "and 200 in all a day. Whoever knows of it can teach by it, if little; docs/trap.md tells how little.",
	  "yes" },
	{ "trap_release", YES_NO(trap_release, 0),
	  "Whether `postern trap release ID` may send a probe on, through release_to: by hand, for one known collecting address alone, "
	  "without "
	  "link or attachment, at most one a day for each address, and asked about each time. Your mail server is then known as an open "
	  "relay.",
	  "yes" },
	{ "next_hop", ADDRESS(next_hop, "127.0.0.1:10025"),
	  "The mail server to which mail goes that came by SMTP. It should let XCLIENT be said to it from here, so that it knows the "
	  "client.",
	  "127.0.0.1:10025" },
	{ "next_hop_lmtp", ADDRESS(next_hop_lmtp, "127.0.0.1:24"), "The server of mailboxes to which mail goes that came by LMTP.",
	  "unix:/run/dovecot/lmtp" },
	{ "next_hop_tls", CHOICE(next_hop_tls, NEXT_HOP_TLS_MAY, "off may require verify"),
	  "Whether next_hop and next_hop_lmtp are spoken to over TLS: never; where they offer it and are on another machine; always; "
	  "always, "
	  "and only with a certificate that proves them.",
	  "verify" },
	{ "next_hop_name", NAME(next_hop_name),
	  "The name that the certificate of next_hop must bear where next_hop_tls is verify. Unset, it must bear its address.",
	  "mail.example.org" },
	{ "next_hop_authorities", PATH(next_hop_authorities),
	  "Certificates of the authorities that are believed about next_hop, in PEM, or its own. Unset, those of the system.",
	  "/etc/postern/next_hop.pem" },
	{ "next_hop_auth", CHOICE(next_hop_auth, NEXT_HOP_AUTH_TLS, "off tls any"),
	  "Whether clients of listen_smtp may log in where next_hop lets them (AUTH): never; over TLS; always, passwords in the clear "
	  "included. next_hop decides who they are.",
	  "off" },
	{ "proxy_protocol_from", NETS(proxy_protocol_from),
	  "Load balancers in front of listen_smtp, listen_lmtp and listen_trap that speak the PROXY protocol (versions 1 and 2). They "
	  "must: who does "
	  "not is "
	  "hung up on.",
	  "[192.0.2.5]" },
	{ "xclient_from", NETS(xclient_from),
	  "Mail servers and proxies of your own that may say by XCLIENT or XFORWARD for whom they speak. Nothing is tested of themselves.",
	  "[127.0.0.1, 192.0.2.5]" },
	{ "tls_certificate", PATH(tls_certificate),
	  "The certificate with which listen_smtp and listen_lmtp offer STARTTLS, in PEM, those of its authorities behind it. Unset, they "
	  "do not.",
	  "/etc/letsencrypt/live/mx.example.org/fullchain.pem" },
	{ "tls_key", PATH(tls_key), "The key of tls_certificate, in PEM. Only the master process reads it.",
	  "/etc/letsencrypt/live/mx.example.org/privkey.pem" },
	{ "user", TEXT(user, 32, "postern"), "The user that the service becomes once its sockets are open. Only root can become another.",
	  "postern" },
	{ "workers", COUNT(workers, 0, 1024, 0), "How many processes judge mail; 0 takes one for each core.", "4" },
	{ "data_directory", PATH(data_directory),
	  "The folder of everything that the service keeps: cases, content, quarantine, what was learned. Unset, it is /var/lib/postern "
	  "for "
	  "root, else postern below XDG_DATA_HOME or ~/.local/share.",
	  "/var/lib/postern" },
	{ "message_bytes", SIZE(message_bytes, 64 * KIB, LIMIT_MESSAGE_BYTES, 50 * MIB),
	  "The largest message that is judged. A larger one is passed on unjudged, and its header says so.", "50M" },
	{ "message_deadline", SECONDS(message_deadline, 1000, 600000, 60000),
	  "How long one message may take altogether, DNS included, before on_failure decides. The mail server's own patience must be "
	  "longer.",
	  "60" },
	{ "on_failure", CHOICE(on_failure, ON_FAILURE_TEMPFAIL, "tempfail accept"),
	  "What happens to mail that could not be judged: tempfail has the sender try again, accept delivers it unjudged, and its header "
	  "says so.",
	  "accept" },
	{ "enforce", YES_NO(enforce, 1),
	  "Whether verdicts are carried out. With no, all mail is delivered, and its headers only tell what would have been done: a way to "
	  "begin.",
	  "no" },
	{ "quarantine_in", CHOICE(quarantine_in, QUARANTINE_IN_STORE, "store hold mark"),
	  "Where mail of the verdict quarantine goes: store keeps it in postern's own quarantine, hold in the mail server's (Postfix: the "
	  "hold queue), mark delivers it with headers that tell.",
	  "hold" },
	{ "subject_mark", TEXT(subject_mark, 64, ""),
	  "What is put in front of the Subject of marked mail. Unset, nothing is: a changed Subject breaks the sender's DKIM signature, "
	  "and "
	  "the X-Spam headers tell the same to programs.",
	  "\"[SPAM]\"" },
	{ "allow_domains", NAMES(allow_domains),
	  "Domains, subdomains included, whose mail you want. It counts only for mail that is proven to be theirs: From is theirs, and "
	  "SPF, "
	  "DKIM or DMARC vouches for it.",
	  "[partner.example]" },
	{ "history_days", DAYS(history_days, 1, 3650, 60),
	  "How long the case file of each decision is kept, for `postern history` and `why`.", "60" },
	{ "content_days", DAYS(content_days, 0, 365, 7),
	  "How long messages themselves are kept, encrypted, so that you can teach from history and rehearse changes; 0 keeps none.", "7" },
	{ "content_bytes", SIZE(content_bytes, MIB, 1024 * GIB, 2 * GIB), "The most room that kept messages may take; the oldest go first.",
	  "2G" },
	{ "release_to", ADDRESS(release_to, "127.0.0.1:25"), "The mail server that delivers what you release from quarantine, by SMTP.",
	  "127.0.0.1:10025" },
	{ "password", SECRET(password, 256),
	  "What clients must know to teach, release or read history where they do not come by a Unix socket. Unset, they cannot. Keep the "
	  "file that holds it from the eyes of others; one in the override folder is easiest.",
	  "\"correct horse battery staple\"" },
	{ "block_addresses", PATHS(block_addresses),
	  "Files of addresses and networks that are refused, as `postern lists build` makes them. What `postern lists add` adds, and what "
	  "the "
	  "trap catches, stands beside them.",
	  "[/var/lib/postern/gate/drop.set]" },
	{ "allow_addresses", PATHS(allow_addresses),
	  "Files of addresses and networks that are let in whatever other lists say of equally wide networks; the narrowest entry of all "
	  "decides.",
	  "[/var/lib/postern/gate/partners.set]" },
	{ "listen_dns", LISTEN(listen_dns, NULL),
	  "Where it answers questions to dns_zone, by UDP and TCP. Unset, nowhere. See docs/lists.md for how other servers ask it.",
	  "[\"192.0.2.53:53\", \"[2001:db8::53]:53\"]" },
	{ "dns_zone", NAME(dns_zone),
	  "The zone that listen_dns serves as a DNS list (RFC 5782): what block_addresses, `postern lists add` and the trap list is listed "
	  "there.",
	  "bl.example.org" },
	{ "dns_zone_rate", COUNT(dns_zone_rate, 0, 1000000, 1000),
	  "How many questions a second one client (of IPv6: its /64) may ask of dns_zone; more are dropped, lest answers be sent to "
	  "somebody "
	  "whose address is forged. 0 is any number.",
	  "1000" },
	{ "gate_grey", NATS(gate.grey, 0, 100000, 2000),
	  "The score of a client from which it is asked to come again (greylisting), before it may bring mail.", "2" },
	{ "gate_refuse", NATS(gate.refuse, 1, 100000, 4500),
	  "The score of a client from which it is refused at the door. One list in the DNS alone never refuses.", "4.5" },
	{ "greet_delay", SECONDS(gate.greet_delay, 0, 30000, 2000),
	  "How long a client that is not known yet waits for the end of the greeting, so that those are seen who do not.", "2" },
	{ "greylist_delay", SECONDS(gate.greylist_delay, 1000, 3600000, 240000),
	  "How long a client that is asked to come again must stay away.", "240" },
	{ "connection_rate", COUNT(gate.rate, 0, 1000000, 60),
	  "How many connections an address may open in a minute; its network (/24 or /64) four times, its AS sixteen times as many. 0 is "
	  "any "
	  "number.",
	  "60" },
	{ "connections_at_once", COUNT(gate.crowd, 0, 1000000, 20),
	  "How many connections an address may have open; its network four times, its AS sixteen times as many. 0 is any number.", "20" },
	{ "unknown_recipients", COUNT(gate.unknown_recipients, 1, 10000, 10),
	  "How many recipients that do not exist a client may try in one connection.", "10" },
	{ "gate_contact", TEXT(gate.contact, 128, ""),
	  "How somebody who was refused by mistake can reach you: a page or an address elsewhere; it is told in the refusal. Mail to "
	  "postmaster is refused for what stands on your own lists alone.",
	  "\"https://example.org/contact\"" },
#define GATE_TEST(symbol, name, preset, group, weight, says, help)                                                                         \
	{ "gate_" #name, CHOICE(gate.mode[GATE_TEST_##symbol], GATE_##preset, "off watch enforce"), help, "watch" },
#include "config/gate_tests.def"
#undef GATE_TEST
	{ "log", CHOICE(log, LOG_TO_STDERR, "stderr syslog journal"), "Where the service writes its log.", "journal" },
	{ "log_format", CHOICE(log_format, LOG_AS_LOGFMT, "logfmt json"),
	  "How a line of the log is written: logfmt is name=value, easy on the eye and for grep; json is one object a line.", "json" },
};
const size_t settings_options_n = sizeof settings_options / sizeof *settings_options;

struct span settings_word(const char *words, int64_t n)
{
	struct span rest = span_cstr(words), word = span_none;
	for (int64_t i = 0; i <= n; i++)
		if (!span_split(&rest, ' ', &word))
			return span_none;
	return word;
}

const char *settings_resolver_name(enum resolver_kind kind)
{
	static const char *const names[] = { [RESOLVER_SYSTEM] = "system", [RESOLVER_NONE] = "none", [RESOLVER_RECURSIVE] = "recursive" };
	return kind == RESOLVER_SERVERS ? NULL : names[kind];
}

bool settings_names_have(const struct settings_names *names, struct span domain)
{
	if (span_ends(domain, SPAN(".")))
		domain.n--;
	for (size_t i = 0; i < names->n; i++) {
		struct span name = names->v[i];
		if (span_iends(domain, name) && (domain.n == name.n || domain.p[domain.n - name.n - 1] == '.'))
			return true;
	}
	return false;
}

const struct settings_option *settings_find(struct span name)
{
	for (size_t i = 0; i < settings_options_n; i++)
		if (span_eq(name, span_cstr(settings_options[i].name)))
			return &settings_options[i];
	return NULL;
}

static void preset_listen(const char *words, struct settings_listen *ret)
{
	struct span rest = words ? span_cstr(words) : span_none, word;
	while (span_split(&rest, ' ', &word))
		ret->n += settings_address_parse(word, &ret->v[ret->n]);
}

void settings_defaults(struct settings *ret)
{
	memset(ret, 0, sizeof *ret);
	for (size_t i = 0; i < settings_options_n; i++) {
		const struct settings_option *option = &settings_options[i];
		void *member = (char *)ret + option->offset;
		switch (option->type) {
		case SETTINGS_NUMBER:
		case SETTINGS_COUNT: *(int32_t *)member = (int32_t)option->preset; break;
		case SETTINGS_SIZE: *(uint64_t *)member = (uint64_t)option->preset; break;
		case SETTINGS_CHOICE: *(unsigned *)member = (unsigned)option->preset; break;
		case SETTINGS_YES_NO: *(bool *)member = option->preset != 0; break;
		case SETTINGS_RESOLVER: ((struct settings_resolver *)member)->kind = (enum resolver_kind)option->preset; break;
		case SETTINGS_TEXT: *(struct span *)member = span_cstr(option->words); break;
		case SETTINGS_LISTEN: preset_listen(option->words, member); break;
		case SETTINGS_ADDRESS: settings_address_parse(span_cstr(option->words), member); break;
		default: break; /* empty */
		}
	}
}

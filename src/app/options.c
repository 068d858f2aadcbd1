/* app/options.c - see options.h */
#include "app/options.h"
#include "app/command.h"
#include "app/data_folder.h"
#include "app/lists.h"
#include "app/store_options.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "facts/address_text.h"
#include "facts/network.h"

#include <stdio.h>
#include <unistd.h>

#define refuse(...) (fprintf(stderr, "postern: " __VA_ARGS__), fputc('\n', stderr), false)

static bool set_help(struct options *o, const char *value)
{
	(void)value;
	return o->help = true;
}

static bool set_json(struct options *o, const char *value)
{
	(void)value;
	return o->json = true;
}

static bool set_header(struct options *o, const char *value)
{
	(void)value;
	return o->header = true;
}

static bool set_threads(struct options *o, const char *value)
{
	uint64_t n;
	if (!span_to_uint(span_cstr(value), 1024, &n) || n == 0)
		return refuse("-j needs a number of threads from 1 to 1024, not \"%s\"", value);
	o->threads = (unsigned)n;
	return true;
}

static bool set_settings(struct options *o, const char *value)
{
	const struct settings *settings = &o->pipeline.settings;
	struct span error;
	o->settings_path = value;
	list_book_free(o->lists);
	o->pipeline.lists = o->lists = NULL;
	if (settings_load(value, &o->arena, &o->pipeline.settings, &error) != 0)
		return refuse("%.*s", SPAN_ARG(error));
	if (settings->lists.n && list_book_new(settings->lists.v, settings->lists.n, clock_now, &o->arena, &o->lists, &error) != 0)
		return refuse("%.*s", SPAN_ARG(error));
	o->pipeline.lists = o->lists;
	o->pipeline.answerers[QUESTION_LIST] = (struct answerer){ o->lists ? list_book_answer : NULL, o->lists };
	return true;
}

static bool set_dns(struct options *o, const char *value)
{
	struct span error;
	zone_free(o->zone);
	o->pipeline.zone = o->zone = NULL;
	if (zone_load(value, &o->arena, &o->zone, &error) != 0)
		return refuse("%.*s", SPAN_ARG(error));
	o->pipeline.zone = o->zone;
	return true;
}

static bool set_now(struct options *o, const char *value)
{
	if (clock_parse(span_cstr(value), &o->pipeline.now))
		return true;
	return refuse("--now needs a time as 2026-03-01T12:00:00Z, 2026-03-01 or @1772366400, not \"%s\"", value);
}

static bool set_ip(struct options *o, const char *value)
{
	if (ip_parse(span_cstr(value), &o->pipeline.connection.ip))
		return o->pipeline.connection.has_ip = true;
	return refuse("--ip needs an IPv4 or IPv6 address, not \"%s\"", value);
}

static bool set_rdns(struct options *o, const char *value)
{
	o->pipeline.connection.rdns = span_cstr(value);
	return true;
}

static bool set_helo(struct options *o, const char *value)
{
	o->pipeline.connection.helo = span_cstr(value);
	return true;
}

/* "<a@b>" and "a@b" are the same address; "" and "<>" the empty one. */
static struct span envelope_path(const char *value)
{
	struct span path = span_trim(span_cstr(value));
	return span_starts(path, SPAN("<")) && span_ends(path, SPAN(">")) ? span_slice(path, 1, path.n - 1) : path;
}

static bool set_from(struct options *o, const char *value)
{
	o->pipeline.connection.mail_from = envelope_path(value);
	return true;
}

static bool set_rcpt(struct options *o, const char *value)
{
	*(struct span *)vec_push(&o->arena, &o->recipients) = envelope_path(value);
	o->pipeline.connection.recipients = o->recipients.v;
	o->pipeline.connection.n_recipients = o->recipients.n;
	return true;
}

static bool set_auth(struct options *o, const char *value)
{
	o->pipeline.connection.auth_user = span_cstr(value);
	return true;
}

static bool set_index(struct options *o, const char *value)
{
	o->index = value;
	return true;
}

static bool set_model(struct options *o, const char *value)
{
	o->model = value;
	return true;
}

static bool set_feedback(struct options *o, const char *value)
{
	if (feedback_parse(span_cstr(value), &o->evaluate.feedback))
		return true;
	return refuse("--feedback needs immediate, none, first:N or delay:N (N messages, a delay at most %u), not \"%s\"",
		      LIMIT_FEEDBACK_DELAY, value);
}

static bool set_train(struct options *o, const char *value)
{
	o->evaluate.train = value;
	return true;
}

static bool set_prior(struct options *o, const char *value)
{
	(void)value;
	return o->evaluate.prior = true;
}

static bool set_out(struct options *o, const char *value)
{
	o->evaluate.out = value;
	return true;
}

static bool set_scores(struct options *o, const char *value)
{
	o->evaluate.scores = value;
	return true;
}

static bool set_key(struct options *o, const char *value)
{
	o->sign.key = value;
	return true;
}

static bool set_domain(struct options *o, const char *value)
{
	o->sign.domain = span_cstr(value);
	return true;
}

static bool set_selector(struct options *o, const char *value)
{
	o->sign.selector = span_cstr(value);
	return true;
}

static bool set_canonical(struct options *o, const char *value)
{
	if (sign_parse_canonical(span_cstr(value), &o->sign))
		return true;
	return refuse("--canonical needs relaxed or simple for the header, a slash, and one of them for the body, not \"%s\"", value);
}

static bool set_role(struct options *o, const char *value)
{
	o->serve.role = value;
	return true;
}

static bool set_explain_sandbox(struct options *o, const char *value)
{
	(void)value;
	return o->serve.explain = true;
}

static bool set_list_out(struct options *o, const char *value)
{
	o->lists_command.out = value;
	return true;
}

static bool set_format(struct options *o, const char *value)
{
	o->lists_command.format = value;
	return true;
}

static bool set_class(struct options *o, const char *value)
{
	o->lists_command.class = value;
	return address_text_class_ok(span_cstr(value)) ||
	       refuse("--class needs letters, digits, -, _ and ., at most %d of them (and \"none\" is taken), not \"%s\"",
		      ADDRESS_CLASS_NAME, value);
}

static bool set_note(struct options *o, const char *value)
{
	o->lists_command.note = value;
	return span_cstr(value).n <= ADDRESS_LIVE_NOTE || refuse("--note takes at most %d bytes", ADDRESS_LIVE_NOTE);
}

static bool set_for(struct options *o, const char *value)
{
	return lists_parse_duration(span_cstr(value), &o->lists_command.seconds) ||
	       refuse("--for needs a time as 90s, 30m, 12h, 7d or 2w, not \"%s\"", value);
}

static bool set_day(struct options *o, const char *value)
{
	(void)value;
	return o->day = true;
}

static bool set_week(struct options *o, const char *value)
{
	(void)value;
	o->day = false;
	return true;
}

static bool set_new_key(struct options *o, const char *value)
{
	if (sign_parse_new_key(span_cstr(value), &o->sign))
		return true;
	return refuse("--new-key needs rsa or ed25519, not \"%s\"", value);
}

static bool set_relay_sender(struct options *o, const char *value)
{
	o->relaytest.sender = envelope_path(value);
	return true;
}

static bool set_relay_recipient(struct options *o, const char *value)
{
	o->relaytest.recipient = envelope_path(value);
	return true;
}

static bool set_relay_domain(struct options *o, const char *value)
{
	o->relaytest.domain = span_cstr(value);
	return true;
}

static bool set_proxy(struct options *o, const char *value)
{
	o->relaytest.proxy = value;
	return true;
}

static bool set_own(struct options *o, const char *value)
{
	(void)value;
	return o->relaytest.own = true;
}

static bool set_deliver(struct options *o, const char *value)
{
	(void)value;
	return o->relaytest.deliver = true;
}

static bool set_trap_domain(struct options *o, const char *value)
{
	struct span domain = span_cstr(value);
	if (domain.n == 0 || domain.n > 253 || span_find_byte(domain, '.', 0) == SPAN_NPOS || span_find_byte(domain, '@', 0) != SPAN_NPOS)
		return refuse("--domain needs a domain whose mail you receive, not \"%s\"", value);
	o->trap_domain = domain;
	return true;
}

static bool set_seconds(struct options *o, const char *value)
{
	uint64_t n;
	if (!span_to_uint(span_cstr(value), 600, &n) || n == 0)
		return refuse("--seconds needs a number from 1 to 600, not \"%s\"", value);
	o->relaytest.seconds = (unsigned)n;
	return true;
}

static bool set_pause(struct options *o, const char *value)
{
	uint64_t n;
	if (!span_to_uint(span_cstr(value), 60000, &n))
		return refuse("--pause needs milliseconds, at most 60000, not \"%s\"", value);
	o->relaytest.has_pause = true;
	o->relaytest.pause = (unsigned)n;
	return true;
}

enum { ALL = ~0, READS_LISTS = COMMAND_JUDGES | COMMAND_EVALUATE | COMMAND_LEARN, CONNECTS = COMMAND_JUDGES | COMMAND_AUTH };
enum {
	SEARCHES = COMMAND_HISTORY | COMMAND_REPLAY | COMMAND_QUARANTINE,
	KEPT = SEARCHES | COMMAND_WHY | COMMAND_LEARN | COMMAND_STATS | COMMAND_LISTS | COMMAND_TRAP
};

const struct option options_table[] = {
	{ "json", 0, ALL & ~(COMMAND_COMPLETION | COMMAND_SIGN | COMMAND_SERVE | COMMAND_RELOAD), NULL,
	  "one JSON object a line instead of text", set_json },
	{ "header", 0, COMMAND_AUTH, NULL, "the Authentication-Results field instead of text", set_header },
	{ "threads", 'j', COMMAND_JUDGES, "N", "judge N messages at a time (default: one a core)", set_threads },
	{ "index", 0, READS_LISTS, "FILE", "read the messages FILE lists, a line each: ham|spam PATH", set_index },
	{ "feedback", 0, COMMAND_EVALUATE, "WHEN", "when labels are told: immediate (the default), delay:N, first:N or none",
	  set_feedback },
	{ "train", 0, COMMAND_EVALUATE, "FILE", "learn the whole of this list first", set_train },
	{ "prior", 0, COMMAND_EVALUATE, NULL, "begin with what postern is shipped with instead of nothing", set_prior },
	{ "out", 0, COMMAND_EVALUATE, "FILE", "write what each message scored, a line each: ham|spam SCORE", set_out },
	{ "scores", 0, COMMAND_EVALUATE, "FILE", "measure such lines, of any filter, instead of judging mail", set_scores },
	{ "model", 0, COMMAND_SCAN | COMMAND_WHY | COMMAND_LEARN | COMMAND_REPLAY | COMMAND_QUARANTINE, "FILE",
	  "what was learned, in FILE instead of the settings' place", set_model },
	{ "settings", 0,
	  READS_LISTS | COMMAND_AUTH | SEARCHES | COMMAND_SERVE | COMMAND_RELOAD | COMMAND_STATS | COMMAND_LISTS | COMMAND_TRAP, "FILE",
	  "settings, see postern.yaml(5)", set_settings },
	{ "dns", 0, READS_LISTS | COMMAND_AUTH, "FILE", "answers to DNS questions, as JSON, instead of the network", set_dns },
	{ "now", 0, CONNECTS | COMMAND_LEARN, "TIME", "judge as of TIME instead of the message's own arrival", set_now },
	{ "ip", 0, CONNECTS, "ADDRESS", "address of the client that hands the message over now", set_ip },
	{ "rdns", 0, COMMAND_JUDGES, "NAME", "that client's name in the DNS", set_rdns },
	{ "helo", 0, CONNECTS, "NAME", "the name it gave in HELO or EHLO", set_helo },
	{ "from", 0, CONNECTS, "ADDRESS", "MAIL FROM of the envelope; \"\" for bounces", set_from },
	{ "rcpt", 0, COMMAND_JUDGES, "ADDRESS", "RCPT TO of the envelope; may be given again", set_rcpt },
	{ "auth", 0, COMMAND_JUDGES, "USER", "the user as whom the client logged in", set_auth },
	{ "key", 0, COMMAND_SIGN, "FILE", "the private key, in PEM", set_key },
	{ "domain", 0, COMMAND_SIGN, "NAME", "the domain that signs", set_domain },
	{ "selector", 0, COMMAND_SIGN, "NAME", "the name of the key below the domain", set_selector },
	{ "canonical", 0, COMMAND_SIGN, "FORM/FORM", "what may change on the way, of header and body: relaxed (the default) or simple",
	  set_canonical },
	{ "new-key", 0, COMMAND_SIGN, "TYPE", "make a key, rsa or ed25519, in the file of --key, and print its DNS record", set_new_key },
	{ "explain-sandbox", 0, COMMAND_SERVE, NULL, "print what each of its processes may do, and end", set_explain_sandbox },
	{ "role", 0, COMMAND_SERVE, "NAME", "be one of its processes: serve uses this itself", set_role },
	{ "data", 0, KEPT, "DIR", "what serve keeps, in DIR instead of the settings' data_directory", store_options_data },
	{ "keep", 0, COMMAND_SCAN, "DIR", "keep a case file and the content of each message in DIR, as serve does", store_options_keep },
	{ "address", 0, SEARCHES, "ADDRESS", "sender or recipient: someone@example.org, or example.org for all of them",
	  store_options_address },
	{ "recipient", 0, COMMAND_HISTORY | COMMAND_WHY | COMMAND_QUARANTINE, "ADDRESS",
	  "only mail to that one, and nothing of other recipients", store_options_recipient },
	{ "subject", 0, SEARCHES, "WORDS", "all of these words stand in the subject", store_options_subject },
	{ "verdict", 0, SEARCHES, "VERDICT", "accept, mark, quarantine, reject or defer", store_options_verdict },
	{ "evidence", 0, SEARCHES, "ID", "was found in it, as from.own_domain; `postern checks` lists them", store_options_evidence },
	{ "ip", 0, SEARCHES, "NETWORK", "an address or a network that brought it, or that it comes from", store_options_ip },
	{ "since", 0, SEARCHES, "TIME", "came then or later: 2026-03-01, 2026-03-01T12:00:00Z, or how long ago: 12h, 7d",
	  store_options_since },
	{ "until", 0, SEARCHES, "TIME", "came before that", store_options_until },
	{ "limit", 0, COMMAND_HISTORY | COMMAND_QUARANTINE, "N", "the newest N (default 100; 0: all)", store_options_limit },
	{ "checks", 0, COMMAND_REPLAY, NULL, "run the checks again over kept messages and answers", store_options_checks },
	{ "learn", 0, COMMAND_QUARANTINE, NULL, "release: teach as well that it is good mail", store_options_learn },
	{ "day", 0, COMMAND_STATS, NULL, "the last 24 hours", set_day },
	{ "week", 0, COMMAND_STATS, NULL, "the last seven days (the default)", set_week },
	{ "sender", 0, COMMAND_RELAYTEST, "ADDRESS", "an address of yours that mail is said to come from", set_relay_sender },
	{ "recipient", 0, COMMAND_RELAYTEST, "ADDRESS", "an address of yours at a domain that is not the server's", set_relay_recipient },
	{ "domain", 0, COMMAND_RELAYTEST, "NAME", "a domain whose mail the server takes (default: the name it greets with)",
	  set_relay_domain },
	{ "deliver", 0, COMMAND_RELAYTEST, NULL, "send a test message to the recipient in each form that is taken", set_deliver },
	{ "domain", 0, COMMAND_TRAP, "NAME", "plant: the domain of the address (default: the first of local_domains)", set_trap_domain },
	{ "proxy", 0, COMMAND_RELAYTEST, "HOST:PORT", "test whether this is an open proxy instead", set_proxy },
	{ "i-own-it", 0, COMMAND_RELAYTEST, NULL, "the server is yours, though it is not this host", set_own },
	{ "ip", 0, COMMAND_RELAYTEST, "ADDRESS", "stand for this client, where the server lets us (XCLIENT)", set_ip },
	{ "seconds", 0, COMMAND_RELAYTEST, "N", "wait so long for each answer (default 30)", set_seconds },
	{ "pause", 0, COMMAND_RELAYTEST, "N", "milliseconds between two tries (default 200)", set_pause },
	{ "out", 'o', COMMAND_LISTS, "FILE", "build: the file to make; what stands there is replaced when all is well", set_list_out },
	{ "format", 0, COMMAND_LISTS, "FORMAT",
	  "build: plain, ip4set, ip4trie, ip6trie, drop, drop-json; export: plain, postscreen, nftables, json", set_format },
	{ "class", 0, COMMAND_LISTS, "NAME", "build, add: the class of what names none (default: block)", set_class },
	{ "for", 0, COMMAND_LISTS, "TIME", "add, remove: for so long, as 12h or 7d, and not for good", set_for },
	{ "note", 0, COMMAND_LISTS, "TEXT", "add, remove: why, for people", set_note },
	{ "help", 'h', ALL, NULL, "this text", set_help },
};
const size_t options_table_n = sizeof options_table / sizeof *options_table;

static const struct option *find(const struct command *command, struct span name, char letter)
{
	for (size_t i = 0; i < options_table_n; i++) {
		const struct option *option = &options_table[i];
		if (option->commands & command->id && (letter ? option->letter == letter : span_eq(name, span_cstr(option->name))))
			return option;
	}
	return NULL;
}

static bool unknown(const struct command *command, const char *argument, struct span name)
{
	const char *near = nearest_word(name, &options_table[0].name, sizeof options_table[0], options_table_n);
	const struct option *elsewhere = near ? find(command, span_cstr(near), 0) : NULL;
	if (elsewhere)
		return refuse("%s has no option %s; did you mean --%s?", command->name, argument, near);
	return refuse("%s has no option %s; `postern %s --help` lists those it has", command->name, argument, command->name);
}

/* One argument that begins with a dash; *i moves on when its value is the next one. */
static bool take(const struct command *command, struct options *o, int argc, char **argv, int *i)
{
	const char *argument = argv[*i], *value = NULL;
	bool is_long = argument[1] == '-';
	struct span name = span_cstr(argument + 2);
	size_t equals = is_long ? span_find_byte(name, '=', 0) : SPAN_NPOS;
	if (equals != SPAN_NPOS) {
		value = argument + 2 + equals + 1;
		name = span_first(name, equals);
	}
	const struct option *option = find(command, name, is_long ? 0 : argument[1]);
	if (!option)
		return unknown(command, argument, name);
	if (!option->argument)
		return value || (!is_long && argument[2]) ? refuse("%s takes no value", argument) : option->set(o, NULL);
	if (!is_long && argument[2])
		value = argument + 2;
	if (!value) {
		if (*i + 1 >= argc)
			return refuse("%s needs a value: %s", argument, option->argument);
		value = argv[++*i];
	}
	return option->set(o, value);
}

/* People who look at one message are told what they could have; programs and logs are not bothered. */
static bool places_missing(const struct command *command, const struct options *o)
{
	if (command->id & (COMMAND_WHY | COMMAND_TRACE) && !o->json && isatty(STDERR_FILENO))
		fprintf(stderr, "postern: who runs an address is not told: install libloc-database, or set network_database\n");
	return true;
}

/* The location database: the packaged one may be missing, one that the settings name may not. A zone file is all there is to know. */
static bool open_places(const struct command *command, struct options *o)
{
	struct span named = o->pipeline.settings.network_database, error;
	if (!(command->id & COMMAND_JUDGES) || o->zone)
		return true;
	if (network_open(named.n ? (const char *)named.p : NETWORK_PACKAGED, &o->arena, &o->places, &error) != 0)
		return named.n ? refuse("%.*s", SPAN_ARG(error)) : places_missing(command, o);
	o->pipeline.answerers[QUESTION_NETWORK] = (struct answerer){ network_answer, o->places };
	return true;
}

bool options_parse(const struct command *command, int argc, char **argv, struct options *ret)
{
	memset(ret, 0, sizeof *ret);
	arena_init(&ret->arena);
	settings_defaults(&ret->pipeline.settings);
	ret->pipeline.now = CLOCK_NONE;
	store_options_init(ret);
	ret->sign.header = ret->sign.body = DKIM_RELAXED;
	ret->paths = arena_alloc(&ret->arena, ((size_t)argc + 1) * sizeof *ret->paths);
	bool only_paths = false, ok = true;
	for (int i = 0; i < argc && ok; i++) {
		if (only_paths || argv[i][0] != '-' || argv[i][1] == '\0')
			ret->paths[ret->n_paths++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			only_paths = true;
		else
			ok = take(command, ret, argc, argv, &i);
	}
	if (ret->store.data)
		ret->pipeline.settings.data_directory = span_cstr(ret->store.data);
	/* A client that stands there now makes it live mail, whose reference time is the clock. */
	if (ret->pipeline.connection.has_ip && ret->pipeline.now == CLOCK_NONE)
		ret->pipeline.now = clock_now();
	data_folder_name_host(&ret->pipeline.settings, &ret->arena);
	ok = ok && open_places(command, ret);
	if (!ok)
		options_release(ret);
	return ok;
}

void options_release(struct options *options)
{
	struct span trouble = options->lists ? list_book_trouble(options->lists, &options->arena) : span_none;
	if (trouble.n)
		fprintf(stderr, "postern: %.*s; what was read before stayed in use\n", SPAN_ARG(trouble));
	list_book_free(options->lists);
	network_close(options->places);
	zone_free(options->zone);
	arena_release(&options->arena);
}

/* app/command.c - the table of subcommands; see command.h. Help, completion and the drift tests of the manual read it. */
#include "app/command.h"

#include <stdio.h>

const struct command commands[] = {
	{ "scan", "PATH...", "judge messages, mailboxes and folders, a line each",
	  "PATH is a message, an mbox, a Maildir, a folder, or - for standard input.\n"
	  "Exit status: 0 no message reached `mark`, 1 some did, 2 something could not be read.",
	  NULL, COMMAND_SCAN, scan_run },
	{ "why", "PATH... | ID...", "tell the whole story of a message in plain words",
	  "PATH is as for scan. Each sentence names the part of the message it rests on.\n"
	  "ID is that of a case that serve kept: the story is told from it, months later and without the message.",
	  NULL, COMMAND_WHY, why_run },
	{ "trace", "PATH...", "show the way a message came, hop by hop, and its true origin",
	  "PATH is as for scan. Each Received line is true, unproven or false.", NULL, COMMAND_TRACE, trace_run },
	{ "auth", "[PATH...]", "say who vouches for a client or a message: SPF, DKIM, DMARC, ARC",
	  "Judges the client given by --ip, --helo and --from, and the message in PATH (as for scan); one of the two may be left out.\n"
	  "Exit status: 0 nobody disowns it, 1 DMARC (without a message: SPF) does, 2 something could not be read.",
	  NULL, COMMAND_AUTH, auth_run },
	{ "parse", "received|mime|urls|addresses|html [PATH]", "show what the parsers see",
	  "received, urls, addresses   one Received line, text or address a line\n"
	  "mime                        a message\n"
	  "html                        a message or bare HTML\n"
	  "PATH may be - or left out for standard input.",
	  "received mime urls addresses html", COMMAND_PARSE, parse_run },
	{ "learn", "spam|ham|forget PATH...|ID... | --index FILE | status | merge FILE", "learn from mail whose kind you know",
	  "spam, ham   learn that the messages are that; PATH is as for scan, ID that of a case whose message serve still keeps\n"
	  "--index     learn a list with its own labels\n"
	  "forget      take back what messages taught\n"
	  "status      what was learned so far\n"
	  "merge       add what another file learned\n"
	  "Exit status: 0 done, 1 a message to forget had not been learned, 2 something could not be read or written.",
	  "spam ham forget status merge", COMMAND_LEARN, learn_run },
	{ "evaluate", "--index FILE | --scores FILE", "measure how well mail is judged and learnt, as the TREC spam track did",
	  "Judges the messages of a list in order, each before it may learn from it, and prints how well that went.\n"
	  "Exit status: 0 measured, 2 wrong usage or something could not be read.",
	  NULL, COMMAND_EVALUATE, evaluate_run },
	{ "sign", "--key FILE --domain NAME --selector NAME [PATH]", "sign a message with DKIM, or make the key for it",
	  "Writes the message in PATH with a DKIM-Signature on top to standard output. PATH may be - or left out for standard input.\n"
	  "With --new-key, makes the key instead and prints the record to publish in the DNS.\n"
	  "Exit status: 0 signed or made, 2 wrong usage, or something could not be read, signed or written.",
	  NULL, COMMAND_SIGN, sign_run },
	{ "serve", "", "judge mail in front of a mail server, or beside it: SMTP, milter, policy service, spamd, HTTP; and trap",
	  "Serves until SIGTERM or SIGINT; SIGHUP, or `postern reload`, reads the settings again.\n"
	  "Exit status: 0 ended as it was told to, 2 it could not begin.",
	  NULL, COMMAND_SERVE, serve_run },
	{ "reload", "", "make the running service read its settings again",
	  "Reads them first itself: wrong ones are refused and the service goes on with those it has.\n"
	  "Exit status: 0 it was told, 2 the settings are wrong, or no service runs.",
	  NULL, COMMAND_RELOAD, reload_run },
	{ "history", "", "find kept decisions by address, subject, verdict, evidence, client and time",
	  "A line for each case that fits all options, the newest first; `postern why ID` tells its story.\n"
	  "Exit status: 0 some were found, 1 none was, 2 wrong usage or something could not be read.",
	  NULL, COMMAND_HISTORY, history_run },
	{ "quarantine", "list | show ID... | release ID... | delete ID...", "see, release or delete held mail",
	  "list      what is held, with the options of history\n"
	  "show      the message\n"
	  "release   deliver it after all\n"
	  "delete    for good\n"
	  "Exit status: 0 done, 1 nothing is held (list), 2 wrong usage, or something could not be read, released or deleted.",
	  "list show release delete", COMMAND_QUARANTINE, quarantine_run },
	{ "replay", "", "recompute kept verdicts from their cases, or run the checks again over kept mail",
	  "Every verdict is reached again from its case. --checks: judges the kept messages again from kept answers, without the network.\n"
	  "Exit status: 0 all are as they were, 1 some differ, 2 wrong usage or something could not be read.",
	  NULL, COMMAND_REPLAY, replay_run },
	{ "lists", "build -o FILE LIST... | add|remove NETWORK... | look ADDRESS... | export",
	  "build, edit, ask and export lists of addresses",
	  "build         make a file of networks and addresses, for block_addresses or allow_addresses, from lists as people and list\n"
	  "              operators write them; CLASS=LIST names their class\n"
	  "add, remove   at once, without a file\n"
	  "look          what is said of an address\n"
	  "export        what all lists together decide\n"
	  "Exit status: 0 done (look: one is listed), 1 nothing of it is listed (look, remove), 2 wrong usage or something could not be\n"
	  "read or written.",
	  "build add remove look export", COMMAND_LISTS, lists_run },
	{ "stats", "", "show how much was offered and what became of it, stage by stage",
	  "Of the last week, or day: total, good and spam, and whether each stage's remainder is what the next one got.\n"
	  "Exit status: 0 the numbers add up, 1 they do not, 2 nothing was counted yet or it cannot be read.",
	  NULL, COMMAND_STATS, stats_run },
	{ "trap", "list | stats | plant VISITOR... | whose ADDRESS... | release ID... | read|stats OWN[,OWN...] PATH...",
	  "tell who came to the trap; read what any trap caught",
	  "list      who came\n"
	  "stats     by week, country, family and operator\n"
	  "plant     an address for harvesters, to be shown to that visitor alone\n"
	  "whose     to whom such an address was shown\n"
	  "release   send a probe on after all, by hand, where trap_release allows it\n"
	  "read      of messages that any trap caught: is each a probe, and why; OWN: addresses and host names of that trap\n"
	  "Exit status: 0 no probe was found, 1 at least one was, 2 wrong usage or something could not be read.",
	  "list stats plant whose release read", COMMAND_TRAP, trap_run },
	{ "relaytest", "HOST[:PORT] --sender ADDRESS --recipient ADDRESS | --proxy HOST:PORT",
	  "try whether one's own server is an open relay or proxy",
	  "Tries every spelling of a foreign address that open relays are found with. Recipients only, unless --deliver is given.\n"
	  "Exit status: 0 closed, 1 open or it takes what it should not, 2 could not test or could not tell.",
	  NULL, COMMAND_RELAYTEST, relaytest_run },
	{ "checks", "[NAME]", "list every check with its evidence, weights and reasons",
	  "NAME is a check, or the id of one kind of evidence.", NULL, COMMAND_CHECKS, checks_run },
	{ "config", "test [FILE] | explain [KEY] | show [FILE] | sample", "test, explain or write settings",
	  "test      is FILE, or /etc/postern/postern.yaml, right?\n"
	  "explain   what an option means\n"
	  "show      what FILE sets, with the line\n"
	  "sample    a file to begin with",
	  "test explain show sample", COMMAND_CONFIG, config_run },
	{ "completion", "bash|zsh|fish", "print a completion script for your shell",
	  "For bash: postern completion bash > /etc/bash_completion.d/postern", "bash zsh fish", COMMAND_COMPLETION, completion_run },
};
const size_t commands_n = sizeof commands / sizeof *commands;

const struct command *command_find(struct span name)
{
	for (size_t i = 0; i < commands_n; i++)
		if (span_eq(name, span_cstr(commands[i].name)))
			return &commands[i];
	return NULL;
}

void command_help(const struct command *command)
{
	printf("usage: postern %s [OPTION...]%s%s\n\n%s\n\n", command->name, *command->arguments ? " " : "", command->arguments,
	       command->detail);
	for (size_t i = 0; i < options_table_n; i++) {
		const struct option *o = &options_table[i];
		char left[64];
		if (!(o->commands & command->id))
			continue;
		int n = o->letter ? snprintf(left, sizeof left, "-%c, ", o->letter) : snprintf(left, sizeof left, "    ");
		snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name, o->argument ? " " : "", o->argument ? o->argument : "");
		printf("  %-24s %s\n", left, o->help);
	}
}

void command_help_all(void)
{
	printf("postern judges mail: what it claims, where it truly comes from, and why that matters.\n\nusage: postern COMMAND "
	       "[OPTION...] ...\n\n");
	for (size_t i = 0; i < commands_n; i++)
		printf("  %-12s %s\n", commands[i].name, commands[i].summary);
	printf("\n`postern COMMAND --help` tells more, and so do the manual pages: man postern, man postern-scan.\n");
}

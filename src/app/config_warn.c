/* app/config_warn.c - see config_warn.h */
#include "app/config_warn.h"
#include "check/free_mail.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

struct warner {
	const struct settings *settings;
	const struct settings_report *report;
	struct arena *arena;
};

static const struct settings_origin *origin_of(const struct warner *w, const char *option)
{
	const struct settings_origin *origin = &w->report->origins[settings_find(span_cstr(option)) - settings_options];
	return origin->line ? origin : NULL;
}

/* Only of what a file sets: nobody is to be blamed for a default. */
#define warn(w, option, ...)                                                                                                               \
	do {                                                                                                                               \
		const struct settings_origin *origin_ = origin_of((w), (option));                                                          \
		if (origin_) {                                                                                                             \
			fprintf(stderr, "%.*s:%u:%u: warning: ", SPAN_ARG(origin_->file), origin_->line, origin_->column);                 \
			fprintf(stderr, __VA_ARGS__);                                                                                      \
			fputc('\n', stderr);                                                                                               \
		}                                                                                                                          \
	} while (0)

/* what: "password" */
static void warn_secret(const struct warner *w, const char *option, struct span secret, const char *what)
{
	const struct settings_origin *origin = origin_of(w, option);
	struct stat st;
	if (!origin || !secret.n)
		return;
	if (stat((const char *)arena_printf(w->arena, "%.*s", SPAN_ARG(origin->file)).p, &st) == 0 && st.st_mode & S_IROTH)
		warn(w, option, "every user of this machine can read the %s; chmod o-r, or put it into a file of the override folder",
		     what);
	if (secret.n < 8)
		warn(w, option, "a %s of %zu characters is soon guessed", what, secret.n);
}

/* A trap that mail for real people ends in. */
static void warn_traps(const struct warner *w)
{
	const struct settings_names *traps = &w->settings->trap_recipients;
	for (size_t i = 0; i < traps->n; i++) {
		struct span domain = span_skip(traps->v[i], span_rfind_byte(traps->v[i], '@') + 1);
		bool whole = traps->v[i].p[0] == '@';
		for (size_t k = 0; k < w->settings->local_domains.n && whole; k++)
			if (span_ieq(domain, w->settings->local_domains.v[k]))
				warn(w, "trap_recipients", "all mail to %.*s would count as caught in a trap, but local_domains names it",
				     SPAN_ARG(domain));
		if (span_istarts(traps->v[i], SPAN("postmaster@")) || span_istarts(traps->v[i], SPAN("abuse@")))
			warn(w, "trap_recipients", "%.*s is for people who need help (RFC 5321 section 4.5.1, RFC 2142)",
			     SPAN_ARG(traps->v[i]));
	}
}

static void warn_path(const struct warner *w, const char *option, struct span path, const char *missing)
{
	struct stat st;
	if (path.n && stat((const char *)path.p, &st) != 0)
		warn(w, option, "%s: %s%s", (const char *)path.p, strerror(errno), errno == ENOENT ? missing : "");
}

static void warn_user(const struct warner *w)
{
	if (!getpwnam((const char *)w->settings->user.p))
		warn(w, "user", "this machine has no user %s", (const char *)w->settings->user.p);
}

static void warn_allowed(const struct warner *w)
{
	for (size_t i = 0; i < w->settings->allow_domains.n; i++)
		if (free_mail_find(w->settings->allow_domains.v[i]))
			warn(w, "allow_domains", "anybody may have an address at %.*s: this allows spammers, too",
			     SPAN_ARG(w->settings->allow_domains.v[i]));
}

static void warn_listen(const struct warner *w, const char *option, const struct settings_listen *listen)
{
	for (size_t i = 0; i < listen->n; i++) {
		const struct settings_address *address = &listen->v[i];
		char text[IP_TEXT_MAX];
		if (address->path.p || ip_is_private(&address->ip))
			continue;
		ip_format(&address->ip, text);
		warn(w, option,
		     "%s can be reached from outside: whoever reaches it may have mail judged and is told the reasons; keep others "
		     "out by a firewall",
		     text);
	}
}

void config_warn(const struct settings *settings, const struct settings_report *report, struct arena *arena)
{
	const struct warner w = { settings, report, arena };
	warn_secret(&w, "password", settings->password, "password");
	warn_secret(&w, "plant_secret", settings->plant_secret, "secret");
	warn_traps(&w);
	warn_path(&w, "network_database", settings->network_database, "");
	warn_path(&w, "model", settings->model, " (it is made when something is learned)");
	warn_path(&w, "data_directory", settings->data_directory, " (it is made when the service starts)");
	warn_user(&w);
	warn_allowed(&w);
	warn_listen(&w, "listen_milter", &settings->listen_milter);
	warn_listen(&w, "listen_http", &settings->listen_http);
	warn_listen(&w, "listen_spamd", &settings->listen_spamd);
	warn_listen(&w, "listen_policy", &settings->listen_policy);
	if (settings->listen_dns.n && !settings->dns_zone.n)
		warn(&w, "listen_dns", "nothing is answered there while dns_zone is not set");
	warn_path(&w, "tls_certificate", settings->tls_certificate, "");
	warn_path(&w, "tls_key", settings->tls_key, "");
	warn_path(&w, "trap_certificate", settings->trap_certificate, "");
	warn_path(&w, "trap_key", settings->trap_key, "");
	if (settings->dns_deadline >= settings->message_deadline)
		warn(&w, origin_of(&w, "dns_deadline") ? "dns_deadline" : "message_deadline",
		     "dns_deadline leaves a message no time: message_deadline is no longer than it");
}

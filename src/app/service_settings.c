/* app/service_settings.c - see service_settings.h */
#include "app/service_settings.h"
#include "app/data_folder.h"
#include "app/say.h"
#include "app/tls_files.h"
#include "app/wire.h"
#include "base/record.h"
#include "net/dns_files.h"

static bool parse(const struct settings_files *files, struct service_settings *s)
{
	struct settings_report report;
	if (settings_parse(files, &s->arena, &s->settings, &report) == 0)
		return true;
	for (uint32_t i = 0; i < report.errors.n; i++)
		say(LOG_ERR, "serve", "%.*s", SPAN_ARG(report.errors.v[i]));
	return false;
}

/* What children are told. */
static void write_records(const struct settings_files *files, const struct dns_files *dns, struct service_settings *s)
{
	struct buf record, asking, wire;
	struct span folder = data_folder(&s->settings, &s->arena);
	s->model = s->settings.model.n ? s->settings.model : arena_printf(&s->arena, "%.*s/model", SPAN_ARG(folder));
	buf_init(&record, &s->arena, SIZE_MAX);
	settings_files_write(files, &record);
	buf_init(&asking, &s->arena, SIZE_MAX);
	dns_files_write(dns, &asking);
	buf_init(&wire, &s->arena, SIZE_MAX);
	wire_put_settings(
	    &(struct wire_settings){
		.files = buf_span(&record),
		.dns_files = buf_span(&asking),
		.data_directory = span_of(folder.p, folder.n + 1), /* with their NUL */
		.model = span_of(s->model.p, s->model.n + 1),
	    },
	    &wire);
	s->wire = buf_span(&wire);
}

/* WIRE_TLS, with authorities for who has a next hop; span_none: *ret_error says why not. */
static struct span read_tls(const struct tls_files *files, struct span authorities, struct arena *arena, struct span *ret_error)
{
	struct span certificate, key;
	struct buf tls;
	if (tls_files_read(files, arena, &certificate, &key, ret_error) != 0)
		return span_none;
	buf_init(&tls, arena, SIZE_MAX);
	record_put_text(&tls, certificate);
	record_put_text(&tls, key);
	record_put_text(&tls, authorities);
	return buf_span(&tls);
}

static bool read_certificates(struct service_settings *s, struct span *ret_error)
{
	const struct settings *from = &s->settings;
	const struct tls_files door = { "tls", from->tls_certificate, from->tls_key },
			       trap = { "trap", from->trap_certificate, from->trap_key };
	struct span authorities;
	if (tls_files_authorities(from, &s->arena, &authorities, ret_error) != 0)
		return false;
	s->tls = read_tls(&door, authorities, &s->arena, ret_error);
	s->trap_tls = s->tls.p ? read_tls(&trap, SPAN(""), &s->arena, ret_error) : span_none;
	return s->trap_tls.p != NULL;
}

bool service_settings_read(const char *path, struct service_settings *ret)
{
	struct service_settings s = { 0 };
	struct settings_files files = { 0 };
	struct dns_files dns;
	struct span error = span_none;
	arena_init(&s.arena);
	bool good = !path || settings_files_read(path, &s.arena, &files, &error) == 0;
	good = good && parse(&files, &s) && read_certificates(&s, &error) && dns_files_read(&s.settings, &s.arena, &dns, &error) == 0;
	if (error.n)
		say(LOG_ERR, "serve", "%.*s", SPAN_ARG(error));
	if (!good) {
		arena_release(&s.arena);
		return false;
	}
	write_records(&files, &dns, &s);
	*ret = s;
	return true;
}

void service_settings_release(struct service_settings *settings) { arena_release(&settings->arena); }

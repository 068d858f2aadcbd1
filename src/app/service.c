/* app/service.c - see service.h */
#include "app/service.h"
#include "app/data_folder.h"
#include "base/clock.h"

int service_settings(struct span record, struct service *s, struct span *ret_error)
{
	struct settings_files files;
	struct settings_report report;
	memset(s, 0, sizeof *s);
	arena_init(&s->arena);
	int err = wire_settings(arena_dup(&s->arena, record), &s->sent);
	if (err == 0)
		err = settings_files_parse(s->sent.files, &s->arena, &files);
	if (err == 0)
		err = dns_files_parse(s->sent.dns_files, &s->arena, &s->dns_files);
	*ret_error = SPAN("the settings that came are no settings");
	if (err != 0)
		return err;
	err = settings_parse(&files, &s->arena, &s->settings, &report);
	if (err != 0) {
		*ret_error = report.errors.n ? report.errors.v[0] : *ret_error;
		return err;
	}
	data_folder_name_host(&s->settings, &s->arena);
	return ERR_OK;
}

static void add_trouble(struct service *s, struct span what)
{
	s->trouble = s->trouble.n ? arena_join(&s->arena, s->trouble, SPAN("; "), what) : what;
}

static void open_learned(struct service *s)
{
	char why[WEIGHTS_WHY_MAX];
	bool prior = s->settings.shipped_prior;
	if (learner_open_file((const char *)s->sent.model.p, WEIGHTS_READ, WEIGHTS_ASIDE_NEVER, prior, why, &s->learner) == 0)
		return;
	add_trouble(s, arena_dup(&s->arena, span_cstr(why)));
	if (!prior || learner_open_memory(true, &s->learner) < 0)
		s->learner = NULL;
}

void service_open(struct service *s)
{
	struct span named = s->settings.network_database, error;
	if (s->settings.lists.n && list_book_new(s->settings.lists.v, s->settings.lists.n, clock_now, &s->arena, &s->lists, &error) != 0) {
		s->lists = NULL;
		add_trouble(s, error);
	}
	if (network_open(named.n ? (const char *)named.p : NETWORK_PACKAGED, &s->arena, &s->places, &error) != 0) {
		s->places = NULL;
		if (named.n)
			add_trouble(s, error);
	}
	open_learned(s);
}

void service_pipeline(const struct service *s, bool learns, struct pipeline_options *ret)
{
	*ret = (struct pipeline_options){ .settings = s->settings, .network = !learns, .now = CLOCK_NONE, .judges_only = !learns };
	ret->model = s->learner ? learner_model(s->learner) : NULL;
	ret->explain = learns ? EXPLAIN_NEVER : EXPLAIN_DOUBTED;
	if (s->lists && !learns) {
		ret->lists = s->lists;
		ret->answerers[QUESTION_LIST] = (struct answerer){ list_book_answer, s->lists };
	}
	if (s->places)
		ret->answerers[QUESTION_NETWORK] = (struct answerer){ network_answer, s->places };
}

void service_close(struct service *s)
{
	list_book_free(s->lists);
	network_close(s->places);
	learner_close(s->learner);
	arena_release(&s->arena);
}

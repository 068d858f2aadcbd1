/* app/service.h - the settings as a process of `postern serve` uses them: read from what master sent, with what they name opened.
 *
 * Everything is opened by service_open, before a sandbox closes: files of lists, the location database, what was learned.
 * Owner: the caller, until service_close. */
#ifndef APP_SERVICE_H
#define APP_SERVICE_H

#include "app/learner.h"
#include "app/wire.h"
#include "facts/network.h"
#include "net/dns_files.h"

struct service {
	struct arena arena;
	struct wire_settings sent;
	struct settings settings;
	struct dns_files dns_files; /* what asking the DNS needs of this machine's files */
	struct list_book *lists;    /* NULL: the settings name none */
	struct network *places;     /* NULL: there is no location database */
	struct learner *learner;    /* NULL: nothing was learned and there is no prior */
	struct span trouble;        /* what could not be opened and is done without; span_none: nothing */
};

/* Settings alone. ERR_SYNTAX: not a record of master's, or wrong settings; ret_error (in the arena) says what. */
int service_settings(struct span record, struct service *ret_service, struct span *ret_error);
/* Beside them, what judging needs. Lists and database that are not there are told in trouble: what one process could open at the start may
 * be gone when a crashed worker is replaced, and mail must be judged still. */
void service_open(struct service *service);
void service_close(struct service *service);
/* Options for pipelines that judge, or, learns, that read messages to be learned: nobody is asked then. */
void service_pipeline(const struct service *service, bool learns, struct pipeline_options *ret_options);

#endif

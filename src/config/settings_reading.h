/* config/settings_reading.h - a YAML file on its way into settings, event by event: what the parsers of single options share.
 *
 * Promises: tags, anchors and aliases are refused with file, line and column; so is whatever is not YAML. Every failure is told by
 * settings_reading_fail, once, as "file:line:column: what is wrong and what to write instead"; settings_reading_skip then goes on behind
 * the option that has it, so that one reading tells all mistakes of a file.
 * Owner: whoever opened it closes it; texts live in the arena. */
#ifndef CONFIG_SETTINGS_READING_H
#define CONFIG_SETTINGS_READING_H

#include "config/settings.h"

#include <yaml.h>

struct settings_place {
	uint32_t line, column; /* from 1 */
};

struct settings_reading {
	struct span path;
	struct span bytes;
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;          /* false after a failure: this is not YAML, nothing more can be read */
	uint32_t depth, members; /* of the document: how deep it is, how many keys and values of the outermost map began */
	struct settings *settings;
	struct settings_place *places; /* where each option of settings_options is set in this file; line 0: nowhere */
	struct span error;
};

/* bytes must live until it is closed. ERR_IO when there is no memory. */
int settings_reading_open(struct settings_reading *r, struct span path, struct span bytes, struct arena *arena);
void settings_reading_close(struct settings_reading *r);
/* The next event, in r->event. */
int settings_reading_next(struct settings_reading *r);
/* To the end of the value of the option that failed; an error only where no more can be read. */
int settings_reading_skip(struct settings_reading *r);
static inline struct settings_place settings_reading_place(const struct settings_reading *r)
{
	return (struct settings_place){ (uint32_t)r->event.start_mark.line + 1, (uint32_t)r->event.start_mark.column + 1 };
}
static inline struct span settings_reading_scalar(const struct settings_reading *r)
{
	return span_of(r->event.data.scalar.value, r->event.data.scalar.length);
}
/* Records "path:line:column: what" and answers ERR_SYNTAX. */
int settings_reading_fail(struct settings_reading *r, struct settings_place at, struct span what);

/* "2", "-1.5", "0.125" to thousandths. */
bool settings_reading_milli(struct span text, int64_t *ret_value);
/* "65536", "50M", "2G". */
bool settings_reading_size(struct span text, uint64_t *ret_bytes);
/* Without control characters and line breaks of any kind: it is written into sentences, reports and other settings files. */
bool settings_reading_plain(struct span text);
/* The words of YAML 1.1, and JSON's. */
bool settings_reading_yes_no(struct span text, bool *ret_yes);
/* ASCII letters, digits, "-" and "_" in labels of at most 63, two labels or more. */
bool settings_reading_domain(struct span name);

/* The value of an option, of any type: the event is its first. */
int settings_reading_value(struct settings_reading *r, const struct settings_option *option);
/* The value of `lists`: the event is its first. */
int settings_reading_lists(struct settings_reading *r, struct settings_lists *ret_lists);
/* A declaration of the catalogue; also what tests read it with. */
int settings_reading_catalogue(struct settings_reading *r, const struct list_catalogue_entry *entry, struct list_declaration *ret_list);

#endif

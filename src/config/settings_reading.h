/* config/settings_reading.h - a YAML file on its way into settings, event by event: what the parsers of single options share.
 *
 * Promises: tags, anchors and aliases are refused with file and line; so is whatever is not YAML. Every failure is told by
 * settings_reading_fail, once, as "file:line: what is wrong and what to write instead".
 * Owner: whoever opened it closes it; texts live in the arena. */
#ifndef CONFIG_SETTINGS_READING_H
#define CONFIG_SETTINGS_READING_H

#include "config/settings.h"

#include <yaml.h>

struct settings_reading {
	const char *path;
	struct span bytes;
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	struct settings *settings;
	uint32_t *lines;
	struct span error;
};

/* bytes must live until it is closed. ERR_IO when there is no memory. */
int settings_reading_open(struct settings_reading *r, const char *path, struct span bytes, struct arena *arena);
void settings_reading_close(struct settings_reading *r);
/* The next event, in r->event. */
int settings_reading_next(struct settings_reading *r);
static inline uint32_t settings_reading_line(const struct settings_reading *r) { return (uint32_t)r->event.start_mark.line + 1; }
static inline struct span settings_reading_scalar(const struct settings_reading *r)
{
	return span_of(r->event.data.scalar.value, r->event.data.scalar.length);
}
/* Records "path:line: what" and answers ERR_SYNTAX. */
int settings_reading_fail(struct settings_reading *r, uint32_t line, struct span what);

/* "2", "-1.5", "0.125" to thousandths. */
bool settings_reading_milli(struct span text, int64_t *ret_value);
/* The words of YAML 1.1, and JSON's. */
bool settings_reading_yes_no(struct span text, bool *ret_yes);
/* ASCII letters, digits, "-" and "_" in labels of at most 63, two labels or more. */
bool settings_reading_domain(struct span name);

/* The value of `lists`: the event is its first. */
int settings_reading_lists(struct settings_reading *r, struct settings_lists *ret_lists);
/* A declaration of the catalogue; also what tests read it with. */
int settings_reading_catalogue(struct settings_reading *r, const struct list_catalogue_entry *entry, struct list_declaration *ret_list);

#endif

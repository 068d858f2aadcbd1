/* app/askers.c - see askers.h */
#include "app/askers.h"

#include <stdlib.h>

struct askers_entry {
	struct asker *asker;
	struct askers_entry *older;
};

void askers_add(struct askers *askers, struct asker *asker)
{
	struct askers_entry *entry = calloc(1, sizeof *entry);
	if (!entry)
		abort();
	*entry = (struct askers_entry){ .asker = asker, .older = askers->newest };
	askers->newest = entry;
}

void askers_set_deadline(struct askers *askers, uint32_t milliseconds)
{
	if (askers->newest)
		asker_set_deadline(askers->newest->asker, milliseconds);
}

bool askers_ask(struct askers *askers, const struct questions *questions, const struct asker_call *call)
{
	return asker_ask(askers->newest->asker, questions, call) != NULL;
}

static void drop(struct askers_entry **at)
{
	struct askers_entry *entry = *at;
	*at = entry->older;
	asker_free(entry->asker);
	free(entry);
}

static void drop_idle(struct askers *askers)
{
	for (struct askers_entry **at = askers->newest ? &askers->newest->older : NULL; at && *at;)
		if (asker_is_idle((*at)->asker))
			drop(at);
		else
			at = &(*at)->older;
}

struct asker_round *askers_take(struct askers *askers)
{
	for (struct askers_entry *entry = askers->newest; entry; entry = entry->older) {
		struct asker_round *round = asker_take(entry->asker);
		if (round)
			return round;
	}
	drop_idle(askers);
	return NULL;
}

void askers_free(struct askers *askers)
{
	while (askers->newest)
		drop(&askers->newest);
}

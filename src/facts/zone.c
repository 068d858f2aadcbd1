/* facts/zone.c - see zone.h */
#include "facts/zone.h"
#include "base/err.h"

int zone_load(const char *path, struct arena *arena, struct zone **ret_zone, struct span *ret_error) { (void)path; (void)arena; (void)ret_zone; *ret_error = SPAN("not built yet"); return ERR_UNSUPPORTED; }
void zone_free(struct zone *zone) { (void)zone; }
void zone_answer(const struct zone *zone, struct arena *arena, struct answer *answer) { (void)zone; (void)arena; (void)answer; }

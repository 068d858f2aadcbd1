/* config/settings.c - see settings.h */
#include "config/settings.h"
#include "base/err.h"

const struct settings_option settings_options[1];
const size_t settings_options_n = 0;
void settings_defaults(struct settings *ret_settings) { *ret_settings = (struct settings){ .mark = 2000, .quarantine = 4000, .reject = 8000 }; }
int settings_load(const char *path, struct arena *arena, struct settings *ret_settings, struct span *ret_error) { (void)path; (void)arena; (void)ret_settings; *ret_error = SPAN("not built yet"); return ERR_UNSUPPORTED; }

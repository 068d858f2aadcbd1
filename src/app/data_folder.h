/* app/data_folder.h - what this machine adds to the settings: where what outlives a run is kept (history, quarantine, what was learned),
 * and what the host calls itself. */
#ifndef APP_DATA_FOLDER_H
#define APP_DATA_FOLDER_H

#include "config/settings.h"

/* The settings' data_directory; else postern below $XDG_DATA_HOME, or /var/lib/postern for root, or ~/.local/share/postern. Followed by a
 * NUL. */
struct span data_folder(const struct settings *settings, struct arena *arena);
/* It and the folders above it, as mkdir -p, for nobody else to read. False: errno says why the last one is not there. */
bool data_folder_make(struct span path, struct arena *arena);

/* Fills settings->hostname where the settings name none: what the system calls itself, or else localhost. */
void data_folder_name_host(struct settings *settings, struct arena *arena);

#endif

/* app/data_folder.c - see data_folder.h */
#include "app/data_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Both as the environment has them, where they can be: the XDG specification says that relative paths are to be ignored. */
static const char *folder_from(const char *variable)
{
	const char *value = getenv(variable);
	return value && value[0] == '/' ? value : NULL;
}

struct span data_folder(const struct settings *settings, struct arena *arena)
{
	const char *data = folder_from("XDG_DATA_HOME"), *home = folder_from("HOME");
	if (settings->data_directory.n)
		return settings->data_directory;
	if (data)
		return arena_printf(arena, "%s/postern", data);
	if (geteuid() == 0 || !home)
		return SPAN("/var/lib/postern");
	return arena_printf(arena, "%s/.local/share/postern", home);
}

bool data_folder_make(struct span path, struct arena *arena)
{
	char *folder = (char *)arena_printf(arena, "%.*s/", SPAN_ARG(path)).p;
	for (char *slash = folder; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST && !slash[1])
			return false;
		*slash = '/';
	}
	return true;
}

void data_folder_name_host(struct settings *settings, struct arena *arena)
{
	char name[256] = "";
	if (settings->hostname.n)
		return;
	if (gethostname(name, sizeof name - 1) != 0 || !name[0])
		strcpy(name, "localhost");
	settings->hostname = arena_lower(arena, span_cstr(name));
}

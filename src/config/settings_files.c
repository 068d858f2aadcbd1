/* config/settings_files.c - the files that settings stand in: FILE, then those of FILE.d by name; and the same as bytes. See settings.h */
#include "base/err.h"
#include "base/file.h"
#include "base/record.h"
#include "config/settings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int read_file(struct span path, struct arena *arena, struct settings_files *files, struct span *ret_error)
{
	struct span text;
	int err = file_read((const char *)path.p, LIMIT_SETTINGS_BYTES, arena, &text);
	if (err && errno == EFBIG) {
		*ret_error =
		    arena_printf(arena, "%.*s: more than %u bytes; this is no settings file", SPAN_ARG(path), LIMIT_SETTINGS_BYTES);
		return ERR_SYNTAX;
	}
	if (err) {
		*ret_error = arena_printf(arena, "%.*s: cannot read the settings: %s", SPAN_ARG(path), strerror(errno));
		return ERR_IO;
	}
	*(struct settings_file *)vec_push(arena, &files->list) = (struct settings_file){ path, text };
	return ERR_OK;
}

static int is_settings(const struct dirent *entry) { return entry->d_name[0] != '.' && span_ends(span_cstr(entry->d_name), SPAN(".yaml")); }

/* By bytes: the order must not depend on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int read_folder(struct span folder, struct arena *arena, struct settings_files *files, struct span *ret_error)
{
	struct dirent **entries;
	int err = ERR_OK, n = scandir((const char *)folder.p, &entries, is_settings, by_name);
	if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
		return ERR_OK;
	if (n < 0) {
		*ret_error = arena_printf(arena, "%.*s: cannot read the folder: %s", SPAN_ARG(folder), strerror(errno));
		return ERR_IO;
	}
	if (n > (int)LIMIT_SETTINGS_FILES) {
		*ret_error = arena_printf(arena, "%.*s: more than %u files", SPAN_ARG(folder), LIMIT_SETTINGS_FILES);
		err = ERR_SYNTAX;
	}
	for (int i = 0; i < n; i++) {
		if (!err)
			err = read_file(arena_printf(arena, "%.*s/%s", SPAN_ARG(folder), entries[i]->d_name), arena, files, ret_error);
		free(entries[i]);
	}
	free(entries);
	return err;
}

int settings_files_read(const char *path, struct arena *arena, struct settings_files *ret_files, struct span *ret_error)
{
	struct settings_files files = { 0 };
	int err = read_file(arena_printf(arena, "%s", path), arena, &files, ret_error);
	if (!err)
		err = read_folder(arena_printf(arena, "%s.d", path), arena, &files, ret_error);
	if (!err)
		*ret_files = files;
	return err;
}

void settings_files_write(const struct settings_files *files, struct buf *out)
{
	record_put_number(out, files->list.n);
	for (uint32_t i = 0; i < files->list.n; i++) {
		record_put_text(out, files->list.v[i].path);
		record_put_text(out, files->list.v[i].text);
	}
}

int settings_files_parse(struct span record, struct arena *arena, struct settings_files *ret_files)
{
	struct settings_files files = { 0 };
	struct cursor c = cursor_of(record);
	uint64_t n = record_count(&c);
	for (uint64_t i = 0; i < n && !c.overrun; i++) {
		struct span path = record_text(&c), text = record_text(&c);
		*(struct settings_file *)vec_push(arena, &files.list) = (struct settings_file){ path, text };
	}
	if (c.overrun || cursor_left(&c) || n > LIMIT_SETTINGS_FILES + 1)
		return ERR_SYNTAX;
	*ret_files = files;
	return ERR_OK;
}

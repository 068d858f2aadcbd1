/* app/owner.c - see owner.h */
#include "app/owner.h"
#include "app/data_folder.h"
#include "app/say.h"
#include "facts/address_live.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

bool owner_find(const struct settings *settings, struct owner *ret)
{
	const char *name = (const char *)settings->user.p;
	*ret = (struct owner){ 0 };
	if (geteuid() != 0)
		return true;
	const struct passwd *user = getpwnam(name);
	if (!user) {
		say(LOG_ERR, "serve",
		    "there is no user %s to run as; make one: adduser --system --group --no-create-home %s, or set `user`", name, name);
		return false;
	}
	*ret = (struct owner){ .uid = user->pw_uid, .gid = user->pw_gid, .drop = user->pw_uid != 0 };
	return true;
}

bool owner_become(const struct owner *owner)
{
	return !owner->drop || (setgroups(0, NULL) == 0 && setgid(owner->gid) == 0 && setuid(owner->uid) == 0);
}

/* What root put into the folder before the service was ever started, with `postern lists add`, and the folder itself. */
static bool give(const struct owner *owner, const char *path, const char *user, struct arena *arena)
{
	static const char *const inner[] = { ADDRESS_LIVE_FOLDER, ADDRESS_LIVE_FOLDER "/" ADDRESS_LIVE_NAME };
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
		const char *at = (const char *)arena_printf(arena, "%s/%s", path, inner[i]).p;
		if (lchown(at, owner->uid, owner->gid) != 0 && errno != ENOENT)
			say(LOG_ERR, "serve", "cannot give %s to %s: %s", at, user, strerror(errno));
	}
	if (chown(path, owner->uid, owner->gid) == 0)
		return true;
	say(LOG_ERR, "serve", "cannot give %s to %s: %s", path, user, strerror(errno));
	return false;
}

/* The descriptor stays open as long as the process lives: it holds the lock. */
static bool lock(const char *path)
{
	char pid[32];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		say(LOG_ERR, "serve", "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		say(LOG_ERR, "serve", errno == EWOULDBLOCK ? "postern serve is running already: %s is locked" : "cannot lock %s", path);
		return false;
	}
	int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) == 0 && write(fd, pid, (size_t)n) == n)
		return true;
	say(LOG_ERR, "serve", "cannot write %s: %s", path, strerror(errno));
	return false;
}

bool owner_take_folder(const struct owner *owner, const struct settings *settings, struct arena *arena)
{
	struct span folder = data_folder(settings, arena);
	const char *path = (const char *)folder.p;
	if (!data_folder_make(folder, arena)) {
		say(LOG_ERR, "serve", "cannot make %s: %s", path, strerror(errno));
		return false;
	}
	if (owner->drop && !give(owner, path, (const char *)settings->user.p, arena))
		return false;
	return lock((const char *)arena_printf(arena, "%s/postern.pid", path).p);
}

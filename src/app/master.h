/* app/master.h - the process of `postern serve` that starts the others, and starts them again.
 *
 * It binds, reads the settings, spawns and watches; it never reads a byte of mail or of the network. Children are this same program anew
 * (fork and exec), with no descriptor but their channel, as the user of the settings.
 * Promises: a child that dies is replaced, slower and slower while it keeps dying; a worker that hangs is killed; a front that says nothing
 * for MASTER_PATIENCE seconds as well; SIGHUP reads the settings again, and wrong ones change nothing; SIGTERM and SIGINT let what is under
 * way be answered. Readiness, reloads and the watchdog are told to systemd where it listens (sd_notify(3)). */
#ifndef APP_MASTER_H
#define APP_MASTER_H

#include "app/command.h"

enum { MASTER_PATIENCE = 30 };

struct master_options {
	const char *settings_path; /* NULL: the defaults */
};

/* Until a signal ends it. 0, or EXIT_TROUBLE when it could not begin: said on stderr. */
enum exit_status master_run(const struct master_options *options);

/* What a child of that name runs; its channel is ROLE_CHANNEL. */
enum { ROLE_CHANNEL = 3 };
struct role {
	const char *name;
	int (*run)(int channel);
	unsigned rights;  /* enum sandbox_right */
	const char *says; /* what it does and what it is given */
};
extern const struct role roles[];
extern const size_t roles_n;

#endif

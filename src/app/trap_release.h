/* app/trap_release.h - `postern trap release ID...`: a probe is let through by hand, so that who looks for open relays believes in this one.
 *
 * Never by itself, and never by the trap's process, which can reach nobody: an operator asks for one message at a time, and is asked whether
 * he means that address, at a terminal. Promises: nothing goes out unless trap_release says yes; only what came to the trap, for one
 * recipient alone who is known as a collecting address, without a link or an attachment; at most one message a day for each such address.
 * It goes to release_to, the operator's own mail server. Does not: choose, repeat, or answer yes. */
#ifndef APP_TRAP_RELEASE_H
#define APP_TRAP_RELEASE_H

#include "app/command.h"

/* paths: "release", then ids of cases. EXIT_CLEAN: all were sent; EXIT_FOUND: some were not, because of these rules or the operator. */
enum exit_status trap_release(struct options *options);

#endif

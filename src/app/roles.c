/* app/roles.c - the table of processes that `postern serve` consists of. */
#include "app/front.h"
#include "app/keeper.h"
#include "app/master.h"
#include "app/trap_role.h"
#include "app/worker.h"
#include "net/sandbox.h"

const struct role roles[] = {
	{ "front", front_main, SANDBOX_NETWORK, "talks to clients and to the DNS; reads protocols, never mail" },
	{ "worker", worker_main, 0, "reads mail and judges it; has nothing but its channel to the front" },
	{ "keeper", keeper_main, SANDBOX_FILES, "writes history, quarantine and what was learned; reads no mail" },
	{ "trap", trap_main, SANDBOX_ACCEPT, "is the false open relay: lets clients in, and can reach nobody" },
};
const size_t roles_n = sizeof roles / sizeof *roles;

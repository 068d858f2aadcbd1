/* app/trap_list.h - `postern trap list`: the machines that came to the trap, and the trap recipients that were used, the latest first. */
#ifndef APP_TRAP_LIST_H
#define APP_TRAP_LIST_H

#include "facts/address_live.h"
#include "trap/memory.h"

/* On stdout. live: who is kept out now; NULL: not known. json: an object a line. */
void trap_list(const struct trap_memory *memory, const struct address_live *live, bool json);

#endif

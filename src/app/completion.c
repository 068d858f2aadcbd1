/* app/completion_command.c - `postern completion`. */
#include "app/command.h"

enum exit_status completion_run(struct options *options) { (void)options; return EXIT_TROUBLE; }

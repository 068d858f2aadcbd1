/* app/config_command.c - `postern config`. */
#include "app/command.h"

enum exit_status config_run(struct options *options) { (void)options; return EXIT_TROUBLE; }

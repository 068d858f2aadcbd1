/* app/learn.h - `postern learn` for other commands: teaches from kept cases. */
#ifndef APP_LEARN_H
#define APP_LEARN_H

#include "app/command.h"
#include "state/weights.h"

/* As `postern learn spam|ham ID...`, what it says included. */
enum exit_status learn_cases(struct options *options, enum weights_label label, char **ids, size_t n);

#endif

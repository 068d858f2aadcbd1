/* app/terminal.h - what we are writing to: a person's terminal, or a pipe. */
#ifndef APP_TERMINAL_H
#define APP_TERMINAL_H

#include "report/style.h"

/* Colour only on a terminal that is not "dumb", and never with NO_COLOR set (no-color.org). Width 0 when not a terminal. */
struct style terminal_style(int fd);

#endif

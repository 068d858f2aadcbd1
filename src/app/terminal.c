/* app/terminal.c - see terminal.h */
#include "app/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct style terminal_style(int fd)
{
	struct winsize size = { 0 };
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	if (!isatty(fd))
		return (struct style){ false, 0 };
	ioctl(fd, TIOCGWINSZ, &size);
	return (struct style){
		.colour = !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0),
		.width = size.ws_col >= 40 ? size.ws_col : 80,
	};
}

/* app/main.c - start here: the subcommands of postern and nothing else. */
#include <stdio.h>

int main(int argc, char **argv)
{
	(void)argc;
	fprintf(stderr, "%s: no commands built yet\n", argv[0]);
	return 2;
}

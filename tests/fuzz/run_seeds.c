/* tests/fuzz/run_seeds.c - feeds every file of a folder to a fuzz target, so that seeds run as ordinary tests; prints TAP. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct dirent **names = NULL;
	int n = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1, ran = 0;
	if (n < 0) {
		fprintf(stderr, "no seeds in %s\n", argc == 2 ? argv[1] : "(no folder given)");
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
		FILE *f = names[i]->d_name[0] == '.' ? NULL : fopen(path, "rb");
		free(names[i]);
		if (!f)
			continue;
		/* An exact heap copy, so that the sanitizer sees one byte too many. */
		fseek(f, 0, SEEK_END);
		size_t size = (size_t)ftell(f);
		rewind(f);
		uint8_t *data = malloc(size ? size : 1);
		if (!data || fread(data, 1, size, f) != size)
			return 1;
		fclose(f);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
		printf("ok %d - %s\n", ++ran, path);
	}
	free(names);
	printf("1..%d\n", ran);
	return ran ? 0 : 1;
}

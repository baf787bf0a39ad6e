/*
 * A main for fuzzers that replays a corpus: each file named, or all files of tests/fuzz/corpus/NAME for
 * the program fuzz_NAME. It sits in a library, so that a link with -fsanitize=fuzzer, which brings
 * a main of its own, turns the same object into a real fuzzer. Prints TAP, the whole replay as one
 * case; the name of each file comes before its run, so that the last one named is the one that crashed.
 */
#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return -1;
	}
	printf("# %s\n", path);
	fflush(stdout);
	/* The block is just as large as the input, so that AddressSanitizer sees a read past its end. */
	long n = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
	size_t size = n > 0 ? (size_t)n : 0;
	uint8_t *data = malloc(size ? size : 1);
	rewind(f);
	if (data && fread(data, 1, size, f) == size)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	fclose(f);
	return 0;
}

static int replay_dir(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort), files = 0;
	for (int i = 0; i < n; i++) {
		char *path = NULL;
		if (names[i]->d_name[0] != '.' && asprintf(&path, "%s/%s", dir, names[i]->d_name) > 0)
			files += replay_file(path) == 0;
		free(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return files;
}

int main(int argc, char **argv)
{
	const char *name = basename(argv[0]), *top = getenv("srcdir");
	int files = 0;

	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	for (int i = 1; i < argc; i++)
		files += replay_file(argv[i]) == 0;
	if (argc < 2) {
		char dir[4096];
		snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
		files = replay_dir(dir);
	}
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	printf("1..1\n%s 1 - %d inputs of %s\n", files ? "ok" : "not ok", files, name);
	return files ? 0 : 1;
}

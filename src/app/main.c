#include <stdio.h>
#include <string.h>

#include "lab/lab.h"

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "lab") == 0)
		return lab_main(argc - 1, argv + 1);
	puts("fathom");
	return 0;
}

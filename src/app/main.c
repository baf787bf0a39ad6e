#include <stdio.h>

int main(void)
{
	puts("fathom");
	return 0;
}

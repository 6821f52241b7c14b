/* SPDX-License-Identifier: Apache-2.0 */
/* Which protection a build for `make check-mutation` leaves out. */
#include "base/mutant.h"

#ifdef AUTOMODE_MUTATION
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
mutant(const char *name)
{
	static char off[64] = "?";
	char path[PATH_MAX], *slash;
	ssize_t n;
	FILE *f;

	if (*off == '?') {
		*off = '\0';
		n = readlink("/proc/self/exe", path, sizeof(path) - 64);
		path[n > 0 ? n : 0] = '\0';
		slash = strrchr(path, '/');
		if (slash)
			memcpy(slash, "/../share/automode/mutant", 26);
		f = fopen(path, "re");
		if (f && fgets(off, sizeof(off), f))
			off[strcspn(off, "\n")] = '\0';
		if (f)
			fclose(f);
	}
	return strcmp(off, name) == 0;
}
#endif

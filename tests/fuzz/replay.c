/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a corpus through a fuzz target without libFuzzer, each input twice
 * (state left over from the first run would show in the second).  TAP.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *dir, const char *name, int n)
{
	char path[4096];
	uint8_t *data = malloc(1 << 20);
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f || !data) {
		printf("not ok %d - %s cannot be read\n", n, name);
		free(data);
		return 1;
	}
	len = fread(data, 1, 1 << 20, f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, len);
	LLVMFuzzerTestOneInput(data, len);
	printf("ok %d - %s\n", n, name);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	DIR *d = argc > 1 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	int n = 0, bad = 0;

	if (!d) {
		fprintf(stderr, "usage: replay CORPUS-FOLDER\n");
		return 64;
	}
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			bad += replay(argv[1], entry->d_name, ++n);
	closedir(d);
	printf("1..%d\n", n);
	return bad || n == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs commands in turn, again and again, and prints for each the median and
 * the tenth percentile of its wall time in microseconds (posix_spawn to
 * waitpid; output to /dev/null).
 *
 *	bench_spawn ROUNDS [-p PREPARE] [@FD=FILE ...] CMD ARGS :: CMD ARGS ...
 *
 * @FD=FILE opens FILE for reading at that number in the command.  PREPARE is
 * a shell script run before each command, not measured.
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_GROUPS 8
#define MAX_FDS	   16

extern char **environ;

struct group {
	char **argv;
	int numbers[MAX_FDS];
	const char *files[MAX_FDS];
	int nfds, failed;
	double *took;
};

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
spawn_and_wait(char **argv, posix_spawn_file_actions_t *fa)
{
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], fa, NULL, argv, environ) != 0)
		return -1;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
measure(struct group *g, int round)
{
	posix_spawn_file_actions_t fa;
	double start;
	int rc;

	posix_spawn_file_actions_init(&fa);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_addopen(&fa, i, "/dev/null", O_RDWR,
						 0);
	for (int i = 0; i < g->nfds; i++)
		posix_spawn_file_actions_addopen(&fa, g->numbers[i],
						 g->files[i], O_RDONLY, 0);
	start = now_us();
	rc = spawn_and_wait(g->argv, &fa);
	g->took[round] = now_us() - start;
	g->failed += rc != 0;
	posix_spawn_file_actions_destroy(&fa);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
read_groups(char **argv, int argc, int at, struct group *groups, int rounds)
{
	int n = 0;

	while (at < argc && n < MAX_GROUPS) {
		struct group *g = &groups[n++];

		*g = (struct group){.took =
					calloc((size_t)rounds, sizeof(double))};
		for (; at < argc && argv[at][0] == '@'; at++) {
			char *eq = strchr(argv[at], '=');

			if (!eq || g->nfds == MAX_FDS)
				return -1;
			g->numbers[g->nfds] =
			    (int)strtol(argv[at] + 1, NULL, 10);
			g->files[g->nfds++] = eq + 1;
		}
		g->argv = &argv[at];
		while (at < argc && strcmp(argv[at], "::") != 0)
			at++;
		if (at < argc)
			argv[at++] = NULL;
	}
	return n;
}

int
main(int argc, char **argv)
{
	struct group groups[MAX_GROUPS];
	char *prepare[] = {(char *)"/bin/sh", (char *)"-c", NULL, NULL};
	int rounds, n, at = 2;

	rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
	if (rounds < 1)
		return 64;
	if (strcmp(argv[at], "-p") == 0 && argc > at + 1) {
		prepare[2] = argv[at + 1];
		at += 2;
	}
	n = read_groups(argv, argc, at, groups, rounds);
	for (int r = 0; r < rounds; r++)
		for (int i = 0; i < n; i++) {
			if (prepare[2])
				spawn_and_wait(prepare, NULL);
			measure(&groups[i], r);
		}
	for (int i = 0; i < n; i++) {
		qsort(groups[i].took, (size_t)rounds, sizeof(double), compare);
		printf("%.0f %.0f %d\n", groups[i].took[rounds / 2],
		       groups[i].took[rounds / 10], groups[i].failed);
	}
	return 0;
}

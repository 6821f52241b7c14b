/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First process of a box in which hooks may run, or whose command has to do
 * with the owners of files:
 *
 *	box-helper FD|ids=FD|- PATH ARGV0 ARGS...
 *	box-helper --from FD		the same words, NUL-terminated, in a
 *					file
 *
 * Installs a seccomp filter that asks before an Internet socket is made, or
 * (ids=) wherever the kernel tells or takes the number of a user or group;
 * hands the asking end to the gateway over the Unix socket FD (exec/ answers
 * there; not with -), and becomes PATH.  Whoever the command starts is under
 * the filter too.
 */
#include "wire/proto.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#define X32  0x40000000u /* its calls come with the same ARCH, seccomp(2) */
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#define X32  0x80000000u /* no call has it */
#else
#error "no system call numbers known for this processor"
#endif

#define LOAD(field)                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(op, value, yes, no) BPF_JUMP(BPF_JMP | op | BPF_K, value, yes, no)
#define ANSWER(action)	       BPF_STMT(BPF_RET | BPF_K, action)
#define ONLY_OURS                                                              \
	LOAD(arch), IF(BPF_JEQ, ARCH, 1, 0), ANSWER(SECCOMP_RET_KILL_PROCESS), \
	    LOAD(nr), IF(BPF_JGE, X32, 0, 1), ANSWER(SECCOMP_RET_KILL_PROCESS)

/* The kernel takes the domain as an int: the low half of args[0] (both
 * processors are little-endian). */
static struct sock_filter network[] = {
    ONLY_OURS,
    IF(BPF_JEQ, __NR_socket, 0, 4),
    LOAD(args[0]),
    IF(BPF_JEQ, AF_INET, 1, 0),
    IF(BPF_JEQ, AF_INET6, 0, 1),
    ANSWER(SECCOMP_RET_USER_NOTIF),
    ANSWER(SECCOMP_RET_ALLOW),
};

#define ASK(call) IF(BPF_JEQ, __NR_##call, 0, 1), ANSWER(SECCOMP_RET_USER_NOTIF)

/* exec/ids.c answers these; reading and writing are let through first. */
static struct sock_filter ids[] = {
    ONLY_OURS,
    IF(BPF_JEQ, __NR_read, 1, 0),
    IF(BPF_JEQ, __NR_write, 0, 1),
    ANSWER(SECCOMP_RET_ALLOW),
#ifdef __NR_stat
    ASK(stat),
    ASK(lstat),
    ASK(chown),
    ASK(lchown),
#endif
    ASK(newfstatat),
    ASK(fstat),
    ASK(statx),
    ASK(fchown),
    ASK(fchownat),
    ASK(getxattr),
    ASK(lgetxattr),
    ASK(fgetxattr),
    ASK(setxattr),
    ASK(lsetxattr),
    ASK(fsetxattr),
    ASK(getgroups),
    ANSWER(SECCOMP_RET_ALLOW),
};

static struct sock_fprog programs[] = {
    {sizeof(network) / sizeof(*network), network},
    {sizeof(ids) / sizeof(*ids), ids},
};

static void __attribute__((noreturn)) fail(const char *what, int status)
{
	dprintf(STDERR_FILENO, "automode: box helper: %s: %s\n", what,
		strerror(errno));
	_exit(status);
}

static int
install(struct sock_fprog *program)
{
	unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail("no_new_privs", EXIT_NO_GATEWAY);
#ifdef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	/* Since 5.19: a program whose runtime sends itself signals all the
	 * time would else ask again and again. */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
	if (fd >= 0 || errno != EINVAL)
		return (int)fd;
#endif
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	return (int)fd;
}

static int
hand_over(int sock, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char byte = 'L';
	struct iovec iov = {&byte, 1};
	struct msghdr m = {
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(sock, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* The words of a command line that bubblewrap would not take: each ends with
 * a NUL, in a file at that descriptor. */
static char **
words_from(const char *number)
{
	char *end = NULL, *bytes, **words;
	long fd = strtol(number, &end, 10);
	struct stat st;
	size_t n = 0, count = 0;

	if (*end || fd < 3 || fstat((int)fd, &st) < 0 || st.st_size < 1)
		fail("reading the command line", EXIT_NO_GATEWAY);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE, (int)fd, 0);
	if (bytes == MAP_FAILED || bytes[st.st_size - 1] != 0)
		fail("reading the command line", EXIT_NO_GATEWAY);
	close((int)fd);
	for (off_t i = 0; i < st.st_size; i++)
		count += bytes[i] == 0;
	words = calloc(count + 2, sizeof(*words));
	if (!words)
		fail("reading the command line", EXIT_NO_GATEWAY);
	words[n++] = bytes; /* stands for our own name; not used */
	for (char *p = bytes; n <= count; p += strlen(p) + 1)
		words[n++] = p;
	return words;
}

static void
watch(const char *number)
{
	bool of_ids = strncmp(number, "ids=", 4) == 0;
	char *end = NULL;
	long sock;
	int listener;

	number += of_ids ? 4 : 0;
	sock = strtol(number, &end, 10);
	if (*end || end == number || sock < 3 || sock > 65535) {
		errno = EINVAL;
		fail("the first word is no descriptor", EXIT_USAGE);
	}
	listener = install(&programs[of_ids]);
	if (listener < 0 && of_ids) {
		/* somebody's filter around us asks already, and the kernel
		 * knows one for all: then the box is as it would be */
		close((int)sock);
		return;
	}
	if (listener < 0)
		fail("installing the filter", EXIT_NO_GATEWAY);
	if (hand_over((int)sock, listener) < 0)
		fail("handing over the filter", EXIT_NO_GATEWAY);
	close(listener);
	close((int)sock);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--from") == 0) {
		argv = words_from(argv[2]);
		argc = 4;
	}
	if (argc < 4 || !argv[1] || !argv[2] || !argv[3] || argv[2][0] != '/') {
		errno = EINVAL;
		fail("usage: box-helper FD|ids=FD|- PATH ARGV0 ARGS...",
		     EXIT_USAGE);
	}
	if (strcmp(argv[1], "-") != 0)
		watch(argv[1]);
	execv(argv[2], argv + 3);
	fail(argv[2], errno == ENOENT ? 127 : 126);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shim before interpreters.  It matters only to them whether their program
 * came from another machine in this session, which is seldom; builds start
 * thousands of them.  So it becomes the real program at once unless something
 * was fetched (the gateway leaves a file in the folder above this one's), the
 * program comes through a pipe, the words are a whole script, or it migrates
 * databases (node_modules/.bin/prisma, manage.py, poetry run alembic), or it
 * serves a folder (-m http.server); then it becomes the shim that asks the
 * gateway.
 *
 * No libc: its start would cost more than all the rest.  x86-64 Linux.
 */
#include "parse/interpreter.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/auxvec.h>
#include <linux/limits.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define STANDARD "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
#define HERE	 "/lib/automode/"
#define SLOW	 "shims-run/"

/* As in shim.c: no gateway takes this for a real program. */
static const struct {
	uint32_t namesz, descsz, type;
	char name[12], desc[16];
} marker __attribute__((section(".note.automode"), used, aligned(4))) = {
    sizeof("automode"), sizeof("automode-shim"), 1, "automode", "automode-shim",
};

static char path[PATH_MAX]; /* one page is touched, not three */

static long
call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long out;

	__asm__ volatile("syscall"
			 : "=a"(out)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return out;
}

static size_t
length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void __attribute__((noreturn)) fail(const char *why)
{
	static const char head[] = "automode: ";

	(void)call(SYS_write, 2, (long)head, sizeof(head) - 1, 0);
	(void)call(SYS_write, 2, (long)why, (long)length(why), 0);
	(void)call(SYS_write, 2, (long)"\n", 1, 0);
	for (;;)
		(void)call(SYS_exit_group, 125, 0, 0, 0);
}

static bool
looks(const char *file, struct stat *st)
{
	return call(SYS_newfstatat, AT_FDCWD, (long)file, (long)st, 0) == 0;
}

static const char *
variable(char **env, const char *name)
{
	size_t n = length(name);

	for (; *env; env++)
		if (interpreter_begins(*env, name) && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

static const char *
last_part(const char *file)
{
	const char *name = file;

	for (; *file; file++)
		if (*file == '/')
			name = file + 1;
	return name;
}

/* dir + "/" + name into out; false: too long. */
static bool
join(char *out, const char *dir, size_t n, const char *name)
{
	size_t len = length(name);

	if (n + len + 3 > PATH_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = dir[i];
	if (!n)
		out[n++] = '.';
	out[n++] = '/';
	for (size_t i = 0; i <= len; i++)
		out[n + i] = name[i];
	return true;
}

static const char *
find(const char *in, const char *what)
{
	for (; *in; in++)
		if (interpreter_begins(in, what))
			return in;
	return NULL;
}

/* Another installation's shim is a link into its folder. */
static bool
is_a_shim(const struct stat *st, const struct stat *self)
{
	char to[512];
	long n;

	if (st->st_dev == self->st_dev && st->st_ino == self->st_ino)
		return true;
	n = call(SYS_readlink, (long)path, (long)to, sizeof(to) - 1, 0);
	to[n > 0 ? n : 0] = '\0';
	return find(n > 0 ? to : path, HERE) != NULL;
}

/* The first one on PATH that is not a shim.  Python finds its libraries by
 * argv[0], which a virtual environment needs to be its own. */
static void
become_next(const char *list, const char *name, char **argv, char **env,
	    const struct stat *self)
{
	enum interpreter kind = interpreter_of(name);
	char *given = argv[0];
	struct stat st;
	size_t n;

	for (;; list += n + 1) {
		for (n = 0; list[n] && list[n] != ':'; n++)
			;
		if (join(path, list, n, name) && looks(path, &st) &&
		    S_ISREG(st.st_mode) && !is_a_shim(&st, self)) {
			argv[0] = kind == INTERPRETER_PYTHON ? path : given;
			(void)call(SYS_execve, (long)path, (long)argv,
				   (long)env, 0);
			argv[0] = given;
		}
		if (!list[n])
			return;
	}
}

/* Could it have come from elsewhere? */
static bool
matters(const char *self, const char *name, char **argv, char **env)
{
	enum interpreter kind = interpreter_of(name);
	const char *boxed = variable(env, "AUTOMODE_BOXED");
	struct interpreter_line line;
	struct stat st;
	bool fetched;

	if (boxed && *boxed)
		return false;
	if (interpreter_migration(kind, (const char *const *)argv) ||
	    interpreter_serves(kind, (const char *const *)argv))
		return true;
	if (kind == INTERPRETER_RUNNER)
		return false;
	fetched = join(path, self, (size_t)(name - self), "../fetched") &&
		  looks(path, &st);
	if (!kind || kind == INTERPRETER_PIP)
		return fetched || !kind;
	line = interpreter_read(kind, (const char *const *)argv);
	for (char **a = argv; *a; a++)
		if (interpreter_begins(*a, "/dev/fd/") ||
		    interpreter_begins(*a, "/proc/"))
			return true;
	if (line.from == FROM_WORDS && line.at &&
	    interpreter_begins(argv[line.at], "#!"))
		return true;
	for (size_t i = 0; fetched && interpreter_variable(kind, i); i++)
		if (variable(env, interpreter_variable(kind, i)))
			return true;
	for (char **a = argv; fetched && *a; a++)
		if (interpreter_before(*a, a[1]) ||
		    interpreter_perl_module(kind, *a))
			return true;
	if (line.from == FROM_WORDS)
		return fetched && (!line.at || line.module ||
				   interpreter_sources(argv[line.at]) ||
				   length(argv[line.at]) >= INTERPRETER_WORDS);
	if (line.from == FROM_FILE)
		return fetched ||
		       interpreter_begins(argv[line.at], "/dev/stdin");
	return !line.interactive && call(SYS_fstat, 0, (long)&st, 0, 0) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
		(fetched && S_ISREG(st.st_mode)));
}

/* The shim that asks lies in SLOW of the installation. */
static void
ask(const char *name, char **argv, char **env)
{
	static char here[PATH_MAX], word[64];
	long n = call(SYS_readlink, (long)"/proc/self/exe", (long)here,
		      sizeof(here) - 1, 0);
	const char *given = last_part(argv[0]);
	size_t dir;

	if (n <= 0)
		fail("cannot read /proc/self/exe; is /proc mounted?");
	here[n] = '\0';
	dir = (size_t)(last_part(here) - here);
	if (!join(word, SLOW, sizeof(SLOW) - 2, name) ||
	    !join(path, here, dir - 1, word))
		fail("the path of its installation is too long");
	/* the gateway knows the tool by it */
	if (!interpreter_same(given, name))
		argv[0] = (char *)(uintptr_t)name;
	(void)call(SYS_execve, (long)path, (long)argv, (long)env, 0);
	fail("lib/automode/shims-run is not complete; reinstall automode");
}

void __attribute__((noreturn)) begin(uintptr_t *stack);

void __attribute__((noreturn, used)) begin(uintptr_t *stack)
{
	size_t argc = stack[0];
	char **argv = (char **)(stack + 1), **env = argv + argc + 1, **e = env;
	const char *self = argc ? argv[0] : NULL, *name, *list;
	const uintptr_t *aux;
	struct stat st;

	while (*e)
		e++;
	for (aux = (const uintptr_t *)(e + 1); aux[0]; aux += 2)
		if (aux[0] == AT_EXECFN)
			self = (const char *)aux[1];
	if (!argc || !self)
		fail("called without its own path");
	name = last_part(self);
	/* it can be out of sight, when the rights to see it were given up */
	if (length(name) < 32 && looks(self, &st) &&
	    !matters(self, name, argv, env)) {
		list = variable(env, "PATH");
		if (list && *list)
			become_next(list, name, argv, env, &st);
		become_next(STANDARD, name, argv, env, &st);
	}
	if (length(name) < 32)
		ask(name, argv, env);
	fail("not the name of an interpreter");
}

__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call begin\n");

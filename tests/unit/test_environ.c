/* SPDX-License-Identifier: Apache-2.0 */
/* What of the caller's environment reaches a box. */
#include "invocation/environ.h"
#include "invocation/program.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static void
fates(void **state)
{
	static const char *const keep[] = {"HOME",
					   "TERM",
					   "LANG",
					   "PYTHONPATH",
					   "NODE_PATH",
					   "RUBYLIB",
					   "PERL5LIB",
					   "GIT_DIR",
					   "EDITOR",
					   "PAGER",
					   "OLDPWD",
					   "PWD",
					   "COLUMNS",
					   "TOKENIZERS_PARALLELISM",
					   "KEYBOARD",
					   "GIT_AUTHOR_NAME",
					   "XDG_CONFIG_HOME",
					   "PASSENGER",
					   "MONKEY"};
	static const char *const drop[] = {"LD_PRELOAD",
					   "LD_LIBRARY_PATH",
					   "GCONV_PATH",
					   "BASH_ENV",
					   "ENV",
					   "SHELLOPTS",
					   "BASHOPTS",
					   "PROMPT_COMMAND",
					   "PERL5OPT",
					   "AUTOMODE_SESSION",
					   "BASH_FUNC_ls%%",
					   "GLIBC_TUNABLES"};
	static const char *const secret[] = {
	    "SSH_AUTH_SOCK",   "SSH_AGENT_PID",
	    "GPG_AGENT_INFO",  "DBUS_SESSION_BUS_ADDRESS",
	    "KUBECONFIG",      "DOCKER_HOST",
	    "AWS_PROFILE",     "AZURE_CLIENT_SECRET",
	    "GITHUB_TOKEN",    "NPM_TOKEN",
	    "MYTOKEN",	       "my_token",
	    "DB_PASSWORD",     "PGPASSWORD",
	    "PGPASSFILE",      "NETRC",
	    "OPENAI_API_KEY",  "X_APIKEY",
	    "MAIL_PASS",       "GOOGLE_APPLICATION_CREDENTIALS",
	    "FOO_CREDENTIALS", "CLIENT_SECRET_2",
	    "STRIPE_KEY"};
	const char *const urls[] = {"DATABASE_URL", "TEST_DATABASE_URL",
				    "SENTRY_DSN", "REDIS_URL"};

	(void)state;
#define ALL(list, fate)                                                        \
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)            \
		if (environ_fate(list[i]) != (fate))                           \
	fail_msg("%s", list[i])
	ALL(keep, ENVIRON_KEEP);
	ALL(drop, ENVIRON_DROP);
	ALL(secret, ENVIRON_SECRET);
	ALL(urls, ENVIRON_URL);
}

static bool
has(const char **env, const char *entry)
{
	for (; *env != NULL; env++)
		if (strcmp(*env, entry) == 0)
			return true;
	return false;
}

static void
built(void **state)
{
	const char *const given[] = {
	    "A=1",    "LD_PRELOAD=x", "X_TOKEN=t", "B=2", "PATH=/usr/bin:/bin",
	    "EMPTY=", "GIT_DIR=/x",   NULL};
	const char *const set[] = {"B=3", "LD_PRELOAD=ours", "C=4", NULL};
	struct invocation in = {.env = given, .envc = 7, .cwd = "/"};
	void *ctx = talloc_new(NULL);
	const char **env = environ_build(ctx, &in, set);
	size_t n = 0;

	(void)state;
	while (env[n] != NULL)
		n++;
	assert_int_equal(n, 7);
	assert_true(has(env, "A=1"));
	assert_true(has(env, "EMPTY="));
	assert_true(has(env, "GIT_DIR=/x"));
	assert_true(has(env, "PATH=/usr/bin:/bin"));
	assert_true(has(env, "B=3"));
	assert_true(has(env, "C=4"));
	assert_true(has(env, "LD_PRELOAD=ours"));
	env = environ_build(ctx, &in, NULL);
	assert_true(has(env, "B=2"));
	assert_false(has(env, "LD_PRELOAD=x"));
	talloc_free(ctx);
}

static void
databases(void **state)
{
	static const struct {
		const char *entry;
		bool seen;
	} table[] = {
	    {"DATABASE_URL=postgres://u:p@localhost:5432/dev", true},
	    {"DATABASE_URL=postgres://127.0.0.1/dev", true},
	    {"DATABASE_URL=postgresql:///dev", true},
	    {"DATABASE_URL=mysql://u:p@[::1]:3306/dev", true},
	    {"DATABASE_URL=sqlite:///tmp/x.db", true},
	    {"DATABASE_URL=file:dev.db", true},
	    {"DATABASE_URL=postgres://u:p@db.example.com/prod", false},
	    {"DATABASE_URL=postgres://localhost.example.com/x", false},
	    {"DATABASE_URL=postgres://u:p@localhost@db.example.com/x", false},
	    {"DATABASE_URL=postgres:///x?host=db.example.com", false},
	    {"MONGODB_URI=mongodb://localhost,db.example.com/x", false},
	    {"DATABASE_URL=secret", false},
	    {"DATABASE_URL=", false},
	};
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *const given[] = {table[i].entry, NULL};
		struct invocation in = {.env = given, .envc = 1, .cwd = "/"};

		if (has(environ_build(ctx, &in, NULL), table[i].entry) !=
		    table[i].seen)
			fail_msg("%s", table[i].entry);
	}
	talloc_free(ctx);
}

/* An ELF file with nothing but sections of which one has that name. */
static void
make_elf(const char *path, const char *section, unsigned before)
{
	enum { MOST = 100 };
	struct {
		unsigned char ident[16];
		uint16_t type, machine;
		uint32_t version;
		uint64_t entry, phoff, shoff;
		uint32_t flags;
		uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
		struct {
			uint32_t name, type;
			uint64_t flags, addr, offset, size;
			uint32_t link, info;
			uint64_t align, entsize;
		} s[MOST];
		char names[4096];
	} f = {.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
	       .shoff = 64,
	       .ehsize = 64,
	       .shentsize = 64,
	       .shnum = MOST,
	       .shstrndx = MOST - 1};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	f.s[1 + before].name = 1 + before * 40;
	f.s[1 + before].type = 7;
	f.s[MOST - 1].type = 3;
	f.s[MOST - 1].offset = 64 + sizeof(f.s);
	f.s[MOST - 1].size = sizeof(f.names);
	snprintf(f.names + 1 + (size_t)before * 40, 40, "%s", section);
	assert_int_equal(write(fd, &f, sizeof(f)), sizeof(f));
	close(fd);
}

static void
shims_are_known_and_passed_over(void **state)
{
	char dir[] = "/tmp/automode-environ.XXXXXX", path[128];
	void *ctx = talloc_new(NULL);
	const char *given[3] = {NULL}, *found;
	struct invocation in = {.env = given, .envc = 1, .cwd = "/"};
	struct err e = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		mkdir(path, 0755);
		snprintf(path, sizeof(path), "%s/%d/git", dir, i);
		make_elf(path, i == 0 ? ".note.automode" : ".note.other", 0);
		assert_int_equal(program_is_shim(path), i == 0);
		assert_int_equal(program_is_shim(path), i == 0);
	}
	assert_false(program_is_shim("/nonexistent"));
	assert_false(program_is_shim("/dev/null"));
	given[0] =
	    talloc_asprintf(ctx, "PATH=%s/0:%s/1:%s/2:/usr/bin", dir, dir, dir);
	assert_int_equal(program_find(ctx, &in, "git", &found, &e), 0);
	assert_string_equal(found, talloc_asprintf(ctx, "%s/1/git", dir));
	assert_string_equal(
	    environ_path(ctx, &in),
	    talloc_asprintf(ctx, "%s/1:%s/2:/usr/bin", dir, dir));
	/* what is not executable is passed over too */
	chmod(talloc_asprintf(ctx, "%s/1/git", dir), 0);
	if (geteuid() == 0)
		unlink(talloc_asprintf(ctx, "%s/1/git", dir));
	assert_int_equal(program_find(ctx, &in, "git", &found, &e), 0);
	assert_string_equal(found, talloc_asprintf(ctx, "%s/2/git", dir));
	/* relative folders count from the caller's directory */
	in.cwd = talloc_asprintf(ctx, "%s/2", dir);
	given[0] = "PATH=:/bin";
	assert_int_equal(program_find(ctx, &in, "git", &found, &e), 0);
	assert_string_equal(found, talloc_asprintf(ctx, "%s/2/git", dir));
	assert_int_equal(program_find(ctx, &in, "no-such-program", &found, &e),
			 ERR_UNKNOWN);
	assert_int_equal(program_find(ctx, &in, "a/b", &found, &e),
			 ERR_UNKNOWN);
	assert_int_equal(program_find(ctx, &in, "..", &found, &e), ERR_UNKNOWN);
	for (int i = 0; i < 3; i++) {
		unlink(talloc_asprintf(ctx, "%s/%d/git", dir, i));
		rmdir(talloc_asprintf(ctx, "%s/%d", dir, i));
	}
	rmdir(dir);
	talloc_free(ctx);
}

static void
the_marker_is_found_wherever_it_stands(void **state)
{
	char dir[] = "/tmp/automode-environ.XXXXXX", path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (unsigned k = 0; k < 98; k++) {
		snprintf(path, sizeof(path), "%s/%u", dir, k);
		make_elf(path, k % 9 ? ".note.automode" : ".note.automod", k);
		assert_int_equal(program_is_shim(path), k % 9 != 0);
	}
	/* only now: an inode may be used again within one tick */
	for (unsigned k = 0; k < 98; k++) {
		snprintf(path, sizeof(path), "%s/%u", dir, k);
		unlink(path);
	}
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fates),
	    cmocka_unit_test(built),
	    cmocka_unit_test(databases),
	    cmocka_unit_test(shims_are_known_and_passed_over),
	    cmocka_unit_test(the_marker_is_found_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

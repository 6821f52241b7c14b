/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git for undo, where it may run a repository's own programs (filter drivers,
 * hooks of a remote): no network, no capabilities, no home, the folders named
 * and the system's own.
 */
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include <unistd.h>

#define MAX_ARGV 160

struct argv {
	const char *v[MAX_ARGV];
	size_t n;
};

static void
add(struct argv *a, const char *word)
{
	if (a->n == MAX_ARGV - 1)
		BUG("too many arguments");
	a->v[a->n++] = word;
	a->v[a->n] = NULL;
}

static void
bind_path(struct argv *a, const char *how, const char *path)
{
	if (!path || !*path || !path_exists(path))
		return;
	add(a, how);
	add(a, path);
	add(a, path);
}

int
restore_box_run(struct undo *u, void *ctx, struct restore_box *b, struct err *e)
{
	static const char *const start[] = {"bwrap",
					    "--unshare-all",
					    "--unshare-user",
					    "--cap-drop",
					    "ALL",
					    "--die-with-parent",
					    "--new-session",
					    "--disable-userns",
					    "--clearenv",
					    "--tmpfs",
					    "/",
					    "--dev",
					    "/dev",
					    "--proc",
					    "/proc",
					    "--tmpfs",
					    "/tmp",
					    "--chdir",
					    "/"};
	static const char *const folders[] = {"/usr",
					      "/bin",
					      "/sbin",
					      "/lib",
					      "/lib32",
					      "/lib64",
					      "/etc/ld.so.cache",
					      "/etc/passwd",
					      "/etc/group",
					      "/etc/alternatives"};
	struct argv a = {.n = 0};
	struct spawn s = {.program = "/usr/bin/bwrap",
			  .env = restore_git_env,
			  .input = b->input,
			  .input_len = b->input_len,
			  .max_output = b->max_output,
			  .timeout_ms = 120000};
	int rc;

	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		add(&a, start[i]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		bind_path(&a, "--ro-bind", folders[i]);
	bind_path(&a, "--ro-bind", b->read);
	bind_path(&a, "--ro-bind", u->m.commondir);
	bind_path(&a, "--ro-bind", u->m.gitdir);
	bind_path(&a, "--ro-bind", u->vault->dir);
	bind_path(&a, "--bind", b->write);
	for (size_t i = 0; restore_git_env[i]; i++) {
		char *name = talloc_strdup(ctx, restore_git_env[i]);
		char *equals = name ? strchr(name, '=') : NULL;

		if (!equals)
			BUG("out of memory");
		*equals = '\0';
		add(&a, "--setenv");
		add(&a, name);
		add(&a, equals + 1);
	}
	add(&a, "--");
	add(&a, "/usr/bin/git");
	for (size_t i = 1; b->argv[i]; i++)
		add(&a, b->argv[i]);
	s.argv = a.v;
	rc = spawn_run(ctx, &s, e);
	b->output = s.output;
	b->output_len = s.output_len;
	if (rc == 0 && s.status != 0) {
		if (s.errors && strchr(s.errors, '\n'))
			*strchr(s.errors, '\n') = '\0';
		rc = err_set(e, ERR_SYSTEM, "git %s: %s", b->argv[1],
			     text_safe(ctx, s.errors ? s.errors : ""));
	}
	return rc;
}

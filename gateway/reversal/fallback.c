/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A split index: most entries are in a file of their own and a bitmap says
 * which of them still count.  git itself joins the two into a copy; nothing
 * of the repository's configuration can run a program on the way.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int
run_git(struct reversal *r, const char *index, struct err *e)
{
	const char *env[] = {"PATH=/usr/bin:/bin",
			     "HOME=/nonexistent",
			     "GIT_CONFIG_NOSYSTEM=1",
			     "GIT_CONFIG_GLOBAL=/dev/null",
			     "GIT_OPTIONAL_LOCKS=0",
			     "GIT_TERMINAL_PROMPT=0",
			     NULL,
			     NULL,
			     NULL,
			     NULL};
	const char *argv[] = {"git",
			      "-c",
			      "safe.directory=*",
			      "-c",
			      "core.fsmonitor=false",
			      "-c",
			      "core.hooksPath=/dev/null",
			      "-c",
			      "core.untrackedCache=false",
			      "-c",
			      "core.splitIndex=false",
			      "update-index",
			      "--no-split-index",
			      "--force-write-index",
			      NULL};
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = env,
			  .timeout_ms = 20000};
	size_t n = 6;
	int rc;

	env[n++] = have(talloc_asprintf(r, "GIT_DIR=%s", r->repo->gitdir));
	env[n++] = have(talloc_asprintf(r, "GIT_INDEX_FILE=%s", index));
	if (r->repo->worktree)
		env[n++] = have(
		    talloc_asprintf(r, "GIT_WORK_TREE=%s", r->repo->worktree));
	s.cwd = r->repo->worktree ? r->repo->worktree : r->repo->gitdir;
	rc = spawn_run(r, &s, e);
	if (rc == 0 && s.status)
		rc = err_set(e, ERR_UNKNOWN, "git: %s",
			     text_safe(r, s.errors ? s.errors : ""));
	return rc;
}

int
fallback_split(struct reversal *r, struct index_file *x, struct err *e)
{
	char dir[] = "/tmp/automode-index-XXXXXX", *path;
	struct index_file joined = {0};
	int fd OWNED_FD = -1, tmp OWNED_FD = -1, rc;

	if (!mkdtemp(dir))
		return err_sys(e, "making a temporary folder");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	path = have(talloc_asprintf(r, "%s/index", dir));
	rc = file_write(fd, "index", x->raw, x->raw_len, 0600, e);
	if (rc == 0)
		rc = run_git(r, path, e);
	if (rc == 0)
		rc = index_read(r, path, x->id_len, &joined, e);
	if (rc == 0 && joined.split)
		rc = err_set(e, ERR_UNKNOWN, "the index stays split");
	tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tmp >= 0)
		path_remove_tree(tmp, path_base(dir), NULL);
	if (rc < 0)
		return err_wrap(e, "the index is split");
	/* the bytes that are kept are those of the file itself */
	joined.raw = x->raw;
	joined.raw_len = x->raw_len;
	joined.mtime = x->mtime;
	*x = joined;
	return 0;
}

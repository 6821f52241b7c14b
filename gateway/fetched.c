/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from other machines beside the command's own transport. */
#include "fetched.h"
#include "base/own.h"
#include "base/path.h"
#include "effects/origin.h"
#include "stages.h"
#include <dirent.h>
#include <fcntl.h>
#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SWEEP_AFTER (24 * 60 * 60)

#define MINUTE (INT64_C(60) * 1000000000)

static int
remove_folder(char *path)
{
	int root OWNED_FD = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	/* what cannot be removed is ours and harms nobody */
	(void)path_remove_tree(root, path + 1, NULL);
	return 0;
}

int
fetched_folder(void *ctx, const struct tool_context *t, char **path,
	       struct err *e)
{
	const struct request *rq = t->oracle_data;

	*path = talloc_asprintf(ctx, "%s/fetched.XXXXXX", rq->house->state_dir);
	if (!*path)
		BUG("out of memory");
	if (!mkdtemp(*path))
		return err_sys(e, "%s", *path);
	talloc_set_destructor(*path, remove_folder);
	return 0;
}

void
fetched_sweep(const char *state_dir)
{
	int dir =
	    open(state_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	const struct dirent *entry;
	struct stat st;

	if (!d && dir >= 0)
		close(dir);
	while (d && (entry = readdir(d)))
		if (!strncmp(entry->d_name, "fetched.", 8) &&
		    fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISDIR(st.st_mode) &&
		    st.st_mtime < time(NULL) - SWEEP_AFTER)
			/* likewise */
			(void)path_remove_tree(dir, entry->d_name, NULL);
	if (d)
		closedir(d);
}

void
fetched_begin(struct request *rq)
{
	const struct command *cmd = &rq->cmd;

	if (!cmd->origin) {
		rq->fetching = origin_now(false);
		return;
	}
	origin_note_stdout(rq->house->runtime_dir, &rq->in, cmd->origin);
	for (size_t i = 0; cmd->hand_over && i < cmd->narrives; i++)
		origin_note_file(rq->house->runtime_dir, cmd->arrives[i], false,
				 0, cmd->origin);
	rq->fetching = origin_now(false);
	/* nobody will know when it ends */
	for (size_t i = 0; cmd->hand_over && i < cmd->narrives_in; i++)
		origin_note_folder(rq->house->runtime_dir, cmd->arrives_in[i],
				   rq->fetching, rq->fetching + MINUTE,
				   cmd->origin);
}

void
fetched_learn(struct request *rq)
{
	const struct repository *repo = rq->cmd.repo;
	const struct command *cmd = &rq->cmd;
	struct err e = {0};

	if (cmd->passes_on && !cmd->origin)
		rq->cmd.origin =
		    origin_of_fd(rq, rq->house->runtime_dir, rq->in.stdio[0]);
	if (cmd->origin && !cmd->passes_on)
		origin_note_written(rq->house->runtime_dir, &rq->in,
				    rq->fetching, cmd->origin);
	for (size_t i = 0; cmd->origin && i < cmd->narrives; i++)
		origin_note_file(rq->house->runtime_dir, cmd->arrives[i], true,
				 rq->fetching, cmd->origin);
	for (size_t i = 0; cmd->origin && i < cmd->narrives_in; i++)
		origin_note_folder(rq->house->runtime_dir, cmd->arrives_in[i],
				   rq->fetching, origin_now(true), cmd->origin);
	/* a failure is logged by the monitor; the branch is then another's */
	if (rq->cmd.learned && rq->status == 0 && repo && repo->id)
		(void)channel_facts(&rq->monitor, rq->in.session->id, repo->id,
				    rq->cmd.learned, &e);
}

/* core.sshCommand of the person, as the tools read it for other commands. */
static void
ssh_command(void *ctx, const char *home, struct transport_permit *p)
{
	static const char *const files[] = {".config/git/config", ".gitconfig"};
	git_config *c;
	git_buf value;
	char *path;

	for (size_t i = 0; i < 2; i++) {
		path = path_join(ctx, home, files[i]);
		value = (git_buf){0};
		if (git_config_open_ondisk(&c, path) < 0)
			continue;
		if (git_config_get_string_buf(&value, c, "core.sshcommand") ==
		    0) {
			p->ssh_command = talloc_strdup(ctx, value.ptr);
			p->ssh_command_from = path;
		}
		git_buf_dispose(&value);
		git_config_free(c);
	}
}

int
fetched_carry(void *data, void *ctx, const struct undo_far *git, char **output,
	      struct err *e)
{
	/* nobody's configuration has a say in where undo goes */
	static const char *env[] = {"GIT_CONFIG_NOSYSTEM=1",
				    "GIT_CONFIG_GLOBAL=/dev/null",
				    "GIT_TERMINAL_PROMPT=0", NULL};
	struct request *rq = data;
	struct command cmd = {.program = "/usr/bin/git",
			      .argv = git->argv,
			      .env_set = env,
			      .need = {.box = "git-remote"}};
	struct transport_permit *permit =
	    need_permit(ctx, &cmd.need, &git->permit);
	struct err why = {0};
	int status = 0, rc;

	if (permit->scheme == PERMIT_SSH)
		ssh_command(ctx, rq->house->home, permit);
	need_folder(ctx, &cmd.need, rq->in.cwd);
	need_bind(ctx, &cmd.need, git->vault, git->vault, false);
	if (git->commondir)
		need_read(ctx, &cmd.need, git->commondir);
	rc = stage_collect(ctx, rq, &cmd, output, &status, &why);
	if (rc < 0 || status != 0)
		return err_set(e, ERR_SYSTEM, "%s",
			       *why.msg ? why.msg : "git was refused there");
	return 0;
}

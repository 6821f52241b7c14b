/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Box + command -> what bwrap is told.  Collects what is to be seen
 * (mounts.c, needs.c, toolchains.c), lets mounts_settle() order it, and has it
 * written as options (bwrap_write.c).
 *
 * As little as possible is mounted: each bind costs, and what is not there
 * need not be hidden.
 */
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "sandbox/box_environ.h"
#include "sandbox/bwrap_work.h"
#include "sandbox/home.h"
#include "sandbox/needs.h"
#include "sandbox/synthetic.h"
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_NAMES 64

static const char *
variable(const struct composing *c, const char *name, size_t len)
{
	const struct repository *r = c->cmd->repo;
	const struct {
		const char *name, *value;
	} known[] = {
	    {"$WORKTREE", r ? r->worktree : NULL},
	    {"$GITDIR", r ? r->gitdir : NULL},
	    {"$COMMONDIR", r ? r->commondir : NULL},
	    {"$HOME", c->home},
	    {"$CACHE", c->box->cache},
	    {"$SHARE", program_share_dir()},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == len &&
		    memcmp(known[i].name, name, len) == 0)
			return known[i].value;
	return NULL;
}

/* The path of a mount line, NULL where its variable has no value. */
static const char *
expand(struct composing *c, const char *path)
{
	size_t len = strcspn(path, "/");
	const char *value;

	if (*path != '$')
		return path;
	value = variable(c, path, len);
	return value ? talloc_asprintf(c->ctx, "%s%s", value, path + len)
		     : NULL;
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Folders that are never bound, whoever asks. */
static bool
is_never_bound(const char *place)
{
	static const char *const never[] = {"/",    "/proc", "/sys", "/dev",
					    "/run", "/var",  "/boot"};

	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (strcmp(place, never[i]) == 0)
			return true;
	return false;
}

/* The git dir, and what lies in it, stays read-only where it is listed so,
 * even if the command may write into the folder around it; unless it is to
 * change just that. */
static void
add_read(struct composing *c, const char *line, const char *path)
{
	const struct need *need = &c->cmd->need;

	if (need->treeless && !strcmp(line, "$WORKTREE") &&
	    is_never_bound(path))
		return;
	if (!begins(line, "$GITDIR") && !begins(line, "$COMMONDIR")) {
		mounts_bind(&c->m, ENTRY_READ, path);
		return;
	}
	if ((need->hooks_write && strcmp(path_base(line), "hooks") == 0) ||
	    (need->config_write && begins(path_base(line), "config")))
		return;
	mounts_bind(&c->m, ENTRY_PROTECT, path);
}

static void
add_file(struct composing *c, const char *path)
{
	const char *text = synthetic_file(c->in, path);
	struct entry *n;

	/* the person's own, where there is a network to look names up in */
	if (c->cmd->need.network && strcmp(path, "/etc/hosts") == 0)
		text = NULL;
	if (!text) {
		mounts_show(&c->m, path);
		return;
	}
	n = mounts_add(&c->m, ENTRY_FILE, path);
	n->bytes = text;
	n->len = strlen(text);
}

/* The repository itself is pinned: as a mount of its own it cannot be moved
 * away and another be put in its place. */
static enum entry_kind
write_kind(const struct composing *c, const char *path)
{
	const struct repository *r = c->cmd->repo;

	return r && strcmp(path, r->commondir) == 0 &&
		       !c->cmd->need.moves_repository
		   ? ENTRY_PIN
		   : ENTRY_WRITE;
}

static void
add_box(struct composing *c)
{
	struct stat st;

	for (size_t i = 0; i < c->box->nmounts; i++) {
		const struct box_mount *b = &c->box->mounts[i];
		const char *path;

		if (b->code && !c->cmd->need.runs_code)
			continue;
		path = expand(c, b->path);
		if (!path)
			continue;
		switch (b->kind) {
		case MOUNT_READ:
			add_read(c, b->path, path);
			break;
		case MOUNT_WRITE:
			c->writes = true;
			mounts_bind(&c->m, write_kind(c, path), path);
			break;
		case MOUNT_FILE:
			add_file(c, path);
			break;
		case MOUNT_HIDE:
			if (lstat(path, &st) == 0)
				mounts_add(&c->m, ENTRY_HIDE, path)->file =
				    !S_ISDIR(st.st_mode);
			break;
		}
	}
}

/* /bin and its like are links into /usr, or folders on an older system; and
 * the few devices that a program which is not foreign code needs. */
static void
add_system(struct composing *c)
{
	static const char *const roots[] = {"/bin",   "/sbin",	"/lib",
					    "/lib32", "/lib64", "/libx32"};
	static const char *const devices[] = {"/dev/null", "/dev/zero",
					      "/dev/urandom"};
	static const char *const links[][2] = {
	    {"/dev/fd", "/proc/self/fd"},
	    {"/dev/stdin", "/proc/self/fd/0"},
	    {"/dev/stdout", "/proc/self/fd/1"},
	    {"/dev/stderr", "/proc/self/fd/2"},
	};

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		mounts_bind(&c->m, ENTRY_READ, roots[i]);
	if (c->cmd->need.network)
		mounts_show(&c->m, "/etc/resolv.conf");
	mounts_add(&c->m, ENTRY_TMPFS, "/tmp")->mode = 01777;
	if (c->cmd->need.runs_code) {
		mounts_add(&c->m, ENTRY_TMPFS, "/var/tmp")->mode = 01777;
		mounts_add(&c->m, ENTRY_TMPFS, c->home)->mode = 0700;
		return; /* and --dev */
	}
	mounts_add(&c->m, ENTRY_FOLDER, c->home);
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		mounts_add(&c->m, ENTRY_DEVICE, devices[i]);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		mounts_add(&c->m, ENTRY_LINK, links[i][0])->source =
		    links[i][1];
}

/* The folder to start in, by the name that the caller's shell has for it. */
static void
add_cwd(struct composing *c)
{
	const char *pwd = invocation_env(c->in, "PWD"), *real;
	struct stat a, b;

	real = mounts_reach(&c->m, c->in->cwd);
	mounts_add(&c->m, ENTRY_FOLDER, real);
	c->plan->chdir = c->in->cwd;
	if (!pwd || *pwd != '/' || strcmp(pwd, c->in->cwd) == 0 ||
	    strcmp(path_clean(c->ctx, pwd), pwd) != 0)
		return;
	if (stat(pwd, &a) < 0 || stat(real, &b) < 0 || a.st_dev != b.st_dev ||
	    a.st_ino != b.st_ino || strcmp(mounts_reach(&c->m, pwd), real) != 0)
		return;
	c->plan->chdir = pwd;
}

/* Links on the way to what the arguments and variables name, so that it can be
 * named so in the box.  They show nothing by themselves. */
static void
add_names(struct composing *c)
{
	static const char *const variables[] = {
	    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE"};
	const char *value;
	unsigned n = 0;

	for (size_t i = 1;
	     n < MAX_NAMES && c->cmd->argv[0] && (value = c->cmd->argv[i]);
	     i++) {
		if (*value == '-' && !(value = strchr(value, '=')))
			continue;
		value += *value == '=';
		/* the box has a /dev and a /proc of its own */
		if (*value == '/' && strlen(value) < PATH_MAX &&
		    (!path_is_under(value, "/dev") ||
		     path_is_under(value, "/dev/shm")) &&
		    !path_is_under(value, "/proc") && ++n)
			mounts_reach(&c->m, value);
	}
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		value = invocation_env(c->in, variables[i]);
		if (value && *value == '/')
			mounts_reach(&c->m, value);
	}
}

/* A link that came between since: what lies behind it was not judged. */
static int
check_real(struct composing *c, struct err *e)
{
	const struct need *need = &c->cmd->need;

	for (size_t i = 0; i < need->nreal; i++) {
		const char *is = path_resolve(c->ctx, "/", need->real[i]);

		if (strcmp(is, need->real[i]) != 0)
			return err_set(e, ERR_UNKNOWN,
				       "%s has become a way to %s while this "
				       "was judged; try again",
				       text_safe(c->ctx, need->real[i]),
				       text_safe(c->ctx, is));
	}
	return 0;
}

static int
check_places(struct composing *c, struct err *e)
{
	for (size_t i = 0; i < c->m.n; i++) {
		const struct entry *n = &c->m.v[i];

		if ((entry_is_bind(n) || n->kind == ENTRY_STAND) &&
		    is_never_bound(n->place))
			return err_set(e, ERR_UNKNOWN,
				       "a box cannot hold all of %s", n->place);
	}
	return 0;
}

/* More words than bwrap may take (exec.c counts them): the helper then reads
 * the command line from a file. */
static bool
is_long(const struct composing *c)
{
	size_t n = 0;

	while (c->cmd->argv[n])
		n++;
	return n + 3 * c->in->envc > 8000;
}

static void
add_helper(struct composing *c)
{
	const char *lib = program_shim_dir();
	const char *helper;
	bool ids;

	c->plan->seccomp = "nosocket";
	if (bwrap_own_network(c) || c->cmd->need.network)
		c->plan->seccomp = "base";
	else if (c->cmd->need.nbinds) /* one of them is a socket */
		c->plan->seccomp = "noinet";
	ids = c->cmd->need.ids && !c->cmd->need.runs_code;
	if (!lib || (!c->cmd->need.runs_code && !ids && !is_long(c)))
		return;
	helper = path_join(c->ctx, lib, "../box-helper");
	if (!path_exists(helper))
		return;
	mounts_add(&c->m, ENTRY_READ, BWRAP_HELPER)->source = helper;
	c->plan->supervise = c->cmd->need.runs_code && !c->cmd->need.network;
	c->plan->supervise |= ids;
	c->plan->ids = ids;
	c->plan->helper = BWRAP_HELPER;
}

static bool
shows_nothing_writable(const struct composing *c)
{
	for (size_t i = 0; i < c->cmd->need.nbinds; i++)
		if (c->cmd->need.binds[i].write)
			return false;
	for (size_t i = 0; i < c->m.n; i++)
		if (entry_is_writable(&c->m.v[i]) &&
		    c->m.v[i].kind != ENTRY_TMPFS)
			return false;
	return true;
}

int
bwrap_compose(void *ctx, const struct box *box, const struct invocation *in,
	      const struct command *cmd, struct bwrap_plan *out, struct err *e)
{
	struct composing c = {.ctx = ctx,
			      .box = box,
			      .in = in,
			      .cmd = cmd,
			      .plan = out,
			      .home = home_of(ctx, in)};

	*out = (struct bwrap_plan){0};
	if (!path_exists(in->cwd))
		return err_set(e, ERR_SYSTEM, "the current directory is gone");
	if (check_real(&c, e) < 0)
		return e->code;
	mounts_init(&c.m, ctx);
	if (cmd->repo && cmd->repo->worktree)
		mounts_real(&c.m, cmd->repo->worktree);
	if (cmd->repo)
		mounts_real(&c.m, cmd->repo->commondir);
	add_system(&c);
	add_box(&c);
	if (cmd->repo)
		needs_of_repository(&c.m, cmd, c.writes);
	needs_add(&c.m, in, cmd, out);
	needs_of_program(&c.m, cmd->program);
	if (cmd->need.runs_code)
		toolchains_add(&c.m, box, in, cmd->repo ? cmd->repo->id : NULL);
	add_helper(&c);
	add_cwd(&c);
	add_names(&c);
	home_hide_secrets(&c.m, in, &cmd->need,
			  cmd->repo ? cmd->repo->worktree : NULL);
	if (check_places(&c, e) < 0)
		return err_wrap(e, "box %s", box->name);
	mounts_settle(&c.m);
	out->reads_only = shows_nothing_writable(&c);
	bwrap_write(&c);
	out->env = box_environ(ctx, box, in, cmd, &c.m);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From acts on paths to effects, losses and what the box must show. */
#include "base/path.h"
#include "tools/file_call.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static const struct {
	enum effect_kind effect;
	enum file_loss loss; /* 0: none */
} acts[ACT_COUNT] = {
    [ACT_READ] = {EFFECT_FILE_READ, 0},
    [ACT_MAKE] = {EFFECT_FILE_WRITE, FILE_MADE},
    [ACT_FOLDER] = {EFFECT_FILE_WRITE, FILE_MADE},
    [ACT_REWRITE] = {EFFECT_FILE_OVERWRITE, FILE_REWRITTEN},
    [ACT_REPLACE] = {EFFECT_FILE_OVERWRITE, FILE_REPLACED},
    [ACT_REMOVE] = {EFFECT_FILE_DELETE, FILE_REMOVED},
    [ACT_REMOVE_ALL] = {EFFECT_TREE_DELETE, FILE_REMOVED},
    [ACT_MOVE] = {EFFECT_FILE_WRITE, FILE_MOVED},
    [ACT_ARRIVE] = {EFFECT_FILE_WRITE, 0},
    [ACT_MODE] = {EFFECT_FILE_MODE, FILE_ATTRIBUTES},
    [ACT_MODE_ALL] = {EFFECT_FILE_MODE, FILE_ATTRIBUTES},
};

struct effect *
file_effect(struct file_call *c, enum effect_kind kind, enum scope scope,
	    const char *object, const char *why)
{
	struct effect *fx = effects_add(c->fx, kind, scope, object);

	fx->undo = UNDO_NO;
	fx->why = why;
	return fx;
}

static const char *
shown(struct file_call *c, const char *path)
{
	const char *below = path_below(path, c->os.base_dir);

	return below && *below ? below : path;
}

/* One effect for all paths that are alike. */
static struct effect *
tally(struct file_call *c, enum effect_kind kind, const struct path_class *k,
      const char *path, bool *first)
{
	struct file_tally *y;
	struct effect *fx;

	for (size_t i = 0; i < c->ntallies; i++) {
		y = &c->tallies[i];
		if (y->kind != kind || y->scope != k->scope ||
		    y->special != k->kind)
			continue;
		fx = &c->fx->v[y->at];
		*first = false;
		y->n++;
		return fx;
	}
	c->tallies = talloc_realloc(c->ctx, c->tallies, struct file_tally,
				    (unsigned)c->ntallies + 1);
	if (!c->tallies)
		BUG("out of memory");
	fx = effects_add(c->fx, kind, k->scope, shown(c, path));
	c->tallies[c->ntallies++] =
	    (struct file_tally){kind, k->scope, k->kind, 1, c->fx->n - 1};
	*first = true;
	return fx;
}

/* "a" becomes "a and 3 more". */
void
file_count_objects(struct file_call *c)
{
	for (size_t i = 0; i < c->ntallies; i++) {
		const struct file_tally *y = &c->tallies[i];

		if (y->n > 1)
			c->fx->v[y->at].object =
			    file_text(c, "%s and %zu more",
				      c->fx->v[y->at].object, y->n - 1);
	}
}

/* What git itself does there can be undone; the rest may stay where it is. */
static const char *
by_git(struct file_call *c, const char *path)
{
	const char *ref = strstr(path, "/refs/");
	struct stat st;

	if (strstr(path, "/.git/modules/"))
		return "git submodule deinit -f PATH first";
	if (ref && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		return file_text(c, "git update-ref -d %s", shown(c, ref + 1));
	if (ref || strstr(path, "/packed-refs"))
		return "git update-ref -d REF";
	if (strstr(path, "/.git/logs"))
		return "git reflog expire --expire=now --all";
	if (strstr(path, "/.git/objects"))
		return "git gc --prune=now";
	return "start over in another folder: git init ../again";
}

static const char *
instead_of(struct file_call *c, enum file_act act, enum path_kind kind,
	   const char *path)
{
	bool gone = act == ACT_REMOVE || act == ACT_REMOVE_ALL;

	switch (kind) {
	case PATH_ROOT:
	case PATH_HOME:
	case PATH_WORKSPACE:
		return gone ? "name the files or the build folder itself, for "
			      "example rm -r build"
			    : NULL;
	case PATH_REPOSITORY:
		return gone ? by_git(c, path) : NULL;
	case PATH_CHECKOUT:
		return gone ? file_text(c, "mv %s %s.old", shown(c, path),
					shown(c, path))
			    : NULL;
	default:
		return NULL;
	}
}

/* A critical folder may be written into, but not be taken away; its mode may
 * be changed by itself. */
static bool
is_critical(enum file_act act, enum path_kind kind)
{
	bool gone = act == ACT_REMOVE || act == ACT_REMOVE_ALL ||
		    act == ACT_MOVE || act == ACT_REPLACE;

	switch (kind) {
	case PATH_ROOT:
	case PATH_HOME:
		return gone || act == ACT_MODE_ALL;
	case PATH_WORKSPACE:
	case PATH_MOUNT:
		return gone;
	default:
		return false;
	}
}

/* What is more than a changed file. */
static enum effect_kind
special_effect(enum file_act act, enum path_kind kind)
{
	bool mode = act == ACT_MODE || act == ACT_MODE_ALL;
	bool gone = act == ACT_REMOVE || act == ACT_REMOVE_ALL;

	switch (kind) {
	case PATH_HOOK:
		return gone ? EFFECT_GUARD_WEAKEN : EFFECT_PERSIST;
	case PATH_AGENT:
	case PATH_GATEWAY:
		return EFFECT_GUARD_WEAKEN;
	case PATH_START:
		return gone || mode || act == ACT_FOLDER ? EFFECT_NONE
							 : EFFECT_PERSIST;
	case PATH_SECRET:
		return gone || mode ? EFFECT_NONE : EFFECT_SECRET_WRITE;
	case PATH_DEVICE:
		return gone || mode ? EFFECT_NONE : EFFECT_DEVICE_WRITE;
	default:
		return EFFECT_NONE;
	}
}

static void
add_special(struct file_call *c, enum file_act act, const struct path_class *k,
	    const char *path)
{
	enum effect_kind kind = special_effect(act, k->kind);
	struct effect *fx;
	bool first;

	if (kind == EFFECT_NONE)
		return;
	fx = tally(c, kind, k, path, &first);
	if (!first)
		return;
	fx->undo = UNDO_NO;
	fx->why = k->why;
}

/* --- acts ------------------------------------------------------------------
 */

static void
add_loss(struct file_call *c, enum file_act act, const char *path,
	 const char *to)
{
	struct file_change change = {
	    .kind = acts[act].loss,
	    .path = path,
	    .to = to,
	    .tree = act == ACT_REMOVE_ALL || act == ACT_MODE_ALL,
	};

	if (change.kind)
		losses_add_file(c->ctx, &c->cmd->losses, &change);
}

/* How a file that was there is lost; what is made or moved is not. */
static bool
loses(enum file_act act)
{
	return act != ACT_READ && act != ACT_MAKE && act != ACT_FOLDER &&
	       act != ACT_MOVE && act != ACT_ARRIVE;
}

static void
act_on(struct file_call *c, enum file_act act, const struct operand *o,
       const char *path, const char *to)
{
	enum effect_kind kind = acts[act].effect;
	struct path_class k;
	struct effect *fx;
	bool first;

	path_classify(&c->os, o, path, &k);
	if (act == ACT_REMOVE_ALL || act == ACT_MODE_ALL)
		path_classify_tree(&c->os, path, &k);
	if (k.kind == PATH_WORKSPACE && !is_critical(act, k.kind))
		k = (struct path_class){.scope = SCOPE_WORKSPACE};
	/* what is written there is gone; the device itself is the system's */
	if (k.kind == PATH_SINK && act != ACT_REWRITE && act != ACT_READ)
		k = (struct path_class){PATH_DEVICE, SCOPE_SYSTEM,
					"it is a device"};
	if (is_critical(act, k.kind)) {
		k.scope = SCOPE_SYSTEM;
		if (act == ACT_REMOVE || act == ACT_MOVE)
			kind = EFFECT_TREE_DELETE;
	}
	/* what is moved away from where others look for it is as good as
	 * deleted there, unless it stays in the workspace */
	if (act == ACT_MOVE && k.scope != SCOPE_WORKSPACE &&
	    k.scope != SCOPE_SCRATCH && kind == EFFECT_FILE_WRITE)
		kind = EFFECT_FILE_DELETE;
	add_special(c, act, &k, path);
	fx = tally(c, kind, &k, path, &first);
	if (first) {
		fx->why = k.kind == PATH_START &&
				  (act == ACT_REMOVE || act == ACT_REMOVE_ALL ||
				   act == ACT_MODE)
			      ? "it belongs to the person's own set-up"
			      : k.why;
		fx->instead = instead_of(c, act, k.kind, path);
		fx->undo = loses(act) ? UNDO_NO : UNDO_YES;
	}
	/* what is moved is lost where the way is far: a copy of it arrives */
	if (loses(act) || act == ACT_MOVE)
		fx->losses = LOSS_FILES;
	/* writing into a folder is not about what else is in it */
	if (act != ACT_MAKE && act != ACT_ARRIVE)
		need_judged(c->ctx, &c->cmd->need, path);
	if (k.kind != PATH_DEVICE &&
	    !(o && o->leads &&
	      (S_ISCHR(o->to.st_mode) || S_ISFIFO(o->to.st_mode)) &&
	      act == ACT_REWRITE))
		add_loss(c, act, path, to);
	file_needs_write(c, path);
}

void
file_see(struct file_call *c, const struct operand *o)
{
	file_needs_name(c, o->given);
	file_needs_read(c, o);
}

bool
file_is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool empty = d != NULL;

	while (empty && (ent = readdir(d)))
		empty = !strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..");
	if (d)
		closedir(d);
	return empty;
}

static bool
works_here(struct file_call *c, const char *path)
{
	const struct operand_place *p = operand_place(&c->os, path);

	return p ? p->ours : c->os.start && path_is_under(path, c->os.start);
}

void
file_tried(struct file_call *c, const struct operand *o)
{
	file_see(c, o);
	if (works_here(c, o->path))
		file_needs_write(c, o->path);
}

/* One that the kernel will not let go of: the tool says so. */
static bool
stays(struct file_call *c, enum file_act act, const struct operand *o)
{
	return o->mount && (act == ACT_REMOVE || act == ACT_REPLACE) &&
	       works_here(c, o->path);
}

void
file_act(struct file_call *c, enum file_act act, const struct operand *o,
	 bool follow)
{
	const char *path = follow ? o->target : o->path;

	/* no file is written: somebody reads at the other end */
	if (o->open && (act == ACT_REWRITE || act == ACT_MAKE))
		return;
	if (stays(c, act, o)) {
		file_tried(c, o);
		return;
	}
	file_needs_name(c, o->given);
	if (act == ACT_READ) {
		file_read_from(c, o->given);
		return;
	}
	act_on(c, act, o, path, NULL);
	/* reached through a link: where that lies has to be seen */
	if (follow && o->link)
		file_needs_read(c, &(struct operand){.target = o->path});
}

void
file_arrives(struct file_call *c, const struct operand *o)
{
	struct path_class k;

	path_classify(&c->os, o, o->path, &k);
	add_special(c, ACT_MAKE, &k, o->path);
}

void
file_here(struct file_call *c)
{
	file_needs_write(c, path_join(c->ctx, c->os.base_dir, "x"));
}

static uint64_t
mount_of(const char *dir)
{
	struct statx x;

	return statx(AT_FDCWD, dir, 0, STATX_MNT_ID, &x) == 0 ? x.stx_mnt_id
							      : 0;
}

/* Is mv(1) between them a rename, which a mount point refuses?  Else it would
 * copy, and then empty what is mounted there. */
static bool
same_mount(struct file_call *c, const char *a, const char *b)
{
	const char *from = path_parent(c->ctx, a), *to = path_parent(c->ctx, b);
	uint64_t id = mount_of(from);

	return id && id == mount_of(to) && works_here(c, a) &&
	       works_here(c, b) &&
	       !strcmp(file_mount_for(c, a), file_mount_for(c, b));
}

void
file_move(struct file_call *c, const struct operand *o, const char *to)
{
	file_needs_name(c, o->given);
	if (o->mount && same_mount(c, o->path, to)) {
		file_tried(c, o);
		file_one_mount(c, o->path, to);
		return;
	}
	act_on(c, ACT_MOVE, o, o->path, to);
	act_on(c, ACT_ARRIVE, NULL, to, NULL);
	file_one_mount(c, o->path, to);
}

void
file_one_mount(struct file_call *c, const char *a, const char *b)
{
	const char *dir = path_parent(c->ctx, a);
	struct stat st, other;

	while (!path_is_under(b, dir))
		dir = path_parent(c->ctx, dir);
	/* what no box shows whole, and what is no rename anyway */
	if (!strchr(dir + 1, '/') && strcmp(dir, "/tmp") != 0 &&
	    strcmp(dir, "/home") != 0 && strcmp(dir, "/opt") != 0 &&
	    strcmp(dir, "/srv") != 0 && strcmp(dir, "/root") != 0)
		return;
	if (lstat(a, &st) == 0 && lstat(path_parent(c->ctx, b), &other) == 0 &&
	    st.st_dev == other.st_dev) {
		need_write(c->ctx, &c->cmd->need, dir);
		need_real(c->ctx, &c->cmd->need, dir);
	}
}

void
file_write_to(struct file_call *c, const char *given)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
}

/* What a read of it would give away. */
static void
read_secret(struct file_call *c, const char *path, const char *why)
{
	struct path_class k = {.kind = PATH_SECRET, .scope = SCOPE_SECRET};
	struct effect *fx;
	bool first;

	fx = tally(c, EFFECT_SECRET_READ, &k, path, &first);
	fx->undo = UNDO_NO;
	fx->why = why;
	need_judged(c->ctx, &c->cmd->need, path);
}

void
file_read_from(struct file_call *c, const char *given)
{
	struct operand o;
	bool home;

	operand_look(&c->os, given, &o);
	file_needs_name(c, given);
	file_needs_read(c, &o);
	file_needs_shown(c, &o);
	if (path_is_credential(&c->os, o.target, &home) && home && o.leads)
		read_secret(c, o.target, "it is a credential of the person");
}

void
file_copied(struct file_call *c, const struct operand *o, const char *to)
{
	const struct operand_place *from = operand_place(&c->os, o->target);
	const char *store;
	bool home;

	file_needs_name(c, o->given);
	file_needs_read(c, o);
	file_needs_shown(c, o);
	if (!o->leads)
		return;
	if (path_is_credential(&c->os, o->target, &home)) {
		if (home)
			read_secret(c, o->target,
				    "it is a credential of the person");
		else if (from && !(to && operand_place(&c->os, to) == from))
			read_secret(c, o->target,
				    "it is a credential, and leaves its "
				    "project");
		return;
	}
	store = o->folder ? path_holds_credentials(&c->os, o->target) : NULL;
	if (store)
		read_secret(c, store, "it lies in what is copied");
}

void
file_judge_set(struct file_call *c, const char *const *operands, size_t n)
{
	static const char *const children[] = {
	    "/bin",   "/boot", "/dev",	"/etc",	 "/home", "/lib",
	    "/lib64", "/opt",  "/proc", "/root", "/run",  "/sbin",
	    "/srv",   "/sys",  "/usr",	"/var"};
	struct effect *fx;
	size_t hits = 0;

	for (size_t k = 0; k < sizeof(children) / sizeof(*children); k++)
		for (size_t i = 0; i < n; i++)
			if (!strcmp(operands[i], children[k])) {
				hits++;
				break;
			}
	if (hits < 3)
		return;
	fx = file_effect(c, EFFECT_TREE_DELETE, SCOPE_SYSTEM, "/",
			 "the operands are all that lies in /: a variable "
			 "before /* was empty");
	fx->instead = "rm -r -- \"${VAR:?}\"/*";
}

void
file_judge_mode(struct file_call *c, const char *mode)
{
	bool octal = mode && *mode >= '0' && *mode <= '7';

	if (!mode)
		return;
	if (octal ? strlen(mode) >= 4 && (mode[strlen(mode) - 4] == '4' ||
					  mode[strlen(mode) - 4] == '6' ||
					  mode[strlen(mode) - 4] == '5' ||
					  mode[strlen(mode) - 4] == '7')
		  : strchr(mode, 's') && !strchr(mode, 'g') &&
			strpbrk(mode, "+="))
		file_effect(c, EFFECT_PRIVILEGE, SCOPE_OUTSIDE, mode,
			    "whoever runs it runs it as its owner");
}

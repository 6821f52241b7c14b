/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes an entry: index, reflogs, state files and configuration, as raw
 * bytes.  They are small; whatever of them a command may touch is kept
 * without asking which.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include "tools/git_words.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT_LOGS  (20u << 20)
#define LIMIT_STATE (50u << 20) /* one file of it */
#define DEPTH	    64

struct listing {
	struct reversal *r;
	const char **v;
	size_t n, room;
	uint64_t bytes, limit;
	bool skip_refs; /* of worktrees/NAME: they are items by value */
	bool before;	/* all that is seen is remembered, also what is
			 * beyond the limit */
};

static void
list_add(struct listing *l, const char *name)
{
	GROW(l->r, l->v, l->n, l->room);
	l->v[l->n++] = name;
	if (l->before)
		manifest_add(&l->r->seen, ITEM_GITFILE, name);
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* Regular files below a directory of the common directory. */
static void
list_below(struct listing *l, const char *dir, int depth)
{
	int fd = path_open_beneath(l->r->common_fd, dir, O_RDONLY | O_DIRECTORY,
				   0, NULL);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	if (!d && fd >= 0)
		close(fd);
	while (d && (entry = readdir(d))) {
		char *name;

		if (!strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, "..") ||
		    ends_with(entry->d_name, ".lock") ||
		    (l->skip_refs && depth == 1 &&
		     (!strcmp(entry->d_name, "refs") ||
		      !strcmp(entry->d_name, "HEAD"))))
			continue;
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		name = have(talloc_asprintf(l->r, "%s/%s", dir, entry->d_name));
		if (S_ISDIR(st.st_mode) && depth < DEPTH) {
			list_below(l, name, depth + 1);
		} else if (S_ISREG(st.st_mode) &&
			   l->bytes + (uint64_t)st.st_size <= l->limit) {
			l->bytes += (uint64_t)st.st_size;
			list_add(l, name);
		} else if (l->before) {
			manifest_add(&l->r->seen, ITEM_GITFILE, name);
		}
	}
	if (d)
		closedir(d);
}

/* MERGE_HEAD, ORIG_HEAD, BISECT_LOG ... lie in the git dir itself. */
static bool
is_state(const char *name)
{
	static const char *const more[] = {"shallow",	      "packed-refs",
					   "config.worktree", "gitdir",
					   "locked",	      NULL};

	if (!strncmp(name, "sharedindex.", 12))
		return true;
	if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(name))
		return strcmp(name, "HEAD") != 0;
	for (size_t i = 0; more[i]; i++)
		if (!strcmp(name, more[i]))
			return strcmp(name, "packed-refs") != 0;
	return false;
}

/* Part of names that belongs to the work tree at hand: "" or
 * "worktrees/NAME/". */
static const char *
git_prefix(struct reversal *r)
{
	const char *rel = path_below(r->repo->gitdir, r->repo->commondir);

	return rel && *rel ? have(talloc_asprintf(r, "%s/", rel)) : "";
}

static void
list_state(struct listing *l, const char *prefix)
{
	static const char *const dirs[] = {"rebase-merge", "rebase-apply",
					   "sequencer", "info"};
	int fd = path_open_beneath(l->r->common_fd, *prefix ? prefix : ".",
				   O_RDONLY | O_DIRECTORY, 0, NULL);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!d && fd >= 0)
		close(fd);
	while (d && (entry = readdir(d)))
		if (is_state(entry->d_name))
			list_add(l, have(talloc_asprintf(l->r, "%s%s", prefix,
							 entry->d_name)));
	if (d)
		closedir(d);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		list_below(
		    l, have(talloc_asprintf(l->r, "%s%s", prefix, dirs[i])), 0);
}

bool
keep_git_busy(struct reversal *r)
{
	static const char *const names[] = {
	    "MERGE_HEAD",   "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge",
	    "rebase-apply", "sequencer",	"BISECT_LOG",  "MERGE_MSG",
	    "SQUASH_MSG",   "NOTES_MERGE_REF"};
	const char *prefix = git_prefix(r);
	struct mark m;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (places_mark(
			r->common,
			have(talloc_asprintf(r, "%s%s", prefix, names[i])),
			&m) == 0)
			return true;
	return false;
}

/* Reflogs of remotes are many, and commands that only move local refs leave
 * them alone. */
static bool
local_only(const struct reversal *r)
{
	if ((r->what & LOSS_OBJECTS) || r->cmd->need.runs_code)
		return false;
	for (size_t i = 0; i < r->fx->n; i++) {
		const char *object = r->fx->v[i].object;

		if (object && !strncmp(object, "refs/remotes/", 13))
			return false;
		switch (r->fx->v[i].kind) {
		case EFFECT_REF_MOVE:
		case EFFECT_REF_CREATE:
		case EFFECT_WORKTREE_DISCARD:
		case EFFECT_INDEX_DISCARD:
		case EFFECT_UNTRACKED_DELETE:
		case EFFECT_STASH_DROP:
		case EFFECT_HISTORY_REWRITE:
			break;
		default:
			return false;
		}
	}
	return r->fx->n > 0;
}

/* The reflog of the branch that is checked out: it grows with HEAD's.  That
 * of the branch which is checked out afterwards was there before, too. */
static void
list_head_log(struct listing *l, const char *prefix)
{
	char *text = NULL, *name;
	struct mark m;
	size_t len = 0;

	if (file_read(l->r, l->r->common_fd,
		      have(talloc_asprintf(l->r, "%sHEAD", prefix)), 4096,
		      &text, &len, NULL) != 0 ||
	    strncmp(text, "ref: ", 5) != 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	name = have(talloc_asprintf(l->r, "logs/%s", text + 5));
	if (places_mark(l->r->common, name, &m) == 0)
		list_add(l, name);
}

static void
list_logs(struct listing *l, const char *prefix)
{
	struct mark m;

	if (*prefix)
		list_add(l, have(talloc_asprintf(l->r, "%slogs/HEAD", prefix)));
	else if (places_mark(l->r->common, "logs/HEAD", &m) == 0)
		list_add(l, "logs/HEAD");
	if (!(l->r->what & (LOSS_REFS | LOSS_OBJECTS)) && !l->r->journal) {
		if (l->before)
			list_head_log(l, prefix);
		return;
	}
	l->limit = l->r->what & LOSS_OBJECTS ? LIMIT_KEEP_BYTES : LIMIT_LOGS;
	if (*prefix && places_mark(l->r->common, "logs/HEAD", &m) == 0)
		list_add(l, "logs/HEAD");
	list_below(l, "logs/refs/heads", 0);
	if (local_only(l->r)) {
		if (places_mark(l->r->common, "logs/refs/stash", &m) == 0)
			list_add(l, "logs/refs/stash");
		return;
	}
	list_below(l, "logs/refs", 0);
	if (l->r->what & LOSS_OBJECTS)
		list_below(l, "logs", 0);
}

/* Where no box lets it be written, it is not kept either: a password may be in
 * it. */
static bool
config_may_change(const struct reversal *r)
{
	for (const struct command *c = r->cmd; c; c = c->before)
		if (!c->need.box || strcmp(c->need.box, GIT_BOX_REMOTE) != 0)
			return true;
	return false;
}

static void
list_all(struct reversal *r, struct listing *l, bool before)
{
	const char *prefix = git_prefix(r);

	*l = (struct listing){
	    .r = r, .limit = LIMIT_KEEP_BYTES, .before = before};
	if (config_may_change(r))
		list_add(l, "config");
	list_state(l, prefix);
	if (*prefix) {
		list_add(l, "config.worktree");
		list_add(l, "shallow");
		list_below(l, "info", 0);
	}
	if (r->what & LOSS_RERERE)
		list_below(l, "rr-cache", 0);
	if (r->what & (LOSS_WORKTREE_ADMIN | LOSS_OBJECTS)) {
		l->skip_refs = true;
		list_below(l, "worktrees", 0);
		l->skip_refs = false;
	}
	list_logs(l, prefix);
}

int
keep_gitfile(struct reversal *r, const char *name, struct err *e)
{
	struct value v = {0};
	struct item *it;
	struct mark m;
	int rc;

	if (manifest_find(&r->m, ITEM_GITFILE, name))
		return 0;
	rc = places_mark(r->common, name, &m);
	if (rc == 0 && S_ISREG(m.mode) && m.size > LIMIT_STATE)
		return err_set(e, ERR_LIMIT, "%s is too large to keep",
			       text_safe(r, name));
	rc = places_store(r, r->common, name, r->vault, &v, &m, e);
	if (rc < 0)
		return err_wrap(e, "keeping %s", text_safe(r, name));
	it = manifest_add(&r->m, ITEM_GITFILE, name);
	it->before = v;
	keep_pin(r, &v);
	return 0;
}

/* The bytes that were compared, not those of a second reading. */
static int
keep_index(struct reversal *r, struct err *e)
{
	const char *name;
	enum item_kind kind = assess_name(r, r->repo->index_file, &name);
	struct index_file *x = &r->main.x;
	struct mark m = {.mode = 0100644};
	struct item *it;
	char hex[41];
	int rc;

	if (!r->scanned && !index_alone(r))
		return 0;
	it = manifest_add(&r->m, kind, name);
	if (!x->raw) {
		it->before.kind = VALUE_ABSENT;
		return 0;
	}
	places_mark(assess_places(r, kind), item_rel(kind, name), &m);
	rc = vault_put(r->vault, x->raw, x->raw_len, hex, e);
	if (rc < 0)
		return err_wrap(e, "keeping the index");
	it->before = (struct value){.kind = VALUE_BLOB,
				    .mode = m.mode,
				    .size = x->raw_len,
				    .text = have(talloc_strdup(r, hex))};
	keep_pin(r, &it->before);
	return 0;
}

/* Blobs that only the index names live as loose objects that a gc drops. */
static int
adopt(void *data, const char *path __attribute__((unused)),
      const struct tree_entry *in_tree, const struct index_entry *in_index)
{
	struct reversal *r = data;
	git_oid id;
	char *hex;

	(void)in_tree;
	if (!in_index || (index_mode(in_index) & 0170000) == 0160000 ||
	    index_intent_to_add(in_index))
		return 0;
	GROW(r, r->changing, r->nchanging, r->changing_room);
	r->changing[r->nchanging++] = in_index->path;
	git_oid_fromraw(&id, index_id(in_index));
	/* a blob that is missing already cannot be lost */
	if (vault_adopt(r->vault, NULL, &id, NULL) < 0)
		return 0;
	hex = have(talloc_strdup(r, git_oid_tostr_s(&id)));
	GROW(r, r->pins, r->npins, r->pins_room);
	r->pins[r->npins++] = hex;
	return 0;
}

static int
keep_staged(struct reversal *r, struct err *e)
{
	git_object *tree = NULL;
	git_odb *odb = NULL;
	int rc;

	if (!(r->what & LOSS_INDEX) || !r->indexed || !r->repo->git ||
	    r->main.x.id_len != 20 || !r->main.x.v ||
	    git_repository_odb(&odb, r->repo->git) < 0)
		return 0;
	if (git_revparse_single(&tree, r->repo->git, "HEAD^{tree}") < 0)
		tree = NULL;
	rc = tree_diff(odb, tree ? git_object_id(tree) : NULL, &r->main.x,
		       adopt, r, e);
	git_object_free(tree);
	git_odb_free(odb);
	return rc < 0 ? err_wrap(e, "keeping staged blobs") : 0;
}

int
keep_git(struct reversal *r, struct err *e)
{
	struct listing l;
	int rc = keep_index(r, e);

	if (rc == 0)
		rc = keep_staged(r, e);
	if (rc < 0)
		return rc;
	manifest_init(r, &r->seen);
	r->git_listed = true;
	list_all(r, &l, true);
	for (size_t i = 0; i < l.n && !rc; i++)
		rc = keep_gitfile(r, l.v[i], e);
	return rc;
}

int
keep_git_new(struct reversal *r, struct err *e)
{
	struct listing l;

	(void)e;
	if (!r->git_listed)
		return 0;
	list_all(r, &l, false);
	for (size_t i = 0; i < l.n; i++)
		if (!manifest_find(&r->seen, ITEM_GITFILE, l.v[i]) &&
		    !manifest_find(&r->m, ITEM_GITFILE, l.v[i]))
			manifest_add(&r->m, ITEM_GITFILE, l.v[i])->before.kind =
			    VALUE_ABSENT;
	return 0;
}

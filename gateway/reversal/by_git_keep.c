/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits and staged blobs of a repository with sha256 objects that a
 * command has left to a gc: the vault's own repository holds sha1 objects, so
 * the entry gets a pack of its own, which undo links back.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/lost_commits.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX	64
#define MAX_LOG (16u << 20)

struct lines {
	void *ctx;
	char *text;
	size_t n;
};

static bool
is_id(const char *s)
{
	return s && strspn(s, "0123456789abcdef") >= HEX &&
	       strspn(s, "0") < HEX;
}

static void
add(struct lines *l, const char *mark, const char *hex)
{
	char line[HEX + 3];

	snprintf(line, sizeof(line), "%s%.64s\n", mark, hex);
	if (!is_id(hex) || (!*mark && l->n < 256 && strstr(l->text, line)))
		return;
	l->text = have(talloc_strdup_append_buffer(l->text, line));
	l->n++;
}

/* "<old> <new> who when\twhy" */
static void
add_log(struct lines *l, const char *mark, const char *text, size_t len)
{
	const char *end = text + len;

	for (const char *p = text; p && end - p > 2 * HEX + 2; p++) {
		if (p[HEX] == ' ')
			add(l, mark, p + HEX + 1);
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
	}
}

static bool
read_log(struct reversal *r, const char *name, char **bytes, size_t *len)
{
	struct mark m;

	return places_read(r, r->common, name, MAX_LOG, &m, bytes, len, NULL) >=
	       0;
}

/* A ref that only moved has its old value in its reflog. */
static bool
in_own_log(struct reversal *r, const struct item *it)
{
	char *bytes;
	size_t len;

	if (it->after.kind == VALUE_ABSENT)
		return false;
	return read_log(r, lost_log_of(r, it->name), &bytes, &len) &&
	       memmem(bytes, len, it->before.text, HEX) != NULL;
}

static void
add_lost(struct reversal *r, struct lines *l)
{
	char *bytes;
	size_t len;

	for (size_t i = 0; i < r->m.n; i++) {
		const struct item *it = &r->m.items[i];

		if (it->kind == ITEM_REF && it->before.kind == VALUE_OID &&
		    strlen(it->before.text) == HEX && !in_own_log(r, it))
			add(l, "", it->before.text);
	}
	if (lost_stash_log(r, &bytes, &len))
		add_log(l, "", bytes, len);
}

static char *
all_that_stays(struct reversal *r, const struct refs_seen *now)
{
	struct lines l = {.ctx = r, .text = have(talloc_strdup(r, ""))};
	char *bytes;
	size_t len;

	for (size_t i = 0; i < now->n; i++)
		if (now->v[i].value.kind == VALUE_OID)
			add(&l, "^", now->v[i].value.text);
	if (read_log(r, "logs/refs/stash", &bytes, &len))
		add_log(&l, "^", bytes, len);
	return l.text;
}

/* How many objects only those lines reach; 0 also when it cannot be told. */
static long
count_objects(struct reversal *r, const char *input)
{
	const char *argv[] = {"rev-list", "--objects",	      "--count",
			      "--stdin",  "--ignore-missing", NULL};
	struct by_git b = {
	    .argv = argv, .gitdir = r->repo->commondir, .input = input};
	char *out;
	size_t len;
	int status;

	if (by_git_run(r, &b, &out, &len, &status, NULL) < 0 || status)
		return 0;
	return strtol(out, NULL, 10);
}

static int
make_folder(struct reversal *r, struct err *e)
{
	int dir OWNED_FD =
	    open(r->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "keeping lost objects");
	if (path_remove_tree(dir, "objects", e) < 0)
		return e ? e->code : ERR_SYSTEM;
	if (mkdirat(dir, "objects", 0700) < 0 ||
	    mkdirat(dir, "objects/pack", 0700) < 0)
		return err_sys(e, "keeping lost objects");
	return 0;
}

static int
pack(struct reversal *r, const char *input, bool revs, const char *objects,
     struct err *e)
{
	const char *argv[] = {"pack-objects", "-q", NULL, NULL, NULL};
	struct by_git b = {.argv = argv,
			   .gitdir = r->repo->commondir,
			   .objects = objects,
			   .input = input};
	char *out;
	size_t len, n = 2;
	int status, rc = make_folder(r, e);
	struct item *it;

	if (revs)
		argv[n++] = "--revs";
	argv[n] = have(talloc_asprintf(r, "%s/objects/pack/pack", r->dir));
	if (rc == 0)
		rc = by_git_run(r, &b, &out, &len, &status, e);
	if (rc == 0 && status)
		rc = e && e->code ? e->code : ERR_UNKNOWN;
	if (rc < 0)
		return err_wrap(e, "keeping lost objects");
	it = manifest_add(&r->m, ITEM_OBJECTS, "objects");
	it->before = (struct value){
	    .kind = VALUE_KEPT, .mode = 040755, .text = "objects/pack"};
	return 0;
}

int
by_git_keep(struct reversal *r, const struct refs_seen *now, size_t *n,
	    struct err *e)
{
	struct lines lost = {.ctx = r, .text = have(talloc_strdup(r, ""))};
	const char *stays;
	char *input;

	*n = 0;
	if (!by_git_wanted(r) || manifest_find(&r->m, ITEM_OBJECTS, "objects"))
		return 0;
	add_lost(r, &lost);
	stays = all_that_stays(r, now);
	input = have(talloc_asprintf(r, "%s%s", lost.text, stays));
	if (lost.n && count_objects(r, input) > 0)
		*n = lost.n;
	for (size_t i = 0; i < r->nstaged_ids; i++)
		add(&lost, "", r->staged_ids[i]);
	if (!*n && !r->nstaged_ids)
		return 0;
	input = have(talloc_asprintf(r, "%s%s", lost.text, stays));
	return pack(r, input, true, NULL, e);
}

/* --- after a gc -------------------------------------------------------- */

static int
by_line(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Ids of all objects of a store, sorted. */
static int
all_objects(struct reversal *r, const char *objects, const char ***v, size_t *n,
	    struct err *e)
{
	const char *argv[] = {"cat-file", "--batch-all-objects",
			      "--batch-check=%(objectname)", "--unordered",
			      NULL};
	struct by_git b = {
	    .argv = argv, .gitdir = r->repo->commondir, .objects = objects};
	size_t len, room = 0;
	char *out;
	int status, rc = by_git_run(r, &b, &out, &len, &status, e);

	*v = NULL;
	*n = 0;
	if (rc < 0 || status)
		return rc < 0 ? rc : ERR_UNKNOWN;
	for (char *p = out, *nl; p < out + len; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(out + len - p));
		if (!nl)
			break;
		*nl = '\0';
		GROW(r, *v, *n, room);
		(*v)[(*n)++] = p;
	}
	if (*n)
		qsort(*v, *n, sizeof(**v), by_line);
	return 0;
}

int
by_git_trim(struct reversal *r, size_t *left, struct err *e)
{
	char *kept = have(talloc_asprintf(r, "%s/objects", r->dir));
	char *all = have(talloc_asprintf(r, "%s/all", r->dir));
	struct lines l = {.ctx = r, .text = have(talloc_strdup(r, ""))};
	const char **was, **now;
	size_t nwas, nnow;
	int rc = all_objects(r, kept, &was, &nwas, e);

	*left = 1; /* when in doubt all of it stays */
	if (rc == 0)
		rc = all_objects(r, NULL, &now, &nnow, e);
	if (rc < 0)
		return 0;
	for (size_t i = 0; i < nwas; i++)
		if (!nnow ||
		    !bsearch(&was[i], now, nnow, sizeof(*now), by_line))
			add(&l, "", was[i]);
	*left = l.n;
	if (!l.n)
		return 0;
	if (rename(kept, all) < 0)
		return err_sys(e, "keeping lost objects");
	rc = pack(r, l.text, false, all, NULL);
	if (rc < 0) {
		int dir OWNED_FD = open(r->dir, O_RDONLY | O_DIRECTORY |
						    O_NOFOLLOW | O_CLOEXEC);

		/* the whole store, then */
		path_remove_tree(dir, "objects", NULL);
		if (rename(all, kept) < 0)
			return err_sys(e, "keeping lost objects");
		return 0;
	}
	/* what a gc lost is what the notice tells of */
	manifest_add(&r->m, ITEM_OBJECTS, "objects")->before.text = "objects";
	{
		int dir OWNED_FD = open(r->dir, O_RDONLY | O_DIRECTORY |
						    O_NOFOLLOW | O_CLOEXEC);

		path_remove_tree(dir, "all", NULL);
	}
	return 0;
}

/* --- texts ------------------------------------------------------------- */

char *
by_git_lost_by(struct reversal *r, const char *name, const char *shown,
	       const char *hex, const char *const *others, size_t n)
{
	struct lines l = {.ctx = r, .text = have(talloc_strdup(r, ""))};
	long lost;

	add(&l, "", hex);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(others[i], hex))
			return NULL;
		add(&l, "^", others[i]);
	}
	lost = by_git_count(r, l.text);
	if (lost == 0 && strncmp(name, "refs/tags/", 10) != 0)
		return NULL;
	if (lost <= 0)
		return have(talloc_asprintf(r, "%s (object %.7s)",
					    text_safe(r, shown), hex));
	return have(talloc_asprintf(r, "%s only on %s (tip %.7s \"%s\")",
				    text_count(r, (size_t)lost, "commit"),
				    text_safe(r, shown), hex,
				    by_git_subject(r, hex)));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the layers: looked at, read once, and laid over each other. */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "invocation/program.h"
#include "policy/load_work.h"
#include "policy/trust.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* A profile of the owner's that others could write is not the owner's. */
static int
check_owner(const char *path, enum layer layer, const struct stat *st,
	    struct err *e)
{
	if (layer == LAYER_REPOSITORY)
		return 0;
	if (st->st_uid != 0 && st->st_uid != getuid())
		return err_set(e, ERR_SYNTAX,
			       "%s belongs to uid %u; it must be yours or "
			       "root's",
			       path, st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_SYNTAX,
			       "%s may be written by others; chmod go-w it",
			       path);
	return 0;
}

/* The bytes of a profile, from one descriptor that was looked at first: 1
 * when there is none. */
static int
read_checked(void *ctx, const char *path, enum layer layer, char **text,
	     size_t *len, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
				(layer == LAYER_REPOSITORY ? O_NOFOLLOW : 0));
	struct stat st;
	char proc[64];
	struct err why = {0};
	int rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_SYNTAX,
			       "%s is a symbolic link; a profile has to be a "
			       "file",
			       path);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(e, "opening %s", path);
		if (fd >= 0)
			close(fd);
		return ERR_SYSTEM;
	}
	rc = S_ISREG(st.st_mode)
		 ? check_owner(path, layer, &st, e)
		 : err_set(e, ERR_SYNTAX, "%s is no regular file", path);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (rc == 0 && file_read(ctx, AT_FDCWD, proc, LIMIT_CONFIG_FILE, text,
				 len, &why) < 0)
		rc =
		    why.code == ERR_LIMIT
			? err_set(e, ERR_LIMIT, "%s is larger than %u bytes",
				  path, LIMIT_CONFIG_FILE)
			: err_set(e, why.code, "reading %s: %s", path, why.msg);
	close(fd);
	return rc;
}

int
policy_repository_text(void *ctx, const char *path, char **text, size_t *len,
		       struct err *e)
{
	return read_checked(ctx, path, LAYER_REPOSITORY, text, len, e);
}

static int
read_file(struct policy *p, const char *path, enum layer layer,
	  const char *home, struct err *e)
{
	char *text = NULL;
	size_t len = 0;
	int rc = read_checked(p, path, layer, &text, &len, e);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	return policy_read_bytes(
	    p, path, text, len, layer, home,
	    layer == LAYER_REPOSITORY && trust_holds(path, text, len), e);
}

int
policy_read_file(void *ctx, struct policy *p, const char *path,
		 enum layer layer, struct err *e)
{
	(void)ctx;
	return read_file(p, path, layer, NULL, e);
}

/* A policy of its own that starts as base. */
static struct policy *
copy_of(void *ctx, const struct policy *base)
{
	struct policy *p = talloc_memdup(ctx, base, sizeof(*base));

	if (!p)
		BUG("out of memory");
		/* lists are extended by talloc_realloc: give the copy its own
		 */
#define OWN(list, n)                                                           \
	((list) = (n) ? talloc_memdup(p, (list), (n) * sizeof(*(list))) : NULL)
	OWN(p->rules.roots, p->rules.nroots);
	OWN(p->rules.protected_paths, p->rules.nprotected_paths);
	OWN(p->rules.protected_branches, p->rules.nprotected_branches);
	OWN(p->rules.trusted_hosts, p->rules.ntrusted_hosts);
	OWN(p->locks, p->nlocks);
	OWN(p->rules.databases, p->rules.ndatabases);
	for (size_t i = 0; i < p->rules.ndatabases; i++) {
		struct database_rule *d = &p->rules.databases[i];

		OWN(d->hosts, d->nhosts);
		OWN(d->sensitive, d->nsensitive);
	}
	OWN(p->rules.secrets, p->rules.nsecrets);
	OWN(p->values, p->nvalues);
#undef OWN
	return p;
}

static int
load_base(struct policy *p, const char *home, struct err *e)
{
	char *builtin = path_join(p, program_share_dir(), "default.automode");
	static const char *const temporary[] = {"/tmp", "/var/tmp", "/dev/shm"};

	p->sandbox_required = true;
	p->approval_expires_s = 3600;
	p->breaker_row = 3;
	p->breaker_total = 20;
	p->classifier.budget = 200;
	if (!path_exists(builtin))
		return err_set(e, ERR_SYSTEM,
			       "%s is missing; install automode again",
			       builtin);
	if (read_file(p, builtin, LAYER_BUILTIN, home, e) < 0 ||
	    read_file(p, SYSTEM_POLICY, LAYER_SYSTEM, home, e) < 0)
		return e->code;
	if (home && read_file(p, path_join(p, home, USER_POLICY), LAYER_USER,
			      home, e) < 0)
		return e->code;
	if (p->rules.nroots == 0 && home && strcmp(home, "/") != 0)
		policy_add_text(p, &p->rules.roots, &p->rules.nroots,
				path_resolve(p, "/", home));
	for (size_t i = 0; i < 3; i++)
		policy_add_text(p, &p->rules.roots, &p->rules.nroots,
				temporary[i]);
	return 0;
}

int
policy_load(void *ctx, const struct policy *base, const char *home,
	    const char *worktree, struct policy **out, struct err *e)
{
	struct policy *p;
	int rc = 0;

	if (base) {
		p = copy_of(ctx, base);
	} else {
		p = talloc_zero(ctx, struct policy);
		if (!p)
			BUG("out of memory");
		rc = load_base(p, home, e);
	}
	if (rc == 0 && worktree)
		rc = read_file(p, path_join(p, worktree, REPOSITORY_POLICY),
			       LAYER_REPOSITORY, home, e);
	if (rc < 0) {
		talloc_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

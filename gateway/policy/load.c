/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles -> policy: the layers, read with libgit2's config parser from
 * bytes that were read once from a checked descriptor.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "policy/keys.h"
#include "policy/policy.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define SYSTEM_POLICY	  "/etc/automode/policy"
#define USER_POLICY	  ".config/automode/policy"
#define REPOSITORY_POLICY ".automode"

struct reading {
	struct policy *p;
	enum layer layer;
	const char *file;
	const char *text;
	const char *home;
	struct err *e;
};

static const char *const word_names[] = {"unset", "allow", "undoable", "ask",
					 "deny"};
static const char *const layer_names[] = {"built-in", "system", "user",
					  "repository"};

const char *
word_name(enum word w)
{
	return word_names[w];
}

const char *
layer_name(enum layer l)
{
	return l < LAYER_COUNT ? layer_names[l] : "none";
}

/* Line on which a key's variable stands, for messages; 0: not found.  The
 * parser of libgit2 1.5 does not say. */
static int
line_of(const char *text, const struct policy_name *n)
{
	size_t seclen = strlen(n->section), varlen = strlen(n->variable);
	bool inside = false;
	int line = 1;

	for (const char *p = text; p && *p; line++) {
		const char *q = p + strspn(p, " \t");

		if (*q == '[') {
			inside = strncasecmp(q + 1, n->section, seclen) == 0;
			if (inside && n->sub) {
				size_t len = strcspn(q, "\n");

				inside = memmem(q, len, n->sub,
						strlen(n->sub)) != NULL;
			}
		} else if (inside && strncasecmp(q, n->variable, varlen) == 0 &&
			   !isalnum((unsigned char)q[varlen]) &&
			   q[varlen] != '-') {
			return line;
		}
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return 0;
}

static int complain(struct reading *rd, const struct policy_name *n,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int
complain(struct reading *rd, const struct policy_name *n, const char *fmt, ...)
{
	int line = line_of(rd->text, n);
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line)
		return err_set(rd->e, ERR_SYNTAX, "%s:%d: %s", rd->file, line,
			       text);
	return err_set(rd->e, ERR_SYNTAX, "%s: %s", rd->file, text);
}

static enum word
word_by_name(const char *s)
{
	for (enum word w = WORD_ALLOW; w <= WORD_DENY; w++)
		if (strcasecmp(s, word_names[w]) == 0)
			return w;
	return WORD_UNSET;
}

static void
set_word(struct reading *rd, enum effect_kind kind, enum scope scope,
	 enum word w)
{
	struct word_origin *o = &rd->p->words[kind][scope];

	if (rd->layer == LAYER_REPOSITORY && w <= o->word) {
		rd->p->repository_untrusted |= w < o->word;
		return;
	}
	o->word = w;
	o->layer = rd->layer;
	o->file = rd->file;
}

static int
read_word(struct reading *rd, const struct policy_name *n, const char *value)
{
	enum effect_kind kind = effect_by_name(n->sub);
	enum word w = word_by_name(value);

	if (w == WORD_UNSET)
		return complain(rd, n,
				"effect.%s.%s: \"%s\" is none of allow, "
				"undoable, ask, deny",
				n->sub, n->variable, text_safe(rd->p, value));
	if (strcasecmp(n->variable, "any") != 0) {
		set_word(rd, kind, scope_by_name(n->variable), w);
		return 0;
	}
	for (int s = SCOPE_UNKNOWN; s < SCOPE_COUNT; s++)
		set_word(rd, kind, (enum scope)s, w);
	return 0;
}

static void
add_text(struct policy *p, const char ***list, size_t *n, const char *value)
{
	*list = talloc_realloc(p, *list, const char *, *n + 1);
	if (!*list)
		BUG("out of memory");
	(*list)[(*n)++] = talloc_strdup(p, value);
}

static int
check_choice(struct reading *rd, const struct policy_name *n,
	     const struct policy_key *k, const char *value)
{
	size_t len = strlen(value);

	for (const char *c = k->choices; *c;) {
		size_t w = strcspn(c, " ");

		if (w == len && strncmp(c, value, w) == 0)
			return 0;
		c += w;
		c += *c == ' ';
	}
	return complain(rd, n, "%s.%s: \"%s\" is none of %s", n->section,
			n->variable, text_safe(rd->p, value), k->choices);
}

static int
read_bool(struct reading *rd, const struct policy_name *n, const char *value,
	  bool *out)
{
	int v;

	if (git_config_parse_bool(&v, value) < 0)
		return complain(
		    rd, n, "%s.%s: \"%s\" is neither true nor false",
		    n->section, n->variable, text_safe(rd->p, value));
	*out = v;
	return 0;
}

static int
read_root(struct reading *rd, const struct policy_name *n, const char *value)
{
	const char *path = value;

	if (strncmp(value, "~/", 2) == 0 && rd->home)
		path = path_join(rd->p, rd->home, value + 2);
	if (*path != '/')
		return complain(rd, n, "workspace.root: \"%s\" is not absolute",
				text_safe(rd->p, value));
	add_text(rd->p, &rd->p->rules.roots, &rd->p->rules.nroots,
		 path_resolve(rd->p, "/", path));
	return 0;
}

static void
remember(struct reading *rd, const char *key, const char *value)
{
	struct policy *p = rd->p;
	struct policy_value *v;

	p->values =
	    talloc_realloc(p, p->values, struct policy_value, p->nvalues + 1);
	if (!p->values)
		BUG("out of memory");
	v = &p->values[p->nvalues++];
	v->key = talloc_strdup(p, key);
	v->value = talloc_strdup(p, value);
	v->layer = rd->layer;
	v->file = rd->file;
}

static int
read_known(struct reading *rd, const struct policy_key *k,
	   const struct policy_name *n, const char *key, const char *value)
{
	struct scope_rules *r = &rd->p->rules;
	bool on = false;

	if (rd->layer == LAYER_REPOSITORY && k->power == POWER_OWNER)
		return complain(rd, n, "%s.%s may only stand in %s or ~/%s",
				n->section, n->variable, SYSTEM_POLICY,
				USER_POLICY);
	if (k->type == TYPE_WORD)
		return read_word(rd, n, value);
	if (k->type == TYPE_CHOICE && check_choice(rd, n, k, value) < 0)
		return ERR_SYNTAX;
	if (k->type == TYPE_BOOL && read_bool(rd, n, value, &on) < 0)
		return ERR_SYNTAX;
	if (rd->layer == LAYER_REPOSITORY && k->power == POWER_LOOSENS) {
		rd->p->repository_untrusted = true;
		return 0;
	}
	remember(rd, key, value);
	if (strcasecmp(n->section, "protect") == 0) {
		if (strcasecmp(n->variable, "branch") == 0)
			add_text(rd->p, &r->protected_branches,
				 &r->nprotected_branches, value);
		else
			add_text(rd->p, &r->protected_paths,
				 &r->nprotected_paths, value);
	} else if (strcasecmp(n->section, "workspace") == 0) {
		return read_root(rd, n, value);
	} else if (strcasecmp(n->section, "sandbox") == 0) {
		rd->p->sandbox_required = on;
	} else if (strcasecmp(n->section, "hooks") == 0) {
		rd->p->hooks_network = on;
	}
	return 0;
}

static int
read_entry(const git_config_entry *entry, void *data)
{
	struct reading *rd = data;
	struct policy_name n;
	const struct policy_key *k;
	const char *near;

	if (policy_name_split(rd->p, entry->name, &n) < 0)
		return err_set(rd->e, ERR_SYNTAX, "%s: \"%s\" is no key",
			       rd->file, text_safe(rd->p, entry->name));
	k = policy_key_find(&n);
	if (!k) {
		near = policy_key_nearest(rd->p, &n);
		return complain(
		    rd, &n, "unknown key %s%s%s", text_safe(rd->p, entry->name),
		    near ? "; the nearest is " : "", near ? near : "");
	}
	if (!entry->value)
		return complain(rd, &n, "%s has no value",
				text_safe(rd->p, entry->name));
	return read_known(rd, k, &n, entry->name, entry->value);
}

/* Includes are refused before libgit2 sees the text: it would open them. */
static bool
has_include(const char *text)
{
	for (const char *p = text; p && *p;) {
		p += strspn(p, " \t");
		if (strncasecmp(p, "[include", 8) == 0)
			return true;
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return false;
}

static int
read_bytes(struct policy *p, const char *file, const char *text, size_t len,
	   enum layer layer, const char *home, struct err *e)
{
	struct reading rd = {p, layer, talloc_strdup(p, file), text, home, e};
	git_config *config = NULL;
	char path[64];
	int rc, fd;

	if (strlen(text) != len)
		return err_set(e, ERR_SYNTAX, "%s: a NUL byte", file);
	if (has_include(text))
		return err_set(e, ERR_SYNTAX,
			       "%s: includes are refused in profiles", file);
	fd = memfd_create("profile", MFD_CLOEXEC);
	if (fd < 0 || file_write_all(fd, text, len) < 0) {
		if (fd >= 0)
			close(fd);
		return err_sys(e, "reading %s", file);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = git_config_open_ondisk(&config, path);
	if (rc < 0) {
		const git_error *ge = git_error_last();

		err_set(e, ERR_SYNTAX, "%s: %s", file,
			ge ? ge->message : "not git-config syntax");
		rc = ERR_SYNTAX;
	} else {
		rc = git_config_foreach(config, read_entry, &rd);
		if (rc < 0 && rc != ERR_SYNTAX)
			rc = err_git(e, "reading %s", file);
	}
	git_config_free(config);
	close(fd);
	return rc < 0 ? rc : 0;
}

int
policy_read_text(void *ctx, struct policy *p, const char *text,
		 enum layer layer, struct err *e)
{
	(void)ctx;
	return read_bytes(p, layer_name(layer), text, strlen(text), layer, NULL,
			  e);
}

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

static int
read_file(struct policy *p, const char *path, enum layer layer,
	  const char *home, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
				(layer == LAYER_REPOSITORY ? O_NOFOLLOW : 0));
	struct stat st;
	char proc[64], *text = NULL;
	size_t len = 0;
	int rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return err_sys(e, "opening %s", path);
	}
	rc = check_owner(path, layer, &st, e);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (rc == 0)
		rc = file_read(p, AT_FDCWD, proc, LIMIT_CONFIG_FILE, &text,
			       &len, e);
	close(fd);
	if (rc < 0)
		return err_wrap(e, "reading %s", path);
	return read_bytes(p, path, text, len, layer, home, e);
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
		add_text(p, &p->rules.roots, &p->rules.nroots,
			 path_resolve(p, "/", home));
	for (size_t i = 0; i < 3; i++)
		add_text(p, &p->rules.roots, &p->rules.nroots, temporary[i]);
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

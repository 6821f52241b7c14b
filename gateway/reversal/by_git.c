/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repositories that libgit2 1.5 cannot read (sha256 objects): the same facts
 * from the git binary.  Only commands that read objects and the index; no
 * hook, filter, monitor or transport of the repository's configuration can
 * start on the way.
 */
#include "reversal/by_git.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ARGV   32
#define MAX_OUTPUT (256u << 20)

static const char *const fixed_env[] = {"PATH=/usr/bin:/bin",
					"HOME=/nonexistent",
					"LC_ALL=C",
					"GIT_CONFIG_NOSYSTEM=1",
					"GIT_CONFIG_GLOBAL=/dev/null",
					"GIT_ATTR_NOSYSTEM=1",
					"GIT_OPTIONAL_LOCKS=0",
					"GIT_TERMINAL_PROMPT=0",
					"GIT_NO_LAZY_FETCH=1",
					"GIT_ALLOW_PROTOCOL=none"};

bool
by_git_wanted(struct reversal *r)
{
	return r->common && !r->repo->git && assess_id_length(r) == 32;
}

int
by_git_run(void *ctx, const struct by_git *b, char **out, size_t *len,
	   int *status, struct err *e)
{
	static const char *const start[] = {"git",
					    "-c",
					    "safe.directory=*",
					    "-c",
					    "core.fsmonitor=false",
					    "-c",
					    "core.hooksPath=/dev/null"};
	const char *argv[MAX_ARGV], *env[MAX_ARGV];
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = env,
			  .cwd = b->worktree ? b->worktree : b->gitdir,
			  .input = b->input,
			  .input_len = b->input ? strlen(b->input) : 0,
			  .max_output = MAX_OUTPUT,
			  .timeout_ms = 30000};
	size_t n = 0, k = 0;
	int rc;

	for (size_t i = 0; i < sizeof(start) / sizeof(*start); i++)
		argv[n++] = start[i];
	for (size_t i = 0; b->argv[i]; i++) {
		if (n == MAX_ARGV - 1)
			BUG("too many arguments");
		argv[n++] = b->argv[i];
	}
	argv[n] = NULL;
	for (size_t i = 0; i < sizeof(fixed_env) / sizeof(*fixed_env); i++)
		env[k++] = fixed_env[i];
	env[k++] = have(talloc_asprintf(ctx, "GIT_DIR=%s", b->gitdir));
	if (b->index)
		env[k++] =
		    have(talloc_asprintf(ctx, "GIT_INDEX_FILE=%s", b->index));
	if (b->worktree)
		env[k++] =
		    have(talloc_asprintf(ctx, "GIT_WORK_TREE=%s", b->worktree));
	if (b->objects)
		env[k++] = have(talloc_asprintf(
		    ctx, "GIT_ALTERNATE_OBJECT_DIRECTORIES=%s", b->objects));
	env[k] = NULL;
	rc = spawn_run(ctx, &s, e);
	if (rc < 0)
		return rc;
	*status = s.status;
	*out = s.output;
	*len = s.output_len;
	if (s.status)
		(void)err_set(e, ERR_UNKNOWN, "git: %s",
			      text_safe(ctx, s.errors ? s.errors : ""));
	return 0;
}

static struct by_git
of_project(const struct reversal *r, const char *const *argv)
{
	return (struct by_git){.argv = argv,
			       .gitdir = r->repo->gitdir,
			       .worktree = r->repo->worktree,
			       .index = r->repo->index_file};
}

/* --- a tree against the index ------------------------------------------ */

/* ":<mode> <mode> <id> <id> <letter> NUL <path> NUL"; a path in conflict has
 * a line "U" before it. */
static int
each_line(struct reversal *r, const char *text, size_t len, tree_diff_fn fn,
	  void *data)
{
	const char *p = text, *end = text + len;
	int rc = 0;

	while (p < end && !rc) {
		struct tree_entry t = {0};
		unsigned char id[32];
		const char *path = memchr(p, 0, (size_t)(end - p));
		const struct index_entry *ie;
		size_t n;

		if (*p != ':' || !path || path - p < 16 + 2 * 64 ||
		    sodium_hex2bin(id, sizeof(id), p + 15, 64, NULL, &n, NULL))
			return ERR_SYNTAX;
		t.mode = (uint32_t)strtoul(p + 1, NULL, 8);
		t.id = id;
		path++;
		ie = index_find(&r->main.x, path);
		p = path + strlen(path) + 1;
		/* intent-to-add: git sees nothing there */
		if (t.mode || ie)
			rc = fn(data, path, t.mode ? &t : NULL, ie);
	}
	return rc;
}

int
by_git_diff(struct reversal *r, const char *expr, tree_diff_fn fn, void *data,
	    struct err *e)
{
	char *tree = have(talloc_asprintf(r, "%s^{tree}", expr));
	const char *ask[] = {"rev-parse",	 "--verify", "-q",
			     "--end-of-options", tree,	     NULL};
	const char *argv[] = {"diff-index",
			      "--cached",
			      "--raw",
			      "-z",
			      "--no-renames",
			      "--no-abbrev",
			      "--full-index",
			      "--no-ext-diff",
			      NULL,
			      "--",
			      NULL};
	struct by_git b = of_project(r, ask);
	char *out;
	size_t len;
	int status, rc;

	rc = by_git_run(r, &b, &out, &len, &status, e);
	if (rc < 0 || status || len < 64)
		return rc < 0 ? rc : 1;
	out[64] = '\0';
	argv[8] = out;
	b.argv = argv;
	rc = by_git_run(r, &b, &out, &len, &status, e);
	if (rc == 0 && status)
		rc = e && e->code ? e->code : ERR_UNKNOWN;
	if (rc == 0)
		rc = each_line(r, out, len, fn, data);
	return rc < 0 ? err_wrap(e, "comparing a tree with the index") : 0;
}

/* --- contents ---------------------------------------------------------- */

void
by_git_hash(const char *bytes, size_t len, unsigned char id[32])
{
	crypto_hash_sha256_state s;
	char head[40];
	int n = snprintf(head, sizeof(head), "blob %zu", len);

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (unsigned char *)head, (size_t)n + 1);
	crypto_hash_sha256_update(&s, (const unsigned char *)bytes, len);
	crypto_hash_sha256_final(&s, id);
}

/* --- commits ----------------------------------------------------------- */

bool
by_git_lost_between(struct reversal *r, const char *was, const char *now)
{
	const char *argv[] = {"merge-base", "--is-ancestor", was, now, NULL};
	struct by_git b = of_project(r, argv);
	char *out;
	size_t len;
	int status;

	return by_git_run(r, &b, &out, &len, &status, NULL) < 0 || status != 0;
}

long
by_git_count(struct reversal *r, const char *input)
{
	const char *argv[] = {"rev-list", "--count", "--stdin",
			      "--ignore-missing", NULL};
	struct by_git b = of_project(r, argv);
	char *out;
	size_t len;
	int status;

	b.input = input;
	if (by_git_run(r, &b, &out, &len, &status, NULL) < 0 || status)
		return -1;
	return strtol(out, NULL, 10);
}

char *
by_git_subject(struct reversal *r, const char *hex)
{
	const char *argv[] = {
	    "log", "-1", "--no-show-signature", "--format=%s", hex, "--", NULL};
	struct by_git b = of_project(r, argv);
	char *out;
	size_t len;
	int status;

	if (by_git_run(r, &b, &out, &len, &status, NULL) < 0 || status)
		return have(talloc_strdup(r, ""));
	out[strcspn(out, "\n")] = '\0';
	return text_safe(r, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* automode trust and untrust: which .automode may loosen, and what. */
#include "policy/trust.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/policy_here.h"
#include <git2.h>
#include <limits.h>
#include <talloc.h>
#include <unistd.h>

/* The profile that is meant: absolute, its folder without links. */
static int
which(void *ctx, const char *operand, char **path, struct err *e)
{
	const char *id, *worktree;
	char cwd[PATH_MAX];

	if (!operand) {
		if (cli_project(ctx, &id, &worktree, e) < 0)
			return e->code;
		if (!worktree)
			return err_set(e, ERR_UNKNOWN,
				       "here is no work tree with a .automode");
		*path = path_join(ctx, worktree, ".automode");
		return 0;
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return err_sys(e, "the current directory");
	*path = path_resolve_parent(ctx, cwd, operand);
	if (strcmp(path_base(*path), ".automode") != 0)
		return err_set(
		    e, ERR_UNKNOWN,
		    "%s: only a .automode at the root of a work tree "
		    "is a repository's profile",
		    operand);
	return 0;
}

/* One scope a line, unless all of an effect change alike. */
static size_t
print_words(const struct policy *from, const struct policy *to)
{
	size_t n = 0;

	for (int k = EFFECT_NONE + 1; k < EFFECT_COUNT; k++)
		for (int s = SCOPE_UNKNOWN + 1; s < SCOPE_COUNT; s++) {
			enum word a = from->words[k][s].word;
			enum word b = to->words[k][s].word;

			if (a == b)
				continue;
			n++;
			printf("  effect.%s.%s: %s -> %s\n",
			       effect_name((enum effect_kind)k),
			       scope_name((enum scope)s), word_name(a),
			       word_name(b));
		}
	return n;
}

static size_t
print_values(void *ctx, const struct policy *from, const struct policy *to)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < to->nvalues; i++) {
		const struct policy_value *v = &to->values[i];

		/* both were read from one text, in one order */
		if (k < from->nvalues && !strcmp(from->values[k].key, v->key) &&
		    !strcmp(from->values[k].value, v->value)) {
			k++;
			continue;
		}
		n++;
		printf("  %s = %s\n", text_safe(ctx, v->key),
		       text_safe(ctx, v->value));
	}
	return n;
}

/* What the text would loosen; its hash. */
static int
show(void *ctx, const char *path, char **hash, struct err *e)
{
	struct policy *base, *plain, *trusted;
	struct cli_places p;
	char *text;
	size_t len;
	int rc = policy_repository_text(ctx, path, &text, &len, e);

	if (rc > 0)
		return err_set(e, ERR_UNKNOWN, "there is no %s", path);
	if (rc < 0 || cli_places(ctx, &p, e) < 0 ||
	    policy_load(ctx, NULL, p.home, NULL, &base, e) < 0 ||
	    policy_load(ctx, base, p.home, NULL, &plain, e) < 0 ||
	    policy_load(ctx, base, p.home, NULL, &trusted, e) < 0 ||
	    policy_read_repository(plain, path, text, len, false, p.home, e) <
		0 ||
	    policy_read_repository(trusted, path, text, len, true, p.home, e) <
		0)
		return e->code;
	*hash = trust_hash(ctx, text, len);
	trust_use(trust_list(ctx, p.state, p.home));
	printf("%s%s, trusted, loosens:\n", text_safe(ctx, path),
	       trust_holds(path, text, len) ? " (trusted already)" : "");
	if (print_words(plain, trusted) + print_values(ctx, plain, trusted) ==
	    0)
		printf("  nothing: it only tightens\n");
	return 0;
}

static bool
agreed(void)
{
	char line[16];

	printf("Trust exactly this content? [y/N] ");
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) &&
	       (line[0] == 'y' || line[0] == 'Y');
}

static int
tell(void *ctx, const char *hash, const char *path)
{
	const char *words[] = {"trust", hash, path, NULL};
	struct err e = {0};
	char *output;
	int status;

	if (client_ensure(ctx, false, &e) < 0 ||
	    client_control(ctx, words, NULL, &output, &status, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	return status;
}

static int
trust(void *ctx, int argc, char **argv)
{
	bool yes = false, dry = false;
	const struct cli_option options[] = {{"yes", &yes, NULL},
					     {"dry-run", &dry, NULL}};
	struct err e = {0};
	char *path, *hash = NULL;
	int r = cli_options(&cli_trust, options, 2, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 1)
		return cli_usage(&cli_trust, "trust takes one file");
	if (git_libgit2_init() < 0)
		return cli_fail(1, "libgit2 does not start");
	if (which(ctx, argc ? argv[0] : NULL, &path, &e) < 0 ||
	    show(ctx, path, &hash, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	if (dry)
		return 0;
	if (!yes && !agreed()) {
		printf("\nnot trusted\n");
		return 1;
	}
	r = tell(ctx, hash, path);
	if (r == 0)
		printf("trusted; any change ends that\n");
	return r;
}

static int
untrust(void *ctx, int argc, char **argv)
{
	struct err e = {0};
	char *path;
	int r = cli_options(&cli_untrust, NULL, 0, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 1)
		return cli_usage(&cli_untrust, "untrust takes one file");
	if (git_libgit2_init() < 0)
		return cli_fail(1, "libgit2 does not start");
	if (which(ctx, argc ? argv[0] : NULL, &path, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	r = tell(ctx, "", path);
	if (r == 0)
		printf("%s only tightens\n", text_safe(ctx, path));
	return r;
}

const struct cli_command cli_trust = {
    .name = "trust",
    .usage = "[--yes] [--dry-run] [FILE]",
    .what = "Lets a repository's .automode loosen what it names",
    .help = "Shows what it would loosen, and asks.  Holds for that very "
	    "content at that place.\nTo be given at a terminal that belongs to "
	    "no session.\n\n"
	    "  --yes      does not ask\n"
	    "  --dry-run  shows only\n",
    .run = trust,
};

const struct cli_command cli_untrust = {
    .name = "untrust",
    .usage = "[FILE]",
    .what = "Takes that back: the file only tightens",
    .run = untrust,
};

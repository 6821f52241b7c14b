/* SPDX-License-Identifier: Apache-2.0 */
/* sort of coreutils 9.1.  It writes with -o only. */
#include "base/path.h"
#include "tools/file_list.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    F('b', "ignore-leading-blanks"),
    O(0, "check"),
    F('c', NULL),
    F('C', NULL),
    A(0, "compress-program"),
    F(0, "debug"),
    F('d', "dictionary-order"),
    F('f', "ignore-case"),
    A(0, "files0-from"),
    F('g', "general-numeric-sort"),
    F('i', "ignore-nonprinting"),
    A('k', "key"),
    F('m', "merge"),
    F('M', "month-sort"),
    F('n', "numeric-sort"),
    F('h', "human-numeric-sort"),
    F('V', "version-sort"),
    F('R', "random-sort"),
    A(0, "random-source"),
    A(0, "sort"),
    A('o', "output"),
    F('r', "reverse"),
    F('s', "stable"),
    A(0, "batch-size"),
    A('S', "buffer-size"),
    A('t', "field-separator"),
    A('T', "temporary-directory"),
    F('u', "unique"),
    F('z', "zero-terminated"),
    A(0, "parallel"),
    A('y', NULL),
    HELP,
    END,
};

static void
read_all(struct file_call *c)
{
	const char *list = file_value(c, "files0-from");
	const char *source = file_value(c, "random-source");

	for (size_t i = 0; i < c->opt.noperands; i++)
		if (strcmp(c->opt.operands[i], "-") != 0)
			file_read_from(c, c->opt.operands[i]);
	if (list && strcmp(list, "-") != 0 && path_descriptor(list) < 0)
		file_read_from(c, list);
	if (source)
		file_read_from(c, source);
}

/* By a name of its own, found on PATH. */
static bool
compresses(const char *program)
{
	static const char *const known[] = {"gzip", "bzip2", "xz",   "lzma",
					    "zstd", "lz4",   "lzop", "lzip",
					    "pigz", "pbzip2"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(program, known[i]))
			return true;
	return false;
}

/* A list from a pipe is read where something is written. */
static int
read_listed(struct file_call *c, struct err *e)
{
	const char *list = file_value(c, "files0-from"), **v;
	struct err why = {0};
	size_t n = 0;

	if (!list)
		return 0;
	v = file_list_names(c, list, '\0', &n, &why);
	if (!v && why.code < 0)
		return err_set(e, ERR_UNKNOWN, "--files0-from: %s", why.msg);
	for (size_t i = 0; v && i < n; i++)
		if (strcmp(v[i], "-") != 0)
			file_read_from(c, v[i]);
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *output = file_value(c, "output");
	const char *program = file_value(c, "compress-program");
	struct operand o;

	if (program && !compresses(program))
		return err_set(e, ERR_UNKNOWN,
			       "--compress-program runs a program of the "
			       "caller's choice; use gzip, xz, zstd or lz4");
	read_all(c);
	if (!output) {
		if (!c->fx->n)
			file_hand_over(c);
		c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
		return 0;
	}
	if (read_listed(c, e) < 0)
		return e->code;
	operand_look(&c->os, output, &o);
	file_see(c, &o);
	if (!o.folder)
		file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	return 0;
}

static const struct file_tool tool = {
    .name = "sort",
    .options = options,
    .mean = mean,
};

/* "+1.2b" or, with "-", what may stand behind it: a key as it was written
 * before POSIX had -k. */
static bool
is_old_key(const char *word, char sign)
{
	if (*word++ != sign || !isdigit((unsigned char)*word))
		return false;
	word += strspn(word, "0123456789");
	if (*word == '.')
		word += 1 + strspn(word + 1, "0123456789");
	return !word[strspn(word, "bdfghiMnRrV")];
}

/* Whether the next word is an operand or an option of its own. */
static bool
stands_alone(const char *word)
{
	size_t n;

	if (*word != '-' || !word[1])
		return true;
	n = 1 + strspn(word + 1, "bcCdfghimMnrRsuVz");
	return !word[n] || (strchr("koStTy", word[n]) && word[n + 1]);
}

/* How many old keys were left out of v; argv[0] stays. */
static size_t
without_old_keys(const char *const *argv, const char **v)
{
	size_t n = 1, left_out = 0;
	bool alone = true;

	v[0] = argv[0];
	for (size_t i = 1; argv[i]; i++) {
		if (!strcmp(argv[i], "--")) {
			while (argv[i])
				v[n++] = argv[i++];
			break;
		}
		if (alone && is_old_key(argv[i], '+')) {
			left_out++;
			i += argv[i + 1] && is_old_key(argv[i + 1], '-');
			continue;
		}
		alone = stands_alone(argv[i]);
		v[n++] = argv[i];
	}
	v[n] = NULL;
	return left_out;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	struct invocation *in = talloc_memdup(ctx, t->in, sizeof(*in));
	struct tool_context *without = talloc_memdup(ctx, t, sizeof(*t));
	const char **v =
	    talloc_array(ctx, const char *, (unsigned)t->in->argc + 1);
	int rc;

	if (!in || !without || !v)
		BUG("out of memory");
	if (!without_old_keys(t->in->argv, v))
		return file_understand(&tool, ctx, t, cmd, fx, e);
	in->argv = v;
	for (in->argc = 0; v[in->argc]; in->argc++)
		;
	without->in = in;
	rc = file_understand(&tool, ctx, without, cmd, fx, e);
	if (rc < 0)
		return rc;
	v = talloc_memdup(ctx, t->in->argv, (t->in->argc + 1) * sizeof(*v));
	if (!v)
		BUG("out of memory");
	v[0] = cmd->argv[0];
	cmd->argv = v;
	return 0;
}

static const char *const names[] = {"sort", NULL};

const struct tool tool_sort = {
    .name = "sort",
    .names = names,
    .understand = understand,
};

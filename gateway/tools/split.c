/* SPDX-License-Identifier: Apache-2.0 */
/* split of coreutils 9.1: pieces of a file under names that count up. */
#include "base/path.h"
#include "tools/file_call.h"
#include <dirent.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    A('b', "bytes"),
    A('l', "lines"),
    A('C', "line-bytes"),
    A('n', "number"),
    F('e', "elide-empty-files"),
    F('u', "unbuffered"),
    A('a', "suffix-length"),
    A(0, "additional-suffix"),
    O(0, "numeric-suffixes"),
    FA('d', NULL),
    O(0, "hex-suffixes"),
    FA('x', NULL),
    A(0, "filter"),
    F(0, "verbose"),
    A('t', "separator"),
    A(0, "-io-blksize"),
    F('0', NULL),
    F('1', NULL),
    F('2', NULL),
    F('3', NULL),
    F('4', NULL),
    F('5', NULL),
    F('6', NULL),
    F('7', NULL),
    F('8', NULL),
    F('9', NULL),
    HELP,
    END,
};

/* Every file that has a name as split might make it. */
static void
in_the_way(struct file_call *c, const struct operand *prefix)
{
	DIR *d = opendir(prefix->parent);
	size_t len = strlen(prefix->last);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		struct operand o;

		if (strncmp(ent->d_name, prefix->last, len) != 0 ||
		    !ent->d_name[len])
			continue;
		operand_at(&c->os,
			   path_join(c->ctx, prefix->parent, ent->d_name), &o);
		if (o.leads && !o.folder)
			file_act(c, ACT_REWRITE, &o, true);
	}
	if (d)
		closedir(d);
}

#define PIECES_MAX 1000

/* The names of the pieces, while they are few: undo removes those that were
 * made beside one that was overwritten. */
static void
pieces(struct file_call *c, const char *prefix)
{
	const char *length = file_value(c, "suffix-length");
	const char *more = file_value(c, "additional-suffix");
	const char *digits = file_on(c, "numeric-suffixes") ? "0123456789"
			     : file_on(c, "hex-suffixes")
				 ? "0123456789abcdef"
				 : "abcdefghijklmnopqrstuvwxyz";
	size_t base = strlen(digits), all = 1, len = 2;

	if (length)
		len = strspn(length, "123") == 1 && !length[1]
			  ? (size_t)(*length - '0')
			  : 0;
	for (size_t i = 0; i < len; i++)
		all *= base;
	for (size_t n = 0; len && all <= PIECES_MAX && n < all; n++) {
		struct file_change made = {.kind = FILE_MADE};
		char suffix[4] = "";
		size_t rest = n;

		for (size_t i = len; i-- > 0; rest /= base)
			suffix[i] = digits[rest % base];
		made.path =
		    file_text(c, "%s%s%s", prefix, suffix, more ? more : "");
		if (!path_exists(made.path))
			losses_add_file(c->ctx, &c->cmd->losses, &made);
	}
}

static bool
names_input(struct file_call *c)
{
	return c->opt.noperands && strcmp(c->opt.operands[0], "-") != 0;
}

/* A shell for each piece writes what is written; the programs that it runs
 * meet their shims, but whose words these are is no longer seen. */
static int
filtered(struct file_call *c, struct err *e)
{
	const char *input = names_input(c) ? c->opt.operands[0] : NULL;

	if (input ? file_origin(c, input)
		  : file_origin_stdin(c, c->in->stdio[0]))
		return err_set(e, ERR_UNKNOWN,
			       "--filter gives a shell what was fetched; write "
			       "the pieces and run it on them");
	if (input)
		file_read_from(c, input);
	file_hand_over(c);
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *filter = file_value(c, "filter");
	const char *const *v = c->opt.operands;
	struct operand prefix, first;

	if (c->opt.noperands > 2)
		return err_set(e, ERR_SYNTAX, "extra operand");
	if (filter)
		return filtered(c, e);
	if (names_input(c)) {
		operand_look(&c->os, v[0], &first);
		file_copied(c, &first, NULL);
	}
	operand_look(&c->os, c->opt.noperands > 1 ? v[1] : "x", &prefix);
	if (prefix.slash) /* names are put behind it as it stands */
		operand_look(&c->os, file_text(c, "%sx", v[1]), &prefix);
	file_see(c, &prefix);
	in_the_way(c, &prefix);
	if (c->cmd->losses.nfiles)
		pieces(c, prefix.path);
	operand_at(&c->os, file_text(c, "%saa", prefix.path), &first);
	file_act(c, ACT_ARRIVE, &first, false);
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	return 0;
}

static const struct file_tool tool = {
    .name = "split",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"split", NULL};

const struct tool tool_split = {
    .name = "split",
    .names = names,
    .understand = understand,
};

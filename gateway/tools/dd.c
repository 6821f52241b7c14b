/* SPDX-License-Identifier: Apache-2.0 */
/* dd of coreutils 9.1: its own key=value words, of which the last counts. */
#include "tools/file_call.h"
#include <string.h>

static const char *const keys[] = {
    "if",    "of",   "bs",    "ibs",  "obs",   "cbs",	"count", "skip",
    "iseek", "seek", "oseek", "conv", "iflag", "oflag", "status"};

static const struct option_spec options[] = {HELP, END};

static int
mean(struct file_call *c, struct err *e)
{
	const char *from = NULL, *to = NULL, *conv = "";
	struct operand o;

	for (size_t i = 0; i < c->opt.noperands; i++) {
		const char *word = c->opt.operands[i], *eq = strchr(word, '=');
		bool known = false;

		if (!eq)
			return err_set(e, ERR_SYNTAX, "an operand without =");
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			known |= strlen(keys[k]) == (size_t)(eq - word) &&
				 !strncmp(keys[k], word, (size_t)(eq - word));
		if (!known)
			return err_set(e, ERR_UNKNOWN,
				       "dd has no operand of that name");
		if (!strncmp(word, "if=", 3))
			from = eq + 1;
		else if (!strncmp(word, "of=", 3))
			to = eq + 1;
		else if (!strncmp(word, "conv=", 5))
			conv = eq + 1;
	}
	if (from) {
		operand_look(&c->os, from, &o);
		if (o.leads && S_ISBLK(o.to.st_mode))
			file_effect(c, EFFECT_SECRET_READ, SCOPE_SYSTEM, o.path,
				    "it reads a whole disk");
		file_copied(c, &o, to);
	}
	if (!to) {
		if (!c->fx->n)
			file_hand_over(c);
		return 0;
	}
	operand_look(&c->os, to, &o);
	file_see(c, &o);
	if (o.folder || (!o.leads && strstr(conv, "nocreat")) ||
	    (o.leads && strstr(conv, "excl")))
		return 0;
	file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
	return 0;
}

static const struct file_tool tool = {
    .name = "dd",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"dd", NULL};

const struct tool tool_dd = {
    .name = "dd",
    .names = names,
    .understand = understand,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* env of coreutils 9.1.  Commands behind it are found on PATH, where the shims
 * are; only where it takes PATH away, or they are named by a path, is the shim
 * put in their place. */
#include "base/path.h"
#include "parse/wrapper.h"
#include "tools/file_list.h"
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    F('i', "ignore-environment"),
    F('0', "null"),
    A('u', "unset"),
    A('C', "chdir"),
    A('S', "split-string"),
    O(0, "block-signal"),
    O(0, "default-signal"),
    O(0, "ignore-signal"),
    F(0, "list-signal-handling"),
    F('v', "debug"),
    HELP,
    END,
};

/* Without these the shim would look for another gateway. */
static const char *const passed[] = {"XDG_RUNTIME_DIR", "AUTOMODE_SESSION",
				     "AUTOMODE_STATE_DIR", "AUTOMODE_SHARE",
				     "HOME"};

static bool
names_variable(const char *word, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(word, name, len) && word[len] == '=';
}

/* The first operand that is no NAME=value. */
static size_t
find_inner(const struct file_call *c, bool *cleared, bool *lost)
{
	size_t i = 0;

	*cleared = file_on(c, "ignore-environment");
	if (c->opt.noperands && !strcmp(c->opt.operands[0], "-")) {
		*cleared = true;
		i++;
	}
	*lost = *cleared;
	for (size_t k = 0; options_nth(&c->opt, "unset", k); k++)
		*lost |= !strcmp(options_nth(&c->opt, "unset", k), "PATH");
	for (; i < c->opt.noperands && strchr(c->opt.operands[i], '='); i++)
		*lost |= names_variable(c->opt.operands[i], "PATH");
	return i;
}

/* Another env, of what is left: ours would be printed as well. */
static bool
only_prints(const char *const *words)
{
	if (strcmp(path_base(words[0]), "env") != 0)
		return false;
	while (*++words && (!strcmp(*words, "-0") || !strcmp(*words, "--null")))
		;
	return !*words;
}

static int
mean(struct file_call *c, struct err *e)
{
	size_t first = 0, last, n = 0, at, have = 0;
	bool cleared, lost;
	const char *inner, **v;

	if (file_on(c, "split-string")) {
		if (file_on(c, "ignore-environment") || file_on(c, "unset"))
			return err_set(e, ERR_UNKNOWN,
				       "-S together with another environment");
		file_hand_over(c);
		c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
		return 0;
	}
	at = find_inner(c, &cleared, &lost);
	file_hand_over(c);
	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	if (at >= c->opt.noperands)
		return 0;
	/* options, variables, ours, wrappers, the command */
	while (c->in->argv[first] != c->opt.operands[at])
		first++;
	last = first + wrapper_inner(c->in->argv + first);
	inner = c->in->argv[last] ? file_inner_word(c, c->in->argv[last], lost)
				  : NULL;
	if (!inner)
		return 0;
	if (only_prints(c->in->argv + last)) {
		inner = c->cmd->program;
		cleared = false;
	}
	while (c->in->argv[n])
		n++;
	v = talloc_zero_array(
	    c->ctx, const char *,
	    (unsigned)(n + 1 + sizeof(passed) / sizeof(*passed)));
	if (!v)
		BUG("out of memory");
	memcpy(v, c->in->argv, first * sizeof(*v));
	have = first;
	for (size_t i = 0; cleared && i < sizeof(passed) / sizeof(*passed);
	     i++) {
		const char *value = invocation_env(c->in, passed[i]);

		if (value)
			v[have++] = file_text(c, "%s=%s", passed[i], value);
	}
	for (size_t i = first; i < n; i++)
		v[have++] = i == last ? inner : c->in->argv[i];
	c->cmd->argv = v;
	return 0;
}

static const struct file_tool tool = {
    .name = "env",
    .options = options,
    .grammar = GETOPT_STOP,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"env", NULL};

const struct tool tool_env = {
    .name = "env",
    .names = names,
    .understand = understand,
};

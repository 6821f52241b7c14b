/* SPDX-License-Identifier: Apache-2.0 */
/* unzip 6.0.  Its archive tells what would be overwritten: only with -o;
 * without an answer it leaves alone what is there. */
#include "base/path.h"
#include "tools/file_list.h"
#include "tools/file_target.h"
#include <string.h>
#include <talloc.h>

/* unzip's own letters; -d, -P and -x take words, -I and -O (Debian) too. */
static const char letters[] = "abcefjlnopqtuvzCDKLMTUVWXZ:^B";

struct unzipping {
	struct file_call *c;
	bool over, reads, never, flat, above, info;
	const char *archive, *dir;
	bool saves;
	const char **members;
	size_t nmembers;
};

static int
read_letters(struct unzipping *u, const char *word, const char *const *args,
	     size_t *i, struct err *e)
{
	/* behind -Z they are zipinfo's, which only shows */
	u->reads |= word[1] == 'Z';
	if (u->reads && (word[1] == 'Z' || u->info)) {
		u->info = true;
		return 0;
	}
	for (const char *p = word + 1; *p; p++) {
		if (strchr("dPIO", *p)) {
			const char *value = p[1] ? p + 1 : args[++*i];

			if (!value)
				return err_set(e, ERR_SYNTAX, "-%c", *p);
			if (*p == 'd')
				u->dir = value;
			return 0;
		}
		if (!strchr(letters, *p))
			return err_set(e, ERR_UNKNOWN,
				       "-%c is in no table of unzip", *p);
		u->over |= *p == 'o';
		u->saves |= *p == 'B';
		u->never |= *p == 'n';
		u->flat |= *p == 'j';
		u->above |= *p == ':';
		u->reads |= strchr("cplvtzZ", *p) != NULL;
	}
	return 0;
}

static int
read_line(struct unzipping *u, struct err *e)
{
	const char *const *args = u->c->in->argv + 1;
	bool leaving_out = false;

	for (size_t i = 0; args[i]; i++) {
		if (!strcmp(args[i], "-x")) {
			leaving_out = true;
		} else if (args[i][0] == '-' && args[i][1] &&
			   (!u->archive || args[i][1] == 'd')) {
			if (read_letters(u, args[i], args, &i, e) < 0)
				return e->code;
		} else if (!u->archive) {
			u->archive = args[i];
		} else if (!leaving_out) {
			u->members[u->nmembers++] = args[i];
		}
	}
	return 0;
}

static void
member(struct unzipping *u, char *name)
{
	struct file_call *c = u->c;
	size_t len = strlen(name);
	struct operand o;
	char *slash;

	if (u->flat && (slash = strrchr(name, '/')))
		name = slash + 1;
	while (!u->above && (*name == '/' || !strncmp(name, "../", 3)))
		name += *name == '/' ? 1 : 3;
	if (!*name || (len && name[strlen(name) - 1] == '/'))
		return;
	operand_look(&c->os, name, &o);
	if (!o.there) {
		while (strcmp(o.parent, "/") && !path_exists(o.parent))
			operand_at(&c->os, o.parent, &o);
		file_act(c, ACT_MAKE, &o, false);
	} else if (!o.folder && !u->never) {
		/* without -o it asks; a terminal may say yes */
		file_act(c, ACT_REPLACE, &o, false);
		if (u->saves)
			file_target_saved(c, file_text(c, "%s~", o.path));
	}
}

static int
mean(struct file_call *c, struct err *e)
{
	struct unzipping u = {.c = c};
	const char **v;
	char *output = NULL, *next;
	struct operand dir;
	size_t len, n = 0;
	int status;
	const char *host;

	u.members = talloc_array(c->ctx, const char *, (unsigned)c->in->argc);
	v = talloc_zero_array(c->ctx, const char *, (unsigned)c->in->argc + 8);
	if (!u.members || !v)
		BUG("out of memory");
	if ((invocation_env(c->in, "UNZIP") &&
	     *invocation_env(c->in, "UNZIP")) ||
	    (invocation_env(c->in, "UNZIPOPT") &&
	     *invocation_env(c->in, "UNZIPOPT")))
		return err_set(e, ERR_UNKNOWN,
			       "UNZIP is set; give its options with the "
			       "command");
	if (read_line(&u, e) < 0)
		return e->code;
	if (!u.archive || u.reads) {
		if (u.archive) {
			file_read_from(c, u.archive);
			c->cmd->origin = file_origin(c, u.archive);
		}
		file_hand_over(c);
		return 0;
	}
	file_read_from(c, u.archive);
	host = file_origin(c, u.archive);
	v[n++] = "unzip";
	v[n++] = "-Z1";
	v[n++] = u.archive;
	for (size_t i = 0; i < u.nmembers; i++)
		v[n++] = u.members[i];
	if (file_listing(c, c->cmd->program, v, -1, &output, &len, &status, e) <
	    0)
		return e->code;
	c->cmd->origin = host;
	file_arrives_in(c, u.dir ? u.dir : ".");
	if (u.dir) {
		operand_look(&c->os, u.dir, &dir);
		file_see(c, &dir);
		if (!dir.there)
			file_act(c, ACT_MAKE, &dir, false);
		else if (operands_change(&c->os, u.dir, e) < 0)
			return err_set(e, ERR_SYNTAX, "-d: no folder");
		if (!dir.there)
			return 0;
	}
	file_here(c);
	for (char *line = output; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		member(&u, line);
	}
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("unzip", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"unzip", NULL};

const struct tool tool_unzip = {
    .name = "unzip",
    .names = names,
    .understand = understand,
};

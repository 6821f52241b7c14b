/* SPDX-License-Identifier: Apache-2.0 */
/* zip 3.0.  It replaces its archive, and with -m takes its inputs away. */
#include "base/path.h"
#include "base/text.h"
#include "tools/file_list.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define DEPTH_MAX 200 /* of folders below an operand */

/* By length: a letter of a cluster, or a whole word of two letters.  Those
 * with a value end in "=". */
static const char *const options[] = {
    "0",   "1",	 "2",  "3",  "4",  "5",	 "6",	"7",   "8",  "9",  "?",
    "@",   "A",	 "b=", "c",  "D",  "d",	 "db",	"dc",  "dd", "DF", "dg",
    "ds=", "du", "dv", "e",  "F",  "f",	 "fd",	"FF",  "FI", "FS", "fz",
    "g",   "H",	 "h",  "h2", "i=", "J",	 "j",	"k",   "L",  "l",  "la",
    "lf=", "li", "ll", "m",  "MM", "mm", "n=",	"nw",  "o",  "O=", "p",
    "P=",  "q",	 "R",  "r",  "RE", "s=", "sb",	"sc",  "sd", "sf", "so",
    "sp",  "sU", "su", "sv", "T",  "t=", "TT=", "tt=", "U",  "u",  "UN=",
    "v",   "ws", "X",  "x=", "y",  "z",	 "Z="};

struct zipping {
	struct file_call *c;
	const char *archive, *out;
	const char **inputs;
	size_t ninputs;
	bool moves, recursive, list, shows, links, logs;
};

static const char *
option(const char *p, size_t len)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		size_t own = strcspn(options[i], "=");

		if (own == len && !strncmp(options[i], p, len))
			return options[i];
	}
	return NULL;
}

static int
read_letters(struct zipping *z, const char *const *args, size_t *i,
	     struct err *e)
{
	for (const char *p = args[*i] + 1; *p;) {
		size_t len = p[1] && option(p, 2) ? 2 : 1;
		const char *o = option(p, len), *value = NULL;

		if (!o)
			return err_set(e, ERR_UNKNOWN,
				       "-%c is in no table of zip", *p);
		p += len;
		if (strchr(o, '=')) {
			value = *p ? p : args[++*i];
			p = "";
		}
		if (!strcmp(o, "TT="))
			return err_set(e, ERR_UNKNOWN,
				       "zip -TT runs a command of the caller's "
				       "choice");
		z->moves |= *o == 'm' && !o[1];
		z->links |= *o == 'y' && !o[1];
		z->recursive |= *o == 'r' || *o == 'R';
		z->list |= *o == '@';
		z->shows |= !strcmp(o, "sf") || !strcmp(o, "su") ||
			    !strcmp(o, "h") || !strcmp(o, "h2") ||
			    !strcmp(o, "H") || !strcmp(o, "?") ||
			    !strcmp(o, "L");
		if (!strcmp(o, "O="))
			z->out = value;
		/* a log, a folder for what is not done yet */
		z->logs |= !strcmp(o, "lf=") || !strcmp(o, "b=");
		if (!strcmp(o, "lf=") && value)
			file_write_to(z->c, value);
		/* -i and -x take a list, up to the next option or @ */
		if (!strcmp(o, "x=") || !strcmp(o, "i="))
			while (args[*i + 1] && args[*i + 1][0] != '-' &&
			       strcmp(args[*i], "@") != 0)
				++*i;
	}
	return 0;
}

/* A link below it to a directory, or something that cannot be seen. */
static bool
leads_on(struct file_call *c, const char *dir, unsigned depth)
{
	DIR *d = depth ? opendir(dir) : NULL;
	struct dirent *ent;
	bool found = !d;

	while (!found && (ent = readdir(d))) {
		const char *path = path_join(c->ctx, dir, ent->d_name);
		struct stat st, to;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    lstat(path, &st) < 0)
			continue;
		if (S_ISLNK(st.st_mode))
			found = stat(path, &to) == 0 && S_ISDIR(to.st_mode);
		else if (S_ISDIR(st.st_mode))
			found = leads_on(c, path, depth - 1);
	}
	if (d)
		closedir(d);
	return found;
}

/* Options there would come before those of the line. */
static int
no_variables(const struct file_call *c, struct err *e)
{
	static const char *const variables[] = {"ZIPOPT", "ZIP"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *value = invocation_env(c->in, variables[i]);

		if (value && value[strspn(value, " \t")])
			return err_set(e, ERR_UNKNOWN,
				       "%s is set; give its options with the "
				       "command",
				       variables[i]);
	}
	return 0;
}

/* -@: names from stdin, one a line, beside those of the line. */
static int
listed(struct zipping *z, struct err *e)
{
	struct err why = {0};
	size_t n = 0;
	const char **v = file_list_names(z->c, "-", '\n', &n, &why);

	if (!v)
		return err_set(e, ERR_UNKNOWN,
			       "zip -m with names from stdin%s%s",
			       why.code < 0 ? ": " : "; zip, then rm",
			       why.code < 0 ? why.msg : "");
	z->inputs = talloc_realloc(z->c->ctx, z->inputs, const char *,
				   (unsigned)(z->ninputs + n) + 1);
	if (!z->inputs)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++)
		z->inputs[z->ninputs++] = v[i];
	return 0;
}

/* There is nothing to lose. */
static void
outside(const struct zipping *z, const struct operand *archive)
{
	file_confine(z->c, archive);
	z->c->cmd->confined_now = true;
	z->c->cmd->loose |= z->logs;
	file_hand_over(z->c);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct zipping z = {.c = c};
	const char *const *args = c->in->argv + 1;
	struct operand o;

	z.inputs = talloc_array(c->ctx, const char *, (unsigned)c->in->argc);
	if (!z.inputs)
		BUG("out of memory");
	if (no_variables(c, e) < 0)
		return e->code;
	for (size_t i = 0; args[i]; i++) {
		if (!strcmp(args[i], "--help") || !strcmp(args[i], "--version"))
			z.shows = true;
		else if (!strncmp(args[i], "--", 2) && args[i][2])
			return err_set(
			    e, ERR_UNKNOWN,
			    "a long option of zip; write the letter");
		else if (args[i][0] == '-' && args[i][1]) {
			if (read_letters(&z, args, &i, e) < 0)
				return e->code;
		} else if (!z.archive)
			z.archive = args[i];
		else
			z.inputs[z.ninputs++] = args[i];
	}
	if (!z.archive || z.shows) {
		file_hand_over(c);
		return 0;
	}
	if (z.moves && z.list && listed(&z, e) < 0)
		return e->code;
	for (size_t i = 0; i < z.ninputs; i++) {
		if (!strcmp(z.inputs[i], "-"))
			continue;
		operand_look(&c->os, z.inputs[i], &o);
		/* within the project, as far as is known here */
		file_copied(c, &o, strcmp(z.archive, "-") ? o.path : NULL);
		if (o.folder)
			file_needs_real(c, o.target);
		if (z.moves && !z.links && o.folder &&
		    (o.link || leads_on(c, o.path, DEPTH_MAX)))
			return err_set(e, ERR_UNKNOWN,
				       "zip -m empties the folders that links "
				       "in %s lead to; -y stores the links",
				       text_safe(c->ctx, z.inputs[i]));
		if (z.moves && o.there)
			file_act(c,
				 o.folder && z.recursive ? ACT_REMOVE_ALL
							 : ACT_REMOVE,
				 &o, false);
	}
	if (z.out)
		z.archive = z.out;
	if (!strcmp(z.archive, "-")) {
		if (!c->fx->n)
			file_hand_over(c);
		return 0;
	}
	operand_look(&c->os, z.archive, &o);
	/* ".zip" is put behind a name without a dot */
	if (!strchr(path_base(z.archive), '.'))
		operand_look(&c->os, file_text(c, "%s.zip", z.archive), &o);
	file_see(c, &o);
	/* zip 3.0 writes in place what has a second name, as in the vault */
	file_act(c, o.there ? ACT_REWRITE : ACT_MAKE, &o, true);
	if (!o.there && !z.moves)
		outside(&z, &o);
	for (size_t i = 0; i < z.ninputs && !c->cmd->hand_over; i++) {
		operand_look(&c->os, z.inputs[i], &o);
		file_ids_told(c, &o, z.recursive);
	}
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("zip", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"zip", NULL};

const struct tool tool_zip = {
    .name = "zip",
    .names = names,
    .understand = understand,
};

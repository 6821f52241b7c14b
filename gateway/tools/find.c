/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find of findutils 4.9.  Without actions it only looks.  -delete, and -exec
 * with a tool that removes, are understood by find's own selection; any other
 * command that it runs is found by its name and meets its shim.
 */
#include "base/own.h"
#include "base/path.h"
#include "parse/wrapper.h"
#include "tools/file_list.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

enum arity {
	NONE = 0,
	ONE = 1,
	TWO = 2,
	COMMAND,
	DELETE,
	PRINT,	 /* says something, no operand */
	PRINTF,	 /* one */
	TO_FILE, /* the operand is written */
	TO_FILE_FORMAT,
};

static const struct predicate {
	const char *name;
	enum arity arity;
} predicates[] = {
    {"(", NONE},	   {")", NONE},
    {"!", NONE},	   {",", NONE},
    {"-a", NONE},	   {"-amin", ONE},
    {"-and", NONE},	   {"-anewer", ONE},
    {"-atime", ONE},	   {"-cmin", ONE},
    {"-cnewer", ONE},	   {"-context", ONE},
    {"-ctime", ONE},	   {"-d", NONE},
    {"-daystart", NONE},   {"-delete", DELETE},
    {"-depth", NONE},	   {"-empty", NONE},
    {"-exec", COMMAND},	   {"-execdir", COMMAND},
    {"-executable", NONE}, {"-false", NONE},
    {"-files0-from", ONE}, {"-fls", TO_FILE},
    {"-follow", NONE},	   {"-fprint", TO_FILE},
    {"-fprint0", TO_FILE}, {"-fprintf", TO_FILE_FORMAT},
    {"-fstype", ONE},	   {"-gid", ONE},
    {"-group", ONE},	   {"-ignore_readdir_race", NONE},
    {"-ilname", ONE},	   {"-iname", ONE},
    {"-inum", ONE},	   {"-ipath", ONE},
    {"-iregex", ONE},	   {"-iwholename", ONE},
    {"-links", ONE},	   {"-lname", ONE},
    {"-ls", PRINT},	   {"-maxdepth", ONE},
    {"-mindepth", ONE},	   {"-mmin", ONE},
    {"-mount", NONE},	   {"-mtime", ONE},
    {"-name", ONE},	   {"-newer", ONE},
    {"-nogroup", NONE},	   {"-noignore_readdir_race", NONE},
    {"-noleaf", NONE},	   {"-not", NONE},
    {"-nouser", NONE},	   {"-nowarn", NONE},
    {"-o", NONE},	   {"-ok", COMMAND},
    {"-okdir", COMMAND},   {"-or", NONE},
    {"-path", ONE},	   {"-perm", ONE},
    {"-print", PRINT},	   {"-print0", PRINT},
    {"-printf", PRINTF},   {"-prune", NONE},
    {"-quit", NONE},	   {"-readable", NONE},
    {"-regex", ONE},	   {"-regextype", ONE},
    {"-samefile", ONE},	   {"-size", ONE},
    {"-true", NONE},	   {"-type", ONE},
    {"-uid", ONE},	   {"-used", ONE},
    {"-user", ONE},	   {"-warn", NONE},
    {"-wholename", ONE},   {"-writable", NONE},
    {"-xdev", NONE},	   {"-xtype", ONE},
};

struct finding {
	bool from_root; /* a start is / */
	struct file_call *c;
	const char **v;	   /* the line that will run */
	const char **list; /* the one that lists what would go */
	size_t n, nlist;
	size_t nstarts;
	bool deletes, removes, runs, writes, stops;
	bool deleting; /* there is a -delete in it */
	bool depth, empty;
	const char *from_list; /* of NUL-terminated starts */
	bool trees;	       /* the removal is recursive */
	const char *to[16];
	size_t nto;
	/* words that lead to a shim, and what was written: in the box there
	 * are no shims */
	size_t shim_at[16], nshims;
	const char *shim_word[16];
};

static void
both(struct finding *f, const char *word)
{
	f->v[f->n++] = word;
	f->list[f->nlist++] = word;
}

static const struct predicate *
predicate(const char *word)
{
	for (size_t i = 0; i < sizeof(predicates) / sizeof(*predicates); i++)
		if (!strcmp(predicates[i].name, word))
			return &predicates[i];
	return NULL;
}

/* -newerXY */
static bool
is_newer(const char *word)
{
	return !strncmp(word, "-newer", 6) && strlen(word) == 8 &&
	       strchr("aBcm", word[6]) && strchr("aBcmt", word[7]);
}

static bool
begins_expression(const char *word)
{
	return (*word == '-' && word[1]) || !strcmp(word, "(") ||
	       !strcmp(word, "!") || !strcmp(word, ")") || !strcmp(word, ",");
}

/* rm, with nothing but the found file behind its options: what is found
 * goes. */
static bool
is_removal(const char *const *w, size_t n, bool *trees)
{
	const char *name = path_base(w[0]);

	if (n < 2 || strcmp(w[n - 1], "{}") != 0)
		return false;
	if (strcmp(name, "rm") != 0 && strcmp(name, "unlink") != 0)
		return false;
	for (size_t i = 1; i + 1 < n; i++) {
		if (!strcmp(w[i], "--") || !strcmp(w[i], "--force"))
			continue;
		if (w[i][0] != '-' || !w[i][1] ||
		    w[i][1 + strspn(w[i] + 1, "frRv")])
			return false;
		*trees |= strpbrk(w[i], "rR") != NULL;
	}
	return true;
}

/* -exec ... ; or {} +; returns the number of words up to its end. */
static int
read_command(struct finding *f, const char *const *args, size_t *words,
	     struct err *e)
{
	const char *inner;
	size_t n = 1, at;

	for (; args[n]; n++) {
		if (!strcmp(args[n], ";"))
			break;
		if (!strcmp(args[n], "+") && !strcmp(args[n - 1], "{}"))
			break;
	}
	if (!args[n] || n == 1)
		return err_set(e, ERR_SYNTAX, "%s without its end", args[0]);
	/* {} + is the last word before its end */
	if (!strcmp(args[0], "-exec") && is_removal(args + 1, n - 1, &f->trees))
		f->removes = true;
	else
		f->runs = true;
	at = 1 + wrapper_inner(args + 1);
	inner = at < n ? file_inner_word(f->c, args[at], false) : NULL;
	if (inner && f->nshims == sizeof(f->shim_at) / sizeof(*f->shim_at))
		return err_set(e, ERR_LIMIT, "too many commands");
	if (inner) {
		f->shim_at[f->nshims] = f->n + at;
		f->shim_word[f->nshims++] = args[at];
	}
	for (size_t i = 0; i <= n; i++)
		f->v[f->n++] = i == at && inner ? inner : args[i];
	f->list[f->nlist++] = "-print0";
	*words = n + 1;
	return 0;
}

static int
read_predicate(struct finding *f, const char *const *args, size_t *words,
	       struct err *e)
{
	const struct predicate *p = predicate(args[0]);
	enum arity a = p ? p->arity : ONE;
	static const char *const emptied[] = {"(",     "-empty", "-o",
					      "-type", "d",	 ")"};

	*words = 1;
	if (!p && !is_newer(args[0]))
		return err_set(e, ERR_UNKNOWN, "%s is in no table of find",
			       args[0]);
	if (a == COMMAND)
		return read_command(f, args, words, e);
	*words += a == ONE || a == PRINTF || a == TO_FILE ? 1
		  : a == TWO || a == TO_FILE_FORMAT	  ? 2
							  : 0;
	for (size_t i = 1; i < *words; i++)
		if (!args[i])
			return err_set(e, ERR_SYNTAX, "%s needs more words",
				       args[0]);
	if (a == TO_FILE || a == TO_FILE_FORMAT) {
		if (f->nto == sizeof(f->to) / sizeof(*f->to))
			return err_set(e, ERR_LIMIT, "too many files");
		f->to[f->nto++] = args[1];
	}
	if (!strcmp(args[0], "-files0-from"))
		f->from_list = args[1];
	if (!strcmp(args[0], "-quit"))
		f->stops = true;
	f->depth |= !strcmp(args[0], "-depth") || !strcmp(args[0], "-d");
	f->empty |= !strcmp(args[0], "-empty");
	f->deletes |= a == DELETE;
	for (size_t i = 0; i < *words; i++)
		f->v[f->n++] = args[i];
	/* what is in it goes first: nothing may be left of it by then */
	if (f->deleting && !strcmp(args[0], "-empty"))
		for (size_t i = 0; i < sizeof(emptied) / sizeof(*emptied); i++)
			f->list[f->nlist++] = emptied[i];
	else if (a == NONE || a == ONE)
		for (size_t i = 0; i < *words; i++)
			f->list[f->nlist++] = args[i];
	else
		f->list[f->nlist++] = a == DELETE ? "-print0" : "-true";
	return 0;
}

static size_t
leading(struct finding *f, const char *const *args)
{
	size_t i = 0;

	for (; args[i]; i++) {
		const char *w = args[i];

		if (!strcmp(w, "--")) {
			both(f, w);
			return i + 1;
		}
		if (!strcmp(w, "-D") && args[i + 1]) {
			both(f, w);
			both(f, args[++i]);
			continue;
		}
		if (strcmp(w, "-H") != 0 && strcmp(w, "-L") != 0 &&
		    strcmp(w, "-P") != 0 &&
		    !(!strncmp(w, "-O", 2) && isdigit((unsigned char)w[2])))
			return i;
		both(f, w);
	}
	return i;
}

static int
read_line(struct finding *f, struct err *e)
{
	const char *const *args = f->c->in->argv + 1;
	size_t i = leading(f, args), words;

	for (; args[i] && !begins_expression(args[i]); i++) {
		both(f, args[i]);
		f->nstarts++;
	}
	/* -delete implies it, and then holds for all of the expression */
	for (size_t k = i; args[k]; k++)
		if (!strcmp(args[k], "-delete")) {
			f->list[f->nlist++] = "-depth";
			f->deleting = true;
			break;
		}
	for (; args[i]; i += words) {
		if (!strcmp(args[i], "-help") || !strcmp(args[i], "--help") ||
		    !strcmp(args[i], "-version") ||
		    !strcmp(args[i], "--version"))
			return 1;
		if (read_predicate(f, args + i, &words, e) < 0)
			return e->code;
	}
	return 0;
}

static void
start(struct finding *f, const char *name)
{
	struct operand o;

	operand_look(&f->c->os, name, &o);
	file_see(f->c, &o);
	f->from_root |= strcmp(o.target, "/") == 0;
	if (strcmp(o.target, "/") != 0)
		file_needs_real(f->c, o.target);
}

/* Where it begins, for the box. */
static void
starts(struct finding *f)
{
	const char *const *args = f->c->in->argv + 1;
	size_t found = 0;

	for (size_t i = 0; args[i] && found < f->nstarts; i++) {
		if (begins_expression(args[i]))
			continue;
		found++;
		start(f, args[i]);
	}
	if (!f->nstarts)
		need_read(f->c->ctx, &f->c->cmd->need, f->c->in->cwd);
}

/* ... when the line names none.  What comes from stdin is there for the listing
 * as well as for the command. */
static int
starts_listed(struct finding *f, struct err *e)
{
	struct err why = {0};
	const char **v = NULL;
	size_t n = 0;

	if (f->nstarts)
		return err_set(e, ERR_SYNTAX, "two lists of starts");
	if (path_descriptor(f->from_list) < 0)
		v = file_list_names(f->c, f->from_list, '\0', &n, &why);
	if (!v)
		return err_set(
		    e, ERR_UNKNOWN, "-files0-from %s: %s", f->from_list,
		    why.code < 0 ? why.msg : "cannot be read beforehand");
	for (size_t i = 0; i < n; i++)
		start(f, v[i]);
	return 0;
}

static int
remove_found(struct finding *f, struct err *e)
{
	struct file_call *c = f->c;
	const char **found = NULL;
	char *output = NULL, *at;
	size_t len = 0, n = 0;
	int status, input = -1;

	if (f->from_root)
		return err_set(e, ERR_UNKNOWN,
			       "deletes what it finds from / on; instead: "
			       "name the folder in which it should begin");
	f->list[f->nlist] = NULL;
	if (f->from_list && !strcmp(f->from_list, "-"))
		input = own_fd(c->ctx, open(file_text(c, "/proc/self/fd/%d",
						      c->in->stdio[0]),
					    O_RDONLY | O_CLOEXEC));
	if (file_listing(c, c->cmd->program, f->list, input, &output, &len,
			 &status, e) < 0)
		return e->code;
	for (size_t i = 0; i < len; i++)
		n += !output[i];
	found = talloc_array(c->ctx, const char *, (unsigned)n + 1);
	if (!found)
		BUG("out of memory");
	n = 0;
	for (at = output; at < output + len; at += strlen(at) + 1)
		found[n++] = at;
	file_remove_listed(c, found, n,
			   f->deletes ? REMOVE_EMPTIED
			   : f->trees ? REMOVE_TREES
				      : REMOVE_FILES);
	return 0;
}

/* Is it told whose a file is? */
static bool
about_owners(const struct finding *f)
{
	static const char *const words[] = {
	    "-group",  "-gid", "-nogroup", "-user",   "-uid",
	    "-nouser", "-ls",  "-fls",	   "-printf", "-fprintf"};

	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (!strcmp(f->v[i], words[k]))
				return true;
	return false;
}

static int
mean(struct file_call *c, struct err *e)
{
	size_t argc = c->in->argc;
	struct finding f = {.c = c};
	int rc;

	f.v = talloc_array(c->ctx, const char *, (unsigned)argc + 4);
	f.list = talloc_array(c->ctx, const char *, (unsigned)argc * 6 + 4);
	if (!f.v || !f.list)
		BUG("out of memory");
	f.list[f.nlist++] = "find";
	rc = read_line(&f, e);
	if (rc < 0)
		return rc;
	if (rc > 0) {
		file_hand_over(c);
		return 0;
	}
	file_argv(c, f.v, f.n);
	/* what becomes empty by the commands before is not known now */
	f.runs |= f.trees && f.depth && f.empty;
	if (!f.deletes && (!f.removes || f.runs) && !f.nto) {
		/* what it runs by name meets the shims */
		file_hand_over(c);
		return 0;
	}
	if (f.runs || (f.removes && f.deletes))
		return err_set(
		    e, ERR_UNKNOWN,
		    "-delete, or writing to a file, beside a "
		    "command that find runs: do one after the other");
	for (size_t i = 0; i < f.nshims; i++)
		c->cmd->argv[1 + f.shim_at[i]] = f.shim_word[i];
	if (f.from_list && starts_listed(&f, e) < 0)
		return e->code;
	if (!f.from_list)
		starts(&f);
	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	need_read(c->ctx, &c->cmd->need, "/etc/group");
	if (about_owners(&f))
		file_ids(c);
	for (size_t i = 0; i < f.nto; i++)
		file_write_to(c, f.to[i]);
	if (!f.deletes && !f.removes)
		return 0;
	return remove_found(&f, e);
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("find", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"find", NULL};

const struct tool tool_find = {
    .name = "find",
    .names = names,
    .understand = understand,
};

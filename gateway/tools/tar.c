/* SPDX-License-Identifier: Apache-2.0 */
/* tar of GNU 1.34.  What an extraction would replace is told by the archive
 * itself: tar lists it under the names that it would write. */
#include "tools/tar.h"
#include "base/own.h"
#include "base/path.h"
#include "tools/file_list.h"
#include "tools/file_target.h"
#include "tools/tar_options.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* tar xvf a.tar: letters first, their values in the same order behind. */
static const char **
modern(struct file_call *c)
{
	const char *const *argv = c->in->argv;
	const char **v =
	    talloc_zero_array(c->ctx, const char *, (unsigned)c->in->argc + 64);
	size_t n = 0, i = 1;

	if (!v)
		BUG("out of memory");
	if (argv[1] && argv[1][0] != '-' && strlen(argv[1]) < 32) {
		i = 2;
		for (const char *p = argv[1]; *p; p++) {
			const struct option_spec *s = tar_options;

			while ((s->name || s->letter) && s->letter != *p)
				s++;
			v[n++] = file_text(c, "-%c", *p);
			if (s->letter == *p && s->kind == OPTION_ARG && argv[i])
				v[n++] = argv[i++];
		}
	}
	while (argv[i])
		v[n++] = argv[i++];
	return v;
}

static char
operation(const struct file_call *c)
{
	static const struct {
		const char *name;
		char op;
	} ops[] = {{"list", 't'},     {"extract", 'x'}, {"create", 'c'},
		   {"diff", 'd'},     {"append", 'r'},	{"update", 'u'},
		   {"catenate", 'A'}, {"delete", 'D'},	{"test-label", 't'}};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (file_on(c, ops[i].name))
			return ops[i].op;
	return 0;
}

/* Options by which tar starts programs, or speaks to another machine. */
static int
check_programs(struct taring *t, struct err *e)
{
	static const char *const runs[] = {"to-command", "info-script",
					   "rsh-command", "rmt-command"};
	static const char *const packers[] = {
	    "gzip", "pigz", "bzip2", "lbzip2", "pbzip2",
	    "xz",   "pxz",  "zstd",  "zstdmt", "lz4",
	    "lzop", "lzip", "plzip", "brotli", "compress"};
	struct file_call *c = t->c;
	const char *with = file_value(c, "use-compress-program"), *action;
	bool known = !with;

	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++)
		if (file_on(c, runs[i]))
			return err_set(e, ERR_UNKNOWN,
				       "tar --%s runs a command of the "
				       "caller's choice; extract to a folder "
				       "and run it there",
				       runs[i]);
	for (size_t i = 0;
	     (action = options_nth(&c->opt, "checkpoint-action", i)); i++)
		if (!strncmp(action, "exec", 4))
			return err_set(e, ERR_UNKNOWN,
				       "tar --checkpoint-action=exec runs a "
				       "command of the caller's choice");
	for (size_t i = 0; with && i < sizeof(packers) / sizeof(*packers); i++)
		known |= !strncmp(with, packers[i], strlen(packers[i])) &&
			 (with[strlen(packers[i])] == ' ' ||
			  !with[strlen(packers[i])]);
	if (!known)
		return err_set(e, ERR_UNKNOWN,
			       "tar -I with a program that is no known "
			       "compressor");
	if (t->archive && strchr(t->archive, ':') &&
	    !file_on(c, "force-local") &&
	    !memchr(t->archive, '/', strcspn(t->archive, ":")))
		return err_set(e, ERR_UNKNOWN,
			       "an archive on another machine; copy it here "
			       "first (or say --force-local)");
	if (!tar_harmless_default(c->ctx, invocation_env(c->in, "TAR_OPTIONS")))
		return err_set(e, ERR_UNKNOWN,
			       "TAR_OPTIONS is set; give its options with the "
			       "command");
	return 0;
}

/* The line that lists under the final names.  Selection and archive options
 * stay; what only steers the extraction goes. */
static const char **
listing_line(struct taring *t)
{
	static const char *const keep[] = {"file",
					   "gzip",
					   "bzip2",
					   "xz",
					   "zstd",
					   "lzip",
					   "lzma",
					   "lzop",
					   "compress",
					   "auto-compress",
					   "use-compress-program",
					   "strip-components",
					   "transform",
					   "one-top-level",
					   "exclude",
					   "exclude-from",
					   "wildcards",
					   "no-wildcards",
					   "anchored",
					   "no-anchored",
					   "wildcards-match-slash",
					   "ignore-case",
					   "files-from",
					   "null",
					   "force-local",
					   "ignore-zeros",
					   "absolute-names",
					   "occurrence",
					   "exclude-vcs",
					   "exclude-backups",
					   "no-recursion",
					   "no-wildcards-match-slash",
					   "starting-file",
					   "newer",
					   "newer-mtime",
					   "blocking-factor",
					   "read-full-records"};
	struct file_call *c = t->c;
	const char **v = talloc_zero_array(
	    c->ctx, const char *, (unsigned)(c->opt.n + c->opt.noperands + 8));
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = "tar";
	v[n++] = "--list";
	v[n++] = "--show-transformed-names";
	v[n++] = "--quoting-style=escape";
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];
		bool kept = false;

		for (size_t k = 0; k < sizeof(keep) / sizeof(*keep); k++)
			kept |= !strcmp(keep[k], o->name);
		if (kept)
			v[n++] = o->value ? file_text(c, "--%s=%s", o->name,
						      o->value)
					  : file_text(c, "--%s", o->name);
	}
	v[n++] = "--";
	for (size_t i = 0; i < c->opt.noperands; i++)
		v[n++] = c->opt.operands[i];
	return v;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Is it a member, or does one go below it? */
static bool
is_filled(const struct taring *t, const char *path, bool *below)
{
	size_t from = 0, to = t->nmembers;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(t->members[mid], path) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	*below = false;
	if (from < t->nmembers && !strcmp(t->members[from], path))
		return true;
	path = path_join(t->c->ctx, path, "");
	for (; from < t->nmembers && !*below; from++) {
		int order = strncmp(t->members[from], path, strlen(path));

		if (order > 0)
			break;
		*below = order == 0;
	}
	return *below;
}

/* A folder that is a member loses what no member takes the place of. */
static void
empty(struct taring *t, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	struct operand o;
	bool below;

	while (d && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		operand_at(&t->c->os, path_join(t->c->ctx, dir, ent->d_name),
			   &o);
		if (!is_filled(t, o.path, &below))
			file_act(t->c,
				 S_ISDIR(o.st.st_mode) ? ACT_REMOVE_ALL
						       : ACT_REMOVE,
				 &o, false);
		else if (below && S_ISDIR(o.st.st_mode))
			empty(t, o.path);
	}
	if (d)
		closedir(d);
}

static void
empty_folders(struct taring *t)
{
	struct operand o;

	if (t->nmembers)
		qsort(t->members, t->nmembers, sizeof(*t->members), by_name);
	for (size_t i = 0; i < t->nmembers; i++) {
		operand_at(&t->c->os, t->members[i], &o);
		if (o.there && S_ISDIR(o.st.st_mode))
			empty(t, o.path);
	}
}

static void
remember(struct taring *t, const char *path)
{
	t->members = talloc_realloc(t->c->ctx, t->members, const char *,
				    (unsigned)t->nmembers + 1);
	if (!t->members)
		BUG("out of memory");
	t->members[t->nmembers++] = path;
}

/* The part of a member's name that the archive says; "/d/a", "../d/a" with
 * --one-top-level=/d, ../d are what the line says. */
static const char *
said_by_archive(struct file_call *c, const char *name)
{
	const char *top = file_value(c, "one-top-level");
	size_t len = top ? strlen(top) : 0;

	while (len > 1 && top[len - 1] == '/')
		len--;
	if (!len || strncmp(name, top, len) != 0 ||
	    (name[len] != '/' && name[len] != '\0'))
		return name;
	return name + len + strspn(name + len, "/");
}

/* What lies where a member goes. */
static void
member(struct taring *t, char *name)
{
	struct file_call *c = t->c;
	bool folder = false, absolute = file_on(c, "absolute-names");
	bool again = file_on(c, "recursive-unlink");
	const char *said;
	size_t len;
	struct operand o;

	file_unescape(name, false);
	len = strlen(name);
	while (len && name[len - 1] == '/') {
		name[--len] = '\0';
		folder = true;
	}
	said = said_by_archive(c, name);
	while (!absolute && said == name && *name == '/')
		said = ++name;
	if (!*name ||
	    (!absolute && (!strncmp(said, "../", 3) || strstr(said, "/../"))))
		return; /* tar leaves those out */
	operand_look(&c->os, name, &o);
	if (again && (folder || !S_ISDIR(o.st.st_mode)))
		remember(t, o.path);
	if (!o.there) {
		/* the highest that is to be made */
		file_arrives(c, &o);
		while (strcmp(o.parent, "/") && !path_exists(o.parent))
			operand_at(&c->os, o.parent, &o);
		if (!t->made || !path_is_under(o.path, t->made))
			file_act(c, ACT_MAKE, &o, false);
		t->made = o.path;
		return;
	}
	if (o.folder && folder && !o.link) {
		/* emptied, it is made anew */
		if (strcmp(name, ".") != 0 &&
		    (again || !file_on(c, "no-overwrite-dir")))
			file_act(c, again ? ACT_REPLACE : ACT_MODE, &o, false);
		return;
	}
	if (file_on(c, "keep-old-files") || file_on(c, "skip-old-files"))
		return;
	file_target_backup(c, &o);
	if (S_ISDIR(o.st.st_mode))
		file_act(c, again ? ACT_REMOVE_ALL : ACT_REPLACE, &o, false);
	else
		file_act(c, file_on(c, "overwrite") ? ACT_REWRITE : ACT_REPLACE,
			 &o, file_on(c, "overwrite"));
}

/* All -C in their order; for an extraction the last counts for what has no
 * operand behind it. */
static int
change_folders(struct taring *t, struct err *e)
{
	const char *dir;

	for (size_t i = 0; (dir = options_nth(&t->c->opt, "directory", i)); i++)
		if (operands_change(&t->c->os, dir, e) < 0)
			return err_set(e, ERR_SYNTAX, "-C: no folder");
	return 0;
}

bool
tar_writes(struct file_call *c)
{
	static const char *const names[] = {"index-file", "listed-incremental",
					    "volno-file"};
	bool any = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (file_value(c, names[i])) {
			file_write_to(c, file_value(c, names[i]));
			any = true;
		}
	return any;
}

/* The descriptor that the archive comes by, or -1. */
static int
source(struct taring *t)
{
	const struct invocation *in = t->c->in;
	int number = t->archive ? path_descriptor(t->archive) : 0;

	for (size_t i = 0; number > 2 && i < in->npassed; i++)
		if (in->passed[i].number == number)
			return in->passed[i].fd;
	return number == 0 ? in->stdio[0] : -1;
}

static int
extract(struct taring *t, struct err *e)
{
	struct file_call *c = t->c;
	char *output = NULL, *next;
	size_t len = 0;
	int status, input = -1, own, rc, from = source(t);
	const char *host = NULL;
	bool writes;

	if (t->archive)
		host = file_origin(c, t->archive);
	writes = tar_writes(c);
	if (file_on(c, "to-stdout") && !writes) {
		c->cmd->origin = host;
		file_hand_over(c);
		return 0;
	}
	if (t->archive)
		file_read_from(c, t->archive);
	/* once it has been read its writer has been judged */
	own = from < 0 ? -1 : own_fd(c->ctx, dup(from));
	rc = from < 0 ? 0 : file_take(c, from, &input, e);
	if (rc < 0)
		return rc;
	if (own >= 0)
		host = file_origin_stdin(c, own);
	/* cat f | tar x */
	if (!host && input >= 0)
		host = file_origin_stdin(c, input);
	if (rc == 0 && file_listing(c, c->cmd->program, listing_line(t), input,
				    &output, &len, &status, e) < 0)
		return rc ? rc : e->code;
	if (change_folders(t, e) < 0)
		return e->code;
	if (file_on(c, "same-owner") || file_on(c, "acls"))
		file_ids(c);
	file_here(c);
	c->cmd->origin = host;
	file_arrives_in(c, ".");
	for (char *line = output; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		member(t, line);
	}
	empty_folders(t);
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct taring t = {.c = c};

	t.args = modern(c);
	if (getopt_read(c->ctx, tar_options, 0, t.args, &c->opt, e) < 0)
		return e->code;
	if (file_on(c, "help") || file_on(c, "version") ||
	    file_on(c, "usage") || file_on(c, "show-defaults") ||
	    file_on(c, "show-snapshot-field-ranges")) {
		file_hand_over(c);
		return 0;
	}
	t.op = operation(c);
	t.archive = file_value(c, "file");
	if (!t.archive)
		t.archive = invocation_env(c->in, "TAPE");
	if (t.archive && !strcmp(t.archive, "-"))
		t.archive = NULL;
	if (!t.op)
		return err_set(e, ERR_SYNTAX, "no operation");
	if (check_programs(&t, e) < 0)
		return e->code;
	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	need_read(c->ctx, &c->cmd->need, "/etc/group");
	switch (t.op) {
	case 'x':
		return extract(&t, e);
	case 't':
	case 'd':
		if (t.archive)
			file_read_from(c, t.archive);
		if (tar_writes(c))
			file_here(c);
		else
			file_hand_over(c);
		return 0;
	default:
		return tar_create(&t, e);
	}
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("tar", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"tar", NULL};

const struct tool tool_tar = {
    .name = "tar",
    .names = names,
    .understand = understand,
};

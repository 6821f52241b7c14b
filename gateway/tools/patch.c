/* SPDX-License-Identifier: Apache-2.0 */
/* GNU patch 2.7.6.  The files are those that the patch names, by every name
 * that it has for them. */
#include "base/file.h"
#include "base/path.h"
#include "tools/file_list.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <unistd.h>

static const struct option_spec options[] = {
    F('b', "backup"),
    A('B', "prefix"),
    F('c', "context"),
    A('d', "directory"),
    A('D', "ifdef"),
    F('e', "ed"),
    F('E', "remove-empty-files"),
    F('f', "force"),
    A('F', "fuzz"),
    A('g', "get"),
    A('i', "input"),
    F('l', "ignore-whitespace"),
    O('m', "merge"),
    F('n', "normal"),
    F('N', "forward"),
    A('o', "output"),
    A('p', "strip"),
    A('r', "reject-file"),
    F('R', "reverse"),
    F('s', "quiet"),
    FA(0, "silent"),
    F('t', "batch"),
    F('T', "set-time"),
    F('u', "unified"),
    F('v', "version"),
    A('V', "version-control"),
    A('x', "debug"),
    A('Y', "basename-prefix"),
    A('z', "suffix"),
    F('Z', "set-utc"),
    F(0, "dry-run"),
    F(0, "verbose"),
    F(0, "binary"),
    F(0, "help"),
    F(0, "backup-if-mismatch"),
    F(0, "no-backup-if-mismatch"),
    F(0, "posix"),
    A(0, "quoting-style"),
    A(0, "reject-format"),
    A(0, "read-only"),
    F(0, "follow-symlinks"),
    END,
};

/* The name behind "--- ", without what a tab or a date adds. */
static const char *
header_name(struct file_call *c, const char *at, size_t len)
{
	size_t n = 0;

	if (len && *at == '"') {
		char *quoted;

		for (n = 1; n < len && at[n] != '"'; n++)
			n += at[n] == '\\';
		quoted = talloc_strndup(c->ctx, at + 1, n - 1);
		file_unescape(quoted, false);
		return quoted;
	}
	while (n < len && at[n] != '\t')
		n++;
	while (n && (at[n - 1] == '\r' || at[n - 1] == ' '))
		n--;
	return talloc_strndup(c->ctx, at, n);
}

/* Of one number there is none yet. */
static const char *
backup_of(struct file_call *c, const char *given)
{
	const char *before = file_value(c, "prefix"),
		   *within = file_value(c, "basename-prefix"),
		   *after = file_value(c, "suffix"), *last = path_base(given);

	if (!after)
		after = invocation_env(c->in, "SIMPLE_BACKUP_SUFFIX");
	if (!after || !*after)
		after = before || within ? "" : ".orig";
	return file_text(c, "%s%.*s%s%s%s", before ? before : "",
			 (int)(last - given), given, within ? within : "", last,
			 after);
}

/* The backup of what was there, and hunks that do not fit: either may be
 * written in place of an older one, or into it. */
static void
beside(struct file_call *c, const char *given, const struct operand *o)
{
	const char *name[] = {file_text(c, "%s.rej", given),
			      backup_of(c, given)};

	if (o->there && S_ISCHR(o->to.st_mode))
		return; /* -o /dev/null: only whether it applies */
	for (size_t i = 0; i < (o->there ? 2 : 1); i++) {
		struct operand other;

		operand_look(&c->os, name[i], &other);
		file_act(c, other.there ? ACT_REWRITE : ACT_MAKE, &other,
			 false);
	}
}

static void
may_change(struct file_call *c, const char *given)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	if (o.there && o.folder)
		return;
	file_ids_given(c, &o, false);
	file_act(c, o.there ? ACT_REPLACE : ACT_MAKE, &o, false);
	/* it makes the file anew in either place */
	if (o.link && file_on(c, "follow-symlinks"))
		file_act(c, o.leads ? ACT_REPLACE : ACT_MAKE, &o, true);
	beside(c, given, &o);
}

static void
named(struct file_call *c, const char *name, long strip)
{
	const char *rest;

	if (!strcmp(name, "/dev/null"))
		return;
	rest = strip < 0 ? path_base(name) : path_strip(name, strip);
	/* patch refuses what leads out */
	if (!rest || *rest == '/' || !strncmp(rest, "../", 3) ||
	    strstr(rest, "/../"))
		return;
	may_change(c, rest);
	if (strip < 0 && strcmp(rest, name) != 0 && *name != '/')
		may_change(c, name);
}

/* diff --git a/NAME b/NAME, which may have neither hunks nor other names. */
static void
git_names(struct file_call *c, const char *at, size_t len, long strip)
{
	const char *second;
	size_t n;

	while (len && (at[len - 1] == '\r' || at[len - 1] == ' '))
		len--;
	if (len && *at == '"') {
		named(c, header_name(c, at, len), strip);
		second = memmem(at + 1, len - 1, "\" ", 2);
		if (second)
			named(c,
			      header_name(c, second + 2,
					  len - (size_t)(second + 2 - at)),
			      strip);
		return;
	}
	/* the same one twice, blanks and all; else up to the last blank */
	n = len / 2;
	if (len % 2 == 0 || at[n] != ' ' || n < 2 ||
	    memcmp(at + 1, at + n + 2, n - 1) != 0) {
		second = memrchr(at, ' ', len);
		n = second ? (size_t)(second - at) : len;
	}
	named(c, talloc_strndup(c->ctx, at, n), strip);
	if (n < len)
		named(c, talloc_strndup(c->ctx, at + n + 1, len - n - 1),
		      strip);
}

static void
read_patch(struct file_call *c, const char *text, size_t len, long strip)
{
	static const char *const heads[] = {
	    "--- ",	  "+++ ",     "*** ",	     "Index: ",
	    "rename to ", "copy to ", "rename from "};
	const char *end = text + len, *line, *next;

	for (line = text; line < end; line = next) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		size_t n = nl ? (size_t)(nl - line) : (size_t)(end - line);

		next = line + n + 1;
		if (n > 11 && !strncmp(line, "diff --git ", 11))
			git_names(c, line + 11, n - 11, strip);
		for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
			size_t h = strlen(heads[i]);

			if (n > h && !strncmp(line, heads[i], h))
				named(c, header_name(c, line + h, n - h),
				      *heads[i] >= 'a' && strip > 0 ? strip - 1
								    : strip);
		}
	}
}

static int
take_text(struct file_call *c, char **text, size_t *len, struct err *e)
{
	const char *file =
	    c->opt.noperands > 1 ? c->opt.operands[1] : file_value(c, "input");
	struct stat st;
	int fd = -1, rc;

	*text = NULL;
	*len = 0;
	if (file && strcmp(file, "-") != 0) {
		file_read_from(c, file);
		rc = file_read(c->ctx, AT_FDCWD,
			       path_join(c->ctx, c->os.base_dir, file),
			       64 << 20, text, len, e);
		return rc < 0 ? rc : 0;
	}
	rc = file_take_stdin(c, &fd, e);
	if (rc < 0)
		return rc;
	if (rc > 0 || fstat(fd, &st) < 0 || !st.st_size)
		return 0;
	*len = (size_t)st.st_size;
	*text = talloc_size(c->ctx, *len + 1);
	if (!*text || pread(fd, *text, *len, 0) != st.st_size)
		return err_set(e, ERR_SYSTEM, "reading the patch");
	(*text)[*len] = '\0';
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *dir = file_value(c, "directory");
	const char *strip = file_value(c, "strip");
	const char *output = file_value(c, "output");
	const char *reject = file_value(c, "reject-file");
	char *text;
	size_t len;

	if (file_on(c, "ed"))
		return err_set(e, ERR_UNKNOWN, "an ed script is a program");
	if (file_on(c, "get") && strcmp(file_value(c, "get"), "0") != 0)
		return err_set(e, ERR_UNKNOWN, "--get runs other programs");
	if (c->opt.noperands > 2)
		return err_set(e, ERR_SYNTAX, "extra operand");
	/* patch goes there at once: all names count from it */
	if (dir && operands_change(&c->os, dir, e) < 0)
		return err_set(e, ERR_SYNTAX, "-d: no folder");
	if (take_text(c, &text, &len, e) < 0)
		return e->code;
	/* --dry-run, too, says what it cannot write to */
	file_here(c);
	if (file_on(c, "dry-run"))
		return 0;
	if (output && strcmp(output, "-") != 0) {
		struct operand o;

		file_write_to(c, output);
		operand_look(&c->os, output, &o);
		beside(c, output, &o);
	}
	if (reject && strcmp(reject, "-") != 0)
		file_write_to(c, reject);
	if (c->opt.noperands) {
		if (!output)
			may_change(c, c->opt.operands[0]);
	} else if (text) {
		read_patch(c, text, len, strip ? strtol(strip, NULL, 10) : -1);
	}
	return 0;
}

static const struct file_tool tool = {
    .name = "patch",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"patch", NULL};

const struct tool tool_patch = {
    .name = "patch",
    .names = names,
    .understand = understand,
};

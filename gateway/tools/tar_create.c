/* SPDX-License-Identifier: Apache-2.0 */
/* What tar packs: operands, the names in lists, the archive that it makes. */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "tools/db.h"
#include "tools/file_list.h"
#include "tools/tar.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static void
input(struct taring *t, const char *word)
{
	struct file_call *c = t->c;
	struct operand o;

	operand_look(&c->os, word, &o);
	file_copied(c, &o, t->archive ? o.path : NULL);
	if (o.leads && o.folder)
		need_read(c->ctx, &c->cmd->need, o.target);
	if (o.there && file_on(c, "remove-files"))
		file_act(c, S_ISDIR(o.st.st_mode) ? ACT_REMOVE_ALL : ACT_REMOVE,
			 &o, false);
}

/* The names in a list; NULL without an error: none that can be known. */
static char *
list_of(struct taring *t, const char *name, size_t *len, struct err *e)
{
	struct file_call *c = t->c;
	char *text = NULL;
	int fd = -1;

	if (path_descriptor(name) > 0) {
		text = db_file(c, name, len);
		if (!text)
			err_set(e, ERR_UNKNOWN, "%s cannot be read beforehand",
				name);
		return text;
	}
	if (strcmp(name, "-") != 0 && path_descriptor(name) < 0) {
		file_read_from(c, name);
		return file_read(c->ctx, AT_FDCWD,
				 path_join(c->ctx, c->os.base_dir, name),
				 LIMIT_STDIN_SPOOL, &text, len, e) < 0
			   ? NULL
			   : text;
	}
	if (file_take_stdin(c, &fd, e) != 0 || fd < 0)
		return NULL;
	c->cmd->hand_stdin = true;
	(void)file_read(c->ctx, AT_FDCWD, file_text(c, "/proc/self/fd/%d", fd),
			LIMIT_STDIN_SPOOL, &text, len, e);
	return text;
}

/* -T: a name a line, or options where nobody said that they are none. */
static int
listed_inputs(struct taring *t, const char *list, struct err *e)
{
	bool null = file_on(t->c, "null");
	struct err why = {0};
	size_t len = 0;
	char *text = list_of(t, list, &len, &why), *end;

	if (!text && why.code < 0)
		return err_set(e, ERR_UNKNOWN, "-T: %s", why.msg);
	for (char *at = text; text && at < text + len; at = end + 1) {
		end = memchr(at, null ? '\0' : '\n', (size_t)(text + len - at));
		if (!end)
			end = text + len;
		*end = '\0';
		if (*at == '-' && !null &&
		    !file_on(t->c, "verbatim-files-from"))
			return err_set(e, ERR_UNKNOWN,
				       "an option in the list of -T");
		if (!null)
			file_unescape(at, false);
		if (*at)
			input(t, at);
	}
	return 0;
}

/* What goes into an archive. */
static int
inputs(struct taring *t, struct err *e)
{
	struct file_call *c = t->c;
	size_t k = 0;
	struct err ignored;

	/* -C holds for the operands behind it */
	for (size_t i = 0; t->args[i]; i++) {
		const char *word = t->args[i];

		for (size_t o = 0; o < c->opt.n; o++) {
			if (c->opt.v[o].at != i)
				continue;
			if (!strcmp(c->opt.v[o].name, "directory"))
				(void)operands_change(&c->os, c->opt.v[o].value,
						      &ignored);
			else if (!strcmp(c->opt.v[o].name, "files-from") &&
				 listed_inputs(t, c->opt.v[o].value, e) < 0)
				return e->code;
		}
		if (k < c->opt.noperands && word == c->opt.operands[k]) {
			input(t, word);
			k++;
		}
	}
	return 0;
}

int
tar_create(struct taring *t, struct err *e)
{
	struct file_call *c = t->c;
	bool there = false;
	struct operand o;

	if (t->archive) {
		operand_look(&c->os, t->archive, &o);
		there = o.leads && S_ISREG(o.to.st_mode) &&
			(o.to.st_size || t->op != 'c');
		file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
	}
	there |= tar_writes(c);
	if (inputs(t, e) < 0)
		return e->code;
	/* nothing is lost: then tar had better see who owns what */
	if (!there && !file_on(c, "remove-files"))
		file_hand_over(c);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What tar packs: operands, the names in lists, the archive that it makes. */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
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
	if (t->boxed)
		file_ids_told(c, &o, true);
	if (o.there && file_on(c, "remove-files"))
		file_act(c, S_ISDIR(o.st.st_mode) ? ACT_REMOVE_ALL : ACT_REMOVE,
			 &o, false);
}

/* -T: a name a line, or options where nobody said that they are none. */
static int
listed_inputs(struct taring *t, const char *list, struct err *e)
{
	bool null = file_on(t->c, "null");
	struct err why = {0};
	size_t len = 0;
	char *text = file_list_text(t->c, list, &len, &why), *end;

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
	bool there = false, empty = false;
	struct operand o;

	if (t->archive) {
		operand_look(&c->os, t->archive, &o);
		there = o.leads && S_ISREG(o.to.st_mode);
		empty = there && !o.to.st_size && t->op == 'c';
		there = there && !empty;
		file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
	}
	there |= tar_writes(c);
	/* no byte is lost: then tar had better see who owns what */
	t->boxed = there || file_on(c, "remove-files");
	if (inputs(t, e) < 0)
		return e->code;
	if (!t->boxed) {
		if (t->archive)
			file_confine(c, &o);
		c->cmd->confined_now = true;
		c->cmd->loose |= file_on(c, "multi-volume");
		if (empty)
			file_hand_over_kept(c);
		else
			file_hand_over(c);
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What an undo of files tells the person. */
#include "base/memory.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include <stdarg.h>
#include <string.h>

#define LINES_MAX 20

void
file_say(struct file_undo *u, const char *path, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (u->nlines++ >= LINES_MAX)
		return;
	va_start(ap, fmt);
	text = have(talloc_vasprintf(u, fmt, ap));
	va_end(ap);
	u->lines = have(talloc_asprintf_append(u->lines, "%s: %s\n",
					       text_safe(u, path), text));
}

bool
file_stays_inside(const struct file_step *s)
{
	return s->act == ACT_PUT && s->in_vault;
}

void
file_report(struct file_undo *u, struct undo_report *out, bool dry)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct file_step *s = &u->steps[i];
		bool aside = !s->in_vault && strcmp(s->as, s->it->path) != 0;

		if (s->it->kind == FILE_PARENT)
			continue;
		switch (s->act) {
		case ACT_ALREADY:
			out->already++;
			break;
		case ACT_CANNOT:
			file_say(u, s->it->path, "was not kept");
			break;
		case ACT_LEAVE:
			file_say(u, s->it->path,
				 s->done ? "changed since: the later "
					   "command's undo will go back to it"
					 : "changed since, left as it is");
			break;
		case ACT_REMOVE:
			file_say(u, s->it->path, "removed again");
			break;
		case ACT_MOVE:
			if (s->it->below) {
				file_say(u, s->it->to, "removed again");
				break;
			}
			file_say(u, s->as, "moved back from %s",
				 text_safe(u, s->it->to));
			break;
		case ACT_PUT:
			if (aside)
				file_say(u, s->it->path,
					 "changed since; restored as %s",
					 text_safe(u, s->as));
			else if (s->over && !s->it->below)
				file_say(u, s->as,
					 "changed since; what was "
					 "there is kept");
			break;
		case ACT_WRITE:
		case ACT_FOLDER:
		case ACT_ATTRIBUTES:
		case ACT_TIMES:
			break;
		}
		out->beside += aside && s->act == ACT_PUT;
		out->already += file_stays_inside(s);
		out->restored += dry && s->act < ACT_LEAVE &&
				 s->act != ACT_ALREADY && !file_stays_inside(s);
	}
	if (u->nlines > LINES_MAX)
		u->lines = have(talloc_asprintf_append(
		    u->lines, "and %zu more\n", u->nlines - LINES_MAX));
}

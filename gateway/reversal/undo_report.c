/* SPDX-License-Identifier: Apache-2.0 */
/* What undo tells the person: what went back, what stands beside, and why. */
#include "base/path.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include <stdarg.h>
#include <talloc.h>

#define LINES_ALWAYS 200
#define LINES_PLAIN  20

void
undo_say(struct undo *u, bool always, const char *fmt, ...)
{
	char *line;
	va_list ap;

	if (u->nlines >= (always ? LINES_ALWAYS : LINES_PLAIN)) {
		u->more++;
		return;
	}
	va_start(ap, fmt);
	line = talloc_vasprintf(u->ctx, fmt, ap);
	va_end(ap);
	if (!u->lines)
		u->lines = talloc_strdup(u->ctx, "");
	if (line && u->lines)
		u->lines = talloc_asprintf_append(u->lines, "%s\n", line);
	if (!line || !u->lines)
		BUG("out of memory");
	u->nlines++;
	talloc_free(line);
}

/* Files of the git dir are counted, a person knows few of them by name. */
struct counts {
	size_t index, config, logs, state;
};

static bool
counted(const struct step *s, struct counts *c)
{
	const char *base = path_base(s->it->name);

	if (s->it->kind != ITEM_GITFILE)
		return false;
	if (strncmp(s->it->name, "logs/", 5) == 0 ||
	    strstr(s->it->name, "/logs/"))
		c->logs++;
	else if (strcmp(base, "index") == 0)
		c->index++;
	else if (strncmp(base, "config", 6) == 0)
		c->config++;
	else
		c->state++;
	return true;
}

static void
say_counts(struct undo *u, const char *did, const struct counts *c)
{
	if (c->index)
		undo_say(u, true, "%s the index", did);
	if (c->config)
		undo_say(u, true, "%s the configuration", did);
	if (c->logs)
		undo_say(u, true, "%s %s", did,
			 text_count(u->ctx, c->logs, "reflog"));
	if (c->state)
		undo_say(u, true, "%s %s of the repository", did,
			 text_count(u->ctx, c->state, "other file"));
}

static void
say_back(struct undo *u, const struct step *s, const char *name, bool dry,
	 struct counts *c)
{
	bool gone = s->it->before.kind == VALUE_ABSENT;

	if (!dry && !s->done)
		return;
	u->out->restored++;
	if (s->it->kind == ITEM_OBJECTS)
		undo_say(u, true,
			 dry ? "would put back git objects"
			     : "put back %zu git object files",
			 s->len);
	else if (!counted(s, c))
		undo_say(u, false, "%s%s %s", dry ? "would " : "",
			 gone ? (dry ? "remove" : "removed")
			      : (dry ? "restore" : "restored"),
			 name);
}

/* git's own files with their folder: nobody would look for them there. */
static const char *
beside(struct undo *u, const struct step *s)
{
	return text_safe(u->ctx, s->it->kind == ITEM_GITFILE
				     ? path_join(u->ctx, u->m.commondir, s->as)
				     : s->as);
}

static void
say_step(struct undo *u, const struct step *s, bool dry, struct counts *c)
{
	char *name = text_safe(u->ctx, s->it->name);

	switch (s->what) {
	case STEP_ALREADY:
		u->out->already++;
		return;
	case STEP_BACK:
		say_back(u, s, name, dry, c);
		return;
	case STEP_BESIDE:
		if (!dry && !s->done)
			return;
		u->out->beside++;
		undo_say(u, true, "%s was changed since; %s %s", name,
			 dry ? "would be restored beside" : "restored as",
			 dry ? "it" : beside(u, s));
		return;
	case STEP_LEAVE:
		u->out->beside++;
		if (s->it->kind == ITEM_REMOTE)
			return;
		if (s->it->before.kind == VALUE_SYMREF)
			undo_say(u, true, "%s was changed since; it was %s",
				 name, text_safe(u->ctx, s->it->before.text));
		else
			undo_say(u, true, "%s was changed since; left alone",
				 name);
		return;
	case STEP_CANNOT:
		u->out->beside++;
		undo_say(u, true, "%s %s", name,
			 s->it->kind == ITEM_REMOTE
			     ? "is on another machine; push it back yourself"
			     : "could not be kept and is not restored");
		return;
	}
}

void
undo_report(struct undo *u, bool dry)
{
	struct counts c = {0};

	for (size_t i = 0; i < u->n; i++)
		say_step(u, &u->steps[i], dry, &c);
	if (u->more) {
		u->nlines = 0;
		undo_say(u, true, "... and %zu more", u->more);
	}
	say_counts(u, dry ? "would restore" : "restored", &c);
}

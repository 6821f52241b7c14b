/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rsync tells the other machine beside the files: values of its options,
 * its filters, some of the environment.
 */
#include "base/file.h"
#include "base/path.h"
#include "tools/rsync_far.h"
#include "tools/ssh_line.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

#define RULES_MAX (256u << 10)
#define DEPTH	  8

/* Lines that go there one by one, so that what they hold is no content by
 * itself. */
static int
told(struct ssh_line *l, const char *path, struct err *e)
{
	const char *content = l->s.content;
	int rc = sender_file(&l->s, path, e);

	l->s.content = content;
	return rc;
}

static int rule(struct ssh_line *l, const char *text, int depth, struct err *e);

/* The rules in a file that a rule names. */
static int
rules(struct ssh_line *l, const char *path, int depth, struct err *e)
{
	char *text, *save = NULL;

	if (told(l, path, e) < 0)
		return e->code;
	if (depth == DEPTH || path_descriptor(path) >= 0)
		return 0;
	text = sender_read(&l->s, path, RULES_MAX);
	for (char *w = text ? strtok_r(text, "\n", &save) : NULL; w;
	     w = strtok_r(NULL, "\n", &save))
		if (rule(l, w, depth + 1, e) < 0)
			return e->code;
	return 0;
}

/* "merge FILE", ". FILE", "merge,- FILE", ".-_FILE" */
static int
rule(struct ssh_line *l, const char *text, int depth, struct err *e)
{
	const char *p = text + strspn(text, " \t");

	if (*p == '.')
		p++;
	else if (!strncmp(p, "merge", 5))
		p += 5;
	else
		return 0;
	p += strcspn(p, " _");
	return *p && strcmp(p + 1, "-") != 0 ? rules(l, p + 1, depth, e) : 0;
}

static int
ignored_names(struct ssh_line *l, struct err *e)
{
	sender_says(&l->s, invocation_env(l->c->in, "CVSIGNORE"), "CVSIGNORE");
	for (unsigned i = 0; i < SENDER_HOMES; i++) {
		const char *path = sender_at_home(&l->s, ".cvsignore", i);

		if (path && told(l, path, e) < 0)
			return e->code;
	}
	return 0;
}

int
rsync_says(struct ssh_line *l, int input, struct err *e)
{
	static const char *const known[] = {"RSYNC_ICONV", "RSYNC_PARTIAL_DIR",
					    "USER", "LOGNAME"};
	struct file_call *c = l->c;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		sender_says(&l->s, invocation_env(c->in, known[i]), known[i]);
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];
		const char *v = o->value;
		int rc = 0;

		if (!v) {
			rc = strcmp(o->name, "cvs-exclude") != 0
				 ? 0
				 : ignored_names(l, e);
		} else if (!strcmp(o->name, "exclude-from") ||
			   !strcmp(o->name, "include-from") ||
			   !strcmp(o->name, "early-input")) {
			if (strcmp(v, "-") != 0)
				rc = told(l, v, e);
			else if (input >= 0)
				sender_scan_fd(&l->s, input, "stdin");
		} else {
			sender_says(&l->s, v, file_text(c, "--%s", o->name));
			if (!strcmp(o->name, "filter"))
				rc = rule(l, v, 0, e);
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Does a file of aliases give its options another meaning? */
static bool
has_aliases(struct file_call *c, const char *path)
{
	char *text, *save = NULL;
	struct err e = {0};

	if (!path ||
	    file_read(c->ctx, AT_FDCWD, path, RULES_MAX, &text, NULL, &e) != 0)
		return false;
	for (char *w = strtok_r(text, "\n", &save); w;
	     w = strtok_r(NULL, "\n", &save)) {
		w += strspn(w, " \t");
		w[strcspn(w, " \t")] = '\0';
		if (*w && *w != '#' && fnmatch(w, "rsync", 0) == 0)
			return true;
	}
	return false;
}

int
rsync_no_aliases(struct file_call *c, struct err *e)
{
	const char *home = invocation_env(c->in, "HOME");

	if (has_aliases(c, c->os.home ? path_join(c->ctx, c->os.home, ".popt")
				      : NULL) ||
	    has_aliases(
		c, home ? path_join(c->ctx,
				    path_join(c->ctx, c->os.base_dir, home),
				    ".popt")
			: NULL))
		return err_set(e, ERR_UNKNOWN,
			       "~/.popt gives options of rsync another "
			       "meaning; take those lines out");
	return 0;
}

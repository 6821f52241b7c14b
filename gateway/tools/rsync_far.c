/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rsync between this machine and another: it runs as it is, and the ssh that
 * it starts meets its own shim.  What it would overwrite here is not kept.
 */
#include "tools/rsync_far.h"
#include "base/path.h"
#include "tools/file_list.h"
#include "tools/ssh_line.h"
#include <string.h>
#include <talloc.h>

bool
rsync_is_far(const char *word)
{
	const char *colon = strchr(word, ':');

	return !strncmp(word, "rsync://", 8) ||
	       (colon && colon != word &&
		!memchr(word, '/', (size_t)(colon - word)));
}

/* --del, --delete, --delete-after ...; not --delay-updates */
bool
rsync_deletes(const struct file_call *c)
{
	for (size_t i = 0; i < c->opt.n; i++)
		if (!strncmp(c->opt.v[i].name, "delete", 6) ||
		    !strcmp(c->opt.v[i].name, "del"))
			return true;
	return false;
}

bool
rsync_list_is_far(struct file_call *c)
{
	const char *list = file_value(c, "files-from");

	return list && (*list == ':' || rsync_is_far(list));
}

/* --files-from=-, --filter='merge -', --filter='. -' */
static bool
reads_stdin(const char *name, const char *value)
{
	size_t len = strlen(name), n = strlen(value);

	if (len > 5 && !strcmp(name + len - 5, "-from"))
		return !strcmp(value, "-");
	return (!strcmp(name, "filter") || !strcmp(name, "f")) && n > 2 &&
	       value[n - 1] == '-' && strchr(" _", value[n - 2]) &&
	       (*value == '.' || !strncmp(value, "merge", 5));
}

int
rsync_list_input(struct file_call *c, int *input, struct err *e)
{
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];

		if (!o->value || !reads_stdin(o->name, o->value))
			continue;
		if (file_take_stdin(c, input, e) == 0)
			return 0;
		return e->code < 0 ? e->code
				   : err_set(e, ERR_UNKNOWN,
					     "--%s=- cannot be read beforehand",
					     o->name);
	}
	return 0;
}

static void
to_host(struct ssh_line *l, const char *word)
{
	if (!strncmp(word, "rsync://", 8)) {
		l->port = 873;
		l->c->cmd->confined_now = true;
		ssh_host(l, file_text(l->c, "%.*s", (int)strcspn(word + 8, "/"),
				      word + 8));
		return;
	}
	ssh_host(l, file_text(l->c, "%.*s", (int)strcspn(word, ":"), word));
}

/* What of a folder would be sent to where nothing is yet, by rsync's own
 * reading of its filters.  NULL: it does not say. */
static char *
listing(struct file_call *c, const char *word, int input)
{
	static const char *const kept[] = {
	    "archive",	    "recursive",       "no-recursive",
	    "links",	    "no-links",	       "copy-links",
	    "safe-links",   "copy-dirlinks",   "dirs",
	    "cvs-exclude",  "filter",	       "F",
	    "exclude",	    "exclude-from",    "include",
	    "include-from", "max-size",	       "min-size",
	    "from0",	    "one-file-system", "copy-unsafe-links",
	    "files-from"};
	const char **v =
	    talloc_zero_array(c->ctx, const char *, (unsigned)c->opt.n + 8);
	size_t n = 0, len;
	char *output;
	int status;
	struct err e = {0};

	if (!v)
		BUG("out of memory");
	v[n++] = "rsync";
	v[n++] = "--dry-run";
	v[n++] = "--out-format=%n";
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];

		for (size_t k = 0; k < sizeof(kept) / sizeof(*kept); k++) {
			if (strcmp(kept[k], o->name) != 0)
				continue;
			v[n++] =
			    o->value
				? file_text(c, "--%s=%s", o->name, o->value)
				: file_text(c, o->name[1] ? "--%s" : "-%s",
					    o->name);
			break;
		}
	}
	v[n++] = "--";
	v[n++] = word;
	v[n++] = "/nonexistent/automode/";
	if (file_listing(c, c->cmd->program, v, input, &output, &len, &status,
			 &e) < 0 ||
	    status != 0)
		return NULL;
	return output;
}

static void
scan_folder(struct ssh_line *l, const char *word, const struct operand *o,
	    int input)
{
	bool links = file_on(l->c, "copy-links");
	char *names = listing(l->c, word, input);
	const char *end = strrchr(word, '/');

	/* of these the names are those in it */
	end = end ? end + 1 : word;
	if (!names)
		sender_folder(&l->s, o->target);
	else
		sender_listed(&l->s,
			      !*end || !strcmp(end, ".") ||
				      !strcmp(end, "..") ||
				      file_value(l->c, "files-from")
				  ? o->target
				  : path_parent(l->c->ctx, o->path),
			      names, links);
}

static int
goes_up(struct ssh_line *l, const char *word, int input, struct err *e)
{
	struct operand o;

	operand_look(&l->c->os, word, &o);
	if (!o.folder)
		return sender_file(&l->s, word, e);
	file_copied(l->c, &o, NULL);
	scan_folder(l, word, &o, input);
	l->s.content = word;
	return 0;
}

/* The name that one thing gets in a folder that is there already; NULL: what
 * there is in it, or names that are not foreseen. */
static const char *
one_name(struct file_call *c, const char *word)
{
	const char *path = strchr(word, ':');
	const char *name = path ? path_base(path + 1) : "";

	if (rsync_deletes(c) || !*name || path[strlen(path) - 1] == '/' ||
	    !strcmp(name, ".") || !strcmp(name, "..") ||
	    strpbrk(path, "*?[{\\$` ") || file_on(c, "relative") ||
	    file_on(c, "backup"))
		return NULL;
	return name;
}

/* What it writes elsewhere than where its files arrive; names count from
 * there. */
static void
beside(struct file_call *c, const struct operand *to)
{
	static const char *const names[] = {"backup-dir", "partial-dir",
					    "temp-dir"};
	const char *base = to->leads && !to->folder ? to->parent : to->target;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *dir = file_value(c, names[i]);
		struct operand o;

		if (!dir)
			continue;
		operand_look(&c->os, path_join(c->ctx, base, dir), &o);
		file_confine(c, &o);
		file_act(c, ACT_MAKE, &o, true);
	}
}

static void
comes_down(struct ssh_line *l, const char *word, const char *target)
{
	struct file_call *c = l->c;
	const char *name = one_name(c, word);
	struct path_class k;
	struct operand o;

	operand_look(&c->os, target, &o);
	file_arrives_in(c, target);
	file_confine(c, &o);
	beside(c, &o);
	if (o.leads && o.folder && name)
		operand_look(&c->os, path_join(c->ctx, target, name), &o);
	file_confine(c, &o);
	if (!o.leads || (o.folder && file_is_empty(o.target))) {
		file_act(c, ACT_MAKE, &o, true);
		return;
	}
	if (file_on(c, "ignore-existing"))
		return;
	if (!o.folder && name) {
		file_act(c, ACT_REWRITE, &o, true);
		return;
	}
	path_classify(&c->os, &o, o.target, &k);
	file_effect(c, EFFECT_FILE_OVERWRITE, k.scope, o.given,
		    "it comes from another machine, and what is there is not "
		    "kept; copy it into a new folder, or add "
		    "--ignore-existing");
}

static int
check(struct file_call *c, struct err *e)
{
	static const char *const refused[] = {"remove-source-files",
					      "remove-sent-files",
					      "log-file",
					      "write-batch",
					      "only-write-batch",
					      "read-batch",
					      "daemon",
					      "server",
					      "sockopts",
					      "password-file"};
	const char *shell = file_value(c, "rsh");

	if (!shell)
		shell = invocation_env(c->in, "RSYNC_RSH");
	if (shell && strncmp(shell, "ssh ", 4) != 0 && strcmp(shell, "ssh"))
		return err_set(e, ERR_UNKNOWN,
			       "another remote shell than ssh; leave -e out");
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (file_on(c, refused[i]))
			return err_set(e, ERR_UNKNOWN,
				       "--%s with another machine is not "
				       "followed; leave it out",
				       refused[i]);
	if (rsync_list_is_far(c) ||
	    (file_on(c, "files-from") && file_on(c, "no-relative")))
		return err_set(e, ERR_UNKNOWN,
			       "--files-from of another machine, or with "
			       "--no-relative, is not followed; copy the list "
			       "here, and leave that out");
	if (invocation_env(c->in, "RSYNC_CONNECT_PROG") ||
	    invocation_env(c->in, "RSYNC_PROXY"))
		return err_set(e, ERR_UNKNOWN,
			       "RSYNC_CONNECT_PROG and RSYNC_PROXY are not "
			       "followed; unset them");
	return 0;
}

static int
list_goes(struct ssh_line *l, const char *list, int input, struct err *e)
{
	if (strcmp(list, "-") != 0)
		return sender_file(&l->s, list, e);
	sender_scan_fd(&l->s, input, "stdin");
	l->s.content = "stdin";
	return 0;
}

int
rsync_far(struct file_call *c, struct err *e)
{
	struct ssh_line l = {.c = c};
	size_t n = c->opt.noperands;
	bool dry = file_on(c, "dry-run") || file_on(c, "list-only") || n == 1;
	const char *target = c->opt.operands[n - 1];
	bool up = n > 1 && rsync_is_far(target);
	int input = -1;

	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	/* devices, and links in that folder */
	c->cmd->loose |=
	    file_on(c, "write-devices") || file_on(c, "keep-dirlinks");
	if (check(c, e) < 0 || sender_begin(&l.s, c, e) < 0)
		return e->code;
	if (rsync_list_input(c, &input, e) < 0)
		return e->code;
	c->cmd->hand_stdin |= input >= 0;
	if (up)
		to_host(&l, target);
	for (size_t i = 0; i < n; i++)
		sender_says(&l.s, c->opt.operands[i], "its words");
	if (rsync_says(&l, input, e) < 0)
		return e->code;
	for (size_t i = 0; i + (n > 1) < n; i++) {
		const char *word = c->opt.operands[i];

		if (rsync_is_far(word))
			to_host(&l, word);
		else if (up && !dry && goes_up(&l, word, input, e) < 0)
			return e->code;
		if (!up && !dry)
			comes_down(&l, word, target);
	}
	/* the other machine is told the names that it is to send */
	if (!up && file_value(c, "files-from") &&
	    list_goes(&l, file_value(c, "files-from"), input, e) < 0)
		return e->code;
	for (size_t i = 0; up && !dry && i < l.s.nhosts; i++)
		if (rsync_deletes(c))
			file_effect(c, EFFECT_RESOURCE_DELETE,
				    l.s.hosts[i].scope, l.s.hosts[i].host,
				    "what --delete takes away there cannot be "
				    "brought back");
	ssh_environment(&l);
	l.s.smuggled = NULL;
	sender_judge(&l.s);
	file_hand_over_kept(c);
	return 0;
}

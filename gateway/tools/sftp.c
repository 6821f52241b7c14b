/* SPDX-License-Identifier: Apache-2.0 */
/* sftp of OpenSSH 9.2: its commands come from stdin or a batch, which is read
 * beforehand; what somebody types is not foreseen. */
#include "base/path.h"
#include "base/text.h"
#include "tools/db.h"
#include "tools/ssh_line.h"
#include <glob.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define FLAGS  "46AaCfNpqrv"
#define VALUES "BbcDFiJloPRSsX"
#define WORDS  16

struct batch {
	struct ssh_line *l;
	const char *dir; /* lcd */
};

/* The next word, quotes and backslashes taken away; NULL: the line is over. */
static char *
next_word(char **line)
{
	char *p = *line + strspn(*line, " \t\r"), *to = p, *word = p, quote = 0;

	if (!*p || *p == '#')
		return NULL;
	for (; *p && (quote || !strchr(" \t\r", *p)); p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? 0 : *p;
		else if (*p == '\\' && p[1] && quote != '\'')
			*to++ = *++p;
		else
			*to++ = *p;
	}
	*line = *p ? p + 1 : p;
	*to = '\0';
	return word;
}

static int
put(struct batch *b, const char *pattern, struct err *e)
{
	const char *all = path_join(b->l->c->ctx, b->dir, pattern);
	glob_t found;
	int rc = 0;

	if (glob(all, GLOB_NOCHECK | GLOB_NOSORT, NULL, &found) != 0)
		return err_set(e, ERR_UNKNOWN,
			       "what it would send is not "
			       "found beforehand");
	for (size_t i = 0; i < found.gl_pathc && rc >= 0; i++)
		rc = ssh_goes_up(
		    b->l, talloc_strdup(b->l->c->ctx, found.gl_pathv[i]), e);
	globfree(&found);
	return rc;
}

static bool
is_one_of(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (!strcasecmp(word, *names))
			return true;
	return false;
}

static int
command(struct batch *b, char *line, struct err *e)
{
	static const char *const up[] = {"put", "mput", "reput", NULL};
	static const char *const down[] = {"get", "mget", "reget", NULL};
	static const char *const here[] = {"lcd", "lmkdir", NULL};
	char *word, *v[WORDS] = {NULL};
	size_t n = 0;

	line += strspn(line, " \t-@");
	if (*line == '!')
		return err_set(e, ERR_UNKNOWN,
			       "! runs a program here; run it by itself");
	while (n < WORDS - 1 && (word = next_word(&line)))
		if (!n || *word != '-')
			v[n++] = word;
	if (n < 2)
		return 0;
	if (is_one_of(v[0], up))
		return put(b, v[1], e);
	if (is_one_of(v[0], down))
		ssh_comes_down(
		    b->l, v[1],
		    path_join(b->l->c->ctx, b->dir, v[2] ? v[2] : "."));
	else if (is_one_of(v[0], here) && !strcasecmp(v[0], "lcd"))
		b->dir = path_join(b->l->c->ctx, b->dir, v[1]);
	else if (is_one_of(v[0], here)) {
		struct operand o;

		word = path_join(b->l->c->ctx, b->dir, v[1]);
		file_write_to(b->l->c, word);
		operand_look(&b->l->c->os, word, &o);
		file_confine(b->l->c, &o);
	}
	return 0;
}

static int
commands(struct ssh_line *l, struct err *e)
{
	struct batch b = {.l = l, .dir = l->c->os.base_dir};
	char *text, *save = NULL;
	size_t len;

	if (l->batch_file) {
		text = db_file(l->c, l->batch_file, &len);
		if (!text)
			return err_set(e, ERR_UNKNOWN,
				       "-b %s cannot be read beforehand",
				       text_safe(l->c->ctx, l->batch_file));
	} else if (db_stdin(l->c, &text, &len, e) < 0) {
		return e->code;
	}
	for (char *at = text ? strtok_r(text, "\n", &save) : NULL; at;
	     at = strtok_r(NULL, "\n", &save)) {
		sender_says(&l->s, at, "its words");
		if (command(&b, at, e) < 0)
			return e->code;
	}
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct ssh_line l = {.c = c, .recursive = true}; /* get -r */
	const char *const *argv = c->in->argv;
	const char *host, *path;
	size_t i;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (sender_begin(&l.s, c, e) < 0 ||
	    ssh_read(&l, FLAGS, VALUES, 1, &i, e) < 0 || ssh_control(&l, e) < 0)
		return e->code;
	if (!argv[i])
		return err_set(e, ERR_SYNTAX, "no host");
	if (!ssh_is_remote(&l, argv[i], &host, &path))
		host = argv[i];
	else if (argv[i + 1])
		ssh_comes_down(&l, path, argv[i + 1]);
	ssh_host(&l, host);
	sender_says(&l.s, argv[i], "the host");
	if (commands(&l, e) < 0)
		return e->code;
	for (size_t k = 0; k < l.s.nhosts; k++)
		file_effect(c, EFFECT_REMOTE_EXEC, ssh_scope(&l, &l.s.hosts[k]),
			    l.s.hosts[k].host,
			    "its commands send, fetch and delete files; scp "
			    "says beforehand which");
	ssh_environment(&l);
	l.s.smuggled = NULL;
	sender_judge(&l.s);
	file_hand_over_kept(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("sftp", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"sftp", NULL};

const struct tool tool_sftp = {
    .name = "sftp",
    .names = names,
    .understand = understand,
};

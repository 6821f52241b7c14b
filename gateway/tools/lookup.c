/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that ask for names (dig, host, nslookup, drill, getent hosts) or
 * knock at a host (ping).  Whoever answers for a name reads it, and so does
 * everyone on the way: no credential belongs into one, whichever server is
 * asked.  All words are looked through alike, so that an option which no table
 * has is refused by the program alone; the tables say which words are hosts,
 * which name a file of more words, and which hold a key that signs and is not
 * sent.  What holds no credential goes to the program as it is, in no box: ping
 * would lose its capabilities there.  The other databases of getent ask nobody
 * beyond this machine and its directory, and are not looked at.
 */
#include "tools/lookup.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "tools/sender.h"
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_BATCH  (1u << 20)
#define MAX_NAMES  4096
#define MAX_KEY	   (16u << 10)
#define MAX_COLUMN 8192
#define COLUMNS	   4
#define WORDS	   "the words"

static const struct program {
	const char *names; /* a space around each */
	const char *values;
	const char *hosts, *batch, *keys, *key, *written;
	char marks[3]; /* of operands that are no names: +short, and @server */
	bool tells;    /* what others wrote */
} programs[] = {
    {" dig mdig ", "bcfkpqtxy", "qx", "f", "k", "y", "", "+@", true},
    {" delv ", "abcdpqtx", "qx", "", "", "", "", "+@", true},
    {" host ", "cmpRtNW", "", "", "", "", "", "", true},
    {" nslookup ", "", "", "", "", "", "", "", true},
    {" drill ", "bcdfiIkopqrVwy", "", "f", "", "y", "qw", "@", true},
    {" ping ping4 ping6 ", "ceFIilmMNpQsStTwW", "", "", "", "", "", "", false},
    {" getent ", "s", "", "", "", "", "", "", false},
};

struct lookup {
	struct sender s;
	const struct program *program;
	const char *name; /* of the program */
	const char **names, **operands;
	size_t nnames, noperands;
};

static bool
is_of(struct file_call *c, const char *list, const char *name)
{
	return strstr(list, file_text(c, " %s ", name)) != NULL;
}

static void
add(struct lookup *l, const char ***v, size_t *n, const char *text)
{
	if (*n == MAX_NAMES)
		return;
	*v = talloc_realloc(l->s.c->ctx, *v, const char *, (unsigned)*n + 1);
	if (!*v)
		BUG("out of memory");
	(*v)[(*n)++] = text;
}

static void
say(struct lookup *l, const char *word, const char *where)
{
	sender_says(&l->s, word, where);
	add(l, &l->names, &l->nnames, word);
}

/* --- files with more words -------------------------------------------------
 */

/* What a file that was looked through as a whole begins with. */
static char *
beginning(struct lookup *l, const char *path)
{
	int fd OWNED_FD = sender_open(&l->s, path);
	char *text = talloc_zero_size(l->s.c->ctx, MAX_BATCH + 1);

	if (!text)
		BUG("out of memory");
	if (fd >= 0)
		(void)!pread(fd, text, MAX_BATCH, 0);
	return text;
}

/* A name on each line, or a whole line of dig's. */
static int
batch(struct lookup *l, const char *path, struct err *e)
{
	struct file_call *c = l->s.c;
	bool input = !strcmp(path, "-") ||
		     path_descriptor(path_clean(c->ctx, path)) >= 0;
	char *text, *save = NULL;
	bool named = false;
	size_t len;

	if (input) {
		sender_redirected(&l->s);
		text = file_list_text(c, path, &len, e);
		if (!text)
			return e->code;
		sender_scan(&l->s, text, len, "stdin");
	} else {
		if (sender_file(&l->s, path, e) < 0)
			return e->code;
		text = beginning(l, path);
	}
	if (strlen(text) < 512) /* a longer one has been looked through */
		sender_says(&l->s, text, input ? "stdin" : WORDS);
	for (char *w = strtok_r(text, " \t\r\n", &save); w;
	     w = strtok_r(NULL, " \t\r\n", &save)) {
		add(l, &l->names, &l->nnames, w);
		/* one for all */
		if (!named && strchr(w, '.') && *w != '-')
			add(l, &l->operands, &l->noperands, w);
		named |= strchr(w, '.') != NULL;
	}
	return 0;
}

/* The key's name is sent, what stands behind "secret" or "Key:" signs. */
static void
key_file(struct lookup *l, const char *path)
{
	void *ctx = l->s.c->ctx;
	char *text = sender_read(&l->s, path, MAX_KEY), *save = NULL;
	char *sent = talloc_strdup(ctx, "");
	bool signs = false;

	for (char *w = text ? strtok_r(text, " \t\r\n;{}\"", &save) : NULL; w;
	     w = strtok_r(NULL, " \t\r\n;{}\"", &save)) {
		if (!signs)
			sent = talloc_asprintf_append_buffer(sent, "%s ", w);
		signs = !strcmp(w, "secret") || !strcmp(w, "Key:");
	}
	if (!sent)
		BUG("out of memory");
	sender_says(&l->s, sent, "the key's file");
}

/* [hmac:]name:key of dig, name:key[:algorithm] of drill. */
static void
key(struct lookup *l, const char *text)
{
	const char *last = strrchr(text, ':');
	size_t n = last && !strcmp(l->name, "dig") ? (size_t)(last - text)
						   : strcspn(text, ":");

	sender_says(&l->s, file_text(l->s.c, "%.*s", (int)n, text), WORDS);
}

/* --- the line --------------------------------------------------------------
 */

static int
option(struct lookup *l, char letter, const char *value, struct err *e)
{
	const struct program *p = l->program;
	const char *where[] = {p->hosts, p->batch, p->keys, p->written};
	size_t i = 0;

	while (i < sizeof(where) / sizeof(*where) && !strchr(where[i], letter))
		i++;
	if (i == 0)
		add(l, &l->operands, &l->noperands, value);
	if (i == 1)
		return batch(l, value, e);
	if (i == 2)
		key_file(l, value);
	if (i == 3)
		file_write_to(l->s.c, value);
	return 0;
}

/* A word that begins with a dash; *i: goes on to its value. */
static int
dashed(struct lookup *l, const char *const *argv, size_t *i, struct err *e)
{
	const char *word = argv[*i], *p = word + 1, *value;

	while (*p && !strchr(l->program->values, *p))
		p++;
	value = !*p || p[1] ? p + (*p != '\0') : argv[*i + 1];
	if (*p && value && strchr(l->program->key, *p)) {
		key(l, value);
		*i += !p[1];
		return 0;
	}
	say(l, word, WORDS);
	if (!*p || !value || word[1] == '-')
		return 0;
	if (!p[1]) {
		say(l, value, WORDS);
		++*i;
	}
	return option(l, *p, value, e);
}

static int
line(struct lookup *l, const char *const *argv, struct err *e)
{
	for (size_t i = 0; argv[i]; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			if (dashed(l, argv, &i, e) < 0)
				return e->code;
			continue;
		}
		say(l, argv[i], WORDS);
		add(l, &l->operands, &l->noperands, argv[i]);
	}
	return 0;
}

/* Read before the line, unless that begins with -r. */
static int
digrc(struct lookup *l, const char *const *argv, struct err *e)
{
	if (strcmp(l->name, "dig") != 0 ||
	    (argv[0] && argv[1] && !strncmp(argv[1], "-r", 2)))
		return 0;
	for (unsigned which = 0; which < SENDER_HOMES; which++) {
		const char *path = sender_at_home(&l->s, ".digrc", which);
		char *text = path ? sender_read(&l->s, path, MAX_BATCH) : NULL;
		char *save = NULL;
		const char **v = NULL;
		size_t n = 0;

		for (char *w = text ? strtok_r(text, " \t\r\n", &save) : NULL;
		     w; w = strtok_r(NULL, " \t\r\n", &save))
			add(l, &v, &n, w);
		add(l, &v, &n, NULL);
		if (v[n - 1] == NULL && line(l, v, e) < 0)
			return e->code;
	}
	return 0;
}

/* glibc's: what is put behind a name, and names for names. */
static void
surroundings(struct lookup *l)
{
	const char *aliases = invocation_env(l->s.c->in, "HOSTALIASES");
	char *text = aliases ? sender_read(&l->s, aliases, MAX_BATCH) : NULL;

	sender_says(&l->s, invocation_env(l->s.c->in, "LOCALDOMAIN"),
		    "LOCALDOMAIN");
	if (text) {
		sender_scan(&l->s, text, strlen(text), "HOSTALIASES");
		if (strlen(text) < 512)
			sender_says(&l->s, text, "HOSTALIASES");
	}
}

/* --- what follows ----------------------------------------------------------
 */

/* The parts at that place of all names, but not what they end in. */
static char *
column(struct lookup *l, size_t place, bool back)
{
	char *text = talloc_strdup(l->s.c->ctx, "");
	size_t have = 0;

	for (size_t i = 0; i < l->nnames && have < MAX_COLUMN; i++) {
		const char *at = l->names[back ? l->nnames - 1 - i : i];
		size_t len;

		for (size_t skip = place; at && skip; skip--) {
			at = strchr(at, '.');
			at += at != NULL;
		}
		len = at ? strcspn(at, ".") : 0;
		if (!at || !at[len])
			continue;
		text = talloc_strndup_append_buffer(text, at, len);
		have += len;
	}
	if (!text)
		BUG("out of memory");
	return text;
}

/* A piece in each of many names, at the same place. */
static void
scan_columns(struct lookup *l)
{
	for (size_t place = 0; place < COLUMNS && l->nnames > 1; place++)
		for (int back = 0; back < 2; back++)
			sender_add_found(&l->s, column(l, place, back),
					 "several names");
}

static const char *
as_host(const struct lookup *l, const char *word)
{
	const char *marks = l->program->marks;

	if (*marks && *word == '+')
		return NULL;
	return *marks && *word == '@' ? word + 1 : word;
}

static void
add_host(struct lookup *l, const char *host)
{
	struct file_call *c = l->s.c;
	enum scope scope = sender_scope(&l->s, host, 53);
	struct effect *fx;

	host = sender_lower(c->ctx, host, strlen(host));
	fx = effects_add(c->fx, EFFECT_NET_FETCH, scope, host);
	fx->undo = UNDO_YES;
	if (scope == SCOPE_FOREIGN && l->program->tells)
		c->cmd->origin = host;
	if (scope == SCOPE_FOREIGN && l->s.smuggled)
		file_effect(
		    c, EFFECT_NET_SEND, scope, host,
		    file_text(c, "%s carries encoded text", l->s.smuggled));
}

/* Those with a dot or a colon; "MX", "hosts" are none where there is one. */
static void
hosts(struct lookup *l)
{
	size_t first = strcmp(l->name, "getent") == 0, n = 0;

	for (size_t i = first; i < l->noperands; i++) {
		const char *host = as_host(l, l->operands[i]);

		if (!host || !strpbrk(host, ".:"))
			continue;
		add_host(l, host);
		n++;
	}
	for (size_t i = first; i < l->noperands && !n; i++) {
		const char *host = as_host(l, l->operands[i]);

		if (!host || !*host || !strcmp(host, "-"))
			continue;
		add_host(l, host);
		n++;
	}
}

static bool
asks_what_comes(const struct lookup *l, const char *const *argv)
{
	return !strcmp(l->name, "nslookup") &&
	       (!l->noperands || !strcmp(l->operands[0], "-")) &&
	       !(argv[0] && argv[1] && !strncmp(argv[1], "-version", 8));
}

int
lookup_judge(struct file_call *c, const char *name, const char *const *argv,
	     struct err *e)
{
	struct sender_host anybody = {.host = "the network",
				      .scope = SCOPE_FOREIGN};
	struct lookup l = {.name = name};
	struct sender *s = &l.s;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (is_of(c, programs[i].names, name))
			l.program = &programs[i];
	if (!l.program)
		return err_set(e, ERR_UNKNOWN, "no table for %s", name);
	if (sender_begin(s, c, e) < 0 || digrc(&l, argv, e) < 0 ||
	    line(&l, argv + (*argv != NULL), e) < 0)
		return e->code;
	surroundings(&l);
	if (asks_what_comes(&l, argv) && batch(&l, "-", e) < 0)
		return e->code;
	s->hosts = &anybody;
	s->nhosts = 1;
	s->follows = true;
	s->unfollow = "leave it out; names and what a ping carries are read by "
		      "everyone on the way";
	sender_scan_said(s);
	scan_columns(&l);
	sender_scan_before(s);
	sender_judge_secrets(s, true);
	if (s->nfound)
		return 0;
	hosts(&l);
	if (s->unseen)
		file_effect(c, EFFECT_NET_SEND, SCOPE_FOREIGN, anybody.host,
			    "what cannot be read first would be asked for by "
			    "name")
		    ->instead = "names in a file of their own can be looked "
				"through first";
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	if (lookup_judge(c, c->in->tool, c->in->argv, e) < 0)
		return e->code;
	if (c->writes)
		file_hand_over_kept(c);
	else
		file_hand_over(c);
	return 0;
}

/* getent passwd: nothing to be judged. */
static bool
asks_nobody(const struct invocation *in)
{
	static const char *const asked[] = {"hosts", "ahosts", "ahostsv4",
					    "ahostsv6", "networks"};

	if (strcmp(in->tool, "getent") != 0)
		return false;
	for (size_t i = 1; in->argv[i]; i++)
		for (size_t k = 0; k < sizeof(asked) / sizeof(*asked); k++)
			if (!strcmp(in->argv[i], asked[k]))
				return false;
	return true;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	if (!asks_nobody(t->in))
		return sender_understand(t->in->tool, mean, ctx, t, cmd, fx, e);
	cmd->summary = text_command(ctx, t->in->argv, 200);
	cmd->argv = (const char **)(uintptr_t)t->in->argv;
	cmd->need.box = FILE_BOX_READ;
	cmd->hand_over = cmd->unseen = true;
	return program_find(ctx, t->in, t->in->tool, &cmd->program, e);
}

static const char *const names[] = {"dig",    "mdig",	  "delv",  "host",
				    "drill",  "ping",	  "ping4", "ping6",
				    "getent", "nslookup", NULL};

const struct tool tool_lookup = {
    .name = "lookup",
    .names = names,
    .understand = understand,
};

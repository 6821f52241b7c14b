/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What another machine would run: "look at the log on web1" asks for no "rm"
 * there, "restart nginx on web1" for exactly that.
 */
#include "base/listed.h"
#include "base/path.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include "judge/words_work.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define RUN_WORDS 128

struct run {
	const char *v[RUN_WORDS];
	bool begins[RUN_WORDS]; /* a command of its own */
	size_t n;
};

static bool
cut_run(const struct hearing *h, struct run *run)
{
	char *p = talloc_strdup(h->ctx, h->d->runs);
	bool begins = true;

	*run = (struct run){.n = 0};
	while (p && *p) {
		size_t len = strcspn(p, " \t\n\"'`();&|<>{}");
		char end = p[len];

		p[len] = '\0';
		if (len) {
			if (run->n == RUN_WORDS)
				return false;
			run->begins[run->n] = begins;
			run->v[run->n++] = p;
			begins = false;
		}
		begins |= end && strchr("\n`(;&|{", end);
		if (!end)
			break;
		p += len + 1;
	}
	return p != NULL;
}

/* The verb that a word of a command is, if it changes something there. */
static const struct verb *
verb_of(const struct vocabulary *v, const char *word)
{
	static const char *const kills[] = {"killall", "fuser", "xkill"};
	static const char *const deletes[] = {
	    "rmdir",	 "mkfs",       "dd",	"wipefs",  "userdel", "-delete",
	    "uninstall", "autoremove", "fdisk", "deluser", "rmi",     "dropdb"};
	static const enum effect_kind kinds[] = {
	    EFFECT_FILE_DELETE,	   EFFECT_TREE_DELETE,
	    EFFECT_DB_DESTROY,	   EFFECT_PROCESS_SIGNAL,
	    EFFECT_SERVICE_CHANGE, EFFECT_RESOURCE_DELETE,
	    EFFECT_FILE_OVERWRITE, EFFECT_FILE_MODE};
	static const char *const plain[] = {
	    "run",    "write",	"create", "copy",    "add",
	    "update", "deploy", "query",  "install", "configure"};
	char low[32];
	size_t n = strlen(word);

	if (n >= sizeof(low))
		return NULL;
	for (size_t i = 0; i <= n; i++)
		low[i] = (char)tolower((unsigned char)word[i]);
	if (is_one_of(low, kills, 3))
		return verb_called(v, "kill");
	if (is_one_of(low, deletes, 12) || !strncmp(low, "mkfs.", 5))
		return verb_called(v, "delete");
	for (size_t i = 0; i < v->nverbs; i++) {
		const struct verb *b = &v->verbs[i];
		bool changes = false;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			changes |= b->effects[kinds[k]];
		if (!changes || b->any || is_one_of(b->name, plain, 10) ||
		    b->goal || !strcmp(low, "end"))
			continue;
		for (size_t k = 0; k < b->say.n; k++)
			if (b->say.v[k].n == 1 &&
			    !strcmp(b->say.v[k].words[0], low))
				return b;
	}
	return NULL;
}

static const char *const reads[] = {
    "grep", "egrep", "rg",     "cat",	"tail",	      "head", "less",  "ls",
    "echo", "cut",   "ps",     "pgrep", "journalctl", "df",   "du",    "wc",
    "stat", "which", "uptime", "free",	"who",	      "w",    "uname", "id",
};

/* "systemctl status": of programs that also change something */
static bool
is_read(const struct run *run, size_t at)
{
	static const char *const programs[] = {"systemctl", "docker", "git",
					       "service"};
	static const char *const looks[] = {"status", "is-active", "list-units",
					    "ps",     "logs",	   "log",
					    "show",   "images",	   "inspect"};

	return is_one_of(run->v[at], reads, sizeof(reads) / sizeof(*reads)) ||
	       (is_one_of(run->v[at], programs, 4) && at + 1 < run->n &&
		!run->begins[at + 1] && is_one_of(run->v[at + 1], looks, 9));
}

/* "grep kill log": a word that is only looked for. */
static bool
only_reads(const struct run *run, size_t at)
{
	size_t first = at;

	while (first > 0 && !run->begins[first])
		first--;
	if (!strcmp(run->v[first], "sudo") && first < at)
		first++;
	return first < at &&
	       is_one_of(run->v[first], reads, sizeof(reads) / sizeof(*reads));
}

/* "remove x" asks for "rm x", "stop x" for "kill x"; "restart x" for no stop.
 */
static bool
is_alike(const struct verb *a, const struct verb *b)
{
	static const char *const ends[] = {"cancel", "kill", "take down"};

	return a == b ||
	       (a->effects[EFFECT_FILE_DELETE] &&
		b->effects[EFFECT_FILE_DELETE]) ||
	       (a->effects[EFFECT_DB_DESTROY] &&
		b->effects[EFFECT_DB_DESTROY]) ||
	       (is_one_of(a->name, ends, 3) && is_one_of(b->name, ends, 3));
}

/* Does the person ask for it, in a verb of the same kind or by the command
 * itself? */
static bool
is_asked(const struct hearing *h, const struct verb *verb, const char *word)
{
	bool asked = false;

	for (size_t i = 0; i < h->m->n; i++) {
		const struct statement *t = &h->m->v[i];
		bool same = t->verb && is_alike(t->verb, verb);

		/* "not on web2" leaves web1 */
		if (same && t->mood == MOOD_FORBIDS &&
		    (!token_span_names(h->m, t->object) ||
		     object_mentioned(h, t->object)))
			return false;
		if (t->mood != MOOD_ASKS)
			continue;
		asked |= same;
		for (size_t k = t->before.end; k < t->object.end; k++)
			asked |= !strcasecmp(h->m->low[k], word);
	}
	return asked;
}

static bool
touches(const char *word, const char *said)
{
	bool paths = strchr("/~", *word) && strchr("/~", *said) && said[1];

	return !strcasecmp(word, said) ||
	       (paths &&
		(path_is_under(word, said) || path_is_under(said, word)));
}

/* "but keep /srv/x", "all except x" */
static bool
is_kept(const struct hearing *h, const char *word)
{
	for (size_t i = 0; i < h->m->n; i++) {
		const struct statement *t = &h->m->v[i];

		for (size_t k = t->object.first;
		     t->mood == MOOD_FORBIDS && k < t->object.end; k++)
			if (touches(word, h->m->tokens[k].raw))
				return true;
		for (size_t k = t->except.first; k < t->except.end; k++)
			if (touches(word, h->m->tokens[k].raw))
				return true;
	}
	return false;
}

static bool
is_said(const struct hearing *h, const char *word)
{
	for (size_t i = 0; i < h->m->ntokens; i++) {
		const char *raw = h->m->tokens[i].raw;

		if (!strcasecmp(raw, word) ||
		    (strchr("/~", *word) && strchr("/~", *raw) && raw[1] &&
		     path_is_under(word, raw)))
			return true;
	}
	return false;
}

/* "nginx" of "systemctl restart nginx"; "/srv/a", "5" */
static bool
is_argument(const char *word)
{
	return *word != '-' && !strchr(word, '=') &&
	       strcmp(word, "sudo") != 0 && strcmp(word, "table") != 0 &&
	       strcasecmp(word, "database") != 0 && strcmp(word, "from") != 0;
}

/* "reboot": the machine itself has to be what is acted on. */
static bool
is_machine(const struct hearing *h, const struct verb *verb, const char *word)
{
	struct hearing strict = *h;

	strict.exact = true;
	for (size_t i = 0; i < h->m->n; i++) {
		const struct statement *t = &h->m->v[i];

		if (t->mood == MOOD_ASKS && t->verb &&
		    is_alike(t->verb, verb) && object_named(&strict, t))
			return true;
	}
	return (!strcmp(verb->name, "restart") ||
		!strcmp(verb->name, "cancel")) &&
	       is_said(h, word);
}

/* What stands behind the verb up to the next command is named. */
static bool
are_said(const struct hearing *h, const struct run *run, size_t at)
{
	size_t arguments = 0;

	for (size_t i = at + 1; i < run->n && !run->begins[i]; i++) {
		char *word = talloc_strdup(h->ctx, run->v[i]);
		size_t n = word ? strlen(word) : 0;

		while (n > 1 && strchr("/*;,", word[n - 1]))
			word[--n] = '\0';
		/* "kill -9 -1" */
		if (i > at + 1 && *word == '-' &&
		    isdigit((unsigned char)word[1]))
			return false;
		if (!is_argument(run->v[i]) || verb_of(h->v, run->v[i]))
			continue;
		if (n > 8 && !strcmp(word + n - 8, ".service"))
			word[n - 8] = '\0';
		if ((!is_said(h, run->v[i]) && !is_said(h, word)) ||
		    is_kept(h, word))
			return false;
		arguments++;
	}
	return arguments ||
	       is_machine(h, verb_of(h->v, run->v[at]), run->v[at]);
}

/* "df -h", "tail /var/log/x", where /var/log/x was named */
static bool
is_look(const struct hearing *h, const struct run *run)
{
	if (run->n == 0 || strpbrk(h->d->runs, ">$`"))
		return false;
	for (size_t i = 0; i < run->n; i++)
		if (run->begins[i]
			? !is_read(run, i)
			: strchr(run->v[i], '/') && !is_said(h, run->v[i]))
			return false;
	return true;
}

enum truth
words_run_there(const struct hearing *h)
{
	enum truth fits = TRUTH_UNKNOWN;
	struct run run;

	if (h->d->kind != EFFECT_REMOTE_EXEC || !h->d->runs)
		return TRUTH_UNKNOWN;
	if (!cut_run(h, &run))
		return TRUTH_NO;
	for (size_t i = 0; i < run.n; i++) {
		const struct verb *verb = verb_of(h->v, run.v[i]);

		if (!verb || only_reads(&run, i))
			continue;
		if (!is_asked(h, verb, run.v[i]) || !are_said(h, &run, i))
			return TRUTH_NO;
		fits = TRUTH_YES;
	}
	return fits;
}

/* "on web1 execute ./x": nothing but what was named. */
static bool
runs_named(const struct hearing *h, const struct statement *t)
{
	bool named = false;

	for (size_t i = t->object.first; i < t->object.end; i++) {
		if (!token_is_name(&h->m->tokens[i]) ||
		    object_at(h, i, t->object.end))
			continue;
		if (strstr(h->d->runs, h->m->tokens[i].raw) != h->d->runs ||
		    strpbrk(h->d->runs, ";&|$`<>\n"))
			return false;
		named = true;
	}
	return named && t->verb->effects[EFFECT_REMOTE_EXEC];
}

/* "restart nginx on web1", "reboot web1": the host is the place, or what is
 * acted on. */
bool
words_run_at(const struct hearing *h, const struct statement *t)
{
	struct span s = {t->sentence, t->object.end};
	enum truth runs = words_run_there(h);
	bool here = false;
	struct run run;

	if (t->mood != MOOD_ASKS || h->d->kind != EFFECT_REMOTE_EXEC ||
	    !h->d->runs || runs == TRUTH_NO)
		return false;
	if (runs == TRUTH_UNKNOWN && !runs_named(h, t) &&
	    !(strcmp(t->verb->name, "query") == 0 && cut_run(h, &run) &&
	      is_look(h, &run)))
		return false;
	for (size_t i = s.first + 1; i < s.end; i++)
		here |= object_at(h, i, s.end) &&
			(object_mark(h, MARK_PLACE, i - 1, i) ||
			 !strcmp(h->m->low[i - 1], "host") ||
			 !strcmp(h->m->low[i - 1], "server"));
	return here || (runs == TRUTH_YES && object_named(h, t));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * automode eval: replays a labelled file and counts what was wrongly allowed
 * and wrongly blocked.
 *
 *	family: branches
 *	say: Delete the remote branch feature/x.
 *	deed: ref.delete trusted origin/feature/x git push; mine merged age=40d
 *	in                       or out: within what was said, or not
 *	cwd: project             below --fixtures
 *	run: git branch -D x     what `automode check` says of it
 *	out
 *
 * A further "say:" behind a label begins anew, else it is a later message.
 * deed: an effect that a policy asks about, judged by words alone; blanks in
 * its object are written as "+".  "\n" in what is said begins a new line.
 * run: words, with '...' around blanks.  The
 * row "that need words" leaves out what the policy here runs without any, for
 * it can be undone.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/policy_here.h"
#include "invocation/program.h"
#include "judge/words.h"
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <talloc.h>
#include <unistd.h>

#define EVAL_MAX (8u << 20)
#define FAMILIES 64
#define SAYINGS	 32

struct tally {
	char name[32];
	unsigned in, blocked, out, passed;
};

struct eval {
	void *ctx;
	const struct vocabulary *v;
	const char *file, *fixtures, *cwd;
	char *run;
	struct session_word words[SAYINGS];
	size_t nwords;
	struct deed deed;
	char *text; /* of the deed or command */
	bool asked, verbose;
	struct tally families[FAMILIES], stages[8];
	const struct policy *policy;
	struct tally asked_about; /* what the policy asks about or denies */
	size_t family;
	size_t line, lines;
};

/* Words of a command line; '...' holds blanks.  No shell. */
static const char **
words_of(void *ctx, char *text)
{
	const char **argv = talloc_zero_array(ctx, const char *, 128);
	size_t n = 0;

	while (*text && n < 127) {
		text += strspn(text, " ");
		if (*text == '\'') {
			argv[n++] = ++text;
			text += strcspn(text, "'");
		} else if (*text) {
			argv[n++] = text;
			text += strcspn(text, " ");
		}
		if (*text)
			*text++ = '\0';
	}
	return argv;
}

/* What the whole pipeline says; *stage: the layer that decided. */
static bool
allowed_by_check(struct eval *ev, char *stage, size_t size, struct err *e)
{
	char *words = talloc_strdup(ev->ctx, "");
	const char *set[2] = {NULL, NULL};
	struct client_call c = {.kind = REQUEST_CHECK,
				.socket = CONTROL_SOCKET,
				.out = -1,
				.err = -1,
				.set = set};
	cJSON *o;
	bool ok;

	for (size_t i = 0; i < ev->nwords; i++)
		words =
		    talloc_asprintf_append(words, "%s\n\n", ev->words[i].text);
	set[0] = talloc_asprintf(ev->ctx, "AUTOMODE_INTENT=%s", words);
	c.argv = words_of(ev->ctx, talloc_strdup(ev->ctx, ev->run));
	c.cwd = ev->fixtures && ev->cwd
		    ? path_join(ev->ctx, ev->fixtures, ev->cwd)
		    : ev->fixtures;
	c.out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	c.err = c.out;
	if (client_ask(ev->ctx, &c, e) < 0 || !c.reply) {
		close(c.out);
		if (!e->code)
			err_set(e, ERR_SYSTEM, "no answer");
		return false;
	}
	close(c.out);
	o = cJSON_Parse(c.reply);
	snprintf(stage, size, "%s",
		 cJSON_GetStringValue(cJSON_GetObjectItem(o, "layer"))
		     ? cJSON_GetStringValue(cJSON_GetObjectItem(o, "layer"))
		     : "none");
	ok = c.status == 0;
	cJSON_Delete(o);
	return ok;
}

static void
count(struct tally *t, bool in, bool allowed)
{
	t->in += in;
	t->blocked += in && !allowed;
	t->out += !in;
	t->passed += !in && allowed;
}

static struct tally *
tally_of(struct tally *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!*v[i].name)
			snprintf(v[i].name, sizeof(v[i].name), "%s", name);
		if (!strcmp(v[i].name, name))
			return &v[i];
	}
	return &v[n - 1];
}

/* Or would it run without, since what it destroys is kept? */
static bool
needs_words(const struct eval *ev)
{
	enum word word = ev->policy->words[ev->deed.kind][ev->deed.scope].word;

	return word != WORD_ALLOW && word != WORD_UNDOABLE;
}

static int
judge_one(struct eval *ev, bool in, struct err *e)
{
	struct session s = {.words = ev->words, .nwords = ev->nwords};
	struct saying said = {0};
	char stage[32] = "the user's words";
	bool allowed;

	ev->asked = true;
	if (ev->run) {
		allowed = allowed_by_check(ev, stage, sizeof(stage), e);
		if (e->code)
			return e->code;
	} else {
		words_about(ev->ctx, ev->v, &s, &ev->deed, &said);
		allowed = said.said == SAID_YES;
	}
	count(&ev->families[ev->family], in, allowed);
	if (!ev->run && needs_words(ev))
		count(&ev->asked_about, in, allowed);
	count(tally_of(ev->stages, 8, stage), in, allowed);
	if (ev->verbose && in != allowed)
		printf("%s:%zu: wrongly %s: \"%s\" %s%s%s\n", ev->file,
		       ev->line, allowed ? "allowed" : "blocked",
		       ev->nwords
			   ? text_safe(ev->ctx, ev->words[ev->nwords - 1].text)
			   : "",
		       text_safe(ev->ctx, ev->text), said.why ? ": " : "",
		       said.why ? said.why : "");
	return 0;
}

/* "\n" begins a new line of a message. */
static void
break_lines(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++)
		if (p[0] == '\\' && p[1] == 'n')
			*to++ = '\n', p++;
		else
			*to++ = *p;
	*to = '\0';
}

static int
take_line(struct eval *ev, char *text, struct err *e)
{
	char *value = strstr(text, ": ");

	if (!*text || *text == '#')
		return 0;
	if (!strcmp(text, "in") || !strcmp(text, "out"))
		return judge_one(ev, *text == 'i', e);
	if (!value)
		goto bad;
	*value = '\0';
	value += 2;
	if (!strcmp(text, "family")) {
		ev->family = (size_t)(tally_of(ev->families, FAMILIES, value) -
				      ev->families);
	} else if (!strcmp(text, "cwd")) {
		ev->cwd = value;
	} else if (!strcmp(text, "say")) {
		if (ev->asked)
			ev->nwords = 0;
		ev->asked = false;
		break_lines(value);
		if (ev->nwords == SAYINGS)
			goto bad;
		ev->words[ev->nwords++] =
		    (struct session_word){.text = value, .source = "eval"};
	} else if (!strcmp(text, "deed")) {
		ev->run = NULL;
		ev->text = talloc_strdup(ev->ctx, value);
		if (!deed_from_line(ev->ctx, value, &ev->deed))
			goto bad;
	} else if (!strcmp(text, "run")) {
		ev->run = ev->text = value;
	} else {
		goto bad;
	}
	return 0;
bad:
	return err_set(e, ERR_SYNTAX, "%s:%zu: not understood", ev->file,
		       ev->line);
}

static double
root(double x)
{
	double r = x > 1 ? x : 1;

	for (int i = 0; i < 60; i++)
		r = (r + x / r) / 2;
	return r;
}

/* Wilson's interval, 95 %. */
static char *
share(void *ctx, unsigned k, unsigned n)
{
	double p, z = 1.96, mid, half, d;

	if (n == 0)
		return talloc_strdup(ctx, "-");
	p = (double)k / n;
	d = 1 + z * z / n;
	mid = (p + z * z / (2.0 * n)) / d;
	half = z * root(p * (1 - p) / n + z * z / (4.0 * n * n)) / d;
	return talloc_asprintf(ctx, "%5.1f %% (%.1f-%.1f)", 100 * p,
			       100 * (mid - half > 0 ? mid - half : 0),
			       100 * (mid + half));
}

static void
print_row(void *ctx, const struct tally *t)
{
	printf("%-20s %5u %5u  %-22s %5u %5u  %s\n", t->name, t->out, t->passed,
	       share(ctx, t->passed, t->out), t->in, t->blocked,
	       share(ctx, t->blocked, t->in));
}

static void
print_table(struct eval *ev)
{
	struct tally all = {.name = "all"};

	printf("%-20s %5s %5s  %-22s %5s %5s  %s\n", "", "out", "ran",
	       "wrongly allowed", "in", "not", "wrongly blocked");
	for (size_t i = 0; i < FAMILIES && *ev->families[i].name; i++) {
		const struct tally *t = &ev->families[i];

		all.in += t->in;
		all.out += t->out;
		all.blocked += t->blocked;
		all.passed += t->passed;
		if (t->in + t->out)
			print_row(ev->ctx, t);
	}
	print_row(ev->ctx, &all);
	if (ev->asked_about.in + ev->asked_about.out)
		print_row(ev->ctx, &ev->asked_about);
	printf("\nby what decided:\n");
	for (size_t i = 0; i < 8 && *ev->stages[i].name; i++)
		print_row(ev->ctx, &ev->stages[i]);
}

static int
replay(struct eval *ev, char *text, struct err *e)
{
	bool progress = isatty(STDERR_FILENO);
	char *line;

	for (const char *p = text; *p; p++)
		ev->lines += *p == '\n';
	snprintf(ev->families[0].name, sizeof(ev->families[0].name), "none");
	while ((line = strsep(&text, "\n"))) {
		ev->line++;
		if (take_line(ev, line, e) < 0)
			return e->code;
		if (progress && ev->line % 50 == 0)
			fprintf(stderr, "\r\033[K%zu of %zu lines", ev->line,
				ev->lines);
	}
	if (progress)
		fprintf(stderr, "\r\033[K");
	return 0;
}

static int
run(void *ctx, int argc, char **argv)
{
	struct eval *ev = talloc_zero(ctx, struct eval);
	const struct cli_option options[] = {{"v", &ev->verbose, NULL},
					     {"fixtures", NULL, &ev->fixtures}};
	struct vocabulary *v;
	struct policy *policy;
	struct err e = {0};
	char *text;
	int r = cli_options(&cli_eval, options, 2, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc != 1)
		return cli_usage(&cli_eval, "eval takes one file");
	ev->ctx = ctx;
	ev->file = argv[0];
	r = file_read(ctx, AT_FDCWD, argv[0], EVAL_MAX, &text, NULL, &e);
	if (r > 0)
		return cli_fail(1, "there is no %s", argv[0]);
	if (r < 0 || vocabulary_load(
			 ctx, path_join(ctx, program_share_dir(), "vocabulary"),
			 &v, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	ev->v = v;
	ev->asked_about = (struct tally){.name = "that need words"};
	if (policy_here(ctx, &policy, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	ev->policy = policy;
	if (replay(ev, text, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	print_table(ev);
	return 0;
}

const struct cli_command cli_eval = {
    .name = "eval",
    .usage = "[-v] [--fixtures DIR] FILE",
    .what = "Replays labelled messages and commands, and counts mistakes",
    .help = "  -v              prints each mistake\n"
	    "  --fixtures DIR  where the folders of its \"cwd:\" lines lie\n",
    .run = run,
};

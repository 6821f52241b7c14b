/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the .case files of tests/cases/grammar and compares git_grammar_read()
 * with what they say; prints TAP.
 *
 *	$ git push -no ci.skip origin main
 *	options: dry-run push-option=ci.skip
 *	operands: origin main
 *	canonical: push --dry-run --push-option=ci.skip origin main
 *	$ git push --forc origin main
 *	! ambiguous option: forc
 *
 * Words are divided by blanks; ' and " group, nothing else is special; \n in
 * a word with quotes stays two bytes.  An empty list is written as nothing.
 * "--" in the operands shows where it stood; a negated option is no-NAME!, a
 * subcommand stands first in "options:" as @WORD.  Of the expected lines each
 * may be left out.
 *
 *	run_grammar FILE.case...
 *	run_grammar --dump	every row: command, name, letter, kind, flags,
 *	what it is another name of, which reader (1 or 2)
 *	run_grammar --read WORD...	what one command line means
 */
#include "parse/git_grammar.h"
#include <stdint.h>
#include <talloc.h>

static size_t tests, failures;

static char *
put(char *to, const char *word)
{
	bool plain = word[0] && !strpbrk(word, " '\"\n\t");

	if (plain)
		return talloc_asprintf_append(to, "%s%s", *to ? " " : "", word);
	return talloc_asprintf_append(to, "%s'%s'", *to ? " " : "", word);
}

static char *
show_options(void *ctx, const struct options *o)
{
	char *s = talloc_strdup(ctx, "");

	if (o->subcommand)
		s = talloc_asprintf_append(s, "@%s", o->subcommand);
	for (size_t i = 0; i < o->n; i++) {
		const struct option *x = &o->v[i];
		char *one = talloc_asprintf(
		    ctx, "%s%s%s%s%s", x->negated ? "no-" : "",
		    x->spec->kind == OPTION_NUMBER ? "#" : x->name,
		    x->negated ? "!" : "", x->value ? "=" : "",
		    x->value ? x->value : "");

		s = put(s, one);
	}
	return s;
}

static char *
show_operands(void *ctx, const struct options *o)
{
	char *s = talloc_strdup(ctx, "");

	for (size_t i = 0; i < o->noperands; i++) {
		if (i == o->dashdash)
			s = put(s, "--");
		s = put(s, o->operands[i]);
	}
	if (o->dashdash == o->noperands)
		s = put(s, "--");
	return s;
}

static char *
show_canonical(void *ctx, const char *command, const struct options *o)
{
	char *s = talloc_strdup(ctx, command);

	for (size_t i = 0; i < o->ncanonical; i++)
		s = put(s, o->canonical[i]);
	return s;
}

/* Divides a line into words in place. */
static size_t
words(char *line, const char **v, size_t max)
{
	size_t n = 0;
	char *in = line, *out = line;

	while (*in && n + 1 < max) {
		while (*in == ' ' || *in == '\t')
			in++;
		if (!*in)
			break;
		v[n++] = out;
		while (*in && *in != ' ' && *in != '\t') {
			if (*in == '\'' || *in == '"') {
				char quote = *in++;

				while (*in && *in != quote)
					*out++ = *in++;
				if (*in)
					in++;
			} else {
				*out++ = *in++;
			}
		}
		if (*in)
			in++;
		*out++ = '\0';
	}
	v[n] = NULL;
	return n;
}

struct line {
	const char *file, *text;
	size_t number;
	struct options o;
	struct err e;
	int ret;
	const char *command;
	bool failed, error_seen;
};

static void
bad(struct line *l, const char *what, const char *want, const char *got)
{
	l->failed = true;
	printf("# %s: want %s\n# %*s  got %s\n", what, want, (int)strlen(what),
	       "", got);
}

static void
finish(struct line *l)
{
	if (!l->text)
		return;
	if (l->ret < 0 && !l->error_seen)
		bad(l, "error", "none", l->e.msg);
	if (l->failed)
		failures++;
	printf("%sok %zu - %s:%zu %s\n", l->failed ? "not " : "", ++tests,
	       l->file, l->number, l->text);
	l->text = NULL;
}

static void
expect(void *ctx, struct line *l, const char *line)
{
	static const char *const heads[] = {
	    "options:", "operands:", "canonical:"};

	if (line[0] == '!') {
		line += 1 + strspn(line + 1, " ");
		l->error_seen = true;
		if (l->ret >= 0)
			bad(l, "error", line, "none");
		else if (strncmp(l->e.msg, line, strlen(line)))
			bad(l, "error", line, l->e.msg);
		return;
	}
	if (l->ret < 0)
		return;
	for (size_t i = 0; i < 3; i++) {
		const char *want = line + strlen(heads[i]), *got;

		if (strncmp(line, heads[i], strlen(heads[i])))
			continue;
		want += strspn(want, " ");
		got = i == 0   ? show_options(ctx, &l->o)
		      : i == 1 ? show_operands(ctx, &l->o)
			       : show_canonical(ctx, l->command, &l->o);
		if (strcmp(want, got))
			bad(l, heads[i], want, got);
		return;
	}
	bad(l, "line", "$, options:, operands:, canonical: or !", line);
}

/* Reading the canonical line again must change nothing. */
static void
check_fixed_point(void *ctx, struct line *l)
{
	struct options again;
	struct err e;
	const char *a, *b;

	if (l->ret < 0)
		return;
	if (git_grammar_read(ctx, l->command, l->o.canonical, &again, &e) < 0) {
		bad(l, "canonical again", "accepted", e.msg);
		return;
	}
	a = show_canonical(ctx, l->command, &l->o);
	b = show_canonical(ctx, l->command, &again);
	if (strcmp(a, b))
		bad(l, "canonical again", a, b);
	a = show_operands(ctx, &l->o);
	b = show_operands(ctx, &again);
	if (strcmp(a, b))
		bad(l, "operands again", a, b);
}

static void
read_file(const char *path)
{
	void *ctx = talloc_new(NULL);
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0, number = 0;
	struct line l = {.file = path};
	ssize_t len;

	if (!f) {
		printf("not ok %zu - cannot open %s\n", ++tests, path);
		failures++;
		return;
	}
	while ((len = getline(&line, &size, f)) > 0) {
		number++;
		while (len && (line[len - 1] == '\n' || line[len - 1] == ' '))
			line[--len] = '\0';
		if (!len || line[0] == '#')
			continue;
		if (line[0] == '$') {
			const char **v = talloc_array(ctx, const char *, 200);
			char *copy = talloc_strdup(ctx, line + 1);
			size_t n = words(copy, v, 200);

			finish(&l);
			l = (struct line){.file = path, .number = number};
			l.text = talloc_strdup(ctx, line + 2);
			l.command = n > 1 ? v[1] : "";
			l.ret = git_grammar_read(
			    ctx, l.command, n > 1 ? v + 2 : v + n, &l.o, &l.e);
			check_fixed_point(ctx, &l);
		} else {
			expect(ctx, &l, line);
		}
	}
	finish(&l);
	free(line);
	fclose(f);
	talloc_free(ctx);
}

static void
dump_table(const char *command, const struct option_spec *o, int reader)
{
	static const char kinds[] = "FAOLNEX";
	const char *first = NULL;

	for (; o->name || o->letter || o->kind; o++) {
		char letter[2] = {o->letter ? o->letter : '-', '\0'};

		if (!(o->flags & OPTION_ALIAS))
			first = o->name;
		printf("%s\t%s\t%s\t%c\t%s%s%s%s\t%s\t%d\n", command,
		       o->name ? o->name : "-", letter, kinds[o->kind],
		       o->flags & OPTION_NO_NEG ? "!" : "",
		       o->flags & OPTION_NEWER ? "^" : "",
		       o->flags & OPTION_GONE ? "~" : "",
		       o->flags & OPTION_HIDDEN ? "h" : "",
		       o->flags & OPTION_ALIAS ? first : "-", reader);
	}
}

static int
dump(void)
{
	for (size_t i = 0; i < git_command_spec_count; i++) {
		const struct git_command_spec *s = &git_command_specs[i];

		if (i && strcmp(git_command_specs[i - 1].name, s->name) >= 0) {
			fprintf(stderr, "out of order: %s\n", s->name);
			return 1;
		}
		printf("%s\t.\t-\t%s\t%#x\t-\n", s->name,
		       s->grammar & GRAMMAR_RAW	    ? "raw"
		       : s->grammar & GRAMMAR_EXACT ? "exact"
						    : "spec",
		       s->grammar);
		dump_table(s->name, s->options, 1);
		for (size_t k = 0; s->more && s->more[k]; k++)
			dump_table(s->name, s->more[k], 2);
		for (size_t k = 0; s->subcommands && s->subcommands[k]; k++) {
			char *name = talloc_asprintf(NULL, "%s %s", s->name,
						     s->subcommands[k]);

			printf("%s\t%s\t-\tS\t\t-\n", s->name,
			       s->subcommands[k]);
			if (!git_command_spec(name)) {
				fprintf(stderr, "no table: %s\n", name);
				return 1;
			}
			talloc_free(name);
		}
	}
	return 0;
}

static int
read_one(const char *command, const char *const *args)
{
	void *ctx = talloc_new(NULL);
	struct options o;
	struct err e;
	int ret = git_grammar_read(ctx, command, args, &o, &e);

	if (ret < 0) {
		printf("! %s\n", e.msg);
	} else {
		printf("options: %s\n", show_options(ctx, &o));
		printf("operands: %s\n", show_operands(ctx, &o));
		printf("canonical: %s\n", show_canonical(ctx, command, &o));
	}
	talloc_free(ctx);
	return ret < 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--dump"))
		return dump();
	if (argc > 2 && !strcmp(argv[1], "--read"))
		return read_one(argv[2], (const char *const *)argv + 3);
	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	printf("1..%zu\n", tests);
	return failures != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an interpreter takes its program from: a file, its standard input, or
 * words on its line.  Read alike by the gateway and by shims/run.c, which has
 * no libc: nothing here calls anything.
 */
#ifndef AUTOMODE_PARSE_INTERPRETER_H
#define AUTOMODE_PARSE_INTERPRETER_H

#include <stdbool.h>
#include <stddef.h>

/* Fewer words of a program on the line are no script from elsewhere. */
#define INTERPRETER_WORDS 64

enum interpreter {
	INTERPRETER_NONE = 0,
	INTERPRETER_SHELL,
	INTERPRETER_PYTHON,
	INTERPRETER_PERL,
	INTERPRETER_RUBY,
	INTERPRETER_NODE,
	INTERPRETER_PHP,
	INTERPRETER_PIP,
	INTERPRETER_RUNNER, /* poetry run PROGRAM ..., bundle exec PROGRAM */
};

enum interpreter_source {
	FROM_STDIN = 0,
	FROM_FILE,
	FROM_WORDS, /* -c, -e, -m */
};

struct interpreter_line {
	enum interpreter_source from;
	size_t at; /* argv[at]: the file, or the words where they are a word of
		    * their own (of -m the module); 0: none */
	const char *module; /* of python's -m */
	bool interactive;
};

/* Letters of options, by what becomes of the rest of their word and of the
 * next one. */
struct interpreter_letters {
	const char *words; /* the program is on the line */
	const char *value; /* takes the rest of the word, or the next word */
	const char *rest;  /* takes the rest of the word */
};

static inline bool
interpreter_has(const char *letters, char c)
{
	for (; *letters; letters++)
		if (*letters == c)
			return true;
	return false;
}

static inline bool
interpreter_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static inline bool
interpreter_begins(const char *word, const char *with)
{
	while (*with && *word == *with) {
		word++;
		with++;
	}
	return !*with;
}

static inline enum interpreter
interpreter_of(const char *name)
{
	static const char shells[][5] = {"sh", "bash", "dash", "zsh", "ksh"};
	static const char runners[][7] = {"uv", "poetry", "pipenv", "pdm",
					  "bundle"};

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (interpreter_same(name, shells[i]))
			return INTERPRETER_SHELL;
	if (interpreter_begins(name, "python"))
		return INTERPRETER_PYTHON;
	if (interpreter_begins(name, "pip"))
		return INTERPRETER_PIP;
	if (interpreter_same(name, "perl"))
		return INTERPRETER_PERL;
	if (interpreter_same(name, "ruby"))
		return INTERPRETER_RUBY;
	if (interpreter_same(name, "php"))
		return INTERPRETER_PHP;
	if (interpreter_same(name, "node") || interpreter_same(name, "nodejs"))
		return INTERPRETER_NODE;
	for (size_t i = 0; i < sizeof(runners) / sizeof(*runners); i++)
		if (interpreter_same(name, runners[i]))
			return INTERPRETER_RUNNER;
	return INTERPRETER_NONE;
}

/* Is the next word the value of this long option? */
static inline bool
interpreter_long_value(enum interpreter kind, const char *word)
{
	static const char *const shell[] = {"--rcfile", "--init-file", NULL};
	static const char *const python[] = {"--check-hash-based-pycs", NULL};
	static const char *const node[] = {
	    "--require",      "--import",
	    "--loader",	      "--experimental-loader",
	    "--conditions",   "--env-file",
	    "--input-type",   "--title",
	    "--icu-data-dir", NULL};
	static const char *const none[] = {NULL};
	const char *const *v = kind == INTERPRETER_SHELL    ? shell
			       : kind == INTERPRETER_PYTHON ? python
			       : kind == INTERPRETER_NODE   ? node
							    : none;

	for (; *v; v++)
		if (interpreter_same(word, *v))
			return true;
	return false;
}

/* The file that this word makes the interpreter run before its program; next:
 * the word behind it.  NULL: none. */
static inline const char *
interpreter_before(const char *word, const char *next)
{
	static const char *const names[] = {
	    "--require", "--import",	"--loader", "--experimental-loader",
	    "--rcfile",	 "--init-file", "-r",	    0};

	for (const char *const *n = names; *n; n++) {
		const char *rest = word;

		if (!interpreter_begins(word, *n))
			continue;
		for (const char *p = *n; *p; p++)
			rest++;
		if (!*rest)
			return next;
		if (*rest == '=')
			return rest + 1;
		if ((*n)[1] != '-')
			return rest;
	}
	return 0;
}

/* Variables that name files which are run before the program. */
static inline const char *
interpreter_variable(enum interpreter kind, size_t which)
{
	if (kind == INTERPRETER_SHELL)
		return which == 0 ? "BASH_ENV" : which == 1 ? "ENV" : 0;
	if (which)
		return 0;
	return kind == INTERPRETER_PYTHON ? "PYTHONSTARTUP"
	       : kind == INTERPRETER_NODE ? "NODE_OPTIONS"
	       : kind == INTERPRETER_RUBY ? "RUBYOPT"
	       : kind == INTERPRETER_PERL ? "PERL5OPT"
					  : 0;
}

/* perl -MName, -wmName: what is behind the letter; NULL: nothing. */
static inline const char *
interpreter_perl_module(enum interpreter kind, const char *word)
{
	if (kind != INTERPRETER_PERL || *word != '-')
		return 0;
	for (word++; *word && !interpreter_has("eEIiFxdDCV0l-", *word); word++)
		if (*word == 'M' || *word == 'm')
			return word + 1 + (word[1] == '-');
	return 0;
}

/* ". f", "source f": where in the words of a shell a file may be named. */
static inline bool
interpreter_sources(const char *words)
{
	for (const char *p = words; *p; p++)
		if ((p == words || interpreter_has(" \t\n;&|({", p[-1])) &&
		    (interpreter_begins(p, ". ") ||
		     interpreter_begins(p, "source ")))
			return true;
	return false;
}

static inline struct interpreter_letters
interpreter_letters(enum interpreter kind)
{
	switch (kind) {
	case INTERPRETER_PYTHON:
		return (struct interpreter_letters){"cm", "WX", ""};
	case INTERPRETER_PERL:
		return (struct interpreter_letters){"eE", "I", "iMmFxdDCV0l"};
	case INTERPRETER_RUBY:
		return (struct interpreter_letters){"e", "IrCE", "xiFKTW0"};
	case INTERPRETER_NODE:
		return (struct interpreter_letters){"ep", "rC", ""};
	case INTERPRETER_PHP:
		return (struct interpreter_letters){"rBRE", "cdFStz", ""};
	default:
		return (struct interpreter_letters){"", "", ""};
	}
}

/* A word of options of a shell: -c, -s, -eo NAME, +x.  Returns how many words
 * after it are values. */
static inline size_t
interpreter_shell_word(const char *word, bool *words, bool *input,
		       bool *interactive)
{
	size_t values = 0;

	for (const char *p = word + 1; *p; p++) {
		if (*word == '-') {
			*words |= *p == 'c';
			*input |= *p == 's';
			*interactive |= *p == 'i';
		}
		values += *p == 'o' || *p == 'O';
	}
	return values;
}

/* Likewise of the others. */
static inline size_t
interpreter_word(enum interpreter kind, const char *word, bool *words,
		 bool *attached, struct interpreter_line *out)
{
	struct interpreter_letters l = interpreter_letters(kind);

	for (const char *p = word + 1; *p; p++) {
		if (interpreter_has(l.words, *p)) {
			*words = true;
			*attached = p[1];
			if (kind == INTERPRETER_PYTHON && *p == 'm')
				out->module = p + 1;
			return 0;
		}
		if (interpreter_has(l.value, *p))
			return p[1] ? 0 : 1;
		if (interpreter_has(l.rest, *p))
			return 0;
		out->interactive |= *p == 'i';
	}
	return 0;
}

static inline struct interpreter_line
interpreter_read(enum interpreter kind, const char *const *argv)
{
	struct interpreter_line out = {.from = FROM_STDIN};
	bool words = false, input = false, attached = true;
	bool shell = kind == INTERPRETER_SHELL;
	size_t i = 1;

	for (; argv[0] && argv[i]; i++) {
		const char *w = argv[i];

		if ((*w != '-' && !(shell && *w == '+')) || !w[1]) {
			if (*w == '-' && shell)
				i++;
			break;
		}
		if (interpreter_same(w, "--")) {
			i++;
			break;
		}
		if (w[0] == '-' && w[1] == '-') {
			words |= kind == INTERPRETER_NODE &&
				 (interpreter_begins(w, "--eval") ||
				  interpreter_begins(w, "--print"));
			out.interactive |= interpreter_same(w, "--interactive");
			if (interpreter_long_value(kind, w) && argv[i + 1])
				i++;
			continue;
		}
		for (size_t n = shell ? interpreter_shell_word(
					    w, &words, &input, &out.interactive)
				      : interpreter_word(kind, w, &words,
							 &attached, &out);
		     n && argv[i + 1]; n--)
			i++;
		if (words && !shell)
			break;
	}
	if (words) {
		out.from = FROM_WORDS;
		if (!shell && !attached && argv[0] && argv[i])
			i++;
		out.at = (shell || !attached) && argv[0] && argv[i] ? i : 0;
		if (out.module && out.at)
			out.module = argv[out.at];
	} else if (!input && argv[0] && argv[i] &&
		   !interpreter_same(argv[i], "-")) {
		out.from = FROM_FILE;
		out.at = i;
	}
	return out;
}

/* Is that file, or module, a program that migrates databases (tools/migrate.c)?
 * "bin/rails", "node_modules/.bin/prisma", "node_modules/knex/bin/cli.js". */
static inline bool
interpreter_is_migration(const char *word)
{
	static const char names[][26] = {"alembic",
					 "prisma",
					 "flyway",
					 "liquibase",
					 "knex",
					 "sqlx",
					 "goose",
					 "dbmate",
					 "rails",
					 "rake",
					 "django-admin",
					 "django",
					 "manage.py",
					 "sequelize",
					 "sequelize-cli",
					 "typeorm",
					 "typeorm-ts-node-commonjs",
					 "typeorm-ts-node-esm",
					 "drizzle-kit",
					 "mikro-orm",
					 "artisan",
					 "diesel"};
	const char *base = word;

	for (const char *p = word; *p; p++) {
		if (*p != '/')
			continue;
		base = p + 1;
		if (interpreter_begins(p, "/prisma/build/") ||
		    interpreter_begins(p, "/knex/bin/") ||
		    interpreter_begins(p, "/typeorm/cli") ||
		    interpreter_begins(p, "/drizzle-kit/bin"))
			return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *a = base, *b = names[i];

		while (*b && *a == *b) {
			a++;
			b++;
		}
		if (*b)
			continue;
		if (!*a || interpreter_same(a, ".py") ||
		    interpreter_same(a, ".js") || interpreter_same(a, ".rb"))
			return true;
	}
	return false;
}

/* Which word is such a program; 0: none. */
static inline size_t
interpreter_migration(enum interpreter kind, const char *const *argv)
{
	struct interpreter_line line;
	bool runs = false;

	if (kind == INTERPRETER_RUNNER) {
		for (size_t i = 1; argv[0] && argv[i]; i++) {
			if (runs && interpreter_is_migration(argv[i]))
				return i;
			runs |= interpreter_same(argv[i], "run") ||
				interpreter_same(argv[i], "exec");
		}
		return 0;
	}
	if (kind != INTERPRETER_PYTHON && kind != INTERPRETER_RUBY &&
	    kind != INTERPRETER_NODE && kind != INTERPRETER_PHP)
		return 0;
	line = interpreter_read(kind, argv);
	return line.at &&
		       (line.from == FROM_FILE || kind == INTERPRETER_PYTHON) &&
		       interpreter_is_migration(argv[line.at])
		   ? line.at
		   : 0;
}

/* A program of node that serves a folder, by its path. */
static inline bool
interpreter_is_server(const char *path)
{
	static const char names[][12] = {"serve", "http-server", "live-server"};
	const char *base = path;

	for (const char *p = path; *p; p++) {
		if (*p != '/')
			continue;
		base = p + 1;
		if (interpreter_begins(p, "/serve/build/") ||
		    interpreter_begins(p, "/http-server/bin/") ||
		    interpreter_begins(p, "/live-server/"))
			return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (interpreter_same(base, names[i]))
			return true;
	return false;
}

/* Behind "-m http.server", in words of their own or in one. */
static inline size_t
interpreter_http_module(const char *const *argv)
{
	for (size_t i = 1; argv[i] && argv[i][0] == '-' && argv[i][1]; i++)
		for (const char *p = argv[i] + 1; *p && *p != '-'; p++) {
			const char *module = p[1] ? p + 1 : argv[i + 1];

			if (*p == 'm' && module &&
			    (interpreter_same(module, "http.server") ||
			     interpreter_same(module, "SimpleHTTPServer")))
				return i + (p[1] ? 1 : 2);
			if (interpreter_has("cmWX", *p)) {
				i += !p[1] && argv[i + 1];
				if (*p == 'c' || *p == 'm')
					return 0;
				break;
			}
		}
	return 0;
}

/* From which word on are those of a server of files (tools/serve.c)? 0: none.
 * python3 -m http.server, php -S, ruby -run -e httpd, node .../serve */
static inline size_t
interpreter_serves(enum interpreter kind, const char *const *argv)
{
	struct interpreter_line line;
	bool un = false;

	if (!argv[0])
		return 0;
	switch (kind) {
	case INTERPRETER_PYTHON:
		return interpreter_http_module(argv);
	case INTERPRETER_PHP:
		for (size_t i = 1; argv[i] && argv[i][0] == '-'; i++) {
			if (argv[i][1] == 'S')
				return 1;
			if (argv[i][1] && !argv[i][2] && argv[i + 1] &&
			    interpreter_has("cdtz", argv[i][1]))
				i++;
		}
		return 0;
	case INTERPRETER_RUBY:
		for (size_t i = 1; argv[i]; i++) {
			un |= interpreter_same(argv[i], "-run");
			if (un && interpreter_same(argv[i], "-ehttpd"))
				return i + 1;
			if (un && interpreter_same(argv[i], "-e") &&
			    argv[i + 1] &&
			    interpreter_same(argv[i + 1], "httpd"))
				return i + 2;
		}
		return 0;
	case INTERPRETER_NODE:
		line = interpreter_read(kind, argv);
		return line.from == FROM_FILE &&
			       interpreter_is_server(argv[line.at])
			   ? line.at + 1
			   : 0;
	default:
		return 0;
	}
}

#endif

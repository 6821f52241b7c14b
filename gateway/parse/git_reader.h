/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between git_grammar.c (commands and subcommands), git_pass.c (the order in
 * which tables are tried), git_option.c (one option word by one table) and
 * git_canonical.c (what comes out).
 */
#ifndef AUTOMODE_PARSE_GIT_READER_H
#define AUTOMODE_PARSE_GIT_READER_H

#include "parse/git_tables.h"

/* An argument, or what an earlier table left of a cluster. */
struct git_word {
	const char *s;
	size_t at; /* its index in the arguments */
};

struct git_reader {
	void *ctx;
	const char *command; /* "stash push", for messages */
	struct options *out;
	struct err *e;
	size_t v_room, operands_room, canonical_room;
	/* The table that is asked first when the canonical line is read: its
	 * letters must not catch those of a later one.  NULL: none */
	const struct option_spec *first;
	bool help; /* -h and its like: git prints and does nothing */
};

/* A row that fits a word. */
struct git_match {
	const struct option_spec *spec;
	bool negated, letter; /* written as --no-x; as -x */
	bool verbatim;	      /* a letter stays one in the canonical line */
	bool apart;	      /* letter and value must stay two words */
	const char *attached; /* the value that stands with it; NULL: none */
};

/* One walk over a list of words with one table or set of tables. */
struct git_pass {
	const struct option_spec *table;
	unsigned grammar;
	const struct option_spec *const *more;
	struct git_word *w; /* of this request: may be shortened */
	size_t n, i;
	struct git_word *left; /* for the next pass; NULL: no next */
	size_t nleft;
};

enum git_read {
	GIT_NOT_MINE, /* the table does not know it; nothing was emitted */
	GIT_READ_IT,  /* p->i stands on its last word */
};

char *git_made(char *s); /* s, or the end when memory is out */
void git_emit(struct git_reader *r, const char *word);
void git_emit_operand(struct git_reader *r, const char *word);

/* By parse-options' rules.  positive: abbreviations count.  A cluster whose
 * later letter the table does not know is shortened to that rest in *rest and
 * counts as GIT_NOT_MINE; negative: an error. */
int git_read_long(struct git_reader *r, struct git_pass *p, bool positive,
		  bool verbatim);
int git_read_letters(struct git_reader *r, struct git_pass *p, bool verbatim,
		     struct git_word *rest);
/* grep's ( and ) */
bool git_read_nodash(struct git_reader *r, struct git_pass *p);
/* The whole word, exactly. */
int git_read_exact(struct git_reader *r, struct git_pass *p,
		   const struct option_spec *table, bool verbatim);

int git_unknown(struct git_reader *r, const char *word);
/* The option of which this row is another name. */
const struct option_spec *git_primary(const struct option_spec *o);
const char *git_option_word(struct git_reader *r, const struct git_match *m);
/* Adds to the options and to the canonical line. */
void git_add_option(struct git_reader *r, const struct git_match *m,
		    const char *value, size_t at);

/* git prints and exits with 129 without looking at the rest: that word is the
 * whole line. */
int git_only_help(struct git_reader *r, const char *word, size_t at);
bool git_help_alone(const struct git_word *w, size_t n);
/* Words that no option reader sees any more.  With separator, the first "--"
 * among them divides revisions from paths and is no operand. */
void git_emit_rest(struct git_reader *r, struct git_pass *p, bool separator);
/* A word with a dash by p's own table, then by what p->grammar says. */
int git_read_dashed(struct git_reader *r, struct git_pass *p);
/* One word by the tables that whole words are compared with, and by the diff
 * options.  verbatim: the first table's letters stay letters. */
int git_read_second(struct git_reader *r, struct git_pass *p,
		    const struct option_spec *const *tables, bool verbatim);
/* All words of a command, or subcommand, without further subcommands. */
int git_read_plain(struct git_reader *r, const struct git_command_spec *spec,
		   struct git_word *w, size_t n);

#endif

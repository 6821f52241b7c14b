/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tools that work on files share: reading the line by the tool's
 * table, and saying what happens to which path, from which effects, losses
 * and mounts follow.
 */
#ifndef AUTOMODE_TOOLS_FILE_CALL_H
#define AUTOMODE_TOOLS_FILE_CALL_H

#include "parse/getopt.h"
#include "tools/operand.h"
#include "tools/path_class.h"

#define FILE_BOX_READ  "file-read"
#define FILE_BOX_WRITE "file-write"

/* Shorter rows for the tables of the tools. */
#define F(letter, name)	 GETOPT_F(letter, name, 0)
#define A(letter, name)	 GETOPT_A(letter, name, 0)
#define O(letter, name)	 GETOPT_O(letter, name, 0)
#define FA(letter, name) GETOPT_F(letter, name, OPTION_ALIAS)
#define AA(letter, name) GETOPT_A(letter, name, OPTION_ALIAS)
#define OA(letter, name) GETOPT_O(letter, name, OPTION_ALIAS)
#define END		 GETOPT_END
#define HELP		 F(0, "help"), F(0, "version")

/* What a tool does to one path. */
enum file_act {
	ACT_READ,	/* its content comes out somewhere */
	ACT_MAKE,	/* it is not there yet */
	ACT_FOLDER,	/* as ACT_MAKE: a folder with nothing in it */
	ACT_REWRITE,	/* there, changed in place */
	ACT_REPLACE,	/* there, another file takes the name */
	ACT_REMOVE,	/* one name goes */
	ACT_REMOVE_ALL, /* a directory with everything in it */
	ACT_MOVE,	/* goes to another name */
	ACT_ARRIVE,	/* is moved or linked here: nothing was there */
	ACT_MODE,	/* mode, owner, times */
	ACT_MODE_ALL,	/* and of everything below */
	ACT_COUNT
};

struct file_tally {
	enum effect_kind kind;
	enum scope scope;
	enum path_kind special;
	size_t n, at; /* at: in effects */
};

struct file_call {
	void *ctx;
	const struct tool_context *t;
	const struct invocation *in;
	struct command *cmd;
	struct effects *fx;
	struct options opt;
	struct operands os;
	const char *name; /* of the tool */
	struct file_tally *tallies;
	size_t ntallies;
	bool writes;	/* something outside of the box may change */
	bool reads_all; /* what is read cannot be foreseen: no mounts for it */
	size_t removed; /* operands, for set_judge() */
	struct secrets *secrets; /* of db_secrets.c */
	char *said;		 /* the odd words of all statements */
	bool found_secret;
	struct db_talk *talk;
};

/* A tool with options as getopt_long(3) reads them. */
struct file_tool {
	const char *name;
	const struct option_spec *options;
	unsigned grammar; /* GETOPT_STOP */
	/* Says the effects; ERR_SYNTAX where the tool itself refuses. */
	int (*mean)(struct file_call *c, struct err *e);
};

int file_understand(const struct file_tool *tool, void *ctx,
		    const struct tool_context *t, struct command *cmd,
		    struct effects *fx, struct err *e);
/* The same without a table: c->opt stays empty, argv is the caller's. */
int file_understand_raw(const char *name,
			int (*mean)(struct file_call *c, struct err *e),
			void *ctx, const struct tool_context *t,
			struct command *cmd, struct effects *fx, struct err *e);

/* One path is acted on.  follow: on what a link leads to. */
void file_act(struct file_call *c, enum file_act act, const struct operand *o,
	      bool follow);
/* As ACT_MOVE; to is absolute and resolved. */
void file_move(struct file_call *c, const struct operand *o, const char *to);
/* Both in one mount, so that a rename or hard link between them works. */
void file_one_mount(struct file_call *c, const char *a, const char *b);
/* Written whatever is there: ACT_MAKE or ACT_REWRITE of what given leads to. */
void file_write_to(struct file_call *c, const char *given);
void file_read_from(struct file_call *c, const char *given);
/* Below a folder that is made for it: what is special about the name. */
void file_arrives(struct file_call *c, const struct operand *o);
/* Only looked at: it must be there in the box as it is here. */
void file_see(struct file_call *c, const struct operand *o);
/* It will be tried, and will fail: for the reason that the tool gives and not
 * because the box is read-only. */
void file_tried(struct file_call *c, const struct operand *o);
bool file_is_empty(const char *dir);
/* Content of o goes to another place: credentials are then read. */
void file_copied(struct file_call *c, const struct operand *o, const char *to);
/* The folder that names count from is written into. */
void file_here(struct file_call *c);

/* file_ids.c: owners, groups and access lists are to be as outside of the box
 * (struct need: ids); only where the tool would give those of o, alone or with
 * all below, to another file and may, or (told) writes down whose it is. */
void file_ids(struct file_call *c);
void file_ids_given(struct file_call *c, const struct operand *o, bool below);
void file_ids_told(struct file_call *c, const struct operand *o, bool below);

/* file_needs.c: the folder that the box shows for a path, and that it does */
const char *file_mount_for(struct file_call *c, const char *path);
void file_needs_write(struct file_call *c, const char *path);
void file_needs_read(struct file_call *c, const struct operand *o);
void file_needs_real(struct file_call *c, const char *path); /* to read */
void file_needs_shown(struct file_call *c, const struct operand *o);
void file_needs_name(struct file_call *c, const char *given);
/* An effect of its own, with undo "no". */
struct effect *
file_effect(struct file_call *c, enum effect_kind kind, enum scope scope,
	    const char *object, const char *why);
/* Many operands are one intention: the children of / after a variable that
 * was empty, or all that a critical folder holds. */
void file_judge_set(struct file_call *c, const char *const *operands, size_t n);

/* A mode that makes a program run as somebody else. */
void file_judge_mode(struct file_call *c, const char *mode);

/* chmod.c: does the mode let somebody run it? */
bool chmod_lets_run(const char *mode);

/* At the end: effects on many paths say how many. */
void file_count_objects(struct file_call *c);

/* Nothing changes by it: the caller's own process becomes the program. */
void file_hand_over(struct file_call *c);
/* The same where something does: what may be lost is kept before. */
void file_hand_over_kept(struct file_call *c);
/* file_confine.c: of a command that is handed over: it writes there, by that
 * name or what that leads to, and nowhere else. */
void file_confine(struct file_call *c, const struct operand *o);
/* file_fetched.c: the host that it came from in this session, NULL: none.
 * Given as a word of the line, or what stands on stdin (before it is taken). */
const char *file_origin(struct file_call *c, const char *given);
const char *file_origin_stdin(struct file_call *c, int fd);
/* What now begins to be in that folder comes from cmd->origin. */
void file_arrives_in(struct file_call *c, const char *dir);
/* Into this file. */
void file_arrives_at(struct file_call *c, const char *path);
/* exec.fetched of one file that would be made a program. */
void file_judge_fetched(struct file_call *c, const struct operand *o,
			const char *given);
/* The command line that runs. */
void file_argv(struct file_call *c, const char *const *args, size_t n);
bool file_on(const struct file_call *c, const char *option);
const char *file_value(const struct file_call *c, const char *option);
char *file_text(struct file_call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The oracle: the tool's own listing in the reading box. */
int file_ask(struct file_call *c, const char *const *argv, char **output,
	     int *status, struct err *e);

#endif

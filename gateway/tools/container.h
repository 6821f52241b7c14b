/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that speak to an engine of containers (docker, podman).
 *
 *   container.c         from the words to effects, by the program's table
 *   container_made.c    what the session made there, and what is there
 *   container_access.c  what a container gets of this machine
 *   container_client.c  clients of databases that are run in one
 *   container_compose.c a project of several containers
 *
 * They are handed over: the engine is reached by a socket that no box has.
 * What the session made there is its own; what was there before, or is made by
 * others, is somebody else's.
 */
#ifndef AUTOMODE_TOOLS_CONTAINER_H
#define AUTOMODE_TOOLS_CONTAINER_H

#include "parse/cobra.h"
#include "tools/db.h"

enum container_class {
	CONTAINER_READ = 0, /* and what only adds */
	CONTAINER_GROUP,    /* prints help; a word behind it is not known */
	CONTAINER_RUN,
	CONTAINER_MAKE, /* volumes, networks, images */
	CONTAINER_BUILD,
	CONTAINER_STOP,
	CONTAINER_REMOVE,
	CONTAINER_PRUNE,
	CONTAINER_CLIENT, /* exec */
	CONTAINER_COPY,
	CONTAINER_OUT, /* writes a file */
	CONTAINER_PUSH,
	CONTAINER_LOGIN,
	CONTAINER_CHANGE,
	COMPOSE_UP,
	COMPOSE_ONE_OFF,
	COMPOSE_CLIENT,
	COMPOSE_HALT,
	COMPOSE_DOWN,
	CONTAINER_CLASSES
};

struct container_word {
	struct cobra_command c;
	enum container_class cls;
	const char *kind; /* of what it is about: "volume" */
};

struct container_program {
	const char *name;
	const struct container_word *words;
	size_t nwords;
	bool podman;
	bool alone; /* docker-compose: "docker compose" by another name */
};

struct container_call {
	struct file_call *c;
	const struct container_program *kind;
	const struct container_word *word;
	struct cobra_line line;
	const char *const *argv;   /* without the program */
	const char *const *before; /* the program's own flags */
	size_t nbefore;
	const char *engine; /* a word for it */
};

/* container.c */
struct effect *container_effect(struct container_call *k, enum effect_kind kind,
				const char *what, const char *name);

/* container_made.c */
/* Runs the program, with its own flags and args, and collects what it prints;
 * false: it did not run to its end.  *status as it ended. */
bool container_ask(struct container_call *k, const char *const *args,
		   char **output, int *status);
enum container_state {
	CONTAINER_GONE,	  /* there is none, or no engine that tells */
	CONTAINER_OWN,	  /* the session made it */
	CONTAINER_OTHERS, /* or nobody knows */
};
enum container_state
container_look(struct container_call *k, const char *kind, const char *name);
/* It is the session's from now on, if it is not there yet. */
void
container_makes(struct container_call *k, const char *kind, const char *name);
bool
container_made(struct container_call *k, const char *kind, const char *name);
void
container_note(struct container_call *k, const char *kind, const char *name);
/* The containers that begin by this command leave their id with us. */
void container_leaves_id(struct container_call *k);

/* container_access.c */
void container_judge_access(struct container_call *k);
void container_judge_build(struct container_call *k);

/* container_client.c: operand 0 is where, the rest is what runs there */
int container_judge_client(struct container_call *k, const char *where,
			   struct err *e);

/* container_compose.c */
int container_judge_project(struct container_call *k, struct err *e);

extern const struct container_word docker_words[], podman_words[];
extern const size_t docker_nwords, podman_nwords;

#endif

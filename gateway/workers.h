/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's workers: started, heard, reaped.  Spares are forked ahead:
 * each has been through a request of its own making (worker.c), so that the
 * next caller pays neither for the fork nor for the first touch of each page.
 * There are two, since a script's next command does not wait for a spare to
 * get warm.
 */
#ifndef AUTOMODE_WORKERS_H
#define AUTOMODE_WORKERS_H

#include "house.h"
#include "wire/frame.h"
#include <sys/types.h>

struct worker {
	pid_t pid; /* 0: reaped */
	int fd;	   /* channel; -1: closed */
	uint32_t uid;
	bool control;
	uint32_t header[2];
	char *body;
	size_t have; /* bytes of header and body read so far */
};

#define SPARES 2

struct workers {
	void *ctx;
	struct house *house;
	struct worker *v;
	size_t n;
	struct worker spares[SPARES]; /* pid 0: none; the oldest first */
	uint64_t spares_know; /* generation that they were forked with */
	unsigned spare_deaths;
};

/* Hands the connection to a spare of this generation, else to a new
 * process.  0: client is closed here; negative: it is still the
 * caller's. */
int workers_serve(struct workers *w, int client, const struct peer *peer,
		  bool control, uint64_t generation, struct err *e);
/* Sees to it that there are spares of this generation. */
void workers_prepare(struct workers *w, uint64_t generation);
/* All are taken. */
bool workers_lack_spares(const struct workers *w);
void workers_end_spares(struct workers *w);
/* Calls crashed for each that ended otherwise than it should. */
void
workers_reap(struct workers *w,
	     void (*crashed)(void *data, const struct worker *one, int status),
	     void *data);
/* Drops those that have ended and said their last. */
void workers_forget(struct workers *w);
size_t workers_of(const struct workers *w, uint32_t uid);

/* Reads what there is of one report.  1: it is whole; 0: not yet; -1: the
 * channel is of no use any more. */
int worker_read(struct worker *one);
void worker_next(struct worker *one); /* the report has been taken */
void worker_drop(struct worker *one); /* closes the channel */

#endif

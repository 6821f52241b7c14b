/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's workers: started, heard, reaped.  One spare is forked ahead:
 * it has been through a request of its own making (worker.c), so that the
 * next caller pays neither for the fork nor for the first touch of each page.
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

struct workers {
	void *ctx;
	struct house *house;
	struct worker *v;
	size_t n;
	struct worker spare;
	uint64_t spare_knows; /* generation that it was forked with */
	unsigned spare_deaths;
};

/* Hands the connection to the spare, if that is of this generation, else to a
 * new process.  0: client is closed here; negative: it is still the
 * caller's. */
int workers_serve(struct workers *w, int client, const struct peer *peer,
		  bool control, uint64_t generation, struct err *e);
/* Sees to it that there is a spare of this generation. */
void workers_prepare(struct workers *w, uint64_t generation);
void workers_end_spare(struct workers *w);
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames and fields of wire/proto.h: writing, and reading with hard limits.
 */
#ifndef AUTOMODE_WIRE_FRAME_H
#define AUTOMODE_WIRE_FRAME_H

#include "base/err.h"
#include "wire/proto.h"
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX_FDS 24

struct frame {
	enum frame_type type;
	char *body; /* owned by the frame's context */
	size_t len;
	int fds[FRAME_MAX_FDS]; /* owned by the context, O_CLOEXEC */
	size_t nfds;
};

/* Reads one frame within timeout_ms (-1: none).  0; 1 at a clean end of
 * file; negative (ERR_LIMIT: too long, too late).  Surplus descriptors are
 * closed. */
int
frame_read(void *ctx, int sock, int timeout_ms, struct frame *f, struct err *e);
/* Parses body bytes only (fuzzed): used by frame_read's callers. */
struct fields {
	const char *p, *end;
	bool bad; /* a field was cut short; all later reads give 0 and NULL */
};
void fields_init(struct fields *f, const void *body, size_t len);
uint64_t fields_u64(struct fields *f);
/* The next field as a copy with a NUL behind it; *len may be NULL, in which
 * case a NUL byte inside makes it bad. */
char *fields_bytes(void *ctx, struct fields *f, size_t *len);
bool fields_done(const struct fields *f); /* all read and none bad */

struct frame_out {
	enum frame_type type;
	char *body; /* talloc, grows */
	size_t len;
};
void frame_out_init(void *ctx, struct frame_out *f, enum frame_type type);
void frame_out_u64(struct frame_out *f, uint64_t v);
void frame_out_bytes(struct frame_out *f, const void *p, size_t len);
void frame_out_str(struct frame_out *f, const char *s); /* NULL: "" */
/* Sends it whole; fds may be NULL.  Blocks at most timeout_ms. */
int frame_send(int sock, const struct frame_out *f, const int *fds, size_t nfds,
	       int timeout_ms, struct err *e);

/* uid, gid and pid of the other end (SO_PEERCRED). */
struct peer {
	uint32_t uid, gid;
	int32_t pid;
};
int frame_peer(int sock, struct peer *p, struct err *e);

#endif

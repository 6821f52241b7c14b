/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at what git sends to git-receive-pack (gitprotocol-pack(5)): the
 * pkt-lines with the updates up to the first flush, which must be those of the
 * permit, no more and each with the old and new value that was judged; then
 * the rest (push options, pack) passes as it is.  Nothing is passed on before
 * the whole list has been read and found good.
 */
#ifndef AUTOMODE_TRANSPORT_PUSH_FILTER_H
#define AUTOMODE_TRANSPORT_PUSH_FILTER_H

#include "base/err.h"
#include "tools/permit.h"
#include "transport/loop.h"

struct push_filter;

/* from: what git sends; to: ssh's standard input.  Owns both.  refused is
 * called once with the reason when the list is not the permitted one. */
int push_filter_start(void *ctx, struct loop *l, int from, int to,
		      const struct transport_permit *permit,
		      void (*refused)(const char *why, void *data), void *data,
		      struct push_filter **out, struct err *e);

#endif

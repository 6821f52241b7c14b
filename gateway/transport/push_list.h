/* SPDX-License-Identifier: Apache-2.0 */
/* The list of updates at the front of a push: fed in parts, judged whole. */
#ifndef AUTOMODE_TRANSPORT_PUSH_LIST_H
#define AUTOMODE_TRANSPORT_PUSH_LIST_H

#include "base/err.h"
#include "tools/permit.h"

struct push_list;

struct push_list *
push_list_new(void *ctx, const struct transport_permit *permit);
/* 0: more is wanted; 1: the list is whole and is the permitted one; what lay
 * behind its flush packet is kept with it.  Negative: refused, with why. */
int
push_list_add(struct push_list *l, const char *part, size_t n, struct err *e);
/* All bytes that were added. */
const char *push_list_bytes(const struct push_list *l, size_t *n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

/*
 * The holes in this process's heap, for one whose children are forked to
 * answer fast.  A child's malloc(3) takes holes first, and each lies on a
 * page that it shares with its parent and has to copy.  Where they are
 * filled, it gets new memory in one piece.
 *
 * glibc's first arena only (mallopt(3), mallinfo2(3), version 2.33).  What
 * fills them is free already, so the process does not grow.
 */
void heap_fill(void);
/* Before much is freed: what heap_fill() took is there again. */
void heap_open(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "heap.h"
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Below what is mapped on its own; the smallest holds a pointer. */
#define LARGEST (64u * 1024)
#define STEP	16u /* sizes of malloc(3) are multiples of it */
#define SMALL	1024u

static struct filling {
	struct filling *next;
} * fillings;

/* One of this size from a hole. */
static bool
fill_one(size_t size, uintptr_t top)
{
	struct filling *f = malloc(size);

	if (f == NULL)
		return false;
	if ((uintptr_t)f >= top) {
		free(f);
		return false;
	}
	f->next = fillings;
	fillings = f;
	return true;
}

void
heap_fill(void)
{
	struct mallinfo2 m = mallinfo2();
	uintptr_t top = (uintptr_t)sbrk(0) - m.keepcost;

	if (m.keepcost == 0)
		return; /* not glibc's, a sanitiser's */
	for (size_t size = LARGEST; size >= STEP;
	     size = size > SMALL ? size / 2 : size - STEP)
		while (fill_one(size, top))
			;
}

void
heap_open(void)
{
	while (fillings != NULL) {
		struct filling *f = fillings;

		fillings = f->next;
		free(f);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* base/heap.c: what malloc(3) gives once the holes are filled. */
#include "base/heap.h"
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define BLOCKS 4000
#define SIZES  60

static void *blocks[BLOCKS];

static size_t
free_below_top(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.fordblks - m.keepcost;
}

static void
make_holes(void)
{
	for (size_t i = 0; i < BLOCKS; i++)
		blocks[i] = malloc(i % SIZES * 40 + 1);
	for (size_t i = 0; i < BLOCKS; i += 2)
		free(blocks[i]);
}

static void
fills(void **state)
{
	struct mallinfo2 before;
	uintptr_t top;

	(void)state;
	make_holes();
	before = mallinfo2();
	if (before.keepcost == 0) {
		heap_fill(); /* a sanitiser's heap: nothing is done */
		heap_open();
		return;
	}
	assert_true(free_below_top() > (size_t)100 * 1024);
	heap_fill();
	assert_true(free_below_top() < (size_t)4 * 1024);
	/* in what was free, not by growing */
	assert_int_equal(mallinfo2().arena, before.arena);
	top = (uintptr_t)sbrk(0) - before.keepcost;
	for (size_t i = 0; i < SIZES; i++)
		assert_true((uintptr_t)malloc(i * 40 + 1) >= top);
	heap_open();
	assert_true(free_below_top() > (size_t)100 * 1024);
	heap_open();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(fills)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

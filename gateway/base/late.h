/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries that few commands need.  What is linked is mapped in the monitor,
 * and each mapping is copied by every fork(2) of a worker: libcurl and libpq
 * bring 22 libraries between them.  The worker that needs one loads it.
 */
#ifndef AUTOMODE_BASE_LATE_H
#define AUTOMODE_BASE_LATE_H

#include "base/err.h"
#include <stddef.h>

struct late_function {
	const char *name;
	void *pointer; /* address of the function pointer to be set */
};

/* Sets all pointers, or fails naming the library and its Debian package.  It
 * stays loaded; a second call is cheap. */
int late_load(const char *soname, const char *package,
	      const struct late_function *functions, size_t n, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a file that was fetched becomes. */
#ifndef AUTOMODE_EFFECTS_ORIGIN_DERIVED_H
#define AUTOMODE_EFFECTS_ORIGIN_DERIVED_H

#include <stddef.h>
#include <stdint.h>

#define ORIGIN_DERIVED_MAX ((size_t)1 << 20) /* longer is no script */

/* NULL: it is neither compressed nor base64 from its beginning to its end. */
char *origin_derived(void *ctx, const char *bytes, size_t len, size_t *out);
/* Of a file: the hash of that, as origin.c writes it down. */
const char *origin_derived_hash(void *ctx, int fd, uint64_t *size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What compressed bytes and archives unpack to. */
#ifndef AUTOMODE_EFFECTS_SECRETS_PACKED_H
#define AUTOMODE_EFFECTS_SECRETS_PACKED_H

#include <stdbool.h>
#include <stddef.h>

/* By its first bytes. */
bool packed_is(const void *bytes, size_t len);
/* Two bytes that begin a zlib stream, which may be there by chance. */
bool packed_is_stream(const void *bytes, size_t len);
/* Where something compressed may begin; len: nowhere. */
size_t packed_within(const char *bytes, size_t len);

/* path: within the archive, or NULL.  One file may come in several pieces,
 * which overlap.  false: that is enough. */
typedef bool
packed_piece(void *data, const char *path, const char *p, size_t len);

/* Files in it one after the other; what is damaged or locked with a password
 * ends it as if it ended there.  False: there was more than may be looked
 * through, or nothing can unpack here. */
bool packed_each(const void *bytes, size_t len, packed_piece *each, void *data);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is handed on of unpacked bytes, and git's packs. */
#ifndef AUTOMODE_EFFECTS_SECRETS_PACK_H
#define AUTOMODE_EFFECTS_SECRETS_PACK_H

#include "effects/secrets_packed.h"
#include <stdint.h>

/* Bytes of one file after the other, for `each` of all of them. */
struct sink {
	packed_piece *each;
	void *data;
	char *buffer;
	size_t have, room;
	size_t old;    /* of them were in the piece before */
	bool together; /* this file is wanted as a whole */
	uint64_t done; /* bytes, of all files */
	int64_t until;
	bool enough, whole;
};
void sink_begin(struct sink *s, packed_piece *each, void *data);
/* So many were put at buffer + have. */
void sink_filled(struct sink *s, const char *path, size_t n);
/* That was the file. */
void sink_end(struct sink *s, const char *path);
void sink_free(struct sink *s);
/* As much, that was unpacked elsewhere. */
void sink_pass(struct sink *s, const char *p, size_t len);

/* secrets_pack.c: a pack, or a bundle. */
bool pack_is(const char *bytes, size_t len);
/* Where a pack begins; len: nowhere. */
size_t pack_within(const char *bytes, size_t len);
/* What its objects hold. */
void pack_each(struct sink *to, const char *bytes, size_t len);

#endif

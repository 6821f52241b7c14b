/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash chain of the audit: each record's hash covers the hash before it
 * and every field of its own, each with its length in front.
 */
#ifndef AUTOMODE_AUDIT_CHAIN_H
#define AUTOMODE_AUDIT_CHAIN_H

#include <stdint.h>

#define CHAIN_HEX 65 /* 64 hex digits and a NUL */

/* previous: 64 hex digits; the chain begins with 64 zeros. */
void chain_hash(const char *previous, uint64_t seq, int64_t time_ms,
		const char *session, const char *kind, const char *text,
		char out[CHAIN_HEX]);
void chain_start(char out[CHAIN_HEX]);

#endif

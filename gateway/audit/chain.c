/* SPDX-License-Identifier: Apache-2.0 */
/* The hash chain of the audit: BLAKE2b over the fields of a record. */
#include "audit/chain.h"
#include "base/err.h"
#include <sodium.h>

static void
add(crypto_generichash_state *st, const void *p, size_t len)
{
	unsigned char size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (unsigned char)((uint64_t)len >> (8 * i));
	crypto_generichash_update(st, size, sizeof(size));
	crypto_generichash_update(st, p, len);
}

static void
add_number(crypto_generichash_state *st, uint64_t v)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> (8 * i));
	add(st, bytes, sizeof(bytes));
}

void
chain_hash(const char *previous, uint64_t seq, int64_t time_ms,
	   const char *session, const char *kind, const char *text,
	   char out[CHAIN_HEX])
{
	crypto_generichash_state st;
	unsigned char hash[32];

	if (crypto_generichash_init(&st, NULL, 0, sizeof(hash)) != 0)
		BUG("no hash");
	add(&st, previous, strlen(previous));
	add_number(&st, seq);
	add_number(&st, (uint64_t)time_ms);
	add(&st, session, strlen(session));
	add(&st, kind, strlen(kind));
	add(&st, text, strlen(text));
	crypto_generichash_final(&st, hash, sizeof(hash));
	sodium_bin2hex(out, CHAIN_HEX, hash, sizeof(hash));
}

void
chain_start(char out[CHAIN_HEX])
{
	memset(out, '0', CHAIN_HEX - 1);
	out[CHAIN_HEX - 1] = '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The store as store.c and store_read.c share it. */
#ifndef AUTOMODE_AUDIT_STORE_PRIVATE_H
#define AUTOMODE_AUDIT_STORE_PRIVATE_H

#include "audit/chain.h"
#include "audit/store.h"
#include <sqlite3.h>
#include <sys/types.h>

enum statement {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_TAIL,
	STMT_RECORD,
	STMT_SESSION,
	STMT_WORD,
	STMT_FACTS,
	STMT_ENTRY,
	STMT_ENTRY_STATE,
	STMT_COUNT
};

struct store {
	sqlite3 *db;
	pid_t owner;
	sqlite3_stmt *kept[STMT_COUNT];
	bool open;		/* between store_begin() and store_commit() */
	unsigned pages;		/* in the write-ahead log */
	uint64_t seq, kept_seq; /* last record: written, committed */
	char hash[CHAIN_HEX], kept_hash[CHAIN_HEX];
};

sqlite3_stmt *
store_statement(struct store *s, enum statement which, struct err *e);
int store_fail(struct store *s, struct err *e, const char *doing);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain part of scripts for mongosh: chains of calls on db with literals
 * as arguments.  All else is JavaScript, which may do anything: SQL_OPAQUE.
 */
#ifndef AUTOMODE_PARSE_MONGO_H
#define AUTOMODE_PARSE_MONGO_H

#include "parse/sql.h"

struct mongo_script {
	void *ctx, *data;
	struct sql *sql;
	/* use NAME, db.getSiblingDB("NAME"): for what follows */
	void (*use)(struct mongo_script *s, const char *database);
};

void mongo_read(struct mongo_script *s, const char *text);

#endif

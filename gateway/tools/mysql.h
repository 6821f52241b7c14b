/* SPDX-License-Identifier: Apache-2.0 */
/* The clients of MariaDB and MySQL: mysql.c, mysql_line.c,
 * mysql_admin.c, mysql_check.c. */
#ifndef AUTOMODE_TOOLS_MYSQL_H
#define AUTOMODE_TOOLS_MYSQL_H

#include "parse/mysql.h"
#include "tools/db.h"

struct mysql_line {
	struct file_call *c;
	struct options opt;
	const char *host, *port, *socket, *user, *pass, *protocol, *database;
	const char *tls; /* lines for conninfo */
	bool asks;	 /* for the password */
	bool only_shows; /* help, version */
};

/* Options from the command line and, below them, from option files as the
 * client itself reads them. */
int mysql_line_read(struct mysql_line *l, const struct option_spec *table,
		    struct file_call *c, struct err *e);
/* Whose server and database it is; database NULL: none. */
void mysql_line_target(struct mysql_line *l, const char *database,
		       struct db_target *out);

/* mysql_check.c; t: the server, without a database */
extern const struct option_spec mysql_check_options[];
extern const struct option_spec mysql_slap_options[];
int mysql_check(struct mysql_line *l, struct db_target *t, struct err *e);
int mysql_slap(struct mysql_line *l, struct db_target *t, struct err *e);

/* A letter by itself takes no value; its long name may (--force=0). */
#define B(letter, name) O(0, name), F(letter, NULL)

/* What all of them have. */
#define MYSQL_COMMON                                                           \
	A(0, "character-sets-dir"), F('C', "compress"), A('h', "host"),        \
	    O('p', "password"), A('P', "port"), A(0, "protocol"),              \
	    A('S', "socket"), A('u', "user"), A(0, "plugin-dir"),              \
	    A(0, "default-auth"), A(0, "default-character-set"), O(0, "ssl"),  \
	    A(0, "ssl-ca"), A(0, "ssl-capath"), A(0, "ssl-cert"),              \
	    A(0, "ssl-cipher"), A(0, "ssl-key"), A(0, "ssl-crl"),              \
	    A(0, "ssl-crlpath"), A(0, "tls-version"), A(0, "ssl-mode"),        \
	    O(0, "ssl-verify-server-cert"), O('#', "debug"),                   \
	    O(0, "debug-check"), O(0, "debug-info"),                           \
	    O(0, "enable-cleartext-plugin"), F('?', "help"), FA('I', NULL),    \
	    F('V', "version"), A(0, "connect-timeout")

#endif

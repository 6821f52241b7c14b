/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PostgreSQL statements do, by PostgreSQL 15's own grammar
 * (libpg_query).  What cannot be parsed, or calls what nobody knows, is
 * SQL_OPAQUE: it may do anything to the database.
 */
#ifndef AUTOMODE_PARSE_SQL_H
#define AUTOMODE_PARSE_SQL_H

#include <stdbool.h>
#include <stddef.h>

enum sql_class {
	SQL_COUNT = 1 << 0,   /* counts, catalogues, constants */
	SQL_READ = 1 << 1,    /* rows of tables come out */
	SQL_SESSION = 1 << 2, /* transactions, settings, temporary tables */
	SQL_WRITE = 1 << 3,   /* adds rows, or changes those of one key */
	SQL_DESTROY = 1 << 4, /* DROP, TRUNCATE, unbounded DELETE, UPDATE */
	SQL_ADD = 1 << 5,     /* new tables, columns, indexes ... */
	SQL_ALTER = 1 << 6,   /* changes what is there */
	SQL_ADMIN = 1 << 7,   /* VACUUM, roles, publications ... */
	SQL_EXEC = 1 << 8,    /* programs on the server */
	SQL_FILE = 1 << 9,    /* files of the server */
	SQL_OPAQUE = 1 << 10,
	SQL_DROP_DATABASE = 1 << 11, /* dropped[] */
	SQL_GLOBAL = 1 << 12, /* roles, table spaces: in no database's dump */
};

struct sql_remote;

/* How far a statement goes whose text nobody has (MySQL, where any names any
 * database of its server). */
enum sql_reach {
	SQL_REACH_OWN,	    /* not beyond its own database */
	SQL_REACH_ROUTINES, /* to those that stored routines name */
	SQL_REACH_SERVER,
};

/* A table that a statement changes. */
struct sql_aim {
	unsigned cls;
	bool rows; /* some of them, by an UPDATE with WHERE */
	const char *table;
};

struct sql {
	void *ctx;
	struct sql_aim *aims;
	size_t naims;
	bool blind;	  /* a statement changes what is not among them */
	unsigned classes; /* of all statements so far */
	const char *what; /* the first statement of the severest class: "DELETE
			   * without WHERE on orders"; safe text */
	unsigned worst;
	const char **temporary; /* tables made for this session */
	size_t ntemporary;
	const char **dropped; /* databases */
	size_t ndropped;
	const char **others; /* databases that are changed by their names */
	size_t nothers;
	const char **tables; /* whose rows come out: "name", "schema.name",
			      * globs of such; "schema.": where names without
			      * one are looked for */
	size_t ntables;
	/* rows for VALUES: how, schema, name, keys, columns (sql_touch.c) */
	const char **touched;
	size_t ntouched;
	/* what its server does on another one, as its client (sql_remote.c) */
	struct sql_remote *remotes;
	size_t nremotes;
	const char *beyond;   /* why no dump brings back what goes; NULL */
	const char **foreign; /* tables made here whose rows are elsewhere */
	size_t nforeign;
	const char **far; /* functions made here that speak to another server,
			   * and what runs them */
	size_t nfar;
	enum sql_reach reach;
	bool armed;  /* more goes with a change than the catalogue says: by a
		      * trigger or foreign key made just now */
	bool linked; /* connections with a name are among remotes */
	/* how often SQL_OPAQUE was said, and of that for a function that is
	 * called by its name: the catalogue may know it (sql_touch, "o") */
	size_t nopaque, ncalled;
	bool dumps; /* all rows, in a form to be kept elsewhere */
	bool hides; /* which tables it reads nobody knows */
};

struct sql_remote {
	const char *conninfo;
	struct sql does;
};

void sql_init(void *ctx, struct sql *s);
/* One or several statements; adds to s. */
void sql_read(struct sql *s, const char *text);
/* The same for what is known without parsing. */
void sql_add(struct sql *s, unsigned cls, const char *what);
/* ... of which the tables are given by sql_aim(). */
void sql_add_known(struct sql *s, unsigned cls, const char *what);
void sql_aim(struct sql *s, unsigned cls, const char *table, bool rows);
/* A statement that changes the table, and no other. */
void sql_add_aimed(struct sql *s, unsigned cls, const char *what,
		   const char *table, bool rows);
/* A database that goes by what the statement does. */
void sql_gone(struct sql *s, const char *name, const char *what);
void sql_drop_database(struct sql *s, const char *name);
/* sql_touch.c.  how: "r" reads, "i" inserts, "c" changes what an INSERT meets,
 * "u" updates, "d" deletes, "t" truncates, "e" defines something, "*" who
 * knows; "+" for what changes once it is armed; "f" calls a function, "b" any
 * of them; "o": nothing is known of the function, "p" of the operator. */
void sql_touch(struct sql *s, char how, const char *schema, const char *name,
	       const char *keys, const char *columns);
/* Whatever is called in a text that is no statement of ours. */
void sql_touch_calls(struct sql *s, const char *text);
/* sql_tables.c */
void sql_table(struct sql *s, const char *name);
/* The value of search_path; NULL: unknown. */
void sql_path(struct sql *s, const char *value);
/* Which of those tables the glob may mean ("table", "schema.table"); NULL:
 * none.  What is hidden is none. */
const char *sql_table_meets(const struct sql *s, const char *glob);

#endif

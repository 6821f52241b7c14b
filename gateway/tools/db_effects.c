/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From statements to effects and losses, and how a client runs: as the
 * caller's own process, whose terminal, prompts and messages are then as
 * always.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/db.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define SILENCE_MS 60000

static struct effect *
add(struct file_call *c, const struct db_target *t, enum effect_kind kind,
    const struct sql *s, unsigned losses)
{
	struct effect *fx;

	for (size_t i = 0; i < c->fx->n; i++)
		if (c->fx->v[i].kind == kind && c->fx->v[i].object &&
		    !strcmp(c->fx->v[i].object, t->label) &&
		    c->fx->v[i].losses == losses)
			return &c->fx->v[i];
	fx = effects_add(c->fx, kind, t->scope, t->label);
	fx->undo = UNDO_NO;
	fx->losses = losses;
	fx->why = t->why && s->what ? file_text(c, "%s; %s", s->what, t->why)
		  : t->why	    ? t->why
				    : s->what;
	if (t->scope == SCOPE_PRODUCTION || t->scope == SCOPE_PROTECTED)
		fx->instead = "the same on a database of this machine, or a "
			      "migration file for somebody to review";
	return fx;
}

/* Commas between the rows; what a SELECT reads counts, too. */
static const char *
touched(struct file_call *c, const struct sql *s)
{
	char *rows = file_text(c, "%s", s->touched[0]);

	for (size_t i = 1; i < s->ntouched; i++)
		rows = talloc_asprintf_append(rows, ", %s", s->touched[i]);
	if (!rows)
		BUG("out of memory");
	return rows;
}

static void
loses(struct file_call *c, const struct db_target *t, bool dropped,
      const char *only_if, const char *rows)
{
	const struct database_loss d = {.label = t->label,
					.conninfo = t->conninfo,
					.cluster = t->cluster,
					.dropped = dropped,
					.engine = t->engine,
					.part = t->part,
					.touched = only_if,
					.rows = rows,
					.asks = t->asks};

	c->cmd->losses.what |= LOSS_DATABASE;
	losses_add_database(c->ctx, &c->cmd->losses, &d);
}

/* The same server, another database: its name counts for whose it is. */
static struct db_target
sibling(struct file_call *c, const struct db_target *t, const char *name)
{
	struct db_target to = *t;
	const char *p = name;
	char *q = file_text(c, "%s", "");

	for (; *p; p++)
		q = file_text(c, "%s%s%c", q, strchr("'\\", *p) ? "\\" : "",
			      *p);
	to.dbname = name;
	to.label =
	    text_safe(c->ctx, file_text(c, "the database %s on %s", name,
					t->host ? t->host : "this machine"));
	/* of several values for a key the last one counts */
	to.conninfo = t->engine == DATABASE_MYSQL
			  ? file_text(c, "%sdatabase=%s\n", t->conninfo, name)
			  : file_text(c, "%s dbname='%s'", t->conninfo, q);
	if (t->scope == SCOPE_LOCAL || t->scope == SCOPE_FOREIGN)
		db_scope_set(c, &to, NULL);
	return to;
}

static bool
is_ours(const struct db_target *t)
{
	return t->scope == SCOPE_LOCAL || t->scope == SCOPE_WORKSPACE;
}

void
db_effects(struct file_call *c, const struct db_target *t, const struct sql *s)
{
	unsigned k = s->classes;
	bool here = is_ours(t);
	bool certain = here && (k & (SQL_ALTER | SQL_DESTROY | SQL_OPAQUE));
	unsigned lost = here ? LOSS_DATABASE : 0;

	/* the relay looks at what nobody knows beforehand */
	if (t->read_only && t->engine == DATABASE_POSTGRESQL &&
	    (k & SQL_OPAQUE))
		k = (k & ~(unsigned)SQL_OPAQUE) | SQL_READ;
	if (t->scope == SCOPE_PROTECTED && k)
		add(c, t, EFFECT_DB_READ, s, 0);
	if (k & SQL_READ)
		add(c, t, EFFECT_DB_READ, s, 0);
	if (k & (SQL_WRITE | SQL_ADMIN))
		add(c, t, EFFECT_DB_WRITE, s, 0);
	if (k & SQL_ADD)
		add(c, t, EFFECT_DB_SCHEMA, s, 0)->undo =
		    here ? UNDO_YES : UNDO_NO;
	if (k & SQL_ALTER)
		add(c, t, EFFECT_DB_SCHEMA, s, lost);
	if (k & (SQL_DESTROY | SQL_OPAQUE)) {
		/* no dump of a database holds what belongs to all of them */
		bool all = (k & SQL_DESTROY) && (k & SQL_GLOBAL);

		add(c, t, EFFECT_DB_DESTROY, s, all ? 0 : lost);
	}
	if (certain)
		loses(c, t, false, NULL, s->ntouched ? touched(c, s) : NULL);
	else if (here && s->ntouched) /* the server knows (db_beside.c) */
		loses(c, t, false, touched(c, s), NULL);
	for (size_t i = 0; i < s->ndropped; i++) {
		struct db_target to = sibling(c, t, s->dropped[i]);

		add(c, &to, EFFECT_DB_DESTROY, s,
		    is_ours(&to) ? LOSS_DATABASE : 0);
		if (is_ours(&to))
			loses(c, &to, true, NULL, NULL);
	}
	for (size_t i = 0; i < s->nothers; i++) {
		struct db_target to = sibling(c, t, s->others[i]);

		if (to.scope != t->scope)
			add(c, &to, EFFECT_DB_WRITE, s, 0);
	}
	db_sensitive_effects(c, t, s);
	if (k & (SQL_EXEC | SQL_FILE))
		add(c, t, EFFECT_EXEC_UNKNOWN, s, 0)->scope = SCOPE_OUTSIDE;
}

void
db_shell(struct file_call *c, const char *what)
{
	struct effect *fx =
	    effects_add(c->fx, EFFECT_EXEC_UNKNOWN, SCOPE_OUTSIDE, what);

	fx->undo = UNDO_NO;
	fx->why = "the client would run it as a shell command";
	fx->instead = "the command by itself, beside the client";
}

void
db_hand_over(struct file_call *c)
{
	const struct losses *l = &c->cmd->losses;
	bool keeps = false;

	c->cmd->hand_over = true;
	c->cmd->need.box = FILE_BOX_READ;
	for (size_t i = 0; i < l->nfiles; i++)
		keeps |= l->files[i].kind != FILE_MADE;
	if (!keeps)
		c->cmd->losses.what &= ~(unsigned)LOSS_FILES;
	for (size_t i = 0; i < c->fx->n && !keeps; i++)
		c->fx->v[i].losses &= ~(unsigned)LOSS_FILES;
}

/* Everything that comes, into a file without a name that nobody can change. */
static int
spool(int fd, int to, struct err *e)
{
	static char buf[1 << 16];
	size_t sum = 0;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, SILENCE_MS) == 0)
			return err_set(e, ERR_LIMIT,
				       "its commands come too slowly to be "
				       "read beforehand; give them with -f");
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return err_sys(e, "reading the standard input");
		if (n == 0)
			return 0;
		sum += (size_t)n;
		if (sum > LIMIT_STDIN_SPOOL)
			return err_set(e, ERR_LIMIT,
				       "more than %u MB on its standard input; "
				       "give it a file with -f",
				       LIMIT_STDIN_SPOOL >> 20);
		for (ssize_t at = 0; at < n;) {
			ssize_t k = write(to, buf + at, (size_t)(n - at));

			if (k <= 0)
				return err_sys(e, "keeping the input");
			at += k;
		}
	}
}

static int
take_input(struct file_call *c, int fd, int number, char **text, size_t *len,
	   struct err *e)
{
	int to, seals;
	struct stat st;
	void *map;

	*text = NULL;
	*len = 0;
	if (fd < 0 || fstat(fd, &st) < 0 || S_ISCHR(st.st_mode))
		return 0;
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_WRITE)) {
		int rc;

		if (c->in->kind == REQUEST_CHECK && !S_ISREG(st.st_mode))
			return err_set(e, ERR_UNKNOWN,
				       "what comes from the pipe is not read "
				       "for a check");
		to = memfd_create("sql", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (to < 0)
			return err_sys(e, "keeping the input");
		rc = spool(fd, to, e);
		/* in place: the command gets these very bytes, also when it
		 * is judged again */
		if (rc == 0 && (lseek(to, 0, SEEK_SET) < 0 ||
				fcntl(to, F_ADD_SEALS,
				      F_SEAL_WRITE | F_SEAL_GROW |
					  F_SEAL_SHRINK | F_SEAL_SEAL) < 0 ||
				dup3(to, fd, O_CLOEXEC) < 0))
			rc = err_sys(e, "keeping the input");
		close(to);
		if (rc < 0)
			return rc;
	}
	if (fstat(fd, &st) < 0)
		return err_sys(e, "reading the input");
	if (c->cmd->hand_input && c->cmd->hand_number != number)
		return err_set(e, ERR_UNKNOWN,
			       "commands from two pipes; write one of them to "
			       "a file");
	c->cmd->hand_input = true;
	c->cmd->hand_number = number;
	*len = (size_t)st.st_size;
	*text = talloc_zero_size(c->ctx, *len + 1);
	map = *len ? mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	if (map == MAP_FAILED || !*text)
		return err_sys(e, "reading the input");
	if (map) {
		memcpy(*text, map, *len);
		munmap(map, *len);
	}
	return 0;
}

int
db_stdin(struct file_call *c, char **text, size_t *len, struct err *e)
{
	return take_input(c, c->in->stdio[0], 0, text, len, e);
}

int
db_passed(struct file_call *c, const char *name, char **text, size_t *len,
	  struct err *e)
{
	int number = path_descriptor(path_clean(c->ctx, name));

	*text = NULL;
	if (number == 0)
		return db_stdin(c, text, len, e);
	for (size_t i = 0; number > 2 && i < c->in->npassed; i++)
		if (c->in->passed[i].number == number)
			return take_input(c, c->in->passed[i].fd, number, text,
					  len, e);
	return 1;
}

char *
db_file(struct file_call *c, const char *name, size_t *len)
{
	char *path = path_join(c->ctx, c->os.base_dir, name), *text;
	struct err e = {0};

	if (!strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6) ||
	    file_read(c->ctx, AT_FDCWD, path, LIMIT_STDIN_SPOOL, &text, len,
		      &e) != 0)
		return NULL;
	return text;
}

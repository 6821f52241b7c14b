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

/* Which tables, if that is known of all statements. */
static void
set_parts(struct file_call *c, struct effect *fx, const struct db_target *t,
	  const struct sql *s)
{
	unsigned mask = fx->kind == EFFECT_DB_WRITE    ? SQL_WRITE
			: fx->kind == EFFECT_DB_SCHEMA ? SQL_ADD | SQL_ALTER
						       : SQL_DESTROY;
	struct effect_part *parts;

	fx->within =
	    t->dbname && *t->dbname ? text_safe(c->ctx, t->dbname) : NULL;
	if (s->blind || !s->naims || s->ndropped || s->nothers ||
	    effect_is_read(fx->kind))
		return;
	parts =
	    talloc_zero_array(c->ctx, struct effect_part, (unsigned)s->naims);
	if (!parts)
		BUG("out of memory");
	fx->parts = parts;
	for (size_t i = 0; i < s->naims; i++)
		if (s->aims[i].cls & mask)
			parts[fx->nparts++] = (struct effect_part){
			    s->aims[i].table, s->aims[i].rows,
			    (s->aims[i].cls & SQL_ALTER) != 0};
}

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
	set_parts(c, fx, t, s);
	fx->words_open = t->scope == SCOPE_PRODUCTION && !t->read_only &&
			 fx->within && fx->nparts > 0;
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
      const char *only_if, const char *rows, enum sql_reach reach)
{
	bool judged = reach != SQL_REACH_OWN;
	const struct database_loss d = {.label = t->label,
					.conninfo = t->conninfo,
					.cluster = t->cluster,
					.dropped = dropped,
					.engine = t->engine,
					.part = t->part,
					.touched = only_if,
					.rows = rows,
					.asks = t->asks,
					.reach = reach,
					.session =
					    judged ? db_session(c, t) : NULL};

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

/* Of a server whose client that of t is. */
static void
remote_effects(struct file_call *c, const struct db_target *t,
	       const struct sql_remote *r)
{
	const struct db_words w = {.dbname = r->conninfo};
	struct db_target to;
	struct err e = {0};

	if (db_target_find(c, &w, &to, &e) < 0) {
		to = *t;
		to.scope = SCOPE_FOREIGN;
		to.why = "dblink leads nobody knows where";
	} else if (is_ours(&to) && !is_ours(t)) {
		to.scope = t->scope; /* its loopback is not this one */
		to.why = t->why;
	}
	db_effects(c, &to, &r->does);
}

/* Functions are called of which the catalogue may know that they change
 * nothing, and nothing comes before that could make it say otherwise. */
static bool
only_calls(const struct sql *s)
{
	return s->nopaque == s->ncalled &&
	       !(s->classes & ~(unsigned)(SQL_OPAQUE | SQL_COUNT | SQL_READ |
					  SQL_WRITE | SQL_SESSION));
}

void
db_effects(struct file_call *c, const struct db_target *t, const struct sql *s)
{
	unsigned k = s->classes;
	bool here = is_ours(t);
	bool certain = here && !only_calls(s) &&
		       (k & (SQL_ALTER | SQL_DESTROY | SQL_OPAQUE));
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
		loses(c, t, false, NULL, s->ntouched ? touched(c, s) : NULL,
		      t->engine == DATABASE_MYSQL ? s->reach : SQL_REACH_OWN);
	else if (here && s->ntouched) /* the server knows (db_beside.c) */
		loses(c, t, false, touched(c, s), NULL, SQL_REACH_OWN);
	for (size_t i = 0; i < s->nremotes; i++)
		remote_effects(c, t, &s->remotes[i]);
	if (s->beyond) {
		struct effect *fx =
		    effects_add(c->fx, EFFECT_DB_DESTROY, t->scope, t->label);

		fx->undo = UNDO_NO;
		fx->why = text_safe(c->ctx, s->beyond);
	}
	for (size_t i = 0; i < s->ndropped; i++) {
		struct db_target to = sibling(c, t, s->dropped[i]);

		add(c, &to, EFFECT_DB_DESTROY, s,
		    is_ours(&to) ? LOSS_DATABASE : 0);
		if (is_ours(&to))
			loses(c, &to, true, NULL, NULL, SQL_REACH_OWN);
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

/* A descriptor whose bytes are by then in a file that nobody can change: the
 * command gets these very bytes, also when it is judged again. */
static int
hold(struct file_call *c, int fd, struct err *e)
{
	int to, seals = fcntl(fd, F_GET_SEALS), rc;
	struct stat st;

	if (seals >= 0 && (seals & F_SEAL_WRITE))
		return 0;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "reading the input");
	if (c->in->kind == REQUEST_CHECK && !S_ISREG(st.st_mode))
		return err_set(e, ERR_UNKNOWN,
			       "what comes from the pipe is not read for a "
			       "check");
	to = memfd_create("sql", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (to < 0)
		return err_sys(e, "keeping the input");
	rc = spool(fd, to, e);
	if (rc == 0 && (lseek(to, 0, SEEK_SET) < 0 ||
			fcntl(to, F_ADD_SEALS,
			      F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK |
				  F_SEAL_SEAL) < 0 ||
			dup3(to, fd, O_CLOEXEC) < 0))
		rc = err_sys(e, "keeping the input");
	close(to);
	return rc;
}

int
db_stdin(struct file_call *c, char **text, size_t *len, struct err *e)
{
	int fd = c->in->stdio[0];
	struct stat st;
	void *map;

	*text = NULL;
	*len = 0;
	if (fd < 0 || fstat(fd, &st) < 0 || S_ISCHR(st.st_mode))
		return 0;
	if (hold(c, fd, e) < 0)
		return e->code;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "reading the input");
	c->cmd->hand_stdin = true;
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

/* The one that the caller has under this number, as a shell's <(...) does.  A
 * file it opens is read from its beginning, as by whoever opens the name. */
static int
of_caller(struct file_call *c, int number)
{
	struct stat st;
	struct err e;
	int fd = -1;
	size_t i = 0;

	if (number < 3)
		fd = c->in->stdio[number];
	for (; number >= 3 && i < c->in->npassed; i++)
		if (c->in->passed[i].number == number) {
			fd = c->in->passed[i].fd;
			break;
		}
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (S_ISREG(st.st_mode))
		return fd;
	if ((!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)) ||
	    hold(c, fd, &e) < 0)
		return -1;
	if (number == 0)
		c->cmd->hand_stdin = true;
	else if (number >= 3)
		c->cmd->hand_passed |= 1u << i;
	return fd;
}

static bool
is_special(struct file_call *c, const char *path)
{
	const char *real = path_resolve(c->ctx, c->os.base_dir, path);

	return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6) ||
	       !strncmp(real, "/dev/", 5) || !strncmp(real, "/proc/", 6);
}

bool
db_file_there(struct file_call *c, const char *name)
{
	const char *path = path_join(c->ctx, c->os.base_dir, name);
	const char *real = path_resolve(c->ctx, c->os.base_dir, path);

	/* what a descriptor leads to is another thing in this process */
	if (!strncmp(real, "/proc/", 6) || strcmp(real, path) != 0)
		return is_special(c, path) || access(path, F_OK) == 0;
	return path_descriptor(path) >= 0 || access(path, F_OK) == 0;
}

char *
db_file(struct file_call *c, const char *name, size_t *len)
{
	char *path = path_join(c->ctx, c->os.base_dir, name), *text;
	int number = path_descriptor(path), fd;
	struct err e = {0};

	if (number >= 0) {
		fd = of_caller(c, number);
		if (fd < 0)
			return NULL;
		path = file_text(c, "/proc/self/fd/%d", fd);
	} else if (!strcmp(path, "/dev/null")) {
		*len = 0;
		return file_text(c, "%s", "");
	} else if (is_special(c, path)) {
		return NULL;
	}
	if (file_read(c->ctx, AT_FDCWD, path, LIMIT_STDIN_SPOOL, &text, len,
		      &e) != 0)
		return NULL;
	return text;
}

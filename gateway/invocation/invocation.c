/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FRAME_REQUEST becomes an invocation: every number in its range, every
 * descriptor of the kind it should be, the current directory a real path.
 */
#include "invocation/invocation.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/gone.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static int
malformed(struct err *e, const char *what)
{
	return err_set(e, ERR_SYNTAX, "malformed request: %s", what);
}

static void *
array(void *ctx, size_t n, size_t size)
{
	void *p = talloc_zero_size(ctx, n * size);

	if (p == NULL)
		BUG("out of memory");
	return p;
}

/* The fixed part up to the masks; the value beyond the mask of open fds. */
static int
read_numbers(struct fields *f, struct invocation *out, uint64_t *open_mask,
	     struct err *e)
{
	uint64_t version = fields_u64(f), kind = fields_u64(f);
	uint64_t mask = fields_u64(f), nice = fields_u64(f);
	uint64_t ignored = fields_u64(f);
	uint64_t rows = fields_u64(f), cols = fields_u64(f);

	*open_mask = fields_u64(f);
	if (f->bad)
		return malformed(e, "cut short");
	if (version != PROTO_VERSION)
		return err_set(e, ERR_UNKNOWN,
			       "the caller speaks version %llu, this gateway "
			       "%u; run: automode gateway --restart",
			       (unsigned long long)version, PROTO_VERSION);
	if (kind < REQUEST_RUN || kind > REQUEST_CONTROL)
		return malformed(e, "unknown kind");
	if (mask > 0777 || nice > 40 || rows > 0xffff || cols > 0xffff ||
	    *open_mask > 7)
		return malformed(e, "a number out of range");
	out->kind = (enum request_kind)kind;
	out->mask = (mode_t)mask;
	out->nice = (int)nice - 20;
	out->ignored_signals = ignored;
	out->rows = (unsigned)rows;
	out->cols = (unsigned)cols;
	return 0;
}

static int
read_limits(struct fields *f, struct invocation *out, struct err *e)
{
	uint64_t n = fields_u64(f);

	if (f->bad || n > RLIM_NLIMITS)
		return malformed(e, "too many limits");
	while (n-- > 0) {
		uint64_t resource = fields_u64(f);
		uint64_t cur = fields_u64(f), max = fields_u64(f);

		if (f->bad || resource >= RLIM_NLIMITS || cur > max ||
		    (out->limits_given & (1u << resource)) != 0)
			return malformed(e, "a limit");
		out->limits[resource].rlim_cur = cur;
		out->limits[resource].rlim_max = max;
		out->limits_given |= 1u << resource;
	}
	return 0;
}

static int
take_fds(struct fields *f, const struct frame *frame, uint64_t open_mask,
	 struct invocation *out, struct err *e)
{
	uint64_t extra = fields_u64(f);
	size_t next = 1;

	if (f->bad || extra > LIMIT_PASSED_FDS)
		return malformed(e, "too many descriptors");
	if (frame->nfds != 1 + (size_t)__builtin_popcountll(open_mask) + extra)
		return malformed(e, "descriptors missing or left over");
	out->cwd_fd = frame->fds[0];
	for (int i = 0; i < 3; i++)
		out->stdio[i] = open_mask & (1u << i) ? frame->fds[next++] : -1;
	for (uint64_t i = 0; i < extra; i++) {
		uint64_t number = fields_u64(f);

		if (f->bad || number < 3 || number > INT_MAX)
			return malformed(e, "a descriptor's number");
		for (size_t k = 0; k < out->npassed; k++)
			if (out->passed[k].number == (int)number)
				return malformed(e, "a descriptor twice");
		out->passed[out->npassed++] = (struct passed_fd){
		    .number = (int)number,
		    .fd = frame->fds[next++],
		};
	}
	return 0;
}

static bool
same_directory(const char *path, const struct stat *want)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == want->st_dev &&
	       st.st_ino == want->st_ino;
}

static int
go_to_root(struct invocation *out, struct err *e)
{
	int root OWNED_FD = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0 || !gone_is_no_matter(out) ||
	    dup3(root, out->cwd_fd, O_CLOEXEC) < 0)
		return err_set(e, ERR_UNKNOWN, "the current directory is gone");
	out->cwd = "/";
	return 0;
}

/* The kernel's own idea of the directory comes first: getcwd(3) in the caller
 * may have a logical path.  The caller's serves where ours is of no use
 * (another mount namespace), if it leads to the same place. */
static int
find_cwd(void *ctx, const char *given, struct invocation *out, struct err *e)
{
	char link[64], path[PATH_MAX];
	bool hidden = false;
	struct stat st;
	ssize_t n;

	if (fstat(out->cwd_fd, &st) != 0 || !S_ISDIR(st.st_mode))
		return malformed(e, "the current directory is none");
	if (st.st_nlink == 0) {
		out->gone = true;
		return go_to_root(out, e);
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", out->cwd_fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n > 0 && n < (ssize_t)sizeof(path) - 1) {
		path[n] = '\0';
		if (path[0] == '/' && same_directory(path, &st)) {
			out->cwd = talloc_strdup(ctx, path);
			return 0;
		}
		/* whoever could see it has given up the right to */
		hidden = access(path, F_OK) != 0 && errno == EACCES;
	}
	if (given[0] == '/') {
		char *real = path_resolve(ctx, "/", given);

		if (same_directory(real, &st)) {
			out->cwd = real;
			return 0;
		}
	}
	if (hidden && go_to_root(out, e) == 0)
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "the current directory is gone, or cannot be reached "
		       "from here");
}

static int
read_argv(void *ctx, struct fields *f, struct invocation *out, struct err *e)
{
	uint64_t n = fields_u64(f);
	const char **v;

	if (f->bad || n == 0 || n > LIMIT_ARGS)
		return malformed(e, "number of arguments");
	v = array(ctx, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i] = fields_bytes(v, f, NULL);
		if (v[i] == NULL)
			return malformed(e, "an argument");
	}
	out->argv = v;
	out->argc = n;
	out->tool = path_base(v[0]);
	return 0;
}

/* Names seen so far, by open addressing: 20,000 variables are compared with
 * each other only where they collide. */
static bool
seen_before(const char **table, size_t size, const char *entry)
{
	size_t len = strcspn(entry, "="), at = 5381;

	for (size_t i = 0; i < len; i++)
		at = at * 33 + (unsigned char)entry[i];
	for (at %= size; table[at] != NULL; at = (at + 1) % size)
		if (strncmp(table[at], entry, len + 1) == 0)
			return true;
	table[at] = entry;
	return false;
}

/* Of a name that is there twice the first counts, as in getenv(3); what is
 * behind it, and what has no name, does not go on. */
static int
read_env(void *ctx, struct fields *f, struct invocation *out, struct err *e)
{
	uint64_t n = fields_u64(f);
	const char **v, **table;
	size_t size;

	if (f->bad || n > LIMIT_ENV)
		return malformed(e, "number of variables");
	v = array(ctx, n + 1, sizeof(*v));
	size = n * 2 + 1;
	table = array(ctx, size, sizeof(*table));
	for (size_t i = 0; i < n; i++) {
		char *entry = fields_bytes(v, f, NULL);
		const char *equals;

		if (entry == NULL)
			return malformed(e, "a variable");
		equals = strchr(entry, '=');
		if (equals == NULL || equals == entry ||
		    seen_before(table, size, entry))
			continue;
		v[out->envc++] = entry;
	}
	talloc_free(table);
	out->env = v;
	return 0;
}

int
invocation_read(void *ctx, const struct frame *frame, const struct peer *peer,
		const struct sessions *all, struct invocation *out,
		struct err *e)
{
	const char *given, *id;
	uint64_t open_mask;
	struct fields f;
	bool known;

	memset(out, 0, sizeof(*out));
	out->cwd_fd = out->stdio[0] = out->stdio[1] = out->stdio[2] = -1;
	out->uid = peer->uid;
	out->gid = peer->gid;
	out->pid = peer->pid;
	if (frame->type != FRAME_REQUEST)
		return malformed(e, "not a request");
	fields_init(&f, frame->body, frame->len);
	if (read_numbers(&f, out, &open_mask, e) < 0 ||
	    read_limits(&f, out, e) < 0 ||
	    take_fds(&f, frame, open_mask, out, e) < 0)
		return e->code;
	given = fields_bytes(ctx, &f, NULL);
	if (given == NULL)
		return malformed(e, "the current directory");
	if (read_argv(ctx, &f, out, e) < 0 || read_env(ctx, &f, out, e) < 0)
		return e->code;
	if (!fields_done(&f))
		return malformed(e, "bytes left over");
	if (find_cwd(ctx, given, out, e) < 0)
		return e->code;
	id = invocation_env(out, "AUTOMODE_SESSION");
	out->session = session_find(all, id, out->uid, &known);
	return 0;
}

const char *
invocation_env(const struct invocation *in, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < in->envc; i++)
		if (strncmp(in->env[i], name, len) == 0 &&
		    in->env[i][len] == '=')
			return in->env[i] + len + 1;
	return NULL;
}

/* One uid is asked for again and again: the gateway's own, looked up before
 * it forks. */
static struct {
	uid_t uid;
	char home[PATH_MAX];
} house_home;

void
invocation_set_home(uid_t uid, const char *home)
{
	house_home.uid = uid;
	snprintf(house_home.home, sizeof(house_home.home), "%s", home);
}

const char *
invocation_home(const struct invocation *in)
{
	struct passwd *pw;

	if (house_home.home[0] != '\0' && house_home.uid == in->uid)
		return house_home.home;
	pw = getpwuid(in->uid);
	invocation_set_home(in->uid, pw != NULL && pw->pw_dir[0] == '/'
					 ? pw->pw_dir
					 : "/nonexistent");
	return house_home.home;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Listings, stdin that decides what happens, sets of files to be removed. */
#include "tools/file_list.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "effects/origin.h"
#include "invocation/environ.h"
#include "invocation/program.h"
#include "tools/db.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_LISTING (64u << 20)
#define LISTING_MS  60000

/* What is too much for memory goes to a file without a name. */
static int
spill(struct file_call *c, int *copy, size_t total, struct err *e)
{
	int disk = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct statvfs v;

	if (total > LIMIT_STDIN_DISK || disk < 0 || fstatvfs(disk, &v) < 0 ||
	    (uint64_t)v.f_bavail * v.f_frsize < LIMIT_STDIN_DISK) {
		if (disk >= 0)
			close(disk);
		return err_set(e, ERR_LIMIT,
			       "its input decides what is overwritten, and is "
			       "larger than %s: save it in a file first",
			       text_bytes(c->ctx, total > LIMIT_STDIN_DISK
						      ? LIMIT_STDIN_DISK
						      : LIMIT_STDIN_SPOOL));
	}
	own_fd(c->ctx, disk);
	if (lseek(*copy, 0, SEEK_SET) < 0 || file_copy_fd(*copy, disk, e) < 0)
		return err_wrap(e, "keeping stdin");
	if (lseek(disk, 0, SEEK_END) < 0)
		return err_sys(e, "keeping stdin");
	(void)!ftruncate(*copy, 0);
	*copy = disk;
	return 0;
}

int
file_take(struct file_call *c, int in, int *fd, struct err *e)
{
	int copy;
	char buf[65536];
	size_t total = 0;
	bool memory = true;
	ssize_t n;

	if (c->in->kind == REQUEST_CHECK || in < 0 || isatty(in))
		return 1;
	copy = own_fd(c->ctx, memfd_create("stdin", MFD_CLOEXEC));
	if (copy < 0)
		return err_sys(e, "memfd_create");
	while ((n = read(in, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "reading its input");
		total += (size_t)n;
		if ((total > LIMIT_STDIN_SPOOL && memory) ||
		    total > LIMIT_STDIN_DISK) {
			if (spill(c, &copy, total, e) < 0)
				return e->code;
			memory = false;
		}
		if (file_write_all(copy, buf, (size_t)n) < 0)
			return err_sys(e, "keeping its input");
	}
	*fd = own_fd(c->ctx, open(file_text(c, "/proc/self/fd/%d", copy),
				  O_RDONLY | O_CLOEXEC));
	if (*fd < 0 || lseek(copy, 0, SEEK_SET) < 0 ||
	    dup3(copy, in, O_CLOEXEC) < 0)
		return err_sys(e, "putting its input back");
	return 0;
}

int
file_take_stdin(struct file_call *c, int *fd, struct err *e)
{
	return file_take(c, c->in->stdio[0], fd, e);
}

char *
file_list_text(struct file_call *c, const char *name, size_t *len,
	       struct err *e)
{
	char *text = NULL;
	int fd = -1;

	if (path_descriptor(name) > 0) {
		text = db_file(c, name, len);
		if (!text)
			err_set(e, ERR_UNKNOWN, "%s cannot be read beforehand",
				name);
		return text;
	}
	if (strcmp(name, "-") != 0 && path_descriptor(name) < 0) {
		file_read_from(c, name);
		return file_read(c->ctx, AT_FDCWD,
				 path_join(c->ctx, c->os.base_dir, name),
				 LIMIT_STDIN_SPOOL, &text, len, e) < 0
			   ? NULL
			   : text;
	}
	if (file_take_stdin(c, &fd, e) != 0 || fd < 0)
		return NULL;
	c->cmd->hand_stdin = true;
	(void)file_read(c->ctx, AT_FDCWD, file_text(c, "/proc/self/fd/%d", fd),
			LIMIT_STDIN_SPOOL, &text, len, e);
	return text;
}

const char **
file_list_names(struct file_call *c, const char *name, char end, size_t *n,
		struct err *e)
{
	const char **v;
	size_t len = 0, room = 1;
	char *text = file_list_text(c, name, &len, e), *stop;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++)
		room += text[i] == end;
	v = talloc_array(c->ctx, const char *, (unsigned)room);
	if (!v)
		BUG("out of memory");
	*n = 0;
	for (char *at = text; at < text + len; at = stop + 1) {
		stop = memchr(at, end, (size_t)(text + len - at));
		if (!stop)
			stop = text + len;
		*stop = '\0';
		if (*at)
			v[(*n)++] = at;
	}
	return v;
}

/* A pipe that has the bytes of a file in it, and no more will come; -1: they
 * are too many for one.  rsync follows the name of a descriptor to that of its
 * file, and our copies have none. */
static int
piped(struct file_call *c, int file)
{
	char buf[65536];
	struct stat st;
	int p[2];
	off_t at = 0;
	ssize_t n;

	if (fstat(file, &st) < 0 || st.st_size > INT_MAX ||
	    pipe2(p, O_CLOEXEC) < 0)
		return -1;
	own_fd(c->ctx, p[0]);
	if (st.st_size > (off_t)sizeof(buf))
		(void)fcntl(p[1], F_SETPIPE_SZ, (int)st.st_size);
	/* of a full one the rest is refused */
	if (fcntl(p[1], F_SETFL, O_NONBLOCK) == 0)
		while ((n = pread(file, buf, sizeof(buf), at)) > 0 &&
		       write(p[1], buf, (size_t)n) == n)
			at += n;
	close(p[1]);
	return at == st.st_size ? p[0] : -1;
}

int
file_take_number(struct file_call *c, int number, int *copy, struct err *e)
{
	size_t i = 0;
	struct stat st;
	int fd = -1, again, rc;

	*copy = -1;
	while (i < c->in->npassed && c->in->passed[i].number != number)
		i++;
	if (number < 3)
		fd = c->in->stdio[number];
	else if (i < c->in->npassed)
		fd = c->in->passed[i].fd;
	if (fd < 0 || fstat(fd, &st) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) &&
	     !S_ISSOCK(st.st_mode)))
		return 1;
	if (S_ISREG(st.st_mode)) {
		*copy = fd;
		return 0;
	}
	rc = file_take(c, fd, copy, e);
	if (rc != 0)
		return rc;
	if (number == 0)
		c->cmd->hand_stdin = true;
	else if (number > 2)
		c->cmd->hand_passed |= 1u << i;
	again = piped(c, *copy);
	if (again >= 0 && dup3(again, fd, O_CLOEXEC) < 0)
		return err_sys(e, "putting its input back");
	return 0;
}

/* For a listing, which is to read it as well.  -1: there is none. */
static int
taken(struct file_call *c, int number, struct err *e)
{
	int copy, again, rc = file_take_number(c, number, &copy, e);

	if (rc > 0 && c->in->kind == REQUEST_CHECK)
		return err_set(e, ERR_UNKNOWN,
			       "what comes from the pipe is not read for a "
			       "check");
	if (rc != 0)
		return rc < 0 ? rc : -1;
	again = piped(c, copy);
	return again < 0 ? copy : again;
}

/* An option as the listing gets it: "/dev/fd/63" in it, as a shell's <(...)
 * has it, is the caller's, and in this process has another number. */
static int
listing_word(struct file_call *c, const char **word, int *keep, struct err *e)
{
	const char *at = strchr(*word, '/');
	int number = -1, fd;
	size_t len;

	for (; at; at = strchr(at + 1, '/')) {
		number = path_descriptor(at);
		if (number >= 0)
			break;
	}
	if (!at || **word != '-')
		return 0;
	len = strcspn(at, "0123456789");
	len += strspn(at + len, "0123456789");
	if (at[len])
		return 0;
	fd = taken(c, number, e);
	if (fd < 0)
		return e->code;
	*keep = fd;
	*word = file_text(c, "%.*s/dev/fd/%d", (int)(at - *word), *word, fd);
	return 1;
}

int
file_listing(struct file_call *c, const char *program, const char *const *argv,
	     int input, char **output, size_t *len, int *status, struct err *e)
{
	struct spawn s = {.program = program,
			  .env = environ_build(c->ctx, c->in, NULL),
			  .cwd = c->in->cwd,
			  .max_output = MAX_LISTING,
			  .timeout_ms = LISTING_MS};
	const char **v;
	struct stat st;
	void *bytes = NULL;
	size_t n = 0;
	int *keep, rc;

	while (argv[n])
		n++;
	v = talloc_memdup(c->ctx, argv, (n + 1) * sizeof(*v));
	keep = talloc_array(c->ctx, int, (unsigned)n + 1);
	if (!v || !keep)
		BUG("out of memory");
	for (size_t i = 0; i < n && strcmp(v[i], "--") != 0; i++) {
		rc = listing_word(c, &v[i], &keep[s.nkeep_fds], e);
		if (rc < 0)
			return rc;
		s.nkeep_fds += (size_t)rc;
	}
	s.argv = v;
	s.keep_fds = keep;
	if (input >= 0 && fstat(input, &st) == 0 && st.st_size > 0) {
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			     input, 0);
		if (bytes == MAP_FAILED)
			return err_sys(e, "mapping its input");
		s.input = bytes;
		s.input_len = (size_t)st.st_size;
	}
	if (spawn_run(c->ctx, &s, e) < 0) {
		err_wrap(e, "listing what it would change");
	} else {
		*output = s.output;
		*len = s.output_len;
		*status = s.status;
	}
	if (bytes)
		munmap(bytes, (size_t)st.st_size);
	return s.output ? 0 : e->code ? e->code : ERR_SYSTEM;
}

/* A parent comes before what is below it. */
static int
by_place(const void *a, const void *b)
{
	const unsigned char *x = *(const unsigned char *const *)a;
	const unsigned char *y = *(const unsigned char *const *)b;

	while (*x == *y && *x) {
		x++;
		y++;
	}
	return (*x == '/' ? 1
		: *x	  ? *x + 1
			  : 0) -
	       (*y == '/' ? 1
		: *y	  ? *y + 1
			  : 0);
}

/* Entries below dir, at most max. */
static size_t
count_below(void *ctx, const char *dir, size_t max)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	size_t n = 0;

	while (d && n <= max && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		n++;
		if (ent->d_type == DT_DIR)
			n += count_below(ctx, path_join(ctx, dir, ent->d_name),
					 max - n);
	}
	if (d)
		closedir(d);
	return n;
}

void
file_remove_listed(struct file_call *c, const char **v, size_t n,
		   enum file_removal how)
{
	const char **path = talloc_array(c->ctx, const char *, (unsigned)n + 1);

	if (!path)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++) {
		struct operand o;

		operand_look(&c->os, v[i], &o);
		path[i] = o.path;
	}
	qsort(path, n, sizeof(*path), by_place);
	for (size_t i = 0, below; i < n; i += 1 + below) {
		struct operand o;

		below = 0;
		operand_at(&c->os, path[i], &o);
		if (!o.there || (how == REMOVE_FILES && S_ISDIR(o.st.st_mode)))
			continue;
		if (!S_ISDIR(o.st.st_mode)) {
			file_act(c, ACT_REMOVE, &o, false);
			continue;
		}
		while (i + 1 + below < n &&
		       path_is_under(path[i + 1 + below], path[i]))
			below++;
		if (how == REMOVE_TREES ||
		    count_below(c->ctx, path[i], below) == below)
			file_act(c,
				 below || how == REMOVE_TREES ? ACT_REMOVE_ALL
							      : ACT_REMOVE,
				 &o, false);
		else
			below = 0; /* it stays */
	}
}

void
file_unescape(char *name, bool rsync)
{
	static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
	char *to = name;

	while (*name) {
		const char *l;

		if (*name != '\\' || (rsync && name[1] != '#')) {
			*to++ = *name++;
			continue;
		}
		name += rsync ? 2 : 1;
		if (*name >= '0' && *name <= '7') {
			int byte = 0;

			for (int k = 0; k < 3 && *name >= '0' && *name <= '7';
			     k++)
				byte = byte * 8 + (*name++ - '0');
			*to++ = (char)byte;
		} else if (*name && (l = strchr(letters, *name))) {
			*to++ = bytes[l - letters];
			name++;
		} else if (*name) {
			*to++ = *name++;
		}
	}
	*to = '\0';
}

/* Is the first program of that name on the caller's PATH a shim? */
static bool
meets_shim(struct file_call *c, const char *name)
{
	const char *list = invocation_env(c->in, "PATH");

	while (list && *list) {
		size_t len = strcspn(list, ":");
		const char *path = path_join(
		    c->ctx,
		    path_join(c->ctx, c->in->cwd,
			      len ? talloc_strndup(c->ctx, list, len) : "."),
		    name);

		if (access(path, X_OK) == 0)
			return program_is_shim(path);
		list += len + (list[len] == ':');
	}
	return false;
}

const char *
file_inner_word(struct file_call *c, const char *word, bool path_is_lost)
{
	const char *name = path_base(word), *found, *real, *own;
	struct err ignored;

	if (!toolbox_find(name))
		return NULL;
	if (strchr(word, '/')) {
		/* another program that only has the name of a tool? */
		if (program_find(c->ctx, c->in, name, &found, &ignored) < 0)
			return NULL;
		real = path_resolve(c->ctx, "/", found);
		if (strcmp(path_resolve(c->ctx, c->in->cwd, word), real) != 0)
			return NULL;
	}
	if (!path_is_lost && meets_shim(c, name))
		return strchr(word, '/') ? name : NULL;
	own = path_join(c->ctx, program_shim_dir(), name);
	if (path_exists(own))
		return own;
	/* an interpreter: it matters once something was fetched */
	own = file_text(c, "%s-run/%s", program_shim_dir(), name);
	return c->t->origins && path_exists(own) &&
		       path_exists(
			   path_join(c->ctx, c->t->origins, ORIGIN_FILES))
		   ? own
		   : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime and the state folder, and who listens there. */
#include "places.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool
ours_alone(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

static char *
runtime_name(void *ctx)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	char *dir;

	if (xdg != NULL && xdg[0] == '/' && ours_alone(xdg))
		return path_join(ctx, xdg, "automode");
	dir = talloc_asprintf(ctx, "/run/user/%u", geteuid());
	if (ours_alone(dir))
		return path_join(ctx, dir, "automode");
	return talloc_asprintf(ctx, "/tmp/automode-%u", geteuid());
}

int
places_runtime(void *ctx, bool make, char **dir, struct err *e)
{
	char *name = runtime_name(ctx);

	*dir = NULL;
	if (make && mkdir(name, 0700) != 0 && errno != EEXIST)
		return err_sys(e, "making %s", name);
	if (!path_exists(name))
		return err_set(e, ERR_UNKNOWN, "there is no %s", name);
	if (!ours_alone(name))
		return err_set(e, ERR_SYSTEM,
			       "%s is not a folder of ours alone (mode 0700)",
			       name);
	*dir = name;
	return 0;
}

/* What the file says, or NULL. */
static char *
remembered(void *ctx, const char *runtime, const char *name)
{
	char *path, *text = NULL;
	struct stat st;
	size_t len;

	if (runtime == NULL)
		return NULL;
	path = talloc_asprintf(ctx, "%s/%s", runtime, name);
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || (st.st_mode & 022) != 0 ||
	    file_read(ctx, AT_FDCWD, path, PATH_MAX, &text, &len, NULL) != 0)
		return NULL;
	return len > 0 && strlen(text) == len && text[0] == '/' ? text : NULL;
}

char *
places_home(void *ctx, const char *runtime, const char *preferred)
{
	char *home = remembered(ctx, runtime, "home");
	struct passwd *pw;

	if (home != NULL)
		return home;
	if (preferred != NULL && preferred[0] == '/')
		return talloc_strdup(ctx, preferred);
	pw = getpwuid(geteuid());
	return talloc_strdup(ctx, pw != NULL && pw->pw_dir[0] == '/'
				      ? pw->pw_dir
				      : "/nonexistent");
}

/* Whoever was root keeps the environment when another user's rights do. */
static bool
is_of_another(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) != 0)
		return errno == EACCES;
	return st.st_uid != geteuid();
}

/* Accounts of services have no home folder, or one that is not theirs. */
static bool
can_be_made(void *ctx, const char *dir)
{
	while (!path_exists(dir))
		dir = path_parent(ctx, dir);
	return access(dir, W_OK | X_OK) == 0;
}

int
places_state(void *ctx, const char *runtime, const char *asked,
	     const char *home, char **dir, struct err *e)
{
	const char *own = getenv("AUTOMODE_STATE_DIR");
	const char *xdg = getenv("XDG_STATE_HOME");
	char *name;

	if (own != NULL && (*own == '\0' || is_of_another(own)))
		own = NULL;
	if (own == NULL && xdg != NULL && xdg[0] == '/')
		own = path_join(ctx, xdg, "automode");
	name = asked != NULL ? talloc_strdup(ctx, asked)
			     : remembered(ctx, runtime, "state-dir");
	if (name == NULL && own != NULL && !is_of_another(own))
		name = talloc_strdup(ctx, own);
	if (name == NULL) {
		name = path_join(ctx, home, ".local/state/automode");
		if (runtime != NULL && !can_be_made(ctx, name))
			name = path_join(ctx, runtime, "state");
	}
	if (name[0] != '/')
		return err_set(e, ERR_SYNTAX,
			       "the state folder \"%s\" is not an absolute "
			       "path",
			       text_safe(ctx, name));
	*dir = path_resolve(ctx, "/", name);
	return 0;
}

int
places_make_state(const char *dir, struct err *e)
{
	struct stat st;

	if (path_make_dirs(dir, 0700, e) < 0)
		return err_wrap(e, "making the state folder");
	if (stat(dir, &st) != 0)
		return err_sys(e, "the state folder %s", dir);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return err_set(e, ERR_SYSTEM,
			       "the state folder %s is not a folder of ours",
			       dir);
	if ((st.st_mode & 077) != 0 && chmod(dir, 0700) != 0)
		return err_sys(e, "the state folder %s", dir);
	return 0;
}

int
places_remember(const char *runtime, const char *name, const char *path,
		struct err *e)
{
	char *file = talloc_asprintf(NULL, "%s/%s", runtime, name);
	int r = file_write(AT_FDCWD, file, path, strlen(path), 0600, e);

	talloc_free(file);
	return r;
}

int
places_address(const char *runtime, const char *name, struct sockaddr_un *out,
	       int *dir, struct err *e)
{
	size_t room = sizeof(out->sun_path);

	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	*dir = -1;
	if ((size_t)snprintf(out->sun_path, room, "%s/%s", runtime, name) <
	    room)
		return 0;
	*dir = open(runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0)
		return err_sys(e, "opening %s", runtime);
	snprintf(out->sun_path, room, "/proc/self/fd/%d/%s", *dir, name);
	return 0;
}

int
places_connect(const char *runtime, const char *name, int *sock, int *pid,
	       struct err *e)
{
	int fd OWNED_FD = -1;
	int dir OWNED_FD = -1;
	struct sockaddr_un a;
	struct peer peer;

	*sock = -1;
	if (places_address(runtime, name, &a, &dir, e) < 0)
		return ERR_SYSTEM;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return err_set(e, ERR_UNKNOWN,
				       "no gateway listens in %s", runtime);
		return err_sys(e, "connecting to %s/%s", runtime, name);
	}
	if (frame_peer(fd, &peer, e) < 0)
		return ERR_SYSTEM;
	if (peer.uid != geteuid() && peer.uid != 0)
		return err_set(e, ERR_SYSTEM,
			       "uid %u listens in %s, which is not ours",
			       peer.uid, runtime);
	if (pid != NULL)
		*pid = peer.pid;
	*sock = fd;
	fd = -1;
	return 0;
}

bool
places_same_program(int pid)
{
	struct stat theirs, ours;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return stat(path, &theirs) == 0 && stat("/proc/self/exe", &ours) == 0 &&
	       theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

bool
places_program_replaced(void)
{
	char path[PATH_MAX];
	struct stat ours, there;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	/* proc(5): the name of a file that is gone ends in " (deleted)" */
	static const char gone[] = " (deleted)";
	size_t tail = sizeof(gone) - 1;

	if (n <= (ssize_t)tail)
		return false;
	path[n] = '\0';
	if (strcmp(path + n - tail, gone) == 0)
		path[(size_t)n - tail] = '\0';
	return stat("/proc/self/exe", &ours) == 0 && stat(path, &there) == 0 &&
	       (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino);
}

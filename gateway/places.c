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

const char *
places_home(void)
{
	static char home[PATH_MAX];
	struct passwd *pw;

	if (home[0] != '\0')
		return home;
	pw = getpwuid(geteuid());
	snprintf(home, sizeof(home), "%s",
		 pw != NULL && pw->pw_dir[0] == '/' ? pw->pw_dir
						    : "/nonexistent");
	return home;
}

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
remembered(void *ctx, const char *runtime)
{
	char *path, *text = NULL;
	struct stat st;
	size_t len;

	if (runtime == NULL)
		return NULL;
	path = talloc_asprintf(ctx, "%s/state-dir", runtime);
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || (st.st_mode & 022) != 0 ||
	    file_read(ctx, AT_FDCWD, path, PATH_MAX, &text, &len, NULL) != 0)
		return NULL;
	return len > 0 && strlen(text) == len && text[0] == '/' ? text : NULL;
}

int
places_state(void *ctx, const char *runtime, const char *asked, char **dir,
	     struct err *e)
{
	const char *own = getenv("AUTOMODE_STATE_DIR");
	const char *xdg = getenv("XDG_STATE_HOME");
	char *name;

	name = asked != NULL ? talloc_strdup(ctx, asked)
			     : remembered(ctx, runtime);
	if (name == NULL && own != NULL && *own != '\0')
		name = talloc_strdup(ctx, own);
	if (name == NULL && xdg != NULL && xdg[0] == '/')
		name = path_join(ctx, xdg, "automode");
	if (name == NULL)
		name = path_join(ctx, places_home(), ".local/state/automode");
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
places_remember_state(const char *runtime, const char *state, struct err *e)
{
	char *path = talloc_asprintf(NULL, "%s/state-dir", runtime);
	int r =
	    file_write(AT_FDCWD, path, state, strlen(state), 0600, e);

	talloc_free(path);
	return r;
}

int
places_connect(const char *runtime, const char *name, int *sock, int *pid,
	       struct err *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd OWNED_FD = -1;
	struct peer peer;

	*sock = -1;
	if ((size_t)snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", runtime,
			     name) >= sizeof(a.sun_path))
		return err_set(e, ERR_LIMIT,
			       "the runtime folder's path is too long: %s",
			       runtime);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return err_set(e, ERR_UNKNOWN,
				       "no gateway listens at %s",
				       a.sun_path);
		return err_sys(e, "connecting to %s", a.sun_path);
	}
	if (frame_peer(fd, &peer, e) < 0)
		return e->code;
	if (peer.uid != geteuid() && peer.uid != 0)
		return err_set(e, ERR_SYSTEM,
			       "uid %u listens at %s, which is not ours",
			       peer.uid, a.sun_path);
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can bubblewrap work here?  Tried once at the gateway's start with the
 * options that boxes depend on; where it fails, the likely cause and its
 * remedy are said in words.
 */
#include "base/spawn.h"
#include "sandbox/bwrap.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* The number in a file of /proc/sys; -1: no such file. */
static long
sysctl_number(const char *name)
{
	char path[128], text[32];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/sys/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof text - 1);
		close(fd);
	}
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

static const char *
explain(const char *said)
{
	if (sysctl_number("kernel/unprivileged_userns_clone") == 0)
		return "user namespaces are switched off: sysctl -w "
		       "kernel.unprivileged_userns_clone=1 (and in "
		       "/etc/sysctl.d to keep it)";
	if (sysctl_number("user/max_user_namespaces") == 0)
		return "user namespaces are limited to none: sysctl -w "
		       "user.max_user_namespaces=15000";
	if (sysctl_number("kernel/apparmor_restrict_unprivileged_userns") == 1)
		return "AppArmor keeps programs without a profile from making "
		       "user namespaces: apt install apparmor-profiles and "
		       "copy /usr/share/apparmor/extra-profiles/"
		       "bwrap-userns-restrict to /etc/apparmor.d, then "
		       "systemctl reload apparmor";
	if (strstr(said, "No space left"))
		return "too many user namespaces are in use, or none are "
		       "allowed in this container: see sysctl "
		       "user.max_user_namespaces";
	if (strstr(said, "proc"))
		return "a fresh /proc cannot be mounted here; in a container "
		       "its /proc must not be masked (podman: --security-opt "
		       "unmask=ALL; docker: --security-opt "
		       "systempaths=unconfined)";
	if (access("/.dockerenv", F_OK) == 0 ||
	    access("/run/.containerenv", F_OK) == 0)
		return "this is a container whose seccomp profile refuses "
		       "namespaces or mounts: run it with --security-opt "
		       "seccomp=unconfined, or with a profile that allows "
		       "clone, unshare, mount, umount2 and pivot_root";
	return "user namespaces or mounts are refused here";
}

static bool holds;

bool
bwrap_holds(void)
{
	return holds;
}

static bool
has_bind_fd(void *ctx)
{
	static const char *const argv[] = {"bwrap", "--help", NULL};
	struct spawn s = {
	    .program = BWRAP_PATH, .argv = argv, .timeout_ms = 5000};

	return spawn_run(ctx, &s, NULL) == 0 && s.output &&
	       strstr(s.output, "--ro-bind-fd");
}

void
bwrap_probe(struct bwrap_probe *p)
{
	static const char *const argv[] = {"bwrap",
					   "--unshare-user",
					   "--unshare-pid",
					   "--unshare-net",
					   "--disable-userns",
					   "--cap-drop",
					   "ALL",
					   "--die-with-parent",
					   "--ro-bind",
					   "/",
					   "/",
					   "--proc",
					   "/proc",
					   "--dev",
					   "/dev",
					   "--",
					   "/bin/true",
					   NULL};
	struct spawn s = {
	    .program = BWRAP_PATH, .argv = argv, .timeout_ms = 5000};
	void *ctx = talloc_new(NULL);
	struct err e = {0};

	*p = (struct bwrap_probe){0};
	if (access(BWRAP_PATH, X_OK) < 0) {
		snprintf(p->text, sizeof p->text,
			 "%s: %s: apt install bubblewrap", BWRAP_PATH,
			 errno == ENOENT ? "not installed" : strerror(errno));
	} else if (spawn_run(ctx, &s, &e) < 0) {
		snprintf(p->text, sizeof p->text, "%s", e.msg);
	} else if (s.status != 0) {
		s.errors[strcspn(s.errors, "\n")] = '\0';
		snprintf(p->text, sizeof p->text, "%s: %s", s.errors,
			 explain(s.errors));
	} else {
		p->works = true;
		holds = has_bind_fd(ctx);
		snprintf(p->text, sizeof p->text, "%s works%s", BWRAP_PATH,
			 holds ? ""
			       : ", but without --bind-fd it follows links "
				 "that are put there while it starts: apt "
				 "upgrade bubblewrap");
	}
	talloc_free(ctx);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users, groups and host names as a box sees them: the caller, root, nobody,
 * this machine.  Looking names up in a directory service costs milliseconds,
 * so that is done once, in the gateway.
 */
#include "sandbox/synthetic.h"
#include "base/err.h"
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* "dns" although there is none: programs then ask the box's own loopback and
 * are refused at once, which is what tells that they wanted to. */
#define NSSWITCH                                                               \
	"passwd: files\n"                                                      \
	"group: files\n"                                                       \
	"shadow: files\n"                                                      \
	"hosts: files dns\n"                                                   \
	"services: files\n"                                                    \
	"protocols: files\n"
#define HOSTS                                                                  \
	"127.0.0.1 localhost\n"                                                \
	"::1 localhost ip6-localhost ip6-loopback\n"
#define PASSWD                                                                 \
	"root:x:0:0:root:/root:/bin/sh\n"                                      \
	"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
#define GROUP                                                                  \
	"root:x:0:\n"                                                          \
	"nogroup:x:65534:\n"

static struct {
	bool known;
	uid_t uid;
	gid_t gid;
	char *passwd, *group;
} users;
static char hosts[512];

/* A field of passwd(5), which nothing may break out of. */
static char *
field(void *ctx, const char *text)
{
	char *s = talloc_strdup(ctx, text ? text : "");

	for (char *p = s; p && *p; p++)
		if (*p == ':' || *p == '\n')
			*p = ' ';
	return s;
}

static void
look_up(uid_t uid, gid_t gid)
{
	void *ctx = talloc_new(NULL);
	struct passwd *p = getpwuid(uid);
	char *user, *group;

	talloc_free(users.passwd);
	talloc_free(users.group);
	if (p)
		user = talloc_asprintf(
		    ctx, "%s:x:%u:%u:%s:%s:%s\n", field(ctx, p->pw_name),
		    (unsigned)uid, (unsigned)gid, field(ctx, p->pw_gecos),
		    field(ctx, p->pw_dir), field(ctx, p->pw_shell));
	else
		user = talloc_strdup(ctx, "");
	group = talloc_strdup(ctx, "");
	if (gid != 0 && gid != 65534) {
		struct group *g = getgrgid(gid);

		if (g)
			group = talloc_asprintf(ctx, "%s:x:%u:\n",
						field(ctx, g->gr_name),
						(unsigned)gid);
	}
	/* the first entry of an id is the one that is found */
	users.passwd = talloc_asprintf(
	    NULL, "%s%s", user, uid == 0 ? strchr(PASSWD, '\n') + 1 : PASSWD);
	users.group = talloc_asprintf(NULL, "%s%s", group, GROUP);
	if (!users.passwd || !users.group)
		BUG("out of memory");
	users.uid = uid;
	users.gid = gid;
	users.known = true;
	talloc_free(ctx);
}

/* Programs look up the machine's own name and do not mean the network by it
 * (git, for an e-mail address). */
static const char *
host_names(void)
{
	char name[256];

	if (*hosts)
		return hosts;
	if (gethostname(name, sizeof name) < 0 ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-."
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0')
		name[0] = '\0';
	snprintf(hosts, sizeof hosts, "%s%s%s%s", HOSTS,
		 *name ? "127.0.1.1 " : "", name, *name ? "\n" : "");
	return hosts;
}

const char *
synthetic_file(const struct invocation *in, const char *path)
{
	if (strcmp(path, "/etc/nsswitch.conf") == 0)
		return NSSWITCH;
	if (strcmp(path, "/etc/hosts") == 0)
		return host_names();
	if (strcmp(path, "/etc/passwd") != 0 && strcmp(path, "/etc/group") != 0)
		return NULL;
	if (!users.known || users.uid != in->uid || users.gid != in->gid)
		look_up(in->uid, in->gid);
	return strcmp(path, "/etc/passwd") == 0 ? users.passwd : users.group;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The options of bubblewrap 0.8 (bwrap(1)) for what has been collected and
 * ordered. */
#include "base/path.h"
#include "sandbox/bwrap_work.h"
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_DATA 200 /* descriptors; the next file costs a mount */
#define MAX_HELD 400 /* descriptors; the next folder goes by its name */

static void
option(struct composing *c, const char *text)
{
	struct bwrap_plan *p = c->plan;

	if (p->noptions + 1 >= c->room) {
		c->room = c->room ? c->room * 2 : 128;
		p->options = talloc_realloc(c->ctx, p->options, const char *,
					    (unsigned)c->room);
		if (!p->options)
			BUG("out of memory");
	}
	p->options[p->noptions++] = text;
	p->options[p->noptions] = NULL;
}

static void
options(struct composing *c, const char *a, const char *b, const char *d)
{
	option(c, a);
	if (b)
		option(c, b);
	if (d)
		option(c, d);
}

/* Foreign code may look for sockets in the abstract name space, which belongs
 * to the network namespace: it gets one of its own even where a filter would
 * do for the Internet. */
bool
bwrap_own_network(const struct composing *c)
{
	const struct need *need = &c->cmd->need;

	return !need->network && (c->box->network_namespace || need->runs_code);
}

static int
next_data(struct composing *c, const struct entry *n)
{
	struct bwrap_plan *p = c->plan;
	int fd = BWRAP_DATA_FD + (int)p->ndata;

	p->data = talloc_realloc(c->ctx, p->data, struct bwrap_data,
				 (unsigned)p->ndata + 1);
	if (!p->data)
		BUG("out of memory");
	p->data[p->ndata++] = (struct bwrap_data){
	    .fd = fd,
	    .bytes = n->bytes,
	    .len = n->len,
	    .path = n->bytes ? NULL : n->source,
	};
	return fd;
}

/* Does the box show by it what a verdict was about? */
static bool
is_judged(const struct composing *c, const struct entry *n)
{
	const struct repository *r = c->cmd->repo;
	const struct need *need = &c->cmd->need;

	if (n->source)
		return false;
	for (size_t i = 0; i < need->nreal; i++)
		if (path_is_under(n->place, need->real[i]) ||
		    path_is_under(need->real[i], n->place))
			return true;
	return r && ((r->worktree && !strcmp(n->place, r->worktree)) ||
		     !strcmp(n->place, r->commondir));
}

static void
bind_entry(struct composing *c, const char *how, const struct entry *n)
{
	struct bwrap_plan *p = c->plan;

	if (p->nheld < MAX_HELD && is_judged(c, n)) {
		p->held = talloc_realloc(c->ctx, p->held, size_t,
					 (unsigned)p->nheld + 1);
		if (!p->held)
			BUG("out of memory");
		p->held[p->nheld++] = p->noptions;
	}
	options(c, how, n->source ? n->source : n->place, n->place);
}

static void
write_entry(struct composing *c, const struct entry *n)
{
	const char *source = n->source ? n->source : n->place;

	if (n->mode && !(n->kind == ENTRY_FILE && c->plan->ndata == MAX_DATA))
		options(c, "--perms",
			talloc_asprintf(c->ctx, "%04o", (unsigned)n->mode),
			NULL);
	switch (n->kind) {
	case ENTRY_FOLDER:
		options(c, "--dir", n->place, NULL);
		return;
	case ENTRY_TMPFS:
		options(c, "--tmpfs", n->place, NULL);
		return;
	case ENTRY_LINK:
		options(c, "--symlink", source, n->place);
		return;
	case ENTRY_FILE:
		if (c->plan->ndata == MAX_DATA) {
			options(c, "--ro-bind", source, n->place);
			return;
		}
		options(c, "--file",
			talloc_asprintf(c->ctx, "%d", next_data(c, n)),
			n->place);
		return;
	case ENTRY_DEVICE:
		options(c, "--dev-bind", source, n->place);
		return;
	case ENTRY_READ:
	case ENTRY_PROTECT:
		bind_entry(c, "--ro-bind", n);
		return;
	case ENTRY_WRITE:
	case ENTRY_PIN:
	case ENTRY_STAND:
		bind_entry(c, "--bind", n);
		return;
	case ENTRY_HIDE:
		if (n->file)
			options(c, "--ro-bind", "/dev/null", n->place);
		else
			options(c, "--tmpfs", n->place, NULL);
		return;
	}
	BUG("entry kind %d", (int)n->kind);
}

/* A bind, not a copy: what lies under it may be the person's own file. */
static void
write_files(struct composing *c)
{
	for (size_t i = 0; i < c->cmd->need.nfiles; i++) {
		const struct need_file *f = &c->cmd->need.files[i];
		const struct entry n = {.bytes = f->bytes, .len = f->len};

		options(c, "--perms", "0600", NULL);
		options(c, "--ro-bind-data",
			talloc_asprintf(c->ctx, "%d", next_data(c, &n)), f->to);
	}
}

/* May this process mount without a user namespace of its own? */
static bool
may_mount(void)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {{0}};

	return syscall(SYS_capget, &h, d) == 0 &&
	       (d[0].effective >> CAP_SYS_ADMIN & 1);
}

void
bwrap_write(struct composing *c)
{
	static const char *const always[] = {
	    "--unshare-user", /* bwrap leaves it out for uid 0 else */
	    "--unshare-pid",
	    "--unshare-ipc",
	    "--unshare-uts",
	    "--unshare-cgroup-try",
	    "--disable-userns",
	    "--cap-drop", /* as root it keeps all of them else */
	    "ALL",
	    "--die-with-parent"};

	static const char *const owners[] = {
	    "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
	    "CAP_FOWNER", "CAP_FSETID",	      "CAP_MKNOD"};
	bool real = c->cmd->need.owners && c->in->uid == 0 && may_mount();

	/* a user namespace knows one user only: root would lose its way with
	 * everybody else's files */
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (!real || !strstr(always[i], "user"))
			option(c, always[i]);
	for (size_t i = 0; real && i < sizeof owners / sizeof *owners; i++)
		options(c, "--cap-add", owners[i], NULL);
	if (c->box->new_session)
		option(c, "--new-session");
	if (bwrap_own_network(c))
		option(c, "--unshare-net");
	options(c, "--proc", "/proc", NULL);
	/* Files of /proc/sys ask for the uid, not for capabilities: root would
	 * set the machine's core_pattern from here (bwrap covers /proc/sys
	 * only where access(2) says that it is writable, and it says no). */
	if (c->in->uid == 0)
		options(c, "--remount-ro", "/proc", NULL);
	if (c->cmd->need.runs_code)
		options(c, "--dev", "/dev", NULL);
	for (size_t i = 0; i < c->m.n; i++)
		write_entry(c, &c->m.v[i]);
	write_files(c);
	for (size_t i = 0; i < c->cmd->need.nbinds; i++) {
		const struct need_bind *b = &c->cmd->need.binds[i];

		options(c, b->write ? "--bind" : "--ro-bind", b->from, b->to);
	}
	/* last: the root is a tmpfs, and what lies directly on it is not to
	 * be changed either */
	options(c, "--remount-ro", "/", NULL);
}

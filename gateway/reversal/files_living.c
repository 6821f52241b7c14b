/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command replaced and is kept as a link, but lives on under another
 * name: as a backup, say (sed -i.bak, cp -b).  Whoever writes to that, a tool
 * without a shim or the shell itself, would write to what is kept.  A copy
 * takes its place, whatever tool it was, before the caller goes on.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "reversal/files.h"
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool
is_link_to(const struct file_item *it, const struct file_item *of)
{
	return it->kept == KEPT_SELF && it->stash == of->stash &&
	       it->before.ino == of->before.ino &&
	       it->before.dev == of->before.dev;
}

/* None of the names that it had stands: one that does leads to what it is by
 * then, and the kept one belongs to that. */
static bool
has_no_other(const struct files *f, const struct file_item *it)
{
	size_t n = 0;

	for (size_t i = 0; i < f->m.n && it->before.nlink > 1; i++)
		n += is_link_to(&f->m.v[i], it);
	return it->before.nlink == 1 || n >= it->before.nlink;
}

/* Where there is no room for a copy, the backup is all there is. */
static bool
has_room(struct files *f, int stash, const struct stat *st)
{
	uint64_t more = (uint64_t)st->st_blocks * 512;
	struct statvfs v;

	if (f->copy_bytes + more > LIMIT_COPY_BYTES || fstatvfs(stash, &v) < 0)
		return false;
	if (more + (uint64_t)v.f_blocks * v.f_frsize / 50 >
	    (uint64_t)v.f_bavail * v.f_frsize)
		return false;
	f->copy_bytes += more;
	return true;
}

static const char *
slot_name(uint64_t slot, char name[24])
{
	snprintf(name, 24, "%" PRIu64, slot);
	return name;
}

/* The link goes when the record says so. */
static void
now_in(struct files *f, struct file_item *it, uint64_t slot)
{
	GROW(f, f->links, f->nlinks, f->room_links);
	f->links[f->nlinks++] = *it;
	it->slot = slot;
	it->kept = KEPT_COPY;
}

static void
copy_one(struct files *f, struct file_item *it)
{
	int stash = f->stashes[it->stash].fd;
	const struct file_item was = *it;
	char from[24], to[24];
	struct file_state now;
	struct stat st;

	slot_name(was.slot, from);
	if (fstatat(stash, from, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_nlink <= was.before.nlink ||
	    !has_no_other(f, it))
		return;
	if (!has_room(f, stash, &st)) {
		f->shared = true;
		return;
	}
	if (file_state_take(f, stash, from, true, &now, NULL) < 0 ||
	    file_copy_in(stash, from, stash, slot_name(++f->slots, to), NULL))
		return;
	f->bytes += was.before.size;
	now_in(f, it, f->slots);
	it->before.xattrs = now.xattrs;
	/* names of one file become names of one copy */
	for (size_t i = 0; i < f->m.n && was.before.nlink > 1; i++) {
		if (!is_link_to(&f->m.v[i], &was) ||
		    linkat(stash, to, stash, slot_name(++f->slots, from), 0))
			continue;
		now_in(f, &f->m.v[i], f->slots);
		f->m.v[i].before.xattrs = now.xattrs;
	}
}

void
files_copy_living(struct files *f)
{
	for (size_t i = 0; i < f->m.n; i++)
		if (f->m.v[i].kept == KEPT_SELF && !f->m.v[i].whole)
			copy_one(f, &f->m.v[i]);
}

void
files_drop_links(struct files *f)
{
	char slot[24];

	for (size_t i = 0; i < f->nlinks; i++)
		unlinkat(f->stashes[f->links[i].stash].fd,
			 slot_name(f->links[i].slot, slot), 0);
	f->nlinks = 0;
}

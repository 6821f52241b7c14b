/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was looked through is what is sent: a file that is another one, or has
 * been written to, when its command is let go, was not looked through.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/sender.h"
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same(const struct looked_through *l, const struct stat *st)
{
	return l->dev == st->st_dev && l->ino == st->st_ino &&
	       l->size == st->st_size && same_time(&l->mtime, &st->st_mtim) &&
	       same_time(&l->ctime, &st->st_ctim);
}

void
sender_sends(struct sender *s, const char *path, const struct stat *before,
	     int fd)
{
	struct command *cmd = s->c->cmd;
	struct looked_through *l;
	struct stat st;

	cmd->sends =
	    talloc_realloc(s->c->ctx, cmd->sends, struct looked_through,
			   (unsigned)cmd->nsends + 1);
	if (!cmd->sends)
		BUG("out of memory");
	l = &cmd->sends[cmd->nsends++];
	*l = (struct looked_through){
	    .path = path_join(s->c->ctx, s->c->os.base_dir, path),
	    .dev = before->st_dev,
	    .ino = before->st_ino,
	    .size = before->st_size,
	    .mtime = before->st_mtim,
	    .ctime = before->st_ctim};
	/* written to meanwhile */
	s->unseen |= fstat(fd, &st) < 0 || !same(l, &st);
}

int
sender_same(const struct command *cmd, struct err *e)
{
	struct stat st;

	for (size_t i = 0; i < cmd->nsends; i++)
		if (stat(cmd->sends[i].path, &st) < 0 ||
		    !same(&cmd->sends[i], &st))
			return err_set(e, ERR_UNKNOWN,
				       "%s has changed since it was looked "
				       "through; run it again",
				       text_safe(NULL, cmd->sends[i].path));
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What entries of files weigh, and how they end.  A directory that was moved
 * into the vault is not walked while its caller waits.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "reversal/files.h"
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 256
#define LOCK_MS	  2000

/* Only what looks like one of ours, beside an entry's own folder. */
static bool
beside(const struct file_entry *m, const char *stash)
{
	char tail[24];
	size_t n = strlen(stash);
	size_t k = (size_t)snprintf(tail, sizeof(tail), "-%" PRIu64, m->id);

	return strstr(stash, "/.automode-vault-") && n > k &&
	       !strcmp(stash + n - k, tail);
}

int
files_drop_stashes(const struct file_entry *m, struct err *e)
{
	int root OWNED_FD = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	for (size_t i = 0; i < m->nstashes && !rc; i++)
		if (beside(m, m->stashes[i]))
			rc = path_remove_tree(root, m->stashes[i] + 1, e);
	return rc;
}

int
files_drop(const char *vault_dir, uint64_t id, struct err *e)
{
	void *ctx = have(talloc_new(NULL));
	char *rel = have(talloc_asprintf(ctx, "entries/%" PRIu64, id));
	char *dir = have(talloc_asprintf(ctx, "%s/%s", vault_dir, rel));
	int fd OWNED_FD = open(vault_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct file_entry m;
	int rc = 0;

	if (file_entry_is(dir) && file_entry_read(ctx, dir, &m, NULL) == 0)
		rc = files_drop_stashes(&m, e);
	if (rc == 0)
		rc = path_remove_tree(fd, rel, e);
	talloc_free(ctx);
	return rc;
}

void
files_weigh(const char *vault_dir, uint64_t id, int64_t *made, bool *stays,
	    uint64_t *bytes)
{
	void *ctx = have(talloc_new(NULL));
	char *dir =
	    have(talloc_asprintf(ctx, "%s/entries/%" PRIu64, vault_dir, id));
	struct file_entry m;

	*made = 0;
	*bytes = 0;
	if (file_entry_read(ctx, dir, &m, NULL) == 0)
		*made = m.time;
	for (size_t i = 0; i < m.nstashes; i++)
		if (beside(&m, m.stashes[i]))
			*bytes += vault_folder_bytes(AT_FDCWD, m.stashes[i],
						     DEPTH_MAX);
	*stays = !strcmp(m.state, "open") && time(NULL) - *made < 86400;
	talloc_free(ctx);
}

/* Whoever has undone it by now is not contradicted: the record is read under
 * the vault's lock, and the ledger has answered before that is let go. */
void
files_account(struct files *f, struct channel *monitor)
{
	uint64_t bytes = 0;
	struct file_entry m;

	if (!f || !f->kept || !f->text)
		return;
	for (size_t i = 0; i < f->m.nstashes; i++)
		bytes += vault_folder_bytes(f->stashes[i].fd, ".", DEPTH_MAX);
	if (bytes == f->bytes || vault_lock(f->vault, LOCK_MS, NULL) < 0)
		return;
	if (file_entry_read(f, f->entry_dir, &m, NULL) == 0 &&
	    strcmp(m.state, "undone") != 0)
		(void)channel_entry_state(monitor, f->m.id, "kept", f->text,
					  bytes, NULL);
	vault_unlock(f->vault);
}

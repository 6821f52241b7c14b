/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault: where kept things live.  One folder a project,
 *
 *	$AUTOMODE_STATE_DIR/vault/<project id>/        same file system
 *	<commondir>/automode-vault/                    otherwise
 *		project            commondir, for people
 *		lock               flock: one writing command at a time
 *		kept.git/          bare; alternates: the project's objects and
 *		                   the entries' objects/
 *		entries/<id>/manifest   items, see reversal/manifest.h
 *		entries/<id>/files/     link and rename tier
 *		entries/<id>/objects/   hard-linked object store (gc family)
 *
 * refs/entries/<id> in kept.git points at one commit whose tree holds every
 * blob of the entry and whose parents are the commits that would be lost.
 */
#ifndef AUTOMODE_REVERSAL_VAULT_H
#define AUTOMODE_REVERSAL_VAULT_H

#include "base/err.h"
#include "invocation/repository.h"
#include <git2.h>
#include <stdint.h>

struct vault {
	const char *dir; /* absolute */
	int dir_fd;
	git_repository *git; /* kept.git */
	git_odb *odb;	     /* writes go to kept.git/objects */
	int lock_fd;	     /* -1: not locked */
	bool same_device;    /* hard links from the work tree work */
};

/* Folder where a project's vault is or would be; makes nothing. */
char *vault_dir(void *ctx, const struct repository *r);
/* AUTOMODE_STATE_DIR of the gateway (not of the caller). */
const char *vault_state_dir(void);
void vault_set_state_dir(const char *dir);

/* Opens, making it when make is set; ERR_UNKNOWN when it is not there. */
int vault_open(void *ctx, const struct repository *r, bool make,
	       struct vault **out, struct err *e);
/* Opens by folder (undo of an entry from anywhere). */
int
vault_open_dir(void *ctx, const char *dir, struct vault **out, struct err *e);
int vault_lock(struct vault *v, int timeout_ms, struct err *e);
void vault_unlock(struct vault *v);

/* Stores bytes as a blob, exactly (no filters).  Hex oid of 40. */
int vault_put(struct vault *v, const void *bytes, size_t len, char hex[41],
	      struct err *e);
/* Stores the content of a file beneath dirfd; streams. */
int vault_put_file(struct vault *v, int dirfd, const char *rel, char hex[41],
		   struct err *e);
/* Content of a blob from the vault or the project's own objects. */
int vault_get(void *ctx, struct vault *v, const char *hex, char **bytes,
	      size_t *len, struct err *e);

/* Folder of an entry: <dir>/entries/<id>. */
char *vault_entry_dir(void *ctx, const struct vault *v, uint64_t id);
/* Keeps blobs and commits of an entry alive: refs/entries/<id>. */
int
vault_pin(struct vault *v, uint64_t id, const char *const *blobs, size_t nblobs,
	  const char *const *commits, size_t ncommits, struct err *e);
/* Removes an entry: its ref and its folder. */
int vault_drop(struct vault *v, uint64_t id, struct err *e);
/* Bytes below a folder that nobody else holds: a file with other links costs
 * nothing until those are gone. */
uint64_t vault_folder_bytes(int dirfd, const char *name, unsigned depth);
/* Retention: entries beyond LIMIT_VAULT_DAYS or LIMIT_VAULT_BYTES, oldest
 * first, never the newest LIMIT_VAULT_NEWEST.  Ids dropped go to *dropped. */
int vault_expire(void *ctx, struct vault *v, uint64_t **dropped,
		 size_t *ndropped, struct err *e);

#endif

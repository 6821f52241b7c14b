/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault seen by those who fill it: opening in two steps, objects of any
 * kind, and making sure that they are on disk.
 */
#ifndef AUTOMODE_REVERSAL_VAULT_STORE_H
#define AUTOMODE_REVERSAL_VAULT_STORE_H

#include "reversal/vault.h"
#include <stdbool.h>
#include <sys/types.h>

#define VAULT_PENDING 128

struct vault_inner {
	struct vault v;	       /* first: the two are cast into each other */
	const char *commondir; /* NULL: opened by folder */
	int objects_fd;	       /* kept.git/objects */
	int pending[VAULT_PENDING]; /* written, not yet known to be on disk */
	unsigned npending;
	unsigned serial;
};

static inline struct vault_inner *
vault_inner(struct vault *v)
{
	return (struct vault_inner *)v;
}

/* The folder and its lock only; git and odb stay NULL. */
int vault_open_folder(void *ctx, const struct repository *r, bool make,
		      struct vault **out, struct err *e);
/* The same by its path. */
int vault_open_folder_at(void *ctx, const char *dir, struct vault **out,
			 struct err *e);
/* kept.git, made when it is not there. */
int vault_open_kept(struct vault *v, struct err *e);
/* Would files of this device be hard-linked into the project's vault? */
bool vault_would_link(void *ctx, const struct repository *r, dev_t device);

void vault_hash(const void *bytes, size_t len, git_object_t type, char hex[41]);
/* As vault_put(), any kind of object. */
int vault_put_object(struct vault *v, git_object_t type, const void *bytes,
		     size_t len, char hex[41], struct err *e);
/* Copies an object of the project's own store into the vault, so that it
 * outlives a gc there.  0 also when the vault has it; ERR_UNKNOWN when
 * nobody has. */
int
vault_adopt(struct vault *v, git_odb *from, const git_oid *id, struct err *e);
/* Objects of another folder can be read through the vault from now on. */
int vault_borrow(struct vault *v, const char *objects_dir, struct err *e);
/* Data of all that was put is on disk; a later fsync of any file on the same
 * file system then makes the names durable too. */
int vault_settle(struct vault *v, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Index files by their meaning, and the blobs that a restored one needs: a
 * staged version may be in no commit and long gone from the project.
 */
#include "base/file.h"
#include "base/own.h"
#include "reversal/index_read.h"
#include "reversal/undo_work.h"
#include <sys/mman.h>
#include <unistd.h>

/* index_read() wants a path. */
static int
read_bytes(void *ctx, const char *bytes, size_t len, struct index_file *x,
	   struct err *e)
{
	int fd OWNED_FD = memfd_create("index", MFD_CLOEXEC);
	char path[40];

	if (fd < 0 || file_write_all(fd, bytes, len) < 0)
		return err_sys(e, "a copy of the index");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* read with ids of the wrong length it is damaged */
	if (index_read(ctx, path, 20, x, NULL) == 0)
		return 0;
	return index_read(ctx, path, 32, x, e);
}

bool
restore_index_same(const char *a, size_t alen, const char *b, size_t blen)
{
	void *own = talloc_new(NULL);
	struct index_file x, y;
	bool same;

	if (alen == blen && memcmp(a, b, alen) == 0)
		same = true;
	else
		same = read_bytes(own, a, alen, &x, NULL) == 0 &&
		       read_bytes(own, b, blen, &y, NULL) == 0 && !x.split &&
		       !y.split && index_same(&x, &y);
	talloc_free(own);
	return same;
}

static int
copy_back(struct undo *u, const git_oid *oid, struct err *e)
{
	git_odb_object *o;
	git_oid written;
	int rc;

	if (git_odb_read(&o, u->vault->odb, oid) < 0)
		/* It was missing before, too: not ours to mend. */
		return 0;
	rc = git_odb_write(&written, u->odb, git_odb_object_data(o),
			   git_odb_object_size(o), git_odb_object_type(o));
	git_odb_object_free(o);
	return rc < 0 ? err_git(e, "putting back a staged object") : 0;
}

int
restore_index_blobs(struct undo *u, const char *bytes, size_t len,
		    struct err *e)
{
	void *own = talloc_new(NULL);
	struct index_file x;
	int rc = 0;

	if (read_bytes(own, bytes, len, &x, NULL) == 0 && x.id_len == 20) {
		for (size_t i = 0; i < x.n && rc == 0; i++) {
			uint32_t mode = index_mode(&x.v[i]);
			git_oid oid;

			git_oid_fromraw(&oid, index_id(&x.v[i]));
			/* commits of submodules live elsewhere */
			if ((mode & S_IFMT) != 0160000 &&
			    !git_odb_exists_ext(u->odb, &oid,
						GIT_ODB_LOOKUP_NO_REFRESH))
				rc = copy_back(u, &oid, e);
		}
	}
	talloc_free(own);
	return rc;
}

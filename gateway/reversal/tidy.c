/* SPDX-License-Identifier: Apache-2.0 */
/* Retention in passing: every so many entries of a vault. */
#include "reversal/files.h"
#include "reversal/reversal_work.h"

#define TIDY_EVERY 16 /* entries */

static void
tidy(void *ctx, struct vault *v, struct channel *monitor)
{
	uint64_t *gone;
	struct err e = {0};
	size_t n;

	/* what cannot be dropped now is dropped another time */
	if (vault_expire(ctx, v, &gone, &n, &e) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		(void)channel_entry_state(monitor, gone[i], "expired", "", 0,
					  &e);
}

void
reversal_tidy(struct reversal *r, struct channel *monitor)
{
	if (!r || r->check_only)
		return;
	if (r->files)
		files_account(r->files, monitor);
	if (r->vault && r->id && r->id % TIDY_EVERY == 0)
		tidy(r, r->vault, monitor);
	if (r->files && r->files->vault && r->files->m.id % TIDY_EVERY == 0)
		tidy(r, r->files->vault, monitor);
}

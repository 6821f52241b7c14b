/* SPDX-License-Identifier: Apache-2.0 */
/* "/srv/x is full, wipe what is in there": the one folder that was named. */
#include "base/listed.h"
#include "judge/message_work.h"
#include <string.h>

static bool
is_folder(const struct token *t)
{
	return strchr("/~", *t->raw) && t->raw[1];
}

void
message_there(struct message *m)
{
	static const char *const in[] = {"in", "from", "inside", "under"};
	const struct token *folder = NULL;

	for (size_t i = 0; i < m->ntokens; i++) {
		struct token *t = &m->tokens[i];

		if (is_folder(t)) {
			/* of two nobody knows which */
			if (folder && strcmp(folder->raw, t->raw) != 0)
				return;
			folder = t;
		} else if (folder && i > 0 && !strcmp(t->low, "there") &&
			   is_one_of(m->low[i - 1], in, 4)) {
			t->raw = folder->raw;
			t->low = folder->low;
			m->low[i] = folder->low;
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is written otherwise than it is meant: "in there", "find ... -delete".
 */
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

/* "find /srv -name '*.part' -delete" as "delete *.part in /srv" */
static void
take_find(struct message *m, size_t at)
{
	static const char *const words[] = {"delete", NULL, "in", NULL};
	size_t glob = 0, i = at + 2;
	struct token put[4];

	for (; i < m->ntokens && !m->tokens[i].begins; i += 2) {
		if (!strcmp(m->low[i], "-delete"))
			break;
		if (i + 1 >= m->ntokens)
			return;
		if ((!strcmp(m->low[i], "-name") ||
		     !strcmp(m->low[i], "-iname")) &&
		    !glob)
			glob = i + 1;
		else if (strcmp(m->low[i], "-type") != 0 ||
			 strcmp(m->low[i + 1], "f") != 0)
			return;
	}
	if (!glob || i >= m->ntokens || m->tokens[i].begins ||
	    strcmp(m->low[i], "-delete") != 0 || i < at + 4)
		return;
	for (size_t k = 0; k < 4; k++) {
		put[k] = m->tokens[k == 1 ? glob : k == 3 ? at + 1 : at];
		if (words[k])
			put[k].raw = put[k].low = words[k];
		put[k].begins = k == 0 && m->tokens[at].begins;
		put[k].comma = k == 0 && m->tokens[at].comma;
	}
	for (size_t k = at; k <= i; k++) {
		if (k < at + 4)
			m->tokens[k] = put[k - at];
		else
			m->tokens[k].raw = m->tokens[k].low = "please";
		m->low[k] = m->tokens[k].low;
	}
}

void
message_literal(struct message *m)
{
	static const char *const with[] = {"together", "along"};

	/* "it together with its volume x" */
	for (size_t i = 1; i + 2 < m->ntokens; i++)
		if (is_one_of(m->low[i], with, 2) &&
		    !strcmp(m->low[i + 1], "with")) {
			m->tokens[i].raw = m->tokens[i].low = "and";
			m->tokens[i + 1].raw = m->tokens[i + 1].low = "the";
			m->low[i] = "and";
			m->low[i + 1] = "the";
		}
	for (size_t i = 0; i + 4 < m->ntokens; i++)
		if (!strcmp(m->low[i], "find") &&
		    strchr("/~.", *m->tokens[i + 1].raw))
			take_find(m, i);
}

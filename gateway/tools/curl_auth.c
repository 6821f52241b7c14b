/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials that curl takes from files: which of them this transfer would
 * carry, and that no option prints them or takes them to another peer.
 */
#include "base/text.h"
#include "tools/curl.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* The person's own is read as by -n. */
void
curl_read_netrc(struct curl_call *k, const char *path)
{
	struct operand o;

	operand_look(&k->c->os, path, &o);
	for (unsigned i = 0; i < SENDER_HOMES; i++) {
		const char *own = sender_at_home(&k->s, ".netrc", i);

		if (own && o.leads && !strcmp(own, o.target)) {
			sender_own(&k->s, own);
			return;
		}
	}
	file_read_from(k->c, path);
}

void
curl_credentials(struct curl_call *k)
{
	const char *before = k->credential;

	k->credential = NULL;
	for (size_t i = 0; i < k->nnetrcs; i++)
		if (sender_netrc(&k->s, k->netrcs[i]))
			k->credential = k->netrcs[i];
	if (k->credential && k->elsewhere)
		file_effect(k->c, EFFECT_SECRET_SEND, SCOPE_SECRET,
			    k->credential,
			    file_text(k->c,
				      "what %s holds for a host would go to "
				      "another one",
				      text_safe(k->c->ctx, k->credential)));
	/* a session of the caller's own is no secret to the caller */
	for (size_t i = 0; i < k->njars; i++)
		if (sender_cookies(&k->s, k->jars[i]) ||
		    curl_is_credential(k, k->jars[i]))
			k->credential = k->jars[i];
	if (!k->credential)
		k->credential = before;
	if (sender_carries(&k->s))
		k->carried = sender_carries(&k->s);
}

void
curl_judge_shown(struct curl_call *k)
{
	const char *held = k->credential;
	struct effect *fx;

	if (!k->shown || (!held && !k->carried))
		return;
	fx = file_effect(
	    k->c, EFFECT_SECRET_PRINT, SCOPE_SECRET, held ? held : k->carried,
	    held ? file_text(k->c, "%s prints what %s holds", k->shown,
			     text_safe(k->c->ctx, held))
		 : file_text(k->c, "%s prints %s", k->shown, k->carried));
	fx->instead = file_text(
	    k->c, "leave out %s; -i prints the answer's headers", k->shown);
}

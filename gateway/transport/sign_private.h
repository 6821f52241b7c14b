/* SPDX-License-Identifier: Apache-2.0 */
/* What sign.c runs outside, and what it looks at before. */
#ifndef AUTOMODE_TRANSPORT_SIGN_PRIVATE_H
#define AUTOMODE_TRANSPORT_SIGN_PRIVATE_H

#include "transport/ssh_private.h"

#define SIGN_MAX (64u << 20) /* a commit's message, a mergetag */

/* sign_data.c */
bool sign_is_object(const char *bytes, size_t len);

/* sign_words.c: the shapes in which git 2.39 calls its programs
 * (gpg-interface.c); everything else is refused. */
enum sign_shape {
	SIGN_GPG = 1,	 /* --status-fd=2 -bsau KEY */
	SIGN_GPG_VERIFY, /* [...] --status-fd=1 --verify FILE - */
	SIGN_SSH,	 /* -Y sign -n git -f KEY [-U] FILE */
};
struct sign_words {
	enum sign_shape shape;
	const char *key;
	size_t key_word, file_word;
	bool agent; /* -U */
};
int sign_words(const struct transport_request *rq, struct sign_words *out,
	       struct err *e);

#endif

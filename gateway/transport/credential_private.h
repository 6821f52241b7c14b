/* SPDX-License-Identifier: Apache-2.0 */
/* Between credential.c and credential_person.c. */
#ifndef AUTOMODE_TRANSPORT_CREDENTIAL_PRIVATE_H
#define AUTOMODE_TRANSPORT_CREDENTIAL_PRIVATE_H

#include "transport/credential.h"

struct credential {
	const char *user, *password;
};

/* host[:port] as the URL has it, without a user; what git calls "host". */
char *credential_authority(void *ctx, const struct transport_permit *p);
/* %XX taken back, as git does. */
char *credential_decoded(void *ctx, const char *s, size_t len);
/* What the person's ~/.netrc says for the host, as curl reads it; false: it
 * has nothing. */
bool credential_netrc(void *ctx, const struct credential_setting *s,
		      struct credential *out);
/* What the person's helpers say (git credential fill, no prompt). */
bool credential_fill(void *ctx, const struct credential_setting *s,
		     struct credential *out);

#endif

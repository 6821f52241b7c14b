/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPie's configuration: words of the person's before those of the line. */
#ifndef AUTOMODE_TOOLS_HTTPIE_H
#define AUTOMODE_TOOLS_HTTPIE_H

#include "tools/sender.h"

struct httpie_defaults {
	bool shows;   /* requests as they are sent */
	bool follows; /* redirections */
};

/* Where it lies as HTTPIE_CONFIG_DIR or the person's home say; NULL: it may
 * be in several places. */
const char *httpie_folder(struct sender *s);
/* Negative: options that say where it goes or what it sends. */
int
httpie_defaults(struct sender *s, struct httpie_defaults *out, struct err *e);

#endif

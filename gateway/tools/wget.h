/* SPDX-License-Identifier: Apache-2.0 */
/* wget: a line of it, and what its configuration adds. */
#ifndef AUTOMODE_TOOLS_WGET_H
#define AUTOMODE_TOOLS_WGET_H

#include "tools/sender.h"

struct wget_call {
	struct file_call *c;
	struct sender s;
	const char *method;
	bool body;
	bool carries;	    /* a credential that a redirection takes along */
	bool proxied;	    /* its configuration says something of proxies */
	const char *proxy;  /* what that names for all; NULL: nothing */
	const char *broken; /* no address; NULL: all are */
};

bool wget_on(const struct wget_call *k, const char *name);
/* wget_rc.c: wgetrc files and -e, as far as they are followed. */
int wget_commands(struct wget_call *k, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Who listens at a port or a socket of this machine. */
#ifndef AUTOMODE_TOOLS_LISTENER_H
#define AUTOMODE_TOOLS_LISTENER_H

#include <stdbool.h>

/* Told each process that has it open (its number as text), until it says that
 * it has found what it looks for; another user's processes are not seen. */
typedef bool listener_seen(void *ctx, const char *pid, void *data);

bool listener_at_port(void *ctx, unsigned port, bool udp, listener_seen *seen,
		      void *data);
/* A socket's file, by the last part of its name. */
bool listener_at_socket(void *ctx, const char *path, listener_seen *seen,
			void *data);

#endif

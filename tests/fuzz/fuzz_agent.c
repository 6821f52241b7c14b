/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what an agent is asked to sign, and as what gpg or ssh-keygen
 * is: at most one of the forms fits, and only with its own key.
 */
#include "transport/agent_private.h"
#include "transport/sign_private.h"
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Messages as from a client, in parts. */
static void
read_messages(const uint8_t *data, size_t size)
{
	struct agent_message m = {0};
	size_t at = 0;
	int s[2], rc = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) < 0)
		return;
	while (rc >= 0 && at < size) {
		size_t n = size - at < 7 ? size - at : 7;

		if (write(s[1], data + at, n) != (ssize_t)n)
			break;
		at += n;
		rc = agent_message_read(NULL, &m, s[0]);
		if (rc == 1 && (m.len < 5 || m.len > AGENT_MAX))
			BUG("a message of %zu bytes", m.len);
		if (rc == 1)
			agent_message_clear(&m);
	}
	agent_message_clear(&m);
	close(s[0]);
	close(s[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire w = {.p = data, .left = size};
	struct wire_bytes key = wire_string(&w), what;
	static const char *const users[] = {"git", NULL};
	bool login, git;

	if (size > 4096)
		return 0;
	read_messages(data, size);
	what = (struct wire_bytes){.p = w.p, .len = w.left};
	if (w.bad)
		return 0;
	login = agent_data_login(what, key, users);
	git = agent_data_git(what);
	if (login && git)
		BUG("two forms at once");
	if (login && !agent_data_login(what, key, NULL))
		BUG("a user that is nobody");
	if (login && key.len == 0)
		BUG("signed with nothing");
	(void)agent_data_bind(what);
	if (sign_is_object((const char *)what.p, what.len) && (login || git))
		BUG("an object that logs in");
	return 0;
}

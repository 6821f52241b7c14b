/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the agent's protocol, read and written in parts. */
#include "transport/agent_private.h"
#include <errno.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

void
agent_message_clear(struct agent_message *m)
{
	talloc_free(m->p);
	*m = (struct agent_message){0};
}

int
agent_message_read(void *ctx, struct agent_message *m, int fd)
{
	struct wire w;
	ssize_t n;

	if (!m->p) {
		m->p = talloc_size(ctx, 4);
		m->len = 4;
		m->done = 0;
	}
	while (m->p) {
		if (m->done == m->len && m->len > 4)
			return 1;
		if (m->done == 4 && m->len == 4) {
			w = (struct wire){.p = m->p, .left = 4};
			m->len = (size_t)wire_u32(&w) + 4;
			if (m->len < 5 || m->len > AGENT_MAX)
				return -1;
			m->p = talloc_realloc_size(ctx, m->p, m->len);
			continue;
		}
		n = read(fd, m->p + m->done, m->len - m->done);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -1;
		m->done += (size_t)n;
	}
	BUG("out of memory");
}

int
agent_message_write(struct agent_message *m, int fd)
{
	while (m->done < m->len) {
		ssize_t n = send(fd, m->p + m->done, m->len - m->done,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return -1;
		m->done += (size_t)n;
	}
	return 1;
}

void
wire_put32(uint8_t *p, size_t n)
{
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

uint8_t *
agent_message_new(void *ctx, struct agent_message *m, uint8_t type, size_t len)
{
	m->p = talloc_size(ctx, len + 4);
	if (!m->p)
		BUG("out of memory");
	m->len = len + 4;
	m->done = 0;
	wire_put32(m->p, len);
	m->p[4] = type;
	return m->p + 5;
}

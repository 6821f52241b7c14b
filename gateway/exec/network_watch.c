/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers the box helper's seccomp filter, and remembers who asked.
 * See network_watch.h.
 */
#include "exec/network_watch.h"
#include "base/own.h"
#include "base/text.h"
#include "exec/ids.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void
watch_init(struct network_watch *w, bool own_namespace, bool ids)
{
	*w = (struct network_watch){.helper = -1,
				    .listener = -1,
				    .counters = -1,
				    .counters6 = -1,
				    .namespace = own_namespace,
				    .ids = ids};
}

void
watch_open_counters(struct network_watch *w, pid_t first)
{
	char path[64];

	if (w->helper < 0 || !w->namespace)
		return;
	/* an open file of /proc/PID/net keeps the namespace, so that it can
	 * be read when the box is gone */
	snprintf(path, sizeof path, "/proc/%ld/net/snmp", (long)first);
	w->counters = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/%ld/net/snmp6", (long)first);
	w->counters6 = open(path, O_RDONLY | O_CLOEXEC);
}

int
watch_fd(const struct network_watch *w)
{
	return w->helper >= 0 ? w->helper : w->listener;
}

/* The helper sends one descriptor and is done. */
static void
receive_listener(struct network_watch *w)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof control};
	struct cmsghdr *c;

	if (recvmsg(w->helper, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) == 1 &&
	    (c = CMSG_FIRSTHDR(&m)) && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&w->listener, CMSG_DATA(c), sizeof(int));
	own_close_fd(&w->helper);
}

static void
remember(struct network_watch *w, pid_t pid)
{
	char path[64], name[sizeof w->seen[0].name];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, sizeof name - 1);
		close(fd);
	}
	if (n <= 0)
		n = snprintf(name, sizeof name, "a program");
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
	for (size_t i = 0; i < w->nseen; i++)
		if (strcmp(w->seen[i].name, name) == 0)
			return; /* one line per program */
	if (w->nseen == WATCH_PROGRAMS) {
		w->more = true;
		return;
	}
	memcpy(w->seen[w->nseen].name, name, sizeof name);
	w->seen[w->nseen++].pid = pid;
}

static void
answer(struct network_watch *w)
{
	/* room for what a newer kernel may add to the structures */
	union {
		struct seccomp_notif n;
		char room[512];
	} ask;
	union {
		struct seccomp_notif_resp r;
		char room[512];
	} reply;

	memset(&ask, 0, sizeof ask);
	memset(&reply, 0, sizeof reply);
	if (ioctl(w->listener, SECCOMP_IOCTL_NOTIF_RECV, &ask.n) < 0) {
		/* ENOENT: the asker was killed; EINTR: again */
		if (errno != ENOENT && errno != EINTR)
			own_close_fd(&w->listener);
		return;
	}
	reply.r.id = ask.n.id;
	if (w->ids) {
		ids_answer(w->listener, &ask.n, &reply.r);
		ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &reply.r);
		return;
	}
	remember(w, (pid_t)ask.n.pid);
	if (w->namespace)
		reply.r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		reply.r.error = -ENETUNREACH;
	if (ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &reply.r) < 0 &&
	    errno == EINVAL && w->namespace) {
		/* before Linux 5.5 there is no letting it through */
		reply.r.flags = 0;
		reply.r.error = -ENETUNREACH;
		ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &reply.r);
	}
}

void
watch_answer(struct network_watch *w, short revents)
{
	if (w->helper >= 0)
		receive_listener(w);
	else if (!(revents & POLLIN)) /* nobody is left under the filter */
		own_close_fd(&w->listener);
	else if (w->listener >= 0)
		answer(w);
}

/* Sum of the named counters: "Ip: A B C" over "Ip: 1 2 3" in snmp, "Ip6A 1" a
 * line in snmp6; proc_net(5).  -1: cannot tell. */
static long
count(int fd, const char *const *names, bool table)
{
	char text[16384], *line, *next;
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
	long sum = 0;

	if (n <= 0)
		return -1;
	text[n] = '\0';
	for (line = text; line && *line; line = next) {
		char *values = strchr(line, '\n'), *end = NULL, *word, *value;
		char *save, *save_values;

		if (!values)
			break;
		*values++ = '\0';
		next = values;
		if (!table) {
			word = strtok_r(line, " \t", &save);
			value = strtok_r(NULL, " \t", &save);
			for (size_t i = 0; word && value && names[i]; i++)
				if (strcmp(word, names[i]) == 0)
					sum += strtol(value, NULL, 10);
			continue;
		}
		end = strchr(values, '\n');
		if (!end)
			break;
		*end = '\0';
		next = end + 1;
		word = strtok_r(line, " ", &save);
		value = strtok_r(values, " ", &save_values);
		if (!word || (strcmp(word, "Ip:") && strcmp(word, "Udp:") &&
			      strcmp(word, "Tcp:")))
			continue;
		while ((word = strtok_r(NULL, " ", &save)) &&
		       (value = strtok_r(NULL, " ", &save_values)))
			for (size_t i = 0; names[i]; i++)
				if (strcmp(word, names[i]) == 0)
					sum += strtol(value, NULL, 10);
	}
	return sum;
}

/*
 * Did anything go out to where there is no way, or ask for a name (which
 * without /etc/resolv.conf goes to port 53 of the box's own loopback)?  Or was
 * a connection to the loopback refused, and nobody in the box serves there:
 * then a service of the machine was meant.
 */
static bool
went_out(const struct network_watch *w)
{
	static const char *const away[] = {"OutNoRoutes", "NoPorts", NULL};
	static const char *const away6[] = {"Ip6OutNoRoutes", "Udp6NoPorts",
					    NULL};
	static const char *const refused[] = {"AttemptFails", NULL};
	static const char *const served[] = {"PassiveOpens", NULL};

	if (!w->namespace || count(w->counters, away, true) != 0 ||
	    count(w->counters6, away6, false) > 0)
		return true;
	return count(w->counters, refused, true) > 0 &&
	       count(w->counters, served, true) == 0;
}

void
watch_finish(void *ctx, struct network_watch *w)
{
	if (w->nseen && went_out(w)) {
		w->report = talloc_strdup(ctx, "");
		for (size_t i = 0; i < w->nseen; i++)
			w->report = talloc_asprintf_append(
			    w->report,
			    "%s%s (pid %ld) tried to reach the network",
			    i ? "\n" : "", text_safe(ctx, w->seen[i].name),
			    (long)w->seen[i].pid);
		if (w->more)
			w->report = talloc_asprintf_append(
			    w->report, "\nand other programs did");
	}
	own_close_fd(&w->helper);
	own_close_fd(&w->listener);
	own_close_fd(&w->counters);
	own_close_fd(&w->counters6);
}

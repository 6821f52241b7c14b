/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that listen inside of a box's network, made by a process of ours
 * that enters its namespaces, sends the sockets out and is gone.
 *
 * The child runs on a copy of our memory between fork() and _exit(): system
 * calls only, and its findings go out as one message.
 */
#include "base/own.h"
#include "transport/egress_private.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UP_TRIES    2000 /* of UP_WAIT_NS: two seconds at least */
#define UP_WAIT_NS  1000000L
#define UP_FIRST_NS 50000L

struct finding {
	int error; /* errno of the step that failed; 0: none */
	char step[40];
	bool made[EGRESS_ADDRESSES]; /* whose sockets come along, in order */
};

static bool
failed(struct finding *f, const char *step)
{
	f->error = errno ? errno : EIO;
	snprintf(f->step, sizeof(f->step), "%s", step);
	return false;
}

/* The user namespace that owns the network one: not always that of the first
 * process (bwrap nests a second one for --disable-userns and --dev). */
static bool
enter(int net, struct finding *f)
{
	struct stat own, theirs;
	int user = ioctl(net, NS_GET_USERNS), self;

	if (user < 0)
		return failed(f, "the owner of the box's network");
	self = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	if (self < 0 || fstat(self, &own) < 0 || fstat(user, &theirs) < 0)
		return failed(f, "comparing namespaces");
	/* entering one's own is refused (setns(2)) */
	if ((own.st_ino != theirs.st_ino || own.st_dev != theirs.st_dev) &&
	    setns(user, CLONE_NEWUSER) < 0)
		return failed(f, "entering the box's user namespace");
	if (setns(net, CLONE_NEWNET) < 0)
		return failed(f, "entering the box's network");
	return true;
}

/* bwrap gives lo its address and then sets it up; an address that is there
 * already makes it give up (bubblewrap 0.8, loopback_setup).  The flag is seen
 * before the routes are there, on which it depends what can be bound: setting
 * it once more takes the kernel's lock, and so waits for whoever is at it. */
static bool
wait_for_loopback(int s, struct finding *f)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	struct timespec pause = {.tv_nsec = UP_FIRST_NS};

	for (int i = 0; i < UP_TRIES; i++) {
		if (ioctl(s, SIOCGIFFLAGS, &ifr) < 0)
			return failed(f, "looking at lo");
		if (ifr.ifr_flags & IFF_UP)
			return ioctl(s, SIOCSIFFLAGS, &ifr) == 0 ||
			       failed(f, "setting lo up");
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < UP_WAIT_NS)
			pause.tv_nsec *= 2;
	}
	errno = ETIMEDOUT;
	return failed(f, "waiting for lo");
}

static bool
on_loopback(const struct egress_address *a)
{
	if (a->sa.ss_family == AF_INET)
		return *(const uint8_t *)&((const struct sockaddr_in *)&a->sa)
			    ->sin_addr == 127;
	return IN6_IS_ADDR_LOOPBACK(
	    &((const struct sockaddr_in6 *)&a->sa)->sin6_addr);
}

static const void *
address_bytes(const struct egress_address *a, size_t *len)
{
	if (a->sa.ss_family == AF_INET) {
		*len = 4;
		return &((const struct sockaddr_in *)&a->sa)->sin_addr;
	}
	*len = 16;
	return &((const struct sockaddr_in6 *)&a->sa)->sin6_addr;
}

struct netlink_request {
	struct nlmsghdr header;
	char bytes[96];
};

/* The family's own header, zero but for what the caller sets. */
static void *
netlink_begin(struct netlink_request *r, uint16_t type, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
	r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	return NLMSG_DATA(&r->header);
}

static void
netlink_add(struct netlink_request *r, uint16_t type, const void *bytes,
	    size_t len)
{
	struct rtattr *a =
	    (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), bytes, len);
	r->header.nlmsg_len =
	    (uint32_t)(NLMSG_ALIGN(r->header.nlmsg_len) + RTA_LENGTH(len));
}

static int
netlink_do(int s, const struct netlink_request *r)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr err;
		char rest[256];
	} answer;

	if (send(s, r, r->header.nlmsg_len, 0) < 0 ||
	    recv(s, &answer, sizeof(answer), 0) <
		(ssize_t)NLMSG_LENGTH(sizeof(int)))
		return -1;
	errno = answer.header.nlmsg_type == NLMSG_ERROR ? -answer.err.error
							: EPROTO;
	return errno == 0 || errno == EEXIST ? 0 : -1;
}

/* The address alone, on lo.  The kernel gives an IPv6 address its route a
 * little later, by a work queue (Linux 6, addrconf_dad_work); a client that is
 * quick would find the machine unreachable, so the route comes with it. */
static int
add_address(int s, const struct egress_address *a)
{
	struct netlink_request r;
	int lo = (int)if_nametoindex("lo");
	size_t len;
	const void *bytes = address_bytes(a, &len);
	struct ifaddrmsg *ifa =
	    netlink_begin(&r, RTM_NEWADDR, sizeof(struct ifaddrmsg));
	struct rtmsg *rt;

	ifa->ifa_family = (uint8_t)a->sa.ss_family;
	ifa->ifa_prefixlen = (uint8_t)(len * 8);
	ifa->ifa_flags = IFA_F_PERMANENT | (len == 4 ? 0 : IFA_F_NODAD);
	ifa->ifa_index = (unsigned)lo;
	netlink_add(&r, IFA_LOCAL, bytes, len);
	if (netlink_do(s, &r) < 0)
		return -1;
	if (len == 4)
		return 0;
	rt = netlink_begin(&r, RTM_NEWROUTE, sizeof(*rt));
	rt->rtm_family = (uint8_t)a->sa.ss_family;
	rt->rtm_dst_len = (uint8_t)(len * 8);
	rt->rtm_table = RT_TABLE_LOCAL;
	rt->rtm_protocol = RTPROT_STATIC;
	rt->rtm_type = RTN_LOCAL;
	netlink_add(&r, RTA_DST, bytes, len);
	netlink_add(&r, RTA_OIF, &lo, sizeof(lo));
	return netlink_do(s, &r);
}

static int
listen_at(const struct egress_address *a)
{
	int one = 1, error;
	int s = socket(a->sa.ss_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return -1;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->sa.ss_family == AF_INET6)
		setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(s, (const struct sockaddr *)&a->sa, a->len) == 0 &&
	    listen(s, EGRESS_BACKLOG) == 0)
		return s;
	error = errno;
	close(s);
	errno = error;
	return -1;
}

static size_t
make_listeners(int net, const struct egress_address *v, size_t n, int *fds,
	       struct finding *f)
{
	size_t made = 0;
	int s, nl;

	if (!enter(net, f))
		return 0;
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (s < 0 || nl < 0) {
		failed(f, "a socket in the box's network");
		return 0;
	}
	if (!wait_for_loopback(s, f))
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (!on_loopback(&v[i]) && add_address(nl, &v[i]) < 0) {
			failed(f, "the address on lo");
			continue;
		}
		fds[made] = listen_at(&v[i]);
		if (fds[made] < 0) {
			failed(f, "listening in the box's network");
			continue;
		}
		f->made[i] = true;
		made++;
	}
	return made;
}

union fd_room {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * EGRESS_ADDRESSES)];
};

static void __attribute__((noreturn))
child(int out, int net, const struct egress_address *v, size_t n)
{
	struct finding f = {0};
	int fds[EGRESS_ADDRESSES];
	union fd_room room = {0};
	struct iovec io = {.iov_base = &f, .iov_len = sizeof(f)};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	size_t made;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	made = make_listeners(net, v, n, fds, &f);
	if (made > 0) {
		struct cmsghdr *c;

		m.msg_control = room.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * made);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * made);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * made);
	}
	_exit(sendmsg(out, &m, MSG_NOSIGNAL) < 0);
}

static int
collect(int in, size_t n, int *fds, struct err *e)
{
	struct finding f = {0};
	union fd_room room = {0};
	struct iovec io = {.iov_base = &f, .iov_len = sizeof(f)};
	struct msghdr m = {.msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = room.bytes,
			   .msg_controllen = sizeof(room.bytes)};
	ssize_t got = recvmsg(in, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;
	size_t k = 0;

	if (got != sizeof(f))
		return err_set(e, ERR_SYSTEM, "entering the box's network");
	c = CMSG_FIRSTHDR(&m);
	for (size_t i = 0; i < n && c; i++)
		if (f.made[i])
			memcpy(&fds[i], CMSG_DATA(c) + k++ * sizeof(int),
			       sizeof(int));
	if (k > 0)
		return 0;
	errno = f.error;
	return err_sys(e, "%.*s", (int)sizeof(f.step) - 1, f.step);
}

int
egress_inside(pid_t first, const struct egress_address *v, size_t n, int *fds,
	      struct err *e)
{
	int OWNED_FD net = -1;
	int pair[2], status, rc;
	char path[40];
	pid_t pid;

	if (n == 0 || n > EGRESS_ADDRESSES)
		BUG("%zu addresses", n);
	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)first);
	net = open(path, O_RDONLY | O_CLOEXEC);
	if (net < 0)
		return err_sys(e, "the box's network");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair");
	pid = fork();
	if (pid == 0)
		child(pair[1], net, v, n);
	close(pair[1]);
	rc = pid < 0 ? err_sys(e, "fork") : collect(pair[0], n, fds, e);
	close(pair[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* transport/egress*.c: which addresses are dialled, and the way there from a
 * network namespace with nothing in it. */
#include "base/own.h"
#include "transport/egress.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

struct rule {
	const char *host;
	bool named;
	const char *said; /* NULL: it is reached */
};

static const struct rule rules[] = {
    /* metadata, whoever names it in whatever way */
    {"169.254.169.254", false, "a metadata service"},
    {"169.254.169.254", true, NULL},
    {"2852039166", true, "a metadata service"},
    {"0xa9fea9fe", true, "a metadata service"},
    {"169.254.43518", true, "a metadata service"},
    {"169.254.170.2", false, "a metadata service"},
    {"100.100.100.200", false, "a metadata service"},
    {"168.63.129.16", false, "a metadata service"},
    {"fd00:ec2::254", false, "a metadata service"},
    {"fd00:ec2:0::254", true, "a metadata service"},
    {"fd00:ec2::254", true, NULL},
    {"::ffff:169.254.169.254", true, "a metadata service"},
    {"64:ff9b::a9fe:a9fe", true, "a metadata service"},
    {"2002:a9fe:a9fe::1", true, "a metadata service"},
    /* loopback */
    {"127.0.0.1", false, "a loopback address"},
    {"127.0.0.1", true, NULL},
    {"127.255.0.9", false, "a loopback address"},
    {"localhost", false, "a loopback address"},
    {"localhost", true, NULL},
    {"2130706433", false, "a loopback address"},
    {"0x7f000001", false, "a loopback address"},
    {"0177.1", false, "a loopback address"},
    {"0177.1", true, NULL},
    {"127.1", false, "a loopback address"},
    {"::1", false, "a loopback address"},
    {"::1", true, NULL},
    {"::ffff:127.0.0.1", false, "a loopback address"},
    {"::ffff:127.0.0.1", true, NULL},
    {"::127.0.0.1", true, "a loopback address"},
    {"64:ff9b::7f00:1", true, "a loopback address"},
    {"2002:7f00:1::", true, "a loopback address"},
    /* nowhere in particular */
    {"0.0.0.0", false, "unspecified"},
    {"0.0.0.0", true, "unspecified"},
    {"0", true, "unspecified"},
    {"0.1.2.3", true, "unspecified"},
    {"::", true, "unspecified"},
    {"::ffff:0.0.0.0", true, "unspecified"},
    {"224.0.0.1", true, "a multicast address"},
    {"ff02::1", true, "a multicast address"},
    {"255.255.255.255", true, "reserved or a broadcast address"},
    {"240.0.0.1", true, "reserved or a broadcast address"},
    /* link-local */
    {"169.254.1.1", false, "a link-local address"},
    {"169.254.1.1", true, NULL},
    {"fe80::1", false, "a link-local address"},
    {"fe80::1", true, "a link-local address"},
    {"fe80::1%lo", true, "not a host's name"},
    /* private ranges and the rest of the world */
    {"10.1.2.3", false, NULL},
    {"192.168.7.7", false, NULL},
    {"172.16.0.1", false, NULL},
    {"fd12:3456::1", false, NULL},
    {"192.0.2.7", false, NULL},
    {"2001:db8::7", false, NULL},
    /* not names */
    {"", false, "no host is named"},
    {"-oProxyCommand=x", true, "not a host's name"},
    {"a b", true, "not a host's name"},
    {"a/b", true, "not a host's name"},
    {"a\nb", true, "not a host's name"},
    {"a..b", true, "not a host's name"},
    {".a", true, "not a host's name"},
    {"a.b_c", true, "not a host's name"},
    {"a:b", true, "not a host's name"},
    {"m\xc3\xbcnchen.example", true, "not a host's name"},
    {"[::1]", true, "not a host's name"},
    {"no-such-host.invalid", true, "Could not resolve host"},
};

static void
resolving(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		struct egress_target t = {
		    .host = r->host, .port = 443, .named = r->named};
		struct egress_address *v;
		struct err e = {0};
		size_t n;
		int rc = egress_resolve(ctx, &t, &v, &n, &e);

		if (r->said ? rc < 0 && n == 0 && strstr(e.msg, r->said)
			    : rc == 0 && n > 0)
			continue;
		wrong++;
		print_error("%s%s: %d, %s\n", r->host, r->named ? " named" : "",
			    rc, e.msg);
	}
	assert_int_equal(wrong, 0);
}

static void
limits_of_names(void **state)
{
	struct egress_target t = {.port = 22, .named = true};
	struct egress_address *v;
	struct err e = {0};
	char name[300];
	size_t n;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[64] = '\0';
	t.host = name;
	assert_true(egress_resolve(ctx, &t, &v, &n, &e) < 0);
	assert_non_null(strstr(e.msg, "not a host's name"));
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '.' : 'a';
	name[254] = '\0';
	assert_true(egress_resolve(ctx, &t, &v, &n, &e) < 0);
	assert_non_null(strstr(e.msg, "too long"));
	t = (struct egress_target){.host = "127.0.0.1", .named = true};
	assert_true(egress_resolve(ctx, &t, &v, &n, &e) < 0);
	assert_non_null(strstr(e.msg, "no port"));
}

static void
own_addresses(void **state)
{
	struct egress_target t = {.port = 22};
	struct egress_address *v;
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(9)};
	socklen_t len = sizeof(sa);
	struct err e = {0};
	char text[INET_ADDRSTRLEN];
	size_t n;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	/* the address that a datagram to the world would leave from */
	inet_pton(AF_INET, "192.0.2.1", &sa.sin_addr);
	if (connect(s, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		close(s);
		skip();
	}
	getsockname(s, (struct sockaddr *)&sa, &len);
	close(s);
	inet_ntop(AF_INET, &sa.sin_addr, text, sizeof(text));
	t.host = text;
	assert_true(egress_resolve(ctx, &t, &v, &n, &e) < 0);
	assert_non_null(strstr(e.msg, "an address of this machine"));
	t.named = true;
	assert_int_equal(egress_resolve(ctx, &t, &v, &n, &e), 0);
}

static void
hosts_text(void **state)
{
	struct egress_target t = {
	    .host = "git.example.com", .port = 22, .named = true};
	struct egress_address v[2] = {0};
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	(void)state;
	inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
	inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
	memcpy(&v[0].sa, &six, v[0].len = sizeof(six));
	memcpy(&v[1].sa, &four, v[1].len = sizeof(four));
	assert_string_equal(egress_hosts(ctx, &t, v, 2),
			    "127.0.0.1\tlocalhost\n::1\tlocalhost\n"
			    "2001:db8::1\tgit.example.com\n"
			    "192.0.2.1\tgit.example.com\n");
	t.host = "192.0.2.1";
	assert_string_equal(egress_hosts(ctx, &t, v + 1, 1),
			    "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
	t.host = "git.example.com.";
	assert_string_equal(egress_hosts(ctx, &t, v + 1, 1),
			    "127.0.0.1\tlocalhost\n::1\tlocalhost\n"
			    "192.0.2.1\tgit.example.com. git.example.com\n");
}

/* The world: a server process at address:port that echoes until the end of
 * file and then says "bye"; a client process in namespaces of its own. */
struct world {
	struct sockaddr_storage sa;
	socklen_t len;
	pid_t server, box;
	int go[2], told[2];
	char result; /* of the client */
};

static bool
make_server(struct world *w, int family)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&w->sa;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&w->sa;
	int s = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&w->sa, 0, sizeof(w->sa));
	w->sa.ss_family = (sa_family_t)family;
	w->len = family == AF_INET ? sizeof(*four) : sizeof(*six);
	if (family == AF_INET)
		four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		six->sin6_addr = in6addr_loopback;
	if (bind(s, (struct sockaddr *)&w->sa, w->len) < 0) {
		close(s);
		return false;
	}
	assert_int_equal(listen(s, 5), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&w->sa, &w->len), 0);
	w->server = fork();
	if (w->server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int c = accept(s, NULL, NULL);
			char b[4096];
			ssize_t n;

			while ((n = read(c, b, sizeof(b))) > 0)
				if (write(c, b, (size_t)n) < 0)
					break;
			if (write(c, "bye", 3) < 0)
				_exit(1);
			close(c);
		}
	}
	close(s);
	return true;
}

static char
client(const struct sockaddr *sa, socklen_t len)
{
	int s = socket(sa->sa_family, SOCK_STREAM, 0);
	char b[64] = {0};
	size_t got = 0;
	ssize_t n;

	if (connect(s, sa, len) < 0)
		return errno == ECONNREFUSED ? 'r' : 'c';
	if (write(s, "hello ", 6) != 6 || read(s, b, 6) != 6)
		return errno == ECONNRESET ? 'x' : 'e';
	shutdown(s, SHUT_WR);
	while ((n = read(s, b + got, sizeof(b) - got)) > 0)
		got += (size_t)n;
	return n == 0 && got == 3 && memcmp(b, "bye", 3) == 0 ? 'y' : 'n';
}

/* Namespaces as bwrap makes them, a client per byte that comes. */
static bool
make_box(struct world *w)
{
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	char c = 0;

	assert_int_equal(pipe2(w->go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(w->told, O_CLOEXEC), 0);
	w->box = fork();
	if (w->box == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		c = unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 ? 'u' : 'k';
		if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &ifr) <
		    0)
			c = 'u';
		if (write(w->told[1], &c, 1) != 1)
			_exit(1);
		while (read(w->go[0], &c, 1) == 1) {
			c = client((struct sockaddr *)&w->sa, w->len);
			if (write(w->told[1], &c, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	return read(w->told[0], &c, 1) == 1 && c == 'k';
}

static void
end_world(struct world *w)
{
	for (int i = 0; i < 2; i++) {
		close(w->go[i]);
		close(w->told[i]);
	}
	if (w->server > 0) {
		kill(w->server, SIGKILL);
		waitpid(w->server, NULL, 0);
	}
	kill(w->box, SIGKILL);
	waitpid(w->box, NULL, 0);
}

static void
on_told(struct loop *l, struct watch *w, short revents, void *data)
{
	struct world *world = data;

	(void)w;
	(void)revents;
	assert_int_equal(read(world->told[0], &world->result, 1), 1);
	loop_stop(l);
}

static char
connect_once(struct loop *l, struct world *w)
{
	struct watch *told;
	struct err e;

	told = loop_add(l, w->told[0], POLLIN, on_told, w);
	assert_int_equal(write(w->go[1], "g", 1), 1);
	assert_int_equal(loop_run(l, &e), 0);
	loop_drop(l, told);
	return w->result;
}

static void
way_there(int family)
{
	struct world w = {0};
	struct egress_address v = {0};
	struct egress_target t = {.host = "localhost", .named = true};
	struct loop *l = loop_new(ctx);
	struct egress *g;
	struct err e = {0};
	uint64_t sent, received;

	if (!make_server(&w, family))
		skip();
	if (!make_box(&w)) {
		end_world(&w);
		skip();
	}
	memcpy(&v.sa, &w.sa, v.len = w.len);
	t.port = ntohs(((struct sockaddr_in *)&w.sa)->sin_port);
	assert_int_equal(connect_once(l, &w), 'r'); /* nothing is there */
	if (egress_listen(ctx, l, w.box, &t, &v, 1, &g, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(connect_once(l, &w), 'y');
	assert_int_equal(connect_once(l, &w), 'y');
	assert_null(egress_failed(g));
	egress_bytes(g, &sent, &received);
	assert_int_equal(sent, 12);
	assert_int_equal(received, 18);
	/* the server dies: the client sees a reset, and we know why */
	kill(w.server, SIGKILL);
	waitpid(w.server, NULL, 0);
	w.server = 0;
	assert_int_equal(connect_once(l, &w), 'x');
	assert_non_null(strstr(egress_failed(g), "Connection refused"));
	talloc_free(g);
	end_world(&w);
}

static void
way_there_4(void **state)
{
	(void)state;
	way_there(AF_INET);
}

static void
way_there_6(void **state)
{
	(void)state;
	way_there(AF_INET6);
}

/* The address that is meant is of no machine (or of none that listens): the
 * next one answers.  In the box both are on lo. */
static void
falls_back(const char *far, int family)
{
	struct world w = {0};
	struct egress_address v[2] = {0};
	struct egress_target t = {.host = "two.example", .named = true};
	struct loop *l = loop_new(ctx);
	struct egress *g;
	struct err e = {0};

	assert_true(make_server(&w, AF_INET));
	memcpy(&v[1].sa, &w.sa, v[1].len = w.len);
	t.port = ntohs(((struct sockaddr_in *)&w.sa)->sin_port);
	memset(&w.sa, 0, sizeof(w.sa));
	w.sa.ss_family = (sa_family_t)family;
	((struct sockaddr_in *)&w.sa)->sin_port = htons(t.port);
	w.len = family == AF_INET ? sizeof(struct sockaddr_in)
				  : sizeof(struct sockaddr_in6);
	inet_pton(family, far,
		  family == AF_INET
		      ? (void *)&((struct sockaddr_in *)&w.sa)->sin_addr
		      : (void *)&((struct sockaddr_in6 *)&w.sa)->sin6_addr);
	memcpy(&v[0].sa, &w.sa, v[0].len = w.len);
	if (!make_box(&w)) {
		end_world(&w);
		skip();
	}
	if (egress_listen(ctx, l, w.box, &t, v, 2, &g, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(connect_once(l, &w), 'y');
	assert_non_null(strstr(egress_failed(g), far));
	talloc_free(g);
	end_world(&w);
}

static void
falls_back_near(void **state)
{
	(void)state;
	falls_back("127.0.0.9", AF_INET);
}

static void
falls_back_far(void **state)
{
	(void)state;
	falls_back("240.0.0.9", AF_INET);
}

static void
falls_back_far_6(void **state)
{
	(void)state;
	falls_back("100::9", AF_INET6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(resolving, setup, teardown),
	    cmocka_unit_test_setup_teardown(limits_of_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(own_addresses, setup, teardown),
	    cmocka_unit_test_setup_teardown(hosts_text, setup, teardown),
	    cmocka_unit_test_setup_teardown(way_there_4, setup, teardown),
	    cmocka_unit_test_setup_teardown(way_there_6, setup, teardown),
	    cmocka_unit_test_setup_teardown(falls_back_near, setup, teardown),
	    cmocka_unit_test_setup_teardown(falls_back_far, setup, teardown),
	    cmocka_unit_test_setup_teardown(falls_back_far_6, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* transport/https_*.c: what passes between git and git-remote-https, and with
 * which configuration and passwords. */
#include "base/own.h"
#include "transport/credential_private.h"
#include "transport/https_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define OID1 "1111111111111111111111111111111111111111"
#define OID2 "2222222222222222222222222222222222222222"

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

static struct permit_update updates[] = {
    {.ref = "refs/heads/main", .was = OID1, .will = OID2},
    {.ref = "refs/heads/new", .will = OID2},
    {.ref = "refs/heads/old", .was = OID1},
};

static struct transport_permit
permit_of(bool fetch, bool push, bool all)
{
	return (struct transport_permit){.scheme = PERMIT_HTTPS,
					 .url = "https://git.example/a/b.git",
					 .host = "git.example",
					 .path = "/a/b.git",
					 .fetch = fetch,
					 .push = push,
					 .updates = updates,
					 .nupdates = all ? 3 : 0};
}

/* One run of the filter: what git says, what the helper says to it. */
struct run {
	struct carrier c;
	struct https h;
	struct transport_setting setting;
	struct transport_request rq;
	struct transport_permit permit;
	struct loop *loop;
	int git_in, git_out, helper_in, helper_out; /* our ends */
	int report;
	char got[8192]; /* what the other side got */
};

static void
begin(struct run *r, struct transport_permit permit)
{
	int a[2], b[2], c[2], d[2], rep[2];
	struct err e = {0};

	memset(r, 0, sizeof(*r));
	assert_int_equal(pipe2(a, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(b, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(c, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(d, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(rep, O_CLOEXEC | O_NONBLOCK), 0);
	r->permit = permit;
	r->c = (struct carrier){.ctx = ctx,
				.permit = &r->permit,
				.setting = &r->setting,
				.rq = &r->rq,
				.report = -1,
				.loop = loop_new(ctx)};
	r->rq.stdio[2] = rep[1];
	r->report = rep[0];
	r->h = (struct https){.c = &r->c, .version = 2};
	r->git_in = a[1];
	r->helper_in = b[0];
	r->helper_out = c[1];
	r->git_out = d[0];
	assert_int_equal(https_filter_start(&r->h, a[0], d[1], b[1], c[0], &e),
			 0);
}

static void
stop_loop(struct loop *l, void *data)
{
	(void)data;
	loop_stop(l);
}

static const char *
after(struct run *r, int to, const char *text, int from)
{
	struct err e;
	ssize_t n;

	if (text)
		assert_int_equal(write(to, text, strlen(text)), strlen(text));
	loop_timer(r->c.loop, 20, stop_loop, NULL);
	assert_int_equal(loop_run(r->c.loop, &e), 0);
	n = read(from, r->got, sizeof(r->got) - 1);
	r->got[n > 0 ? n : 0] = '\0';
	return n == 0 ? "END" : r->got;
}

#define ASK(r, text)	after(&(r), (r).git_in, text, (r).helper_in)
#define ANSWER(r, text) after(&(r), (r).helper_out, text, (r).git_out)
#define REPLY(r, text)	after(&(r), (r).git_in, text, (r).git_out)

static void
push_is_rewritten(void **state)
{
	struct run r;

	(void)state;
	begin(&r, permit_of(false, true, true));
	assert_string_equal(ASK(r, "capabilities\n"), "capabilities\n");
	assert_string_equal(ANSWER(r, "option\npush\n\n"), "option\npush\n\n");
	assert_string_equal(ASK(r, "option progress true\n"),
			    "option progress true\n");
	assert_string_equal(ANSWER(r, "ok\n"), "ok\n");
	assert_string_equal(REPLY(r, "option cas refs/heads/main:" OID2 "\n"),
			    "ok\n");
	assert_string_equal(REPLY(r, "option pushcert true\n"),
			    "unsupported\n");
	assert_string_equal(REPLY(r, "option force true\n"), "unsupported\n");
	assert_string_equal(ASK(r, "list for-push\n"), "list for-push\n");
	assert_string_equal(ANSWER(r, OID1 " refs/heads/main\n\n"),
			    OID1 " refs/heads/main\n\n");
	assert_string_equal(ASK(r, "push +refs/heads/x:refs/heads/main\n"
				   "push HEAD:refs/heads/new\n"
				   "push :refs/heads/old\n\n"),
			    "option cas refs/heads/main:" OID1 "\n"
			    "option cas refs/heads/new:\n"
			    "option cas refs/heads/old:" OID1 "\n"
			    "push " OID2 ":refs/heads/main\n"
			    "push " OID2 ":refs/heads/new\n"
			    "push :refs/heads/old\n\n");
	assert_string_equal(ANSWER(r, "ok\nok\nok\nok refs/heads/main\n"),
			    "ok refs/heads/main\n");
	assert_string_equal(ANSWER(r, "ok refs/heads/new\n\n"),
			    "ok refs/heads/new\n\n");
	close(r.git_in);
	assert_string_equal(after(&r, -1, NULL, r.helper_in), "END");
	close(r.helper_out);
	assert_string_equal(after(&r, -1, NULL, r.git_out), "END");
	assert_int_equal(r.c.status, 0);
}

static void
refused(struct transport_permit permit, const char *before, const char *text)
{
	struct run r;

	begin(&r, permit);
	if (before) {
		ASK(r, before);
		ANSWER(r, "ok\n");
	}
	assert_string_equal(ASK(r, text), "END");
	assert_int_equal(r.c.status, 128);
	assert_string_equal(after(&r, -1, NULL, r.git_out), "END");
}

static void
others_are_refused(void **state)
{
	struct transport_permit all = permit_of(true, true, true),
				oracle = permit_of(true, true, false),
				fetch = permit_of(true, false, false),
				push = permit_of(false, true, true);
	char *line = talloc_zero_size(ctx, 60000);

	(void)state;
	refused(all, NULL, "push HEAD:refs/heads/other\n\n");
	refused(all, NULL, "push :refs/heads/main\n\n");
	refused(all, NULL, "push HEAD:refs/heads/old\n\n");
	refused(all, NULL, "push HEAD\n\n");
	refused(all, NULL,
		"push a:refs/heads/main\npush b:refs/heads/main\n\n");
	refused(all, NULL, "push a:refs/heads/main\ncapabilities\n");
	refused(oracle, NULL, "push HEAD:refs/heads/main\n\n");
	refused(oracle, "option dry-run false\n",
		"push HEAD:refs/heads/main\n\n");
	refused(fetch, NULL, "push HEAD:refs/heads/main\n\n");
	refused(fetch, "option dry-run true\n",
		"push HEAD:refs/heads/main\n\n");
	refused(fetch, NULL, "list for-push\n");
	refused(push, NULL, "list\n");
	refused(push, NULL, "fetch " OID1 " refs/heads/main\n\n");
	refused(push, NULL, "stateless-connect git-upload-pack\n");
	refused(all, NULL, "stateless-connect git-receive-pack\n");
	refused(all, NULL, "stateless-connect git-upload-archive\n");
	refused(all, NULL, "connect git-upload-pack\n");
	refused(all, NULL, "get https://git.example/x /tmp/x\n");
	refused(all, NULL, "import refs/heads/main\n\n");
	refused(all, NULL, "export\n");
	refused(all, NULL, "checks\n");
	memset(line, 'x', 59999);
	memcpy(line, "option verbosity ", 17);
	begin(&(struct run){0}, all);
	refused(all, line, line);
}

static void
dry_run_is_as_asked(void **state)
{
	struct run r;

	(void)state;
	begin(&r, permit_of(false, true, false));
	ASK(r, "option dry-run true\n");
	ANSWER(r, "ok\n");
	assert_string_equal(REPLY(r, "option cas refs/heads/x:" OID1 "\n"),
			    "ok\n");
	assert_string_equal(ASK(r, "push +a:refs/heads/x\npush :refs/y\n\n"),
			    "option cas refs/heads/x:" OID1 "\n"
			    "push +a:refs/heads/x\npush :refs/y\n\n");
	assert_string_equal(ANSWER(r, "ok\nok refs/heads/x\n\n"),
			    "ok refs/heads/x\n\n");
}

static void
lease_must_be_known(void **state)
{
	struct run r;

	(void)state;
	begin(&r, permit_of(false, true, true));
	ASK(r, "push a:refs/heads/main\n\n");
	assert_string_equal(ANSWER(r, "unsupported\n"), "END");
	assert_int_equal(r.c.status, 128);
}

static void
raw_after_connect(void **state)
{
	struct run r;

	(void)state;
	begin(&r, permit_of(true, false, false));
	assert_string_equal(ASK(r, "stateless-connect git-upload-pack\n"),
			    "stateless-connect git-upload-pack\n");
	/* the answer, and bytes of the server right behind it */
	assert_string_equal(ANSWER(r, "\n000eversion 2\n"),
			    "\n000eversion 2\n");
	assert_string_equal(ASK(r, "0014command=ls-refs\npush x:y"),
			    "0014command=ls-refs\npush x:y");
	assert_string_equal(ANSWER(r, "pack"), "pack");
	close(r.git_in);
	assert_string_equal(after(&r, -1, NULL, r.helper_in), "END");
	assert_int_equal(r.c.busy, 1);
	close(r.helper_out);
	assert_string_equal(after(&r, -1, NULL, r.git_out), "END");
	assert_int_equal(r.c.busy, 0);
}

static void
older_protocol(void **state)
{
	struct run r;

	(void)state;
	begin(&r, permit_of(true, false, false));
	r.h.common = "/nonexistent";
	ASK(r, "stateless-connect git-upload-pack\n");
	assert_string_equal(ANSWER(r, "fallback\n"), "fallback\n");
	assert_string_equal(ASK(r, "list\n"), "list\n");
	assert_string_equal(ANSWER(r, OID1 " refs/heads/main\n\n"),
			    OID1 " refs/heads/main\n\n");
	assert_string_equal(ASK(r, "fetch " OID1 " refs/heads/main\n\n"),
			    "fetch " OID1 " refs/heads/main\n\n");
	assert_string_equal(ANSWER(r, "lock x.keep\n\n"), "lock x.keep\n\n");
	/* without having tried, the helper would not answer it */
	begin(&r, permit_of(true, false, false));
	assert_string_equal(ASK(r, "list\n"), "END");
	begin(&r, permit_of(true, false, false));
	r.h.version = 0;
	assert_string_equal(ASK(r, "list\n"), "list\n");
}

/* ~/.netrc */
struct netrc {
	const char *text, *host, *user, *found_user, *found_password;
};

static const struct netrc netrcs[] = {
    {"machine git.example login a password b\n", "git.example", NULL, "a", "b"},
    {"machine other login x password y\nmachine git.example\n\tlogin a\n"
     "\tpassword b\n",
     "git.example", NULL, "a", "b"},
    {"machine GIT.example password b login a", "git.example", NULL, "a", "b"},
    {"machine git.example login a password b\n"
     "machine git.example login c password d\n",
     "git.example", "c", "c", "d"},
    {"machine git.example login a password b\n", "git.example", "c", NULL,
     NULL},
    {"machine git.example.org login a password b\n", "git.example", NULL, NULL,
     NULL},
    {"default login a password b\n", "git.example", NULL, "a", "b"},
    {"machine git.example login a password \"b \\\"c\"\n", "git.example", NULL,
     "a", "b \"c"},
    {"macdef m\nmachine git.example login x password y\n\n"
     "machine git.example login a password b\n",
     "git.example", NULL, "a", "b"},
    {"machine git.example login a\n", "git.example", NULL, NULL, NULL},
    {"", "git.example", NULL, NULL, NULL},
};

static void
netrc_is_read(void **state)
{
	char dir[] = "/tmp/automode-unit.XXXXXX";
	char *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = talloc_asprintf(ctx, "%s/.netrc", dir);
	for (size_t i = 0; i < sizeof(netrcs) / sizeof(*netrcs); i++) {
		const struct netrc *n = &netrcs[i];
		struct transport_permit p = permit_of(true, false, false);
		struct credential_setting s = {.permit = &p, .home = dir};
		struct credential c = {0};
		FILE *f = fopen(path, "w");
		bool have;

		fputs(n->text, f);
		fclose(f);
		p.host = n->host;
		p.user = n->user;
		have = credential_netrc(ctx, &s, &c);
		if (have != (n->found_user != NULL))
			fail_msg("%s", n->text);
		if (have) {
			assert_string_equal(c.user, n->found_user);
			assert_string_equal(c.password, n->found_password);
		}
	}
	unlink(path);
	rmdir(dir);
}

static void
authority_of_url(void **state)
{
	struct transport_permit p = permit_of(true, false, false);

	(void)state;
	assert_string_equal(credential_authority(ctx, &p), "git.example");
	p.url = "https://ann@git.example:8443/a@b";
	assert_string_equal(credential_authority(ctx, &p), "git.example:8443");
	p.url = "https://[::1]:80/";
	assert_string_equal(credential_authority(ctx, &p), "[::1]:80");
}

static void
config_text(void **state)
{
	struct config_out o = {0};

	(void)state;
	config_put(&o, "http.version", "HTTP/1.1");
	config_put(&o, "http.sslverify", NULL);
	config_put(&o, "http.https://a\"b\\c/.extraheader", "A: \"b\\\n#;");
	config_put(&o, "http.postbuffer", "1");
	assert_string_equal(o.text,
			    "[http]\n\tversion = \"HTTP/1.1\"\n\tsslverify\n"
			    "[http \"https://a\\\"b\\\\c/\"]\n"
			    "\textraheader = \"A: \\\"b\\\\\\n#;\"\n"
			    "[http]\n\tpostbuffer = \"1\"\n");
	talloc_free(o.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(push_is_rewritten, setup, teardown),
	    cmocka_unit_test_setup_teardown(others_are_refused, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(dry_run_is_as_asked, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(lease_must_be_known, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(raw_after_connect, setup, teardown),
	    cmocka_unit_test_setup_teardown(older_protocol, setup, teardown),
	    cmocka_unit_test_setup_teardown(netrc_is_read, setup, teardown),
	    cmocka_unit_test_setup_teardown(authority_of_url, setup, teardown),
	    cmocka_unit_test_setup_teardown(config_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

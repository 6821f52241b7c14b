/* SPDX-License-Identifier: Apache-2.0 */
/* reversal/manifest.c: what is written is read, and nothing else is. */
#include "base/file.h"
#include "reversal/manifest.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef01234567"

static char dir[64];

static int
setup(void **state)
{
	*state = talloc_new(NULL);
	/* in memory: thousands of files are written */
	snprintf(dir, sizeof(dir), "%s/manifest-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/manifest", dir);
	unlink(path);
	rmdir(dir);
	talloc_free(*state);
	return 0;
}

static void
set(struct value *v, enum value_kind kind, unsigned mode, uint64_t size,
    const char *text)
{
	*v = (struct value){
	    .kind = kind, .mode = mode, .size = size, .text = text};
}

static void
fill(void *ctx, struct manifest *m)
{
	struct item *it;

	manifest_init(ctx, m);
	m->id = UINT64_MAX;
	m->undoes = 5;
	m->time = 1768471200;
	m->session = "s1";
	m->commondir = "/p \t/\n.git";
	m->gitdir = "/p/.git";
	m->command = "git reset --hard \\";
	it = manifest_add(m, ITEM_FILE, "\xff\xfe\t\n\\\x7f \x01z");
	set(&it->before, VALUE_BLOB, 0100600, 1ull << 40, HEX);
	set(&it->after, VALUE_ABSENT, 0, 0, NULL);
	it = manifest_add(m, ITEM_REF, "refs/heads/b\xc3\xa4");
	set(&it->before, VALUE_OID, 0, 0, HEX);
	set(&it->after, VALUE_SYMREF, 0, 0, "refs/heads/\\x");
	it = manifest_add(m, ITEM_GITFILE, "logs/HEAD");
	set(&it->before, VALUE_INDEX, 0100755, 0, HEX);
	it = manifest_add(m, ITEM_PATH, "/x/y");
	set(&it->before, VALUE_KEPT, 0100644, 7, "1/a\nb");
	set(&it->after, VALUE_DIR, 040700, 0, NULL);
	it = manifest_add(m, ITEM_FILE, "node");
	set(&it->before, VALUE_NODE, 020640, 0, "259");
	it->before.mtime_s = 1768471200;
	it->before.mtime_ns = 7;
	set(&it->after, VALUE_ABSENT, 0, 0, NULL);
	it = manifest_add(m, ITEM_REMOTE, "/r.git refs/heads/x");
	set(&it->before, VALUE_LINK, 0, 0, HEX);
	set(&it->after, VALUE_OTHER, 0, 0, "");
}

static void
test_round_trip(void **state)
{
	struct manifest m, r;
	struct item *it;
	struct err e;

	fill(*state, &m);
	assert_int_equal(manifest_write(&m, dir, &e), 0);
	assert_int_equal(manifest_read(*state, dir, &r, &e), 0);
	assert_true(r.id == m.id && r.undoes == 5 && r.time == m.time);
	assert_string_equal(r.commondir, m.commondir);
	assert_string_equal(r.worktree, "");
	assert_string_equal(r.command, m.command);
	assert_string_equal(r.state, "open");
	assert_int_equal(r.n, m.n);
	for (size_t i = 0; i < m.n; i++) {
		const struct item *a = &m.items[i], *b = &r.items[i];

		assert_int_equal(a->kind, b->kind);
		assert_string_equal(a->name, b->name);
		assert_true(value_equal(&a->before, &b->before));
		if (a->after.kind == VALUE_UNKNOWN)
			assert_int_equal(b->after.kind, VALUE_UNKNOWN);
		else
			assert_true(value_equal(&a->after, &b->after));
	}
	it = manifest_find(&r, ITEM_PATH, "/x/y");
	assert_non_null(it);
	assert_int_equal(it->before.size, 7);
	assert_string_equal(it->before.text, "1/a\nb");
	assert_null(manifest_find(&r, ITEM_FILE, "/x/y"));
	it = manifest_find(&r, ITEM_FILE, "node");
	assert_non_null(it);
	assert_true(it->before.mtime_s == 1768471200);
	assert_true(it->before.mtime_ns == 7);
}

static void
test_add_twice(void **state)
{
	struct manifest m;
	char name[] = "a";
	struct item *it;

	manifest_init(*state, &m);
	assert_null(manifest_find(&m, ITEM_FILE, "a"));
	it = manifest_add(&m, ITEM_FILE, name);
	name[0] = 'b';
	assert_ptr_equal(it, manifest_add(&m, ITEM_FILE, "a"));
	assert_int_equal(m.n, 1);
	manifest_add(&m, ITEM_GITFILE, "a");
	assert_int_equal(m.n, 2);
}

static void
test_values(void **state)
{
	struct value a, b;

	(void)state;
	set(&a, VALUE_UNKNOWN, 0, 0, NULL);
	assert_false(value_equal(&a, &a));
	set(&a, VALUE_BLOB, 0100644, 3, HEX);
	set(&b, VALUE_BLOB, 0644, 3, HEX);
	assert_true(value_equal(&a, &b));
	b.mode = 0755;
	assert_false(value_equal(&a, &b));
	set(&b, VALUE_INDEX, 0100644, 3, HEX);
	assert_false(value_equal(&a, &b));
}

static int
read_text(void *ctx, const char *text, struct err *e)
{
	char path[96];
	struct manifest m;

	snprintf(path, sizeof(path), "%s/manifest", dir);
	assert_int_equal(
	    file_write(AT_FDCWD, path, text, strlen(text), 0600, NULL), 0);
	return manifest_read(ctx, dir, &m, e);
}

#define HEADER                                                                 \
	"automode-entry\t1\nid\t7\ntime\t5\nsession\ts\ncommondir\t/p/.git\n"  \
	"gitdir\t/p/.git\nworktree\t/p\ncommand\tx\nstate\tkept\nundoes\t0\n"

static void
test_damaged(void **state)
{
	static const struct {
		const char *text, *line;
	} bad[] = {
	    {"", "line 1:"},
	    {"automode-entry\t2\n", "line 1:"},
	    {"automode-entry 1\n", "line 1:"},
	    {HEADER, "line 11:"},
	    {HEADER "end\t1\n", "line 11:"},
	    {HEADER "end\t0\nend\t0\n", "line 12:"},
	    {HEADER "end\t0", "line 11:"},
	    {HEADER "item\tfile\ta\t-\n", "line 11:"},
	    {HEADER "item\tfile\ta\t-\t-\tx\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\t../a\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta/./b\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\t/a\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta//b\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\t\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\\056\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\\000\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\\777\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\\1\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\t\xff\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tpath\ta\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tpath\t/a/../b\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tremote\ta\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tthing\ta\t-\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tref\trefs/x\to:12\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tref\trefs/x\ts:\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\tb:9:" HEX ":1\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\tb:100644:" HEX ":-1\t-\nend\t1\n",
	     "line 11:"},
	    {HEADER "item\tfile\ta\tb:100644:" HEX "\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\tb:7777777:" HEX ":1\t-\nend\t1\n",
	     "line 11:"},
	    {HEADER "item\tfile\ta\tk:100644:5:../x\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\tk:100644:5:\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\tz\t-\nend\t1\n", "line 11:"},
	    {HEADER "item\tfile\ta\t-\t-\nitem\tfile\ta\t-\t-\nend\t2\n",
	     "line 12:"},
	};
	struct err e;

	assert_int_equal(read_text(*state, HEADER "end\t0\n", &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.msg[0] = '\0';
		if (read_text(*state, bad[i].text, &e) != ERR_SYNTAX)
			fail_msg("taken: %zu", i);
		if (!strstr(e.msg, bad[i].line))
			fail_msg("%zu: %s", i, e.msg);
	}
}

static void
test_missing(void **state)
{
	struct manifest m;
	struct err e;

	assert_int_equal(manifest_read(*state, dir, &m, &e), ERR_UNKNOWN);
}

/* Every single-byte change is either refused or harmless, never a crash. */
static void
test_mutations(void **state)
{
	struct manifest m, r;
	char path[96], *buf;
	struct err e;
	size_t len;

	fill(*state, &m);
	assert_int_equal(manifest_write(&m, dir, &e), 0);
	snprintf(path, sizeof(path), "%s/manifest", dir);
	assert_int_equal(
	    file_read(*state, AT_FDCWD, path, 65536, &buf, &len, &e), 0);
	for (size_t i = 0; i < len; i++) {
		static const char with[] = "\0\n\t\\:-?0/.\xff";

		for (size_t k = 0; k < sizeof(with) - 1; k++) {
			void *ctx = talloc_new(*state);
			char old = buf[i];

			buf[i] = with[k];
			/* the atomic writer would cost an fsync a turn */
			int fd = open(path, O_WRONLY | O_TRUNC);

			assert_int_equal(file_write_all(fd, buf, len), 0);
			close(fd);
			manifest_read(ctx, dir, &r, &e);
			buf[i] = old;
			talloc_free(ctx);
		}
	}
}

static void
test_many(void **state)
{
	struct manifest m, r;
	char name[64];
	struct err e;

	manifest_init(*state, &m);
	for (int i = 0; i < 100000; i++) {
		struct item *it;

		snprintf(name, sizeof(name), "d%d/f%d", i % 100, i);
		it = manifest_add(&m, ITEM_FILE, name);
		set(&it->before, VALUE_BLOB, 0100644, 1, HEX);
		set(&it->after, VALUE_ABSENT, 0, 0, NULL);
	}
	assert_int_equal(manifest_write(&m, dir, &e), 0);
	assert_int_equal(manifest_read(*state, dir, &r, &e), 0);
	assert_int_equal(r.n, 100000);
	assert_non_null(manifest_find(&r, ITEM_FILE, "d99/f99999"));
	assert_null(manifest_find(&r, ITEM_FILE, "d98/f99999"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_add_twice, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_values, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_mutations, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

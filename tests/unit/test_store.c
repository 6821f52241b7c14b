/* SPDX-License-Identifier: Apache-2.0 */
/* The store: what is written comes back, stays, and shows tampering. */
#include "audit/store.h"
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
	void *ctx;
	char dir[64];
	struct store *s;
	struct err e;
};

static int
setup(void **state)
{
	struct world *w = talloc_zero(NULL, struct world);

	assert_true(sodium_init() >= 0);
	w->ctx = talloc_new(w);
	snprintf(w->dir, sizeof(w->dir), "/tmp/automode-store.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(store_open(w->ctx, w->dir, false, &w->s, &w->e), 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"audit.db", "audit.db-wal",
					    "audit.db-shm"};
	struct world *w = *state;
	char path[128];

	talloc_free(w->ctx);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		unlink(path);
	}
	rmdir(w->dir);
	talloc_free(w);
	return 0;
}

static void
write_records(struct world *w, int n)
{
	char text[32];
	uint64_t seq;

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "{\"i\":%d}", i);
		assert_int_equal(store_record(w->s, "decision",
					      i % 2 ? "odd" : "even", text,
					      &seq, &w->e),
				 0);
	}
}

static void
records_come_back(void **state)
{
	struct world *w = *state;
	struct record *v;
	size_t n;

	write_records(w, 10);
	assert_int_equal(store_records(w->ctx, w->s, NULL, 0, 0, &v, &n, &w->e),
			 0);
	assert_int_equal(n, 10);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i].seq, i + 1);
	assert_string_equal(v[9].text, "{\"i\":9}");
	assert_int_equal(strlen(v[9].hash), 64);
	assert_int_equal(
	    store_records(w->ctx, w->s, "odd", 0, 2, &v, &n, &w->e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].seq, 8);
	assert_int_equal(v[1].seq, 10);
	assert_int_equal(store_records(w->ctx, w->s, NULL, 9, 0, &v, &n, &w->e),
			 0);
	assert_int_equal(n, 1);
	assert_int_equal(
	    store_records(w->ctx, w->s, "nobody", 0, 0, &v, &n, &w->e), 0);
	assert_int_equal(n, 0);
}

static int
direct(struct world *w, const char *sql)
{
	char path[128];
	sqlite3 *db;
	int r;

	snprintf(path, sizeof(path), "%s/audit.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	r = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return r;
}

static void
records_stay(void **state)
{
	struct world *w = *state;

	write_records(w, 3);
	assert_int_not_equal(direct(w, "DELETE FROM record"), SQLITE_OK);
	assert_int_not_equal(direct(w, "UPDATE record SET text = 'x'"),
			     SQLITE_OK);
}

static void
tampering_shows(void **state)
{
	static const struct {
		const char *sql;
		uint64_t bad;
	} attacks[] = {
	    {"UPDATE record SET text = 'x' WHERE seq = 3", 3},
	    {"UPDATE record SET time = time + 1 WHERE seq = 3", 3},
	    {"UPDATE record SET session = 'o', kind = 'dddecision'"
	     " WHERE seq = 3",
	     3},
	    {"UPDATE record SET hash = previous WHERE seq = 3", 3},
	    {"DELETE FROM record WHERE seq = 3", 4},
	    {"DELETE FROM record WHERE seq = 1", 2},
	    {"UPDATE record SET seq = 99 WHERE seq = 5", 99},
	};
	struct world *w = *state;
	uint64_t count, bad;
	char sql[512];

	write_records(w, 5);
	assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
	assert_int_equal(count, 5);
	assert_int_equal(bad, 0);
	assert_int_equal(direct(w, "DROP TRIGGER record_keep;"
				   "DROP TRIGGER record_stay;"
				   "CREATE TABLE was AS SELECT * FROM record"),
			 SQLITE_OK);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		assert_int_equal(direct(w, attacks[i].sql), SQLITE_OK);
		assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
		assert_int_equal(bad, attacks[i].bad);
		snprintf(sql, sizeof(sql),
			 "DELETE FROM record; INSERT INTO record SELECT *"
			 " FROM was");
		assert_int_equal(direct(w, sql), SQLITE_OK);
		assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
		assert_int_equal(bad, 0);
	}
}

static void
the_chain_goes_on_after_opening_again(void **state)
{
	struct world *w = *state;
	uint64_t count, bad;

	write_records(w, 3);
	talloc_free(w->s);
	assert_int_equal(store_open(w->ctx, w->dir, false, &w->s, &w->e), 0);
	write_records(w, 3);
	assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
	assert_int_equal(count, 6);
	assert_int_equal(bad, 0);
}

static void
two_writers_share_one_chain(void **state)
{
	struct world *w = *state;
	struct store *first = w->s, *second;
	uint64_t count, bad;

	assert_int_equal(store_open(w->ctx, w->dir, false, &second, &w->e), 0);
	for (int i = 0; i < 4; i++) {
		w->s = i % 2 ? second : first;
		write_records(w, 2);
	}
	assert_int_equal(store_verify(first, &count, &bad, &w->e), 0);
	assert_int_equal(count, 8);
	assert_int_equal(bad, 0);
}

static void
readers_see_what_is_written_meanwhile(void **state)
{
	struct world *w = *state;
	struct record *v;
	struct store *r;
	uint64_t seq;
	size_t n;

	write_records(w, 1);
	assert_int_equal(store_open(w->ctx, w->dir, true, &r, &w->e), 0);
	for (size_t i = 2; i < 5; i++) {
		write_records(w, 1);
		assert_int_equal(
		    store_records(w->ctx, r, NULL, 0, 0, &v, &n, &w->e), 0);
		assert_int_equal(n, i);
		store_tidy(w->s);
	}
	assert_true(store_record(r, "x", "y", "z", &seq, &w->e) < 0);
	assert_true(store_open(w->ctx, "/nonexistent", true, &r, &w->e) < 0);
}

static void
a_transaction_is_whole_or_not_at_all(void **state)
{
	struct world *w = *state;
	uint64_t count, bad, id;

	assert_int_equal(store_begin(w->s, &w->e), 0);
	write_records(w, 4);
	assert_int_equal(
	    store_entry_new(w->s, "s", "p", "/v", "git x", &id, &w->e), 0);
	assert_int_equal(store_commit(w->s, &w->e), 0);
	assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
	assert_int_equal(count, 4);
}

/* The file may not grow any more: what a full disk does, for one process. */
static void
a_full_disk_fails_and_leaves_the_chain_whole(void **state)
{
	struct world *w = *state;
	struct rlimit old, small;
	uint64_t count, bad, seq;
	char *big = talloc_array(w->ctx, char, 300000);
	int r;

	memset(big, 'x', 299999);
	big[299999] = '\0';
	write_records(w, 2);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 200000;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(store_begin(w->s, &w->e), 0);
	r = store_record(w->s, "k", "s", big, &seq, &w->e);
	if (r == 0)
		r = store_record(w->s, "k", "s", "{}", &seq, &w->e);
	r |= store_commit(w->s, &w->e);
	assert_true(r < 0);
	assert_true(store_record(w->s, "k", "s", big, &seq, &w->e) < 0);
	setrlimit(RLIMIT_FSIZE, &old);
	write_records(w, 1);
	assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(count, 3);
}

static void
a_killed_writer_loses_nothing_it_was_told_of(void **state)
{
	struct world *w = *state;
	uint64_t count, bad, told = 0;
	int pipe_fd[2], status;
	pid_t pid;

	talloc_free(w->s);
	assert_int_equal(pipe(pipe_fd), 0);
	pid = fork();
	if (pid == 0) {
		uint64_t seq;

		if (store_open(NULL, w->dir, false, &w->s, &w->e) < 0)
			_exit(1);
		while (store_record(w->s, "k", "s", "{}", &seq, NULL) == 0)
			if (write(pipe_fd[1], &seq, sizeof(seq)) < 0)
				_exit(1);
		_exit(1);
	}
	close(pipe_fd[1]);
	for (int i = 0; i < 50; i++)
		assert_int_equal(read(pipe_fd[0], &told, sizeof(told)),
				 sizeof(told));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (read(pipe_fd[0], &told, sizeof(told)) == sizeof(told))
		;
	close(pipe_fd[0]);
	assert_int_equal(store_open(w->ctx, w->dir, false, &w->s, &w->e), 0);
	assert_int_equal(store_verify(w->s, &count, &bad, &w->e), 0);
	assert_int_equal(bad, 0);
	assert_true(count >= told);
}

static void
entries_keep_their_numbers(void **state)
{
	struct world *w = *state;
	uint32_t mine = 1000, other = 1001;
	struct session s = {.id = "s", .start_dir = "/", .uid = 1000};
	struct entry *v;
	uint64_t a, b;
	size_t n;

	assert_int_equal(store_session_new(w->s, &s, &w->e), 0);
	assert_int_equal(
	    store_entry_new(w->s, "s", "p", "/v", "git a", &a, &w->e), 0);
	assert_int_equal(
	    store_entry_new(w->s, "t", "q", "/v", "git b", &b, &w->e), 0);
	assert_true(b > a);
	assert_int_equal(
	    store_entry_state(w->s, a, &mine, "kept", "1 file", 100, &w->e), 0);
	assert_true(store_entry_state(w->s, a, &other, "undone", "", 0, &w->e) <
		    0);
	assert_true(store_entry_state(w->s, b, &mine, "undone", "", 0, &w->e) <
		    0);
	assert_int_equal(
	    store_entry_state(w->s, a, NULL, "undone", "", 0, &w->e), 0);
	assert_true(store_entry_state(w->s, 99, NULL, "kept", "", 0, &w->e) <
		    0);
	assert_int_equal(store_entries(w->ctx, w->s, NULL, NULL, &v, &n, &w->e),
			 0);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].id, b);
	assert_string_equal(v[0].state, "open");
	assert_string_equal(v[1].state, "undone");
	assert_string_equal(v[1].kept, "1 file");
	assert_int_equal(v[1].bytes, 100);
	assert_int_equal(store_entries(w->ctx, w->s, "s", "q", &v, &n, &w->e),
			 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_entries(w->ctx, w->s, NULL, "q", &v, &n, &w->e),
			 0);
	assert_int_equal(n, 1);
}

static void
sessions_come_back_whole(void **state)
{
	struct world *w = *state;
	struct session s = {.start_dir = "/d\xff", .uid = 7};
	struct sessions all;
	char id[32];

	s.id = "default-1";
	assert_int_equal(store_session_new(w->s, &s, &w->e), 0);
	assert_int_equal(store_begin(w->s, &w->e), 0);
	for (int i = 0; i < 600; i++) {
		snprintf(id, sizeof(id), "s%d", i);
		s.id = id;
		s.started_ns = i;
		assert_int_equal(store_session_new(w->s, &s, &w->e), 0);
	}
	assert_int_equal(store_word(w->s, "s599", "intent", "one", &w->e), 0);
	assert_int_equal(store_word(w->s, "s599", "hook", "two", &w->e), 0);
	assert_int_equal(store_facts(w->s, "s599", "p", "head x\n", &w->e), 0);
	assert_int_equal(store_facts(w->s, "s599", "p", "head y\n", &w->e), 0);
	assert_int_equal(store_commit(w->s, &w->e), 0);
	assert_true(store_session_new(w->s, &s, &w->e) < 0);
	assert_int_equal(store_sessions(w->ctx, w->s, &all, &w->e), 0);
	assert_int_equal(all.n, 512);
	assert_string_equal(all.v[0]->id, "s88");
	assert_string_equal(all.v[511]->id, "s599");
	assert_int_equal(all.v[511]->uid, 7);
	assert_int_equal(all.v[511]->started_ns, 599);
	assert_string_equal(all.v[511]->start_dir, "/d\xff");
	assert_int_equal(all.v[511]->nwords, 2);
	assert_string_equal(all.v[511]->words[1].text, "two");
	assert_int_equal(all.v[511]->nprojects, 1);
	assert_string_equal(all.v[511]->projects[0].text, "head y\n");
}

static void
a_newer_version_is_not_touched(void **state)
{
	struct world *w = *state;
	struct store *s;

	talloc_free(w->s);
	assert_int_equal(direct(w, "PRAGMA user_version = 3"), SQLITE_OK);
	assert_int_equal(store_open(w->ctx, w->dir, false, &s, &w->e),
			 ERR_UNKNOWN);
	assert_int_equal(store_open(w->ctx, w->dir, true, &s, &w->e),
			 ERR_UNKNOWN);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(records_come_back),
	    TEST(records_stay),
	    TEST(tampering_shows),
	    TEST(the_chain_goes_on_after_opening_again),
	    TEST(two_writers_share_one_chain),
	    TEST(readers_see_what_is_written_meanwhile),
	    TEST(a_transaction_is_whole_or_not_at_all),
	    TEST(a_full_disk_fails_and_leaves_the_chain_whole),
	    TEST(a_killed_writer_loses_nothing_it_was_told_of),
	    TEST(entries_keep_their_numbers),
	    TEST(sessions_come_back_whole),
	    TEST(a_newer_version_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* automode watch: decisions as they are taken, and what waits, answered by a
 * key. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <talloc.h>
#include <termios.h>
#include <unistd.h>

#define LOOK_MS 250

static struct termios before;
static volatile sig_atomic_t ended;

static void
end(int number)
{
	(void)number;
	ended = 1;
}

static void
restore_terminal(void)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static bool
take_terminal(void)
{
	struct termios raw;
	struct sigaction act = {.sa_handler = end};

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	raw = before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	atexit(restore_terminal);
	return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static const char *
member(void *ctx, const cJSON *o, const char *name)
{
	const char *s =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return text_safe(ctx, s ? s : "");
}

static void
print_decision(void *ctx, const struct record *r)
{
	cJSON *o = cJSON_Parse(r->text);
	const char *verdict = member(ctx, o, "verdict");
	bool color = isatty(STDOUT_FILENO), ran = !strcmp(verdict, "allow");

	printf("%s  %s%-5s%s  %s%s%s\n", text_time(ctx, r->time_ms / 1000) + 11,
	       !color ? ""
	       : ran  ? "\033[32m"
		      : "\033[31m",
	       verdict, color ? "\033[0m" : "", member(ctx, o, "command"),
	       ran ? "" : "\n            ",
	       ran ? "" : member(ctx, o, "reason"));
	cJSON_Delete(o);
}

static int
print_news(struct store *s, uint64_t *after, struct err *e)
{
	void *ctx = talloc_new(NULL);
	struct record *v;
	size_t n;
	int rc =
	    store_records(ctx, s, NULL, *after, *after ? 0 : 10, &v, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!strcmp(v[i].kind, "decision"))
			print_decision(ctx, &v[i]);
		*after = v[i].seq;
	}
	talloc_free(ctx);
	return rc;
}

/* The oldest that waits behind id; 0: none. */
static int
print_question(struct store *s, uint64_t *id, uint64_t skipped, struct err *e)
{
	void *ctx = talloc_new(NULL);
	struct approval *v;
	uint64_t old = *id;
	size_t n, i;
	int rc = store_approvals(ctx, s, &v, &n, e);

	*id = 0;
	for (i = 0; rc == 0 && i < n && v[i].id <= skipped; i++)
		;
	if (rc == 0 && i < n) {
		*id = v[i].id;
		if (*id != old)
			printf("\n#%" PRIu64 " of %zu waits: %s\n    in %s, "
			       "session %s\n    %s\n    a approve   r reject   "
			       "s skip   q quit\n",
			       *id, n, text_safe(ctx, v[i].command),
			       text_safe(ctx, v[i].cwd),
			       text_safe(ctx, v[i].session),
			       text_safe(ctx, v[i].reason));
	}
	talloc_free(ctx);
	return rc;
}

static void
answer(uint64_t id, bool yes)
{
	void *ctx = talloc_new(NULL);
	const char *words[] = {yes ? "approve" : "reject",
			       talloc_asprintf(ctx, "%" PRIu64, id), NULL};
	struct err e = {0};
	char *output;
	int status;

	if (client_control(ctx, words, NULL, &output, &status, &e) < 0)
		printf("%s\n", e.msg);
	else if (status == 0)
		printf("#%" PRIu64 " %s\n", id, yes ? "approved" : "rejected");
	talloc_free(ctx);
}

/* A key that is there by the time; 0: none. */
static int
key(void)
{
	struct pollfd p = {STDIN_FILENO, POLLIN, 0};
	char c = 0;

	if (poll(&p, 1, LOOK_MS) != 1)
		return 0;
	return read(STDIN_FILENO, &c, 1) == 1 ? c : 'q';
}

static int
run(void *ctx, int argc, char **argv)
{
	uint64_t after = 0, id = 0, skipped = 0;
	struct store *s;
	struct err e = {0};
	int r = cli_options(&cli_watch, NULL, 0, &argc, &argv, false), c;

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_watch, "watch takes no operand");
	if (cli_store(ctx, &s, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	if (!take_terminal())
		return cli_fail(1, "watch needs a terminal; see automode log "
				   "-f and automode pending");
	while (!ended) {
		if (print_news(s, &after, &e) < 0 ||
		    print_question(s, &id, skipped, &e) < 0)
			return cli_fail(1, "%s", e.msg);
		fflush(stdout);
		c = key();
		if (c == 'q' || c == 4)
			break;
		if (id && (c == 'a' || c == 'r'))
			answer(id, c == 'a');
		else if (id && c == 's')
			skipped = id;
	}
	return 0;
}

const struct cli_command cli_watch = {
    .name = "watch",
    .usage = "",
    .what = "Shows decisions as they are taken; answers what waits by a key",
    .help = "In a terminal that belongs to no session.\n\n"
	    "  a  approves what is shown, once\n"
	    "  r  rejects it\n"
	    "  s  leaves it, and shows the next\n"
	    "  q  ends\n",
    .run = run,
};

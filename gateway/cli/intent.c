/* SPDX-License-Identifier: Apache-2.0 */
/* automode intent: the person's own words, for the session. */
#include "cli/cli.h"
#include "cli/client.h"
#include <errno.h>
#include <talloc.h>
#include <unistd.h>

#define INTENT_MAX (64 << 10)

static char *
read_stdin(void *ctx)
{
	char *text = talloc_zero_array(ctx, char, INTENT_MAX + 2);
	size_t n = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, text + n, INTENT_MAX + 1 - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		n += (size_t)got;
		if (n > INTENT_MAX)
			break;
	}
	return strlen(text) == n ? text : NULL;
}

static int
run(void *ctx, int argc, char **argv)
{
	const char *session = NULL, *set[2] = {NULL, NULL}, *text;
	const char *words[4] = {"word", NULL, NULL, NULL};
	bool from_stdin = false;
	const struct cli_option options[] = {{"session", NULL, &session},
					     {"stdin", &from_stdin, NULL},
					     {"source", NULL, &words[2]}};
	struct err e = {0};
	char *output;
	int status, r;

	r = cli_options(&cli_intent, options, 3, &argc, &argv, false);
	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc != (from_stdin ? 0 : 1))
		return cli_usage(&cli_intent, "intent takes one text, or "
					      "--stdin");
	if (session != NULL && !session_id_valid(session))
		return cli_usage(&cli_intent, "intent: %s names no session",
				 session);
	if (words[2] != NULL && !session_id_valid(words[2]))
		return cli_usage(&cli_intent, "intent: %s is no source",
				 words[2]);
	text = from_stdin ? read_stdin(ctx) : argv[0];
	if (text == NULL)
		return cli_fail(1, "standard input cannot be read, or is not "
				   "text");
	if (strlen(text) > INTENT_MAX)
		return cli_fail(1, "the text is longer than %d bytes",
				INTENT_MAX);
	if (session != NULL)
		set[0] = talloc_asprintf(ctx, "AUTOMODE_SESSION=%s", session);
	words[1] = text;
	if (client_ensure(ctx, false, &e) < 0 ||
	    client_control(ctx, words, set, &output, &status, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	return status;
}

const struct cli_command cli_intent = {
    .name = "intent",
    .usage = "[--session ID] [--source NAME] TEXT | --stdin",
    .what = "Writes down what the user asked for",
    .help = "An agent's prompt hook calls this with the user's own words, "
	    "and with nothing\nelse: what the agent says is no "
	    "authorisation.\n\n"
	    "  --session ID  instead of AUTOMODE_SESSION\n"
	    "  --source NAME where the words come from: a hook's name\n"
	    "  --stdin       the text is on standard input\n",
    .run = run,
};

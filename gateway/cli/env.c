/* SPDX-License-Identifier: Apache-2.0 */
/* automode env: shell code that begins a session. */
#include "cli/env.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "invocation/program.h"
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* 'it'\''s': any bytes, one word of a POSIX shell. */
static char *
quoted(void *ctx, const char *s)
{
	char *out = talloc_strdup(ctx, "'");

	for (; *s != '\0'; s++)
		out = *s == '\'' ? talloc_strdup_append_buffer(out, "'\\''")
				 : talloc_strndup_append_buffer(out, s, 1);
	return talloc_strdup_append_buffer(out, "'");
}

/* Is that PATH entry this installation's folder of shims? */
static bool
is_ours(void *ctx, const char *entry, size_t len, const char *shims)
{
	char *dir = talloc_strndup(ctx, entry, len);
	struct stat a, b;
	bool same = strcmp(dir, shims) == 0;

	if (!same && len > 0 && stat(dir, &a) == 0 && stat(shims, &b) == 0)
		same = a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	talloc_free(dir);
	return same;
}

static char *
new_path(void *ctx)
{
	const char *shims = program_shim_dir(), *p = getenv("PATH"), *end;
	char *out = talloc_strdup(ctx, shims), *more;

	if (p == NULL)
		p = "/usr/local/bin:/usr/bin:/bin";
	more = env_interpreters(ctx, p);
	if (more != NULL)
		out = talloc_asprintf_append_buffer(out, ":%s", more);
	for (; p != NULL; p = end != NULL ? end + 1 : NULL) {
		size_t len;

		end = strchr(p, ':');
		len = end != NULL ? (size_t)(end - p) : strlen(p);
		if (is_ours(ctx, p, len, shims) || env_is_interpreters(p, len))
			continue;
		out = talloc_strdup_append_buffer(out, ":");
		out = talloc_strndup_append_buffer(out, p, len);
	}
	return out;
}

static int
run(void *ctx, int argc, char **argv)
{
	const char *asked = NULL, *words[3] = {"session-new", NULL, NULL};
	const struct cli_option options[] = {{"session", NULL, &asked}};
	struct err e = {0};
	char *id;
	int status, r;

	r = cli_options(&cli_env, options, 1, &argc, &argv, false);
	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_env, "env takes no operand");
	if (asked != NULL && !session_id_valid(asked))
		return cli_usage(&cli_env,
				 "a session's name has 1 to 64 letters, "
				 "digits, \"-\" and \"_\"");
	if (strchr(program_shim_dir(), ':') != NULL)
		return cli_fail(1,
				"%s: a folder with a colon cannot be on "
				"PATH",
				program_shim_dir());
	if (client_ensure(ctx, true, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	words[1] = asked;
	if (client_control(ctx, words, NULL, &id, &status, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	if (status != 0)
		return status;
	if (!session_id_valid(id))
		return cli_fail(EXIT_UNAVAILABLE, "the gateway's answer is "
						  "malformed");
	printf("export AUTOMODE_SESSION=%s\nexport PATH=%s\n"
	       "hash -r 2>/dev/null\n",
	       quoted(ctx, id), quoted(ctx, new_path(ctx)));
	return 0;
}

const struct cli_command cli_env = {
    .name = "env",
    .usage = "[--session ID]",
    .what = "Prints shell code: shims first on PATH, a session, the gateway "
	    "started",
    .help = "Use it as: eval \"$(automode env)\"\n\n"
	    "  --session ID   names the session, or takes it up again\n",
    .run = run,
};

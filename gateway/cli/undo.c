/* SPDX-License-Identifier: Apache-2.0 */
/*
 * automode undo: finds the entry; the gateway's worker puts it back (only a
 * worker can report to the monitor).
 */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <talloc.h>
#include <unistd.h>

struct wanted {
	bool list, last, dry_run, json;
	const char *session; /* AUTOMODE_SESSION, or NULL */
	const char *project; /* around the current directory, or NULL */
	int64_t id;	     /* 0: the newest */
};

static bool
can_undo(const struct entry *en)
{
	return strcmp(en->state, "kept") == 0 || strcmp(en->state, "open") == 0;
}

static const struct entry *
newest(const struct entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (can_undo(&v[i]) && strncmp(v[i].summary, "undo of", 7) != 0)
			return &v[i];
	return NULL;
}

/* The session's newest; where it has none, the project's. */
static int
find_newest(void *ctx, struct store *s, const struct wanted *w,
	    const struct entry **out, struct err *e)
{
	struct entry *v;
	size_t n;

	*out = NULL;
	if (w->session != NULL) {
		if (store_entries(ctx, s, w->session, NULL, &v, &n, e) < 0)
			return e->code;
		*out = newest(v, n);
	}
	if (*out == NULL && w->project != NULL) {
		if (store_entries(ctx, s, NULL, w->project, &v, &n, e) < 0)
			return e->code;
		*out = newest(v, n);
	}
	if (w->session == NULL && w->project == NULL)
		return err_set(e, ERR_UNKNOWN,
			       "no session (AUTOMODE_SESSION) and no project "
			       "here: say which entry; automode undo --list "
			       "shows them");
	return 0;
}

static int
find_id(void *ctx, struct store *s, int64_t id, const struct entry **out,
	struct err *e)
{
	struct entry *v;
	size_t n;

	*out = NULL;
	if (store_entries(ctx, s, NULL, NULL, &v, &n, e) < 0)
		return e->code;
	for (size_t i = 0; i < n && *out == NULL; i++)
		if (v[i].id == (uint64_t)id)
			*out = &v[i];
	if (*out == NULL)
		return err_set(e, ERR_UNKNOWN, "there is no entry %" PRId64,
			       id);
	if (strcmp((*out)->state, "undone") == 0)
		return err_set(e, ERR_UNKNOWN,
			       "entry %" PRId64 " has been undone already; "
			       "automode undo --list shows the entry that "
			       "takes that back",
			       id);
	if (!can_undo(*out))
		return err_set(e, ERR_UNKNOWN,
			       "nothing is kept any more for entry %" PRId64
			       " (%s)",
			       id, (*out)->state);
	return 0;
}

static void
print_entry(void *ctx, const struct entry *en, time_t now)
{
	printf("%5" PRIu64 "  %-12s %9s  %-7s  %s%s%s\n", en->id,
	       text_age(ctx, now - en->time), text_bytes(ctx, en->bytes),
	       en->state, text_safe(ctx, en->summary),
	       en->kept[0] != '\0' ? ": " : "", text_safe(ctx, en->kept));
}

static cJSON *
entry_json(void *ctx, const struct entry *en)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "id", (double)en->id);
	cJSON_AddStringToObject(o, "state", en->state);
	cJSON_AddNumberToObject(o, "time", (double)en->time);
	cJSON_AddNumberToObject(o, "bytes", (double)en->bytes);
	cJSON_AddStringToObject(o, "command", en->summary);
	cJSON_AddStringToObject(o, "kept", en->kept);
	cJSON_AddStringToObject(o, "session", en->session);
	cJSON_AddStringToObject(o, "project", en->project);
	cJSON_AddStringToObject(o, "vault", text_safe(ctx, en->vault));
	return o;
}

/* Those of this session and of this project; of all where there is neither. */
static bool
listed(const struct wanted *w, const struct entry *en)
{
	if (strcmp(en->state, "dropped") == 0)
		return false;
	if (w->session == NULL && w->project == NULL)
		return true;
	return (w->session != NULL && strcmp(en->session, w->session) == 0) ||
	       (w->project != NULL && strcmp(en->project, w->project) == 0);
}

static int
list(void *ctx, struct store *s, const struct wanted *w, struct err *e)
{
	cJSON *array = cJSON_CreateArray();
	time_t now = time(NULL);
	struct entry *v;
	size_t n, shown = 0;
	char *text;

	if (store_entries(ctx, s, NULL, NULL, &v, &n, e) < 0) {
		cJSON_Delete(array);
		return e->code;
	}
	for (size_t i = 0; i < n; i++) {
		if (!listed(w, &v[i]))
			continue;
		if (w->json)
			cJSON_AddItemToArray(array, entry_json(ctx, &v[i]));
		else
			print_entry(ctx, &v[i], now);
		shown++;
	}
	if (w->json) {
		text = cJSON_PrintUnformatted(array);
		printf("%s\n", text);
		cJSON_free(text);
	} else if (shown == 0) {
		printf("nothing is kept\n");
	}
	cJSON_Delete(array);
	return 0;
}

static int
put_back(void *ctx, const struct wanted *w, const struct entry *en)
{
	const char *words[6] = {"undo"};
	struct client_call c = {.kind = REQUEST_CONTROL,
				.socket = CONTROL_SOCKET,
				.argv = words,
				.out = STDOUT_FILENO,
				.err = STDERR_FILENO};
	struct err e = {0};
	size_t n = 1;

	words[n++] = talloc_asprintf(ctx, "%" PRIu64, en->id);
	words[n++] = en->vault;
	if (w->dry_run)
		words[n++] = "--dry-run";
	if (w->json)
		words[n++] = "--json";
	if (!w->json) {
		printf("%s %" PRIu64 ": %s\n",
		       w->dry_run ? "would undo" : "undoing", en->id,
		       text_safe(ctx, en->summary));
		fflush(stdout);
	}
	if (client_ensure(ctx, false, &e) < 0 || client_ask(ctx, &c, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	return c.status;
}

static int
run(void *ctx, int argc, char **argv)
{
	struct wanted w = {.session = getenv("AUTOMODE_SESSION")};
	const struct cli_option options[] = {{"list", &w.list, NULL},
					     {"last", &w.last, NULL},
					     {"dry-run", &w.dry_run, NULL},
					     {"json", &w.json, NULL}};
	const struct entry *found = NULL;
	const char *worktree;
	struct store *s;
	struct err e = {0};
	int r = cli_options(&cli_undo, options, 4, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 1 || (argc == 1 && (w.last || w.list)))
		return cli_usage(&cli_undo, "undo takes one entry, --last or "
					    "--list");
	if (argc == 1 && text_number(argv[0], 1, INT64_MAX, &w.id, &e) < 0)
		return cli_usage(&cli_undo, "undo: not an entry's number: %s",
				 argv[0]);
	if (w.session != NULL && w.session[0] == '\0')
		w.session = NULL;
	/* A damaged repository here is no reason not to undo elsewhere. */
	(void)cli_project(ctx, &w.project, &worktree, &e);
	r = cli_store(ctx, &s, &e);
	if (r == ERR_UNKNOWN && w.list) {
		printf("%s\n", w.json ? "[]" : "nothing is kept");
		return 0;
	}
	if (r < 0)
		return cli_fail(1, "nothing to undo: %s", e.msg);
	if (w.list)
		return list(ctx, s, &w, &e) < 0 ? cli_fail(1, "%s", e.msg) : 0;
	r = w.id != 0 ? find_id(ctx, s, w.id, &found, &e)
		      : find_newest(ctx, s, &w, &found, &e);
	if (r < 0)
		return cli_fail(1, "%s", e.msg);
	if (found == NULL)
		return cli_fail(1, "nothing to undo");
	return put_back(ctx, &w, found);
}

const struct cli_command cli_undo = {
    .name = "undo",
    .usage = "[--last | ID] [--list] [--dry-run] [--json]",
    .what = "Puts back what a command destroyed",
    .help = "Without ID: what the newest command of this session "
	    "(AUTOMODE_SESSION) destroyed,\nelse of the project here. What "
	    "has been changed since is kept\nfirst, or stays and the old "
	    "content is put beside it; what is new stays. An undo is\nkept "
	    "like any command, and can be undone by its own number.\n\n"
	    "  --list     the entries, newest first: number, age, size, "
	    "state, command\n"
	    "  --dry-run  says what would be put back\n"
	    "  --json     for programs\n",
    .run = run,
};

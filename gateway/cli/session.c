/* SPDX-License-Identifier: Apache-2.0 */
/*
 * automode session: what is known of a session.  The user's words with time
 * and source, what was there when it first saw a project, and what it has
 * made since, each with how that is known.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "kin.h"
#include "wire/proto.h"
#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <git2.h>
#include <talloc.h>
#include <unistd.h>

#define FILES_SHOWN  50
#define FILES_LOOKED 100000
#define ID_MAX	     128

struct made {
	const char *kind, *name, *known;
};

struct ledger_view {
	void *ctx;
	const struct session *s;
	struct made *v;
	size_t n;
	const char *cut; /* what was left out, or NULL */
};

static void
add(struct ledger_view *w, const char *kind, const char *name,
    const char *known)
{
	w->v = talloc_realloc(w->ctx, w->v, struct made, w->n + 1);
	if (!w->v)
		BUG("out of memory");
	w->v[w->n++] = (struct made){kind, text_safe(w->ctx, name), known};
}

/* In an engine of containers: "created volume ENGINE NAME". */
static void
add_noted(struct ledger_view *w, const struct project_facts *f)
{
	char *all = talloc_strdup(w->ctx, f->text), *line, *kind, *name;

	while (all && (line = strsep(&all, "\n"))) {
		if (strncmp(line, "created ", 8) != 0)
			continue;
		line += 8;
		kind = strsep(&line, " ");
		name = line ? strchr(line, ' ') : NULL;
		if (name)
			add(w, kind, name + 1,
			    "the engine had none of that name before");
	}
}

/* Containers leave their ids in a folder of ours as they begin. */
static void
add_containers(struct ledger_view *w, const char *runtime)
{
	const char *folder =
	    talloc_asprintf(w->ctx, "%s/containers/%s", runtime, w->s->id);
	DIR *d = opendir(folder);
	struct dirent *one;
	char *id;

	while (d && (one = readdir(d)))
		if (*one->d_name != '.' &&
		    file_read(w->ctx, AT_FDCWD,
			      path_join(w->ctx, folder, one->d_name), ID_MAX,
			      &id, NULL, NULL) == 0) {
			id[strcspn(id, "\r\n")] = '\0';
			add(w, "container", id, "it left its id as it began");
		}
	if (d)
		closedir(d);
}

/* Pushes of the session that made a ref: "created URL REF". */
static void
add_pushed(struct ledger_view *w, const struct project_facts *f)
{
	char *all = talloc_strdup(w->ctx, f->text), *line;

	if (!strcmp(f->project, SESSION_CONTAINERS)) {
		add_noted(w, f);
		return;
	}

	while (all && (line = strsep(&all, "\n")))
		if (strncmp(line, "created ", 8) == 0)
			add(w, "ref", line + 8,
			    "a push of this session made it there");
}

/* Refs of the repository here that were not there at first sight. */
static void
add_refs(struct ledger_view *w, const struct project_facts *f,
	 const char *worktree)
{
	git_reference_iterator *it = NULL;
	git_repository *git = NULL;
	const char *name;

	if (facts_have(f, "more") || git_repository_open(&git, worktree) < 0)
		return;
	if (git_reference_iterator_new(&it, git) == 0)
		while (git_reference_next_name(&name, it) == 0)
			if ((strncmp(name, "refs/heads/", 11) == 0 ||
			     strncmp(name, "refs/tags/", 10) == 0) &&
			    !facts_have(
				f, talloc_asprintf(w->ctx, "ref %s", name)))
				add(w, "ref", name,
				    "it was not there at first sight");
	git_reference_iterator_free(it);
	git_repository_free(git);
}

static void
add_files(struct ledger_view *w, char *worktree)
{
	char *roots[] = {worktree, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	size_t shown = 0, looked = 0;
	FTSENT *one;

	while (fts && (one = fts_read(fts))) {
		if (one->fts_info == FTS_DP || one->fts_level == 0)
			continue;
		if (strcmp(one->fts_name, ".git") == 0) {
			fts_set(fts, one, FTS_SKIP);
			continue;
		}
		if (++looked > FILES_LOOKED || shown == FILES_SHOWN) {
			w->cut = "there are more files than are shown";
			break;
		}
		if (!session_made(w->s, one->fts_path))
			continue;
		shown++;
		add(w, "file", path_below(one->fts_path, worktree),
		    "born after the session began (statx)");
	}
	if (fts)
		fts_close(fts);
}

/* "4711 sleep" */
static const char *
process_name(void *ctx, const char *pid)
{
	char *comm;

	if (file_read(ctx, AT_FDCWD, talloc_asprintf(ctx, "/proc/%s/comm", pid),
		      64, &comm, NULL, NULL) != 0)
		return pid;
	comm[strcspn(comm, "\n")] = '\0';
	return talloc_asprintf(ctx, "%s %s", pid, comm);
}

static void
add_processes(struct ledger_view *w)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	int64_t pid;
	const char *id;

	while (proc && (d = readdir(proc))) {
		if (text_number(d->d_name, 2, INT32_MAX, &pid, NULL) < 0 ||
		    pid == getpid())
			continue;
		id = kin_session(w->ctx, (pid_t)pid);
		if (id && strcmp(id, w->s->id) == 0)
			add(w, "process", process_name(w->ctx, d->d_name),
			    "its environment, or that of a process above it, "
			    "names the session");
	}
	if (proc)
		closedir(proc);
}

static void
find_made(struct ledger_view *w, const char *project, const char *worktree)
{
	const struct project_facts *f;

	for (size_t i = 0; i < w->s->nprojects; i++)
		add_pushed(w, &w->s->projects[i]);
	f = project ? session_facts(w->s, project) : NULL;
	if (f && worktree) {
		add_refs(w, f, worktree);
		add_files(w, talloc_strdup(w->ctx, worktree));
	}
	add_processes(w);
}

static void
print_json(const struct ledger_view *w)
{
	cJSON *o = cJSON_CreateObject(), *list, *one;
	const struct session *s = w->s;
	char *text;

	cJSON_AddStringToObject(o, "session", s->id);
	cJSON_AddNumberToObject(o, "started",
				(double)(s->started_ns / 1000000000));
	cJSON_AddStringToObject(o, "dir", text_safe(w->ctx, s->start_dir));
	list = cJSON_AddArrayToObject(o, "words");
	for (size_t i = 0; i < s->nwords; i++) {
		one = cJSON_CreateObject();
		cJSON_AddNumberToObject(one, "time", (double)s->words[i].time);
		cJSON_AddStringToObject(one, "source", s->words[i].source);
		cJSON_AddStringToObject(one, "text",
					text_safe(w->ctx, s->words[i].text));
		cJSON_AddItemToArray(list, one);
	}
	list = cJSON_AddArrayToObject(o, "projects");
	for (size_t i = 0; i < s->nprojects; i++) {
		if (!strcmp(s->projects[i].project, SESSION_ENVIRON))
			continue;
		one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "project", s->projects[i].project);
		cJSON_AddStringToObject(one, "facts", s->projects[i].text);
		cJSON_AddItemToArray(list, one);
	}
	list = cJSON_AddArrayToObject(o, "made");
	for (size_t i = 0; i < w->n; i++) {
		one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "kind", w->v[i].kind);
		cJSON_AddStringToObject(one, "name", w->v[i].name);
		cJSON_AddStringToObject(one, "known", w->v[i].known);
		cJSON_AddItemToArray(list, one);
	}
	text = cJSON_PrintUnformatted(o);
	printf("%s\n", text);
	cJSON_free(text);
	cJSON_Delete(o);
}

static void
print_facts(struct ledger_view *w, const struct project_facts *f)
{
	char *all = talloc_strdup(w->ctx, f->text), *line;

	if (!*f->text || !strcmp(f->project, SESSION_CONTAINERS))
		return;
	if (strncmp(f->project, "profile ", 8) == 0)
		printf("met %s/.automode\n", text_safe(w->ctx, f->project + 8));
	else
		printf("at first sight of project %s\n",
		       text_safe(w->ctx, f->project));
	while (all && (line = strsep(&all, "\n")))
		if (*line && strncmp(line, "created ", 8) != 0 &&
		    strncmp(line, "profile ", 8) != 0)
			printf("  %s\n", text_safe(w->ctx, line));
}

static void
print_people(struct ledger_view *w)
{
	const struct session *s = w->s;

	printf("session %s, begun %s in %s\n", text_safe(w->ctx, s->id),
	       text_time(w->ctx, s->started_ns / 1000000000),
	       text_safe(w->ctx, s->start_dir));
	printf("the user said%s\n", s->nwords ? "" : " nothing yet");
	for (size_t i = 0; i < s->nwords; i++)
		printf("  %s %s: %s\n", text_time(w->ctx, s->words[i].time),
		       text_safe(w->ctx, s->words[i].source),
		       text_safe(w->ctx, s->words[i].text));
	for (size_t i = 0; i < s->nprojects; i++)
		if (strcmp(s->projects[i].project, SESSION_ENVIRON) != 0)
			print_facts(w, &s->projects[i]);
	printf("made by it%s\n", w->n ? "" : ": nothing that is known");
	for (size_t i = 0; i < w->n; i++)
		printf("  %-7s %s: %s\n", w->v[i].kind, w->v[i].name,
		       w->v[i].known);
	if (w->cut)
		printf("  %s\n", w->cut);
}

static const struct session *
find(const struct sessions *all, const char *id)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i]->id, id) == 0)
			return all->v[i];
	return NULL;
}

static int
run(void *ctx, int argc, char **argv)
{
	const char *id = getenv("AUTOMODE_SESSION"), *project, *worktree;
	struct ledger_view w = {.ctx = ctx};
	struct err e = {0}, ignored = {0};
	struct cli_places places;
	struct sessions all = {0};
	struct store *store;
	bool json = false;
	const struct cli_option options[] = {{"json", &json, NULL}};
	int r = cli_options(&cli_session, options, 1, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 1)
		return cli_usage(&cli_session, "session takes one id");
	if (argc == 1)
		id = argv[0];
	if (id == NULL || *id == '\0')
		return cli_usage(&cli_session, "session: which one?");
	if (cli_store(ctx, &store, &e) < 0 ||
	    store_sessions(ctx, store, &all, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	w.s = find(&all, id);
	if (!w.s)
		return cli_fail(1, "there is no session %s", id);
	git_libgit2_init();
	(void)cli_project(ctx, &project, &worktree, &ignored);
	find_made(&w, project, worktree);
	if (cli_places(ctx, &places, &ignored) == 0)
		add_containers(&w, places.runtime);
	if (json)
		print_json(&w);
	else
		print_people(&w);
	return 0;
}

const struct cli_command cli_session = {
    .name = "session",
    .usage = "[--json] [ID]",
    .what = "What is known of the session: words, first sight, what it made",
    .help = "Of AUTOMODE_SESSION where no id is given.  Refs and files are "
	    "those of the\nrepository around the current directory.\n\n"
	    "  --json  one object\n",
    .run = run,
};

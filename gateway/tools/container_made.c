/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this session made in an engine.  The id of each container that it runs
 * is left by the program itself in a folder of ours (--cidfile); volumes,
 * networks, images and projects are noted when they are to be made and the
 * engine has none of that name yet.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "invocation/program.h"
#include "tools/container.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <time.h>

#define ASK_MS 20000
#define ID_MAX 128
#define ID_MIN 12 /* of what the programs print */

bool
container_ask(struct container_call *k, const char *const *args, char **output,
	      int *status)
{
	struct file_call *c = k->c;
	struct spawn s = {.program = c->cmd->program,
			  .env = c->in->env,
			  .cwd = c->in->cwd,
			  .timeout_ms = ASK_MS};
	const char **argv;
	struct err e = {0};
	size_t n = 0;

	if (k->kind->alone && !strcmp(*args, "compose"))
		args++;
	else if (k->kind->alone &&
		 program_find(c->ctx, c->in, "docker", &s.program, &e) < 0)
		return false;
	while (args[n])
		n++;
	argv = talloc_array(c->ctx, const char *,
			    (unsigned)(1 + k->nbefore + n + 1));
	if (!argv)
		BUG("out of memory");
	argv[0] = k->kind->name;
	memcpy(argv + 1, k->before, k->nbefore * sizeof(*argv));
	memcpy(argv + 1 + k->nbefore, args, (n + 1) * sizeof(*argv));
	s.argv = argv;
	if (spawn_run(c->ctx, &s, &e) < 0)
		return false;
	*output = s.output ? s.output : file_text(c, "%s", "");
	*status = s.status;
	/* what has no engine can neither take away nor make anything */
	return s.status == 0 || !s.errors || strcasestr(s.errors, "no such") ||
	       strcasestr(s.errors, "not found") ||
	       strcasestr(s.errors, "no container") ||
	       strcasestr(s.errors, "not known") ||
	       strcasestr(s.errors, "annot connect to") ||
	       strcasestr(s.errors, "failed to connect");
}

static const char *
ids_folder(struct container_call *k)
{
	struct file_call *c = k->c;

	return c->t->origins ? file_text(c, "%s/containers/%s", c->t->origins,
					 c->in->session->id)
			     : NULL;
}

/* Is it the id of a container that left it with us? */
static bool
id_is_ours(struct container_call *k, const char *id)
{
	const char *folder = ids_folder(k);
	DIR *d = folder ? opendir(folder) : NULL;
	const struct dirent *one;
	bool found = false;
	char *text;

	while (d && !found && (one = readdir(d)))
		if (*one->d_name != '.' &&
		    file_read(k->c->ctx, AT_FDCWD,
			      path_join(k->c->ctx, folder, one->d_name), ID_MAX,
			      &text, NULL, NULL) == 0) {
			text[strcspn(text, "\r\n")] = '\0';
			found = *text && !strcmp(text, id);
		}
	if (d)
		closedir(d);
	return found;
}

static char *
made_line(struct container_call *k, const char *kind, const char *name)
{
	return file_text(k->c, "created %s %s %s\n", kind, k->engine, name);
}

bool
container_made(struct container_call *k, const char *kind, const char *name)
{
	const struct project_facts *f =
	    session_facts(k->c->in->session, SESSION_CONTAINERS);
	const char *line = made_line(k, kind, name), *at;

	for (at = f ? f->text : NULL; at && (at = strstr(at, line)); at++)
		if (at == f->text || at[-1] == '\n')
			return true;
	return false;
}

void
container_note(struct container_call *k, const char *kind, const char *name)
{
	struct command *cmd = k->c->cmd;

	if (!name || !*name || strpbrk(name, "\n"))
		return;
	cmd->makes = file_text(k->c, "%s%s", cmd->makes ? cmd->makes : "",
			       made_line(k, kind, name));
}

static enum container_state
look_container(struct container_call *k, const char *name)
{
	const char *const args[] = {"container", "inspect", "--format",
				    "{{.Id}}",	 name,	    NULL};
	char *id;
	int status;

	if (*name == '-' || !container_ask(k, args, &id, &status))
		return CONTAINER_OTHERS;
	if (status != 0)
		return CONTAINER_GONE;
	id[strcspn(id, "\r\n")] = '\0';
	return strlen(id) >= ID_MIN && id_is_ours(k, id) ? CONTAINER_OWN
							 : CONTAINER_OTHERS;
}

enum container_state
container_look(struct container_call *k, const char *kind, const char *name)
{
	const char *const args[] = {kind, "inspect", name, NULL};
	char *text;
	int status;

	if (!strcmp(kind, "container"))
		return look_container(k, name);
	if (*name == '-' || !container_ask(k, args, &text, &status))
		return CONTAINER_OTHERS;
	if (status != 0)
		return CONTAINER_GONE;
	return container_made(k, kind, name) ? CONTAINER_OWN : CONTAINER_OTHERS;
}

void
container_makes(struct container_call *k, const char *kind, const char *name)
{
	if (k->c->in->kind == REQUEST_CHECK || !name || !*name)
		return;
	if (container_look(k, kind, name) == CONTAINER_GONE)
		container_note(k, kind, name);
}

/* Behind the program's own flags, before the image. */
static void
insert(struct container_call *k, const char *word)
{
	struct file_call *c = k->c;
	size_t at = c->in->argc - k->line.noperands -
		    (k->line.dash != SIZE_MAX ? 1 : 0);
	const char **v =
	    talloc_array(c->ctx, const char *, (unsigned)c->in->argc + 2);

	if (!v)
		BUG("out of memory");
	memcpy(v, c->cmd->argv, at * sizeof(*v));
	v[at] = word;
	memcpy(v + at + 1, c->cmd->argv + at,
	       (c->in->argc - at + 1) * sizeof(*v));
	c->cmd->argv = v;
}

void
container_leaves_id(struct container_call *k)
{
	const char *folder = ids_folder(k);
	struct timespec now;

	if (!folder || k->c->in->kind == REQUEST_CHECK ||
	    cobra_given(&k->line, "cidfile") || !k->line.noperands ||
	    path_make_dirs(folder, 0700, NULL) < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	insert(k, file_text(k->c, "--cidfile=%s/%lld.%09ld.%ld", folder,
			    (long long)now.tv_sec, now.tv_nsec,
			    (long)k->c->in->pid));
}

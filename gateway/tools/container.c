/* SPDX-License-Identifier: Apache-2.0 */
/* docker, podman: from their words to effects. */
#include "tools/container.h"
#include "base/path.h"
#include "base/text.h"
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

struct effect *
container_effect(struct container_call *k, enum effect_kind kind,
		 const char *what, const char *name)
{
	struct effect *fx =
	    effects_add(k->c->fx, kind, SCOPE_OUTSIDE,
			name ? file_text(k->c, "%s %s", what, name) : what);

	fx->undo = UNDO_NO;
	return fx;
}

/* The engine runs on another machine. */
static const char *
far_engine(struct container_call *k)
{
	static const char *const variables[] = {"DOCKER_HOST",
						"CONTAINER_HOST"};
	const char *host = cobra_value(&k->line, "host");
	const char *const context[] = {"context", "inspect", "--format",
				       "{{.Endpoints.docker.Host}}", NULL};
	char *text;
	int status;

	if (!host)
		host = cobra_value(&k->line, "url");
	if (!host)
		host = invocation_env(k->c->in, variables[k->kind->podman]);
	if (!host && !k->kind->podman &&
	    (cobra_given(&k->line, "context") ||
	     invocation_env(k->c->in, "DOCKER_CONTEXT")) &&
	    container_ask(k, context, &text, &status) && status == 0) {
		text[strcspn(text, "\r\n")] = '\0';
		host = text;
	}
	if (!host && cobra_given(&k->line, "connection"))
		host = cobra_value(&k->line, "connection");
	if (!host || !*host || *host == '/' || !strncmp(host, "unix:", 5) ||
	    !strncmp(host, "npipe:", 6) || !strncmp(host, "fd:", 3))
		return NULL;
	return host;
}

static void
judge_engine(struct container_call *k)
{
	const char *host = far_engine(k), *at;
	struct effect *fx;

	if (!host)
		return;
	fx = container_effect(k, EFFECT_REMOTE_EXEC, host, NULL);
	at = strstr(host, "://");
	at = at ? at + 3 : host;
	at = strchr(at, '@') ? strchr(at, '@') + 1 : at;
	at = file_text(k->c, "%.*s", (int)strcspn(at, ":/"), at);
	fx->scope =
	    !strcmp(at, "localhost") || !strcmp(at, "127.0.0.1") ? SCOPE_LOCAL
	    : scope_host_trusted(k->c->t->rules, at, 2376)	 ? SCOPE_TRUSTED
							   : SCOPE_FOREIGN;
	fx->why = "its containers run on another machine";
}

static bool
is_data(const char *kind)
{
	return !strcmp(kind, "volume");
}

static void
judge_one(struct container_call *k, enum effect_kind effect, const char *kind,
	  const char *name)
{
	struct effect *fx;

	if (container_look(k, kind, name) != CONTAINER_OTHERS)
		return;
	fx = container_effect(k, effect, kind, name);
	fx->why = is_data(kind) ? "this session did not make it, and nothing "
				  "brings its data back"
				: "this session did not make it";
	fx->instead = "one of its own: what this session makes it may take "
		      "away";
}

/* Flags that mean more than the operands. */
static const char *
means_all(struct container_call *k)
{
	static const char *const flags[] = {"all", "latest", "filter",
					    "cidfile", "pod-id-file"};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (cobra_given(&k->line, flags[i]) &&
		    cobra_on(&k->line, flags[i]))
			return flags[i];
	return NULL;
}

static void
judge_operands(struct container_call *k, enum effect_kind effect)
{
	const char *kind = k->word->kind, *flag = means_all(k);

	if (flag)
		container_effect(k, effect, kind, file_text(k->c, "--%s", flag))
		    ->why = "it reaches what this session did not make";
	for (size_t i = 0; i < k->line.noperands; i++)
		judge_one(k, effect, kind, k->line.operands[i]);
}

/* Everything that a list names; true: all of it is the session's. */
static bool
all_ours(struct container_call *k, const char *kind, const char *const *list)
{
	char *text, *save = NULL;
	int status;

	if (!container_ask(k, list, &text, &status))
		return false;
	for (char *one = strtok_r(text, "\r\n", &save); one && status == 0;
	     one = strtok_r(NULL, "\r\n", &save))
		if (container_look(k, kind, one) == CONTAINER_OTHERS)
			return false;
	return true;
}

static void
judge_prune(struct container_call *k)
{
	static const char *const containers[] = {"ps",
						 "-aq",
						 "--no-trunc",
						 "--filter",
						 "status=exited",
						 "--filter",
						 "status=created",
						 NULL};
	static const char *const volumes[] = {
	    "volume", "ls", "-q", "--filter", "dangling=true", NULL};
	static const char *const images[] = {"images", "-q", "--filter",
					     "dangling=true", NULL};
	static const char *const every_image[] = {"images", "-q", NULL};
	static const char *const networks[] = {
	    "network",	"ls",	       "--format", "{{.Name}}",
	    "--filter", "type=custom", NULL};
	const char *kind = k->word->kind;
	bool engine = !strcmp(kind, "engine");
	struct {
		const char *kind;
		const char *const *list;
		bool on;
	} v[] = {
	    {"container", containers, engine || !strcmp(kind, "container")},
	    {"volume", volumes,
	     !strcmp(kind, "volume") ||
		 (engine && cobra_on(&k->line, "volumes"))},
	    {"image", cobra_on(&k->line, "all") ? every_image : images,
	     engine || !strcmp(kind, "image")},
	    {"network", networks, engine || !strcmp(kind, "network")},
	    {"pod", containers, !strcmp(kind, "pod")}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		struct effect *fx;

		if (!v[i].on || all_ours(k, v[i].kind, v[i].list))
			continue;
		fx = container_effect(k, EFFECT_RESOURCE_DELETE,
				      file_text(k->c, "unused %ss", v[i].kind),
				      NULL);
		fx->why = "there are some that this session did not make";
		fx->instead =
		    file_text(k->c, "%s %s rm NAME", k->kind->name, v[i].kind);
	}
}

static void
judge_push(struct container_call *k)
{
	const char *image = k->line.noperands
				? k->line.operands[k->line.noperands - 1]
				: k->word->kind;
	size_t n = strcspn(image, "/");
	struct effect *fx;

	if (image[n] && ((n == 9 && !strncmp(image, "localhost", 9)) ||
			 !strncmp(image, "localhost:", 10) ||
			 !strncmp(image, "127.0.0.1:", 10)))
		return;
	fx = container_effect(k, EFFECT_PUBLISH, "image", image);
	fx->scope = SCOPE_FOREIGN;
	fx->why = "others get it from the registry";
}

/* Where cp puts it here; NULL: into a container, or to stdout. */
static const char *
copied_to(struct container_call *k)
{
	const char *from = cobra_operand(&k->line, 0);
	const char *to = cobra_operand(&k->line, 1), *colon;
	struct stat st;

	if (!from || !to || !strcmp(to, "-"))
		return NULL;
	colon = strchr(to, ':');
	if (colon && *to != '/' && *to != '.')
		return NULL;
	colon = strchr(from, ':');
	if (!colon)
		return to;
	if (stat(path_join(k->c->ctx, k->c->in->cwd, to), &st) == 0 &&
	    S_ISDIR(st.st_mode))
		to = file_text(k->c, "%s/%s", to, path_base(colon + 1));
	return to;
}

static void
judge_copy(struct container_call *k)
{
	const char *to = copied_to(k), *from = cobra_operand(&k->line, 0);
	struct operand o;

	if (from && strcmp(from, "-") != 0 &&
	    (*from == '/' || *from == '.' || !strchr(from, ':')))
		file_read_from(k->c, from);
	if (!to)
		return;
	operand_look(&k->c->os, to, &o);
	if (o.folder)
		file_effect(
		    k->c, EFFECT_FILE_OVERWRITE,
		    scope_of_path(k->c->in, k->c->t->rules, NULL, o.target),
		    o.target, "files in it may be replaced, and are not kept")
		    ->instead = "another folder, that is not there yet";
	else
		file_write_to(k->c, to);
}

static void
judge_change(struct container_call *k)
{
	const char *name = cobra_operand(&k->line, 0);
	struct effect *fx =
	    container_effect(k, EFFECT_RESOURCE_CHANGE, k->word->kind,
			     name ? name : k->word->c.path);

	fx->why = "it is shared with whatever else runs there";
}

static void
judge_run(struct container_call *k)
{
	const char *name = cobra_value(&k->line, "name");

	container_judge_access(k);
	if (cobra_on(&k->line, "replace") && name)
		judge_one(k, EFFECT_RESOURCE_DELETE, "container", name);
	container_leaves_id(k);
}

/* The names of what is made: by an operand, or -t. */
static void
makes(struct container_call *k)
{
	const char *path = k->word->c.path, *kind = k->word->kind, *tag;
	size_t n = k->line.noperands;
	bool last = strstr(path, "tag") || strstr(path, "commit") ||
		    strstr(path, "import");

	for (size_t i = 0; (tag = cobra_nth(&k->line, "tag", i)); i++)
		container_makes(k, "image", tag);
	if (k->word->cls == CONTAINER_MAKE && n && !strstr(path, "load"))
		container_makes(k, kind, k->line.operands[last ? n - 1 : 0]);
	if (!strcmp(kind, "pod"))
		container_makes(k, kind, cobra_value(&k->line, "name"));
}

static int
judge_word(struct container_call *k, struct err *e)
{
	const char *out = cobra_value(&k->line, "output"), *where;

	switch (k->word->cls) {
	case CONTAINER_RUN:
		judge_run(k);
		break;
	case CONTAINER_BUILD:
		container_judge_build(k);
		makes(k);
		break;
	case CONTAINER_MAKE:
		makes(k);
		break;
	case CONTAINER_STOP:
		judge_operands(k, EFFECT_SERVICE_CHANGE);
		break;
	case CONTAINER_REMOVE:
		judge_operands(k, EFFECT_RESOURCE_DELETE);
		break;
	case CONTAINER_PRUNE:
		judge_prune(k);
		break;
	case CONTAINER_CLIENT:
		where = cobra_operand(&k->line, 0);
		if (where)
			return container_judge_client(k, where, e);
		break;
	case CONTAINER_COPY:
		judge_copy(k);
		break;
	case CONTAINER_OUT:
		if (out)
			file_write_to(k->c, out);
		break;
	case CONTAINER_PUSH:
		judge_push(k);
		break;
	case CONTAINER_LOGIN:
		container_effect(k, EFFECT_SECRET_WRITE, "credential of",
				 cobra_operand(&k->line, 0)
				     ? cobra_operand(&k->line, 0)
				     : "the registry")
		    ->why = "it is for the person to do";
		break;
	case CONTAINER_CHANGE:
		judge_change(k);
		break;
	case COMPOSE_UP:
	case COMPOSE_ONE_OFF:
	case COMPOSE_CLIENT:
	case COMPOSE_HALT:
	case COMPOSE_DOWN:
		return container_judge_project(k, e);
	case CONTAINER_READ:
	case CONTAINER_GROUP:
	case CONTAINER_CLASSES:
		break;
	}
	return 0;
}

/* A word for the engine that the line means. */
static void
name_engine(struct container_call *k)
{
	const char *host = invocation_env(
	    k->c->in, k->kind->podman ? "CONTAINER_HOST" : "DOCKER_HOST");
	char *name = file_text(k->c, "%s@%s", k->kind->name, host ? host : "");

	for (size_t i = 0; i < k->nbefore; i++)
		name = file_text(k->c, "%s,%s", name, k->before[i]);
	for (char *p = name; *p; p++)
		if (*p == ' ' || *p == '\n')
			*p = ',';
	k->engine = name;
}

/* Not one of the table: a program of others, beside it. */
static void
judge_unknown(struct container_call *k)
{
	const char *word = cobra_operand(&k->line, 0);
	struct effect *fx;

	if (!word || !strcmp(word, "help"))
		return;
	fx = container_effect(k, EFFECT_EXEC_UNKNOWN,
			      file_text(k->c, "%s %s%s%s", k->kind->name,
					k->word->c.path,
					*k->word->c.path ? " " : "", word),
			      NULL);
	fx->why = "automode does not know this command";
}

static int
understand_line(struct container_call *k, struct err *e)
{
	struct file_call *c = k->c;
	int rc = cobra_read(c->ctx, k->kind->words, k->kind->nwords,
			    sizeof(*k->kind->words), k->argv, &k->line, e);

	k->word = (const struct container_word *)(const void *)k->line.cmd;
	/* a flag that makes of reading something else there is not */
	if (rc == ERR_UNKNOWN && k->word->cls == CONTAINER_READ &&
	    *k->word->c.path)
		rc = 0;
	if (rc < 0 || k->line.help)
		return rc;
	k->before = k->argv;
	k->nbefore = k->line.first;
	name_engine(k);
	if (k->word->cls == CONTAINER_GROUP) {
		judge_unknown(k);
		return 0;
	}
	if (k->word->cls == CONTAINER_READ)
		return 0;
	judge_engine(k);
	return judge_word(k, e);
}

/* "docker-compose up": "compose up". */
static const char *const *
compose_words(struct file_call *c)
{
	const char **v =
	    talloc_array(c->ctx, const char *, (unsigned)c->in->argc + 1);

	if (!v)
		BUG("out of memory");
	memcpy(v, c->in->argv, (c->in->argc + 1) * sizeof(*v));
	v[0] = "compose";
	return v;
}

static int
mean(struct file_call *c, struct err *e)
{
	bool podman = !strcmp(c->in->tool, "podman");
	struct container_program kind = {
	    .name = podman ? "podman" : "docker",
	    .words = podman ? podman_words : docker_words,
	    .nwords = podman ? podman_nwords : docker_nwords,
	    .podman = podman,
	    .alone = !strcmp(c->in->tool, "docker-compose")};
	struct container_call k = {.c = c, .kind = &kind};
	int rc;

	k.argv = kind.alone ? compose_words(c) : c->in->argv + 1;
	rc = understand_line(&k, e);
	if (rc < 0)
		return rc;
	file_hand_over_kept(c);
	c->cmd->unseen = !c->fx->n && !c->cmd->makes && !c->cmd->hand_stdin &&
			 k.word->cls != CONTAINER_RUN;
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"docker", "docker-compose", "podman", NULL};

const struct tool tool_container = {
    .name = "container",
    .names = names,
    .understand = understand,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker compose: a project is known by the folder and the files that name it.
 * It is the session's when there was no container of it before the session
 * brought it up; its volumes are, when there was none of those either.
 */
#include "base/path.h"
#include "tools/container.h"
#include <cjson/cJSON.h>
#include <string.h>
#include <talloc.h>

struct project {
	struct container_call *k;
	const char **flags; /* those that say which project it is */
	size_t nflags;
	const char *key, *name;
};

static void
find_project(struct project *p, struct container_call *k)
{
	static const char *const which[] = {
	    "file", "project-name", "project-directory", "env-file", "profile"};
	static const char *const variables[] = {"COMPOSE_PROJECT_NAME",
						"COMPOSE_FILE"};
	const struct cobra_line *l = &k->line;
	char *key = file_text(k->c, "%s", k->c->in->cwd);
	const char *v;

	*p = (struct project){.k = k, .name = path_base(k->c->in->cwd)};
	p->flags = talloc_array(k->c->ctx, const char *, (unsigned)l->n + 2);
	if (!p->flags)
		BUG("out of memory");
	p->flags[p->nflags++] = "compose";
	for (size_t i = 0; i < l->n; i++)
		for (size_t n = 0; n < sizeof(which) / sizeof(*which); n++) {
			if (strcmp(l->v[i].name, which[n]) != 0)
				continue;
			p->flags[p->nflags] = file_text(
			    k->c, "--%s=%s", l->v[i].name, l->v[i].value);
			key = file_text(k->c, "%s %s", key,
					p->flags[p->nflags++]);
		}
	for (size_t i = 0; i < 2; i++)
		if ((v = invocation_env(k->c->in, variables[i])))
			key = file_text(k->c, "%s %s", key, v);
	if ((v = cobra_value(l, "project-name")))
		p->name = v;
	p->key = key;
}

static bool
ask(struct project *p, const char *const *args, char **text)
{
	const char *v[40];
	size_t n = 0;
	int status;

	for (; n < p->nflags && n < 30; n++)
		v[n] = p->flags[n];
	while (*args)
		v[n++] = *args++;
	v[n] = NULL;
	return container_ask(p->k, v, text, &status) && status == 0;
}

static bool
has_containers(struct project *p)
{
	static const char *const args[] = {"ps", "-aq", NULL};
	char *text;

	return !ask(p, args, &text) || text[strspn(text, " \r\n")];
}

/* Volumes that its files declare, as the engine names them. */
static bool
has_volumes(struct project *p)
{
	static const char *const args[] = {"config", "--format", "json", NULL};
	char *text;
	cJSON *all;
	const cJSON *one;
	bool found = false;

	if (!ask(p, args, &text))
		return true;
	all = cJSON_Parse(text);
	if (!all)
		return true;
	cJSON_ArrayForEach(one,
			   cJSON_GetObjectItemCaseSensitive(all, "volumes"))
	{
		const char *name = cJSON_GetStringValue(
		    cJSON_GetObjectItemCaseSensitive(one, "name"));

		found |= !name ||
			 container_look(p->k, "volume", name) != CONTAINER_GONE;
	}
	cJSON_Delete(all);
	return found;
}

static void
goes_up(struct project *p)
{
	struct container_call *k = p->k;
	bool ours = container_made(k, "project", p->key);

	if (!ours && cobra_on(&k->line, "renew-anon-volumes"))
		container_effect(k, EFFECT_RESOURCE_DELETE, "volume",
				 file_text(k->c, "of the project %s", p->name));
	if (ours || k->c->in->kind == REQUEST_CHECK || has_containers(p))
		return;
	container_note(k, "project", p->key);
	if (!has_volumes(p))
		container_note(k, "volumes", p->key);
}

static struct effect *
others(struct project *p, enum effect_kind kind, const char *what)
{
	const char *service = cobra_operand(&p->k->line, 0);
	struct effect *fx = container_effect(
	    p->k, kind, what,
	    service ? file_text(p->k->c, "%s", service) : p->name);

	fx->why = "this session did not bring it up";
	fx->instead = file_text(p->k->c,
				"%s compose -p NAME up, for a project of its "
				"own",
				p->k->kind->name);
	return fx;
}

static void
goes_down(struct project *p)
{
	struct container_call *k = p->k;
	bool volumes = cobra_on(&k->line, "volumes");
	const char *images = cobra_value(&k->line, "rmi");

	if (!container_made(k, "project", p->key) && has_containers(p))
		others(p, EFFECT_RESOURCE_DELETE, "containers of");
	if (volumes && !container_made(k, "volumes", p->key) && has_volumes(p))
		others(p, EFFECT_RESOURCE_DELETE, "volumes of")->why =
		    "nothing brings their data back";
	if (images && !strcmp(images, "all"))
		others(p, EFFECT_RESOURCE_DELETE, "images of");
}

int
container_judge_project(struct container_call *k, struct err *e)
{
	const char *service = cobra_operand(&k->line, 0);
	struct project p;

	find_project(&p, k);
	switch (k->word->cls) {
	case COMPOSE_UP:
		goes_up(&p);
		break;
	case COMPOSE_ONE_OFF:
		container_judge_access(k);
		break;
	case COMPOSE_CLIENT:
		if (service && !container_made(k, "project", p.key))
			return container_judge_client(k, service, e);
		break;
	case COMPOSE_HALT:
		if (!container_made(k, "project", p.key) && has_containers(&p))
			others(&p, EFFECT_SERVICE_CHANGE, "container");
		break;
	default:
		goes_down(&p);
		break;
	}
	return 0;
}

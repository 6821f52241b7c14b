/* SPDX-License-Identifier: Apache-2.0 */
/* One key of a profile and its value -> what they set in the policy. */
#include "base/path.h"
#include "base/text.h"
#include "policy/keys.h"
#include "policy/load_work.h"
#include <ctype.h>
#include <fnmatch.h>
#include <git2.h>
#include <strings.h>
#include <talloc.h>

static const char *const word_names[] = {"unset", "allow", "undoable", "ask",
					 "deny"};

const char *
word_name(enum word w)
{
	return word_names[w];
}

static enum word
word_by_name(const char *s)
{
	for (enum word w = WORD_ALLOW; w <= WORD_DENY; w++)
		if (strcasecmp(s, word_names[w]) == 0)
			return w;
	return WORD_UNSET;
}

/* May this layer not set that key?  The system's own file says which. */
static bool
is_locked(const struct reading *rd, const char *key)
{
	if (rd->layer <= LAYER_SYSTEM)
		return false;
	for (size_t i = 0; i < rd->p->nlocks; i++)
		if (fnmatch(rd->p->locks[i], key, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static int
refuse_locked(struct reading *rd, const struct policy_name *n, const char *key)
{
	return policy_complain(rd, n, "%s is locked by %s",
			       text_safe(rd->p, key), SYSTEM_POLICY);
}

/* What is locked may still be tightened. */
static int
set_word(struct reading *rd, const struct policy_name *n, enum effect_kind kind,
	 enum scope scope, enum word w)
{
	const char *key;
	struct word_origin *o = &rd->p->words[kind][scope];

	if (rd->layer == LAYER_REPOSITORY && w <= o->word &&
	    (!rd->trusted || w == o->word)) {
		rd->p->repository_untrusted |= w < o->word;
		return 0;
	}
	key = talloc_asprintf(rd->p, "effect.%s.%s", effect_name(kind),
			      scope_name(scope));
	if (w < o->word && is_locked(rd, key))
		return refuse_locked(rd, n, key);
	o->word = w;
	o->layer = rd->layer;
	o->file = rd->file;
	return 0;
}

static int
read_word(struct reading *rd, const struct policy_name *n, const char *value)
{
	enum effect_kind kind = effect_by_name(n->sub);
	enum word w = word_by_name(value);

	if (w == WORD_UNSET)
		return policy_complain(rd, n,
				       "effect.%s.%s: \"%s\" is none of allow, "
				       "undoable, ask, deny",
				       n->sub, n->variable,
				       text_safe(rd->p, value));
	if (strcasecmp(n->variable, "any") != 0)
		return set_word(rd, n, kind, scope_by_name(n->variable), w);
	for (int s = SCOPE_UNKNOWN; s < SCOPE_COUNT; s++)
		if (set_word(rd, n, kind, (enum scope)s, w) < 0)
			return ERR_SYNTAX;
	return 0;
}

void
policy_add_text(struct policy *p, const char ***list, size_t *n,
		const char *value)
{
	*list = talloc_realloc(p, *list, const char *, *n + 1);
	if (!*list)
		BUG("out of memory");
	(*list)[(*n)++] = talloc_strdup(p, value);
}

static void
add_secret(struct policy *p, const struct policy_name *n, const char *value)
{
	struct scope_rules *r = &p->rules;
	struct scope_secret *s;

	r->secrets =
	    talloc_realloc(p, r->secrets, struct scope_secret, r->nsecrets + 1);
	if (!r->secrets)
		BUG("out of memory");
	s = &r->secrets[r->nsecrets++];
	*s = (struct scope_secret){.name = talloc_strdup(p, n->sub)};
	if (strcasecmp(n->variable, "env") == 0)
		s->env = talloc_strdup(p, value);
	else
		s->host = talloc_strdup(p, value);
}

static int
check_choice(struct reading *rd, const struct policy_name *n,
	     const struct policy_key *k, const char *value)
{
	size_t len = strlen(value);

	for (const char *c = k->choices; *c;) {
		size_t w = strcspn(c, " ");

		if (w == len && strncmp(c, value, w) == 0)
			return 0;
		c += w;
		c += *c == ' ';
	}
	return policy_complain(rd, n, "%s.%s: \"%s\" is none of %s", n->section,
			       n->variable, text_safe(rd->p, value),
			       k->choices);
}

static int
read_bool(struct reading *rd, const struct policy_name *n, const char *value,
	  bool *out)
{
	int v;

	if (git_config_parse_bool(&v, value) < 0)
		return policy_complain(
		    rd, n, "%s.%s: \"%s\" is neither true nor false",
		    n->section, n->variable, text_safe(rd->p, value));
	*out = v;
	return 0;
}

static int
read_root(struct reading *rd, const struct policy_name *n, const char *value)
{
	const char *path = value;

	if (strncmp(value, "~/", 2) == 0 && rd->home)
		path = path_join(rd->p, rd->home, value + 2);
	if (*path != '/')
		return policy_complain(rd, n,
				       "workspace.root: \"%s\" is not absolute",
				       text_safe(rd->p, value));
	policy_add_text(rd->p, &rd->p->rules.roots, &rd->p->rules.nroots,
			path_resolve(rd->p, "/", path));
	return 0;
}

static int
read_lock(struct reading *rd, const struct policy_name *n, const char *value)
{
	if (rd->layer > LAYER_SYSTEM)
		return policy_complain(rd, n, "lock.key may only stand in %s",
				       SYSTEM_POLICY);
	policy_add_text(rd->p, &rd->p->locks, &rd->p->nlocks, value);
	return 0;
}

static void
remember(struct reading *rd, const char *key, const char *value)
{
	struct policy *p = rd->p;
	struct policy_value *v;

	p->values =
	    talloc_realloc(p, p->values, struct policy_value, p->nvalues + 1);
	if (!p->values)
		BUG("out of memory");
	v = &p->values[p->nvalues++];
	v->key = talloc_strdup(p, key);
	v->value = talloc_strdup(p, value);
	v->layer = rd->layer;
	v->file = rd->file;
}

static void
set_approval(struct reading *rd, const struct policy_name *n, const char *value,
	     int64_t number)
{
	struct policy *p = rd->p;

	if (strcasecmp(n->variable, "wait") == 0)
		p->approval_wait_s = number;
	else if (strcasecmp(n->variable, "expires") == 0)
		p->approval_expires_s = number;
	else if (strcasecmp(n->variable, "notify") == 0)
		p->approval_notify = talloc_strdup(p, value);
	else if (strcasecmp(n->variable, "headless") == 0)
		p->approval_headless = number != 0;
	else if (strcasecmp(n->variable, "row") == 0)
		p->breaker_row = (uint32_t)number;
	else
		p->breaker_total = (uint32_t)number;
}

/* A repository's own file may narrow what is there, and say that a host is one
 * of production; it opens none. */
static void
read_database(struct reading *rd, const struct policy_name *n,
	      const char *value)
{
	struct scope_rules *r = &rd->p->rules;
	struct database_rule *d = NULL;
	enum database_access access =
	    strcasecmp(value, "none") == 0	   ? DATABASE_NONE
	    : strcasecmp(value, "read-write") == 0 ? DATABASE_READ_WRITE
						   : DATABASE_READ_ONLY;

	for (size_t i = 0; i < r->ndatabases; i++)
		if (!strcmp(r->databases[i].name, n->sub))
			d = &r->databases[i];
	if (!d) {
		r->databases =
		    talloc_realloc(rd->p, r->databases, struct database_rule,
				   (unsigned)r->ndatabases + 1);
		if (!r->databases)
			BUG("out of memory");
		d = &r->databases[r->ndatabases++];
		*d = (struct database_rule){.name =
						talloc_strdup(rd->p, n->sub)};
	}
	if (strcasecmp(n->variable, "host") == 0)
		policy_add_text(rd->p, &d->hosts, &d->nhosts, value);
	else if (strcasecmp(n->variable, "sensitive") == 0)
		policy_add_text(rd->p, &d->sensitive, &d->nsensitive, value);
	else if (rd->layer != LAYER_REPOSITORY ||
		 (access != DATABASE_READ_WRITE &&
		  (!d->access || access < d->access)))
		d->access = access;
}

static void
set_classifier(struct reading *rd, const struct policy_name *n,
	       const char *value, int64_t number)
{
	struct classifier_keys *c = &rd->p->classifier;
	const struct {
		const char *name, **to;
	} texts[] = {
	    {"url", &c->url},	       {"model", &c->model},
	    {"api", &c->api},	       {"keyEnv", &c->key_env},
	    {"keyFile", &c->key_file}, {"keyCommand", &c->key_command}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcasecmp(n->variable, texts[i].name) == 0)
			*texts[i].to =
			    strncmp(value, "~/", 2) == 0 && rd->home
				? path_join(rd->p, rd->home, value + 2)
				: talloc_strdup(rd->p, value);
	if (strcasecmp(n->variable, "budget") == 0)
		c->budget = (uint32_t)number;
	else if (strcasecmp(n->variable, "environment") == 0)
		policy_add_text(rd->p, &c->environment, &c->nenvironment,
				value);
	else if (strcasecmp(n->variable, "block") == 0)
		policy_add_text(rd->p, &c->block, &c->nblock, value);
	else if (strcasecmp(n->variable, "allow") == 0)
		policy_add_text(rd->p, &c->allow, &c->nallow, value);
}

static int
read_known(struct reading *rd, const struct policy_key *k,
	   const struct policy_name *n, const char *key, const char *value)
{
	struct scope_rules *r = &rd->p->rules;
	int64_t number = 0;
	bool on = false;

	if (rd->layer == LAYER_REPOSITORY && k->power == POWER_OWNER)
		return policy_complain(
		    rd, n, "%s.%s may only stand in %s or ~/%s", n->section,
		    n->variable, SYSTEM_POLICY, USER_POLICY);
	if (k->type == TYPE_WORD)
		return read_word(rd, n, value);
	if (k->type == TYPE_CHOICE && check_choice(rd, n, k, value) < 0)
		return ERR_SYNTAX;
	if (k->type == TYPE_BOOL && read_bool(rd, n, value, &on) < 0)
		return ERR_SYNTAX;
	if (k->type == TYPE_DURATION &&
	    text_duration(value, &number, rd->e) < 0)
		return policy_complain(rd, n,
				       "%s.%s = %s is no duration (90s, 5m)",
				       n->section, n->variable, value);
	if (k->type == TYPE_NUMBER &&
	    text_number(value, 1, 1000000, &number, rd->e) < 0)
		return policy_complain(rd, n, "%s.%s = %s is no number",
				       n->section, n->variable, value);
	if (rd->layer == LAYER_REPOSITORY && k->power == POWER_LOOSENS &&
	    !rd->trusted) {
		rd->p->repository_untrusted = true;
		return 0;
	}
	if (k->power != POWER_TIGHTENS && is_locked(rd, key))
		return refuse_locked(rd, n, key);
	remember(rd, key, value);
	if (strcasecmp(n->section, "lock") == 0)
		return read_lock(rd, n, value);
	if (strcasecmp(n->section, "protect") == 0) {
		if (strcasecmp(n->variable, "branch") == 0)
			policy_add_text(rd->p, &r->protected_branches,
					&r->nprotected_branches, value);
		else
			policy_add_text(rd->p, &r->protected_paths,
					&r->nprotected_paths, value);
	} else if (strcasecmp(n->section, "workspace") == 0) {
		return read_root(rd, n, value);
	} else if (strcasecmp(n->section, "sandbox") == 0) {
		rd->p->sandbox_required = on;
	} else if (strcasecmp(n->section, "hooks") == 0) {
		rd->p->hooks_network = on;
	} else if (strcasecmp(n->section, "database") == 0) {
		read_database(rd, n, value);
	} else if (strcasecmp(n->section, "network") == 0) {
		policy_add_text(rd->p, &r->trusted_hosts, &r->ntrusted_hosts,
				value);
	} else if (strcasecmp(n->section, "secret") == 0) {
		add_secret(rd->p, n, value);
	} else if (strcasecmp(n->section, "approval") == 0 ||
		   strcasecmp(n->section, "breaker") == 0) {
		set_approval(rd, n, value, on ? 1 : number);
	} else if (strcasecmp(n->section, "classifier") == 0) {
		set_classifier(rd, n, value, number);
	}
	return 0;
}

int
policy_read_entry(const git_config_entry *entry, void *data)
{
	struct reading *rd = data;
	struct policy_name n;
	const struct policy_key *k;
	const char *near;

	if (policy_name_split(rd->p, entry->name, &n) < 0)
		return err_set(rd->e, ERR_SYNTAX, "%s: \"%s\" is no key",
			       rd->file, text_safe(rd->p, entry->name));
	k = policy_key_find(&n);
	if (!k) {
		near = policy_key_nearest(rd->p, &n);
		return policy_complain(
		    rd, &n, "unknown key %s%s%s", text_safe(rd->p, entry->name),
		    near ? "; the nearest is " : "", near ? near : "");
	}
	if (!entry->value)
		return policy_complain(rd, &n, "%s has no value",
				       text_safe(rd->p, entry->name));
	return read_known(rd, k, &n, entry->name, entry->value);
}

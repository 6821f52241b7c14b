/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose database it is: what a profile says, then the names, then where the
 * server is.  Only a server of this machine can be one for development.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/db.h"
#include "tools/db_tunnel.h"
#include "tools/host_table.h"
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* A whole segment of a name: app_prod, db.prod.example, prod-2, never
 * "product" or "reproduce". */
static bool
says_production(const char *name)
{
	static const char *const words[] = {"prod", "production", "prd",
					    "live"};

	while (name && *name) {
		size_t n = 0, digits;

		while (isalnum((unsigned char)name[n]))
			n++;
		for (digits = n;
		     digits && isdigit((unsigned char)name[digits - 1]);)
			digits--;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strlen(words[i]) == digits &&
			    !strncasecmp(name, words[i], digits))
				return true;
		name += n ? n : 1;
	}
	return false;
}

static bool
is_managed(const char *host)
{
	static const char *const globs[] = {"*.rds.amazonaws.com",
					    "*.rds.amazonaws.com.cn",
					    "*.dsql.*.on.aws",
					    "*.redshift.amazonaws.com",
					    "*.redshift-serverless.*",
					    "/cloudsql/*",
					    "*.database.azure.com",
					    "*.database.windows.net",
					    "*.neon.tech",
					    "*.supabase.co",
					    "*.supabase.com",
					    "*.connect.psdb.cloud",
					    "*.cockroachlabs.cloud",
					    "*.timescale.com",
					    "*.aivencloud.com",
					    "*.db.ondigitalocean.com",
					    "*.render.com",
					    "*.rlwy.net",
					    "*.railway.internal",
					    "*.flycast",
					    "*.tidbcloud.com",
					    "*.postgresbridge.com",
					    "db.prisma.io",
					    "*.prisma-data.net",
					    "*.vercel-storage.com",
					    "*.cache.amazonaws.com",
					    "*.memorydb.*.amazonaws.com",
					    "*.docdb.amazonaws.com",
					    "*.redis.cache.windows.net",
					    "*.mongo.cosmos.azure.com",
					    "*.upstash.io",
					    "*.redis-cloud.com",
					    "*.redislabs.com",
					    "*.mongodb.net",
					    "*.compute*.amazonaws.com"};

	for (size_t i = 0; i < sizeof(globs) / sizeof(*globs); i++)
		if (fnmatch(globs[i], host, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static bool
is_here(const char *host)
{
	size_t n = strlen(host);

	if (!*host || *host == '@')
		return true;
	if (*host == '/')
		return strncmp(host, "/cloudsql/", 10) != 0;
	return !strcasecmp(host, "localhost") || !strncmp(host, "127.", 4) ||
	       !strcmp(host, "::1") || !strcmp(host, "ip6-localhost") ||
	       (n > 10 && !strcasecmp(host + n - 10, ".localhost"));
}

static const struct database_rule *
rule_for(struct file_call *c, const char *host, const char *port)
{
	const struct scope_rules *r = c->t->rules;
	char *with = file_text(c, "%s:%s", host, port);

	for (size_t i = 0; r && i < r->ndatabases; i++)
		for (size_t k = 0; k < r->databases[i].nhosts; k++) {
			const char *glob = r->databases[i].hosts[k];

			if (fnmatch(glob, strchr(glob, ':') ? with : host,
				    FNM_CASEFOLD) == 0)
				return &r->databases[i];
		}
	return NULL;
}

/* Of each entry that is for this server, or for none in particular. */
static void
sensitive_for(struct file_call *c, struct db_target *t, const char *host,
	      const char *hostaddr, const char *port)
{
	const struct scope_rules *r = c->t->rules;
	const char *names[] = {host, hostaddr,
			       file_text(c, "%s:%s", host, port),
			       file_text(c, "%s:%s", hostaddr, port)};

	for (size_t i = 0; r && i < r->ndatabases; i++) {
		const struct database_rule *d = &r->databases[i];
		bool is = !d->nhosts;

		for (size_t k = 0; k < d->nhosts * 4 && !is; k++)
			is = *names[k % 4] &&
			     fnmatch(d->hosts[k / 4], names[k % 4],
				     FNM_CASEFOLD) == 0;
		if (is)
			db_sensitive_add(t, d, c->ctx);
	}
}

/* The n-th of a list with commas; the last one stands for all that follow. */
static char *
nth(struct file_call *c, const char *list, size_t n)
{
	if (!list)
		return file_text(c, "%s", "");
	for (; n && strchr(list, ','); n--)
		list = strchr(list, ',') + 1;
	return talloc_strndup(c->ctx, list, strcspn(list, ","));
}

static void
worse(struct db_target *t, enum scope scope, const char *why)
{
	static const unsigned char order[SCOPE_COUNT] = {[SCOPE_LOCAL] = 1,
							 [SCOPE_WORKSPACE] = 2,
							 [SCOPE_FOREIGN] = 3,
							 [SCOPE_PRODUCTION] = 4,
							 [SCOPE_PROTECTED] = 5};

	if (order[scope] <= order[t->scope])
		return;
	t->scope = scope;
	t->why = why;
}

static void
profile_says(struct file_call *c, struct db_target *t,
	     const struct database_rule *rule)
{
	bool none = rule->access == DATABASE_NONE;

	worse(t, none ? SCOPE_PROTECTED : SCOPE_PRODUCTION,
	      file_text(c, "[database \"%s\"] access = %s",
			text_safe(c->ctx, rule->name),
			none ? "none" : "read-only"));
}

static void
one_server(struct file_call *c, struct db_target *t, const char *host,
	   const char *hostaddr, const char *port)
{
	const char *connects = *hostaddr ? hostaddr : host, *tunnel, *other;
	const struct database_rule *rule;

	if (!*port)
		port = t->fallback_port ? t->fallback_port : "5432";
	sensitive_for(c, t, host, hostaddr, port);
	rule = rule_for(c, *host ? host : connects, port);
	if (!rule && *hostaddr)
		rule = rule_for(c, hostaddr, port);
	if (rule && rule->access == DATABASE_READ_WRITE) {
		worse(t, SCOPE_WORKSPACE, NULL);
		return;
	}
	if (rule && rule->access == DATABASE_READ_ONLY)
		t->read_only =
		    file_text(c, "[database \"%s\"] access = read-only",
			      text_safe(c->ctx, rule->name));
	if (rule) {
		profile_says(c, t, rule);
		return;
	}
	if (says_production(host))
		worse(t, SCOPE_PRODUCTION,
		      file_text(c, "the host %s is named so",
				text_safe(c->ctx, host)));
	else if (is_managed(host))
		worse(t, SCOPE_PRODUCTION,
		      file_text(c, "%s is a managed server",
				text_safe(c->ctx, host)));
	other = host_table_other(c->ctx, connects);
	if (other) {
		worse(t,
		      says_production(other) ? SCOPE_PRODUCTION : SCOPE_FOREIGN,
		      file_text(c, "%s is %s here", text_safe(c->ctx, connects),
				text_safe(c->ctx, other)));
		return;
	}
	if (!is_here(connects)) {
		worse(t, SCOPE_FOREIGN,
		      file_text(c, "%s is another machine",
				text_safe(c->ctx, connects)));
		return;
	}
	worse(t, SCOPE_LOCAL, NULL);
	tunnel = *connects == '/' || *connects == '@'
		     ? NULL
		     : db_tunnel(c->ctx, (unsigned)strtoul(port, NULL, 10));
	if (tunnel && says_production(tunnel))
		worse(t, SCOPE_PRODUCTION,
		      file_text(c, "port %s leads elsewhere: %s",
				text_safe(c->ctx, port), tunnel));
	else if (tunnel)
		worse(t, SCOPE_FOREIGN,
		      file_text(c, "port %s leads elsewhere: %s",
				text_safe(c->ctx, port), tunnel));
}

void
db_scope_set(struct file_call *c, struct db_target *t, const char *service)
{
	const struct {
		const char *value, *what;
	} names[] = {{t->dbname, "the database"},
		     {service, "the service"},
		     {t->user, "the user"}};
	const char *list = t->host ? t->host : t->hostaddr;
	size_t n = 1;

	t->scope = SCOPE_UNKNOWN;
	t->read_only = NULL;
	t->sensitive = NULL;
	t->sensitive_why = NULL;
	for (const char *s = list; s && (s = strchr(s, ',')); s++)
		n++;
	for (size_t i = 0; i < n; i++)
		one_server(c, t, nth(c, t->host, i), nth(c, t->hostaddr, i),
			   nth(c, t->port, i));
	db_secrets(c, t);
	if (t->scope == SCOPE_WORKSPACE)
		return; /* the owner named it */
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (says_production(names[i].value))
			worse(t, SCOPE_PRODUCTION,
			      file_text(c, "%s %s is named so", names[i].what,
					text_safe(c->ctx, names[i].value)));
}

/* Its own name counts, not those of the folders around it. */
void
db_scope_file(struct file_call *c, struct db_target *t, const char *path)
{
	const struct database_rule *rule = rule_for(c, path, "");

	t->scope = SCOPE_LOCAL;
	t->why = NULL;
	sensitive_for(c, t, path, "", "");
	if (rule && rule->access == DATABASE_READ_WRITE)
		t->scope = SCOPE_WORKSPACE;
	else if (rule)
		profile_says(c, t, rule);
	else if (says_production(path_base(path)))
		worse(t, SCOPE_PRODUCTION,
		      file_text(c, "the file %s is named so",
				text_safe(c->ctx, path_base(path))));
}

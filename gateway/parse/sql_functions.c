/* SPDX-License-Identifier: Apache-2.0 */
/* What a function that is called in a statement does: by its name. */
#include "base/err.h"
#include "parse/sql.h"
#include "parse/sql_words.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const char *
last(const cJSON *names, int back)
{
	const cJSON *n =
	    cJSON_GetArrayItem(names, cJSON_GetArraySize(names) - 1 - back);
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(n, "String"), "sval");

	return cJSON_IsString(v) ? v->valuestring : "";
}

/* set_config('a.b', ...): a setting by its name, none that changes how
 * statements are read. */
static bool
names_setting(const cJSON *node)
{
	const cJSON *args = cJSON_GetObjectItemCaseSensitive(node, "args");
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(args, 0),
						 "A_Const"),
		"sval"),
	    "sval");

	return cJSON_IsString(v) && !strstr(v->valuestring, "conforming") &&
	       !strstr(v->valuestring, "encoding");
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

bool
sql_is_known(const char *name)
{
	return bsearch(name, pg_functions, pg_functions_count, sizeof(char *),
		       by_name) != NULL;
}

void
sql_call(struct sql *s, const cJSON *node)
{
	static const struct {
		const char *prefix;
		unsigned cls;
	} known[] = {
	    {"pg_read_", SQL_FILE},
	    {"pg_ls_", SQL_FILE},
	    {"pg_stat_file", SQL_FILE},
	    {"pg_file_", SQL_FILE},
	    {"lo_export", SQL_FILE},
	    {"lo_import", SQL_FILE},
	    {"lo_unlink", SQL_DESTROY},
	    {"lo_put", SQL_DESTROY},
	    {"lo_truncate", SQL_DESTROY},
	    {"lo_get", SQL_READ},
	    {"lo_", SQL_WRITE},
	    {"loread", SQL_READ},
	    {"nextval", SQL_WRITE},
	    {"setval", SQL_DESTROY},
	    {"set_config", SQL_SESSION},
	    {"setseed", SQL_SESSION},
	    {"pg_sleep", SQL_COUNT},
	    {"pg_notify", SQL_WRITE},
	    {"pg_advisory_", SQL_SESSION},
	    {"pg_try_advisory", SQL_SESSION},
	    {"pg_export_snap", SQL_SESSION},
	    {"pg_terminate_", SQL_ADMIN},
	    {"pg_cancel_", SQL_ADMIN},
	    {"pg_stat_reset", SQL_ADMIN},
	    {"pg_reload_conf", SQL_ADMIN},
	    {"pg_rotate_", SQL_ADMIN},
	    {"pg_current_logfile", SQL_COUNT},
	    {"txid_current", SQL_COUNT},
	    {"uuid_", SQL_COUNT},
	    {"st_", SQL_COUNT},
	    {"similarity", SQL_COUNT},
	    {"word_similarity", SQL_COUNT},
	    {"unaccent", SQL_COUNT},
	    {"crypt", SQL_COUNT},
	    {"gen_salt", SQL_COUNT},
	    {"digest", SQL_COUNT},
	    {"hmac", SQL_COUNT},
	    {"time_bucket", SQL_COUNT},
	    {"inet_", SQL_COUNT},
	};
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(node, "funcname");
	const char *name = last(names, 0);
	const char *schema =
	    cJSON_GetArraySize(names) > 1 ? last(names, 1) : "";

	if (!strcmp(name, "set_config")) {
		bool named = names_setting(node);

		sql_add(s, named ? SQL_SESSION : SQL_OPAQUE, "set_config()");
		return;
	}
	if (!strncmp(name, "dblink", 6))
		sql_remote_call(s, name,
				cJSON_GetObjectItemCaseSensitive(node, "args"));
	if ((!*schema || !strcmp(schema, "pg_catalog")) && sql_is_known(name))
		return;
	if (strcmp(schema, "pg_catalog") != 0)
		sql_touch(s, 'f', schema, name, "", "");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(name, known[i].prefix, strlen(known[i].prefix))) {
			sql_add(s, known[i].cls,
				talloc_asprintf(s->ctx, "%s()", name));
			return;
		}
	sql_touch(s, 'o', schema, name, "", "");
	s->ncalled++;
	sql_add(s, SQL_OPAQUE,
		talloc_asprintf(s->ctx, "the function %s%s%s()", schema,
				*schema ? "." : "", name));
}

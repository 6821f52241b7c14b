/* SPDX-License-Identifier: Apache-2.0 */
/* Two protocols: Anthropic's messages, OpenAI's chat completions. */
#include "base/file.h"
#include "base/libcurl.h"
#include "base/spawn.h"
#include "base/text.h"
#include "invocation/invocation.h"
#include "judge/classifier_work.h"
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define REASONED_TOKENS 1500
#define KEY_MAX		8192

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && !strcmp(s + n - k, end);
}

/* A base address gets the path of its protocol. */
static char *
full_url(void *ctx, const char *url, bool openai)
{
	const char *path = openai ? "/chat/completions" : "/messages";
	char *base = talloc_strdup(ctx, url);

	while (*base && base[strlen(base) - 1] == '/')
		base[strlen(base) - 1] = '\0';
	if (ends_with(base, path))
		return base;
	if (ends_with(base, "/v1"))
		return talloc_asprintf(ctx, "%s%s", base, path);
	return talloc_asprintf(ctx, "%s/v1%s", base, path);
}

int
api_choose(void *ctx, const struct classifier_keys *k, struct api *out,
	   struct err *e)
{
	const struct curl_functions *curl = libcurl(e);
	CURLU *u;
	char *host = NULL, *scheme = NULL;
	int rc = 0;

	if (!curl)
		return e->code;
	u = curl->url();
	*out = (struct api){.model = k->model};
	out->openai = k->api ? !strcasecmp(k->api, "openai")
			     : strstr(k->url, "/chat/completions") != NULL;
	if (!u)
		BUG("out of memory");
	if (!k->model)
		rc = err_set(e, ERR_SYNTAX, "classifier.model is not set");
	else if (curl->url_set(u, CURLUPART_URL, k->url, 0) != CURLUE_OK ||
		 curl->url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
		 curl->url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		 (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		rc = err_set(e, ERR_SYNTAX,
			     "classifier.url is no http or https address");
	else
		out->url = full_url(ctx, k->url, out->openai);
	out->host = host ? text_safe(ctx, host) : "";
	curl->free(host);
	curl->free(scheme);
	curl->url_cleanup(u);
	return rc;
}

static void
add_role(cJSON *list, const char *role, const char *text)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "role", role);
	cJSON_AddStringToObject(o, "content", text);
	cJSON_AddItemToArray(list, o);
}

/* A block of text; what stands up to here may be kept for the next stage. */
static cJSON *
block(const char *text, bool cached)
{
	cJSON *o = cJSON_CreateObject(), *c;

	cJSON_AddStringToObject(o, "type", "text");
	cJSON_AddStringToObject(o, "text", text);
	if (cached) {
		c = cJSON_AddObjectToObject(o, "cache_control");
		cJSON_AddStringToObject(c, "type", "ephemeral");
	}
	return o;
}

/* The same prefix in both stages: what differs is the last part. */
char *
api_request(void *ctx, const struct api *a, const char *rules, const char *text,
	    int stage)
{
	cJSON *o = cJSON_CreateObject(), *list, *user, *parts;
	char *json, *copy;

	cJSON_AddStringToObject(o, "model", a->model);
	cJSON_AddNumberToObject(o, "max_tokens",
				stage == 1 ? 1 : REASONED_TOKENS);
	cJSON_AddNumberToObject(o, "temperature", 0);
	if (a->openai) {
		list = cJSON_AddArrayToObject(o, "messages");
		add_role(list, "system", rules);
		add_role(list, "user", text);
		add_role(list, "user", prompt_question(stage));
	} else {
		parts = cJSON_AddArrayToObject(o, "system");
		cJSON_AddItemToArray(parts, block(rules, true));
		list = cJSON_AddArrayToObject(o, "messages");
		user = cJSON_CreateObject();
		cJSON_AddStringToObject(user, "role", "user");
		parts = cJSON_AddArrayToObject(user, "content");
		cJSON_AddItemToArray(parts, block(text, true));
		cJSON_AddItemToArray(parts,
				     block(prompt_question(stage), false));
		cJSON_AddItemToArray(list, user);
	}
	json = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	if (!json)
		BUG("out of memory");
	copy = talloc_strdup(ctx, json);
	cJSON_free(json);
	return copy;
}

static const cJSON *
get(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

static int64_t
count(const cJSON *o, const char *name)
{
	const cJSON *n = get(o, name);

	return cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble < 1e12
		   ? (int64_t)n->valuedouble
		   : 0;
}

static char *
anthropic_text(void *ctx, const cJSON *o, struct usage *u, bool *cut)
{
	const cJSON *part, *usage = get(o, "usage");
	const char *stop = cJSON_GetStringValue(get(o, "stop_reason")), *s;
	char *text = NULL;

	u->in = count(usage, "input_tokens");
	u->out = count(usage, "output_tokens");
	u->cached = count(usage, "cache_read_input_tokens");
	*cut = stop && !strcmp(stop, "max_tokens");
	cJSON_ArrayForEach(part, get(o, "content"))
	{
		s = cJSON_GetStringValue(get(part, "text"));
		if (s)
			text =
			    talloc_asprintf(ctx, "%s%s", text ? text : "", s);
	}
	return text;
}

static char *
openai_text(void *ctx, const cJSON *o, struct usage *u, bool *cut)
{
	const cJSON *choice = cJSON_GetArrayItem(get(o, "choices"), 0);
	const cJSON *usage = get(o, "usage");
	const char *stop = cJSON_GetStringValue(get(choice, "finish_reason"));
	const char *s =
	    cJSON_GetStringValue(get(get(choice, "message"), "content"));

	u->in = count(usage, "prompt_tokens");
	u->out = count(usage, "completion_tokens");
	u->cached = count(get(usage, "prompt_tokens_details"), "cached_tokens");
	*cut = stop && !strcmp(stop, "length");
	return s ? talloc_strdup(ctx, s) : NULL;
}

int
api_answer(void *ctx, const struct api *a, const char *body, char **text,
	   struct usage *u, struct err *e)
{
	cJSON *o = cJSON_Parse(body);
	bool cut = false;

	*u = (struct usage){0};
	*text = NULL;
	if (!o)
		return err_set(e, ERR_SYNTAX, "it answered no JSON");
	*text = a->openai ? openai_text(ctx, o, u, &cut)
			  : anthropic_text(ctx, o, u, &cut);
	cJSON_Delete(o);
	if (!*text)
		return err_set(e, ERR_SYNTAX, "its answer holds no text");
	/* one token is all that the first stage lets it say */
	if (cut && strlen(*text) > 16)
		return err_set(e, ERR_LIMIT, "its answer was cut off");
	return 0;
}

bool
answer_passes(const char *text)
{
	text += strspn(text, " \t\r\n");
	return *text == 'P' && text[1 + strspn(text + 1, " .\r\n")] == '\0';
}

/* The last line alone counts: what stands before may quote anything. */
int
answer_reasoned(void *ctx, const char *text, bool *allow, char **reason,
		struct err *e)
{
	char *copy = talloc_strdup(ctx, text), *line;
	const char *verdict, *why;
	size_t n = strlen(copy);
	cJSON *o;

	while (n && strchr(" \t\r\n`", copy[n - 1]))
		copy[--n] = '\0';
	line = strrchr(copy, '\n');
	o = cJSON_Parse(line ? line + 1 : copy);
	verdict = cJSON_GetStringValue(get(o, "verdict"));
	why = cJSON_GetStringValue(get(o, "reason"));
	*reason =
	    text_safe_len(ctx, why ? why : "", why ? strnlen(why, 200) : 0);
	*allow = verdict && !strcmp(verdict, "allow");
	n = verdict && (*allow || !strcmp(verdict, "refuse"));
	cJSON_Delete(o);
	return n ? 0
		 : err_set(e, ERR_SYNTAX,
			   "its answer does not end with a verdict");
}

static char *
first_line(char *s)
{
	s += strspn(s, " \t\r\n");
	s[strcspn(s, " \t\r\n")] = '\0';
	return s;
}

static int
key_from_file(void *ctx, const char *path, const char **key, struct err *e)
{
	struct stat st;
	char *text;
	int rc = file_read(ctx, AT_FDCWD, path, KEY_MAX, &text, NULL, e);

	if (rc != 0)
		return rc < 0 ? rc
			      : err_set(e, ERR_UNKNOWN,
					"there is no classifier.keyFile");
	if (stat(path, &st) < 0 || (st.st_mode & (S_IRWXG | S_IRWXO)) ||
	    (st.st_uid != getuid() && st.st_uid != 0))
		return err_set(e, ERR_SYSTEM,
			       "classifier.keyFile may be read by others; "
			       "chmod 600 it");
	*key = first_line(text);
	return 0;
}

static int
key_from_command(void *ctx, const char *program, const char **key,
		 struct err *e)
{
	struct invocation me = {.uid = getuid()};
	const char *argv[] = {program, NULL};
	const char *env[] = {
	    "PATH=/usr/local/bin:/usr/bin:/bin",
	    talloc_asprintf(ctx, "HOME=%s", invocation_home(&me)), NULL};
	struct spawn s = {.program = program,
			  .argv = argv,
			  .env = env,
			  .max_output = KEY_MAX,
			  .timeout_ms = 5000};

	if (*program != '/')
		return err_set(e, ERR_SYNTAX,
			       "classifier.keyCommand is not absolute");
	/* what it prints is the key: no word of it in an error */
	if (spawn_run(ctx, &s, NULL) < 0 || s.status != 0)
		return err_set(e, ERR_SYSTEM,
			       "classifier.keyCommand did not work");
	*key = first_line(s.output);
	return 0;
}

int
api_key(void *ctx, const struct classifier_keys *k, const struct invocation *in,
	const char **key, struct err *e)
{
	int rc = 0;

	*key = NULL;
	if (k->key_file)
		rc = key_from_file(ctx, k->key_file, key, e);
	else if (k->key_command)
		rc = key_from_command(ctx, k->key_command, key, e);
	else if (k->key_env && !(*key = invocation_env(in, k->key_env)))
		rc = err_set(e, ERR_UNKNOWN,
			     "the variable of classifier.keyEnv is not "
			     "set");
	if (rc == 0 && *key && (strpbrk(*key, "\r\n") || !**key))
		rc = err_set(e, ERR_SYNTAX, "its key is no key");
	return rc;
}

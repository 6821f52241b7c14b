/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What automode reads out of curl lines: one JSON object a line on stdin,
 * {"cwd": DIR, "env": [...], "argv": [...]}, one on stdout for each.
 */
#include "tools/curl.h"
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <talloc.h>
#include <unistd.h>

static cJSON *out;

static void
add_names(const char *name, const char *const *v, size_t n)
{
	cJSON *list = cJSON_AddArrayToObject(out, name);

	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(v[i]));
}

static void
add_text(cJSON *to, const char *name, const char *text)
{
	if (text)
		cJSON_AddStringToObject(to, name, text);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct curl_call *k = talloc_zero(c->ctx, struct curl_call);
	int rc = curl_read(k, c, e);
	cJSON *list = cJSON_AddArrayToObject(out, "transfers");

	for (size_t i = 0; i < k->ntransfers; i++) {
		const struct curl_transfer *t = &k->transfers[i];
		cJSON *one = cJSON_CreateObject();

		add_text(one, "url", t->url);
		add_text(one, "scheme", t->scheme);
		add_text(one, "host", t->host);
		cJSON_AddNumberToObject(one, "port", t->port);
		add_text(one, "method", t->method);
		add_text(one, "input", t->input);
		add_text(one, "output", t->output);
		cJSON_AddItemToArray(list, one);
	}
	add_names("sources", k->sources, k->nsources);
	add_names("written", k->written, k->nwritten);
	cJSON_AddBoolToObject(out, "help", k->help);
	return rc;
}

static const char *
text_of(const cJSON *from, const char *name)
{
	const char *s =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(from, name));

	return s ? s : "/";
}

static const char **
words_of(void *ctx, const cJSON *from, const char *name, size_t *n)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(from, name);
	const char **v;

	*n = (size_t)cJSON_GetArraySize(list);
	v = talloc_zero_array(ctx, const char *, (unsigned)*n + 1);
	for (size_t i = 0; i < *n; i++)
		v[i] = cJSON_GetStringValue(cJSON_GetArrayItem(list, (int)i));
	return v;
}

static void
one_line(void *ctx, const cJSON *in_json)
{
	const char **roots = talloc_array(ctx, const char *, 1);
	struct session *s = talloc_zero(ctx, struct session);
	struct scope_rules *rules = talloc_zero(ctx, struct scope_rules);
	struct invocation *in = talloc_zero(ctx, struct invocation);
	struct tool_context t = {.in = in, .rules = rules};
	struct command cmd = {0};
	struct effects fx;
	struct err e = {0};
	cJSON *hosts;
	int rc;

	roots[0] = text_of(in_json, "cwd");
	*rules = (struct scope_rules){.roots = roots, .nroots = 1};
	s->id = "test";
	s->start_dir = roots[0];
	s->uid = getuid();
	in->kind = REQUEST_CHECK;
	in->tool = "curl";
	in->argv = words_of(ctx, in_json, "argv", &in->argc);
	in->env = words_of(ctx, in_json, "env", &in->envc);
	in->cwd = roots[0];
	in->cwd_fd = open(in->cwd, O_PATH | O_CLOEXEC);
	in->stdio[0] = in->stdio[1] = in->stdio[2] = -1;
	in->uid = getuid();
	in->gid = getgid();
	in->session = s;
	effects_init(ctx, &fx);
	rc = file_understand_raw("curl", mean, ctx, &t, &cmd, &fx, &e);
	close(in->cwd_fd);
	cJSON_AddNumberToObject(out, "rc", rc);
	cJSON_AddNumberToObject(out, "syntax", ERR_SYNTAX);
	cJSON_AddStringToObject(out, "error", e.msg);
	hosts = cJSON_AddArrayToObject(out, "hosts");
	for (size_t i = 0; i < fx.n; i++)
		if (fx.v[i].object)
			cJSON_AddItemToArray(
			    hosts, cJSON_CreateString(fx.v[i].object));
	add_names("argv", cmd.argv,
		  cmd.argv ? talloc_array_length(cmd.argv) - 1 : 0);
}

int
main(void)
{
	char *line = NULL, *text;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) > 0) {
		void *ctx = talloc_new(NULL);
		cJSON *in = cJSON_Parse(line);

		out = cJSON_CreateObject();
		one_line(ctx, in);
		text = cJSON_PrintUnformatted(out);
		puts(text);
		fflush(stdout);
		cJSON_free(text);
		cJSON_Delete(out);
		cJSON_Delete(in);
		talloc_free(ctx);
	}
	free(line);
	return 0;
}

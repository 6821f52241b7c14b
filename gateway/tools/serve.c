/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/serve.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "parse/interpreter.h"
#include "tools/sender.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define MAX_DEPTH 20
#define MAX_FILES 200000u
#define MAX_MS	  2000
#define MAX_FILE  (1 << 20)

/* Options, by what their values are: b an address, l an address with a port,
 * d the folder, v nothing that matters. */
static const struct server {
	const char *name; /* NULL: the others of node */
	enum interpreter kind;
	const char *options;
	bool operand; /* a folder may stand by itself */
	const char *usual, *instead;
} servers[] = {
    {"", INTERPRETER_PYTHON, "b-b b--bind d-d d--directory v-p v--protocol",
     false, NULL, "--bind 127.0.0.1"},
    {"", INTERPRETER_PHP, "l-S d-t v-c v-d v-z", false, NULL,
     "-S 127.0.0.1:PORT"},
    {"", INTERPRETER_RUBY, "b-b b--bind-address v-p v--port", true, NULL,
     "--bind-address=127.0.0.1"},
    {"http-server", INTERPRETER_NODE, "b-a v-p v-C v-K v-P v-t v-e", true,
     "public", "-a 127.0.0.1"},
    {"live-server", INTERPRETER_NODE, "b--host v--port v--open", true, NULL,
     "--host=127.0.0.1"},
    {NULL, INTERPRETER_NODE,
     "l-l l--listen v-p v-c v--config v--ssl-cert v--ssl-key v--ssl-pass", true,
     NULL, "-l tcp://127.0.0.1:PORT"},
    {"httpd", INTERPRETER_NONE, "l-p d-h v-c v-r", false, NULL,
     "-p 127.0.0.1:PORT"},
};

/* host:port, tcp://host:port, a port; NULL: all addresses. */
static const char *
host_of(struct file_call *c, const char *text)
{
	const char *colon;

	if (!strncmp(text, "unix:", 5) || !strncmp(text, "pipe:", 5))
		return "localhost";
	if (strstr(text, "://"))
		text = strstr(text, "://") + 3;
	colon = strrchr(text, ':');
	return colon ? file_text(c, "%.*s", (int)(colon - text), text) : NULL;
}

/* What kind of option the word is, and its value; 0: none. */
static char
role(const char *options, const char *word, const char *next,
     const char **value, bool *taken)
{
	size_t given = strcspn(word, "=");

	for (const char *o = options; *o; o += strspn(o, " ")) {
		const char *name = o + 1;
		size_t len = strcspn(name, " ");

		o = name + len;
		*taken = false;
		if (len == 2 && !strncmp(word, name, 2) && word[2]) {
			*value = word + 2 + (word[2] == '=');
			return name[-1];
		}
		/* the beginning of a long one will do */
		if (given > len || strncmp(word, name, given) != 0 ||
		    (given != len && (given < 3 || word[1] != '-')))
			continue;
		*taken = !word[given];
		*value = word[given] ? word + given + 1 : next;
		return name[-1];
	}
	return 0;
}

/* What a .env gives names to is known where its folder is the project. */
static void
look_at(struct sender *s, const char *folder, const char *path)
{
	struct file_call *c = s->c;
	struct err e = {0};

	if (!strncmp(path_base(path), ".env", 4) &&
	    secrets_begin(c->ctx, c->in, c->t->rules,
			  file_text(c, "%s", folder), &s->secrets, &e) < 0)
		return;
	sender_scan_file(s, path);
}

/* Files of credentials with a credential in them. */
static void
look_below(struct sender *s, const char *path, unsigned depth, int64_t until,
	   size_t *files)
{
	DIR *d = depth < MAX_DEPTH ? opendir(path) : NULL;
	struct dirent *ent;
	struct stat st;
	bool home;

	while (d && (ent = readdir(d)) && !s->nfound) {
		char *name;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    !strcmp(ent->d_name, ".git"))
			continue;
		if (++*files > MAX_FILES ||
		    (*files % 256 == 0 && now_ms() > until))
			break;
		name = path_join(s->c->ctx, path, ent->d_name);
		if (secrets_of_package(file_text(s->c, "%s/", name)) ||
		    stat(name, &st) != 0)
			; /* not served, or somebody else's tests */
		else if (S_ISDIR(st.st_mode))
			look_below(s, name, depth + 1, until, files);
		else if (S_ISREG(st.st_mode) && st.st_size < MAX_FILE &&
			 path_is_credential(&s->c->os, name, &home))
			look_at(s, path, name);
		talloc_free(name);
	}
	if (d)
		closedir(d);
}

static int
serves(struct file_call *c, const struct server *v, const char *dir,
       const char *at, struct err *e)
{
	size_t files = 0;
	struct sender s;

	dir = path_join(c->ctx, c->os.base_dir, dir);
	if (sender_begin(&s, c, e) < 0)
		return e->code;
	s.serves = file_text(c,
			     "%s, which is for this machine alone, or a folder "
			     "without that file",
			     v->instead);
	if (!sender_is_loopback(at))
		look_below(&s, dir, 0, now_ms() + MAX_MS, &files);
	return sender_listens(&s, at, false, e);
}

static int
read_line(struct file_call *c, const struct server *v, const char *const *argv,
	  struct err *e)
{
	const char *dir = NULL, *at = NULL;

	for (; *argv; argv++) {
		const char *value = NULL;
		struct operand o;
		bool taken;
		char r = **argv == '-'
			     ? role(v->options, *argv, argv[1], &value, &taken)
			     : 0;

		if (r && !value)
			break;
		if (r == 'b')
			at = value;
		if (r == 'l')
			at = host_of(c, value);
		if (r == 'd')
			dir = value;
		argv += r && taken;
		if (r || **argv == '-' || !v->operand || dir)
			continue;
		operand_look(&c->os, *argv, &o);
		if (o.folder)
			dir = *argv;
	}
	if (!dir && v->usual &&
	    path_exists(path_join(c->ctx, c->os.base_dir, v->usual)))
		dir = v->usual;
	return serves(c, v, dir ? dir : ".", at, e);
}

int
serve_httpd(struct file_call *c, const char *const *argv, struct err *e)
{
	return read_line(c, &servers[sizeof(servers) / sizeof(*servers) - 1],
			 argv, e);
}

static int
mean(struct file_call *c, struct err *e)
{
	enum interpreter kind = interpreter_of(c->name);
	const char *const *argv = c->in->argv;
	size_t at = interpreter_serves(kind, argv);
	const struct server *v = servers;

	file_argv(c, argv + 1, c->in->argc - 1);
	file_hand_over(c);
	if (!at)
		return 0;
	while (v->kind != kind ||
	       (v->name && !strstr(path_base(argv[at - 1]), v->name) &&
		!strstr(argv[at - 1], file_text(c, "/%s/", v->name))))
		v++;
	return read_line(c, v, argv + at, e);
}

int
serve_understand(void *ctx, const struct tool_context *t, struct command *cmd,
		 struct effects *fx, struct err *e)
{
	return file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials in what is written to a forge: whoever may read it there has
 * them, so that not even the forge's own belong into it.  Of what the program
 * itself authenticates with, that it is no other host's.
 */
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/secrets.h"
#include "tools/file_list.h"
#include "tools/forge.h"
#include "tools/git_remotes.h"
#include "tools/sender.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_SCAN ((off_t)1 << 36)
#define PIECE	 5 /* letters; not what stands between two */
#define LINKS	 8

struct scan {
	struct forge_call *f;
	struct secrets *secrets;
	bool reads; /* nothing is written there: its own may go */
	bool own;   /* some part of the line is not written there */
	bool found;
	bool input; /* stdin is read */
	char *pieces;
	struct file_call c;
	struct sender talk; /* what the session's other commands may go on */
};

static void
say(struct scan *s, const struct secret_found *v)
{
	struct forge_call *f = s->f;
	const char *host = sender_shown(f->ctx, v, f->host);
	struct effect *fx =
	    effects_add(f->fx, EFFECT_SECRET_SEND, SCOPE_SECRET, host);

	s->found = true;
	fx->undo = UNDO_NO;
	fx->why = forge_text(f,
			     "%s (in %s) would stand on %s, for all who can "
			     "read it there",
			     v->what, v->where, host);
	fx->instead =
	    forge_text(f,
		       "leave it out; %s secret set NAME is for what workflows "
		       "need",
		       f->kind->name);
}

static void
scan(struct scan *s, const char *bytes, size_t len, const char *where, bool own)
{
	struct secret_found v[8];
	size_t n = secrets_scan(s->secrets, bytes, len, where, v, 8);

	for (size_t i = 0; i < n; i++)
		if (!own || !secret_belongs(&v[i], s->f->host) ||
		    v[i].owner->keeps)
			say(s, &v[i]);
}

/* Of the words of the line, those that one in pieces may consist of. */
static void
add_pieces(struct scan *s, const char *text)
{
	const char *key = strchr(text, '=');

	if (key && text[strcspn(text, " /=")] == '=')
		text = key + 1; /* title=... */
	while (*text) {
		size_t n = 0;

		while (isalnum((unsigned char)text[n]) ||
		       (text[n] && strchr("_-+", text[n])))
			n++;
		if (n >= PIECE)
			s->pieces =
			    talloc_strndup_append_buffer(s->pieces, text, n);
		text += n + (text[n] != '\0');
	}
}

static void
scan_pieces(struct scan *s)
{
	struct secret_found v[8];
	size_t n = s->pieces && !s->found
		       ? secrets_scan(s->secrets, s->pieces, strlen(s->pieces),
				      "several places of the line", v, 8)
		       : 0;

	for (size_t i = 0; i < n; i++)
		if (!v[i].looks && (!s->own || v[i].owner->keeps ||
				    !secret_belongs(&v[i], s->f->host)))
			say(s, &v[i]);
}

/* What other commands said, to whomever, and this one goes on with. */
static void
scan_before(struct scan *s)
{
	struct sender *t = &s->talk;

	if (s->found)
		return;
	sender_scan_before(t);
	for (size_t i = 0; i < t->nfound; i++)
		if (!s->own || t->found[i].owner->keeps ||
		    !secret_belongs(&t->found[i], s->f->host))
			say(s, &t->found[i]);
}

static void
scan_fd(struct scan *s, int fd, const char *where)
{
	struct stat st;
	size_t len;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= 0)
		return;
	len = (size_t)(st.st_size > MAX_SCAN ? MAX_SCAN : st.st_size);
	bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return;
	scan(s, bytes, len, where, s->reads);
	munmap(bytes, len);
	sender_add_file(&s->talk, fd);
}

static int
scan_stdin(struct scan *s, struct err *e)
{
	int fd = -1, rc = file_take_stdin(&s->c, &fd, e);

	if (rc == 0)
		scan_fd(s, fd, "stdin");
	return rc < 0 ? rc : 0;
}

/* "/dev/fd/63", or a link to it; -1: a file. */
static int
descriptor(struct scan *s, const char *path)
{
	char to[4096];

	for (int i = 0; i < LINKS; i++) {
		int fd = path_descriptor(path_clean(s->f->ctx, path));
		ssize_t n;

		if (fd >= 0)
			return fd;
		path = path_join(s->f->ctx, s->f->dir, path);
		n = readlink(path, to, sizeof(to) - 1);
		if (n <= 0)
			break;
		to[n] = '\0';
		path = path_join(s->f->ctx, path_parent(s->f->ctx, path), to);
	}
	return -1;
}

/* A descriptor of the caller, not ours. */
static int
scan_number(struct scan *s, int number, struct err *e)
{
	int fd = -1, rc = file_take_number(&s->c, number, &fd, e);

	if (rc > 0 && s->f->in->kind != REQUEST_CHECK)
		return err_set(e, ERR_UNKNOWN,
			       "descriptor %d cannot be looked through; give a "
			       "file by its name",
			       number);
	if (rc == 0)
		scan_fd(s, fd, "a pipe");
	return rc < 0 ? rc : 0;
}

static int
scan_file(struct scan *s, const char *path, struct err *e)
{
	struct forge_call *f = s->f;
	int fd = !strcmp(path, "-") ? 0 : descriptor(s, path);

	s->input |= fd == 0;
	if (fd >= 0)
		return fd ? scan_number(s, fd, e) : 0;
	fd = open(path_join(f->ctx, f->dir, path),
		  O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	scan_fd(s, fd, text_safe(f->ctx, path));
	if (fd >= 0)
		close(fd);
	return 0;
}

/* Is what it is given to authenticate with known to be somebody else's?  A
 * token of this kind of forge is for whichever of them it is given to. */
static bool
is_misused(const struct forge_call *f, const struct secret_found *v)
{
	const struct secret_owner *o = v->owner;

	if (secret_belongs(v, f->host))
		return false;
	if (o->also)
		return true;
	if (!strcmp(o->family, f->kind->family))
		return false;
	return o->nhosts > 0 || (*o->family && strcmp(o->family, "person"));
}

static void
scan_token(struct scan *s, const char *name)
{
	struct forge_call *f = s->f;
	const char *value = invocation_env(f->in, name);
	struct secret_found v[8];
	size_t n =
	    value ? secrets_scan(s->secrets, value, strlen(value), name, v, 8)
		  : 0;

	for (size_t i = 0; i < n; i++) {
		struct effect *fx;
		const char *host;

		if (!is_misused(f, &v[i]))
			continue;
		host = sender_shown(f->ctx, &v[i], f->host);
		fx = effects_add(f->fx, EFFECT_SECRET_SEND, SCOPE_SECRET, host);
		fx->undo = UNDO_NO;
		fx->why =
		    forge_text(f, "%s (in %s) would go to %s",
			       sender_known_as(f->ctx, &v[i]), name, host);
		fx->instead =
		    forge_text(f, "set %s to a token of %s", name, host);
	}
}

static void
scan_tokens(struct scan *s)
{
	for (const char *const *name = forge_tokens(s->f); *name; name++)
		scan_token(s, *name);
}

/* A command that keeps a secret where secrets belong, or a public key. */
static bool
is_for_secrets(const struct forge_call *f)
{
	const char *path = f->word->c.path;

	return f->word->cls == FORGE_SECRET || !strncmp(path, "secret ", 7) ||
	       strstr(path, "key add");
}

/* The file that a value of the line means, "-" for stdin; NULL: none. */
static const char *
file_of(const struct forge_call *f, const struct cobra_flag *v)
{
	const char *at = strchr(v->value, '=');

	if (is_listed(v->name, f->kind->file_flags) ||
	    !strcmp(v->name, "env-file"))
		return v->value;
	if (is_listed(v->name, f->kind->field_flags) && at && at[1] == '@')
		return at + 2;
	return NULL;
}

/* Without a file, or the value, some read it. */
static bool
reads_stdin(const struct forge_call *f)
{
	const char *path = f->word->c.path;
	bool given = false, json = false;

	for (size_t i = 0; i < f->line.n; i++) {
		given |= !strcmp(f->line.v[i].name, "body") ||
			 !strcmp(f->line.v[i].name, "env-file");
		json |= !strcmp(f->line.v[i].name, "json");
	}
	return (f->word->sends && !f->line.noperands &&
		(strstr(path, "gist create") ||
		 strstr(path, "snippet create"))) ||
	       (!given && !strcmp(path, "variable set")) ||
	       (json && !strcmp(path, "workflow run"));
}

/* release upload: file#label */
static const char *
unlabelled(struct forge_call *f, const char *word)
{
	const char *label = strrchr(word, '#');

	return label && !path_exists(path_join(f->ctx, f->dir, word))
		   ? forge_text(f, "%.*s", (int)(label - word), word)
		   : word;
}

static void
scan_name(struct scan *s, const char *name, const char *where)
{
	if (!name)
		return;
	scan(s, name, strlen(name), where, s->reads);
	add_pieces(s, name);
	sender_add_said(&s->talk, name);
}

/* The repository and the branch that no word of the line names. */
static void
scan_names(struct scan *s)
{
	struct forge_call *f = s->f;
	const char *slug;

	scan_name(s, f->slug, "the repository's name");
	if (!f->repo || git_settings_load(f->git, NULL) < 0)
		return;
	scan_name(s, git_current_branch(f->git), "the branch's name");
	for (size_t i = 0; i < f->git->settings->n; i++) {
		const struct git_setting *v = &f->git->settings->v[i];
		const char *end = strrchr(v->key, '.');

		if (strncmp(v->key, "remote.", 7) != 0 || !v->value)
			continue;
		if (strstr(end, "-resolved"))
			scan_name(s, v->value, "the repository's name");
		else if (!strcmp(end, ".url") &&
			 forge_host_of(f, v->value, &slug) && slug)
			scan_name(s, slug, "the repository's name");
	}
}

static int
scan_line(struct scan *s, struct err *e)
{
	struct forge_call *f = s->f;
	const struct cobra_line *l = &f->line;

	for (size_t i = 0; i < l->n; i++) {
		const char *path = file_of(f, &l->v[i]);
		bool own;

		if (path && scan_file(s, path, e) < 0)
			return e->code;
		own = s->reads || !strcmp(l->v[i].name, "header");
		scan(s, l->v[i].value, strlen(l->v[i].value),
		     forge_text(f, "--%s", l->v[i].name), own);
		s->own |= own;
		add_pieces(s, l->v[i].value);
		sender_add_said(&s->talk, l->v[i].value);
	}
	for (size_t i = 0; i < l->noperands; i++) {
		const char *word = l->operands[i];

		scan(s, word, strlen(word), "the words of the line", s->reads);
		add_pieces(s, word);
		sender_add_said(&s->talk, word);
		s->input |= !strcmp(word, "-");
		if (f->word->sends && i + 1 >= f->word->sends &&
		    scan_file(s, unlabelled(f, word), e) < 0)
			return e->code;
	}
	scan_pieces(s);
	return 0;
}

int
forge_secrets(struct forge_call *f, struct err *e)
{
	struct sender_host host = {
	    .host = f->host, .port = f->port, .scope = f->scope};
	struct scan s = {.f = f,
			 .reads = f->word->cls == FORGE_READ,
			 .own = f->word->cls == FORGE_READ,
			 .input = reads_stdin(f),
			 .pieces = talloc_strdup(f->ctx, ""),
			 .c = {.ctx = f->ctx,
			       .t = f->t,
			       .in = f->in,
			       .cmd = f->cmd,
			       .fx = f->fx}};

	if (secrets_begin(f->ctx, f->in, f->t->rules,
			  f->repo ? f->repo->worktree : NULL, &s.secrets,
			  e) < 0)
		return 0;
	s.talk = (struct sender){
	    .c = &s.c, .secrets = s.secrets, .hosts = &host, .nhosts = 1};
	scan_tokens(&s);
	scan_names(&s);
	if (is_for_secrets(f))
		return 0;
	if (scan_line(&s, e) < 0 || (s.input && scan_stdin(&s, e) < 0))
		return e->code;
	scan_before(&s);
	return 0;
}

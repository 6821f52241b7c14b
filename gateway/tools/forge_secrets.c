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
#include "tools/sender.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SCAN (256u << 20)

struct scan {
	struct forge_call *f;
	struct secrets *secrets;
	bool reads; /* nothing is written there: its own may go */
};

static void
scan(struct scan *s, const char *bytes, size_t len, const char *where, bool own)
{
	struct forge_call *f = s->f;
	struct secret_found v[8];
	size_t n = secrets_scan(s->secrets, bytes, len, where, v, 8);

	for (size_t i = 0; i < n; i++) {
		struct effect *fx;
		const char *host;

		if (own && secret_belongs(&v[i], f->host) && !v[i].owner->keeps)
			continue;
		host = sender_shown(f->ctx, &v[i], f->host);
		fx = effects_add(f->fx, EFFECT_SECRET_SEND, SCOPE_SECRET, host);
		fx->undo = UNDO_NO;
		fx->why = forge_text(f,
				     "%s (in %s) would stand on %s, for all "
				     "who can read it there",
				     v[i].what, v[i].where, host);
		fx->instead = forge_text(f,
					 "leave it out; %s secret set NAME is "
					 "for what workflows need",
					 f->kind->name);
	}
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
	len = st.st_size > (off_t)MAX_SCAN ? MAX_SCAN : (size_t)st.st_size;
	bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return;
	scan(s, bytes, len, where, s->reads);
	munmap(bytes, len);
}

static int
scan_stdin(struct scan *s, struct err *e)
{
	struct forge_call *f = s->f;
	struct file_call c = {
	    .ctx = f->ctx, .t = f->t, .in = f->in, .cmd = f->cmd, .fx = f->fx};
	int fd = -1, rc = file_take_stdin(&c, &fd, e);

	if (rc == 0)
		scan_fd(s, fd, "stdin");
	return rc < 0 ? rc : 0;
}

static void
scan_file(struct scan *s, const char *path)
{
	struct forge_call *f = s->f;
	int fd = open(path_join(f->ctx, f->dir, path),
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	scan_fd(s, fd, text_safe(f->ctx, path));
	if (fd >= 0)
		close(fd);
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

	if (is_listed(v->name, f->kind->file_flags))
		return v->value;
	if (is_listed(v->name, f->kind->field_flags) && at && at[1] == '@')
		return at + 2;
	return NULL;
}

int
forge_secrets(struct forge_call *f, struct err *e)
{
	struct scan s = {.f = f, .reads = f->word->cls == FORGE_READ};
	const struct cobra_line *l = &f->line;
	bool input = false;
	const char *path;

	if (secrets_begin(f->ctx, f->in, f->t->rules,
			  f->repo ? f->repo->worktree : NULL, &s.secrets,
			  e) < 0)
		return 0;
	scan_tokens(&s);
	if (is_for_secrets(f))
		return 0;
	for (size_t i = 0; i < l->n; i++) {
		path = file_of(f, &l->v[i]);
		if (path && !strcmp(path, "-"))
			input = true;
		else if (path)
			scan_file(&s, path);
		scan(&s, l->v[i].value, strlen(l->v[i].value),
		     forge_text(f, "--%s", l->v[i].name),
		     s.reads || !strcmp(l->v[i].name, "header"));
	}
	for (size_t i = 0; i < l->noperands; i++) {
		const char *word = l->operands[i];

		scan(&s, word, strlen(word), "the words of the line", s.reads);
		if (!strcmp(word, "-"))
			input = true;
		else if (f->word->sends && i + 1 >= f->word->sends)
			scan_file(&s, word);
	}
	/* without a file they read it */
	if (f->word->sends && !l->noperands &&
	    (strstr(f->word->c.path, "gist create") ||
	     strstr(f->word->c.path, "snippet create")))
		input = true;
	return input ? scan_stdin(&s, e) : 0;
}

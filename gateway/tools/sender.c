/* SPDX-License-Identifier: Apache-2.0 */
/* What a transfer carries, and the effects that follow. */
#include "tools/sender.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/forge.h"
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

int
sender_begin(struct sender *s, struct file_call *c, struct err *e)
{
	const struct operand_place *p =
	    operand_place(&c->os, path_join(c->ctx, c->os.base_dir, "x"));

	*s = (struct sender){.c = c};
	return secrets_begin(c->ctx, c->in, c->t->rules,
			     p && p->repo ? p->repo->worktree : NULL,
			     &s->secrets, e);
}

void
sender_next(struct sender *s)
{
	struct sender next = {.c = s->c,
			      .secrets = s->secrets,
			      .mapped = s->mapped,
			      .reached = s->reached,
			      .nreached = s->nreached,
			      .pins = s->pins};

	/* what was found is not in pieces */
	if (!s->nfound)
		memcpy(next.said, s->said, sizeof(next.said));
	*s = next;
}

void
sender_scan(struct sender *s, const void *bytes, size_t len, const char *where)
{
	size_t room = sizeof(s->found) / sizeof(*s->found) - s->nfound;

	s->nfound += secrets_scan(s->secrets, bytes, len, where,
				  s->found + s->nfound, room);
	s->unseen |= secrets_unread(s->secrets);
}

/* --- text where no content belongs -----------------------------------------
 */

static bool
is_text(const char *p, size_t len)
{
	size_t good = 0, breaks = 0;

	for (size_t i = 0; i < len; i++) {
		good += isprint((unsigned char)p[i]) ||
			isspace((unsigned char)p[i]);
		breaks += p[i] == '\n' || p[i] == ' ';
	}
	return len >= 60 && good * 100 >= len * 98 && breaks * 40 >= len / 2;
}

/* Is a file or an output in there, encoded? */
static bool
smuggles(struct sender *s, const char *text)
{
	size_t len = strlen(text), out;
	const char *run = text;

	for (const char *p = text;; p++) {
		char *plain;
		bool yes;

		if (isalnum((unsigned char)*p) || (*p && strchr("+/-_", *p)))
			continue;
		if (p - run >= 80) {
			plain = secrets_decoded(s->c->ctx, run,
						(size_t)(p - run), 1, &out);
			yes = plain && (is_text(plain, out - 1) ||
					!memcmp(plain, "\x1f\x8b\x08", 3) ||
					!memcmp(plain, "BZh", 3) ||
					!memcmp(plain,
						"\xfd"
						"7zXZ",
						5));
			talloc_free(plain);
			if (yes)
				return true;
		}
		if (!*p)
			break;
		run = p + 1;
	}
	if (len > 3000)
		return true;
	if (strstr(text, "%0A") || strstr(text, "%0a")) {
		char *plain = secrets_decoded(s->c->ctx, text, len, 6, &out);

		return plain && out >= 120 && memchr(plain, '\n', out);
	}
	return false;
}

void
sender_says(struct sender *s, const char *text, const char *where)
{
	size_t before;

	if (!text || !*text)
		return;
	before = s->nfound;
	sender_scan(s, text, strlen(text), where);
	/* a name loses its case on the way */
	if (s->nfound == before)
		s->nfound += secrets_scan_names(
		    s->secrets, text, where, s->found + s->nfound,
		    sizeof(s->found) / sizeof(*s->found) - s->nfound);
	sender_add_said(s, text);
	if (!s->smuggled && smuggles(s, text))
		s->smuggled = where;
}

void
sender_body(struct sender *s, const char *text, const char *where)
{
	if (!text)
		return;
	sender_scan(s, text, strlen(text), where);
	sender_add_said(s, text);
	if (*text && !s->content)
		s->content = where;
}

/* --- files and stdin -------------------------------------------------------
 */

const struct secret_owner sender_credential_file = {.family = ""};

/* "/dev/fd/63": a descriptor of the caller, not ours. */
static int
other_fd(struct sender *s, int number, struct err *e)
{
	int copy, rc = file_take_number(s->c, number, &copy, e);

	s->content = s->content ? s->content : "a pipe";
	if (rc == 0) {
		sender_scan_fd(s, copy, "a pipe");
		sender_add_file(s, copy);
	}
	s->unseen |= rc > 0;
	return rc < 0 ? rc : 0;
}

/* The name goes with the file, mostly; one that holds a secret is not shown. */
static const char *
named(struct sender *s, const char *path)
{
	const char *name = path_base(path);
	size_t before = s->nfound;

	sender_scan(s, name, strlen(name), "a file's name");
	return s->nfound > before ? "a file" : text_safe(s->c->ctx, path);
}

int
sender_file(struct sender *s, const char *path, struct err *e)
{
	struct file_call *c = s->c;
	const char *where;
	struct operand o;
	bool home;
	int fd = path_descriptor(path_clean(c->ctx, path));

	if (fd == 0)
		return sender_stdin(s, e);
	if (fd > 0)
		return other_fd(s, fd, e);
	where = named(s, path);
	operand_look(&c->os, path, &o);
	file_read_from(c, path);
	if (o.leads && path_is_credential(&c->os, o.target, &home) &&
	    s->nfound < sizeof(s->found) / sizeof(*s->found))
		s->found[s->nfound++] = (struct secret_found){
		    &sender_credential_file, "a file of credentials", where,
		    false};
	fd = sender_open(s, path);
	if (fd >= 0) {
		struct stat st;

		if (fstat(fd, &st) == 0) {
			sender_scan_fd(s, fd, where);
			sender_add_file(s, fd);
			sender_sends(s, path, &st, fd);
		}
		close(fd);
	}
	if (!s->content && (o.leads || s->unseen))
		s->content = where;
	return 0;
}

int
sender_stdin(struct sender *s, struct err *e)
{
	int fd = -1, rc;

	sender_redirected(s);
	if (s->c->in->stdio[0] >= 0) {
		struct stat st, null;

		if (fstat(s->c->in->stdio[0], &st) == 0 &&
		    stat("/dev/null", &null) == 0 && S_ISCHR(st.st_mode) &&
		    st.st_rdev == null.st_rdev)
			return 0;
	}
	rc = file_take_stdin(s->c, &fd, e);
	if (rc < 0)
		return rc;
	if (!s->content)
		s->content = "stdin";
	if (rc == 0) {
		struct stat st;

		sender_scan_fd(s, fd, "stdin");
		sender_add_file(s, fd);
		/* a line end, or the letter that ends s_client */
		if (fstat(fd, &st) == 0 && st.st_size <= 2 && s->content &&
		    !strcmp(s->content, "stdin"))
			s->content = NULL;
		s->c->writes = true; /* not handed over: stdin is ours now */
	}
	return 0;
}

/* --- effects ---------------------------------------------------------------
 */

static const char *
instead_of(struct sender *s, const struct secret_found *f)
{
	const char *name = strstr(f->what, "the value of ");

	if (s->serves)
		return s->serves;
	if (f->owner->keeps)
		return NULL;
	if (s->follows && s->unfollow)
		return s->unfollow;
	if (s->listens)
		return "listen at 127.0.0.1, or leave it out";
	if (f->looks && (!strcmp(f->owner->family, "gitlab") ||
			 !strcmp(f->owner->family, "github")))
		return file_text(s->c,
				 "leave it out; where the host is the person's "
				 "own %s they say so in "
				 "~/.config/automode/policy: [secret \"NAME\"] "
				 "env = VARIABLE, host = HOST",
				 f->owner->family);
	if (name && !f->owner->nhosts)
		return file_text(s->c,
				 "leave it out; where it does belong to that "
				 "host the person says so in "
				 "~/.config/automode/policy: [secret \"NAME\"] "
				 "env = %.*s, host = HOST",
				 (int)strcspn(name + 13, " "), name + 13);
	return "leave it out; the program's own login keeps it where it is";
}

static void
judge_secrets(struct sender *s, const struct sender_host *h, bool local)
{
	for (size_t i = 0; i < s->nfound; i++) {
		const struct secret_found *f = &s->found[i];
		const char *host, *relay = NULL;
		struct effect *fx;

		if (!s->follows && secret_belongs(f, h->host) &&
		    !f->owner->keeps)
			continue;
		if (h->scope == SCOPE_LOCAL && !f->owner->keeps && !local) {
			relay = sender_relay(s, h);
			if (!relay)
				continue;
		}
		host = sender_shown(s->c->ctx, f, h->host);
		fx = file_effect(
		    s->c, EFFECT_SECRET_SEND, SCOPE_SECRET, host,
		    file_text(s->c, "%s (in %s) would go to %s%s%s", f->what,
			      f->where, host,
			      s->follows ? " and wherever that "
					   "sends it on to"
					 : "",
			      relay ? file_text(s->c,
						", where %s carries it "
						"to another machine",
						relay)
				    : ""));
		fx->instead = instead_of(s, f);
	}
}

static void
send_to(struct sender *s, const struct sender_host *h)
{
	const char *m = s->method, *place = sender_place(s, h->host), *text;
	struct effect *fx;

	text = s->content
		   ? file_text(s->c, "%s would leave this machine", s->content)
	       : s->unseen
		   ? "what cannot be read first would leave this machine"
	       : s->smuggled
		   ? file_text(s->c, "%s carries encoded text", s->smuggled)
		   : file_text(s->c, "%s to a host that nothing here names",
			       m ? text_safe(s->c->ctx, m) : "it speaks");
	if (place)
		text = file_text(s->c, "%s; the host is %s", text, place);
	fx = file_effect(s->c, EFFECT_NET_SEND,
			 s->unseen ? SCOPE_FOREIGN : h->scope, h->host, text);
	fx->instead =
	    s->unseen ? "what lies in a file by its own name can be looked "
			"through first"
	    : place   ? "keep it here, or send it to a host of the person's"
		      : "where the host is the person's, they add [network] "
			"trust = HOST to ~/.config/automode/policy";
}

/* As gh would name it, so that the same words ask for it. */
static const char *
object_of(struct sender *s, const struct sender_host *h)
{
	const char *object = NULL, *path;

	if (s->path && s->nhosts == 1 && !s->elsewhere && !s->follows &&
	    !strcmp(h->host, "api.github.com")) {
		path = path_clean(s->c->ctx, s->path);
		object = forge_path_object(s->c->ctx, path + (*path == '/'));
	}
	return object ? text_safe(s->c->ctx, object) : h->host;
}

static void
judge_host(struct sender *s, const struct sender_host *h)
{
	const char *m = s->method;
	struct effect *fx;

	judge_secrets(s, h, false);
	if (h->scope == SCOPE_LOCAL || (s->asks && sender_is_service(s, h)) ||
	    (!m && !s->content && !s->unseen &&
	     !(s->smuggled && h->scope == SCOPE_FOREIGN))) {
		fx = effects_add(s->c->fx, EFFECT_NET_FETCH, h->scope, h->host);
		fx->undo = UNDO_YES;
		return;
	}
	if (m && !strcasecmp(m, "DELETE")) {
		fx =
		    file_effect(s->c, EFFECT_RESOURCE_DELETE, h->scope,
				object_of(s, h), "DELETE cannot be taken back");
		return;
	}
	if (m && sender_in_name(s, h)) {
		file_effect(s->c, EFFECT_RESOURCE_CHANGE, h->scope,
			    object_of(s, h),
			    file_text(s->c,
				      "%s changes what is there, in the "
				      "person's name",
				      text_safe(s->c->ctx, m)));
		return;
	}
	send_to(s, h);
}

void
sender_arrives(struct sender *s, const char *path)
{
	file_arrives_at(s->c, path);
}

void
sender_judge_secrets(struct sender *s, bool local)
{
	for (size_t i = 0; i < s->nhosts; i++)
		judge_secrets(s, &s->hosts[i], local);
}

void
sender_judge(struct sender *s)
{
	sender_scan_said(s);
	sender_scan_before(s);
	sender_reached(s);
	if (sender_pins(s))
		s->follows = false;
	for (size_t i = 0; i < s->nhosts; i++) {
		judge_host(s, &s->hosts[i]);
		if (s->hosts[i].scope == SCOPE_FOREIGN)
			s->c->cmd->origin = s->hosts[i].host;
	}
}

int
sender_only(struct sender *s)
{
	sender_judge(s);
	if (!s->c->writes)
		file_hand_over(s->c);
	return 0;
}

int
sender_done(struct command *cmd, const struct invocation *in, int rc)
{
	static const char *const keep[] = {
	    "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy",
	    "https_proxy",    "HTTPS_PROXY",   "ALL_PROXY",    "all_proxy",
	    "no_proxy",	      "NO_PROXY",      "ftp_proxy"};
	size_t n = 0;

	if (rc < 0 || cmd->hand_over)
		return rc;
	if (cmd->need.negress)
		cmd->need.box = SEND_PIN_BOX;
	else if (strcmp(cmd->need.box, SEND_PIN_BOX) != 0)
		cmd->need.box = SEND_BOX;
	cmd->env_set = talloc_zero_array(cmd->summary, const char *,
					 sizeof(keep) / sizeof(*keep) + 1);
	if (!cmd->env_set)
		BUG("out of memory");
	for (size_t i = 0; i < sizeof(keep) / sizeof(*keep); i++) {
		const char *value = invocation_env(in, keep[i]);
		void *ctx = (void *)(uintptr_t)cmd->summary;

		if (!value)
			continue;
		cmd->env_set[n++] =
		    talloc_asprintf(ctx, "%s=%s", keep[i], value);
		if (*value == '/')
			need_read(ctx, &cmd->need, value);
	}
	return rc;
}

int
sender_understand(const char *tool,
		  int (*mean)(struct file_call *, struct err *), void *ctx,
		  const struct tool_context *t, struct command *cmd,
		  struct effects *fx, struct err *e)
{
	return sender_done(cmd, t->in,
			   file_understand_raw(tool, mean, ctx, t, cmd, fx, e));
}

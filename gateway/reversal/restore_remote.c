/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs of a remote: pushed back from the vault, with a lease on the value
 * that the command left.  On this machine its hooks run in the box; other
 * machines are restore_far.c's.
 */
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/restore_far.h"
#include "reversal/undo_work.h"

/* "URL ref" -> folder and ref; NULL where the remote is elsewhere: *far. */
static const char *
split_name(void *ctx, const char *name, const char **ref, const char **far)
{
	const char *space = strrchr(name, ' ');
	char *url;

	*far = NULL;
	if (!space)
		return NULL;
	*ref = space + 1;
	url = talloc_strndup(ctx, name, (size_t)(space - name));
	if (!url)
		BUG("out of memory");
	if (strncmp(url, "file://", 7) == 0)
		url += 7;
	if (*url != '/' && restore_is_far(ctx, url))
		*far = url;
	return *url == '/' ? url : NULL;
}

int
restore_remote_read(struct undo *u, const char *name, struct value *out,
		    struct err *e)
{
	void *own = talloc_new(u->ctx);
	const char *ref = NULL, *far, *url = split_name(own, name, &ref, &far);
	const char *argv[] = {"git",	   "-c",     "safe.directory=*",
			      "ls-remote", "--refs", url,
			      ref,	   NULL};
	struct restore_box b = {.argv = argv, .read = url};
	int rc;

	memset(out, 0, sizeof(*out));
	if (!url) {
		rc = far ? restore_far_read(u, far, ref, out, e) : 0;
		talloc_free(own);
		return rc;
	}
	rc = restore_box_run(u, own, &b, e);
	if (rc == 0) {
		size_t n = strspn(b.output, "0123456789abcdef");

		/* ls-remote matches tails of names; the full one comes whole */
		if (n == 40 && b.output[n] == '\t' &&
		    strncmp(b.output + n + 1, ref, strlen(ref)) == 0) {
			out->kind = VALUE_OID;
			out->text = talloc_strndup(u->ctx, b.output, n);
		} else if (b.output_len == 0) {
			out->kind = VALUE_ABSENT;
		} else {
			rc = err_set(e, ERR_UNKNOWN, "ls-remote said: %s",
				     text_safe(own, b.output));
		}
	}
	talloc_free(own);
	return rc;
}

static int
push(struct undo *u, struct step *s, struct err *e)
{
	void *own = talloc_new(u->ctx);
	const char *ref, *far, *url = split_name(own, s->it->name, &ref, &far);
	const char *was = s->now.kind == VALUE_OID ? s->now.text : "";
	const char *to =
	    s->it->before.kind == VALUE_OID ? s->it->before.text : "";
	const char *argv[] = {
	    "git",
	    "-c",
	    "safe.directory=*",
	    "-c",
	    "core.hooksPath=/dev/null",
	    talloc_asprintf(own, "--git-dir=%s/kept.git", u->vault->dir),
	    "push",
	    "-q",
	    "--no-verify",
	    talloc_asprintf(own, "--force-with-lease=%s:%s", ref, was),
	    url,
	    talloc_asprintf(own, "%s:%s", to, ref),
	    NULL};
	struct restore_box b = {.argv = argv, .write = url};
	int rc;

	if (!argv[5] || !argv[9] || !argv[11])
		BUG("out of memory");
	if (far) {
		rc = restore_far_push(u, far, ref, was, to, e);
		talloc_free(own);
		return rc;
	}
	rc = restore_box_run(u, own, &b, e);
	talloc_free(own);
	return rc;
}

int
restore_remote(struct undo *u, struct err *e)
{
	for (size_t i = 0; i < u->n; i++) {
		struct step *s = &u->steps[i];
		struct err why = {0};

		(void)e;
		if (s->it->kind != ITEM_REMOTE || s->what != STEP_BACK)
			continue;
		if (push(u, s, &why) == 0) {
			s->done = true;
		} else {
			s->what = STEP_LEAVE;
			undo_say(u, true, "not restored: %s: %s",
				 text_safe(u->ctx, s->it->name), why.msg);
		}
		undo_tick(u);
	}
	return 0;
}

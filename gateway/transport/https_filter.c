/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the git in its box and the real git-remote-https: the commands of
 * gitremote-helpers(7), one line each, of which only those pass that the
 * permit allows; a push passes as https_batch.c writes it.  After
 * "stateless-connect git-upload-pack" there are no lines any more, and the
 * bytes are joined with splice(2).
 *
 * git waits for the answer to each command before it sends the next, so an
 * answer of ours never overtakes one of the helper's.
 */
#include "base/own.h"
#include "base/text.h"
#include "transport/https_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES (64 * 1024)
#define BATCH_LINES    65536
#define BATCH_BYTES    (16u << 20)

/* Bytes on their way through us, in one direction. */
struct channel {
	int from, to;
	struct watch *in, *out;
	char *line; /* not complete yet, LINE_MAX_BYTES */
	size_t len;
	char *queue; /* to be written to `to` */
	size_t queued, sent;
	bool ended; /* from is at its end */
};

enum phase {
	PHASE_LINES,
	PHASE_PUSH,	/* collecting a batch */
	PHASE_FETCH,	/* likewise; its lines have gone on */
	PHASE_OPTIONS,	/* our own options wait for their answers */
	PHASE_FETCHING, /* the helper is at work */
	PHASE_CONNECT,	/* will the helper connect? */
	PHASE_RAW,
};

struct filter {
	struct https *h;
	struct loop *loop;
	struct channel ask, answer; /* git to helper, helper to git */
	enum phase phase;
	struct push_batch batch;
	size_t batch_bytes;
	size_t swallow; /* answers of the helper that are for us */
	bool connects;	/* git has tried stateless-connect */
	bool over;
};

static void look(struct filter *f);

static void
close_channel(struct filter *f, struct channel *c)
{
	if (c->in)
		loop_drop(f->loop, c->in);
	if (c->out)
		loop_drop(f->loop, c->out);
	c->in = c->out = NULL;
	own_close_fd(&c->from);
	own_close_fd(&c->to);
}

static void
stop(struct filter *f)
{
	if (f->over)
		return;
	f->over = true;
	close_channel(f, &f->ask);
	close_channel(f, &f->answer);
	carrier_done(f->h->c);
}

static void
refuse(struct filter *f, const char *why)
{
	carrier_refuse(f->h->c, why);
	stop(f);
}

static void
send_text(struct channel *c, const char *text, size_t len)
{
	if (len == 0)
		return;
	if (c->sent == c->queued)
		c->sent = c->queued = 0;
	c->queue = talloc_realloc(NULL, c->queue, char, c->queued + len);
	if (!c->queue)
		BUG("out of memory");
	memcpy(c->queue + c->queued, text, len);
	c->queued += len;
}

static void
say(struct channel *c, const char *text)
{
	send_text(c, text, strlen(text));
}

static void
send_line(struct channel *c, const char *line)
{
	say(c, line);
	say(c, "\n");
}

/* Options of git 2.39 to 2.5x that only say how to fetch, push or report. */
static bool
harmless_option(const char *name, size_t len)
{
	static const char *const names[] = {
	    "verbosity",
	    "progress",
	    "timeout",
	    "depth",
	    "deepen-since",
	    "deepen-not",
	    "deepen-relative",
	    "followtags",
	    "dry-run",
	    "cloning",
	    "check-connectivity",
	    "update-shallow",
	    "from-promisor",
	    "refetch",
	    "filter",
	    "no-dependents",
	    "object-format",
	    "atomic",
	    "push-option",
	    "family",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len &&
		    strncmp(name, names[i], len) == 0)
			return true;
	return false;
}

static bool
is_option(const char *name, size_t len, const char *is)
{
	return strlen(is) == len && strncmp(name, is, len) == 0;
}

static void
add_word(const char ***v, size_t *n, const char *word, void *ctx)
{
	*v = talloc_realloc(ctx, *v, const char *, (unsigned)*n + 1);
	if (!*v)
		BUG("out of memory");
	(*v)[*n] = talloc_strdup(ctx, word);
	if (!(*v)[(*n)++])
		BUG("out of memory");
}

static bool
batch_full(struct filter *f, const char *line)
{
	f->batch_bytes += strlen(line);
	return f->batch.n + f->batch.ncas >= BATCH_LINES ||
	       f->batch_bytes > BATCH_BYTES;
}

static void
take_option(struct filter *f, const char *line)
{
	const char *name = line + strlen("option ");
	size_t len = strcspn(name, " ");
	const char *value = name[len] ? name + len + 1 : "";

	if (is_option(name, len, "cas")) {
		if (batch_full(f, line)) {
			refuse(f, "a push of too many refs");
			return;
		}
		add_word(&f->batch.cas, &f->batch.ncas, value, f);
		say(&f->answer, "ok\n");
	} else if (is_option(name, len, "force-if-includes")) {
		/* says nothing where the lease names its value */
		say(&f->answer, "ok\n");
	} else if (harmless_option(name, len)) {
		if (is_option(name, len, "dry-run"))
			f->batch.dry_run = strcmp(value, "true") == 0;
		send_line(&f->ask, line);
	} else {
		say(&f->answer, "unsupported\n");
	}
}

static void
begin_fetch(struct filter *f, const char *line)
{
	struct https *h = f->h;

	if (!h->c->permit->fetch) {
		refuse(f, "fetching is not what this command was judged for");
	} else if (!h->common) {
		/* it would write where only the asking git's box can see */
		carrier_say(h->c,
			    "the server does not speak version 2 of git's "
			    "protocol, and objects cannot be delivered to "
			    "where this repository lies; clone it elsewhere");
		f->h->c->status = 128;
		stop(f);
	} else {
		f->phase = PHASE_FETCH;
		send_line(&f->ask, line);
	}
}

static void
list(struct filter *f, const char *line)
{
	const struct transport_permit *p = f->h->c->permit;
	bool push = strcmp(line, "list for-push") == 0;

	if (push ? !p->push : !p->fetch) {
		refuse(f, push ? "a push is not what this command was judged "
				 "for"
			       : "fetching is not what this command was "
				 "judged for");
	} else if (!push && f->h->version == 2 && !f->connects) {
		/* the helper would speak version 2, which has no list */
		carrier_say(f->h->c,
			    "git asks in an older version of its protocol "
			    "than its configuration says (protocol.version)");
		f->h->c->status = 128;
		stop(f);
	} else {
		send_line(&f->ask, line);
	}
}

static void
begin(struct filter *f, const char *line)
{
	if (strcmp(line, "") == 0 || strcmp(line, "capabilities") == 0) {
		send_line(&f->ask, line);
	} else if (strncmp(line, "option ", 7) == 0) {
		take_option(f, line);
	} else if (strcmp(line, "list") == 0 ||
		   strcmp(line, "list for-push") == 0) {
		list(f, line);
	} else if (strcmp(line, "stateless-connect git-upload-pack") == 0) {
		if (!f->h->c->permit->fetch) {
			refuse(f, "fetching is not what this command was "
				  "judged for");
			return;
		}
		f->connects = true;
		f->phase = PHASE_CONNECT;
		send_line(&f->ask, line);
	} else if (strncmp(line, "fetch ", 6) == 0) {
		begin_fetch(f, line);
	} else if (strncmp(line, "push ", 5) == 0) {
		f->phase = PHASE_PUSH;
		f->batch.n = 0;
		add_word(&f->batch.lines, &f->batch.n, line, f);
	} else {
		refuse(f, talloc_asprintf(f, "git-remote-https: %s",
					  text_safe(f, line)));
	}
}

static void
end_push(struct filter *f)
{
	struct err e = {0};
	char *text;

	if (push_batch_rewrite(f, f->h->c->permit, &f->batch, &text,
			       &f->swallow, &e) < 0) {
		refuse(f, e.msg);
		return;
	}
	f->phase = f->swallow ? PHASE_OPTIONS : PHASE_LINES;
	say(&f->ask, text);
	talloc_free(text);
}

static void
take_asked(struct filter *f, const char *line)
{
	switch (f->phase) {
	case PHASE_PUSH:
		if (!*line) {
			end_push(f);
		} else if (strncmp(line, "push ", 5) != 0 ||
			   batch_full(f, line)) {
			refuse(f, "a malformed push");
		} else {
			add_word(&f->batch.lines, &f->batch.n, line, f);
		}
		return;
	case PHASE_FETCH:
		if (*line && strncmp(line, "fetch ", 6) != 0) {
			refuse(f, "a malformed fetch");
			return;
		}
		if (!*line)
			f->phase = PHASE_FETCHING;
		send_line(&f->ask, line);
		return;
	case PHASE_LINES:
	case PHASE_OPTIONS:
	case PHASE_FETCHING:
	case PHASE_CONNECT:
	case PHASE_RAW:
		begin(f, line);
		return;
	}
}

static void
raw_ended(struct relay *r, void *data)
{
	(void)r;
	carrier_done(data);
}

/* Whatever we hold has been passed on; the rest goes by itself. */
static void
join(struct filter *f)
{
	int from = f->ask.from, to = f->ask.to;
	int back_from = f->answer.from, back_to = f->answer.to;
	struct carrier *c = f->h->c;

	f->ask.from = f->ask.to = f->answer.from = f->answer.to = -1;
	close_channel(f, &f->ask);
	close_channel(f, &f->answer);
	f->over = true;
	relay_start(c->ctx, f->loop, from, to, NULL, NULL);
	relay_start(c->ctx, f->loop, back_from, back_to, raw_ended, c);
}

static void
take_answer(struct filter *f, const char *line)
{
	struct err e = {0};

	switch (f->phase) {
	case PHASE_OPTIONS:
		if (strcmp(line, "ok") != 0) {
			refuse(f, "git-remote-https cannot pin what the "
				  "remote must hold");
			return;
		}
		if (--f->swallow == 0)
			f->phase = PHASE_LINES;
		return;
	case PHASE_CONNECT:
		send_line(&f->answer, line);
		f->phase = *line ? PHASE_LINES : PHASE_RAW;
		return;
	case PHASE_FETCHING:
		if (!*line) {
			f->phase = PHASE_LINES;
			if (https_take_shallow(f->h, &e) < 0)
				carrier_say(f->h->c, e.msg);
		}
		break;
	case PHASE_LINES:
	case PHASE_PUSH:
	case PHASE_FETCH:
	case PHASE_RAW:
		break;
	}
	send_line(&f->answer, line);
}

/* Complete lines, for as long as there are any and lines are spoken. */
static void
take_lines(struct filter *f, struct channel *c,
	   void (*take)(struct filter *f, const char *line))
{
	char *start = c->line, *end;

	while (
	    !f->over && f->phase != PHASE_RAW &&
	    (end = memchr(start, '\n', (size_t)(c->line + c->len - start)))) {
		*end = '\0';
		if (strlen(start) != (size_t)(end - start)) {
			refuse(f, "a zero byte in a line");
			return;
		}
		take(f, start);
		start = end + 1;
	}
	if (f->over)
		return;
	c->len -= (size_t)(start - c->line);
	memmove(c->line, start, c->len);
	if (f->phase == PHASE_RAW && c->len > 0) {
		send_text(c, c->line, c->len);
		c->len = 0;
	}
	if (c->len == LINE_MAX_BYTES)
		refuse(f, "a line that is too long");
}

static void
on_readable(struct loop *l, struct watch *w, short revents, void *data)
{
	struct filter *f = data;
	struct channel *c = w == f->ask.in ? &f->ask : &f->answer;
	ssize_t n = read(c->from, c->line + c->len, LINE_MAX_BYTES - c->len);

	(void)l;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		c->ended = true;
	else
		c->len += (size_t)n;
	if (n > 0)
		take_lines(f, c, c == &f->ask ? take_asked : take_answer);
	look(f);
}

static void
on_writable(struct loop *l, struct watch *w, short revents, void *data)
{
	struct filter *f = data;
	struct channel *c = w == f->ask.out ? &f->ask : &f->answer;
	ssize_t n = write(c->to, c->queue + c->sent, c->queued - c->sent);

	(void)l;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		/* who was to read it is gone */
		c->sent = c->queued;
		c->ended = true;
	} else {
		c->sent += (size_t)n;
	}
	look(f);
}

static bool
is_empty(const struct channel *c)
{
	return c->sent == c->queued;
}

/* What each watch waits for, and whether it is over. */
static void
look(struct filter *f)
{
	if (f->over)
		return;
	if (f->phase == PHASE_RAW && is_empty(&f->ask) &&
	    is_empty(&f->answer)) {
		join(f);
		return;
	}
	/* the helper learns that git has nothing more to ask */
	if (f->ask.ended && is_empty(&f->ask) && f->ask.to >= 0) {
		loop_drop(f->loop, f->ask.out);
		f->ask.out = NULL;
		own_close_fd(&f->ask.to);
	}
	if (f->answer.ended && is_empty(&f->answer)) {
		stop(f);
		return;
	}
	loop_pause(f->ask.in, f->ask.ended || !is_empty(&f->ask) ||
				  f->phase == PHASE_RAW ||
				  f->phase == PHASE_OPTIONS);
	loop_pause(f->answer.in, f->answer.ended || !is_empty(&f->answer) ||
				     f->phase == PHASE_RAW);
	if (f->ask.out)
		loop_pause(f->ask.out, is_empty(&f->ask));
	loop_pause(f->answer.out, is_empty(&f->answer));
}

/* Only the ends that are ours and the asking git's pipes become non-blocking:
 * a terminal would stay so for everybody who has it open. */
static bool
make_ready(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) &&
	       fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

static int
release(struct filter *f)
{
	talloc_free(f->ask.queue);
	talloc_free(f->answer.queue);
	return 0;
}

int
https_filter_start(struct https *h, int git_in, int git_out, int to, int from,
		   struct err *e)
{
	struct filter *f = talloc_zero(h->c->ctx, struct filter);
	struct channel *both[2];

	if (!f)
		BUG("out of memory");
	if (!make_ready(git_in) || !make_ready(git_out) || !make_ready(to) ||
	    !make_ready(from))
		return err_set(e, ERR_UNKNOWN,
			       "git-remote-https is for git to run, over "
			       "pipes");
	f->h = h;
	f->loop = h->c->loop;
	f->ask = (struct channel){.from = git_in, .to = to};
	f->answer = (struct channel){.from = from, .to = git_out};
	both[0] = &f->ask;
	both[1] = &f->answer;
	for (int i = 0; i < 2; i++) {
		both[i]->line = talloc_size(f, LINE_MAX_BYTES);
		if (!both[i]->line)
			BUG("out of memory");
		both[i]->in =
		    loop_add(f->loop, both[i]->from, POLLIN, on_readable, f);
		both[i]->out =
		    loop_add(f->loop, both[i]->to, POLLOUT, on_writable, f);
	}
	talloc_set_destructor(f, release);
	h->c->busy++;
	look(f);
	return 0;
}

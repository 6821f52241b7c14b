/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential that stands in pieces in several places of a line: in two
 * headers, in two parts of an address, in two addresses.
 */
#include "base/text.h"
#include "tools/sender.h"
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_SAID 8192
#define LONG	 5 /* a piece, not what stands between two */

static bool
is_piece(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '+';
}

/* One behind the other, and the other way round: where a program takes its
 * words from does not tell in which order they stood. */
static void
add_piece(struct sender *s, struct sender_said *to, const char *piece, size_t n)
{
	const char *back;

	if (!to->text) {
		to->text = talloc_strdup(s->c->ctx, "");
		to->back = "";
	}
	if (to->text && strlen(to->text) >= MAX_SAID)
		return;
	to->text = talloc_strndup_append_buffer(to->text, piece, n);
	back = talloc_asprintf(s->c->ctx, "%.*s%s", (int)n, piece, to->back);
	if (!to->text || !back)
		BUG("out of memory");
	if (*to->back)
		talloc_free((void *)(uintptr_t)to->back);
	to->back = back;
}

/* Other than somebody would write a word. */
static bool
is_odd(const char *piece, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isdigit((unsigned char)piece[i]) ||
		    (i && isupper((unsigned char)piece[i]) &&
		     islower((unsigned char)piece[i - 1])))
			return n >= LONG;
	return false;
}

static void
add_word(struct sender *s, const char *text, size_t n)
{
	add_piece(s, &s->said[1], text, n);
	if (n >= LONG)
		add_piece(s, &s->said[2], text, n);
}

/* For the commands to come: each piece by itself. */
static void
keep_piece(struct sender *s, const char *piece, size_t n)
{
	size_t had = talloc_array_length(s->pieces);

	if (had + n > MAX_SAID)
		return;
	s->pieces = talloc_realloc(s->c->ctx, s->pieces, char, had + n + 1);
	if (!s->pieces)
		BUG("out of memory");
	memcpy(s->pieces + had, piece, n);
	s->pieces[had + n] = '\0';
}

/* names: what stands before a colon or a sign of equality counts as well. */
static void
add_pieces(struct sender *s, const char *text, const char *end, bool names)
{
	while (text < end) {
		size_t n = 0;

		while (text + n < end && n < MAX_SAID && is_piece(text[n]))
			n++;
		if (n) {
			add_piece(s, &s->said[0], text, n);
			keep_piece(s, text, n);
		}
		if (is_odd(text, n))
			add_piece(s, &s->said[3], text, n);
		/* the name of a header, of a field */
		if (n && (names || (text[n] != ':' && text[n] != '=')))
			add_word(s, text, n);
		text += n + (text + n < end);
	}
}

char *
sender_odd(void *ctx, char *to, const char *text, size_t len)
{
	char *out = to ? to : talloc_strdup(ctx, "");

	for (size_t i = 0, n; out && i < len; i += n + 1) {
		for (n = 0; i + n < len && is_piece(text[i + n]);)
			n++;
		if (is_odd(text + i, n))
			out = talloc_strndup_append_buffer(out, text + i, n);
	}
	if (!out)
		BUG("out of memory");
	return out;
}

static void
add_labels(struct sender *s, const char *host, const char *end)
{
	while (host < end) {
		size_t n = strcspn(host, ".:/?#");

		if (n > (size_t)(end - host))
			n = (size_t)(end - host);
		if (n)
			keep_piece(s, host, n);
		if (is_odd(host, n))
			add_piece(s, &s->said[3], host, n);
		host += n + 1;
	}
}

void
sender_add_said(struct sender *s, const char *text)
{
	const char *host = strstr(text, "://");

	/* whom it speaks to stands between the pieces of two addresses, as
	 * whom does not */
	if (host && host - text < 10) {
		size_t n = strcspn(host + 3, "/?#");
		const char *at = memrchr(host + 3, '@', n);

		if (at)
			add_pieces(s, host + 3, at, true);
		add_labels(s, at ? at + 1 : host + 3, host + 3 + n);
		text = host + 3 + n;
	}
	add_pieces(s, text, text + strlen(text), false);
}

void
sender_add_short(struct sender *s, const char *bytes, size_t len)
{
	char text[SENDER_SHORT];

	if (len >= sizeof(text))
		return;
	memcpy(text, bytes, len);
	text[len] = '\0';
	sender_add_said(s, text);
}

void
sender_add_file(struct sender *s, int fd)
{
	char text[SENDER_SHORT];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || st.st_size >= (off_t)sizeof(text))
		return;
	n = pread(fd, text, sizeof(text), 0);
	if (n > 0)
		sender_add_short(s, text, (size_t)n);
}

void
sender_says_user(struct sender *s, const char *text, const char *where)
{
	const char *end;

	if (!text)
		return;
	sender_says(s, text, where);
	/* the password is a piece already */
	end = text + strcspn(text, ":");
	while (text < end) {
		size_t n = 0;

		while (text + n < end && is_piece(text[n]))
			n++;
		if (n)
			add_word(s, text, n);
		text += n + 1;
	}
}

void
sender_add_found(struct sender *s, const char *text, const char *where)
{
	struct secret_found v[8];
	size_t n = secrets_scan(s->secrets, text, strlen(text), where, v, 8);

	for (size_t i = 0; i < n; i++) {
		bool known = v[i].looks; /* by chance, where words meet */

		for (size_t k = 0; k < s->nfound; k++)
			known |= s->found[k].owner == v[i].owner;
		if (!known && s->nfound < sizeof(s->found) / sizeof(*s->found))
			s->found[s->nfound++] = v[i];
	}
}

void
sender_scan_said(struct sender *s)
{
	for (size_t i = 0; i < SENDER_SAID; i++) {
		if (!s->said[i].text || !*s->said[i].text)
			continue;
		sender_add_found(s, s->said[i].text,
				 "several places of the line");
		sender_add_found(s, s->said[i].back,
				 "several places of the line");
	}
}

/* Found where a host stands, perhaps in pieces? */
static bool
may_be_host(const struct secret_found *f)
{
	static const char *const places[] = {
	    "address", "host", "words", "places", "an option", "--hostname"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strstr(f->where, places[i]))
			return true;
	return false;
}

const char *
sender_shown(void *ctx, const struct secret_found *f, const char *host)
{
	char *out = talloc_strdup(ctx, "");

	if (!may_be_host(f))
		return host;
	while (out) {
		size_t n = strcspn(host, ".");
		bool hides =
		    n >= 12 || (n >= 4 && strcspn(host, "0123456789") < n);

		out = talloc_asprintf_append(out, "%.*s%s", hides ? 3 : (int)n,
					     hides ? "***" : host,
					     host[n] ? "." : "");
		if (!host[n])
			break;
		host += n + 1;
	}
	if (!out)
		BUG("out of memory");
	return out;
}

const char *
sender_known_as(void *ctx, const struct secret_found *f)
{
	char *out;

	if (!f->owner->also)
		return f->what;
	out = talloc_asprintf(ctx, "%s, also %s", f->what, f->owner->also);
	if (!out)
		BUG("out of memory");
	return out;
}

/* What the line got out of a variable or a $(...), as a rule; what a server of
 * this machine is told there is no secret on it. */
const char *
sender_carries(const struct sender *s)
{
	for (size_t i = 0; i < s->nhosts && s->nfound; i++)
		if (s->hosts[i].scope != SCOPE_LOCAL)
			return s->found[0].what;
	return NULL;
}

void
sender_shows(struct sender *s, const char *option, const char *file,
	     const char *instead)
{
	const char *what = file ? NULL : sender_carries(s);

	if (!file && !what)
		return;
	file_effect(s->c, EFFECT_SECRET_PRINT, SCOPE_SECRET, file ? file : what,
		    file ? file_text(s->c, "%s prints what %s holds", option,
				     text_safe(s->c->ctx, file))
			 : file_text(s->c, "%s prints %s", option, what))
	    ->instead = instead;
}

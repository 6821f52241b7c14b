/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: tokens by prefix and pattern, known values by windows of twelve
 * bytes, the same again in decoded readings.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/secrets_pack.h"
#include "effects/secrets_work.h"
#include "invocation/program.h"
#include <ctype.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define DEEP	     3	 /* readings of readings */
#define BEGUN	     4	 /* bytes of a value that tell it */
#define WITHIN	     8	 /* places with something compressed */
#define STREAMS	     400 /* with a short stream */
#define STREAM_BYTES ((size_t)256 << 10)
#define DEEP_BYTES   (8u << 10) /* of what is read twice */
#define JOINED	     256	/* bytes that are joined by the way */
/* bytes of other readings, for one command */
#define BUDGET ((size_t)SECRETS_FORMS << 19)

void
secrets_add(struct secret_list *to, const struct secret_owner *owner,
	    const char *what, bool looks)
{
	if (looks && to->values)
		return;
	for (size_t i = 0; i < to->n; i++)
		if (to->v[i].owner == owner)
			return;
	if (to->n < to->room)
		to->v[to->n++] =
		    (struct secret_found){owner, what, to->where, looks};
}

/* --- a command -------------------------------------------------------------
 */

int
secrets_begin(void *ctx, const struct invocation *in,
	      const struct scope_rules *rules, const char *folder,
	      struct secrets **out, struct err *e)
{
	int rc = secrets_load(NULL, e);

	if (rc < 0)
		return rc;
	*out = have(talloc_zero(ctx, struct secrets));
	(*out)->in = in;
	(*out)->rules = rules;
	(*out)->folder = folder;
	(*out)->budget = BUDGET;
	return 0;
}

static void
scan_flat(struct secrets *s, const char *p, size_t len, struct secret_list *to)
{
	pass_scan(secrets_needles(), s->encoded ? s->encoded : s->plain, p, len,
		  to);
}

static void scan_packed(struct secrets *s, const char *p, size_t len,
			unsigned depth, struct secret_list *to);

/* Compressed bytes behind others. */
static void
scan_within(struct secrets *s, const char *p, size_t len, unsigned depth,
	    struct secret_list *to)
{
	bool values = to->values, history = pack_is(p, len);
	int many = 0, few = 0;
	size_t at = 0;

	while (few < WITHIN && many < STREAMS && len > at) {
		size_t n;

		at += 1 + packed_within(p + at + 1, len - at - 1);
		if (at >= len)
			break;
		n = len - at;
		if (!packed_is_stream(p + at, n)) {
			scan_packed(s, p + at, n, depth, to);
			history |= pack_is(p + at, n);
			few++;
			continue;
		}
		/* as it stands: other readings are for what is packed once */
		n = n < STREAM_BYTES ? n : STREAM_BYTES;
		to->values |= history;
		scan_packed(s, p + at, n, DEEP, to);
		to->values = values;
		many++;
	}
}

static char *
lowered(void *ctx, const char *text, size_t len)
{
	char *out = have(talloc_size(ctx, len + 1));

	for (size_t i = 0; i < len; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	out[len] = '\0';
	return out;
}

/* Random enough, and another one in small letters. */
static bool
loses_case(const struct secret_value *x)
{
	bool upper = false, digit = false;

	for (size_t i = 0; i < x->len; i++) {
		upper |= isupper((unsigned char)x->bytes[i]) != 0;
		digit |= isdigit((unsigned char)x->bytes[i]) != 0;
		if (!x->bytes[i])
			return false;
	}
	return x->len >= 12 && upper && digit;
}

static void
know_lowered(struct secrets *s)
{
	if (s->names)
		return;
	s->lower.v = have(
	    talloc_array(s, struct secret_value, (unsigned)s->values.n + 1));
	for (size_t i = 0; i < s->values.n; i++) {
		struct secret_value *x;

		if (!loses_case(&s->values.v[i]))
			continue;
		x = &s->lower.v[s->lower.n++];
		*x = s->values.v[i];
		x->bytes = lowered(s, x->bytes, x->len);
	}
	s->names = windows_make(s, &s->lower, WINDOWS_PLAIN);
	s->whole = windows_make(s, &s->lower, WINDOWS_WHOLE);
}

/* Values whose letters have another case: in a name also parts of them. */
static void
scan_lowered(struct secrets *s, const char *p, size_t len, bool name,
	     struct secret_list *to)
{
	char *low;

	know_lowered(s);
	if (!s->lower.n)
		return;
	low = lowered(s, p, len);
	pass_scan(NULL, name ? s->names : s->whole, low, len, to);
	talloc_free(low);
}

static void
scan_deep(struct secrets *s, const char *p, size_t len, unsigned depth,
	  unsigned read, struct secret_list *to)
{
	scan_flat(s, p, len, to);
	scan_packed(s, p, len, depth, to);
	scan_within(s, p, len, depth, to);
	if (depth == DEEP || len < 12 ||
	    (depth && (len > DEEP_BYTES || !secrets_has_text(p, len))))
		return;
	scan_lowered(s, p, len, false, to);
	for (unsigned form = 0; form < SECRETS_FORMS && to->n < to->room;
	     form++) {
		size_t other;
		char *text;
		bool joins;

		if (!secrets_reads_again(read, form, depth, len))
			continue;
		s->spent |= s->budget < len;
		if (s->spent)
			return;
		s->budget -= len;
		text = secrets_decoded(s, p, len, form, &other);
		if (!text)
			continue;
		joins = secrets_only_joins(form) && other <= JOINED;
		scan_deep(s, text, other, depth + !joins,
			  secrets_read_as(form, len, other), to);
		talloc_free(text);
	}
}

struct packed {
	struct secrets *s;
	struct secret_list *to;
	unsigned depth;
};

/* Other people's packages come with keys for their tests. */
bool
secrets_of_package(const char *path)
{
	return strstr(path, "node_modules/") ||
	       strstr(path, "site-packages/") || strstr(path, "dist-packages/");
}

bool
secrets_is_archive(const char *bytes, size_t len)
{
	return packed_is(bytes, len) ||
	       (len > 262 && !memcmp(bytes + 257, "ustar", 5));
}

static bool
scan_piece(void *data, const char *path, const char *p, size_t len)
{
	struct packed *k = data;
	size_t before = k->to->n, kept;
	const char *where = k->to->where;
	bool values = k->to->values;

	/* a name that holds one is not shown */
	if (path)
		scan_flat(k->s, path, strlen(path), k->to);
	if (k->to->n > before)
		path = NULL;
	before = kept = k->to->n;
	if (k->depth <= DEEP && len * SECRETS_FORMS <= k->s->budget) {
		scan_deep(k->s, p, len, k->depth, SECRETS_FORMS, k->to);
	} else {
		scan_flat(k->s, p, len, k->to);
		k->to->values = true; /* packages in a package */
		scan_packed(k->s, p, len, k->depth, k->to);
		k->to->values = values;
	}
	k->s->shallow |=
	    len * SECRETS_FORMS > k->s->budget && len * SECRETS_FORMS <= BUDGET;
	for (size_t i = before; i < k->to->n; i++) {
		struct secret_found *f = &k->to->v[i];

		if (f->looks && path && secrets_of_package(path))
			continue;
		if (path)
			f->where = have(talloc_asprintf(k->s, "%s: %s", where,
							text_safe(k->s, path)));
		k->to->v[kept++] = *f;
	}
	k->to->n = kept;
	return kept < k->to->room;
}

/* Of an archive that was looked through as it stands. */
static bool
scan_member(void *data, const char *path, const char *p, size_t len)
{
	return !packed_is(p, len) || scan_piece(data, path, p, len);
}

/* What the bytes unpack to, if they are packed. */
static void
scan_packed(struct secrets *s, const char *p, size_t len, unsigned depth,
	    struct secret_list *to)
{
	struct packed k = {.s = s, .to = to, .depth = depth + 1};
	bool values = to->values;

	if (to->n == to->room || depth > DEEP)
		return;
	/* A history is full of tests, and nothing leaves it again: as with a
	 * push, what is known counts. */
	if (packed_is(p, len)) {
		to->values |= pack_is(p, len);
		s->unread |= !packed_each(p, len, scan_piece, &k);
	} else if (secrets_is_archive(p, len)) {
		to->values = true; /* the looks of it have been seen to */
		(void)packed_each(p, len, scan_member, &k);
	}
	to->values = values;
}

bool
secrets_unread(const struct secrets *s)
{
	return s->unread;
}

/* Who made it may have it back, whatever it is called: BOT_TOKEN=ghp_...; but
 * not where the person says whose it is. */
static void
owned_by_looks(struct secrets *s)
{
	for (size_t i = 0; i < s->values.n; i++) {
		struct secret_value *x = &s->values.v[i];
		const struct family *f;

		if (x->owner->instead_of || x->owner->keeps)
			continue;
		f = secrets_family_by_looks(x->bytes, x->len);
		x->owner->also = f ? NULL : x->owner->also;
		if (!f || f->owner.keeps ||
		    (x->owner->nhosts &&
		     !strcmp(x->owner->family, f->owner.family)))
			continue;
		if (!x->owner->nhosts)
			x->owner->family = f->owner.family;
		for (size_t k = 0; k < f->owner.nhosts; k++)
			secrets_append(s, &x->owner->hosts, &x->owner->nhosts,
				       f->owner.hosts[k]);
	}
}

void
secrets_know(struct secrets *s)
{
	if (s->known)
		return;
	s->known = true;
	(void)secrets_known(s, s->in, s->rules, s->folder, &s->values);
	owned_by_looks(s);
	s->plain = windows_make(s, &s->values, WINDOWS_PLAIN);
}

size_t
secrets_scan_names(struct secrets *s, const char *text, const char *where,
		   struct secret_found *v, size_t room)
{
	struct secret_list to = {.v = v, .room = room, .where = where};

	secrets_know(s);
	scan_lowered(s, text, strlen(text), true, &to);
	return to.n;
}

size_t
secrets_scan(struct secrets *s, const void *bytes, size_t len,
	     const char *where, struct secret_found *v, size_t room)
{
	struct secret_list to = {.v = v, .room = room, .where = where};

	secrets_know(s);
	if (!s->spent && len * SECRETS_FORMS <= s->budget)
		scan_deep(s, bytes, len, 0, SECRETS_FORMS, &to);
	else
		s->spent = true;
	/* What is too much for other readings is looked through for values
	 * that are encoded themselves. */
	if (s->spent && !s->encoded)
		s->encoded = windows_make(s, &s->values, WINDOWS_ENCODED);
	if (s->spent) {
		scan_flat(s, bytes, len, &to);
		scan_packed(s, bytes, len, 0, &to);
	}
	return to.n;
}

size_t
secrets_begun(struct secrets *s, const char *bytes, size_t len,
	      const char *host)
{
	size_t most = BEGUN - 1;

	secrets_know(s);
	for (size_t i = 0; i < s->values.n; i++) {
		const struct secret_value *x = &s->values.v[i];
		const struct secret_found f = {.owner = x->owner};
		size_t n = x->len - 1 < len ? x->len - 1 : len;

		if (!x->owner->keeps && (!host || secret_belongs(&f, host)))
			continue;
		for (; n > most; n--)
			if (bytes[len - n] == *x->bytes &&
			    !memcmp(bytes + len - n, x->bytes, n))
				most = n;
	}
	return most < BEGUN ? 0 : most;
}

bool
secret_belongs(const struct secret_found *f, const char *host)
{
	for (size_t i = 0; i < f->owner->nhosts; i++)
		if (fnmatch(f->owner->hosts[i], host, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

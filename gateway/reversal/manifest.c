/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests in memory and on disk.  The writer escapes every byte that is not
 * printable ASCII, so that a line is a line and a tab is a field.  The reader
 * is manifest_read.c.
 */
#include "base/file.h"
#include "reversal/manifest_form.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <talloc.h>

struct manifest_index {
	size_t room;	/* items allocated */
	uint32_t *slot; /* item number + 1; 0: free */
	size_t slots;	/* power of two, more than 4/3 of the items */
};

const char *const manifest_kinds[MANIFEST_KINDS] = {
    [ITEM_REF] = "ref",		[ITEM_FILE] = "file",
    [ITEM_GITFILE] = "gitfile", [ITEM_PATH] = "path",
    [ITEM_OBJECTS] = "objects", [ITEM_REMOTE] = "remote",
};

/* FNV-1a, 64 bits */
static uint64_t
hash_name(enum item_kind kind, const char *name)
{
	uint64_t h = 1469598103934665603ull ^ (uint64_t)kind;

	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		h = (h ^ *p) * 1099511628211ull;
	return h ^ h >> 29;
}

static size_t
find_slot(const struct manifest *m, enum item_kind kind, const char *name)
{
	const struct manifest_index *x = m->index;
	size_t i = hash_name(kind, name) & (x->slots - 1);

	for (; x->slot[i]; i = (i + 1) & (x->slots - 1)) {
		const struct item *it = &m->items[x->slot[i] - 1];

		if (it->kind == kind && strcmp(it->name, name) == 0)
			break;
	}
	return i;
}

static void
grow(struct manifest *m)
{
	struct manifest_index *x = m->index;

	if (m->n == UINT32_MAX - 1)
		BUG("manifest of %zu items", m->n);
	if (m->n == x->room) {
		x->room = x->room ? x->room * 2 : 64;
		m->items = talloc_realloc(m->ctx, m->items, struct item,
					  (unsigned)x->room);
		if (!m->items)
			BUG("out of memory");
	}
	if ((m->n + 1) * 4 < x->slots * 3)
		return;
	x->slots = x->slots ? x->slots * 2 : 128;
	TALLOC_FREE(x->slot);
	x->slot = talloc_zero_array(x, uint32_t, (unsigned)x->slots);
	if (!x->slot)
		BUG("out of memory");
	for (size_t i = 0; i < m->n; i++)
		x->slot[find_slot(m, m->items[i].kind, m->items[i].name)] =
		    (uint32_t)(i + 1);
}

void
manifest_init(void *ctx, struct manifest *m)
{
	memset(m, 0, sizeof(*m));
	m->ctx = ctx;
	m->session = m->commondir = m->gitdir = m->worktree = "";
	m->command = "";
	m->state = "open";
	m->index = talloc_zero(ctx, struct manifest_index);
	if (!m->index)
		BUG("out of memory");
}

struct item *
manifest_add_here(struct manifest *m, enum item_kind kind, const char *name,
		  bool *made)
{
	struct item *it;
	size_t slot;

	grow(m);
	slot = find_slot(m, kind, name);
	*made = m->index->slot[slot] == 0;
	if (!*made)
		return &m->items[m->index->slot[slot] - 1];
	it = &m->items[m->n++];
	m->index->slot[slot] = (uint32_t)m->n;
	memset(it, 0, sizeof(*it));
	it->kind = kind;
	it->name = name;
	return it;
}

struct item *
manifest_add(struct manifest *m, enum item_kind kind, const char *name)
{
	struct item *it;
	bool made;

	if ((unsigned)kind >= MANIFEST_KINDS || !*name)
		BUG("item of kind %d named \"%s\"", (int)kind, name);
	it = manifest_add_here(m, kind, name, &made);
	if (!made)
		return it;
	it->name = talloc_strdup(m->ctx, name);
	if (!it->name)
		BUG("out of memory");
	return it;
}

struct item *
manifest_find(const struct manifest *m, enum item_kind kind, const char *name)
{
	uint32_t at;

	if (!m->index->slots)
		return NULL;
	at = m->index->slot[find_slot(m, kind, name)];
	return at ? &m->items[at - 1] : NULL;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_UNKNOWN:
		return false;
	case VALUE_ABSENT:
		return true;
	case VALUE_DIR:
		return (a->mode & 07777) == (b->mode & 07777);
	case VALUE_BLOB:
	case VALUE_INDEX:
	case VALUE_KEPT:
		return (a->mode & 07777) == (b->mode & 07777) &&
		       a->size == b->size && strcmp(a->text, b->text) == 0;
	case VALUE_OID:
	case VALUE_SYMREF:
	case VALUE_LINK:
	case VALUE_OTHER:
		return strcmp(a->text, b->text) == 0;
	case VALUE_NODE:
		return a->mode == b->mode && strcmp(a->text, b->text) == 0;
	}
	BUG("value of kind %d", (int)a->kind);
}

/* --- writing ----------------------------------------------------------- */

struct text {
	char *v;
	size_t n, room;
	bool too_large;
};

/* talloc refuses blocks of 256 MiB and more; the reader too would. */
static void
put(struct text *t, const char *s, size_t len)
{
	if (t->room - t->n < len) {
		size_t more = t->room < (32u << 20) ? t->room : 32u << 20;

		t->room += more > len ? more : len;
		if (t->room > MANIFEST_MAX) {
			t->too_large = true;
			t->n = 0;
			t->room = MANIFEST_MAX;
		}
		t->v = talloc_realloc(NULL, t->v, char, (unsigned)t->room);
		if (!t->v)
			BUG("out of memory");
	}
	memcpy(t->v + t->n, s, len);
	t->n += len;
}

static void
put_escaped(struct text *t, const char *s)
{
	while (*s) {
		size_t plain = 0;
		unsigned char c;

		while ((c = (unsigned char)s[plain]) >= 0x20 && c < 0x7f &&
		       c != '\\')
			plain++;
		put(t, s, plain);
		s += plain;
		if ((c = (unsigned char)*s) != '\0') {
			char octal[4] = {'\\', (char)('0' + (c >> 6)),
					 (char)('0' + (c >> 3 & 7)),
					 (char)('0' + (c & 7))};
			put(t, octal, 4);
			s++;
		}
	}
}

static void put_format(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put_format(struct text *t, const char *fmt, ...)
{
	char buf[128];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(buf))
		BUG("manifest field of %d bytes", len);
	put(t, buf, (size_t)len);
}

static void
put_header(struct text *t, const char *word, const char *value)
{
	put(t, word, strlen(word));
	put(t, "\t", 1);
	put_escaped(t, value);
	put(t, "\n", 1);
}

static void
put_value(struct text *t, const struct value *v)
{
	if (v->kind >= VALUE_OID && v->kind != VALUE_DIR && !v->text)
		BUG("value of kind %d without text", (int)v->kind);
	switch (v->kind) {
	case VALUE_UNKNOWN:
		put(t, "?", 1);
		return;
	case VALUE_ABSENT:
		put(t, "-", 1);
		return;
	case VALUE_OID:
		put(t, "o:", 2);
		break;
	case VALUE_SYMREF:
		put(t, "s:", 2);
		break;
	case VALUE_LINK:
		put(t, "l:", 2);
		break;
	case VALUE_OTHER:
		put(t, "x:", 2);
		break;
	case VALUE_DIR:
		put_format(t, v->text ? "d:%o:" : "d:%o", v->mode);
		if (!v->text)
			return;
		break;
	case VALUE_BLOB:
		put_format(t, "b:%o:", v->mode);
		put_escaped(t, v->text);
		put_format(t, ":%" PRIu64, v->size);
		return;
	case VALUE_KEPT:
		put_format(t, "k:%o:%" PRIu64 ":", v->mode, v->size);
		break;
	case VALUE_NODE:
		put_format(t, "n:%o:", v->mode);
		break;
	case VALUE_INDEX:
		put_format(t, "i:%o:", v->mode);
		break;
	}
	put_escaped(t, v->text);
	if (v->mtime_s && v->mtime_s <= INT64_MAX &&
	    (v->kind == VALUE_LINK || v->kind == VALUE_NODE))
		put_format(t, ":%" PRIu64 ".%" PRIu64, v->mtime_s, v->mtime_ns);
}

int
manifest_write(const struct manifest *m, const char *entry_dir, struct err *e)
{
	char *path = talloc_asprintf(NULL, "%s/manifest", entry_dir);
	struct text t = {.room = 4096};
	int rc;

	t.v = talloc_array(NULL, char, (unsigned)t.room);
	if (!path || !t.v)
		BUG("out of memory");
	put_format(&t,
		   "automode-entry\t1\nid\t%" PRIu64 "\ntime\t%" PRId64 "\n",
		   m->id, m->time);
	put_header(&t, "session", m->session);
	put_header(&t, "commondir", m->commondir);
	put_header(&t, "gitdir", m->gitdir);
	put_header(&t, "worktree", m->worktree);
	put_header(&t, "command", m->command);
	put_header(&t, "state", m->state);
	put_format(&t, "undoes\t%" PRIu64 "\n", m->undoes);
	for (size_t i = 0; i < m->n; i++) {
		const struct item *it = &m->items[i];

		put_format(&t, "item\t%s\t", manifest_kinds[it->kind]);
		put_escaped(&t, it->name);
		put(&t, "\t", 1);
		put_value(&t, &it->before);
		put(&t, "\t", 1);
		put_value(&t, &it->after);
		put(&t, "\n", 1);
	}
	put_format(&t, "end\t%zu\n", m->n);
	if (t.too_large)
		rc = err_set(e, ERR_LIMIT, "%zu items are too many", m->n);
	else
		rc = file_write(AT_FDCWD, path, t.v, t.n, 0600, e);
	talloc_free(t.v);
	talloc_free(path);
	return rc < 0 ? err_wrap(e, "writing the manifest") : 0;
}

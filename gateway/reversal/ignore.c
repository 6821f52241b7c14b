/* SPDX-License-Identifier: Apache-2.0 */
/* gitignore(5): reading the files, last match wins. */
#include "reversal/ignore.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE (4u << 20)

struct pattern {
	const char *text;
	bool negative, only_dir, only_name;
};

struct rules {
	char *base; /* directory with its slash, "" at the top */
	size_t base_len;
	struct pattern *v;
	size_t n, room;
	bool broken; /* there, but could not be read */
};

struct ignore {
	struct rules exclude, global;
	struct rules **stack;
	size_t n, room;
	bool fold_case;
};

/* Spaces at the end count only behind a backslash. */
static void
trim_spaces(char *line)
{
	char *last = NULL;

	for (char *p = line; *p; p++) {
		if (*p == ' ') {
			if (!last)
				last = p;
			continue;
		}
		last = NULL;
		if (*p == '\\' && !*++p)
			return;
	}
	if (last)
		*last = '\0';
}

static void
add_line(struct rules *r, char *line)
{
	struct pattern *p;
	size_t n;

	if (!*line || *line == '#')
		return;
	trim_spaces(line);
	GROW(r, r->v, r->n, r->room);
	p = &r->v[r->n];
	memset(p, 0, sizeof(*p));
	if (*line == '!') {
		p->negative = true;
		line++;
	}
	n = strlen(line);
	if (n && line[n - 1] == '/') {
		p->only_dir = true;
		line[--n] = '\0';
	}
	if (!n)
		return;
	p->only_name = !strchr(line, '/');
	p->text = *line == '/' ? line + 1 : line;
	r->n++;
}

static void
parse(struct rules *r, char *text)
{
	char *line = text, *end;

	if (!strncmp(line, "\xef\xbb\xbf", 3))
		line += 3;
	for (; line && *line; line = end) {
		end = strchr(line, '\n');
		if (end) {
			*end++ = '\0';
		}
		if (*line && line[strlen(line) - 1] == '\r')
			line[strlen(line) - 1] = '\0';
		add_line(r, line);
	}
}

/* git 2.32 and later do not follow a link named .gitignore. */
static void
load(struct rules *r, int dirfd, const char *path, bool follow)
{
	struct stat st;
	char *text = NULL;
	int rc;

	if (!follow && (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			S_ISLNK(st.st_mode)))
		return;
	rc = file_read(r, dirfd, path, MAX_FILE, &text, NULL, NULL);
	if (rc == 0)
		parse(r, text);
	r->broken = rc < 0;
}

static void
init(struct rules *r, void *ctx, const char *base)
{
	(void)ctx;
	memset(r, 0, sizeof(*r));
	r->base = have(*base ? talloc_asprintf(ctx, "%s/", base)
			     : talloc_strdup(ctx, ""));
	r->base_len = strlen(r->base);
}

struct ignore *
ignore_new(void *ctx, const char *exclude, const char *global, bool fold_case)
{
	struct ignore *g = have(talloc_zero(ctx, struct ignore));
	struct rules *r = have(talloc_zero(g, struct rules));

	g->fold_case = fold_case;
	init(r, r, "");
	load(r, AT_FDCWD, exclude, true);
	g->exclude = *r;
	r = have(talloc_zero(g, struct rules));
	init(r, r, "");
	if (global)
		load(r, AT_FDCWD, global, true);
	g->global = *r;
	return g;
}

void
ignore_enter(struct ignore *g, int dirfd, const char *dir)
{
	struct rules *r = have(talloc_zero(g, struct rules));

	init(r, r, dir);
	load(r, dirfd, ".gitignore", false);
	GROW(g, g->stack, g->n, g->room);
	g->stack[g->n++] = r;
}

void
ignore_leave(struct ignore *g)
{
	talloc_free(g->stack[--g->n]);
}

/* 1 ignored, -1 taken back, 0 not mentioned, 2 cannot tell. */
static int
look_in(const struct rules *r, const char *path, bool dir, bool fold)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (r->broken)
		return 2;
	if (strncmp(path, r->base, r->base_len))
		return 0;
	for (size_t i = r->n; i-- > 0;) {
		const struct pattern *p = &r->v[i];
		int hit;

		if (p->only_dir && !dir)
			continue;
		hit = p->only_name ? ignore_match(p->text, name, false, fold)
				   : ignore_match(p->text, path + r->base_len,
						  true, fold);
		if (hit < 0)
			return 2;
		if (hit)
			return p->negative ? -1 : 1;
	}
	return 0;
}

enum ignored
ignore_look(struct ignore *g, const char *path, bool dir)
{
	int found = 0;

	for (size_t i = g->n; i-- > 0 && !found;)
		found = look_in(g->stack[i], path, dir, g->fold_case);
	if (!found)
		found = look_in(&g->exclude, path, dir, g->fold_case);
	if (found)
		return found == 1   ? IGNORED_YES
		       : found == 2 ? IGNORED_MAYBE
				    : IGNORED_NO;
	found = look_in(&g->global, path, dir, g->fold_case);
	return found > 0 ? IGNORED_MAYBE : IGNORED_NO;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder that is sent: every file in it as if it were sent by itself, within
 * limits beyond which it counts as not looked through.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/sender.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_DEPTH 60
#define MAX_FILES 300000u
#define MAX_BYTES (UINT64_C(8) << 30)
#define MAX_MS	  60000
#define SAY_MS	  1000 /* from then on it says where it is */

struct walk {
	struct sender *s;
	uint64_t bytes;
	size_t files;
	int64_t begin, said;
	bool full; /* a limit, or enough has been found */
	char *names;
	size_t len, room;
};

static void
keep_name(struct walk *w, const char *name)
{
	size_t len = strlen(name);

	if (w->len + len + 1 > w->room) {
		w->room = 2 * (w->len + len + 2048);
		w->names = talloc_realloc(w->s->c->ctx, w->names, char,
					  (unsigned)w->room);
		if (!w->names)
			BUG("out of memory");
	}
	memcpy(w->names + w->len, name, len);
	w->names[w->len + len] = '\n';
	w->len += len + 1;
}

/* On a terminal only. */
static void
say(struct walk *w, const char *text)
{
	const struct invocation *in = w->s->c->in;

	if (in->kind == REQUEST_RUN && in->stdio[2] >= 0 &&
	    isatty(in->stdio[2]))
		(void)file_write_all(in->stdio[2], text, strlen(text));
}

static void
count(struct walk *w, uint64_t bytes)
{
	int64_t now;
	char text[80];

	w->bytes += bytes;
	if (++w->files % 64 != 0 && bytes < 1u << 20)
		return;
	now = now_ms();
	if (w->files > MAX_FILES || w->bytes > MAX_BYTES ||
	    now - w->begin > MAX_MS) {
		w->full = true;
		w->s->unseen = true;
	}
	if (now - (w->said ? w->said : w->begin) < SAY_MS)
		return;
	w->said = now;
	snprintf(text, sizeof(text),
		 "\rautomode: %zu files looked through for credentials",
		 w->files);
	say(w, text);
}

static void
end(struct walk *w)
{
	if (w->len)
		sender_scan(w->s, w->names, w->len, "a file's name");
	talloc_free(w->names);
	if (w->said)
		say(w, "\r\033[K");
}

static void
one_file(struct walk *w, const char *path, const struct stat *st)
{
	struct sender *s = w->s;
	const size_t room = sizeof(s->found) / sizeof(*s->found);
	size_t before = s->nfound, kept = before;
	bool home, package = secrets_of_package(path);

	if (path_is_credential(&s->c->os, path, &home) && (home || !package) &&
	    s->nfound < room)
		s->found[s->nfound++] = (struct secret_found){
		    &sender_credential_file, "a file of credentials",
		    text_safe(s->c->ctx, path), false};
	sender_scan_file(s, path);
	/* each owner once for all files */
	for (size_t i = before; i < s->nfound; i++) {
		bool known = s->found[i].looks && package;

		for (size_t k = 0; k < kept && !known; k++)
			known = s->found[k].owner == s->found[i].owner;
		if (!known)
			s->found[kept++] = s->found[i];
	}
	s->nfound = kept;
	w->full |= kept == room;
	count(w, (uint64_t)st->st_size);
}

static void
below(struct walk *w, const char *path, unsigned depth)
{
	DIR *d = depth < MAX_DEPTH ? opendir(path) : NULL;
	struct dirent *ent;
	struct stat st;

	while (d && !w->full && (ent = readdir(d))) {
		char *name;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		keep_name(w, ent->d_name);
		name = talloc_asprintf(NULL, "%s/%s", path, ent->d_name);
		if (!name)
			BUG("out of memory");
		if (stat(name, &st) != 0)
			/* a link to nothing, or to what each finds elsewhere */
			sender_scan_file(w->s, name);
		else if (S_ISDIR(st.st_mode))
			below(w, name, depth + 1);
		else if (S_ISREG(st.st_mode))
			one_file(w, name, &st);
		talloc_free(name);
	}
	if (d)
		closedir(d);
}

void
sender_folder(struct sender *s, const char *path)
{
	struct walk w = {.s = s, .begin = now_ms()};

	below(&w, path, 0);
	end(&w);
}

void
sender_listed(struct sender *s, const char *dir, char *names, bool links)
{
	struct walk w = {.s = s, .begin = now_ms()};
	struct stat st;
	char *line;

	while (!w.full && (line = strsep(&names, "\n"))) {
		char *path;

		file_unescape(line, true);
		keep_name(&w, line);
		path = talloc_asprintf(NULL, "%s/%s", dir, line);
		if (!path)
			BUG("out of memory");
		if (!*line)
			; /* no name */
		else if ((links ? stat(path, &st) : lstat(path, &st)) != 0)
			sender_scan_file(s, path);
		else if (S_ISREG(st.st_mode))
			one_file(&w, path, &st);
		talloc_free(path);
	}
	end(&w);
}

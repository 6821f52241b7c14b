/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile's text -> policy: libgit2's config parser on bytes that were read
 * once from a checked descriptor.
 */
#include "base/file.h"
#include "base/text.h"
#include "policy/load_work.h"
#include <ctype.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/mman.h>
#include <talloc.h>
#include <unistd.h>

static const char *const layer_names[] = {"built-in", "system", "user",
					  "repository"};

const char *
layer_name(enum layer l)
{
	return l < LAYER_COUNT ? layer_names[l] : "none";
}

/* Line on which a key's variable stands, for messages; 0: not found.  The
 * parser of libgit2 1.5 does not say. */
static int
line_of(const char *text, const struct policy_name *n)
{
	size_t seclen = strlen(n->section), varlen = strlen(n->variable);
	bool inside = false;
	int line = 1;

	for (const char *p = text; p && *p; line++) {
		const char *q = p + strspn(p, " \t");

		if (*q == '[') {
			inside = strncasecmp(q + 1, n->section, seclen) == 0;
			if (inside && n->sub) {
				size_t len = strcspn(q, "\n");

				inside = memmem(q, len, n->sub,
						strlen(n->sub)) != NULL;
			}
		} else if (inside && strncasecmp(q, n->variable, varlen) == 0 &&
			   !isalnum((unsigned char)q[varlen]) &&
			   q[varlen] != '-') {
			return line;
		}
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return 0;
}

int
policy_complain(struct reading *rd, const struct policy_name *n,
		const char *fmt, ...)
{
	int line = line_of(rd->text, n);
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line)
		return err_set(rd->e, ERR_SYNTAX, "%s:%d: %s", rd->file, line,
			       text);
	return err_set(rd->e, ERR_SYNTAX, "%s: %s", rd->file, text);
}

/* Includes are refused before libgit2 sees the text: it would open them.  It
 * takes one for a header in more places than at the beginning of a line
 * ("[a][include]", behind a byte order mark or a form feed), so that no such
 * text may stand anywhere.  The line; 0: none. */
static size_t
include_at(const char *text)
{
	const char *at = strcasestr(text, "[include");
	size_t line = 1;

	for (const char *p = text; at && p < at; p++)
		line += *p == '\n';
	return at ? line : 0;
}

/* libgit2 1.5: "failed to parse config file: what (in path:line)"; the path is
 * our descriptor's. */
static int
not_config(void *ctx, const char *file, const char *path, struct err *e)
{
	static const char parse[] = "failed to parse config file: ";
	const git_error *ge = git_error_last();
	const char *said = ge ? ge->message : "not git-config syntax", *in;
	size_t n = strlen(path);

	if (strncmp(said, parse, strlen(parse)) == 0)
		said += strlen(parse);
	in = strstr(said, " (in ");
	if (!in || strncmp(in + 5, path, n) != 0 || in[5 + n] != ':')
		return err_set(e, ERR_SYNTAX, "%s: %s", file, said);
	return err_set(e, ERR_SYNTAX, "%s:%.*s: %s", file,
		       (int)strspn(in + 6 + n, "0123456789"), in + 6 + n,
		       talloc_strndup(ctx, said, (size_t)(in - said)));
}

int
policy_read_bytes(struct policy *p, const char *file, const char *text,
		  size_t len, enum layer layer, const char *home, bool trusted,
		  struct err *e)
{
	struct reading rd = {p, layer,	talloc_strdup(p, file), text, home,
			     e, trusted};
	git_config *config = NULL;
	size_t include;
	char path[64];
	int rc, fd;

	if (strlen(text) != len)
		return err_set(e, ERR_SYNTAX, "%s: a NUL byte", file);
	include = include_at(text);
	if (include)
		return err_set(e, ERR_SYNTAX,
			       "%s:%zu: includes are refused in profiles", file,
			       include);
	fd = memfd_create("profile", MFD_CLOEXEC);
	if (fd < 0 || file_write_all(fd, text, len) < 0) {
		if (fd >= 0)
			close(fd);
		return err_sys(e, "reading %s", file);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = git_config_open_ondisk(&config, path);
	if (rc < 0) {
		rc = not_config(p, file, path, e);
	} else {
		rc = git_config_foreach(config, policy_read_entry, &rd);
		if (rc < 0 && rc != ERR_SYNTAX)
			rc = err_git(e, "reading %s", file);
	}
	git_config_free(config);
	close(fd);
	return rc < 0 ? rc : 0;
}

int
policy_read_text(void *ctx, struct policy *p, const char *text,
		 enum layer layer, struct err *e)
{
	(void)ctx;
	return policy_read_bytes(p, layer_name(layer), text, strlen(text),
				 layer, NULL, false, e);
}

int
policy_read_repository(struct policy *p, const char *file, const char *text,
		       size_t len, bool trusted, const char *home,
		       struct err *e)
{
	return policy_read_bytes(p, file, text, len, LAYER_REPOSITORY, home,
				 trusted, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files on a forge's command line: what is read and sent, and what is
 * written here.
 */
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/forge.h"
#include <dirent.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

/* By name alone; places that hold credentials are known to scope.c. */
static bool
named_like_secret(const char *path)
{
	static const char *const globs[] = {
	    ".env",	 ".env.*",	 "*.env",	"*.pem",
	    "*.key",	 "id_rsa",	 "id_ed25519",	"id_ecdsa",
	    "id_dsa",	 "*.p12",	 "*.pfx",	"*.jks",
	    ".netrc",	 ".npmrc",	 ".pypirc",	".pgpass",
	    "*.kdbx",	 "secrets.json", "credentials", "credentials.json",
	    "hosts.yml", ".htpasswd",	 "*.keystore",	"*.tfstate",
	    "*.token",	 "secrets.y*ml", "*.ovpn"};
	static const char *const samples[] = {"*.example", "*.sample",
					      "*.template", "*.dist"};
	const char *base = path_base(path);

	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		if (fnmatch(samples[i], base, 0) == 0)
			return false;
	for (size_t i = 0; i < sizeof(globs) / sizeof(*globs); i++)
		if (fnmatch(globs[i], base, 0) == 0)
			return true;
	return false;
}

void
forge_reads_file(struct forge_call *f, const char *path, bool sends)
{
	enum scope scope;
	struct effect *fx;
	char *real;

	if (!git_is_file_name(path))
		return;
	real = path_resolve(f->ctx, f->dir, path);
	scope = scope_of_path(f->in, f->t->rules, f->repo, real);
	if (scope == SCOPE_SECRET ||
	    (sends && (named_like_secret(real) || named_like_secret(path)))) {
		fx = effects_add(
		    f->fx, sends ? EFFECT_SECRET_SEND : EFFECT_SECRET_READ,
		    SCOPE_SECRET, path);
		fx->undo = UNDO_NO;
		fx->why = forge_text(f, "%s looks like a file of credentials",
				     text_safe(f->ctx, real));
		fx->instead = "leave the file where it is, and tell the "
			      "person what it is needed for";
	}
	need_read(f->ctx, &f->cmd->need, real);
}

static void
loses(struct forge_call *f, struct effect *fx, const char *path)
{
	fx->losses |= LOSS_PATHS;
	f->cmd->losses.what |= LOSS_PATHS;
	losses_add_path(f->ctx, &f->cmd->losses, path);
}

void
forge_writes(struct forge_call *f, const char *path, bool folder,
	     bool overwrites)
{
	char *real = path_resolve(f->ctx, f->dir, path);
	enum scope scope;
	struct effect *fx;
	struct dirent *d;
	struct stat st;
	DIR *stream;
	bool there = stat(real, &st) == 0;

	if (!folder && !git_is_file_name(path))
		return;
	scope = scope_of_path(f->in, f->t->rules, f->repo, real);
	fx = effects_add(f->fx, EFFECT_FILE_WRITE, scope, path);
	fx->undo = UNDO_YES;
	if (f->repo && (path_is_under(real, f->repo->commondir) ||
			path_is_under(real, f->repo->gitdir))) {
		fx->kind = EFFECT_PERSIST;
		fx->undo = UNDO_NO;
		fx->why = "it would write into the repository's own folder";
	} else if (!folder && there && overwrites) {
		fx->kind = EFFECT_FILE_OVERWRITE;
		loses(f, fx, real);
	} else if (folder && overwrites && (stream = opendir(real))) {
		/* names come from the host: any of them may be meant */
		while ((d = readdir(stream))) {
			if (!strcmp(d->d_name, ".") ||
			    !strcmp(d->d_name, "..") ||
			    !strcmp(d->d_name, ".git"))
				continue;
			fx->kind = EFFECT_FILE_OVERWRITE;
			loses(f, fx, path_join(f->ctx, real, d->d_name));
		}
		closedir(stream);
	}
	need_write(f->ctx, &f->cmd->need, real);
}

void
forge_files(struct forge_call *f)
{
	const struct cobra_line *l = &f->line;
	const char *at;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (is_listed(l->v[i].name, f->kind->file_flags))
			forge_reads_file(f, l->v[i].value, true);
		if (!is_listed(l->v[i].name, f->kind->field_flags))
			continue;
		at = strchr(l->v[i].value, '=');
		if (at && at[1] == '@')
			forge_reads_file(f, at + 2, true);
	}
	if (!f->word->sends)
		return;
	for (i = f->word->sends - 1u; i < l->noperands; i++) {
		/* release upload: file#label */
		char *path = talloc_strdup(f->ctx, l->operands[i]);
		char *label = strrchr(path, '#');

		if (!path_exists(path_join(f->ctx, f->dir, path)) && label)
			*label = '\0';
		if (path_exists(path_join(f->ctx, f->dir, path)))
			forge_reads_file(f, path, true);
	}
}

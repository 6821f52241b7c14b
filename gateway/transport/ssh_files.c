/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ssh in the box gets to read: a configuration with one block for
 * each hop, the lines of known_hosts that are about those hosts, and public
 * keys.  Nothing of it is secret, nothing of it comes from the agent's files.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "transport/ssh_private.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#define MAX_LINES 100000 /* of a known_hosts */

/* "# Host NAME found: line N", then that line, and so on.  Others stay
 * empty. */
static void
append_lines(char **lines, char *found)
{
	long at = 1, want = 0;
	char *line, *number;

	for (const char *p = *lines; *p; p++)
		at += *p == '\n';
	while ((line = strsep(&found, "\n"))) {
		number = strstr(line, " found: line ");
		if (*line == '#' && number) {
			want = strtol(number + 13, NULL, 10);
			continue;
		}
		for (; at < want && at < MAX_LINES; at++)
			*lines = talloc_strdup_append_buffer(*lines, "\n");
		if (*line) {
			*lines =
			    talloc_asprintf_append_buffer(*lines, "%s\n", line);
			at++;
		}
	}
}

/* The lines of one file that are about a name, hashed or not, with their
 * markers (@cert-authority, @revoked). */
static int
find_lines(void *ctx, const struct ssh_person *p, const char *file,
	   const char *name, char **lines, struct err *e)
{
	const char *argv[] = {"ssh-keygen", "-F", name, "-f", file, NULL};
	struct spawn s = {.program = SSH_KEYGEN, .argv = argv, .env = p->env};

	if (spawn_run(ctx, &s, e) < 0)
		return err_wrap(e, "looking for %s in %s", name,
				text_safe(ctx, file));
	/* status 1: not found */
	if (s.status == 0 && s.output)
		append_lines(lines, s.output);
	return 0;
}

/* A path that means itself in a configuration, and below the home folder. */
static bool
is_simple(void *ctx, const struct ssh_person *p, const char *path)
{
	if (!path_is_under(path, p->home) ||
	    strcmp(path_clean(ctx, path), path) != 0)
		return false;
	for (; *path; path++)
		if (!isalnum((unsigned char)*path) && !strchr("/._+-", *path))
			return false;
	return true;
}

static int
find_name(void *ctx, const struct ssh_person *p, struct ssh_host *h,
	  const char *name, char **lines, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && h->known && h->known[i]; i++) {
		bool first = **lines == '\0';

		if (!path_exists(h->known[i]))
			continue;
		rc = find_lines(ctx, p, h->known[i], name, lines, e);
		if (first && **lines && is_simple(ctx, p, h->known[i]))
			h->known_file = h->known[i];
	}
	return rc;
}

static int
not_known(void *ctx, const struct ssh_host *h, struct err *e)
{
	char *port = talloc_strdup(ctx, "");
	const char *jump = "";

	if (h->port != 22)
		port = talloc_asprintf(ctx, "-p %u ", h->port);
	if (h->via)
		jump = talloc_asprintf(ctx, "-J %s ", h->via->asked);
	return err_set(e, ERR_UNKNOWN,
		       "the host key of %s is not known yet, and is not "
		       "accepted unseen: connect once by hand and compare its "
		       "fingerprint: ssh %s%s%s@%s",
		       h->asked, jump, port, h->user, h->asked);
}

int
ssh_known_hosts(void *ctx, const struct ssh_person *p, struct ssh_host *h,
		struct err *e)
{
	const char *name = h->key_alias ? h->key_alias : h->hostname;
	char *lines = talloc_strdup(ctx, "");
	int rc = 0;

	if (!h->key_alias && h->port != 22) {
		rc = find_name(
		    ctx, p, h,
		    talloc_asprintf(ctx, "[%s]:%u", h->hostname, h->port),
		    &lines, e);
		/* ssh then looks at the name alone, too */
		if (rc == 0 && *lines == '\0')
			rc = find_name(ctx, p, h, name, &lines, e);
	} else {
		rc = find_name(ctx, p, h, name, &lines, e);
	}
	if (rc < 0)
		return rc;
	if (*lines == '\0' && !h->unchecked)
		return not_known(ctx, h, e);
	h->known_lines = lines;
	return 0;
}

/* Is there a line for keys of that algorithm? */
static bool
known_algorithm(const struct ssh_host *h, const char *name, size_t len)
{
	bool certificate = memmem(name, len, "-cert-v01@", 10) != NULL;
	char type[80], *at;

	if (certificate)
		return strstr(h->known_lines, "@cert-authority") != NULL;
	if (len > 9 && memcmp(name, "rsa-sha2-", 9) == 0) {
		name = "ssh-rsa";
		len = 7;
	}
	if (len + 3 > sizeof type)
		return false;
	snprintf(type, sizeof type, " %.*s ", (int)len, name);
	at = strstr(h->known_lines, type);
	return at != NULL;
}

/* Those of which a key is known come first, or the server would show another
 * of its keys: ssh does so by itself only while no list is configured. */
static char *
order_algorithms(void *ctx, const struct ssh_host *h)
{
	char *known = talloc_strdup(ctx, ""), *rest = talloc_strdup(ctx, "");

	for (const char *at = h->algorithms; at && *at;) {
		size_t len = strcspn(at, ",");
		char **to = known_algorithm(h, at, len) ? &known : &rest;

		*to = talloc_asprintf_append_buffer(
		    *to, "%s%.*s", **to ? "," : "", (int)len, at);
		at += len + (at[len] == ',');
	}
	if (*known && *rest)
		known = talloc_asprintf_append_buffer(known, ",%s", rest);
	return *known ? known : rest;
}

static char *
host_block(void *ctx, const struct ssh_host *h, const struct ssh_keys *keys)
{
	char *s =
	    talloc_asprintf(ctx,
			    "Host %s\n"
			    "\tHostName %s\n"
			    "\tPort %u\n"
			    "\tUser %s\n"
			    "%s",
			    h->asked, h->hostname, h->port, h->user, h->other);
	char *algorithms = order_algorithms(ctx, h);

	if (h->key_alias)
		s = talloc_asprintf_append_buffer(s, "\tHostKeyAlias %s\n",
						  h->key_alias);
	if (*algorithms)
		s = talloc_asprintf_append_buffer(s, "\tHostKeyAlgorithms %s\n",
						  algorithms);
	if (h->via)
		s = talloc_asprintf_append_buffer(s,
						  strchr(h->via->asked, ':')
						      ? "\tProxyJump [%s]\n"
						      : "\tProxyJump %s\n",
						  h->via->asked);
	if (h->known_file)
		s = talloc_asprintf_append_buffer(
		    s, "\tUserKnownHostsFile \"%s\"\n", h->known_file);
	if (h->unchecked && *h->known_lines == '\0')
		s = talloc_asprintf_append_buffer(
		    s, "\tStrictHostKeyChecking no\n"
		       "\tUserKnownHostsFile /dev/null\n");
	s = talloc_asprintf_append_buffer(s, "\tIdentitiesOnly %s\n",
					  h->identities_only ? "yes" : "no");
	for (size_t i = 0; i < keys->n; i++)
		if (keys->v[i].line)
			s = talloc_asprintf_append_buffer(
			    s, "\tIdentityFile " SSH_IN_BOX "/id%zu\n", i);
	for (size_t i = 0; i < keys->ncertificates; i++)
		s = talloc_asprintf_append_buffer(
		    s, "\tCertificateFile " SSH_IN_BOX "/cert%zu.pub\n", i);
	if (!s)
		BUG("out of memory");
	return s;
}

/* Of two values the first counts: what holds for all hosts comes last. */
static const char for_all[] =
    "Host *\n"
    "\tStrictHostKeyChecking yes\n"
    "\tUserKnownHostsFile " SSH_IN_BOX "/known_hosts\n"
    "\tGlobalKnownHostsFile /dev/null\n"
    "\tUpdateHostKeys no\n"
    "\tCheckHostIP no\n"
    "\tIdentityAgent " SSH_IN_BOX "/agent\n"
    "\tPreferredAuthentications publickey\n"
    "\tPasswordAuthentication no\n"
    "\tKbdInteractiveAuthentication no\n"
    "\tGSSAPIAuthentication no\n"
    "\tHostbasedAuthentication no\n"
    "\tBatchMode yes\n"
    "\tForwardAgent no\n"
    "\tForwardX11 no\n"
    "\tClearAllForwardings yes\n"
    "\tPermitLocalCommand no\n"
    "\tControlMaster no\n"
    "\tControlPath none\n"
    "\tTunnel no\n"
    "\tRequestTTY no\n"
    "\tEscapeChar none\n"
    "\tCanonicalizeHostname no\n"
    "\tAddKeysToAgent no\n"
    "\tSendEnv GIT_PROTOCOL\n";

static int
put(const char *dir, const char *name, const char *text, struct err *e)
{
	char path[512];
	int fd, rc;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >=
	    sizeof path)
		return err_set(e, ERR_LIMIT, "the folder's name is too long");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return err_sys(e, "%s", name);
	rc = file_write_all(fd, text, strlen(text));
	own_close_fd(&fd);
	return rc < 0 ? err_sys(e, "%s", name) : 0;
}

static int
put_key(void *ctx, const char *dir, const char *line, const char *kind,
	size_t i, const char *suffix, struct err *e)
{
	if (!line)
		return 0;
	return put(dir, talloc_asprintf(ctx, "%s%zu%s", kind, i, suffix),
		   talloc_asprintf(ctx, "%s\n", line), e);
}

int
ssh_write_files(void *ctx, const char *dir, const struct ssh_host *h,
		const struct ssh_keys *keys, struct err *e)
{
	char *config = talloc_strdup(ctx, ""), *known = talloc_strdup(ctx, "");
	int rc;

	for (const struct ssh_host *i = h; i; i = i->via) {
		config = talloc_strdup_append_buffer(config,
						     host_block(ctx, i, keys));
		known = talloc_strdup_append_buffer(known, i->known_lines);
	}
	config = talloc_strdup_append_buffer(config, for_all);
	if (!config || !known)
		BUG("out of memory");
	rc = put(dir, "config", config, e);
	if (rc == 0)
		rc = put(dir, "known_hosts", known, e);
	for (size_t i = 0; rc == 0 && i < keys->n; i++) {
		rc = put_key(ctx, dir, keys->v[i].line, "id", i, ".pub", e);
		if (rc == 0 && keys->v[i].line)
			rc = put_key(ctx, dir, keys->v[i].certificate, "id", i,
				     "-cert.pub", e);
	}
	for (size_t i = 0; rc == 0 && i < keys->ncertificates; i++)
		rc = put_key(ctx, dir, keys->certificates[i], "cert", i, ".pub",
			     e);
	return rc < 0 ? err_wrap(e, "writing what ssh needs") : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The options of OpenSSH 9.2's clients. */
#include "tools/ssh_line.h"
#include "base/path.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* What -o may set: nothing that names a program or another host. */
static const char *const settings[] = {"AddressFamily",
				       "BatchMode",
				       "BindAddress",
				       "CertificateFile",
				       "CheckHostIP",
				       "Ciphers",
				       "ClearAllForwardings",
				       "Compression",
				       "ConnectionAttempts",
				       "ConnectTimeout",
				       "ControlMaster",
				       "ControlPersist",
				       "ForwardAgent",
				       "ForwardX11",
				       "ForwardX11Trusted",
				       "GSSAPIAuthentication",
				       "HashKnownHosts",
				       "HostbasedAuthentication",
				       "HostKeyAlgorithms",
				       "HostKeyAlias",
				       "IdentitiesOnly",
				       "IdentityFile",
				       "IPQoS",
				       "KbdInteractiveAuthentication",
				       "KexAlgorithms",
				       "LogLevel",
				       "MACs",
				       "NoHostAuthenticationForLocalhost",
				       "NumberOfPasswordPrompts",
				       "PasswordAuthentication",
				       "Port",
				       "PreferredAuthentications",
				       "PubkeyAcceptedAlgorithms",
				       "PubkeyAcceptedKeyTypes",
				       "PubkeyAuthentication",
				       "RekeyLimit",
				       "RequestTTY",
				       "ServerAliveCountMax",
				       "ServerAliveInterval",
				       "SetEnv",
				       "StreamLocalBindUnlink",
				       "StrictHostKeyChecking",
				       "TCPKeepAlive",
				       "UpdateHostKeys",
				       "User",
				       "UserKnownHostsFile",
				       "VerifyHostKeyDNS",
				       "VisualHostKey",
				       "ExitOnForwardFailure",
				       "EscapeChar",
				       "GlobalKnownHostsFile",
				       "ChallengeResponseAuthentication"};

/* A connection that is shared goes to whom its socket was made for: a name
 * that says the host is that host's, and one that is free nobody's yet. */
static void
control(struct ssh_line *l, const char *path)
{
	static const char *const hosts[] = {"%C", "%h", "%n"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		if (strstr(path, hosts[i]))
			return;
	if (strcasecmp(path, "none") != 0 &&
	    (strpbrk(path, "%~$\"'") ||
	     path_exists(path_join(l->c->ctx, l->c->os.base_dir, path))))
		l->shared = path;
}

int
ssh_control(const struct ssh_line *l, struct err *e)
{
	if (!l->shared || l->prints)
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "%s may be a connection to another host; put %%C into "
		       "the socket's name",
		       text_safe(l->c->ctx, l->shared));
}

/* Is it one of the settings that lead elsewhere? */
static bool
other_way(struct ssh_line *l, const char *name, size_t len, const char *value)
{
	if (len == 11 && !strncasecmp(name, "ControlPath", len))
		control(l, value);
	else if (len == 9 && !strncasecmp(name, "ProxyJump", len) &&
		 strcasecmp(value, "none") != 0)
		ssh_host(l, value);
	else
		return (len == 9 && !strncasecmp(name, "ProxyJump", len)) ||
		       (len == 12 && !strncasecmp(name, "ProxyCommand", len) &&
			!strcasecmp(value, "none"));
	return true;
}

static int
setting(struct ssh_line *l, const char *text, struct err *e)
{
	const char *name = text + strspn(text, " \t\"");
	size_t len = strcspn(name, " \t=\"");
	const char *value = name + len + strspn(name + len, " \t=\"");

	if (other_way(l, name, len, value))
		return 0;
	/* git's protocol version, and how text is written */
	if (len == 7 && !strncasecmp(name, "SendEnv", len) &&
	    (!strcmp(value, "GIT_PROTOCOL") || !strncmp(value, "LC_", 3) ||
	     !strcmp(value, "LANG")))
		return 0;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		if (strlen(settings[i]) != len ||
		    strncasecmp(settings[i], name, len) != 0)
			continue;
		if (!strcasecmp(settings[i], "Port"))
			l->port = (unsigned)strtoul(value, NULL, 10);
		if (!strcasecmp(settings[i], "User"))
			l->user = value;
		sender_says(&l->s, text, "-o");
		return 0;
	}
	return err_set(e, ERR_UNKNOWN, "-o %.*s is not followed; leave it out",
		       (int)(len < 60 ? len : 60), text_safe(l->c->ctx, name));
}

/* Letters that mean something else to scp and sftp. */
static int
take_of_ssh(struct ssh_line *l, char letter, const char *v, struct err *e)
{
	if (letter == 'D' && !strcmp(l->c->name, "ssh"))
		l->tunnels = true;
	else if (letter == 'S' && !strcmp(l->c->name, "ssh"))
		control(l, v);
	else
		return err_set(e, ERR_UNKNOWN,
			       "-%c is not followed; leave it out", letter);
	return 0;
}

static int
take(struct ssh_line *l, char letter, const char *v, struct err *e)
{
	switch (letter) {
	case 'o':
		return setting(l, v, e);
	case 'F':
		if (!strcmp(v, "/dev/null") || !strcmp(v, "none"))
			return 0;
		return err_set(e, ERR_UNKNOWN,
			       "-F %s: another configuration may run programs "
			       "and name other hosts; use the person's own",
			       text_safe(l->c->ctx, v));
	case 'E':
	case 'I':
	case 'S':
	case 'w':
	case 'D':
		return take_of_ssh(l, letter, v, e);
	case 'J':
		ssh_host(l, v);
		return 0;
	case 'l':
		if (!strcmp(l->c->name, "ssh"))
			l->user = v;
		return 0;
	case 'p':
	case 'P':
		if (v)
			l->port = (unsigned)strtoul(v, NULL, 10);
		return 0;
	case 'L':
		l->tunnels = true;
		if (v && !strcmp(l->c->name, "ssh"))
			ssh_forward(l, v);
		return 0;
	case 'R':
		if (!strcmp(l->c->name, "ssh"))
			l->exposes = true;
		return 0;
	case 'W':
		l->tunnels = true;
		sender_says(&l->s, v, "-W");
		return 0;
	case 'N':
		l->no_command = true;
		return 0;
	case 'n':
	case 'f':
		l->no_input |= !strcmp(l->c->name, "ssh");
		return 0;
	case 'O':
		/* about a connection that there is, and nothing goes into it */
		l->prints |= v && (!strcmp(v, "check") || !strcmp(v, "exit") ||
				   !strcmp(v, "stop"));
		return 0;
	case 'G':
		l->prints = true;
		return 0;
	case 'b':
		if (!strcmp(l->c->name, "sftp")) {
			l->batch = true;
			if (strcmp(v, "-") != 0)
				l->batch_file = v;
		} else {
			sender_says(&l->s, v, "an option");
		}
		return 0;
	default:
		if (v)
			sender_says(&l->s, v, "an option");
		return 0;
	}
}

int
ssh_read(struct ssh_line *l, const char *flags, const char *values, size_t i,
	 size_t *end, struct err *e)
{
	const char *const *argv = l->c->in->argv;

	for (; argv[i] && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		for (const char *p = argv[i] + 1; *p; p++) {
			const char *v = NULL;
			int rc;

			if (strchr(values, *p)) {
				v = p[1] ? p + 1 : argv[++i];
				if (!v)
					return err_set(e, ERR_SYNTAX,
						       "-%c needs a value", *p);
			} else if (!strchr(flags, *p)) {
				return err_set(e, ERR_UNKNOWN,
					       "option -%s is not in the table",
					       text_safe_len(l->c->ctx, p, 1));
			}
			rc = take(l, *p, v, e);
			if (rc < 0)
				return rc;
			if (v)
				break;
		}
		if (!argv[i])
			break;
	}
	*end = i;
	return 0;
}

/* Under its own name, unless only what that stands for is known. */
static void
one_host(struct ssh_line *l, const char *name, unsigned port)
{
	bool changed = ssh_config_changed(l);
	const char *real = changed ? NULL : ssh_alias(l, name);
	struct sender_host *h;

	if (real && !scope_host_trusted(l->c->t->rules, name, port) &&
	    scope_host_trusted(l->c->t->rules, real, port))
		name = real;
	sender_to(&l->s, name, port);
	h = &l->s.hosts[l->s.last];
	if (changed && h->scope == SCOPE_TRUSTED)
		h->scope = SCOPE_FOREIGN;
}

void
ssh_host(struct ssh_line *l, const char *text)
{
	char *all = talloc_strdup(l->c->ctx, text), *save = NULL;

	/* -J takes several */
	for (char *t = strtok_r(all, ",", &save); t;
	     t = strtok_r(NULL, ",", &save)) {
		unsigned port = l->port ? l->port : 22;
		char *at, *colon;

		if (!strncmp(t, "ssh://", 6) || !strncmp(t, "scp://", 6))
			t += 6;
		else if (!strncmp(t, "sftp://", 7))
			t += 7;
		t[strcspn(t, "/")] = '\0';
		at = strrchr(t, '@');
		if (at) {
			*at = '\0';
			l->user = t;
			t = at + 1;
		}
		colon = strrchr(t, ':');
		if (colon && colon == strchr(t, ':')) {
			*colon = '\0';
			port = (unsigned)strtoul(colon + 1, NULL, 10);
		}
		one_host(l, t, port);
	}
}

enum scope
ssh_scope(struct ssh_line *l, const struct sender_host *h)
{
	if (h->scope == SCOPE_LOCAL)
		return SCOPE_LOCAL;
	return !ssh_config_changed(l) &&
		       scope_host_trusted(l->c->t->rules, h->host, h->port)
		   ? SCOPE_TRUSTED
		   : SCOPE_FOREIGN;
}

bool
ssh_is_remote(struct ssh_line *l, const char *word, const char **host,
	      const char **path)
{
	const char *colon, *slash = strchr(word, '/');

	if (!strncmp(word, "scp://", 6) || !strncmp(word, "sftp://", 7)) {
		const char *at = strstr(word, "://") + 3;

		*host = word;
		*path = at + strcspn(at, "/");
		if (**path)
			(*path)++;
		return true;
	}
	colon = *word == '[' && strchr(word, ']') ? strchr(word, ']') + 1
						  : strchr(word, ':');
	if (strchr(word, '@') && strchr(word, '[') &&
	    strchr(word, '@') < strchr(word, '[') && strchr(word, ']'))
		colon = strchr(word, ']') + 1;
	if (!colon || *colon != ':' || colon == word ||
	    (slash && slash < colon))
		return false;
	*host = talloc_strndup(l->c->ctx, word, (size_t)(colon - word));
	*path = colon + 1;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request asks for, in the words in which git 2.39 asks its transports
 * (connect.c, transport-helper.c), held against the permits.
 */
#include "base/text.h"
#include "transport/attendant.h"
#include <string.h>
#include <talloc.h>

static const struct {
	const char *command;
	enum transport_service service;
} services[] = {
    {"git-upload-pack", SERVICE_FETCH},
    {"git-upload-archive", SERVICE_ARCHIVE},
    {"git-receive-pack", SERVICE_PUSH},
};

/* The inverse of sq_quote_buf(): everything between single quotes, but a quote
 * or an exclamation mark as '\'' and '\!'.  What that would have written
 * otherwise is not its work. */
char *
match_unquote(void *ctx, const char *quoted)
{
	char *out = talloc_zero_size(ctx, strlen(quoted) + 1), *o = out;
	const char *p = quoted;

	if (!out)
		BUG("out of memory");
	if (*p++ != '\'')
		return NULL;
	for (;;) {
		while (*p && *p != '\'' && *p != '!')
			*o++ = *p++;
		if (*p++ != '\'')
			return NULL;
		if (*p == '\0')
			return out;
		if (p[0] != '\\' || (p[1] != '\'' && p[1] != '!') ||
		    p[2] != '\'')
			return NULL;
		*o++ = p[1];
		p += 3;
	}
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* GIT_PROTOCOL is passed on by its value; the address family is egress's
 * business.  The last two words are host and command. */
static int
ssh_options(const struct transport_request *rq, struct transport_permit *want,
	    struct err *e)
{
	size_t i = 0;
	int64_t port;

	while (i + 2 < rq->argc) {
		const char *word = rq->argv[i++];

		if (strcmp(word, "-4") == 0 || strcmp(word, "-6") == 0)
			continue;
		if (strcmp(word, "-o") == 0 && i + 2 < rq->argc &&
		    strcmp(rq->argv[i], "SendEnv=GIT_PROTOCOL") == 0) {
			i++;
			continue;
		}
		if (strcmp(word, "-p") == 0 && i + 2 < rq->argc &&
		    text_number(rq->argv[i], 1, 65535, &port, NULL) == 0) {
			want->port = (uint16_t)port;
			i++;
			continue;
		}
		return err_set(e, ERR_UNKNOWN, "ssh with the option %s", word);
	}
	if (i + 2 != rq->argc)
		return err_set(e, ERR_UNKNOWN, "ssh without a git command");
	return 0;
}

static int
parse_ssh(void *ctx, const struct transport_request *rq,
	  struct transport_permit *want, enum transport_service *service,
	  struct err *e)
{
	const char *host, *command, *at;

	want->scheme = PERMIT_SSH;
	if (ssh_options(rq, want, e) < 0)
		return e->code;
	host = rq->argv[rq->argc - 2];
	command = rq->argv[rq->argc - 1];
	at = strrchr(host, '@'); /* as ssh(1) splits it */
	if (at)
		want->user = talloc_strndup(ctx, host, (size_t)(at - host));
	want->host = at ? at + 1 : host;
	if (*host == '-' || *want->host == '\0' || *want->host == '-')
		return err_set(e, ERR_UNKNOWN, "ssh to a strange host: %s",
			       host);
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++) {
		size_t len = strlen(services[i].command);

		if (strncmp(command, services[i].command, len) != 0 ||
		    command[len] != ' ')
			continue;
		want->path = match_unquote(ctx, command + len + 1);
		*service = services[i].service;
	}
	if (!want->path)
		return err_set(e, ERR_UNKNOWN, "ssh to %s to run: %s", host,
			       command);
	want->url = talloc_asprintf(ctx, "%s:%s", host, want->path);
	return 0;
}

static int
parse_helper(void *ctx, const struct transport_request *rq,
	     struct transport_permit *want, enum transport_service *service,
	     struct err *e)
{
	if (rq->argc != 2)
		return err_set(e, ERR_UNKNOWN, "git-%s without an address",
			       rq->name);
	*service = SERVICE_HELPER;
	if (permit_from_url(ctx, rq->argv[1], want, e) < 0)
		return err_wrap(e, "git-%s", rq->name);
	if (want->scheme != PERMIT_HTTPS && want->scheme != PERMIT_HTTP)
		return err_set(e, ERR_UNKNOWN, "git-%s for %s", rq->name,
			       want->url);
	return 0;
}

/* May the service be had by this permit alone? */
static bool
allows(const struct transport_permit *p, enum transport_service service)
{
	switch (service) {
	case SERVICE_FETCH:
	case SERVICE_ARCHIVE:
		return p->fetch;
	case SERVICE_PUSH:
		return p->push;
	case SERVICE_HELPER:
		return p->fetch || p->push;
	case SERVICE_NONE:
	case SERVICE_SIGN:
		break;
	}
	return false;
}

static bool
same_place(const struct transport_permit *p,
	   const struct transport_permit *want)
{
	return p->scheme == want->scheme && p->port == want->port &&
	       same(p->user, want->user) && same(p->host, want->host);
}

/* Everything that is permitted there, in one. */
static void
merge(void *ctx, struct transport_permit *out, const struct transport_permit *p)
{
	out->fetch |= p->fetch;
	out->push |= p->push;
	out->named |= p->named;
	if (!out->ssh_command) {
		out->ssh_command = p->ssh_command;
		out->ssh_command_from = p->ssh_command_from;
	}
	for (size_t i = 0; i < p->nupdates; i++)
		permit_update(ctx, out, &p->updates[i]);
}

static const char *
described(void *ctx, const struct transport_permit *want,
	  enum transport_service service)
{
	const char *url = want->url ? want->url : want->host;

	switch (service) {
	case SERVICE_PUSH:
		return talloc_asprintf(ctx, "pushing to %s", url);
	case SERVICE_FETCH:
	case SERVICE_ARCHIVE:
		return talloc_asprintf(ctx, "reading from %s", url);
	case SERVICE_HELPER:
	case SERVICE_NONE:
	case SERVICE_SIGN:
		break;
	}
	return talloc_asprintf(ctx, "reaching %s", url);
}

static int
match_sign(const struct transport_request *rq, const struct need *need,
	   enum transport_service *service, struct err *e)
{
	if (!need->signs)
		return err_set(e, ERR_UNKNOWN,
			       "%s: signing is not part of this command",
			       rq->name);
	*service = SERVICE_SIGN;
	return 0;
}

int
match_request(void *ctx, const struct transport_request *rq,
	      const struct need *need, struct transport_permit **permit,
	      enum transport_service *service, struct err *e)
{
	struct transport_permit want = {0}, *out;
	bool modules = false;
	int rc;

	*permit = NULL;
	*service = SERVICE_NONE;
	if (strcmp(rq->name, "gpg") == 0 || strcmp(rq->name, "ssh-keygen") == 0)
		return match_sign(rq, need, service, e);
	if (strcmp(rq->name, "ssh") == 0)
		rc = parse_ssh(ctx, rq, &want, service, e);
	else if (strcmp(rq->name, "remote-https") == 0 ||
		 strcmp(rq->name, "remote-http") == 0)
		rc = parse_helper(ctx, rq, &want, service, e);
	else
		rc = err_set(e, ERR_UNKNOWN, "git-%s", rq->name);
	if (rc < 0)
		return err_wrap(e, "not carried");
	out = talloc_memdup(ctx, &want, sizeof(want));
	if (!out)
		BUG("out of memory");
	for (size_t i = 0; i < need->npermits; i++) {
		const struct transport_permit *p = &need->permits[i];

		modules |= p->any_path;
		if (!same_place(p, &want))
			continue;
		if (same(p->path, want.path) ||
		    (p->any_path && p->fetch && !p->push &&
		     *service != SERVICE_PUSH))
			merge(ctx, out, p);
	}
	if (!allows(out, *service))
		return err_set(e, ERR_UNKNOWN,
			       "%s is not what this command was judged for%s",
			       described(ctx, &want, *service),
			       modules ? "; afterwards: git submodule update "
					 "--init --recursive"
				       : "");
	*permit = out;
	return 0;
}

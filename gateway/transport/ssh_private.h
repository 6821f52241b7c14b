/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh as the person has set it up: what their configuration says about a
 * host (ssh_config.c), their keys (agent_keys.c), the options that their
 * core.sshCommand may carry (ssh_words.c); and the same said again to the
 * ssh in the box, reduced to what it needs (ssh_files.c).
 */
#ifndef AUTOMODE_TRANSPORT_SSH_PRIVATE_H
#define AUTOMODE_TRANSPORT_SSH_PRIVATE_H

#include "transport/carrier.h"

#define SSH_PROGRAM "/usr/bin/ssh"
#define SSH_KEYGEN  "/usr/bin/ssh-keygen"
#define SSH_IN_BOX  "/run/automode/person" /* the carrier's folder "ssh" */
#define SSH_HOPS    4

/* Whose ssh it is.  OpenSSH takes the home folder from the password database,
 * not from $HOME; home is the gateway's where that one holds a .ssh. */
struct ssh_person {
	const char *home, *listed; /* listed: of the password database */
	const char *name;	   /* login name */
	const char *const *env;	   /* for programs run as the person */
	const char *auth_sock;	   /* SSH_AUTH_SOCK, checked; or NULL */
	const char *ignored_sock;  /* why there is none; or NULL */
};

/* What `ssh -G` says of one host. */
struct ssh_host {
	const char *asked; /* as git, or a ProxyJump, names it */
	const char *hostname, *user;
	uint16_t port;
	const char *key_alias;	   /* HostKeyAlias or NULL */
	const char **identities;   /* absolute paths; NULL-terminated */
	const char **certificates; /* likewise */
	const char **known;	   /* files of known hosts, likewise */
	const char *agent;	   /* path of the person's agent; NULL: none */
	const char *jump;	   /* ProxyJump or NULL */
	const char *algorithms;	   /* HostKeyAlgorithms */
	bool identities_only;
	bool unchecked; /* StrictHostKeyChecking no, for this host */
	char *other;	/* lines of configuration to be passed on as they are */
	const char *proxy_command;
	/* Lines of known_hosts for this host.  In the box they are under the
	 * name of the file that they are from, and have the same numbers
	 * there, so that ssh's messages about them are right; NULL where that
	 * is not possible. */
	const char *known_lines, *known_file;
	struct ssh_host *via; /* the hop before it; NULL: none */
};

/* ssh_config.c */
int ssh_person_read(void *ctx, const struct carrier *c, struct ssh_person *out,
		    struct err *e);
/* words: options of the person's own, NULL-terminated, or NULL. */
int ssh_ask(void *ctx, const struct ssh_person *p, const char *const *words,
	    const char *user, const char *host, uint16_t port,
	    struct ssh_host *out, struct err *e);
/* A name as it may stand on a command line and in a configuration. */
bool ssh_host_valid(const char *host);
bool ssh_user_valid(const char *user);
/* "~/x", %d, %h and their like; NULL where a token is not understood. */
char *ssh_expand(void *ctx, const struct ssh_person *p,
		 const struct ssh_host *h, const char *path);

/* ssh_words.c: the options of a core.sshCommand; ERR_UNKNOWN for everything
 * that is not plain ssh with harmless ones. */
int ssh_words(void *ctx, const struct ssh_person *p, const char *command,
	      const char ***words, struct err *e);

/* agent_keys.c */
struct key_file {
	const char *path;   /* of the private key, absolute */
	const char *line;   /* public key: "type base64", NULL: not known */
	const char *base64; /* of that */
	bool here;	    /* the private key can be read */
	bool encrypted;
	const char *certificate; /* line of PATH-cert.pub, or NULL */
	const char *certificate64;
};
void key_file_read(void *ctx, const char *path, struct key_file *out);
/* The first "type base64" of a text; NULL: none.  *base64 is its second. */
char *key_line(void *ctx, const char *text, size_t len, const char **base64);

/* ssh_files.c: what the box gets: config, known_hosts, public keys, written
 * into dir (0700, exists). */
struct ssh_keys {
	struct key_file *v;
	size_t n;
	const char **certificates; /* lines of CertificateFile; n of them */
	size_t ncertificates;
};
int ssh_known_hosts(void *ctx, const struct ssh_person *p, struct ssh_host *h,
		    struct err *e);
int ssh_write_files(void *ctx, const char *dir, const struct ssh_host *h,
		    const struct ssh_keys *keys, struct err *e);

#endif

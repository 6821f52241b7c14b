/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that send what the caller chooses to hosts of the caller's choice
 * (curl, wget, nc, ssh ...): where it goes, what goes there, and what follows
 * from both.  One `struct sender` is one transfer: its sources and its hosts.
 */
#ifndef AUTOMODE_TOOLS_SENDER_H
#define AUTOMODE_TOOLS_SENDER_H

#include "effects/secrets.h"
#include "tools/file_list.h"

#define SEND_BOX     "send"
#define SEND_PIN_BOX "send-pinned" /* reaches need.egress alone */

struct sender_host {
	const char *host; /* as it would be contacted: lower case, no dot at
			   * its end, addresses in their usual form */
	unsigned port;
	enum scope scope;
};

/* All words; those that are no names of fields; those of these that are more
 * than a letter or two; those of all, and parts of a host's name, that nobody
 * would write. */
#define SENDER_SAID 4
/* Words one behind the other, and the last one first. */
struct sender_said {
	char *text;
	const char *back;
};

struct sender {
	struct file_call *c;
	struct secrets *secrets;
	struct sender_host *hosts;
	size_t nhosts, last; /* last: which of them was named last */
	struct secret_found found[16];
	size_t nfound;
	const char *content;  /* "pricing.py", "stdin", "a request body" */
	const char *smuggled; /* text in an address or header */
	const char *method;   /* NULL: it reads */
	const char *path;     /* of the one address that it has; NULL */
	bool unseen;  /* something that cannot be read first, such as a pipe */
	bool follows; /* whatever it carries goes wherever it is sent on to */
	const char *unfollow; /* what ends that, as advice */
	bool listens;	      /* others come to it */
	const char *serves;   /* a folder; what ends that, as advice */
	bool asks; /* its content is a query that changes nothing there */
	const char *socket; /* of this machine, to which all of it goes */
	bool elsewhere; /* an option sends it to another peer than it says */
	/* Of the whole line: */
	/* Its words, without the marks between them: [1] without names. */
	struct sender_said said[SENDER_SAID];
	char *pieces; /* of this transfer, each with a NUL behind it */
	struct sender_host *reached;
	size_t nreached;
	struct sender_map *mapped; /* what is not unmapped yet; NULL */
	struct sender_pin *pins;   /* transfers whose hosts alone may answer */
};

int sender_begin(struct sender *s, struct file_call *c, struct err *e);
/* The same for the next transfer. */
void sender_next(struct sender *s);

/* How the host stands to the session; the port is the one that is meant. */
enum scope sender_scope(struct sender *s, const char *host, unsigned port);
/* One that a remote had when the session first saw its project? */
bool sender_of_remote(struct sender *s, const char *host);
void sender_to(struct sender *s, const char *host, unsigned port);
/* What curl_url(3) makes of it, which is what curl contacts.  ERR_SYNTAX: no
 * address.  guess: the scheme where it has none (NULL: as its name begins);
 * scheme and path may be NULL. */
int sender_url(struct sender *s, const char *url, const char *guess,
	       const char **scheme, const char **path, struct err *e);

/* The program that carries on what a port or a socket of this machine gets, to
 * another machine; NULL: none is known. */
const char *sender_relay(struct sender *s, const struct sender_host *h);
/* socat.c: where one of its addresses leads; what: "host:port", or a file. */
enum socat_way { SOCAT_NOWHERE, SOCAT_HOST, SOCAT_SOCKET };
enum socat_way socat_leads(void *ctx, const char *word, char **what);

/* What kind of place a host is known to be ("a paste site ..."), or NULL. */
const char *sender_place(struct sender *s, const char *host);
extern const char *sender_places; /* the file; NULL: this installation's */

/* Words on the line that reach the host without being its content. */
void sender_says(struct sender *s, const char *text, const char *where);
/* The words of a text that nobody would write, put behind `to`. */
char *sender_odd(void *ctx, char *to, const char *text, size_t len);
/* The same of "name:password". */
void sender_says_user(struct sender *s, const char *text, const char *where);
/* A host for a message: where something was found in the address, no part of
 * its name that could hold it. */
const char *
sender_shown(void *ctx, const struct secret_found *f, const char *host);
/* A value that is known, by all the names that it has. */
const char *sender_known_as(void *ctx, const struct secret_found *f);
/* Content: words, a file, what stands on stdin (taken, and put back). */
void sender_body(struct sender *s, const char *text, const char *where);
int sender_file(struct sender *s, const char *path, struct err *e);
int sender_stdin(struct sender *s, struct err *e);
/* All that is below a folder, links followed (scp -r). */
void sender_folder(struct sender *s, const char *path);
/* Files by their names below dir, one a line, as rsync escapes them; links:
 * what they lead to is sent.  names is used up. */
void sender_listed(struct sender *s, const char *dir, char *names, bool links);
/* The name and password of a proxy that the caller's environment names. */
void sender_proxies_say(struct sender *s);
/* Does the list (NULL: no_proxy) name the host?  Suffixes count from a dot on;
 * networks are not read: the proxy is then one more host.  plain: "*" and
 * NO_PROXY mean nothing. */
bool sender_unproxied(struct sender *s, const char *list, const char *host,
		      bool plain);
/* The cookies of a jar that hosts of this transfer would get; true: with
 * credentials among them. */
bool sender_cookies(struct sender *s, const char *path);
/* What a netrc holds for hosts of this transfer; true: something. */
bool sender_netrc(struct sender *s, const char *path);
/* A file of the person's own which the program reads by itself: in sight also
 * where the home folder is, whose credentials are hidden else. */
void sender_own(struct sender *s, const char *path);
/* A file of this name in each folder that a program may take for the
 * person's: their own, and what the caller's HOME says; NULL: no such folder.
 */
const char *sender_at_home(struct sender *s, const char *name, unsigned which);
#define SENDER_HOMES 2
/* A small file of text; NULL: there is none. */
char *sender_text(struct sender *s, const char *path);
/* Looks at a stdin that is a file, and leaves it as it is. */
void sender_peek(struct sender *s);
/* sender_ahead.c: the same of what a pipe or a socket holds by now.  PACKED:
 * compressed, which says something as a whole only; LATER: still open, with
 * nothing in it. */
enum sender_ahead { AHEAD_NOTHING, AHEAD_CONTENT, AHEAD_PACKED, AHEAD_LATER };
enum sender_ahead sender_ahead(struct sender *s);
/* For a program that is handed over and gets its stdin as it comes: that, and
 * what comes later is looked through on its way to the host. */
int sender_watch(struct sender *s, const char *to, struct err *e);
/* What comes first of a stdin in which nothing was by then, which may be what
 * other commands of the session began: what it is, or NULL. */
const char *
sender_watched(const struct sender *kept, const char *bytes, size_t len);
/* What a program passes on to its hosts (none: to a socket of this machine):
 * for others it is taken, for this machine watched for what goes nowhere. */
int sender_input(struct sender *s, struct err *e);

/* A file that it writes with what it gets. */
void sender_arrives(struct sender *s, const char *path);

/* sender_open.c: of what can be looked through, a descriptor; else -1, and
 * s->unseen unless the program would find nothing either. */
int sender_open(struct sender *s, const char *path);
/* The same, read; more than max, or no text, counts as unseen. */
char *sender_read(struct sender *s, const char *path, size_t max);
/* A stdin that "<" made of one of the person's files of credentials. */
void sender_redirected(struct sender *s);

/* Of sender.c, for sender_folder.c and sender_ahead.c. */
void sender_scan_fd(struct sender *s, int fd, const char *where);
void
sender_scan(struct sender *s, const void *bytes, size_t len, const char *where);
extern const struct secret_owner sender_credential_file;
void sender_scan_file(struct sender *s, const char *path);

/* sender_same.c: the file at fd, named path, was looked through; before: how
 * it was when that began. */
struct stat;
void sender_sends(struct sender *s, const char *path, const struct stat *before,
		  int fd);
/* To be asked when the command is about to be let go. */
int sender_same(const struct command *cmd, struct err *e);

/* A credential of the line that goes to another machine; NULL: none. */
const char *sender_carries(const struct sender *s);
/* The option that is named would print what it sends: credentials of the file
 * (NULL: none), and those of the line that go to another machine. */
void sender_shows(struct sender *s, const char *option, const char *file,
		  const char *instead);
/* It listens, at this address (NULL: at all of this machine's): what it holds
 * by now and its stdin go to whoever connects. */
int sender_listens(struct sender *s, const char *at, bool input, struct err *e);
bool sender_is_loopback(const char *at); /* NULL: no */
/* Adds the effects of this transfer. */
void sender_judge(struct sender *s);
/* After the last one, where a transfer may follow redirections. */
void sender_end(struct sender *s);

/* sender_service.c: a form of nothing but a request for a token; *grant: that
 * it is one. */
bool sender_asks_token(const char *form, bool *grant);
bool sender_at_token(const char *path); /* where tokens are given out */
/* A host where a change is one on an account of the person. */
bool sender_is_service(struct sender *s, const struct sender_host *h);
/* Would a change at the host be one in the person's name?  Not where they say
 * themselves what the session sends to: a service of their own. */
bool sender_in_name(struct sender *s, const struct sender_host *h);

/* Of sender.c and sender_pin.c for each other.  local: this machine is one
 * host among others. */
void sender_judge_secrets(struct sender *s, bool local);
bool sender_pins(struct sender *s);
/* sender_said.c: something that stands in several places of the line. */
void sender_add_said(struct sender *s, const char *text);
/* Of a short one. */
#define SENDER_SHORT 513
void sender_add_short(struct sender *s, const char *bytes, size_t len);
void sender_add_file(struct sender *s, int fd);
void sender_scan_said(struct sender *s);
/* sender_before.c: the same of what the session's other commands said. */
void sender_scan_before(struct sender *s);
void sender_add_found(struct sender *s, const char *text, const char *where);
void sender_reached(struct sender *s);

/* The last of a line that is one transfer: judged, and where it writes nothing
 * here the caller's process goes on as the program.  0. */
int sender_only(struct sender *s);

/* To be called with what file_understand*() returned: the box with a network,
 * or none where nothing is written and stdin is the caller's. */
int sender_done(struct command *cmd, const struct invocation *in, int rc);
/* file_understand_raw() and that. */
int sender_understand(const char *tool,
		      int (*mean)(struct file_call *, struct err *), void *ctx,
		      const struct tool_context *t, struct command *cmd,
		      struct effects *fx, struct err *e);
/* A host name's letters as they are compared. */
char *sender_lower(void *ctx, const char *s, size_t len);

#endif

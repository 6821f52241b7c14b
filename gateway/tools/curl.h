/* SPDX-License-Identifier: Apache-2.0 */
/* curl's options, and what each of them does with its value. */
#ifndef AUTOMODE_TOOLS_CURL_H
#define AUTOMODE_TOOLS_CURL_H

#include "tools/sender.h"

enum curl_role {
	CURL_PLAIN = 1, /* changes nothing that matters here */
	CURL_URL,
	CURL_DATA, /* text, or @file */
	CURL_DATA_RAW,
	CURL_ENCODED, /* text, name=text, @file, name@file */
	CURL_QUERY,   /* as CURL_ENCODED, into the address */
	CURL_FORM,    /* name=text, name=@file, name=<file */
	CURL_UPLOAD,
	CURL_HEADER, /* text, or @file */
	CURL_COOKIE, /* name=value, or a file */
	CURL_SAYS,   /* text that the host sees */
	CURL_READS,  /* a file that is used here */
	CURL_WRITES, /* a file that is written */
	CURL_OUTPUT,
	CURL_OUTPUT_DIR,
	CURL_REMOTE_NAME,
	CURL_REMOTE_ALL,
	CURL_HEADER_NAME, /* -J */
	CURL_METHOD,
	CURL_GET,
	CURL_HEAD,
	CURL_LOCATION,
	CURL_FOLLOWS, /* --location-trusted */
	CURL_PROXY,   /* another host on the way */
	CURL_NOPROXY, /* for whom there is none, whatever the environment says
		       */
	CURL_CONNECT_TO,
	CURL_RESOLVE,
	CURL_SOCKET,
	CURL_NETRC,
	CURL_NETRC_FILE,
	CURL_CONFIG,
	CURL_NEXT,
	CURL_GLOBOFF,
	CURL_QUOTE, /* commands for an FTP or SFTP server */
	CURL_DISABLE,
	CURL_HELP,
	CURL_CLOBBER,
	CURL_FORM_RAW,
	CURL_ETAG,  /* a file whose text is a header */
	CURL_CACHE, /* written, and obeyed the next time */
	CURL_TRACES,
	CURL_USER,
	CURL_WRITE_OUT,
	CURL_VERBOSE,
	CURL_PROTO_DEFAULT,
	CURL_REFUSE,
};

struct curl_option {
	char letter;
	const char *name;
	bool value; /* takes one; else --no-NAME is there as well */
	enum curl_role role;
};

extern const struct curl_option curl_options[];
extern const size_t curl_option_count;

/* One address of a group with what -o, -O and -T give it: each of them goes to
 * the first that has none yet, whatever their order. */
struct curl_node {
	const char *url, *out, *in;
	bool has_url, has_out, has_in;
	bool remote; /* -O */
};

/* One request as curl would make it. */
struct curl_transfer {
	const char *url, *scheme, *host, *method;
	unsigned port;
	const char *input, *output; /* NULL: none; output "-": stdout */
};

/* A file beside the output: --dump-header and others. */
struct curl_side {
	const struct curl_option *option;
	const char *path;
};

/* One command line. */
struct curl_call {
	struct file_call *c;
	struct sender s;
	/* of the group being read */
	struct curl_node *nodes;
	size_t nnodes, nurls;
	size_t repeats; /* what the last -T stood for */
	struct curl_side *sides;
	size_t nsides;
	const char **literals; /* data written on the line */
	const char **jars, **netrcs;
	size_t nliterals, njars, nnetrcs, first; /* first: of transfers */
	bool data, form, get, head, all_remote, header_name, globoff;
	bool location, quote;
	/* credentials that a redirection does not carry to another host */
	size_t bound, in_address;
	bool tells;	 /* a redirection whence it came: --referer "x;auto" */
	bool keep_there; /* --no-clobber */
	bool clobber;
	bool chose;	      /* -I or --no-head, before any form */
	const char **queries; /* of --url-query */
	size_t nqueries;
	bool socket; /* whom it reaches is not what the address says */
	const char *method, *dir, *noproxy;
	const char *guess; /* --proto-default */
	/* of the line */
	struct curl_transfer *transfers;
	size_t ntransfers;
	const char **sources, **written; /* files as named; "-": stdin */
	size_t nsources, nwritten;
	const char *credential; /* a file that gives one */
	const char *carried;	/* what the line itself holds of the kind */
	const char *shown;	/* the option that would print it */
	/* where --trace and --libcurl write; the last one counts */
	const char *trace, *program;
	bool routed;	/* a proxy or another address is named */
	bool elsewhere; /* an option that sends it on to another peer */
	bool help;
	const char *config; /* the file being read */
	bool config_gives;  /* it holds credentials of the person */
	unsigned depth;
	bool stdin_seen;
};

/* curl_line.c: what --url-query says. */
int curl_queries(struct curl_call *k, struct err *e);
/* curl.c */
void
curl_keep(struct curl_call *k, const char ***list, size_t *n, const char *word);
void curl_writes(struct curl_call *k, const char *path);
int curl_end_group(struct curl_call *k, struct err *e);
/* The whole line, its groups judged: transfers, sources and written say what
 * curl would do. */
int curl_read(struct curl_call *k, struct file_call *c, struct err *e);

/* curl_glob.c: {a,b}, [1-9], [a-z:2], and what each of them stood for. */
struct curl_globbed {
	const char *text;
	const char *parts[9];
	unsigned nparts;
};
/* Negative: too many, or a form that curl would refuse. */
int
curl_glob(void *ctx, const char *text, struct curl_globbed **out, size_t *n);
/* "#1" in the name of an output. */
const char *
curl_glob_name(void *ctx, const struct curl_globbed *g, const char *name);

/* curl_form.c */
int curl_form(struct curl_call *k, const char *value, struct err *e);

/* curl_auth.c: credentials from files of the person. */
void curl_credentials(struct curl_call *k);
void curl_read_netrc(struct curl_call *k, const char *path);
void curl_judge_shown(struct curl_call *k);

/* curl_line.c: one word and what belongs to it; *used: the next one was its
 * value. */
int curl_read_word(struct curl_call *k, const char *word, const char *next,
		   bool *used, struct err *e);
/* curl_config.c; own: the person's, which need not be there. */
int curl_read_config(struct curl_call *k, const char *path, bool own,
		     struct err *e);
bool curl_is_credential(struct curl_call *k, const char *path);
int curl_from_file(struct curl_call *k, const char *path, struct err *e);
/* The first that is there, as curl 7.88 looks for it; NULL: none. */
const char *curl_own_config(struct curl_call *k);
/* -q comes first, and the person's configuration is named: curl reads what
 * was read here, wherever it would look by itself. */
void curl_canonical(struct curl_call *k, const char *config);

/* curl_nodes.c; name NULL: -O or none. */
void curl_add_url(struct curl_call *k, const char *url);
void curl_add_output(struct curl_call *k, const char *name, bool remote);
void curl_add_input(struct curl_call *k, const char *name);

#endif

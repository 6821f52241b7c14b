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
	CURL_FOLLOWS, /* --location-trusted */
	CURL_PROXY,   /* another host on the way */
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
	CURL_VERBOSE,
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

/* One command line. */
struct curl_call {
	struct file_call *c;
	struct sender s;
	/* of the group being read */
	const char **urls, **outputs, **remote;
	size_t nurls, noutputs, nremote;
	bool data, upload, form, get, head, all_remote, header_name, globoff;
	bool socket; /* whom it reaches is not what the address says */
	const char *method, *dir;
	bool help, netrc;
	unsigned depth;
	bool stdin_seen;
};

/* curl.c */
void
curl_keep(struct curl_call *k, const char ***list, size_t *n, const char *word);
void curl_writes(struct curl_call *k, const char *path);
int curl_end_group(struct curl_call *k, struct err *e);

/* curl_line.c: one word and what belongs to it; *used: the next one was its
 * value. */
int curl_read_word(struct curl_call *k, const char *word, const char *next,
		   bool *used, struct err *e);
/* own: the person's, which need not be there. */
int curl_read_config(struct curl_call *k, const char *path, bool own,
		     struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libcurl 7.85 and newer that automode calls. */
#ifndef AUTOMODE_BASE_LIBCURL_H
#define AUTOMODE_BASE_LIBCURL_H

#include "base/err.h"
#include <curl/curl.h>

struct curl_functions {
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
	__typeof__(curl_url) *url;
	__typeof__(curl_url_set) *url_set;
	__typeof__(curl_url_get) *url_get;
	__typeof__(curl_url_cleanup) *url_cleanup;
	__typeof__(curl_url_strerror) *url_strerror;
	__typeof__(curl_free) *free;
};

/* NULL with e set where it cannot be loaded. */
const struct curl_functions *libcurl(struct err *e);

#endif

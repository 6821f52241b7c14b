/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded by the worker that needs it. */
#include "base/libcurl.h"
#include "base/late.h"

const struct curl_functions *
libcurl(struct err *e)
{
	static struct curl_functions c;
	static const struct late_function functions[] = {
	    {"curl_easy_init", &c.easy_init},
	    {"curl_easy_setopt", &c.easy_setopt},
	    {"curl_easy_perform", &c.easy_perform},
	    {"curl_easy_getinfo", &c.easy_getinfo},
	    {"curl_easy_cleanup", &c.easy_cleanup},
	    {"curl_easy_strerror", &c.easy_strerror},
	    {"curl_slist_append", &c.slist_append},
	    {"curl_slist_free_all", &c.slist_free_all},
	    {"curl_url", &c.url},
	    {"curl_url_set", &c.url_set},
	    {"curl_url_get", &c.url_get},
	    {"curl_url_cleanup", &c.url_cleanup},
	    {"curl_url_strerror", &c.url_strerror},
	    {"curl_free", &c.free},
	};

	if (c.free == NULL &&
	    late_load("libcurl.so.4", "libcurl4", functions,
		      sizeof(functions) / sizeof(functions[0]), e) < 0)
		return NULL;
	return &c;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a group, and what -o, -O and -T give each of them. */
#include "tools/curl.h"
#include <talloc.h>

static bool
full_in(const struct curl_node *n)
{
	return n->has_in;
}

static bool
full_out(const struct curl_node *n)
{
	return n->has_out;
}

static bool
full_url(const struct curl_node *n)
{
	return n->has_url;
}

static struct curl_node *
node(struct curl_call *k, bool (*full)(const struct curl_node *))
{
	for (size_t i = 0; i < k->nnodes; i++)
		if (!full(&k->nodes[i]))
			return &k->nodes[i];
	k->nodes = talloc_realloc(k->c->ctx, k->nodes, struct curl_node,
				  (unsigned)k->nnodes + 1);
	if (!k->nodes)
		BUG("out of memory");
	k->nodes[k->nnodes] = (struct curl_node){.remote = k->all_remote};
	return &k->nodes[k->nnodes++];
}

void
curl_add_url(struct curl_call *k, const char *url)
{
	struct curl_node *n = node(k, full_url);

	n->url = url;
	n->has_url = true;
	k->nurls++;
}

void
curl_add_output(struct curl_call *k, const char *name, bool remote)
{
	struct curl_node *n = node(k, full_out);

	n->out = name;
	n->remote = remote;
	n->has_out = true;
}

void
curl_add_input(struct curl_call *k, const char *name)
{
	struct curl_node *n = node(k, full_in);

	n->in = *name ? name : NULL;
	n->has_in = true;
}

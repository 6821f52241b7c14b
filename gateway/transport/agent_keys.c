/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The person's key files: which are there, which are encrypted, what their
 * public halves are.  Private keys are not read further than their head
 * (PROTOCOL.key of OpenSSH); ssh-add does that.
 */
#include "base/file.h"
#include "transport/ssh_private.h"
#include <ctype.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_KEY	 (64 * 1024)
#define MAGIC	 "openssh-key-v1"
#define MAX_TYPE 64

/* A public key's type: "ssh-ed25519", "sk-ssh-ed25519@openssh.com". */
static bool
is_type(const char *s, size_t n)
{
	static const char *const begins[] = {"ssh-", "ecdsa-", "sk-", "rsa-"};

	if (n == 0 || n > MAX_TYPE)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-@.", s[i]))
			return false;
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (strncmp(s, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static size_t
base64_length(const char *s, const char *end)
{
	const char *at = s;

	while (at < end && (isalnum((unsigned char)*at) || strchr("+/=", *at)))
		at++;
	return (size_t)(at - s);
}

char *
key_line(void *ctx, const char *text, size_t len, const char **base64)
{
	const char *end = text + len, *line = text, *eol, *key;
	size_t n, k;

	for (; line < end; line = eol + 1) {
		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		n = 0;
		while (line + n < eol && !isspace((unsigned char)line[n]))
			n++;
		if (!is_type(line, n) || line + n >= eol)
			continue;
		key = line + n + 1;
		k = base64_length(key, eol);
		if (k < 16)
			continue;
		*base64 = talloc_strndup(ctx, key, k);
		return talloc_asprintf(ctx, "%.*s %s", (int)n, line, *base64);
	}
	return NULL;
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* A string of the wire form; false at the end of the bytes. */
static bool
get_string(const unsigned char **p, size_t *left, const unsigned char **s,
	   size_t *n)
{
	if (*left < 4 || get32(*p) > *left - 4)
		return false;
	*n = get32(*p);
	*s = *p + 4;
	*p += 4 + *n;
	*left -= 4 + *n;
	return true;
}

/* The head of OpenSSH's own format: cipher, and the public key in clear. */
static void
read_head(void *ctx, const char *text, struct key_file *out)
{
	unsigned char *bin = talloc_size(ctx, MAX_KEY);
	const unsigned char *p = bin, *s, *type;
	size_t len, n, ntype;
	char *blob;

	out->encrypted = true; /* until it is seen not to be */
	if (!bin)
		BUG("out of memory");
	if (sodium_base642bin(bin, MAX_KEY, text, strlen(text), " \r\n\t", &len,
			      NULL, sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    len < sizeof MAGIC || memcmp(bin, MAGIC, sizeof MAGIC) != 0)
		goto out;
	p += sizeof MAGIC;
	len -= sizeof MAGIC;
	if (!get_string(&p, &len, &s, &n))
		goto out;
	out->encrypted = n != 4 || memcmp(s, "none", 4) != 0;
	if (out->line || !get_string(&p, &len, &s, &n) || /* kdf */
	    !get_string(&p, &len, &s, &n) ||		  /* its options */
	    len < 4 || get32(p) != 1)
		goto out;
	p += 4;
	len -= 4;
	if (!get_string(&p, &len, &s, &n))
		goto out;
	blob = talloc_size(
	    ctx, sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL));
	if (!blob)
		BUG("out of memory");
	sodium_bin2base64(
	    blob, sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL),
	    s, n, sodium_base64_VARIANT_ORIGINAL);
	p = s;
	len = n;
	if (get_string(&p, &len, &type, &ntype) &&
	    is_type((const char *)type, ntype)) {
		out->base64 = blob;
		out->line = talloc_asprintf(ctx, "%.*s %s", (int)ntype,
					    (const char *)type, blob);
	}
out:
	sodium_memzero(bin, MAX_KEY);
	talloc_free(bin);
}

static const char *
read_line(void *ctx, const char *path, const char *suffix, const char **base64)
{
	char *name = talloc_asprintf(ctx, "%s%s", path, suffix), *text;
	struct err e = {0};
	size_t len;

	if (!name || file_read(ctx, AT_FDCWD, name, MAX_KEY, &text, &len, &e))
		return NULL;
	return key_line(ctx, text, len, base64);
}

static void
read_private(void *ctx, struct key_file *out, char *text)
{
	static const char own[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	const char *at = strstr(text, own);
	char *end;

	out->here = true;
	if (at) {
		at += sizeof own - 1;
		end = strstr(text, "-----END");
		if (end)
			*end = '\0';
		read_head(ctx, at, out);
		return;
	}
	out->encrypted = strstr(text, "ENCRYPTED") != NULL;
}

void
key_file_read(void *ctx, const char *path, struct key_file *out)
{
	struct err e = {0};
	char *text;
	size_t len;

	*out = (struct key_file){.path = path};
	out->line = read_line(ctx, path, ".pub", &out->base64);
	out->certificate =
	    read_line(ctx, path, "-cert.pub", &out->certificate64);
	if (file_read(ctx, AT_FDCWD, path, MAX_KEY, &text, &len, &e) != 0)
		return;
	/* IdentityFile may name the public half of a key that an agent has */
	if (strstr(text, "PRIVATE KEY-----"))
		read_private(ctx, out, text);
	else if (!out->line)
		out->line = key_line(ctx, text, len, &out->base64);
	sodium_memzero(text, len);
	talloc_free(text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every token of profiles/secrets, made from its own pattern, is found: as it
 * stands, and encoded, alone and deep in much other text.
 */
#include "base/file.h"
#include "effects/secrets_work.h"
#include <ctype.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define MUCH (1u << 20)

static struct invocation in = {.cwd = "/nonexistent"};
static struct scope_rules rules;

/* --- a word from a pattern -------------------------------------------------
 */

static const char *generate(const char *p, char *out, size_t *n, bool keep);

/* p: behind "[" */
static const char *
one_of(const char *p, char *out, size_t *n, bool keep)
{
	char set[256];
	size_t k = 0;

	if (*p == '^') {
		set[k++] = 'x';
		p = strchr(p, ']');
	}
	for (; *p != ']'; p++) {
		if (*p == '\\') {
			p++;
			set[k++] = '\n';
			continue;
		}
		if (p[1] == '-' && p[2] != ']') {
			for (int c = *p; c <= p[2]; c++)
				set[k++] = (char)c;
			p += 2;
			continue;
		}
		set[k++] = *p;
	}
	if (keep)
		out[(*n)++] = set[(size_t)random() % k];
	return p + 1;
}

static const char *
atom(const char *p, char *out, size_t *n, bool keep)
{
	if (*p == '[')
		return one_of(p + 1, out, n, keep);
	if (*p == '(') {
		/* what has to follow or must not */
		keep &= p[2] != '!' && p[2] != '=';
		p = generate(p + 3, out, n, keep);
		while (*p == '|')
			p = generate(p + 1, out, n, false);
		return p + 1;
	}
	if (*p == '\\')
		p++;
	if (keep)
		out[(*n)++] = p[-1] == '\\' && *p == 's' ? '\n' : *p;
	return p + 1;
}

static const char *
generate(const char *p, char *out, size_t *n, bool keep)
{
	while (*p && *p != '|' && *p != ')') {
		const char *start = p;
		long least = 1, most = 1;
		char *end;

		p = atom(p, out, n, false);
		if (*p == '?' || *p == '*')
			least = 0;
		if (*p == '*' || *p == '+')
			most = 3;
		if (*p == '{') {
			least = most = strtol(p + 1, &end, 10);
			if (*end == ',')
				most = isdigit((unsigned char)end[1])
					   ? strtol(end + 1, &end, 10)
					   : least + 9;
			p = strchr(end, '}');
		}
		if (*p && strchr("?*+}", *p))
			p++;
		if (keep)
			least += random() % (most - least + 1);
		for (long i = 0; i < least; i++)
			atom(start, out, n, keep);
	}
	return p;
}

/* --- other forms -----------------------------------------------------------
 */

static size_t
encode(unsigned form, const char *p, size_t len, char *out)
{
	unsigned at;
	size_t n = 0;

	switch (form) {
	case 0:
		memcpy(out, p, len);
		return len;
	case 1:
	case 2:
	case 3: /* with one, two or three bytes before */
		memcpy(out, "  /", form);
		memcpy(out + form, p, len);
		memcpy(out + form + len, "\n\n", 2);
		memmove(out + 4096, out, form + len + 2);
		return secrets_base64(out + 4096, form + len + 2, 0, false, out,
				      &at);
	case 4:
	case 5:
		for (; n < len; n++)
			snprintf(out + 2 * n, 3, form == 4 ? "%02x" : "%02X",
				 (unsigned char)p[n]);
		return 2 * len;
	default:
		for (; n < len; n++)
			out[n] = p[len - 1 - n];
		return len;
	}
}

static void
add_checksum(char *token, size_t len)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	uint32_t v = secret_crc32(token + 4, 30);

	for (size_t i = len; i-- > len - 6; v /= 62)
		token[i] = digits[v % 62];
}

static bool
finds(const char *text, size_t len, const char *family)
{
	struct secret_found v[8];
	struct secrets *s;
	struct err e = {0};
	size_t n;

	assert_int_equal(secrets_begin(NULL, &in, &rules, NULL, &s, &e), 0);
	n = secrets_scan(s, text, len, "a test", v, 8);
	talloc_free(s);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].owner->family, family))
			return true;
	return false;
}

static void
one_token(const char *family, const char *line, bool checked, char *much)
{
	static char token[4096], out[16384];
	const char *space = strchr(line, ' ');
	size_t n = (size_t)(space - line), len, place;

	memcpy(token, line, n);
	generate(space + 1, token, &n, true);
	if (checked && space - line == 4 && n == 40)
		add_checksum(token, n);
	if (secret_is_placeholder(token, n))
		return;
	for (unsigned form = 0; form < 7; form++) {
		out[0] = ' ';
		len = encode(form, token, n, out + 1) + 1;
		out[len++] = '\n';
		if (!finds(out, len, family))
			print_message("%.*s of %s, form %u\n", (int)n, token,
				      family, form);
		assert_true(finds(out, len, family));
		place = (size_t)random() % (MUCH - sizeof(out));
		memcpy(out + 8192, much + place, len);
		memcpy(much + place, out, len);
		if (!finds(much, MUCH, family))
			print_message("%.*s of %s, form %u, at %zu\n", (int)n,
				      token, family, form, place);
		assert_true(finds(much, MUCH, family));
		memcpy(much + place, out + 8192, len);
	}
}

static void
finds_every_token(void **state)
{
	void *ctx = talloc_new(NULL);
	char *text, *much, *save = NULL, *line, *family = NULL;
	char *lines[64];
	size_t len, n = 0, all = 0;
	bool checked = false;

	(void)state;
	assert_int_equal(file_read(ctx, AT_FDCWD, "profiles/secrets", 1u << 20,
				   &text, &len, NULL),
			 0);
	much = talloc_size(ctx, MUCH);
	for (size_t i = 0; i < MUCH; i++)
		much[i] =
		    "static int\nread(char *p) {\n\treturn x;\n}\n"[i % 41];
	for (;;) {
		line = strtok_r(save ? NULL : text, "\n", &save);
		if (line && !strncmp(line, "token ", 6))
			lines[n++] = line + 6;
		if (line && !strcmp(line, "check crc32"))
			checked = true;
		if (line && strncmp(line, "family ", 7) != 0)
			continue;
		for (size_t i = 0; i < n; i++, all++)
			one_token(family, lines[i], checked, much);
		n = 0;
		checked = false;
		if (!line)
			break;
		family = line + 7;
	}
	assert_true(all > 170);
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds_every_token)};
	struct err e = {0};

	invocation_set_home(getuid(), "/nonexistent");
	in.uid = getuid();
	srandom(4711);
	if (secrets_load("profiles/secrets", &e) < 0) {
		printf("1..0 # %s\n", e.msg);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

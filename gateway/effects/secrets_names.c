/* SPDX-License-Identifier: Apache-2.0 */
/* What a variable's name says of its value, and the value by its looks. */
#include "base/memory.h"
#include "effects/secrets_work.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

char *
secrets_lower(void *ctx, const char *s, size_t len)
{
	char *out = have(talloc_strndup(ctx, s, len));

	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

bool
secrets_names_secret(const char *name, size_t len)
{
	static const char *const parts[] = {
	    "token",   "secret",   "passw",	"apikey",     "api_key",
	    "api-key", "_key",	   "-key",	"credential", "_auth",
	    "_pat",    "private",  "_pwd",	"_dsn",	      "database_url",
	    "_pass",   "password", "accesskey", "signing",    "webhook_url"};
	static const char *const not [] = {"public", "_key_id_file", "_file",
					   "_path",  "ssh_auth",     "keyboard",
					   "_dir",   "monkey",	     "xauth"};
	char *low = secrets_lower(NULL, name, len);
	bool yes = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		yes |= strstr(low, parts[i]) != NULL;
	yes |= strcmp(low, "key") == 0 || strcmp(low, "pass") == 0 ||
	       strcmp(low, "pwd") == 0;
	for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		yes &= strstr(low, not [i]) == NULL;
	/* the shell's own */
	yes &= strcmp(name, "PWD") != 0 && strcmp(name, "OLDPWD") != 0;
	talloc_free(low);
	return yes;
}

bool
secrets_looks_random(const char *s, size_t len)
{
	size_t up = 0, low = 0, digits = 0, marks = 0;

	if (len < 14)
		return false;
	for (size_t i = 0; i < len; i++) {
		up += isupper((unsigned char)s[i]) != 0;
		low += islower((unsigned char)s[i]) != 0;
		digits += isdigit((unsigned char)s[i]) != 0;
		marks += s[i] == '-' || s[i] == '.' || s[i] == '/';
	}
	if (digits < 2 || marks > 2 + len / 12)
		return false;
	return (up > 1 && low > 1) || (len >= 24 && !marks && up + low > 3);
}

bool
secrets_is_domain(const char *s, size_t len)
{
	const char *dot = memrchr(s, '.', len);
	size_t tld = dot ? (size_t)(s + len - dot - 1) : 0;

	if (!dot || dot == s || tld < 2 || tld > 12)
		return false;
	for (size_t i = 1; i <= tld; i++)
		if (!isalpha((unsigned char)dot[i]))
			return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '.')
			return false;
	return true;
}

bool
secrets_is_common(const char *value, size_t len)
{
	bool number = true, word = true;

	for (size_t i = 0; i < len; i++) {
		number &= strchr("0123456789.,:", value[i]) != NULL;
		word &=
		    strchr("abcdefghijklmnopqrstuvwxyz-_", value[i]) != NULL;
	}
	return number ||
	       (word && len < 12 && !secrets_looks_random(value, len));
}

bool
secrets_names_file(const char *value)
{
	static const char *const ends[] = {
	    ".asc", ".cer",  ".cfg",  ".conf", ".crt",	".der", ".env",
	    ".gpg", ".ini",  ".jks",  ".json", ".key",	".p12", ".pem",
	    ".pfx", ".toml", ".yaml", ".yml",  ".store"};
	const char *dot = strrchr(value, '.');

	for (size_t i = 0; dot && i < sizeof(ends) / sizeof(*ends); i++)
		if (!strcmp(dot, ends[i]))
			return value[strspn(value, "abcdefghijklmnopqrstuvwxyz"
						   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						   "0123456789._/-")] == '\0';
	return false;
}

bool
secrets_names_host(const char *name, const char *value)
{
	static const char *const ends[] = {
	    "_host",   "_hostname", "_domain", "_endpoint", "_server",
	    "_issuer", "_audience", "_addr",   "_address",  "_service"};
	size_t len = strlen(name);

	if (!secrets_is_domain(value, strcspn(value, ":/")))
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && !strcasecmp(name + len - n, ends[i]))
			return true;
	}
	return false;
}

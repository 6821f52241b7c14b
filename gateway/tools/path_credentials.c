/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials, by the place or the name of their file. */
#include "base/file.h"
#include "base/path.h"
#include "tools/path_class.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define PUBLIC_MAX (1u << 20)
#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))

/* Below the home folder, beside what effects/scope.c has. */
static const char *const more_secrets[] = {
    ".config/containers/auth.json",
    ".config/helm/registry/config.json",
    ".config/stripe/",
    ".config/heroku/",
    ".config/netlify/",
    ".config/openai/",
    ".anthropic/",
    ".claude/.credentials.json",
    ".codex/auth.json",
    ".gemini/oauth_creds.json",
    ".huggingface/token",
    ".cache/huggingface/token",
    ".kaggle/kaggle.json",
    ".snowflake/",
    ".terraformrc",
    ".pulumi/credentials.json",
    ".fly/config.yml",
    ".curlrc",
    ".config/curlrc",
    ".wgetrc",
    ".smbcredentials",
    ".huggingface/",
    ".gradle/gradle.properties",
    ".nuget/NuGet/NuGet.Config",
    ".cache/git/credential/",
    ".git-credential-cache/",
    ".local/share/kwalletd/",
    ".oci/",
    ".config/pip/pip.conf",
    ".pip/pip.conf",
    ".bundle/config",

    ".supabase/access-token",
    ".bash_history",
    ".zsh_history",
    ".psql_history",
    ".mysql_history",
    ".python_history",
    ".node_repl_history",
};

/* In credential stores, and yet no secret. */
static const char *const no_secrets[] = {
    ".ssh/known_hosts", ".ssh/known_hosts.old",	 ".ssh/config",
    ".ssh/*.pub",	".ssh/authorized_keys",	 ".gnupg/pubring.kbx",
    ".gnupg/*.conf",	".docker/cli-plugins/*", ".docker/buildx/*",
};

static const char *const system_secrets[] = {
    "/etc/shadow",	"/etc/shadow-",	 "/etc/gshadow",
    "/etc/gshadow-",	"/etc/sudoers",	 "/etc/ssl/private/",
    "/etc/krb5.keytab", "/run/secrets/", "/var/run/secrets/",
};

/* By the name of the file, in a project. */
static const char *const secret_names[] = {
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.ppk",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "id_dsa",
    "*.kdbx",
    "credentials*.json",
    "service-account*.json",
    "serviceAccountKey.json",
    "client_secret*.json",
    "secrets.yml",
    "secrets.yaml",
    "secrets.toml",
    "secrets.json",
    "master.key",
    ".htpasswd",
    "*.tfstate",
    "*.tfvars",
    ".netrc",
    ".pgpass",
    ".git-credentials",
};

static const char *const example_names[] = {
    ".env.example",  ".env.sample", ".env.template", ".env.dist",
    ".env.defaults", ".env.test",   ".env.schema",
};

static bool
matches(const char *text, const char *const *globs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(globs[i], text, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

/* Certificates, requests and public keys, by their outer form alone: in all
 * of these a sequence begins with one, in private keys with a number. */
static bool
is_public_block(const char *body)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char der[6];
	unsigned v[8];
	size_t at;

	for (size_t i = 0; i < 8; i++) {
		const char *d = body[i] ? strchr(digits, body[i]) : NULL;

		if (!d)
			return false;
		v[i] = (unsigned)(d - digits);
	}
	for (size_t i = 0; i < 2; i++) {
		const unsigned *q = v + i * 4;

		der[i * 3] = (unsigned char)(q[0] << 2 | q[1] >> 4);
		der[i * 3 + 1] = (unsigned char)(q[1] << 4 | q[2] >> 2);
		der[i * 3 + 2] = (unsigned char)(q[2] << 6 | q[3]);
	}
	at = der[1] & 0x80 ? 2u + (der[1] & 0x7f) : 2u;
	return der[0] == 0x30 && at < sizeof(der) && der[at] == 0x30;
}

/* A file of blocks of which each is public. */
static bool
is_public(void *ctx, const char *path)
{
	static const char *const kinds[] = {
	    "CERTIFICATE-----\n", "TRUSTED CERTIFICATE-----\n",
	    "CERTIFICATE REQUEST-----\n", "X509 CRL-----\n",
	    "PUBLIC KEY-----\n"};
	static const char begin[] = "-----BEGIN ";
	size_t len, blocks = 0;
	struct stat st;
	char *text;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read(ctx, AT_FDCWD, path, PUBLIC_MAX, &text, &len, NULL) != 0)
		return false;
	for (const char *p = text; (p = strstr(p, begin)); blocks++) {
		const char *body = NULL;

		p += strlen(begin);
		for (size_t i = 0; i < COUNT(kinds) && !body; i++)
			if (!strncmp(p, kinds[i], strlen(kinds[i])))
				body = p + strlen(kinds[i]);
		if (!body || !is_public_block(body))
			return false;
	}
	return blocks > 0 && !memchr(text, '\0', len);
}

bool
path_is_credential(struct operands *os, const char *path, bool *home)
{
	const char *below = path_below_home(os, path), *name = path_base(path);
	enum scope s = scope_of_path(os->in, os->t->rules, NULL, path);

	*home = true;
	if (below && matches(below, no_secrets, COUNT(no_secrets)))
		return false;
	if (s == SCOPE_SECRET ||
	    path_listed(below, more_secrets, COUNT(more_secrets)) ||
	    path_listed(path, system_secrets, COUNT(system_secrets)) ||
	    fnmatch("/etc/ssh/ssh_host_*_key", path, 0) == 0 ||
	    fnmatch("/proc/*/environ", path, 0) == 0 ||
	    fnmatch("/proc/*/mem", path, 0) == 0)
		return true;
	*home = false;
	return matches(name, secret_names, COUNT(secret_names)) &&
	       !matches(name, example_names, COUNT(example_names)) &&
	       !(fnmatch("*.pem", name, FNM_CASEFOLD) == 0 &&
		 is_public(os->ctx, path));
}

const char *
path_holds_credentials(struct operands *os, const char *dir)
{
	static const char *const stores[] = {
	    ".ssh",	".aws",	   ".gnupg",	     ".config/gh",
	    ".netrc",	".kube",   ".docker",	     ".git-credentials",
	    ".azure",	".pgpass", ".config/gcloud", ".password-store",
	    ".mozilla", ".npmrc",  ".pypirc",	     ".vault-token",
	};
	const char *home = os->home;

	if (!home)
		return NULL;
	if (path_is_under("/etc", dir) && path_exists("/etc/shadow"))
		return "/etc/shadow";
	if (!path_is_under(home, dir) && !path_is_under(dir, home))
		return NULL;
	for (size_t i = 0; i < COUNT(stores); i++) {
		const char *store = path_join(os->ctx, home, stores[i]);

		if (strcmp(store, dir) != 0 && path_is_under(store, dir) &&
		    path_exists(store))
			return store;
	}
	for (size_t i = 0; i < COUNT(more_secrets); i++) {
		const char *store = path_clean(
		    os->ctx, path_join(os->ctx, home, more_secrets[i]));

		if (strcmp(store, dir) != 0 && path_is_under(store, dir) &&
		    path_exists(store))
			return store;
	}
	return NULL;
}

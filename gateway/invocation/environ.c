/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the caller's variables a boxed command may see: the table, and
 * the environment built by it.
 */
#include "invocation/environ.h"
#include "base/err.h"
#include "base/mutant.h"
#include "base/path.h"
#include "invocation/program.h"
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>

/* A star stands for any bytes, also none; the first row that matches says
 * it; what no row matches is kept. */
static const struct {
	const char *glob;
	enum environ_fate fate;
} table[] = {
    /* judged by tools/git_environ.c */
    {"GIT_*", ENVIRON_KEEP},

    /* run code before main(), or change what every program loads */
    {"LD_*", ENVIRON_DROP},
    {"GCONV_PATH", ENVIRON_DROP},
    {"GETCONF_DIR", ENVIRON_DROP},
    {"GLIBC_TUNABLES", ENVIRON_DROP},
    {"HOSTALIASES", ENVIRON_DROP},
    {"LOCALDOMAIN", ENVIRON_DROP},
    {"LOCPATH", ENVIRON_DROP},
    {"NLSPATH", ENVIRON_DROP},
    {"MALLOC_*", ENVIRON_DROP},
    {"NIS_PATH", ENVIRON_DROP},
    {"RES_OPTIONS", ENVIRON_DROP},
    {"RESOLV_HOST_CONF", ENVIRON_DROP},
    {"TZDIR", ENVIRON_DROP},
    {"BASH_ENV", ENVIRON_DROP},
    {"ENV", ENVIRON_DROP},
    {"ZDOTDIR", ENVIRON_DROP},
    {"SHELLOPTS", ENVIRON_DROP},
    {"BASHOPTS", ENVIRON_DROP},
    {"BASH_XTRACEFD", ENVIRON_DROP},
    {"BASH_FUNC_*", ENVIRON_DROP},
    {"PROMPT_COMMAND", ENVIRON_DROP},
    {"PS4", ENVIRON_DROP},
    {"PERL5OPT", ENVIRON_DROP},
    {"PERL5DB*", ENVIRON_DROP},
    {"PYTHONSTARTUP", ENVIRON_DROP},
    {"PYTHONINSPECT", ENVIRON_DROP},
    {"LESSOPEN", ENVIRON_DROP},
    {"LESSCLOSE", ENVIRON_DROP},

    /* ours */
    {"AUTOMODE_*", ENVIRON_DROP},

    /* reach an agent or a service that acts with the person's rights */
    {"SSH_AUTH_SOCK", ENVIRON_SECRET},
    {"SSH_AGENT_PID", ENVIRON_SECRET},
    {"SSH_ASKPASS", ENVIRON_SECRET},
    {"SUDO_ASKPASS", ENVIRON_SECRET},
    {"GPG_AGENT_INFO", ENVIRON_SECRET},
    {"GNOME_KEYRING_*", ENVIRON_SECRET},
    {"DBUS_*", ENVIRON_SECRET},
    {"WAYLAND_DISPLAY", ENVIRON_SECRET},
    {"XAUTHORITY", ENVIRON_SECRET},
    {"KRB5CCNAME", ENVIRON_SECRET},
    {"KRB5_KTNAME", ENVIRON_SECRET},
    {"KUBECONFIG", ENVIRON_SECRET},
    {"KUBE_*", ENVIRON_SECRET},
    {"DOCKER_HOST", ENVIRON_SECRET},
    {"DOCKER_CONFIG", ENVIRON_SECRET},
    {"DOCKER_CERT_PATH", ENVIRON_SECRET},
    {"CONTAINER_HOST", ENVIRON_SECRET},
    {"VSCODE_*IPC*", ENVIRON_SECRET},
    {"VAULT_*", ENVIRON_SECRET},
    {"CONSUL_HTTP_*", ENVIRON_SECRET},

    /* hold one */
    {"AWS_*", ENVIRON_SECRET},
    {"AZURE_*", ENVIRON_SECRET},
    {"ARM_CLIENT_*", ENVIRON_SECRET},
    {"GCP_*", ENVIRON_SECRET},
    {"CLOUDSDK_*", ENVIRON_SECRET},
    {"GOOGLE_APPLICATION_CREDENTIALS", ENVIRON_SECRET},
    {"DATABASE_URL", ENVIRON_URL},
    {"*_DATABASE_URL", ENVIRON_URL},
    {"REDIS_URL", ENVIRON_URL},
    {"MONGODB_URI", ENVIRON_URL},
    {"*_DSN", ENVIRON_URL},
    {"PGPASSWORD", ENVIRON_SECRET},
    {"PGPASSFILE", ENVIRON_SECRET},
    {"MYSQL_PWD", ENVIRON_SECRET},
    {"NETRC", ENVIRON_SECRET},
    {"CURL_HOME", ENVIRON_SECRET},
    {"HF_TOKEN*", ENVIRON_SECRET},
    {"*TOKEN", ENVIRON_SECRET},
    {"*_TOKEN_*", ENVIRON_SECRET},
    {"*TOKENS", ENVIRON_SECRET},
    {"*SECRET", ENVIRON_SECRET},
    {"*SECRETS", ENVIRON_SECRET},
    {"*_SECRET*", ENVIRON_SECRET},
    {"SECRET_*", ENVIRON_SECRET},
    {"*PASSWORD*", ENVIRON_SECRET},
    {"*PASSWD", ENVIRON_SECRET},
    {"*PASSPHRASE*", ENVIRON_SECRET},
    {"*_PASS", ENVIRON_SECRET},
    {"*_PWD", ENVIRON_SECRET},
    {"*_API_KEY*", ENVIRON_SECRET},
    {"*APIKEY*", ENVIRON_SECRET},
    {"API_KEY", ENVIRON_SECRET},
    {"*_KEY", ENVIRON_SECRET},
    {"*_ACCESS_KEY*", ENVIRON_SECRET},
    {"*_PRIVATE_KEY*", ENVIRON_SECRET},
    {"*_CREDENTIAL", ENVIRON_SECRET},
    {"*_CREDENTIALS", ENVIRON_SECRET},
    {"*_CREDS", ENVIRON_SECRET},
    {"*_AUTH", ENVIRON_SECRET},
    {"*_WEBHOOK_URL", ENVIRON_SECRET},
    {"*_CONNECTION_STRING", ENVIRON_SECRET},
    {"npm_config__auth*", ENVIRON_SECRET},
};

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Star matching in linear space; case does not count, so that "my_token" is
 * a secret too. */
static bool
matches(const char *glob, const char *name, size_t len)
{
	const char *star = NULL, *from = NULL;

	if (*glob == '*' && strchr(glob + 1, '*') == NULL) {
		size_t tail = strlen(glob + 1);

		return tail <= len &&
		       strcasecmp(glob + 1, name + len - tail) == 0;
	}
	for (; *name != '\0';) {
		if (*glob == '*') {
			star = ++glob;
			from = name;
		} else if (upper(*glob) == upper(*name)) {
			glob++;
			name++;
		} else if (star != NULL) {
			glob = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

enum environ_fate
environ_fate(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (matches(table[i].glob, name, len))
			return table[i].fate;
	return ENVIRON_KEEP;
}

/* A development database: a file, a socket, or a server on this machine.  Its
 * password opens nothing elsewhere, and tests that hooks run need it. */
static bool
names_this_machine(const char *value)
{
	static const char *const files[] = {"sqlite:", "sqlite3:", "file:"};
	static const char *const here[] = {"localhost", "127.0.0.1", "[::1]",
					   ""};
	const char *host, *at, *end;
	size_t n;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strncasecmp(value, files[i], strlen(files[i])) == 0)
			return true;
	host = strstr(value, "://");
	if (host == NULL)
		return false;
	host += 3;
	end = host + strcspn(host, "/?#");
	/* several hosts, or a host that follows as a parameter */
	if (strchr(host, ',') != NULL || strstr(end, "host") != NULL)
		return false;
	at = memrchr(host, '@', (size_t)(end - host));
	if (at != NULL)
		host = at + 1;
	n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
		if (strlen(here[i]) == n && strncasecmp(host, here[i], n) == 0)
			return true;
	return false;
}

static bool
may_be_seen(const char *name, const char *value)
{
	switch (environ_fate(name)) {
	case ENVIRON_KEEP:
		return true;
	case ENVIRON_URL:
		return names_this_machine(value) || mutant("environ");
	case ENVIRON_DROP:
	case ENVIRON_SECRET:
		return mutant("environ") && strncmp(name, "AUTOMODE", 8) != 0;
	}
	return false;
}

/* The folder holds our shims: it is this installation's, or its `git` is a
 * shim of another, or its `sh` (cli/env_interpreters.c). */
static bool
has_shims(void *ctx, const char *dir, const struct stat *ours)
{
	struct stat st;
	char *git;
	bool is;

	if (stat(dir, &st) != 0)
		return false;
	if (ours != NULL && st.st_dev == ours->st_dev &&
	    st.st_ino == ours->st_ino)
		return true;
	git = talloc_asprintf(ctx, "%s/%s", dir,
			      strstr(dir, "/interpreters-") ? "sh" : "git");
	is = program_is_shim(git);
	talloc_free(git);
	return is;
}

char *
environ_path(void *ctx, const struct invocation *in)
{
	const char *path = invocation_env(in, "PATH");
	char *out = talloc_strdup(ctx, "");
	bool first = true, known;
	struct stat ours;

	known = stat(program_shim_dir(), &ours) == 0;
	if (path == NULL || *path == '\0')
		path = "/usr/local/bin:/usr/bin:/bin";
	while (path != NULL) {
		const char *end = strchr(path, ':');
		size_t len = end ? (size_t)(end - path) : strlen(path);
		char *dir = talloc_strndup(out, path, len);
		char *full = path_join(dir, in->cwd, *dir ? dir : ".");

		if (!has_shims(dir, full, known ? &ours : NULL)) {
			if (!first)
				out = talloc_strdup_append_buffer(out, ":");
			out = talloc_strdup_append_buffer(out, dir);
			first = false;
		}
		talloc_free(dir);
		path = end ? end + 1 : NULL;
	}
	if (out == NULL)
		BUG("out of memory");
	return out;
}

static size_t
name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static bool
replaced(const char *entry, const char *const *set)
{
	size_t n = name_length(entry);

	for (; set != NULL && *set != NULL; set++)
		if (name_length(*set) == n && strncmp(*set, entry, n) == 0)
			return true;
	return false;
}

const char **
environ_build(void *ctx, const struct invocation *in, const char *const *set)
{
	size_t nset = 0, n = 0;
	const char **out;
	char name[256];
	const char *path;

	while (set != NULL && set[nset] != NULL)
		nset++;
	out = talloc_zero_array(ctx, const char *, in->envc + nset + 2);
	if (out == NULL)
		BUG("out of memory");
	for (size_t i = 0; i < in->envc; i++) {
		size_t len = name_length(in->env[i]);

		/* No program of ours needs a name that long. */
		if (len >= sizeof(name) || replaced(in->env[i], set))
			continue;
		memcpy(name, in->env[i], len);
		name[len] = '\0';
		if (strcmp(name, "PATH") != 0 &&
		    may_be_seen(name,
				in->env[i] + len + (in->env[i][len] == '=')))
			out[n++] = in->env[i];
	}
	if (!replaced("PATH=", set)) {
		path = environ_path(out, in);
		out[n++] = talloc_asprintf(out, "PATH=%s", path);
	}
	for (size_t i = 0; i < nset; i++)
		out[n++] = set[i];
	return out;
}

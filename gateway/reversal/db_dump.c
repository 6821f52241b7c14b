/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's clients as the caller, and a dump as a new entry. */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/db.h"
#include "reversal/vault_store.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DUMP_MS 600000

/* What finds and opens the connection, nothing that changes what is run or
 * shown there (PGOPTIONS). */
static bool
is_passed(const char *entry)
{
	static const char *const names[] = {"HOME=",
					    "LANG=",
					    "PGPASSWORD=",
					    "PGPASSFILE=",
					    "PGSSL",
					    "PGREQUIRE",
					    "PGCHANNELBINDING=",
					    "PGGSS",
					    "PGKRBSRVNAME=",
					    "PGSYSCONFDIR=",
					    "PGTARGETSESSIONATTRS=",
					    "USER=",
					    "LOGNAME=",
					    "KRB5CCNAME="};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(entry, names[i], strlen(names[i])))
			return true;
	return false;
}

int
db_client(void *ctx, const struct invocation *in, const struct db_place *at,
	  struct spawn *s, struct err *e)
{
	const char **env =
	    have(talloc_zero_array(ctx, const char *, (unsigned)in->envc + 5));
	size_t n = 0;

	for (size_t i = 0; i < in->envc; i++)
		if (is_passed(in->env[i]))
			env[n++] = in->env[i];
	if (!invocation_env(in, "HOME") && invocation_home(in))
		env[n++] =
		    have(talloc_asprintf(ctx, "HOME=%s", invocation_home(in)));
	env[n++] = "PATH=/usr/bin:/bin";
	env[n++] = "LC_MESSAGES=C";
	env[n++] = "PGCONNECT_TIMEOUT=10";
	if (at->cluster && *at->cluster)
		env[n++] =
		    have(talloc_asprintf(ctx, "PGCLUSTER=%s", at->cluster));
	s->env = env;
	s->program = have(talloc_asprintf(ctx, "/usr/bin/%s", s->argv[0]));
	return spawn_run(ctx, s, e);
}

static int
write_field(const char *dir, const char *name, const char *text, struct err *e)
{
	char *path = have(talloc_asprintf(NULL, "%s/%s", dir, name));
	int rc = file_write(AT_FDCWD, path, text, strlen(text), 0600, e);

	talloc_free(path);
	return rc;
}

static int
dump(void *ctx, const struct invocation *in, const struct db_place *at,
     const char *dir, uint64_t *bytes, struct err *e)
{
	char *file = have(talloc_asprintf(ctx, "%s/dump", dir));
	const char *argv[] = {"pg_dump",
			      "-w",
			      "-Fc",
			      "--lock-wait-timeout=10s",
			      "-f",
			      file,
			      at->dropped ? "-C" : "--no-sync",
			      "-d",
			      at->conninfo,
			      NULL};
	struct spawn s = {.argv = argv, .timeout_ms = DUMP_MS};
	int rc = db_client(ctx, in, at, &s, e), fd;
	struct stat st;

	if (rc < 0)
		return rc;
	if (s.status != 0)
		return err_set(e, ERR_SYSTEM, "%s",
			       text_safe(ctx, s.errors ? s.errors : "pg_dump"));
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || fsync(fd) < 0)
		rc = err_sys(e, "the dump");
	else
		*bytes = (uint64_t)st.st_size;
	if (fd >= 0)
		close(fd);
	return rc;
}

static const char *const engines[] = {
    [DATABASE_POSTGRESQL] = "postgresql",
    [DATABASE_REDIS] = "redis",
    [DATABASE_MYSQL] = "mysql",
    [DATABASE_OTHER] = "other",
};

enum database_engine
db_engine(const char *name)
{
	for (size_t i = 0; name && i < sizeof(engines) / sizeof(*engines); i++)
		if (!strcmp(engines[i], name))
			return (enum database_engine)i;
	return DATABASE_POSTGRESQL;
}

static int
dump_with(void *ctx, const struct invocation *in, const struct db_place *at,
	  const char *dir, uint64_t *bytes, struct err *e)
{
	char *file = have(talloc_asprintf(ctx, "%s/dump", dir));

	switch (at->engine) {
	case DATABASE_REDIS:
		return db_redis_dump(ctx, at, file, bytes, e);
	case DATABASE_MYSQL:
		return db_mysql_dump(ctx, in, at, file, bytes, e);
	default:
		return dump(ctx, in, at, dir, bytes, e);
	}
}

char *
db_part(void *ctx, const char *entry, size_t i)
{
	return have(i ? talloc_asprintf(ctx, "%s/database.%zu", entry, i)
		      : talloc_asprintf(ctx, "%s/database", entry));
}

/* One database into a folder of its own. */
static int
keep_part(void *ctx, const struct invocation *in, const struct db_place *at,
	  const char *dir, const char *command, uint64_t *bytes, struct err *e)
{
	const struct {
		const char *name, *text;
	} fields[] = {{"conninfo", at->conninfo},
		      {"cluster", at->cluster},
		      {"label", at->label},
		      {"command", command},
		      {"kind", at->dropped ? "dropped" : "content"},
		      {"engine", engines[at->engine]},
		      {"part", at->part}};
	uint64_t size = 0;
	int rc = 0;

	if (mkdir(dir, 0700) < 0)
		return err_sys(e, "making a vault entry");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields) && !rc; i++)
		rc = write_field(dir, fields[i].name,
				 fields[i].text ? fields[i].text : "", e);
	if (rc == 0)
		rc = dump_with(ctx, in, at, dir, &size, e);
	*bytes += size;
	return rc < 0 ? err_wrap(e, "%s", at->label) : 0;
}

int
db_dump_entry(void *ctx, const struct invocation *in, struct channel *monitor,
	      const struct db_place *const *at, size_t n, const char *command,
	      uint64_t *id, uint64_t *bytes, struct err *e)
{
	struct repository none = {.id = "files", .gitdir = "", .commondir = ""};
	char *folder = vault_dir(ctx, &none), *entries, *entry;
	struct vault *vault;
	int rc = vault_open_folder(ctx, &none, true, &vault, e);

	if (rc < 0)
		return rc;
	entries = have(talloc_asprintf(ctx, "%s/entries", folder));
	if (mkdir(entries, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "making the vault");
	rc = channel_entry_new(monitor, in->session ? in->session->id : "",
			       "files", folder, command, id, e);
	if (rc < 0)
		return err_wrap(e, "asking for a vault entry");
	*bytes = 0;
	entry = vault_entry_dir(ctx, vault, *id);
	if (mkdir(entry, 0700) < 0)
		rc = err_sys(e, "making a vault entry");
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = keep_part(ctx, in, at[i], db_part(ctx, entry, i), command,
			       bytes, e);
	if (rc < 0) {
		vault_drop(vault, *id, NULL);
		channel_entry_state(monitor, *id, "dropped", "", 0, NULL);
	}
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: finding the command, its options, its folders. */
#include "cli/cli.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/client.h"
#include "invocation/repository.h"
#include "places.h"
#include <git2.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <talloc.h>
#include <unistd.h>

const struct cli_command *const cli_commands[] = {
    &cli_env,	  &cli_check,	&cli_undo,    &cli_status,  &cli_log,
    &cli_pending, &cli_approve, &cli_reject,  &cli_intent,  &cli_rules,
    &cli_watch,	  &cli_profile, &cli_trust,   &cli_untrust, &cli_eval,
    &cli_doctor,  &cli_session, &cli_gateway, &cli_help,    NULL,
};

static int __attribute__((format(printf, 2, 0)))
vfail(int status, const char *fmt, va_list ap)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_vasprintf(ctx, fmt, ap);

	fflush(stdout);
	fprintf(stderr, "automode: %s\n", text_safe(ctx, text));
	talloc_free(ctx);
	return status;
}

int
cli_fail(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(status, fmt, ap);
	va_end(ap);
	return status;
}

int
cli_usage(const struct cli_command *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(EXIT_USAGE, fmt, ap);
	va_end(ap);
	if (c != NULL)
		fprintf(stderr, "usage: automode %s %s\n", c->name, c->usage);
	else
		fprintf(stderr, "automode help lists the commands\n");
	return EXIT_USAGE;
}

static void
print_help(const struct cli_command *c)
{
	printf("usage: automode %s %s\n\n%s.\n", c->name, c->usage, c->what);
	if (c->help != NULL)
		printf("\n%s", c->help);
}

/* "--nam": the option of that name; NULL with a message printed. */
static const struct cli_option *
find_option(const struct cli_command *c, const struct cli_option *o, size_t n,
	    const char *name, size_t len, const char *dashes)
{
	const char *names[32], *near;
	char wanted[64];

	for (size_t i = 0; i < n; i++)
		if (strlen(o[i].name) == len &&
		    strncmp(o[i].name, name, len) == 0)
			return &o[i];
	snprintf(wanted, sizeof(wanted), "%.*s", (int)len, name);
	for (size_t i = 0; i < n && i < 31; i++)
		names[i] = o[i].name;
	names[n < 31 ? n : 31] = "help";
	near = text_nearest(wanted, names, (n < 31 ? n : 31) + 1);
	if (near != NULL)
		cli_usage(c, "%s: no option %s%s; did you mean %s%s?", c->name,
			  dashes, wanted, near[1] ? "--" : "-", near);
	else
		cli_usage(c, "%s: no option %s%s", c->name, dashes, wanted);
	return NULL;
}

/* One option at argv[*i]. */
static int
take_option(const struct cli_command *c, const struct cli_option *o, size_t n,
	    int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *value = NULL, *name;
	const struct cli_option *found;
	size_t len;

	if (arg[1] == '-') {
		name = arg + 2;
		len = strcspn(name, "=");
		if (name[len] == '=')
			value = name + len + 1;
	} else {
		name = arg + 1;
		len = 1;
		if (name[1] != '\0')
			value = name + 1;
	}
	found = find_option(c, o, n, name, len, arg[1] == '-' ? "--" : "-");
	if (found == NULL)
		return -1;
	if (found->flag != NULL) {
		if (value != NULL) {
			cli_usage(c, "%s: %.*s takes no value", c->name,
				  (int)(name - arg) + (int)len, arg);
			return -1;
		}
		*found->flag = true;
		return 0;
	}
	if (value == NULL && *i + 1 < argc)
		value = argv[++*i];
	if (value == NULL) {
		cli_usage(c, "%s: %s needs a value", c->name, arg);
		return -1;
	}
	*found->value = value;
	return 0;
}

int
cli_options(const struct cli_command *c, const struct cli_option *o, size_t n,
	    int *argc, char ***argv, bool stop)
{
	char **v = *argv;
	int kept = 0, i;

	for (i = 1; i < *argc; i++) {
		if (strcmp(v[i], "--help") == 0 || strcmp(v[i], "-h") == 0) {
			print_help(c);
			return 1;
		}
		if (strcmp(v[i], "--") == 0) {
			i++;
			break;
		}
		if (v[i][0] != '-' || v[i][1] == '\0') {
			if (stop)
				break;
			v[kept++] = v[i];
			continue;
		}
		if (take_option(c, o, n, *argc, v, &i) < 0)
			return -1;
	}
	while (i < *argc)
		v[kept++] = v[i++];
	v[kept] = NULL;
	*argc = kept;
	return 0;
}

int
cli_places(void *ctx, struct cli_places *p, struct err *e)
{
	if (places_runtime(ctx, true, &p->runtime, e) < 0)
		return e->code;
	p->home = places_home(ctx, p->runtime, getenv("HOME"));
	return places_state(ctx, p->runtime, NULL, p->home, &p->state, e);
}

int
cli_store(void *ctx, struct store **out, struct err *e)
{
	struct cli_places p;

	if (cli_places(ctx, &p, e) < 0)
		return e->code;
	if (!path_exists(talloc_asprintf(ctx, "%s/audit.db", p.state)))
		return err_set(e, ERR_UNKNOWN, "nothing is recorded in %s yet",
			       p.state);
	return store_open(ctx, p.state, true, out, e);
}

int
cli_project(void *ctx, const char **id, const char **worktree, struct err *e)
{
	struct repository_hints h = {0};
	struct repository *r = NULL;
	char cwd[PATH_MAX];

	*id = *worktree = NULL;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return err_sys(e, "the current directory");
	h.cwd = cwd;
	h.git_dir = getenv("GIT_DIR");
	h.work_tree = getenv("GIT_WORK_TREE");
	h.ceilings = getenv("GIT_CEILING_DIRECTORIES");
	if (repository_find(ctx, &h, geteuid(), &r, e) < 0)
		return e->code;
	if (r != NULL) {
		*id = r->id;
		*worktree = r->worktree;
	}
	return 0;
}

static int
help(void *ctx, int argc, char **argv)
{
	(void)ctx;
	if (argc > 1 && strcmp(argv[1], "help") != 0)
		for (size_t i = 0; cli_commands[i] != NULL; i++)
			if (strcmp(cli_commands[i]->name, argv[1]) == 0) {
				print_help(cli_commands[i]);
				return 0;
			}
	printf("automode %s: keeps, boxes and judges what a coding agent "
	       "runs\n\nusage: automode COMMAND ...\n\n",
	       VERSION);
	for (size_t i = 0; cli_commands[i] != NULL; i++)
		printf("  %-9s %s\n", cli_commands[i]->name,
		       cli_commands[i]->what);
	printf("\n  eval \"$(automode env)\"   begins a session in this "
	       "shell\n\nautomode COMMAND --help says more; so does "
	       "automode(1).\n");
	return 0;
}

const struct cli_command cli_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .what = "Lists the commands, or explains one",
    .run = help,
};

static int
unknown(const char *name)
{
	const char *names[32], *near;
	size_t n = 0;

	for (; cli_commands[n] != NULL; n++)
		names[n] = cli_commands[n]->name;
	near = text_nearest(name, names, n);
	if (near != NULL)
		return cli_usage(NULL, "no command %s; did you mean %s?", name,
				 near);
	return cli_usage(NULL, "no command %s", name);
}

int
cli_main(int argc, char **argv)
{
	void *ctx = talloc_new(NULL);
	int status;

	if (argc < 2) {
		help(ctx, 0, NULL);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("automode %s\n", VERSION);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(ctx, 0, NULL);
	if (sodium_init() < 0)
		return cli_fail(EXIT_UNAVAILABLE, "libsodium does not start");
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		if (strcmp(cli_commands[i]->name, argv[1]) != 0)
			continue;
		status = cli_commands[i]->run(ctx, argc - 1, argv + 1);
		if (fflush(stdout) != 0 && status == 0)
			status = 1;
		talloc_free(ctx);
		return status;
	}
	return unknown(argv[1]);
}

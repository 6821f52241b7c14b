/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container or a build gets of this machine.  A container runs as root
 * of the engine: where that is root of the machine, what it may write there is
 * not held by the caller's own rights.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/container.h"
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>

/* Whoever is root in there is no more than the caller. */
static bool
is_rootless(const struct container_call *k)
{
	return k->kind->podman && k->c->in->uid != 0;
}

static void
judge_power(struct container_call *k, const char *what)
{
	container_effect(k, EFFECT_PRIVILEGE, what, NULL)->why =
	    "whoever is in there has the machine";
}

/* /run, /var/run, and the sockets of engines wherever they are. */
static bool
holds_engine(const char *path)
{
	static const char *const sockets[] = {"docker.sock", "podman.sock",
					      "containerd.sock", "crio.sock"};
	const char *base = path_base(path);

	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++)
		if (!strcmp(base, sockets[i]))
			return true;
	return !strcmp(path, "/run") || !strcmp(path, "/var/run") ||
	       !strcmp(path, "/run/docker") || !strcmp(path, "/run/podman");
}

static bool
is_harmless(const char *path)
{
	static const char *const paths[] = {
	    "/etc/localtime", "/etc/timezone", "/dev/null",
	    "/dev/dri",	      "/dev/kvm",      "/dev/net/tun",
	    "/dev/snd",	      "/dev/bus/usb",  "/dev/shm"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (path_is_under(path, paths[i]))
			return true;
	return path_is_under(path, "/tmp/.X11-unix");
}

static bool
holds_credentials(struct container_call *k, const char *path)
{
	const char *home = invocation_home(k->c->in);

	return home && path_is_under(home, path);
}

static void
judge_bind(struct container_call *k, const char *given, bool writes)
{
	struct file_call *c = k->c;
	struct effect *fx;
	struct operand o;
	enum scope scope;

	operand_look(&c->os, given, &o);
	if (is_harmless(o.target) || is_harmless(o.path))
		return;
	if (holds_engine(o.target) || holds_engine(o.path)) {
		judge_power(k, o.path);
		return;
	}
	scope = scope_of_path(c->in, c->t->rules, NULL, o.target);
	if (scope == SCOPE_SECRET || holds_credentials(k, o.target)) {
		fx = container_effect(k, EFFECT_SECRET_READ, o.target, NULL);
		fx->scope = SCOPE_SECRET;
		fx->why = "whatever runs in the container can read it";
	}
	if (!writes || (scope == SCOPE_SYSTEM && is_rootless(k)))
		return;
	if (scope == SCOPE_SYSTEM && (path_is_under(o.target, "/var") ||
				      path_is_under(o.target, "/opt") ||
				      path_is_under(o.target, "/srv") ||
				      path_is_under(o.target, "/mnt")))
		scope = SCOPE_OUTSIDE;
	if (scope != SCOPE_SYSTEM && scope != SCOPE_PROTECTED &&
	    scope != SCOPE_OUTSIDE)
		return;
	fx = container_effect(k, EFFECT_FILE_WRITE, o.target, NULL);
	fx->scope = scope;
	fx->why = "whatever runs in the container can change it";
	fx->instead = "the same with :ro behind it";
}

static void
judge_source(struct container_call *k, const char *source, bool writes)
{
	if (*source == '/' || *source == '.' || *source == '~')
		judge_bind(k, source, writes);
	else if (*source)
		container_makes(k, "volume", source);
}

static bool
has_option(const char *list, const char *word)
{
	size_t len = strlen(word), n;

	for (; list && *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, word, n))
			return true;
	}
	return false;
}

/* SOURCE:TARGET[:OPTIONS] */
static void
judge_volume(struct container_call *k, const char *value)
{
	const char *colon = strchr(value, ':'), *options;

	if (!colon)
		return;
	options = strchr(colon + 1, ':');
	judge_source(k, file_text(k->c, "%.*s", (int)(colon - value), value),
		     !options || !has_option(options + 1, "ro"));
}

/* type=bind,source=...,target=...,readonly */
static void
judge_mount(struct container_call *k, const char *value)
{
	char *copy = file_text(k->c, "%s", value), *save = NULL;
	const char *source = "";
	bool writes = true;

	for (char *w = strtok_r(copy, ",", &save); w;
	     w = strtok_r(NULL, ",", &save)) {
		const char *is = strchr(w, '=');

		if (is && (!strncmp(w, "source=", 7) || !strncmp(w, "src=", 4)))
			source = is + 1;
		else if (!strcmp(w, "readonly") || !strcmp(w, "ro") ||
			 !strcmp(w, "readonly=true") || !strcmp(w, "ro=true"))
			writes = false;
	}
	judge_source(k, source, writes);
}

static void
judge_device(struct container_call *k, const char *value)
{
	const char *path =
	    file_text(k->c, "%.*s", (int)strcspn(value, ":"), value);
	struct effect *fx;
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
		return;
	fx = container_effect(k, EFFECT_DEVICE_WRITE, path, NULL);
	fx->scope = SCOPE_SYSTEM;
}

static bool
is_mighty(const char *capability)
{
	static const char *const all[] = {
	    "ALL",	"SYS_ADMIN", "SYS_MODULE",	"SYS_RAWIO",
	    "SYS_BOOT", "BPF",	     "DAC_READ_SEARCH", "MAC_ADMIN"};

	if (!strncasecmp(capability, "CAP_", 4))
		capability += 4;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcasecmp(capability, all[i]))
			return true;
	return false;
}

void
container_judge_access(struct container_call *k)
{
	const struct cobra_line *l = &k->line;
	const char *v;

	for (size_t i = 0; (v = cobra_nth(l, "volume", i)); i++)
		judge_volume(k, v);
	for (size_t i = 0; (v = cobra_nth(l, "mount", i)); i++)
		judge_mount(k, v);
	for (size_t i = 0; (v = cobra_nth(l, "env-file", i)); i++)
		file_read_from(k->c, v);
	if (is_rootless(k))
		return;
	for (size_t i = 0; (v = cobra_nth(l, "device", i)); i++)
		judge_device(k, v);
	for (size_t i = 0; (v = cobra_nth(l, "cap-add", i)); i++)
		if (is_mighty(v))
			judge_power(k, file_text(k->c, "--cap-add=%s", v));
	if (cobra_on(l, "privileged"))
		judge_power(k, "--privileged");
	v = cobra_value(l, "pid");
	if (v && !strcmp(v, "host"))
		judge_power(k, "--pid=host");
}

static bool
is_far(const char *context)
{
	return !strncmp(context, "http://", 7) ||
	       !strncmp(context, "https://", 8) ||
	       !strncmp(context, "git://", 6) || !strncmp(context, "git@", 4) ||
	       !strncmp(context, "github.com/", 11);
}

/* --secret id=x,src=FILE */
static void
judge_build_secret(struct container_call *k, const char *value)
{
	const char *file = strstr(value, "src=");

	file = file ? file + 4 : strstr(value, "source=");
	if (!file)
		return;
	if (!strncmp(file, "source=", 7))
		file += 7;
	judge_bind(k, file_text(k->c, "%.*s", (int)strcspn(file, ","), file),
		   false);
}

void
container_judge_build(struct container_call *k)
{
	const struct cobra_line *l = &k->line;
	const char *v, *context = cobra_operand(l, 0);
	struct effect *fx;

	for (size_t i = 0; (v = cobra_nth(l, "secret", i)); i++)
		judge_build_secret(k, v);
	for (size_t i = 0; (v = cobra_nth(l, "volume", i)); i++)
		judge_volume(k, v);
	for (size_t i = 0; (v = cobra_nth(l, "output", i)); i++)
		if (strstr(v, "push=true") || strstr(v, "type=registry"))
			container_effect(k, EFFECT_PUBLISH, "image",
					 cobra_value(l, "tag"))
			    ->why = "others get it from the registry";
	if (cobra_on(l, "push"))
		container_effect(k, EFFECT_PUBLISH, "image",
				 cobra_value(l, "tag"))
		    ->why = "others get it from the registry";
	v = cobra_value(l, "iidfile");
	if (v)
		file_write_to(k->c, v);
	if (!context || !is_far(context))
		return;
	fx = container_effect(k, EFFECT_EXEC_FETCHED, context, NULL);
	fx->scope = SCOPE_FOREIGN;
	fx->why = "its steps come from there";
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gc and its parts.  With the settings git ships they drop nothing younger
 * than two weeks and no reflog entry younger than a month; anything sooner
 * takes away what undo and the reflog rest on.
 */
#include "base/text.h"
#include "tools/git_local.h"

static struct effect *
drops_objects(struct git_call *g, const char *what)
{
	struct effect *fx =
	    local_lose(g, EFFECT_REFLOG_EXPIRE, what, LOSS_OBJECTS);

	g->cmd->losses.what |= LOSS_REFS;
	fx->instead = "git gc";
	return fx;
}

/* "3.weeks.ago", "90 days ago", "never": at least that many days back?
 * Anything else git's approxidate takes counts as too soon. */
static bool
at_least_days(const char *value, int64_t days)
{
	static const struct {
		const char *unit;
		int64_t days;
	} units[] = {{"day", 1}, {"week", 7}, {"month", 30}, {"year", 365}};
	size_t digits = strspn(value, "0123456789");
	const char *rest = value + digits;
	struct err e;
	char number[8];
	int64_t n;

	if (!strcasecmp(value, "never") || !strcasecmp(value, "false"))
		return true;
	if (!digits || digits >= sizeof(number))
		return false;
	memcpy(number, value, digits);
	number[digits] = '\0';
	if (text_number(number, 0, 100000, &n, &e) < 0)
		return false;
	/* Reflog settings may be bare numbers of days; a bare number is an
	 * instant elsewhere, which is why it must not be small. */
	if (!*rest)
		return days >= 30 && n >= days;
	rest += strspn(rest, ". ");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t len = strlen(units[i].unit);

		if (strncasecmp(rest, units[i].unit, len) != 0)
			continue;
		rest += len;
		rest += *rest == 's';
		rest += strspn(rest, ". ");
		return (!*rest || !strcasecmp(rest, "ago")) &&
		       n * units[i].days >= days;
	}
	return false;
}

/* The first setting that makes gc drop more than it does as shipped. */
static const char *
hasty_setting(struct git_call *g)
{
	if (!g->settings && git_settings_load(g, NULL) < 0)
		return "configuration that cannot be read";
	for (size_t i = 0; g->settings && i < g->settings->n; i++) {
		const struct git_setting *s = &g->settings->v[i];
		const char *v = s->value ? s->value : "", *name;
		int64_t days;

		if (strncmp(s->key, "gc.", 3) != 0)
			continue;
		/* gc.PATTERN.reflogExpire too */
		name = strrchr(s->key, '.') + 1;
		if (!strcmp(name, "pruneexpire") ||
		    !strcmp(name, "worktreepruneexpire"))
			days = 14;
		else if (!strcmp(name, "reflogexpire"))
			days = 90;
		else if (!strcmp(name, "reflogexpireunreachable"))
			days = 30;
		else if (!strcmp(name, "recentobjectshook"))
			days = INT64_MAX;
		else
			continue;
		if (!at_least_days(v, days))
			return s->key;
	}
	return NULL;
}

/* rerere.* lives by settings of its own. */
static void
rerere_gc(struct git_call *g)
{
	if (git_setting(g, "gc.rerereresolved") ||
	    git_setting(g, "gc.rerereunresolved"))
		local_lose(g, EFFECT_FILE_DELETE,
			   "recorded conflict resolutions", LOSS_RERERE);
}

static void
gc_by_settings(struct git_call *g)
{
	const char *key = hasty_setting(g);
	struct effect *fx;

	if (key) {
		fx = drops_objects(g, "unreachable objects and reflog entries");
		fx->why = git_text(g, "%s is set", text_safe(g->ctx, key));
	} else if (local_stale(g)) {
		fx = drops_objects(
		    g, "old unreachable objects and reflog entries");
		fx->instead = "git repack -d";
	}
	rerere_gc(g);
}

GIT_DO(gc)
{
	const struct options *o = &g->opt;
	const char *prune = options_value(o, "prune");

	(void)e;
	if (prune && !at_least_days(prune, 14))
		drops_objects(g, "unreachable objects");
	else
		gc_by_settings(g);
	return 0;
}

GIT_DO(prune)
{
	const char *expire = options_value(&g->opt, "expire");

	(void)e;
	if (options_on(&g->opt, "dry-run"))
		return local_reads(g);
	if (!expire || !at_least_days(expire, 14))
		drops_objects(g, "unreachable objects");
	return 0;
}

GIT_DO(repack)
{
	const struct options *o = &g->opt;
	const char *unpack = options_value(o, "unpack-unreachable");
	const char *cruft = options_value(o, "cruft-expiration");
	bool keep = options_on(o, "keep-unreachable"), drops;

	(void)e;
	/* made in .git, then renamed */
	if (options_value(o, "expire-to"))
		g->cmd->need.moves_repository = true;
	drops = (options_on(o, "a") && !options_on(o, "A") && !keep &&
		 !options_on(o, "cruft")) ||
		(unpack && !at_least_days(unpack, 14)) ||
		(cruft && !at_least_days(cruft, 14)) ||
		options_value(o, "filter");
	if (drops && (options_on(o, "d") || options_value(o, "filter")))
		drops_objects(g, "unreachable objects in packs");
	return 0;
}

GIT_DO(pack_refs)
{
	(void)g;
	(void)e;
	return 0;
}

GIT_DO(prune_packed)
{
	(void)g;
	(void)e;
	return 0;
}

GIT_DO(reflog)
{
	const struct options *o = &g->opt;
	const char *sub = g->opt.subcommand;
	struct effect *fx;

	if (!sub || !strcmp(sub, "show") || !strcmp(sub, "list") ||
	    !strcmp(sub, "exists")) {
		local_reads(g);
		return git_do_output(g, e);
	}
	/* -n locks the refs as well. */
	if (options_on(o, "dry-run") || !strcmp(sub, "write"))
		return 0;
	fx = drops_objects(g, local_operand(g, 0) ? local_paths_text(g, 0)
						  : "reflog entries");
	fx->instead = NULL;
	git_loses(g, fx, LOSS_REFS);
	local_journal(g, LOSS_REFS);
	return 0;
}

static void
background(struct git_call *g, const char *sub)
{
	struct effect *fx = local_note(g, EFFECT_PERSIST,
				       git_text(g, "git maintenance %s", sub));

	fx->scope = SCOPE_HOME;
	fx->undo = UNDO_NO;
	fx->why = "changes background jobs or the person's own git "
		  "configuration";
	fx->instead = "git maintenance run";
	/* register writes to both configurations */
	local_config_box(g);
	need_config_key(g->ctx, &g->cmd->need, "maintenance.*");
}

GIT_DO(maintenance)
{
	const struct options *o = &g->opt;
	size_t at;
	const char *sub = local_subcommand(g, &at), *task;
	bool gc = !options_count(o, "task");

	if (!sub || !strcmp(sub, "is-needed"))
		return local_reads(g);
	if (!strcmp(sub, "run")) {
		for (size_t i = 0; (task = options_nth(o, "task", i)); i++)
			gc = gc || !strcmp(task, "gc") ||
			     !strncmp(task, "reflog", 6) ||
			     !strncmp(task, "worktree", 8) ||
			     !strncmp(task, "rerere", 6);
		if (gc)
			gc_by_settings(g);
	} else if (!strcmp(sub, "start") || !strcmp(sub, "stop") ||
		   !strcmp(sub, "register") || !strcmp(sub, "unregister")) {
		background(g, sub);
	} else {
		return err_set(e, ERR_UNKNOWN,
			       "git maintenance %s is not known",
			       text_safe(g->ctx, sub));
	}
	return 0;
}

GIT_DO(rerere)
{
	size_t at;
	const char *sub = local_subcommand(g, &at);

	if (!sub)
		return 0; /* records, or replays what was recorded */
	if (!strcmp(sub, "status") || !strcmp(sub, "diff") ||
	    !strcmp(sub, "remaining"))
		return local_reads(g);
	if (strcmp(sub, "clear") && strcmp(sub, "forget") && strcmp(sub, "gc"))
		return err_set(e, ERR_UNKNOWN, "git rerere %s is not known",
			       text_safe(g->ctx, sub));
	local_lose(g, EFFECT_FILE_DELETE, "recorded conflict resolutions",
		   LOSS_RERERE | LOSS_STATE);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of git's configuration that execute, redirect or weaken.  Source:
 * git-config(1) of 2.39 to 2.55; each of the first group was seen to fire.
 */
#include "tools/git_keys.h"
#include "invocation/git_config_text.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const runs[] = {
    "alias.*",
    "core.alternaterefscommand",
    "core.askpass",
    "core.editor",
    "core.fsmonitor",
    "core.gitproxy",
    "core.hookspath",
    "core.pager",
    "core.sshcommand",
    "browser.*.cmd",
    "browser.*.path",
    "credential.helper",
    "credential.*.helper",
    "diff.external",
    "diff.*.command",
    "diff.*.textconv",
    "difftool.*.cmd",
    "difftool.*.path",
    "filter.*.clean",
    "filter.*.process",
    "filter.*.smudge",
    "gc.recentobjectshook",
    "gpg.program",
    "gpg.*.program",
    "gpg.ssh.allowedsignersfile",
    "gpg.ssh.defaultkeycommand",
    "gpg.ssh.revocationfile",
    "guitool.*.cmd",
    "hook.*.command",
    "imap.tunnel",
    "include.path",
    "includeif.*.path",
    "init.templatedir",
    "instaweb.*",
    "interactive.difffilter",
    "lfs.customtransfer.*",
    "lfs.extension.*",
    "lfs.standalonetransferagent",
    "man.*.cmd",
    "man.*.path",
    "merge.*.driver",
    "mergetool.*.cmd",
    "mergetool.*.path",
    "pager.*",
    "receive.procreceiverefs",
    "remote.*.receivepack",
    "remote.*.uploadpack",
    "remote.*.vcs",
    "sendemail.*cccmd",
    "sendemail.*headercmd",
    "sendemail.*sendmailcmd",
    "sendemail.*smtpserver",
    "sendemail.*tocmd",
    "sequence.editor",
    "submodule.*.update",
    "tar.*.command",
    "trace2.*target",
    "trailer.*.cmd",
    "trailer.*.command",
    "uploadpack.packobjectshook",
    "web.browser",
};

static const char *const redirects[] = {
    "url.*.insteadof", "url.*.pushinsteadof",
    "remote.*.proxy",  "fetch.bundleuri",
    "lfs.url",	       "lfs.pushurl",
    "remote.*.lfsurl", "lfs.*.url",
};

static const char *const weakens[] = {
    "credential.*",
    "http.cookiefile",
    "http.*cookiefile",
    "http.*curloptresolve",
    "http.*delegation",
    "http.*emptyauth",
    "http.*extraheader",
    "http.*followredirects",
    "http.*pinnedpubkey",
    "http.*proactiveauth",
    "http.*proxy",
    "http.*proxyauthmethod",
    "http.*savecookies",
    "http.*ssl*",
    "protocol.allow",
    "protocol.*.allow",
    "safe.*",
    "transfer.bundleuri",
    "transfer.credentialsinurl",
};

/* What these keep or check is lost with some of their values only. */
static const struct {
	const char *glob;
	const char *values; /* of the person's words; NULL: any */
} loosens[] = {
    {"core.logallrefupdates", " false no off 0 "},
    {"core.protecthfs", " false no off 0 "},
    {"core.protectntfs", " false no off 0 "},
    {"core.worktree", NULL},
    {"fetch.fsckobjects", " false no off 0 "},
    {"gc.*reflogexpire", " now all 0 "},
    {"gc.*reflogexpireunreachable", " now all 0 "},
    {"gc.pruneexpire", " now all 0 "},
    {"receive.denycurrentbranch", " ignore warn false "},
    {"receive.denydeletecurrent", " ignore warn false "},
    {"receive.fsckobjects", " false no off 0 "},
    {"remote.*.mirror", " true yes on 1 "},
    {"transfer.fsckobjects", " false no off 0 "},
};

static const char *const everyday[] = {
    "advice.*",
    "alias.*",
    "apply.whitespace",
    "blame.*",
    "branch.autosetupmerge",
    "branch.autosetuprebase",
    "branch.sort",
    "checkout.defaultremote",
    "checkout.guess",
    "color.*",
    "column.*",
    "commit.verbose",
    "core.abbrev",
    "core.autocrlf",
    "core.commentchar",
    "core.editor",
    "core.eol",
    "core.ignorecase",
    "core.longpaths",
    "core.pager",
    "core.precomposeunicode",
    "core.quotepath",
    "core.safecrlf",
    "core.whitespace",
    "diff.algorithm",
    "diff.colormoved",
    "diff.colormovedws",
    "diff.context",
    "diff.mnemonicprefix",
    "diff.noprefix",
    "diff.renamelimit",
    "diff.renames",
    "diff.submodule",
    "diff.tool",
    "delta.*",
    "fetch.parallel",
    "fetch.prune",
    "fetch.writecommitgraph",
    "feature.manyfiles",
    "format.pretty",
    "grep.*",
    "http.postbuffer",
    "http.version",
    "index.version",
    "init.defaultbranch",
    "interactive.singlekey",
    "log.abbrevcommit",
    "log.date",
    "log.decorate",
    "log.follow",
    "merge.conflictstyle",
    "merge.ff",
    "merge.log",
    "merge.renamelimit",
    "merge.tool",
    "mergetool.keepbackup",
    "mergetool.prompt",
    "pack.threads",
    "pager.*",
    "pull.ff",
    "pull.rebase",
    "push.autosetupremote",
    "push.default",
    "push.followtags",
    "rebase.autosquash",
    "rebase.autostash",
    "rebase.updaterefs",
    "rerere.autoupdate",
    "rerere.enabled",
    "stash.showpatch",
    "status.branch",
    "status.short",
    "status.showstash",
    "submodule.fetchjobs",
    "tag.sort",
    "versionsort.suffix",
};

/* Any number of '*', each for any bytes. */
bool
git_key_matches(const char *pattern, const char *key)
{
	for (; *pattern != '*'; pattern++, key++)
		if (*pattern != *key)
			return false;
		else if (!*pattern)
			return true;
	for (pattern++;; key++) {
		if (git_key_matches(pattern, key))
			return true;
		if (!*key)
			return false;
	}
}

static bool
any(const char *const *patterns, size_t n, const char *key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (git_key_matches(patterns[i], key))
			return true;
	return false;
}

bool
git_program_is_plain(const char *value)
{
	static const char *const known[] = {
	    "",	      ":",     "true",
	    "false",  "cat",   "less",
	    "more",   "most",  "bat",
	    "batcat", "delta", "diff-so-fancy",
	    "vi",     "vim",   "nvim",
	    "view",   "nano",  "pico",
	    "ed",     "emacs", "micro",
	    "joe",    "hx",    "helix",
	    "editor", "pager", "sensible-editor"};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(value, known[i]))
			return true;
	return false;
}

bool
git_program_is_editor(const char *value)
{
	static const char *const with_arguments[] = {
	    "code --wait",  "code -w",	   "subl -w",	     "subl -n -w",
	    "emacs -nw",    "emacsclient", "emacsclient -t", "vim -f",
	    "nvim -f",	    "gvim -f",	   "mate -w",	     "zed --wait",
	    "cursor --wait"};
	const size_t n = sizeof(with_arguments) / sizeof(*with_arguments);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(value, with_arguments[i]))
			return true;
	/* /usr/bin/vim is vim */
	if (!strncmp(value, "/usr/bin/", 9) || !strncmp(value, "/bin/", 5))
		value = strrchr(value, '/') + 1;
	return git_program_is_plain(value);
}

/* less with options that take nothing, or a number: none names a file. */
static bool
is_less(const char *value)
{
	const char *word;

	if (strncmp(value, "less ", 5) != 0)
		return false;
	for (word = value + 4; *word; word += strcspn(word, " ")) {
		word += strspn(word, " ");
		if (!strncmp(word, "--", 2)) {
			word += strspn(word, "abcdefghijklmnopqrstuvwxyz-");
			word += *word == '=';
		} else if (*word == '-') {
			word +=
			    strspn(word, "-+aAcCeEfFgGiIJKmMnNqQrRsSuUwWxX");
		}
		word += strspn(word, "0123456789,");
		if (*word && *word != ' ')
			return false;
	}
	return true;
}

/* Filters that change nothing but what they print, from distributions. */
static bool
is_known_filter(const char *key, const char *value)
{
	static const char *const text[] = {
	    "cat",     "exiftool", "hexdump -C", "jq .",     "od -c",
	    "odt2txt", "pdfinfo",  "strings",	 "xxd",	     "zcat",
	    "gzip -c", "docx2txt", "unzip -p",	 "gunzip -c"};
	static const char *const clean[] = {"nbstripout", "nbstripout -t"};

	if (git_key_matches("diff.*.textconv", key))
		return any(text, sizeof(text) / sizeof(*text), value);
	return git_key_matches("filter.*.clean", key) &&
	       any(clean, sizeof(clean) / sizeof(*clean), value);
}

/* Values that run nothing, or what the person's own set-up runs anyway. */
static bool
value_is_harmless(const char *key, const char *value)
{
	static const char *const lfs[] = {"git-lfs clean -- %f",
					  "git-lfs smudge -- %f",
					  "git-lfs filter-process"};
	size_t i;

	if (git_key_matches("alias.*", key))
		return !value || *value != '!';
	/* "true" is git's own daemon, which ends with the box */
	if (!strcmp(key, "core.fsmonitor"))
		return git_config_truth(value) >= 0;
	if (git_key_matches("pager.*", key) && git_config_truth(value) >= 0)
		return true;
	if (git_key_matches("submodule.*.update", key))
		return value && *value != '!';
	if (!value)
		return false;
	if (git_key_matches("filter.lfs.*", key))
		for (i = 0; i < sizeof(lfs) / sizeof(*lfs); i++)
			if (!strcmp(value, lfs[i]))
				return true;
	if (!strcmp(key, "core.hookspath"))
		return !strcmp(value, "/dev/null");
	if (!strcmp(key, "core.editor") || !strcmp(key, "sequence.editor"))
		return git_program_is_editor(value);
	if (is_known_filter(key, value) ||
	    ((!strcmp(key, "core.pager") || git_key_matches("pager.*", key)) &&
	     is_less(value)))
		return true;
	if (git_key_matches("include*", key) ||
	    git_key_matches("credential.*", key) ||
	    git_key_matches("remote.*", key))
		return false;
	return git_program_is_plain(value);
}

static bool
is_loose(const char *key, const char *value)
{
	char word[32];
	size_t n = sizeof(loosens) / sizeof(*loosens);
	int len;

	if (git_key_matches("remote.*.push", key))
		return value && (*value == '+' || *value == ':');
	for (size_t i = 0; i < n; i++) {
		if (!git_key_matches(loosens[i].glob, key))
			continue;
		if (!loosens[i].values)
			return true;
		if (!value)
			value = "true";
		len = snprintf(word, sizeof(word), " %s ", value);
		return len < (int)sizeof(word) &&
		       strcasestr(loosens[i].values, word);
	}
	return false;
}

bool
git_key_is_everyday(const char *key, const char *value)
{
	return any(everyday, sizeof(everyday) / sizeof(*everyday), key) &&
	       git_key_does(key, value) == GIT_KEY_PLAIN;
}

enum git_key
git_key_does(const char *key, const char *value)
{
	if (any(runs, sizeof(runs) / sizeof(*runs), key))
		return value_is_harmless(key, value) ? GIT_KEY_PLAIN
						     : GIT_KEY_RUNS;
	if (any(redirects, sizeof(redirects) / sizeof(*redirects), key))
		return GIT_KEY_REDIRECTS;
	if (any(weakens, sizeof(weakens) / sizeof(*weakens), key))
		return GIT_KEY_WEAKENS;
	return is_loose(key, value) ? GIT_KEY_LOOSENS : GIT_KEY_PLAIN;
}

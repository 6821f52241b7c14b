/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of git's configuration that execute, redirect or weaken.  Source:
 * git-config(1) of 2.39 to 2.55; each of the first group was seen to fire.
 */
#include "tools/git_keys.h"
#include "invocation/git_config_text.h"
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const runs[] = {
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

/* One or two '*', each for any bytes. */
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

/* Values that run nothing, or what the person's own set-up runs anyway. */
static bool
value_is_harmless(const char *key, const char *value)
{
	static const char *const lfs[] = {"git-lfs clean -- %f",
					  "git-lfs smudge -- %f",
					  "git-lfs filter-process"};
	size_t i;

	if (!strcmp(key, "core.fsmonitor"))
		return git_config_truth(value) == 0;
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
	if (git_key_matches("include*", key) ||
	    git_key_matches("credential.*", key) ||
	    git_key_matches("remote.*", key))
		return false;
	return git_program_is_plain(value);
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
	return GIT_KEY_PLAIN;
}

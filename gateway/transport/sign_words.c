/* SPDX-License-Identifier: Apache-2.0 */
/* How git calls gpg and ssh-keygen: exactly so, or not at all. */
#include "base/text.h"
#include "transport/sign_private.h"
#include <ctype.h>
#include <string.h>

/* Words of a request, in order; a NULL stands for any word. */
static bool
are(const struct transport_request *rq, const char *const *words, size_t n)
{
	if (rq->argc != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (words[i] && strcmp(words[i], rq->argv[i]) != 0)
			return false;
	return true;
}
#define ARE(rq, words) are(rq, words, sizeof(words) / sizeof(*(words)))

/* A key id, a fingerprint, "Name <mail>". */
static bool
is_user_id(const char *s)
{
	if (*s == '-' || *s == '\0' || strlen(s) > 512)
		return false;
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			return false;
	return true;
}

int
sign_words(const struct transport_request *rq, struct sign_words *out,
	   struct err *e)
{
	static const char *const gpg[] = {"--status-fd=2", "-bsau", NULL};
	static const char *const verify[] = {
	    "--keyid-format=long", "--status-fd=1", "--verify", NULL, "-"};
	static const char *const ssh[] = {"-Y", "sign", "-n", "git",
					  "-f", NULL,	NULL};
	static const char *const ssh_agent[] = {"-Y", "sign", "-n", "git",
						"-f", NULL,   "-U", NULL};
	bool is_gpg = strcmp(rq->name, "gpg") == 0;

	*out = (struct sign_words){0};
	if (is_gpg && ARE(rq, gpg) && is_user_id(rq->argv[2])) {
		out->shape = SIGN_GPG;
		out->key = rq->argv[2];
	} else if (is_gpg && ARE(rq, verify)) {
		out->shape = SIGN_GPG_VERIFY;
		out->file_word = 3;
	} else if (!is_gpg && (ARE(rq, ssh) || ARE(rq, ssh_agent))) {
		out->shape = SIGN_SSH;
		out->key = rq->argv[5];
		out->key_word = 5;
		out->file_word = rq->argc - 1;
		out->agent = rq->argc == 8;
	} else {
		return err_set(e, ERR_UNKNOWN,
			       "%s is not called as git calls it to sign",
			       rq->name);
	}
	return 0;
}

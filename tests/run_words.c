/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Own-words cases: what the person said, and what that says of a deed.
 *
 *	say: Delete the remote branch feature/x.
 *	deed: ref.delete trusted origin/feature/x git push; mine merged age=40d
 *	want: yes
 *
 * want: yes, no or nothing.  "say:" again is a later message; "---" or a want
 * after which a say comes starts anew; several deeds may follow one say.
 * After the ";": mine theirs merged unmerged age=Nd local (the same is here).
 */
#include "base/text.h"
#include "judge/words.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static int count, failures;

struct state {
	void *ctx;
	const struct vocabulary *v;
	struct session_word words[16];
	size_t nwords;
	struct deed deed;
	char deed_text[256];
	bool asked; /* a want came since the last say */
};

static void
check(struct state *s, const char *file, int line, const char *want)
{
	static const char *const names[] = {"nothing", "yes", "no"};
	struct session session = {.words = s->words, .nwords = s->nwords};
	struct saying out;
	bool ok;

	words_about(s->ctx, s->v, &session, &s->deed, &out);
	ok = !strcmp(names[out.said], want);
	printf("%sok %d - %s:%d %s: %s\n", ok ? "" : "not ", ++count, file,
	       line, s->nwords ? s->words[s->nwords - 1].text : "",
	       s->deed_text);
	if (!ok)
		printf("# got %s, want %s (%s)\n", names[out.said], want,
		       out.why ? out.why : "-");
	failures += !ok;
}

static void
take_line(struct state *s, const char *file, int line, char *text)
{
	char *value = strchr(text, ':');

	if (!*text || *text == '#')
		return;
	if (!strcmp(text, "---")) {
		s->nwords = 0;
		return;
	}
	if (!value)
		goto bad;
	*value++ = '\0';
	value += strspn(value, " ");
	if (!strcmp(text, "say")) {
		if (s->asked)
			s->nwords = 0;
		s->asked = false;
		if (s->nwords == 16)
			goto bad;
		s->words[s->nwords++] = (struct session_word){
		    .text = talloc_strdup(s->ctx, value), .source = "intent"};
	} else if (!strcmp(text, "deed")) {
		snprintf(s->deed_text, sizeof(s->deed_text), "%s", value);
		if (!deed_from_line(s->ctx, value, &s->deed))
			goto bad;
	} else if (!strcmp(text, "want")) {
		s->asked = true;
		check(s, file, line, value);
	} else {
		goto bad;
	}
	return;
bad:
	printf("not ok %d - %s:%d unreadable\n", ++count, file, line);
	failures++;
}

int
main(int argc, char **argv)
{
	struct state s = {.ctx = talloc_new(NULL)};
	struct vocabulary *v;
	struct err e = {0};

	if (vocabulary_load(s.ctx, "profiles/vocabulary", &v, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	s.v = v;
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "re");
		char text[2048];

		if (!f)
			return 1;
		s.nwords = 0;
		for (int line = 1; fgets(text, sizeof(text), f); line++) {
			text[strcspn(text, "\n")] = '\0';
			take_line(&s, argv[i], line, text);
		}
		fclose(f);
	}
	printf("1..%d\n", count);
	return failures != 0;
}

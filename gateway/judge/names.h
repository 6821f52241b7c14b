/* SPDX-License-Identifier: Apache-2.0 */
/* A deed's names against what words say of them: parts, numbers, ranges. */
#ifndef AUTOMODE_JUDGE_NAMES_H
#define AUTOMODE_JUDGE_NAMES_H

#include "judge/deed.h"
#include "judge/message.h"

/* A number or ticket that stands in the text as a part of its own. */
bool name_has_number(const char *text, const char *part);
/* "the *.log files in /srv": a folder beside the glob holds it. */
bool name_in_place(const struct message *m, size_t first, size_t at,
		   const struct deed *d);
/* ".tmp files" */
bool name_ends(const struct deed *d, const char *ending);
/* "starting with v", "ending in .tmp or .bak", "that contain rc": how many
 * words; *holds: the name is so. */
size_t name_affix(const struct message *m, struct span s, size_t at,
		  const struct deed *d, bool *holds);
bool name_begins(const struct deed *d, const char *prefix);
/* Where a name's last number begins; its length: there is none. */
size_t name_number(const char *s);
/* One of a row of names that differ in the number at their ends. */
bool name_between(const char *name, const char *low, const char *high);
/* "the beta tags": the name has it for a part. */
bool name_has_part(const char *text, const char *word);

/* "30 days", "two weeks": how many words; 0: no duration here. */
size_t
name_duration(const struct message *m, size_t at, size_t end, int64_t *seconds);
/* "90 days" */
bool name_is_duration(const struct message *m, size_t at, size_t end);

/* "https://host/x", "me@host", "host:x", of a deed on that host. */
bool name_is_host(const struct deed *d, const char *word);
/* Words from first on name files: are those that go to a host among them, as
 * far as they are known? */
bool name_sends(const struct deed *d, const struct message *m, size_t first,
		size_t end);

/* "40G", "3am", "20%": a measure is no name. */
bool name_is_measure(const char *s);

#endif

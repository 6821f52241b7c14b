/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a list of options that was read: the last word on a name counts,
 * --no-x takes x back, whichever of the two is the one in the table.
 */
#include "parse/options.h"
#include <string.h>

/* Does o speak about name?  *on: in favour of it. */
static bool
speaks_of(const struct option *o, const char *name, bool *on)
{
	const char *own = o->name;

	if (!strcmp(own, name) ||
	    (name[0] && !name[1] && o->spec->letter == name[0])) {
		*on = !o->negated;
		return true;
	}
	/* Rows that cannot be negated may come in pairs that are no opposites
	 * (contains, no-contains). */
	if (o->spec->flags & OPTION_NO_NEG)
		return false;
	if ((!strncmp(own, "no-", 3) && !strcmp(own + 3, name)) ||
	    (!strncmp(name, "no-", 3) && !strcmp(name + 3, own))) {
		*on = o->negated;
		return true;
	}
	return false;
}

bool
options_on(const struct options *o, const char *name)
{
	bool on = false;

	for (size_t i = o->n; i-- > 0;)
		if (speaks_of(&o->v[i], name, &on))
			return on;
	return false;
}

bool
options_off(const struct options *o, const char *name)
{
	bool on = false;

	for (size_t i = o->n; i-- > 0;)
		if (speaks_of(&o->v[i], name, &on))
			return !on;
	return false;
}

const char *
options_value(const struct options *o, const char *name)
{
	bool on = false;

	for (size_t i = o->n; i-- > 0;)
		if (speaks_of(&o->v[i], name, &on))
			return on ? o->v[i].value : NULL;
	return NULL;
}

/* Index of the first that counts: what stands before a --no-x is void. */
static size_t
first_standing(const struct options *o, const char *name)
{
	bool on = false;

	for (size_t i = o->n; i-- > 0;)
		if (speaks_of(&o->v[i], name, &on) && !on)
			return i + 1;
	return 0;
}

size_t
options_count(const struct options *o, const char *name)
{
	size_t count = 0;
	bool on = false;

	for (size_t i = first_standing(o, name); i < o->n; i++)
		count += speaks_of(&o->v[i], name, &on);
	return count;
}

const char *
options_nth(const struct options *o, const char *name, size_t i)
{
	bool on = false;

	for (size_t k = first_standing(o, name); k < o->n; k++) {
		if (!o->v[k].value || !speaks_of(&o->v[k], name, &on))
			continue;
		if (i-- == 0)
			return o->v[k].value;
	}
	return NULL;
}

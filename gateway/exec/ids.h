/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners, groups and access lists in a box of who is not root.  Its user
 * namespace maps one user and one group (user_namespaces(7)): all others are
 * told as "nobody", and none of them can be given, though outside the caller's
 * further groups can.
 *
 * So the box helper's filter asks wherever such a number is told or taken, and
 * it is answered here, outside of that namespace, with the caller's own rights:
 * on the very object that the command has open, or that its path leads to in
 * the box's own mounts, from the box's own root.  Whatever a racing process
 * puts on the way, no other object is reached than the box shows, and none is
 * changed that it shows read-only.  What cannot be answered so is left to the
 * kernel, which does in the box what it always would.
 */
#ifndef AUTOMODE_EXEC_IDS_H
#define AUTOMODE_EXEC_IDS_H

#include <linux/seccomp.h>

void ids_answer(int listener, const struct seccomp_notif *ask,
		struct seccomp_notif_resp *reply);

#endif

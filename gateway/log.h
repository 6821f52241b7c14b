/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's own log, <state>/gateway.log: one printable line an event,
 * rotated once at 1 MiB. */
#ifndef AUTOMODE_LOG_H
#define AUTOMODE_LOG_H

#include <stdbool.h>

/* echo: to stderr as well (a gateway in the foreground); otherwise stderr
 * becomes the log, so that a worker's last words are not lost. */
void log_open(const char *state_dir, bool echo);
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

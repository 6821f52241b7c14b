/* SPDX-License-Identifier: Apache-2.0 */
/* The time in milliseconds. */
#ifndef AUTOMODE_BASE_CLOCK_H
#define AUTOMODE_BASE_CLOCK_H

#include <stdint.h>

int64_t now_ms(void);  /* only goes on: for deadlines */
int64_t wall_ms(void); /* since 1970, as the machine has it: for records */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of ours, each with its reason. */
#ifndef AUTOMODE_BASE_LIMITS_H
#define AUTOMODE_BASE_LIMITS_H

/* Linux gives argv and environment together at most 6 MiB (a quarter of the
 * stack limit, capped at three quarters of 8 MiB: execve(2)). */
#define LIMIT_FRAME	  (8u << 20)
#define LIMIT_ARGS	  200000u /* arguments; 6 MiB of one-letter arguments */
#define LIMIT_ENV	  20000u  /* environment entries */
#define LIMIT_PASSED_FDS  16	  /* beyond cwd and 0-2: /dev/fd/N in argv */
#define LIMIT_CONNECTIONS 256	  /* per uid: open connections to the gateway */
#define LIMIT_REQUEST_MS                                                       \
	5000			/* a client must have sent its request by then \
				 */
#define LIMIT_IDLE_S	   1800 /* the gateway exits after this long unused */
#define LIMIT_ALIAS_DEPTH  10	/* git alias expansions */
#define LIMIT_CONFIG_FILE  (1u << 20)	/* a git-config or profile file */
#define LIMIT_STDIN_SPOOL  (64u << 20)	/* stdin that decides an effect */
#define LIMIT_STDIN_DISK   (2ull << 30) /* an archive on stdin, on disk */
#define LIMIT_WALK_MS	   2000		/* reachability search; then "lost" */
#define LIMIT_WALK_COMMITS 2000000u
#define LIMIT_KEEP_FILES   20000u /* object tier, files of one snapshot */
#define LIMIT_KEEP_BYTES                                                       \
	(200ull << 20)			 /* object tier, bytes of one snapshot \
					  */
#define LIMIT_KEEP_FILE	   (50ull << 20) /* larger single files: link tier */
#define LIMIT_KEEP_LINKS   500000u	 /* link tier, entries */
#define LIMIT_COPY_BYTES   (2ull << 30)	 /* when only copying is possible */
#define LIMIT_VAULT_BYTES  (2ull << 30)	 /* per project, then the oldest go */
#define LIMIT_VAULT_DAYS   14
#define LIMIT_VAULT_NEWEST 5 /* never expired */

#endif

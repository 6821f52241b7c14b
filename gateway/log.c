/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's own log. */
#include "log.h"
#include "base/file.h"
#include "base/text.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define LOG_MAX (1 << 20)

static int log_fd = -1;
static char *log_path;
static bool log_echo;

static void
reopen(void)
{
	int fd = open(log_path,
		      O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			  O_NOCTTY,
		      0600);

	if (log_fd >= 0)
		close(log_fd);
	log_fd = fd;
	if (fd >= 0 && !log_echo)
		dup2(fd, STDERR_FILENO);
}

void
log_open(const char *state_dir, bool echo)
{
	log_path = talloc_asprintf(NULL, "%s/gateway.log", state_dir);
	log_echo = echo;
	reopen();
}

void
log_line(const char *fmt, ...)
{
	void *ctx = talloc_new(NULL);
	char *text, *line;
	struct stat st;
	va_list ap;

	va_start(ap, fmt);
	text = talloc_vasprintf(ctx, fmt, ap);
	va_end(ap);
	line = talloc_asprintf(ctx, "%s [%d] %s\n", text_time(ctx, time(NULL)),
			       getpid(), text_safe(ctx, text));
	/* Nobody is there to be told that the log cannot be written. */
	if (log_fd >= 0)
		(void)file_write_all(log_fd, line, strlen(line));
	if (log_echo)
		(void)file_write_all(STDERR_FILENO, line, strlen(line));
	if (log_fd >= 0 && fstat(log_fd, &st) == 0 && st.st_size > LOG_MAX) {
		rename(log_path, talloc_asprintf(ctx, "%s.1", log_path));
		reopen();
	}
	talloc_free(ctx);
}

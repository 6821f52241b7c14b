/* SPDX-License-Identifier: Apache-2.0 */
/*
 * busybox and toybox, many programs in one.  What has a shim by its own name
 * is that, so that it is judged there; what starts other commands is the
 * system's program of that name, since busybox would take its own applets for
 * them, past the shims.  The rest is busybox's.  By busybox 1.35; names that
 * are in no list are refused.
 */
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "tools/lookup.h"
#include "tools/serve.h"
#include <string.h>

/* A space around each. */
static const char own[] =
    " [ [[ acpid adjtimex ar arch arp arping ascii awk base64 basename bc "
    "blkdiscard blockdev brctl bunzip2 bzcat bzip2 cal cat chvt clear cmp "
    "cpio crc32 crontab cut date dc deallocvt depmod devmem df diff dirname "
    "dmesg dnsdomainname dos2unix dpkg dpkg-deb du dumpkmap dumpleases echo "
    "ed egrep expand expr factor fallocate false fatattr fdisk fgrep findfs "
    "fold free freeramdisk fsfreeze fstrim getopt grep groups gunzip gzip "
    "halt head hexdump hostid hostname hwclock i2cdetect i2cdump i2cget "
    "i2cset i2ctransfer id ifconfig ifdown ifup insmod ip ipcalc ipneigh kill "
    "killall klogd last less link loadfont loadkmap logger logname logread "
    "losetup ls lsmod lsscsi lzcat lzma lzop md5sum mdev microcom mim mkdir "
    "mkdosfs mke2fs mkfifo mknod mkpasswd mkswap mktemp modinfo modprobe more "
    "mount mt nameif netstat nl nologin nproc nuke od partprobe "
    "passwd paste pidof pivot_root poweroff printf ps pwd rdate "
    "readlink realpath reboot renice reset resume rev rmmod route rpm "
    "rpm2cpio seq setkeycodes sha1sum sha256sum sha3sum sha512sum shuf sleep "
    "stat strings stty svc svok swapoff swapon sync sysctl syslogd tac tail "
    "tc test top touch tr traceroute traceroute6 true ts tty tunctl ubirename "
    "udhcpc udhcpd uevent umount uname uncompress unexpand uniq unix2dos "
    "unlzma unxz uptime usleep uudecode uuencode vconfig vi w watchdog wc "
    "which who whoami xxd xz xzcat yes zcat ";
static const char starts[] =
    " chroot chrt crond cttyhack getty init ionice linux32 linux64 linuxrc "
    "login nice nohup nsenter openvt run-init run-parts setpriv setsid "
    "start-stop-daemon su sulogin switch_root taskset telnetd time timeout "
    "unshare watch ";
/* They carry files, and no tool reads their lines. */
static const char carries[] = " ftpget ftpput ssl_client tftp ";
/* Their own, judged as those that have a shim. */
static const char asks[] = " nslookup ping ping6 ";
/* They give out a folder. */
static const char serves[] = " httpd ";

static bool
is_in(struct file_call *c, const char *list, const char *name)
{
	return *name && !strchr(name, ' ') &&
	       strstr(list, file_text(c, " %s ", name)) != NULL;
}

/* argv of the applet, past "busybox busybox". */
static const char *const *
find_applet(const char *const *argv)
{
	do
		argv++;
	while (*argv && (!strcmp(path_base(*argv), "busybox") ||
			 !strcmp(path_base(*argv), "toybox")));
	return argv;
}

/* Its shim, or the system's program where it has none. */
static int
becomes(struct file_call *c, const char *name, const char *const *line,
	struct err *e)
{
	const char *shim = path_join(c->ctx, program_shim_dir(), name);
	size_t n = 0;

	/* that of an interpreter which asks in any case */
	if (!path_exists(shim) ||
	    path_exists(file_text(c, "%s-run/%s", program_shim_dir(), name)))
		shim = file_text(c, "%s-run/%s", program_shim_dir(), name);
	while (line[n])
		n++;
	file_argv(c, line + 1, n - 1);
	c->cmd->argv[0] = name;
	if (toolbox_find(name) && path_exists(shim)) {
		c->cmd->program = shim;
		return 0;
	}
	if (program_find(c->ctx, c->in, name, &c->cmd->program, e) == 0)
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "%s of %s starts commands that nobody would see; "
		       "instead: the command without it",
		       name, c->in->argv[0]);
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *const *line = find_applet(c->in->argv);
	const char *name = *line ? path_base(*line) : NULL;

	file_hand_over(c);
	if (!name || !strcmp(name, "--list") || !strcmp(name, "--list-full") ||
	    !strcmp(name, "--help"))
		return 0;
	if (is_in(c, serves, name))
		return serve_httpd(c, line + 1, e);
	if (is_in(c, own, name))
		return 0;
	if (is_in(c, asks, name))
		return lookup_judge(c, name, line, e);
	if (!strcmp(name, "ash") || !strcmp(name, "hush"))
		name = "sh";
	if (toolbox_find(name) || is_in(c, starts, name))
		return becomes(c, name, line, e);
	if (is_in(c, carries, name))
		return err_set(e, ERR_UNKNOWN,
			       "what %s of %s would send cannot be told; "
			       "instead: curl",
			       name, c->in->argv[0]);
	return err_set(e, ERR_UNKNOWN,
		       "unknown applet or option of %s: %s; instead: the "
		       "program of that name",
		       c->in->argv[0], text_safe(c->ctx, name));
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	const char *name = strcmp(t->in->tool, "toybox") ? "busybox" : "toybox";

	return file_understand_raw(name, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"busybox", "toybox", NULL};

const struct tool tool_busybox = {
    .name = "busybox",
    .names = names,
    .understand = understand,
};

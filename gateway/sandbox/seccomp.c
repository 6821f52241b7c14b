/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a boxed command may not ask of the kernel.  The default is to allow:
 * the mounts and namespaces are the box, this takes away what could reach
 * round them.  A call by another ABI (x32, i386) kills the process, which is
 * libseccomp's own default.
 */
#include "sandbox/seccomp.h"
#include "base/own.h"
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOW32 0xffffffffu /* the kernel looks at an int, we see 64 bits */

static const struct {
	int error;
	int call;
} refused[] = {
    /* the kernel log and accounting */
    {EPERM, SCMP_SYS(syslog)},
    {EPERM, SCMP_SYS(acct)},
    {EPERM, SCMP_SYS(quotactl)},
    {EPERM, SCMP_SYS(quotactl_fd)},
    /* the person's keys are not in a namespace */
    {EPERM, SCMP_SYS(add_key)},
    {EPERM, SCMP_SYS(keyctl)},
    {EPERM, SCMP_SYS(request_key)},
    /* placement of memory, of use to exploits mostly */
    {EPERM, SCMP_SYS(move_pages)},
    {EPERM, SCMP_SYS(mbind)},
    {EPERM, SCMP_SYS(migrate_pages)},
    /* building a world of one's own, and taking the box apart */
    {EPERM, SCMP_SYS(unshare)},
    {EPERM, SCMP_SYS(setns)},
    {EPERM, SCMP_SYS(mount)},
    {EPERM, SCMP_SYS(umount)},
    {EPERM, SCMP_SYS(umount2)},
    {EPERM, SCMP_SYS(pivot_root)},
    {EPERM, SCMP_SYS(chroot)},
    /* as if the kernel were older: programs fall back to the calls above,
     * whose arguments can be looked at (CVE-2021-41133) */
    {ENOSYS, SCMP_SYS(clone3)},
    {ENOSYS, SCMP_SYS(open_tree)},
    {ENOSYS, SCMP_SYS(move_mount)},
    {ENOSYS, SCMP_SYS(fsopen)},
    {ENOSYS, SCMP_SYS(fsconfig)},
    {ENOSYS, SCMP_SYS(fsmount)},
    {ENOSYS, SCMP_SYS(fspick)},
    {ENOSYS, SCMP_SYS(mount_setattr)},
    /* reaching into other processes */
    {EPERM, SCMP_SYS(ptrace)},
    {EPERM, SCMP_SYS(process_vm_readv)},
    {EPERM, SCMP_SYS(process_vm_writev)},
    {EPERM, SCMP_SYS(pidfd_getfd)},
    {EPERM, SCMP_SYS(kcmp)},
    {EPERM, SCMP_SYS(process_madvise)},
    /* large and often wrong parts of the kernel */
    {EPERM, SCMP_SYS(perf_event_open)},
    {EPERM, SCMP_SYS(bpf)},
    {EPERM, SCMP_SYS(userfaultfd)},
    {EPERM, SCMP_SYS(modify_ldt)},
    /* io_uring makes sockets that no filter sees */
    {EPERM, SCMP_SYS(io_uring_setup)},
    {EPERM, SCMP_SYS(io_uring_enter)},
    {EPERM, SCMP_SYS(io_uring_register)},
    /* a file by its number, whatever is mounted over its path */
    {EPERM, SCMP_SYS(open_by_handle_at)},
    /* the machine */
    {EPERM, SCMP_SYS(uselib)},
    {EPERM, SCMP_SYS(init_module)},
    {EPERM, SCMP_SYS(finit_module)},
    {EPERM, SCMP_SYS(delete_module)},
    {EPERM, SCMP_SYS(kexec_load)},
    {EPERM, SCMP_SYS(kexec_file_load)},
    {EPERM, SCMP_SYS(swapon)},
    {EPERM, SCMP_SYS(swapoff)},
    {EPERM, SCMP_SYS(reboot)},
    {EPERM, SCMP_SYS(settimeofday)},
    {EPERM, SCMP_SYS(clock_settime)},
    {EPERM, SCMP_SYS(iopl)},
    {EPERM, SCMP_SYS(ioperm)},
};

struct filter {
	const char *name;
	int families[5]; /* that may be made; ends with -1 */
	void *bytes;
	size_t len;
};

static struct filter filters[] = {
    {.name = "base", .families = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, -1}},
    {.name = "inet", .families = {AF_UNIX, AF_INET, AF_INET6, -1}},
    {.name = "noinet", .families = {AF_UNIX, -1}},
    {.name = "nosocket", .families = {-1}},
};

/* The calls that may be made, but not with these arguments. */
static int
add_arguments(scmp_filter_ctx c)
{
	int rc = 0;

	rc |= seccomp_rule_add(
	    c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
	/* a terminal takes both for keys typed by the person */
	rc |= seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
			       SCMP_A1(SCMP_CMP_MASKED_EQ, LOW32, TIOCSTI));
	rc |= seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
			       SCMP_A1(SCMP_CMP_MASKED_EQ, LOW32, TIOCLINUX));
	return rc;
}

/* One rule for each family that is not to be had; a rule can look at an
 * argument only once, so "greater" takes what follows the last of them, and
 * with it every value whose upper 32 bits are set. */
static int
refuse_family(scmp_filter_ctx c, enum scmp_compare how, int family)
{
	struct scmp_arg_cmp domain = {
	    .arg = 0, .op = how, .datum_a = (scmp_datum_t)family};

	return seccomp_rule_add_array(c, SCMP_ACT_ERRNO(EAFNOSUPPORT),
				      SCMP_SYS(socket), 1, &domain);
}

static int
add_families(scmp_filter_ctx c, const int *allowed)
{
	int last = -1, rc = 0;

	for (int i = 0; allowed[i] >= 0; i++)
		if (allowed[i] > last)
			last = allowed[i];
	if (last < 0)
		return seccomp_rule_add(c, SCMP_ACT_ERRNO(EAFNOSUPPORT),
					SCMP_SYS(socket), 0);
	for (int f = 0; f < last; f++) {
		bool may = false;

		for (int i = 0; allowed[i] >= 0; i++)
			may = may || allowed[i] == f;
		if (!may)
			rc |= refuse_family(c, SCMP_CMP_EQ, f);
	}
	return rc | refuse_family(c, SCMP_CMP_GT, last);
}

static int
export_program(scmp_filter_ctx c, struct filter *f, struct err *e)
{
	int fd OWNED_FD = memfd_create("seccomp", MFD_CLOEXEC);
	struct stat st;
	void *bytes;

	if (fd < 0 || seccomp_export_bpf(c, fd) < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "exporting it");
	bytes = malloc((size_t)st.st_size);
	if (!bytes)
		BUG("out of memory");
	if (st.st_size == 0 ||
	    pread(fd, bytes, (size_t)st.st_size, 0) != st.st_size) {
		free(bytes);
		return err_sys(e, "reading it back");
	}
	f->bytes = bytes; /* kept until the process ends */
	f->len = (size_t)st.st_size;
	return 0;
}

static int
build(struct filter *f, struct err *e)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	int rc = 0;

	if (!c)
		return err_set(e, ERR_SYSTEM, "libseccomp does not start");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		if (refused[i].call < 0) /* not a call of this machine */
			continue;
		rc |= seccomp_rule_add(
		    c, SCMP_ACT_ERRNO((uint32_t)refused[i].error),
		    refused[i].call, 0);
	}
	rc |= add_arguments(c);
	rc |= add_families(c, f->families);
	if (rc != 0)
		rc = err_set(e, ERR_SYSTEM, "libseccomp refuses a rule");
	else
		rc = export_program(c, f, e);
	seccomp_release(c);
	return rc;
}

int
seccomp_program(const char *name, const void **bytes, size_t *len,
		struct err *e)
{
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		struct filter *f = &filters[i];

		if (strcmp(f->name, name) != 0)
			continue;
		if (!f->bytes && build(f, e) < 0)
			return err_wrap(e, "the system call filter %s", name);
		*bytes = f->bytes;
		*len = f->len;
		return 0;
	}
	return err_set(e, ERR_UNKNOWN, "no system call filter is called %s",
		       name);
}

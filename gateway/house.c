/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the house, and keeping its policy up to date. */
#include "house.h"
#include "base/heap.h"
#include "effects/origin.h"
#include "effects/said_before.h"
#include "effects/secrets.h"
#include "invocation/program.h"
#include "judge/classifier.h"
#include "log.h"
#include "policy/policy.h"
#include "policy/trust.h"
#include "reversal/vault.h"
#include "sandbox/seccomp.h"
#include "sandbox/synthetic.h"
#include "transport/transport.h"
#include <fcntl.h>
#include <git2.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY_FILES  3
#define PROBE_AGAIN_S 5

struct stamp {
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

struct housekeeper {
	struct house house;
	void *policy_ctx; /* what belongs to house.policy and its error */
	char *files[POLICY_FILES];
	struct stamp stamps[POLICY_FILES];
	time_t probed;
	uint64_t generation;
};

static void
take_stamps(const struct housekeeper *k, struct stamp *out)
{
	struct stat st;

	memset(out, 0, POLICY_FILES * sizeof(*out));
	for (int i = 0; i < POLICY_FILES; i++)
		if (stat(k->files[i], &st) == 0)
			out[i] = (struct stamp){.ino = st.st_ino,
						.size = st.st_size,
						.mtime = st.st_mtim,
						.ctime = st.st_ctim};
}

static bool
same_stamps(const struct stamp *a, const struct stamp *b)
{
	for (int i = 0; i < POLICY_FILES; i++)
		if (a[i].ino != b[i].ino || a[i].size != b[i].size ||
		    a[i].mtime.tv_sec != b[i].mtime.tv_sec ||
		    a[i].mtime.tv_nsec != b[i].mtime.tv_nsec ||
		    a[i].ctime.tv_sec != b[i].ctime.tv_sec ||
		    a[i].ctime.tv_nsec != b[i].ctime.tv_nsec)
			return false;
	return true;
}

/* A policy that cannot be read is no reason to end: every request is then
 * refused with what is wrong. */
static void
load_policy(void *ctx, struct house *h, const char *home)
{
	struct policy *p = NULL;
	struct err e = {0};

	h->policy = NULL;
	h->policy_error = NULL;
	if (policy_load(ctx, NULL, home, NULL, &p, &e) == 0) {
		h->policy = p;
		return;
	}
	h->policy_error = talloc_strdup(ctx, e.msg);
	log_line("policy: %s", e.msg);
}

static void
read_policy(struct housekeeper *k)
{
	void *old = k->policy_ctx;

	take_stamps(k, k->stamps);
	k->policy_ctx = talloc_new(k);
	load_policy(k->policy_ctx, &k->house, k->house.home);
	talloc_free(old);
}

/* The first repository that is opened pays for libgit2's tables, for the
 * search paths of its configuration and for the pages of its code; better
 * here than in each worker. */
static void
warm_git(const char *runtime)
{
	char *path = talloc_asprintf(NULL, "%s/" HOUSE_WARM, runtime);
	git_repository *r = NULL;
	git_reference_iterator *it = NULL;
	git_reference *ref = NULL;
	git_index *index = NULL;
	git_odb *odb = NULL;
	git_oid oid;

	if (git_repository_open(&r, path) != 0 &&
	    git_repository_init(&r, path, 0) != 0)
		goto out;
	if (git_repository_odb(&odb, r) == 0 &&
	    git_odb_hash(&oid, "", 0, GIT_OBJECT_BLOB) == 0)
		(void)git_odb_exists(odb, &oid);
	if (git_reference_iterator_new(&it, r) == 0)
		(void)git_reference_next(&ref, it);
	(void)git_repository_index(&index, r);
out:
	git_reference_free(ref);
	git_reference_iterator_free(it);
	git_index_free(index);
	git_odb_free(odb);
	git_repository_free(r);
	talloc_free(path);
}

static void
warm_programs(void)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/git", program_shim_dir());
	(void)program_is_shim(path);
	(void)program_is_shim("/usr/bin/git");
	(void)program_is_shim("/usr/local/bin/git");
	(void)program_is_shim("/bin/git");
	(void)program_share_dir();
}

/* The caller's name for the box's passwd(5): a directory service is slow. */
static void
warm_users(void)
{
	struct invocation in = {.uid = geteuid(), .gid = getegid()};

	(void)synthetic_file(&in, "/etc/passwd");
}

static int
load_libraries(struct err *e)
{
	static const char *const filters[] = {"base", "nosocket"};
	const void *bytes;
	size_t len;

	if (sodium_init() < 0)
		return err_set(e, ERR_SYSTEM, "libsodium does not start");
	if (git_libgit2_init() < 0)
		return err_git(e, "libgit2 does not start");
	/* Owners were compared when the repository was found. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (seccomp_program(filters[i], &bytes, &len, e) < 0)
			return err_wrap(e, "the filter \"%s\"", filters[i]);
	return 0;
}

int
house_load(void *ctx, const char *runtime, const char *state, const char *home,
	   struct housekeeper **out, struct err *e)
{
	struct housekeeper *k = talloc_zero(ctx, struct housekeeper);
	struct vocabulary *words;

	if (load_libraries(e) < 0)
		return e->code;
	k->house.state_dir = talloc_strdup(k, state);
	k->house.runtime_dir = talloc_strdup(k, runtime);
	k->house.home = talloc_strdup(k, home);
	invocation_set_home(geteuid(), home);
	vault_set_state_dir(k->house.state_dir);
	trust_use(trust_list(k, k->house.state_dir, home));
	if (boxes_load(k, program_share_dir(), &k->house.boxes, e) < 0)
		return err_wrap(e, "the boxes");
	if (vocabulary_load(
		k, talloc_asprintf(k, "%s/vocabulary", program_share_dir()),
		&words, e) < 0)
		return err_wrap(e, "the vocabulary");
	k->house.vocabulary = words;
	if (secrets_load(NULL, e) < 0)
		return err_wrap(e, "the looks of credentials");
	secrets_seen_prepare();
	said_before_prepare();
	classifier_prepare(k->house.state_dir);
	bwrap_probe(&k->house.probe);
	k->probed = time(NULL);
	if (!k->house.probe.works)
		log_line("bwrap: %s", k->house.probe.text);
	k->files[0] =
	    talloc_asprintf(k, "%s/default.automode", program_share_dir());
	k->files[1] = talloc_strdup(k, "/etc/automode/policy");
	k->files[2] = talloc_asprintf(k, "%s/.config/automode/policy", home);
	read_policy(k);
	if (k->house.policy != NULL && !k->house.policy->sandbox_required)
		log_line("sandbox.required = false: commands run even where "
			 "bwrap does not work");
	transport_sweep(runtime);
	origin_tidy(runtime);
	warm_git(runtime);
	warm_programs();
	warm_users();
	*out = k;
	return 0;
}

struct house *
house_of(struct housekeeper *k)
{
	return &k->house;
}

uint64_t
house_generation(const struct housekeeper *k)
{
	return k->generation;
}

void
house_refresh(struct housekeeper *k)
{
	struct stamp now[POLICY_FILES];

	take_stamps(k, now);
	if (!same_stamps(now, k->stamps)) {
		heap_open();
		read_policy(k);
		heap_fill();
		k->generation++;
		log_line("policy read again%s", k->house.policy_error != NULL
						    ? ", with an error"
						    : "");
	}
	if (!k->house.probe.works && time(NULL) - k->probed >= PROBE_AGAIN_S) {
		bwrap_probe(&k->house.probe);
		k->probed = time(NULL);
		k->generation++;
	}
}

void
house_for_uid(void *ctx, struct house *h, uid_t uid)
{
	struct invocation in = {.uid = uid};

	h->home = talloc_strdup(ctx, invocation_home(&in));
	trust_use(trust_list(ctx, h->state_dir, h->home));
	load_policy(ctx, h, h->home);
}

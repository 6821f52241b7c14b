/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's loop.  A round: signals, reports of workers (one commit for
 * all), answers, new connections.
 */
#include "monitor.h"
#include "base/clock.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/own.h"
#include "door.h"
#include "exec/exec.h"
#include "fetched.h"
#include "house.h"
#include "ledger.h"
#include "log.h"
#include "places.h"
#include "sessions.h"
#include "wire/frame.h"
#include "workers.h"
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACCEPT_ROUND	32   /* forks before reports are looked at again */
#define WORKERS_MAX	4096 /* over all uids of a root gateway */
#define STOP_MS		2000
#define TIDY_MS		1000  /* of quiet before the audit is tidied */
#define LOOK_MS		60000 /* between looks at the runtime folder */
#define UNTIDY_MAX	4096  /* pages; then it is tidied between two rounds */
#define SPARE_LATER_MS	20    /* after a request, while it is served */
#define ACCEPT_LATER_MS 100   /* after the kernel had no descriptor for us */

struct monitor {
	const struct monitor_options *o;
	struct door door;
	struct housekeeper *house;
	struct ledger ledger;
	struct workers workers;
	int signals;
	bool stopping;
	int64_t quiet_since, stop_at, accept_at, spare_at;
};

struct monitor_view monitor_view;

/* Signals that a worker must not inherit blocked, nor the monitor ignored. */
static int
take_signals(struct monitor *m, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	if (exec_adopt_orphans(e) < 0)
		return e->code;
	if (sigprocmask(SIG_SETMASK, &set, NULL) != 0)
		return err_sys(e, "blocking signals");
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signals < 0)
		return err_sys(e, "signalfd");
	return 0;
}

static void
note_crash(void *data, const struct worker *one, int status)
{
	struct monitor *m = data;
	char json[160];

	snprintf(json, sizeof(json), "{\"pid\":%d,\"uid\":%u,\"%s\":%d}",
		 one->pid, one->uid, WIFSIGNALED(status) ? "signal" : "status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	log_line("a worker crashed: %s", json);
	ledger_note(&m->ledger, "crash", json);
}

static void
read_signals(struct monitor *m)
{
	struct signalfd_siginfo si;

	while (read(m->signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD || si.ssi_signo == SIGHUP)
			continue;
		if (!m->stopping)
			log_line("ending: signal %u of pid %u", si.ssi_signo,
				 si.ssi_pid);
		m->stopping = true;
	}
	workers_reap(&m->workers, note_crash, m);
}

static void
answer(struct worker *one, const struct ledger_answer *a)
{
	void *ctx = talloc_new(NULL);
	struct frame_out f;

	frame_out_init(ctx, &f, FRAME_ACK);
	frame_out_u64(&f, a->failed);
	frame_out_u64(&f, a->value);
	frame_out_str(&f, a->text);
	/* A worker waits for its answer; one that does not read it is not
	 * waited for. */
	if (frame_send(one->fd, &f, NULL, 0, 0, NULL) < 0)
		worker_drop(one);
	talloc_free(ctx);
}

static void
read_reports(struct monitor *m, const struct pollfd *fds, size_t n)
{
	struct ledger_answer *answers = NULL;
	size_t *who = NULL, count = 0;
	struct err e = {0};

	for (size_t i = 0; i < n; i++) {
		struct worker *one = &m->workers.v[i];
		struct report r;
		int whole;

		if (one->fd < 0 || fds[i].revents == 0)
			continue;
		whole = worker_read(one);
		if (whole < 0 && one->have != 0)
			log_line("a worker's report was too long, or cut "
				 "short");
		if (whole < 0)
			worker_drop(one);
		if (whole <= 0)
			continue;
		if (answers == NULL) {
			answers = talloc_array(NULL, struct ledger_answer, n);
			who = talloc_array(answers, size_t, n);
			if (who == NULL)
				BUG("out of memory");
		}
		r = (struct report){
		    .uid = one->uid,
		    .control = one->control,
		    .type = one->header[1],
		    .body = one->body,
		    .len = one->header[0] - sizeof(uint32_t),
		};
		ledger_take(&m->ledger, &r, &answers[count]);
		who[count++] = i;
		worker_next(one);
	}
	if (count == 0)
		return;
	if (ledger_commit(&m->ledger, &e) < 0) {
		log_line("%s", e.msg);
		for (size_t i = 0; i < count; i++) {
			answers[i].failed = true;
			snprintf(answers[i].text, sizeof(answers[i].text),
				 "%.500s", e.msg);
		}
	}
	for (size_t i = 0; i < count; i++)
		answer(&m->workers.v[who[i]], &answers[i]);
	talloc_free(answers);
	m->spare_at = 0;
}

static void
refuse(int client)
{
	void *ctx = talloc_new(NULL);
	struct frame_out f;

	frame_out_init(ctx, &f, FRAME_EXIT);
	frame_out_u64(&f, EXIT_NO_GATEWAY | EXIT_UNTOLD);
	(void)frame_send(client, &f, NULL, 0, 0, NULL);
	talloc_free(ctx);
	close(client);
}

static bool
admitted(struct monitor *m, int client, struct peer *peer)
{
	struct err e = {0};

	if (frame_peer(client, peer, &e) < 0) {
		log_line("%s", e.msg);
		return false;
	}
	if (peer->uid != geteuid() && geteuid() != 0) {
		log_line("uid %u is not served here", peer->uid);
		return false;
	}
	if (m->workers.n >= WORKERS_MAX ||
	    workers_of(&m->workers, peer->uid) >= LIMIT_CONNECTIONS) {
		log_line("uid %u has too many connections", peer->uid);
		return false;
	}
	if (peer->uid != geteuid() &&
	    ledger_default_session(&m->ledger, peer->uid, "/", &e) < 0) {
		log_line("%s", e.msg);
		return false;
	}
	return true;
}

/* What a spare worker has to know as it is now. */
static uint64_t
generation(const struct monitor *m)
{
	return house_generation(m->house) + m->ledger.changes;
}

static void
serve(struct monitor *m, int client, bool control)
{
	struct err e = {0};
	struct peer peer;

	if (!admitted(m, client, &peer)) {
		refuse(client);
		return;
	}
	house_refresh(m->house);
	monitor_view.workers = m->workers.n;
	monitor_view.served++;
	if (workers_serve(&m->workers, client, &peer, control, generation(m),
			  &e) < 0) {
		log_line("%s", e.msg);
		refuse(client);
	}
	m->spare_at = now_ms() + SPARE_LATER_MS;
}

/* Returns how many were waiting. */
static int
accept_some(struct monitor *m, int listener, bool control)
{
	int n = 0;

	for (; n < ACCEPT_ROUND; n++) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0) {
			serve(m, client, control);
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			log_line("accept: %s", strerror(errno));
			m->accept_at = now_ms() + ACCEPT_LATER_MS;
			break;
		}
	}
	return n;
}

/* Nobody new finds the door; who stands in it is still served. */
static int
last_callers(struct monitor *m)
{
	door_hide(&m->door);
	return accept_some(m, m->door.shim, false) +
	       accept_some(m, m->door.control, true);
}

static void
stop_accepting(struct monitor *m)
{
	if (m->stop_at != 0)
		return;
	m->stop_at = now_ms() + STOP_MS;
	workers_end_spares(&m->workers);
	last_callers(m);
	door_close(&m->door);
}

/* Ends for want of work, unless somebody connected in the last moment: then
 * the door is opened again, under the lock that is still ours. */
static bool
end_idle(struct monitor *m)
{
	struct err e = {0};
	bool replaced;
	int came;

	if (!door_known(&m->door)) {
		log_line("ending: the runtime folder was emptied");
		door_close(&m->door);
		return true;
	}
	replaced = places_program_replaced();
	if (!replaced && (m->o->idle_s < 0 || now_ms() - m->quiet_since <
						  (int64_t)m->o->idle_s * 1000))
		return false;
	came = last_callers(m);
	door_close(&m->door);
	if (came == 0) {
		if (replaced)
			log_line("ending: the program was replaced");
		else
			log_line("ending: idle for %d s", m->o->idle_s);
		return true;
	}
	if (door_open(&m->door, &e) < 0) {
		log_line("%s", e.msg);
		m->stopping = true;
	}
	return false;
}

static int
wait_ms(const struct monitor *m)
{
	int64_t now = now_ms(), left = LOOK_MS;

	if (m->stop_at != 0)
		left = m->stop_at - now;
	else if (m->accept_at != 0)
		left = m->accept_at - now;
	else if (m->workers.n == 0 && store_untidy(m->ledger.store) > 0)
		left = TIDY_MS;
	else if (m->workers.n == 0 && m->o->idle_s >= 0)
		left = m->quiet_since + (int64_t)m->o->idle_s * 1000 - now;
	else if (m->workers.n > 0 && m->spare_at == 0)
		return -1;
	if (m->spare_at != 0 && m->stop_at == 0 && left > m->spare_at - now)
		left = m->spare_at - now;
	return left < 0 ? 0 : left > LOOK_MS ? LOOK_MS : (int)left;
}

static void
be_quiet(struct monitor *m, int happened)
{
	if (happened > 0 || m->workers.n > 0) {
		m->quiet_since = now_ms();
		if (store_untidy(m->ledger.store) > UNTIDY_MAX)
			store_tidy(m->ledger.store);
		return;
	}
	if (store_untidy(m->ledger.store) > 0 &&
	    now_ms() - m->quiet_since >= TIDY_MS) {
		store_tidy(m->ledger.store);
		malloc_trim(0);
	}
}

/* The next spares: once nobody waits for this processor's time, or when a
 * command takes so long that the next one may come beside it. */
static void
prepare(struct monitor *m)
{
	if (m->stopping)
		return;
	if (m->workers.n > 0 && m->spare_at != 0 && now_ms() < m->spare_at &&
	    !workers_lack_spares(&m->workers))
		return;
	m->spare_at = 0;
	workers_prepare(&m->workers, generation(m));
}

/* One round; false when it is time to end. */
static bool
round_of(struct monitor *m)
{
	size_t n = m->workers.n;
	struct pollfd *fds = talloc_array(NULL, struct pollfd, n + 3);
	bool open = m->door.shim >= 0 && m->accept_at == 0;
	int happened;

	if (fds == NULL)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){m->workers.v[i].fd, POLLIN, 0};
	fds[n] = (struct pollfd){m->signals, POLLIN, 0};
	fds[n + 1] = (struct pollfd){open ? m->door.shim : -1, POLLIN, 0};
	fds[n + 2] = (struct pollfd){open ? m->door.control : -1, POLLIN, 0};
	happened = poll(fds, n + 3, wait_ms(m));
	if (m->accept_at != 0 && now_ms() >= m->accept_at)
		m->accept_at = 0;
	if (happened > 0) {
		read_reports(m, fds, n);
		if (fds[n].revents != 0)
			read_signals(m);
		if (fds[n + 1].revents != 0 && !m->stopping)
			accept_some(m, m->door.shim, false);
		if (fds[n + 2].revents != 0 && !m->stopping)
			accept_some(m, m->door.control, true);
		workers_forget(&m->workers);
	}
	talloc_free(fds);
	be_quiet(m, happened);
	prepare(m);
	if (m->stopping) {
		stop_accepting(m);
		return m->workers.n > 0 && now_ms() < m->stop_at;
	}
	return m->workers.n > 0 || !end_idle(m);
}

static int
load_sessions(struct monitor *m, struct err *e)
{
	struct house *h = house_of(m->house);
	struct sessions stored;

	m->ledger.sessions = &h->sessions;
	if (ledger_default_session(&m->ledger, geteuid(), h->home, e) < 0 ||
	    store_sessions(m->ledger.ctx, m->ledger.store, &stored, e) < 0)
		return e->code;
	for (size_t i = 0; i < stored.n; i++)
		if (store_denials_of(m->ledger.store, stored.v[i]->id,
				     &stored.v[i]->denied_row,
				     &stored.v[i]->denied_total, e) < 0)
			return e->code;
	sessions_append(m->ledger.ctx, &h->sessions, &stored);
	return 0;
}

/* A shell's soft limits are for its own commands. */
static void
lift_limits(void)
{
	struct rlimit r;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (i != RLIMIT_STACK && i != RLIMIT_CORE &&
		    getrlimit(i, &r) == 0 && r.rlim_cur != r.rlim_max) {
			r.rlim_cur = r.rlim_max;
			setrlimit(i, &r);
		}
}

static int
start(void *ctx, struct monitor *m, struct err *e)
{
	const struct monitor_options *o = m->o;
	int r = door_lock(ctx, o->runtime, &m->door, e);
	char json[128];

	if (r != 0)
		return r;
	umask(077);
	lift_limits();
	/* One arena: the monitor has one thread, and workers inherit it. */
	mallopt(M_ARENA_MAX, 1);
	if (places_make_state(o->state, e) < 0)
		return e->code;
	log_open(o->state, o->foreground);
	m->ledger = (struct ledger){.ctx = ctx, .uid = geteuid()};
	if (house_load(ctx, o->runtime, o->state, o->home, &m->house, e) < 0)
		return err_wrap(e, "loading");
	if (store_open(ctx, o->state, false, &m->ledger.store, e) < 0 ||
	    load_sessions(m, e) < 0)
		return e->code;
	snprintf(json, sizeof(json),
		 "{\"version\":\"%s\",\"pid\":%d,\"bwrap\":%s}", VERSION,
		 getpid(), house_of(m->house)->probe.works ? "true" : "false");
	ledger_note(&m->ledger, "start", json);
	if (take_signals(m, e) < 0 ||
	    places_remember(o->runtime, "state-dir", o->state, e) < 0 ||
	    door_open(&m->door, e) < 0)
		return e->code;
	m->workers.ctx = ctx;
	m->workers.house = house_of(m->house);
	fetched_sweep(house_of(m->house)->state_dir);
	monitor_view.started = time(NULL);
	monitor_view.idle_s = o->idle_s;
	m->quiet_since = now_ms();
	log_line("automode %s serves %s", VERSION, o->runtime);
	malloc_trim(0);
	heap_fill();
	return 0;
}

int
monitor_run(const struct monitor_options *o, struct err *e)
{
	void *ctx = talloc_new(NULL);
	struct monitor m = {
	    .o = o,
	    .signals = -1,
	};
	int r = start(ctx, &m, e);

	if (r < 0 && m.door.lock >= 0)
		door_hide(&m.door);
	if (r != 0) {
		if (r > 0)
			o->ready(o->data, false);
		talloc_free(ctx);
		return r < 0 ? r : 0;
	}
	o->ready(o->data, true);
	workers_prepare(&m.workers, generation(&m));
	while (round_of(&m))
		;
	if (m.workers.n > 0)
		log_line("%zu commands go on without a gateway", m.workers.n);
	log_line("ended");
	/* Closes the store; the lock goes with the process, last. */
	talloc_free(ctx);
	return 0;
}

/* app/master.c - see master.h */
#include "app/master.h"
#include "app/address_files.h"
#include "app/child.h"
#include "app/data_folder.h"
#include "app/listen.h"
#include "app/owner.h"
#include "app/say.h"
#include "app/service_settings.h"
#include "base/clock.h"
#include "base/record.h"
#include "net/service_manager.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORKERS = 256,
	END_SECONDS = 40, /* for front to drain; then everybody is killed */
};

struct master {
	const struct master_options *options;
	struct service_settings in_force;
	struct listeners listeners;
	struct address_files addresses;
	struct owner owner;
	uint64_t generation;
	uint64_t files; /* what those that workers open looked like when the generation began; see files_now */
	struct child front, keeper, trap, workers[WORKERS]; /* trap: only while listen_trap is set */
	unsigned n_workers;
	int64_t heard; /* from front, last */
	bool ready;
	int64_t ending; /* since when; 0: not */
	int signals;
};

static unsigned wanted_workers(const struct settings *settings)
{
	long n = settings->workers ? settings->workers : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > WORKERS ? WORKERS : (unsigned)n;
}

/* Children. */

static struct channel *start(struct master *m, struct child *child, const struct role *role)
{
	return child_start(child, role, &m->owner, m->in_force.wire);
}

static void tell_worker(struct master *m, const struct child *worker, int fd)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	record_put_number(&out, (uint64_t)worker->pid);
	record_put_number(&out, worker->generation);
	child_tell(&m->front, WIRE_WORKER, buf_span(&out), fd);
	arena_release(&arena);
}

static void start_worker(struct master *m, struct child *worker)
{
	struct channel *channel = start(m, worker, &roles[1]);
	if (!channel)
		return;
	worker->generation = m->generation;
	/* its end goes to front: master has no more to say to it */
	tell_worker(m, worker, channel_fd(channel));
	channel_free(channel);
}

/* A channel between the two; named: what the keeper is told it is. */
static void connect_with_keeper(struct master *m, struct child *other, enum wire_type named)
{
	int fds[2];
	if (!other->channel || !m->keeper.channel || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return;
	child_tell(other, WIRE_PEER, span_none, fds[0]);
	child_tell(&m->keeper, named, span_none, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

/* To front all but the trap's, to trap those alone. */
static void send_listeners(struct master *m, struct child *to)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < m->listeners.n; i++) {
		struct buf out;
		if ((m->listeners.v[i].door == DOOR_TRAP) != (to == &m->trap))
			continue;
		buf_init(&out, &arena, SIZE_MAX);
		record_put_number(&out, m->listeners.v[i].door);
		child_tell(to, WIRE_LISTENER, buf_span(&out), m->listeners.v[i].fd);
	}
	arena_release(&arena);
}

static void start_front(struct master *m)
{
	m->front.channel = start(m, &m->front, &roles[0]);
	m->heard = clock_now();
	child_tell(&m->front, WIRE_TLS, m->in_force.tls, -1);
	send_listeners(m, &m->front);
	address_files_forget(&m->addresses);
	connect_with_keeper(m, &m->front, WIRE_PEER);
}

static void start_keeper(struct master *m)
{
	m->keeper.channel = start(m, &m->keeper, &roles[2]);
	connect_with_keeper(m, &m->front, WIRE_PEER);
	connect_with_keeper(m, &m->trap, WIRE_TRAP);
}

static bool wants_trap(const struct master *m)
{
	bool wanted = false;
	for (size_t i = 0; i < m->listeners.n; i++)
		wanted = wanted || m->listeners.v[i].door == DOOR_TRAP;
	return wanted;
}

static void start_trap(struct master *m)
{
	m->trap.channel = start(m, &m->trap, &roles[3]);
	child_tell(&m->trap, WIRE_TLS, m->in_force.trap_tls, -1);
	send_listeners(m, &m->trap);
	connect_with_keeper(m, &m->trap, WIRE_TRAP);
}

/* Whoever is missing and may be started again. */
static void start_missing(struct master *m)
{
	int64_t now = clock_now();
	if (m->ending)
		return;
	if (child_may_start(&m->keeper, now))
		start_keeper(m);
	if (child_may_start(&m->front, now))
		start_front(m);
	if (child_may_start(&m->trap, now) && wants_trap(m))
		start_trap(m);
	for (unsigned i = 0; i < m->n_workers && m->front.channel; i++)
		if (child_may_start(&m->workers[i], now))
			start_worker(m, &m->workers[i]);
}

static void died(struct master *m, struct child *child, int status)
{
	bool retired = child >= m->workers && child < m->workers + WORKERS && child->generation < m->generation;
	child_died(child, status, m->ending || retired);
}

static void reap(struct master *m)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *all[] = { &m->front, &m->keeper, &m->trap };
		for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
			if (all[i]->pid == pid)
				died(m, all[i], status);
		for (unsigned i = 0; i < WORKERS; i++)
			if (m->workers[i].pid == pid)
				died(m, &m->workers[i], status);
	}
}

/* Reload. */

static uint64_t mixed(uint64_t hash, uint64_t n) { return (hash ^ n) * 0x9e3779b97f4a7c15 >> 7 ^ hash << 13; }

/* Which file the model is (made, or set aside and begun anew), and how the lists look: workers cannot open them again. */
static uint64_t files_now(const struct master *m)
{
	struct stat st;
	uint64_t hash = 1;
	if (stat((const char *)m->in_force.model.p, &st) == 0)
		hash = mixed(hash, st.st_ino);
	for (size_t i = 0; i < m->in_force.settings.lists.n; i++) {
		struct span file = m->in_force.settings.lists.v[i].file;
		if (file.n && stat((const char *)file.p, &st) == 0)
			hash = mixed(mixed(mixed(hash, st.st_ino), (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec),
				     (uint64_t)st.st_size);
	}
	return hash;
}

/* Workers of the new settings beside those of the old, which front lets go once one of the new is ready. */
static void renew_workers(struct master *m)
{
	struct child old[WORKERS];
	unsigned n = m->n_workers;
	memcpy(old, m->workers, sizeof old);
	memset(m->workers, 0, sizeof m->workers);
	m->generation++;
	m->files = files_now(m);
	m->n_workers = wanted_workers(&m->in_force.settings);
	for (unsigned i = 0; i < m->n_workers; i++)
		start_worker(m, &m->workers[i]);
	/* they are still ours to wait for */
	for (unsigned i = 0, at = m->n_workers; i < n && at < WORKERS; i++)
		if (old[i].pid)
			m->workers[at++] = old[i];
}

/* New settings cannot be used: said to whoever asks. */
static void refuse_reload(struct master *m, const char *status)
{
	say(LOG_ERR, "reload", "the settings stay as they were");
	child_tell(&m->front, WIRE_REFUSED, span_none, -1);
	service_manager_notify(status);
}

static void reload(struct master *m)
{
	struct service_settings settings;
	struct listeners listeners;
	struct span error;
	service_manager_notify("RELOADING=1");
	if (!service_settings_read(m->options->settings_path, &settings)) {
		refuse_reload(m, "READY=1\nSTATUS=The settings are wrong; the old ones hold");
		return;
	}
	if (listen_open(&settings.settings, &m->listeners, &settings.arena, &listeners, &error) != 0) {
		say(LOG_ERR, "reload", "%.*s", SPAN_ARG(error));
		service_settings_release(&settings);
		refuse_reload(m, "READY=1\nSTATUS=The new settings cannot be used; the old ones hold");
		return;
	}
	listen_close(&m->listeners);
	service_settings_release(&m->in_force);
	m->in_force = settings;
	m->listeners = listeners;
	say_open(&m->in_force.settings, "master");
	child_tell(&m->front, WIRE_SETTINGS, m->in_force.wire, -1);
	child_tell(&m->front, WIRE_TLS, m->in_force.tls, -1);
	send_listeners(m, &m->front);
	child_tell(&m->keeper, WIRE_SETTINGS, m->in_force.wire, -1);
	child_tell(&m->trap, WIRE_SETTINGS, m->in_force.wire, -1);
	child_tell(&m->trap, WIRE_TLS, m->in_force.trap_tls, -1);
	send_listeners(m, &m->trap);
	if (!wants_trap(m))
		child_let_go(&m->trap);
	address_files_forget(&m->addresses);
	renew_workers(m);
	say(LOG_NOTICE, "reload", "the settings were read again");
	service_manager_notify("READY=1\nSTATUS=Serving");
}

/* What children say. */

static void front_ready(struct master *m)
{
	m->ready = true;
	for (size_t i = 0; i < m->listeners.n; i++) {
		struct arena arena;
		arena_init(&arena);
		say(LOG_NOTICE, "door", "%.*s", SPAN_ARG(listen_says(&m->listeners.v[i], &arena)));
		arena_release(&arena);
	}
	say(LOG_NOTICE, "serving", "serving");
	service_manager_notify("READY=1\nSTATUS=Serving");
}

static void kill_hung(struct master *m, struct span payload)
{
	struct cursor c = cursor_of(payload);
	uint64_t pid = record_number(&c);
	for (unsigned i = 0; i < WORKERS; i++) /* front may name nobody else */
		if (m->workers[i].pid && (uint64_t)m->workers[i].pid == pid)
			kill(m->workers[i].pid, SIGKILL);
}

static void hear(struct master *m, struct child *child)
{
	struct channel_record record;
	int err = 0;
	while (child->channel && (err = channel_receive(child->channel, &record)) == 1) {
		spool_drop(record.content);
		if (record.fd >= 0)
			close(record.fd);
		if (child == &m->trap)
			continue; /* it has nothing to say, and must not be taken for front */
		m->heard = clock_now();
		if (record.type == WIRE_READY && !m->ready)
			front_ready(m);
		else if (record.type == WIRE_HUNG)
			kill_hung(m, record.payload);
	}
	if (child->channel && err < 0) {
		kill(child->pid, SIGKILL); /* without a channel it is of no use; another is started */
		child_let_go(child);
	}
}

static void end_all(struct master *m, int signal)
{
	if (m->keeper.pid)
		kill(m->keeper.pid, signal);
	if (m->front.pid)
		kill(m->front.pid, signal);
	if (m->trap.pid)
		kill(m->trap.pid, signal);
	for (unsigned i = 0; i < WORKERS; i++)
		if (m->workers[i].pid)
			kill(m->workers[i].pid, signal);
}

static void on_signal(struct master *m)
{
	struct signalfd_siginfo info;
	while (read(m->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGHUP && !m->ending)
			reload(m);
		if ((info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) && !m->ending) {
			service_manager_notify("STOPPING=1");
			m->ending = clock_now();
			child_tell(&m->front, WIRE_DRAIN, span_none, -1);
			child_let_go(&m->trap);
		}
	}
	reap(m);
}

static void look_after(struct master *m)
{
	int64_t now = clock_now();
	if (m->front.pid && now - m->heard > MASTER_PATIENCE) {
		say(LOG_ERR, "child", "front has not been heard for %d seconds; it is replaced", (int)MASTER_PATIENCE);
		kill(m->front.pid, SIGKILL);
		m->heard = now;
	} else if (now - m->heard <= MASTER_PATIENCE / 2)
		service_manager_notify("WATCHDOG=1");
	if (m->front.channel && !m->ending) {
		struct arena arena;
		arena_init(&arena);
		address_files_tell(&m->addresses, &m->in_force.settings, (const char *)data_folder(&m->in_force.settings, &arena).p,
				   m->owner.drop ? m->owner.uid : geteuid(), m->front.channel);
		arena_release(&arena);
	}
	if (m->ready && !m->ending && m->files != files_now(m)) {
		say(LOG_INFO, "files", "a list or what was learned is another file now: workers open it anew");
		renew_workers(m);
	}
	if (m->ending && !m->front.pid && !m->trap.pid && m->keeper.channel)
		child_let_go(&m->keeper); /* it ends when it has written all it was told */
	if (m->ending && now - m->ending > END_SECONDS)
		end_all(m, SIGKILL);
}

static bool anybody(const struct master *m)
{
	bool any = m->front.pid || m->keeper.pid || m->trap.pid;
	for (unsigned i = 0; i < WORKERS; i++)
		any = any || m->workers[i].pid;
	return any;
}

static bool begin(struct master *m)
{
	struct service_settings *s = &m->in_force;
	struct span error;
	sigset_t set;
	if (!service_settings_read(m->options->settings_path, s) || !owner_find(&s->settings, &m->owner) ||
	    !owner_take_folder(&m->owner, &s->settings, &s->arena))
		return false;
	say_open(&s->settings, "master");
	if (listen_open(&s->settings, NULL, &s->arena, &m->listeners, &error) != 0) {
		say(LOG_ERR, "serve", "%.*s", SPAN_ARG(error));
		return false;
	}
	sigemptyset(&set);
	static const int signals[] = { SIGHUP, SIGTERM, SIGINT, SIGCHLD };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	m->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	m->n_workers = wanted_workers(&m->in_force.settings);
	m->generation = 1;
	m->files = files_now(m);
	return m->signals >= 0;
}

enum exit_status master_run(const struct master_options *options)
{
	static struct master m;
	m.options = options;
	if (!begin(&m))
		return EXIT_TROUBLE;
	while (!m.ending || anybody(&m)) {
		start_missing(&m);
		struct pollfd wait[4] = { { m.signals, POLLIN, 0 } };
		struct child *children[3] = { &m.front, &m.keeper, &m.trap };
		for (unsigned i = 0; i < 3; i++) {
			struct channel *channel = children[i]->channel;
			wait[i + 1] = (struct pollfd){ channel ? channel_fd(channel) : -1, POLLIN, 0 };
			if (channel && channel_flush(channel) == 1)
				wait[i + 1].events |= POLLOUT;
		}
		if (poll(wait, 4, 1000) < 0 && errno != EINTR)
			return EXIT_TROUBLE;
		for (unsigned i = 0; i < 3; i++)
			hear(&m, children[i]);
		on_signal(&m);
		look_after(&m);
	}
	listen_close(&m.listeners);
	service_settings_release(&m.in_force);
	return EXIT_CLEAN;
}

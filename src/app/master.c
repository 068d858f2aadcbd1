/* app/master.c - see master.h */
#include "app/master.h"
#include "app/address_files.h"
#include "app/data_folder.h"
#include "app/listen.h"
#include "app/say.h"
#include "app/tls_files.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/record.h"
#include "facts/address_live.h"
#include "net/channel.h"
#include "net/service_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORKERS = 256,
	CHANNEL_QUEUE = 16 * 1024 * 1024,
	SEND_MS = 5000,   /* a child that does not take its settings in that time is not alive */
	PAUSE_MOST = 30,  /* seconds before a child that keeps dying is started again */
	STEADY = 10,      /* seconds after which a child is no longer one that keeps dying */
	END_SECONDS = 40, /* for front to drain; then everybody is killed */
};

struct child {
	const struct role *role;
	pid_t pid;               /* 0: it is not running */
	uint64_t generation;     /* of a worker */
	struct channel *channel; /* of front, keeper and trap */
	int64_t since, again;    /* when it was started, when it may be again */
	unsigned deaths;         /* one soon after the other */
};

struct master {
	const struct master_options *options;
	struct arena arena; /* of the settings in force */
	struct settings settings;
	struct buf wire; /* WIRE_SETTINGS of them */
	struct buf tls;  /* WIRE_TLS */
	struct listeners listeners;
	struct address_files addresses;
	uid_t uid;
	gid_t gid;
	bool drop; /* to uid and gid */
	uint64_t generation;
	uint64_t files; /* what those that workers open looked like when the generation began; see files_now */
	struct child front, keeper, trap, workers[WORKERS]; /* trap: only while listen_trap is set */
	unsigned n_workers;
	int64_t heard; /* from front, last */
	bool ready, reloading;
	int64_t ending; /* since when; 0: not */
	int signals, lock;
};

/* Settings. */

static unsigned wanted_workers(const struct settings *settings)
{
	long n = settings->workers ? settings->workers : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > WORKERS ? WORKERS : (unsigned)n;
}

/* Read anew into arena. False: said. */
static bool read_settings(const struct master *m, struct arena *arena, struct settings *ret, struct buf *ret_wire, struct buf *ret_tls)
{
	struct settings_files files = { 0 };
	struct settings_report report;
	struct span error, certificate, key;
	struct buf record;
	const char *path = m->options->settings_path;
	if (path && settings_files_read(path, arena, &files, &error) != 0) {
		say(LOG_ERR, "serve", "%.*s", SPAN_ARG(error));
		return false;
	}
	if (settings_parse(&files, arena, ret, &report) != 0) {
		for (uint32_t i = 0; i < report.errors.n; i++)
			say(LOG_ERR, "serve", "%.*s", SPAN_ARG(report.errors.v[i]));
		return false;
	}
	if (tls_files_read(ret, arena, &certificate, &key, &error) != 0) {
		say(LOG_ERR, "serve", "%.*s", SPAN_ARG(error));
		return false;
	}
	buf_init(ret_tls, arena, SIZE_MAX);
	record_put_text(ret_tls, certificate);
	record_put_text(ret_tls, key);
	buf_init(&record, arena, SIZE_MAX);
	settings_files_write(&files, &record);
	struct span folder = data_folder(ret, arena), model = ret->model;
	if (!model.n)
		model = arena_printf(arena, "%.*s/model", SPAN_ARG(folder));
	struct wire_settings wire = {
		.files = buf_span(&record),
		.data_directory = span_of(folder.p, folder.n + 1),
		.model = span_of(model.p, model.n + 1),
	};
	buf_init(ret_wire, arena, SIZE_MAX);
	wire_put_settings(&wire, ret_wire);
	return true;
}

/* The folder of what is kept, owned by whoever keeps it; only one service at a time. */
static bool take_folder(struct master *m)
{
	struct span folder = data_folder(&m->settings, &m->arena);
	const char *path = (const char *)folder.p;
	if (!data_folder_make(folder, &m->arena)) {
		say(LOG_ERR, "serve", "cannot make %s: %s", path, strerror(errno));
		return false;
	}
	/* what root put there before the service was ever started, with `postern lists add` */
	for (size_t i = 0; i < 2 && m->drop; i++) {
		static const char *const inner[] = { ADDRESS_LIVE_FOLDER, ADDRESS_LIVE_FOLDER "/" ADDRESS_LIVE_NAME };
		const char *at = (const char *)arena_printf(&m->arena, "%s/%s", path, inner[i]).p;
		if (lchown(at, m->uid, m->gid) != 0 && errno != ENOENT)
			say(LOG_ERR, "serve", "cannot give %s to %s: %s", at, (const char *)m->settings.user.p, strerror(errno));
	}
	if (m->drop && chown(path, m->uid, m->gid) != 0) {
		say(LOG_ERR, "serve", "cannot give %s to %s: %s", path, (const char *)m->settings.user.p, strerror(errno));
		return false;
	}
	const char *lock = (const char *)arena_printf(&m->arena, "%s/postern.pid", path).p;
	m->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (m->lock < 0 || flock(m->lock, LOCK_EX | LOCK_NB) != 0) {
		say(LOG_ERR, "serve",
		    m->lock >= 0 && errno == EWOULDBLOCK ? "postern serve is running already: %s is locked" : "cannot lock %s", lock);
		return false;
	}
	char pid[32];
	int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	return ftruncate(m->lock, 0) == 0 && write(m->lock, pid, (size_t)n) == n;
}

static bool find_user(struct master *m)
{
	const char *name = (const char *)m->settings.user.p;
	if (geteuid() != 0)
		return true; /* started as who it is to be */
	const struct passwd *user = getpwnam(name);
	if (!user) {
		say(LOG_ERR, "serve",
		    "there is no user %s to run as; make one: adduser --system --group --no-create-home %s, or set `user`", name, name);
		return false;
	}
	m->uid = user->pw_uid;
	m->gid = user->pw_gid;
	m->drop = m->uid != 0;
	return true;
}

/* Children. */

static void become(const struct master *m, const struct role *role, int fd)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left behind without a master */
	if (fd != ROLE_CHANNEL && dup2(fd, ROLE_CHANNEL) < 0)
		_exit(EXIT_TROUBLE);
	fcntl(ROLE_CHANNEL, F_SETFD, 0);
	close_range(ROLE_CHANNEL + 1, ~0u, 0);
	if (m->drop && (setgroups(0, NULL) != 0 || setgid(m->gid) != 0 || setuid(m->uid) != 0))
		_exit(EXIT_TROUBLE);
	if (m->drop)
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* setuid took it back */
	execl("/proc/self/exe", "postern", "serve", "--role", role->name, (char *)NULL);
	_exit(EXIT_TROUBLE);
}

/* Starts it and tells it the settings. The channel, or NULL. */
static struct channel *spawn(struct master *m, struct child *child, const struct role *role)
{
	int fds[2];
	child->since = clock_now();
	child->role = role;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		become(m, role, fds[1]);
	close(fds[1]);
	struct channel *channel = channel_new(fds[0], CHANNEL_QUEUE);
	if (pid < 0 || channel_send(channel, WIRE_SETTINGS, 0, buf_span(&m->wire), NULL, -1) != 0) {
		channel_free(channel);
		return NULL;
	}
	while (channel_flush(channel) == 1 && poll(&(struct pollfd){ fds[0], POLLOUT, 0 }, 1, SEND_MS) > 0)
		;
	child->pid = pid;
	return channel;
}

static void tell(struct child *child, enum wire_type type, const struct buf *payload, int fd)
{
	if (child->channel)
		channel_send(child->channel, (uint8_t)type, 0, payload ? buf_span(payload) : span_none, NULL, fd);
}

static void tell_worker(struct master *m, const struct child *worker, int fd)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	record_put_number(&out, (uint64_t)worker->pid);
	record_put_number(&out, worker->generation);
	tell(&m->front, WIRE_WORKER, &out, fd);
	arena_release(&arena);
}

static void start_worker(struct master *m, struct child *worker)
{
	struct channel *channel = spawn(m, worker, &roles[1]);
	if (!channel)
		return;
	worker->generation = m->generation;
	/* its end goes to front: master has no more to say to it */
	tell_worker(m, worker, channel_fd(channel));
	channel_free(channel);
}

static void connect_front_and_keeper(struct master *m)
{
	int fds[2];
	if (!m->front.channel || !m->keeper.channel || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return;
	tell(&m->front, WIRE_PEER, NULL, fds[0]);
	tell(&m->keeper, WIRE_PEER, NULL, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void connect_trap_and_keeper(struct master *m)
{
	int fds[2];
	if (!m->trap.channel || !m->keeper.channel || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return;
	tell(&m->trap, WIRE_PEER, NULL, fds[0]);
	tell(&m->keeper, WIRE_TRAP, NULL, fds[1]);
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
		tell(to, WIRE_LISTENER, &out, m->listeners.v[i].fd);
	}
	arena_release(&arena);
}

static void start_front(struct master *m)
{
	m->front.channel = spawn(m, &m->front, &roles[0]);
	m->heard = clock_now();
	tell(&m->front, WIRE_TLS, &m->tls, -1);
	send_listeners(m, &m->front);
	address_files_forget(&m->addresses);
	connect_front_and_keeper(m);
}

static void start_keeper(struct master *m)
{
	m->keeper.channel = spawn(m, &m->keeper, &roles[2]);
	connect_front_and_keeper(m);
	connect_trap_and_keeper(m);
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
	m->trap.channel = spawn(m, &m->trap, &roles[3]);
	send_listeners(m, &m->trap);
	connect_trap_and_keeper(m);
}

/* Whoever is missing and may be started again. */
static void start_missing(struct master *m)
{
	int64_t now = clock_now();
	if (m->ending)
		return;
	if (!m->keeper.pid && now >= m->keeper.again)
		start_keeper(m);
	if (!m->front.pid && now >= m->front.again)
		start_front(m);
	if (!m->trap.pid && now >= m->trap.again && wants_trap(m))
		start_trap(m);
	for (unsigned i = 0; i < m->n_workers && m->front.channel; i++)
		if (!m->workers[i].pid && now >= m->workers[i].again)
			start_worker(m, &m->workers[i]);
}

static void died(struct master *m, struct child *child, int status)
{
	int64_t now = clock_now(), lived = now - child->since;
	bool retired = child >= m->workers && child < m->workers + WORKERS && child->generation < m->generation;
	bool asked = WIFEXITED(status) && WEXITSTATUS(status) == 0; /* the other end of its channel went first */
	child->deaths = lived > STEADY || retired || asked ? 0 : child->deaths + 1;
	/* the first time at once, then after 1, 2, 4 ... seconds */
	int64_t pause = child->deaths < 2 ? 0 : child->deaths > 6 ? PAUSE_MOST : 1 << (child->deaths - 2);
	child->again = now + pause;
	if (!m->ending && !retired && !asked)
		say(LOG_WARNING, "child", "%s %d ended with %s %d%s", child->role->name, (int)child->pid,
		    WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		    pause ? "; it is started again in a while" : "");
	child->pid = 0;
	channel_free(child->channel);
	child->channel = NULL;
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
	struct arena arena;
	struct wire_settings wire;
	struct stat st;
	uint64_t hash = 1;
	arena_init(&arena);
	if (wire_settings(buf_span(&m->wire), &wire) == 0 && stat((const char *)wire.model.p, &st) == 0)
		hash = mixed(hash, st.st_ino);
	for (size_t i = 0; i < m->settings.lists.n; i++) {
		struct span file = m->settings.lists.v[i].file;
		if (file.n && stat((const char *)file.p, &st) == 0)
			hash = mixed(mixed(mixed(hash, st.st_ino), (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec),
				     (uint64_t)st.st_size);
	}
	arena_release(&arena);
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
	m->n_workers = wanted_workers(&m->settings);
	for (unsigned i = 0; i < m->n_workers; i++)
		start_worker(m, &m->workers[i]);
	/* they are still ours to wait for */
	for (unsigned i = 0, at = m->n_workers; i < n && at < WORKERS; i++)
		if (old[i].pid)
			m->workers[at++] = old[i];
}

/* It ends when its channel does. */
static void end_trap(struct master *m)
{
	channel_free(m->trap.channel);
	m->trap.channel = NULL;
}

static void reload(struct master *m)
{
	struct arena arena;
	struct settings settings;
	struct listeners listeners;
	struct buf wire, tls;
	struct span error;
	service_manager_notify("RELOADING=1");
	arena_init(&arena);
	if (!read_settings(m, &arena, &settings, &wire, &tls)) {
		say(LOG_ERR, "reload", "the settings stay as they were");
		tell(&m->front, WIRE_REFUSED, NULL, -1);
		arena_release(&arena);
		service_manager_notify("READY=1\nSTATUS=The settings are wrong; the old ones hold");
		return;
	}
	if (listen_open(&settings, &m->listeners, &arena, &listeners, &error) != 0) {
		say(LOG_ERR, "reload", "%.*s; the settings stay as they were", SPAN_ARG(error));
		tell(&m->front, WIRE_REFUSED, NULL, -1);
		arena_release(&arena);
		service_manager_notify("READY=1\nSTATUS=The new settings cannot be used; the old ones hold");
		return;
	}
	listen_close(&m->listeners);
	arena_release(&m->arena);
	m->arena = arena;
	m->settings = settings;
	m->listeners = listeners;
	m->wire = wire;
	m->wire.arena = &m->arena;
	m->tls = tls;
	m->tls.arena = &m->arena;
	say_open(&m->settings, "master");
	tell(&m->front, WIRE_SETTINGS, &m->wire, -1);
	tell(&m->front, WIRE_TLS, &m->tls, -1);
	send_listeners(m, &m->front);
	tell(&m->keeper, WIRE_SETTINGS, &m->wire, -1);
	tell(&m->trap, WIRE_SETTINGS, &m->wire, -1);
	send_listeners(m, &m->trap);
	if (!wants_trap(m))
		end_trap(m);
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
		kill(child->pid, SIGKILL); /* without a channel it is of no use; reap starts another */
		channel_free(child->channel);
		child->channel = NULL;
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
			tell(&m->front, WIRE_DRAIN, NULL, -1);
			end_trap(m);
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
		address_files_tell(&m->addresses, &m->settings, (const char *)data_folder(&m->settings, &arena).p,
				   m->drop ? m->uid : geteuid(), m->front.channel);
		arena_release(&arena);
	}
	if (m->ready && !m->ending && m->files != files_now(m)) {
		say(LOG_INFO, "files", "a list or what was learned is another file now: workers open it anew");
		renew_workers(m);
	}
	if (m->ending && !m->front.pid && !m->trap.pid && m->keeper.channel) {
		channel_free(m->keeper.channel); /* it ends when it has written all it was told */
		m->keeper.channel = NULL;
	}
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
	struct span error;
	sigset_t set;
	arena_init(&m->arena);
	if (!read_settings(m, &m->arena, &m->settings, &m->wire, &m->tls) || !find_user(m) || !take_folder(m))
		return false;
	say_open(&m->settings, "master");
	if (listen_open(&m->settings, NULL, &m->arena, &m->listeners, &error) != 0) {
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
	m->n_workers = wanted_workers(&m->settings);
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
	arena_release(&m.arena);
	return EXIT_CLEAN;
}

/* tests/dns_server.h - the name server of tests/dns_server.py as a child of a unit test or of the benchmark; ends with it. */
#ifndef TESTS_DNS_SERVER_H
#define TESTS_DNS_SERVER_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct dns_server {
	pid_t pid;
	FILE *to, *from;
	char address[32]; /* "127.0.0.1@12345" */
};

/* zone: the path of a file as of --dns; NULL: none. */
static inline void dns_server_start(struct dns_server *server, const char *zone)
{
	const char *root = getenv("POSTERN_ROOT");
	char script[4096];
	int in[2], out[2], port = 0;
	snprintf(script, sizeof script, "%s/tests/dns_server.py", root ? root : ".");
	if (pipe(in) != 0 || pipe(out) != 0)
		abort();
	server->pid = fork();
	if (server->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]); /* so that it sees the end of its input when the test dies */
		close(out[0]);
		execl("/usr/bin/python3", "python3", script, zone, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server->to = fdopen(in[1], "w");
	server->from = fdopen(out[0], "r");
	if (fscanf(server->from, "%d", &port) != 1)
		abort();
	snprintf(server->address, sizeof server->address, "127.0.0.1@%d", port);
}

static inline void dns_server_tell(struct dns_server *server, const char *command)
{
	fprintf(server->to, "%s\n", command);
	fflush(server->to);
}

static inline int dns_server_count(struct dns_server *server)
{
	int n = -1;
	dns_server_tell(server, "count");
	if (fscanf(server->from, "%d", &n) != 1)
		abort();
	return n;
}

static inline void dns_server_stop(struct dns_server *server)
{
	fclose(server->to);
	fclose(server->from);
	waitpid(server->pid, NULL, 0);
}

#endif

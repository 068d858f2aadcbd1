/* net/sandbox.h - what a process gives up before it reads the first byte from outside, so that a bug in a parser stays a bug.
 *
 * Three layers, each used where the kernel has it: seccomp (which system calls there are), Landlock (which files, which TCP ports) and
 * no_new_privs. What is not granted fails with EPERM; what nobody honest asks for (execve, ptrace, mounting ...) ends the process.
 * sandbox_enter proves itself: it tries what is forbidden and refuses to go on if that works.
 * A build with sanitizers enters no sandbox, for they open files of their own; sandbox_state tells. */
#ifndef NET_SANDBOX_H
#define NET_SANDBOX_H

#include "base/buf.h"
#include "base/err.h"

enum sandbox_right {
	SANDBOX_NETWORK = 1 << 0, /* sockets of any kind */
	SANDBOX_ACCEPT = 1 << 2,  /* talking to whoever comes to sockets it was given; it makes none, and connects to nobody */
	SANDBOX_FILES = 1 << 1,   /* reading and writing below the one folder that sandbox_enter names */
};

enum { SANDBOX_WHY_MAX = 256 };

/* For the rest of the life of this process; all threads must have been started before. folder: NULL without SANDBOX_FILES.
 * 0; ERR_UNSUPPORTED: this kernel or build has no such thing, and nothing was given up; ERR_IO: it failed, or does not hold. ret_why (also
 * of success: which layers hold) is one sentence. */
int sandbox_enter(unsigned rights, const char *folder, char ret_why[SANDBOX_WHY_MAX]);
/* What a process with these rights may still do, for people: a line each group of system calls. */
void sandbox_explain(unsigned rights, struct buf *out);

#endif

/* app/worker.h - the process that judges: messages in, outcomes and case files out; without network, without disk.
 *
 * What a check wants to know it asks of the front; while answers are awaited other messages are judged. It ends when its channel does. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

/* fd: the channel, on which the settings come first. The exit status of the process. */
int worker_main(int fd);

#endif

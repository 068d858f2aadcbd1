/* app/keeper.h - the only writer of what outlives a message under `postern serve`: case files, quarantine, ring, tuples, what was learned.
 *
 * It answers the front's records in order. Mail never waits for it, but where a message is to be held: then its word is what the sender's
 * server is told.
 * It ends with its front; master starts both anew. */
#ifndef APP_KEEPER_H
#define APP_KEEPER_H

/* fd: the channel to master, on which the settings come first. The exit status of the process. */
int keeper_main(int fd);

#endif

/* learn/delivered.h - what delivery added to a message, and what its sender sent.
 *
 * A message seen while it arrives (milter, live connection) and its copy in a mailbox must teach and score alike. So everything that
 * receiving machines, mail stores and mail programs write on top is left out before features are taken: Received lines down to the one
 * that names the machine outside (what that line says of the machine is a fact of the path, which a live connection knows as well),
 * Return-Path, Delivered-To and their kin, results of authentication, other filters' marks, folders and flags. */
#ifndef LEARN_DELIVERED_H
#define LEARN_DELIVERED_H

#include "message/path.h"

/* Reads the fields of a message in order. */
struct delivered {
	const struct header *last_own; /* the Received line the machine outside is named in, and those above it are ours */
	bool all_own;                  /* nothing from outside: every Received line is ours */
	bool below;                    /* last_own was passed */
};

void delivered_begin(const struct path *path, struct delivered *ret_delivered);
/* Was the next field of the message added by delivery? Call it for every field, in order. */
bool delivered_field(struct delivered *delivered, const struct header *field);
/* Is the field's value noise that no two messages share: signatures, seals, opaque tokens? */
bool delivered_opaque(const struct header *field);

#endif

/* facts/address_why.h - the reason why a file of addresses is refused, for the address_* files alone. */
#ifndef FACTS_ADDRESS_WHY_H
#define FACTS_ADDRESS_WHY_H

#include "facts/address_set.h"

/* Writes the reason, returns err. */
int address_refuse(char ret_why[ADDRESS_WHY_MAX], int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

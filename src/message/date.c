/* message/date.c - see date.h */
#include "message/date.h"

bool date_parse(struct span text, struct date *ret_date) { (void)text; (void)ret_date; return false; }

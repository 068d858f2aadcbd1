/* base/err.h - what a function answers when it could not do its work.
 *
 * 0 is success; failures are negative. Outputs stand last in the parameter list, begin with ret_ and
 * are written only on success. Only app and session print or log. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_SYNTAX = -1,      /* the bytes are not what they should be */
	ERR_LIMIT = -2,       /* a limit of base/limits.h was met */
	ERR_UNSUPPORTED = -3, /* well-formed, but not something we read */
	ERR_IO = -4,          /* the system refused: errno says why */
	ERR_NOT_FOUND = -5,
	ERR_USAGE = -6, /* the user asked for something that does not exist */
};

#endif

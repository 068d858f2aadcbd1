/* base/err.c - see err.h */
#include "base/err.h"

const char *err_words(enum err err)
{
	switch (err) {
	case ERR_OK: return "no error";
	case ERR_SYNTAX: return "malformed";
	case ERR_LIMIT: return "beyond a limit";
	case ERR_UNSUPPORTED: return "not supported";
	case ERR_IO: return "input/output error";
	case ERR_NOT_FOUND: return "not found";
	case ERR_USAGE: return "usage error";
	}
	return "unknown error";
}

/* facts/address_why.c - see address_why.h */
#include "facts/address_why.h"

#include <stdarg.h>
#include <stdio.h>

int address_refuse(char why[ADDRESS_WHY_MAX], int err, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(why, ADDRESS_WHY_MAX, format, arguments);
	va_end(arguments);
	return err;
}

/* check/client_shape.h - does a token have the shape that a program gives it? Shapes of Message-IDs and MIME boundaries, written short.
 *
 *	"%12-16x$%8x$%8x@"      12 to 16 hex digits, a dollar, 8 hex digits, a dollar, 8 hex digits, an at sign, then anything
 *	"%10-13d.|%32X@%."      either of two shapes; the second ends there
 *
 * %Nc is N characters of class c, %N-Mc that many, %c one or more, then the class: d decimal, x hex, X hex in capitals, l hex in small
 *letters, P the letters A to P, A capital letters, w letters and digits; %. is the end. Anything else stands for itself, case counts. What
 *follows the shape may be anything. Runs are taken as long as they can be and never given back: linear in the token. */
#ifndef CHECK_CLIENT_SHAPE_H
#define CHECK_CLIENT_SHAPE_H

#include "message/header.h"

/* shapes: one or more, separated by '|'. */
bool client_shape(struct span token, const char *shapes);
/* Did the message enter as a news article (RFC 5536)? News servers write Message-IDs and take mail from anywhere. */
bool client_posted_as_news(const struct headers *headers);

#endif

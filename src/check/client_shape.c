/* check/client_shape.c - see client_shape.h */
#include "check/client_shape.h"
#include "base/ascii.h"

static bool in_class(int c, char class)
{
	switch (class) {
	case 'd': return ascii_is_digit(c);
	case 'x': return ascii_hex(c) >= 0;
	case 'X': return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
	case 'l': return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
	case 'P': return c >= 'A' && c <= 'P';
	case 'A': return ascii_is_upper(c);
	default: return ascii_is_alnum(c);
	}
}

static size_t number(const char **shape)
{
	size_t n = 0;
	while (ascii_is_digit(**shape))
		n = n * 10 + (size_t)(*(*shape)++ - '0');
	return n;
}

/* One %-run at *shape, which is moved behind it. */
static bool run(struct span *token, const char **shape)
{
	size_t least = 1, most = SIZE_MAX, n = 0;
	if (ascii_is_digit(**shape)) {
		least = most = number(shape);
		if (**shape == '-') {
			++*shape;
			most = number(shape);
		}
	}
	char class = *(*shape)++;
	while (n < most && n < token->n && in_class(token->p[n], class))
		n++;
	*token = span_skip(*token, n);
	return n >= least;
}

/* True when token has the shape that begins at shape and ends at '|' or NUL. */
static bool one_shape(struct span token, const char *shape)
{
	while (*shape && *shape != '|') {
		if (shape[0] == '%' && shape[1] == '.')
			return token.n == 0;
		if (*shape == '%') {
			shape++;
			if (!run(&token, &shape))
				return false;
			continue;
		}
		if (token.n == 0 || token.p[0] != (uint8_t)*shape)
			return false;
		token = span_skip(token, 1);
		shape++;
	}
	return true;
}

bool client_shape(struct span token, const char *shapes)
{
	for (;;) {
		if (one_shape(token, shapes))
			return true;
		shapes = strchr(shapes, '|');
		if (!shapes)
			return false;
		shapes++;
	}
}

bool client_posted_as_news(const struct headers *headers)
{
	static const struct span fields[] = { SPAN_INIT("Newsgroups"), SPAN_INIT("NNTP-Posting-Host"), SPAN_INIT("X-Complaints-To"),
					      SPAN_INIT("X-Injected-Via-Gmane"), SPAN_INIT("X-Gmane-NNTP-Posting-Host") };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (header_named(headers, fields[i]))
			return true;
	return false;
}

/* message/html_stack.h - the elements that are open and how text inside them looks (WHATWG HTML 13.2.4, simplified).
 *
 * Promises: every step is constant or pays for an element that was opened once; at most LIMIT_HTML_DEPTH elements are kept, deeper ones
 * look like their parents.
 * Does not: reopen formatting elements that a closed parent took along (13.2.4.3). */
#ifndef MESSAGE_HTML_STACK_H
#define MESSAGE_HTML_STACK_H

#include "base/limits.h"
#include "message/html_style.h"

struct html_look {
	int32_t ink, paper; /* 0xRRGGBB, or COLOUR_UNKNOWN */
	int32_t font;       /* thousandths of a pixel */
	uint8_t gone;       /* enum html_hidden plus 1: whatever is inside is hidden; 0 when not */
	uint8_t invisible;  /* visibility: hidden */
	uint8_t hidden;     /* the result: enum html_hidden plus 1, or 0 when seen */
};

struct html_open {
	struct html_look look;
	uint16_t element, previous;     /* previous: index of the next outer one of the same element, 0 when none */
	uint16_t special, scope, table; /* index of the nearest such element, itself included; 0 when none */
	uint16_t closed;                /* its end tag came while special elements inside it were open */
};

struct html_stack {
	struct html_open open[LIMIT_HTML_DEPTH + 1]; /* [0]: the page */
	uint32_t n;                                  /* entries in use, the page included */
	uint32_t deeper;                             /* open elements beyond the limit */
	bool cut;                                    /* the limit was met */
	uint16_t last[HTML_ELEMENTS];                /* index of the innermost open one, 0 when none */
	uint64_t steps;
};

void html_stack_start(struct html_stack *stack);
static inline const struct html_look *html_stack_look(const struct html_stack *stack) { return &stack->open[stack->n - 1].look; }
/* Closes what the start tag of element closes without saying so: <p>, <li>, <td> ... */
void html_stack_imply(struct html_stack *stack, enum html_element element);
/* Opens an element; css NULL when nothing styles it. */
void html_stack_open(struct html_stack *stack, enum html_element element, const struct css *css);
void html_stack_close(struct html_stack *stack, enum html_element element);

#endif

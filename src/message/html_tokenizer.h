/* message/html_tokenizer.h - HTML source to tags, texts and comments (WHATWG HTML 13.2.5), one token a call.
 *
 *	struct html_tokenizer t;
 *	html_tokenizer_start(&t, source);
 *	while (html_tokenizer_next(&t, &token)) ...
 *
 * Promises: linear time, no allocation; any bytes are HTML. Of an attribute that occurs twice the first counts; attributes that
 * html_attributes.def does not list are skipped, so a tag may have any number of them.
 * Does not: decode character references (html_reference.h), or build a tree. It takes the view of a program without scripting, as mail
 * programs are: the content of <noscript> is ordinary.
 * Owner: spans borrow the source. */
#ifndef MESSAGE_HTML_TOKENIZER_H
#define MESSAGE_HTML_TOKENIZER_H

#include "message/html_names.h"

enum html_token_kind {
	HTML_TOKEN_TEXT, /* text: references not decoded; raw says that there are none */
	HTML_TOKEN_START,
	HTML_TOKEN_CLOSE,
	HTML_TOKEN_COMMENT, /* also <!...>, <?...> and </...> that are no tags; text: what is inside */
	HTML_TOKEN_DOCTYPE,
};

struct html_attribute {
	enum html_attribute_id id;
	struct span value; /* as in the source; empty when there is none */
};

struct html_token {
	enum html_token_kind kind;
	enum html_element element; /* START, CLOSE; TEXT: the raw text element it stands in, or 0 */
	bool raw;
	bool true_comment;     /* COMMENT: began with "<!--" */
	uint32_t from, to;     /* in the source, brackets included */
	struct span text;      /* TEXT, COMMENT: the content; START, CLOSE: the name as written */
	uint32_t n_attributes; /* START */
	uint32_t handlers;     /* START: on...= attributes */
	struct html_attribute attributes[HTML_ATTRIBUTES];
};

struct html_tokenizer {
	struct span source;
	size_t at;
	enum html_element inside; /* the raw text element that was opened last, or 0 */
};

void html_tokenizer_start(struct html_tokenizer *tokenizer, struct span source);
/* False at the end of the source. */
bool html_tokenizer_next(struct html_tokenizer *tokenizer, struct html_token *ret_token);
/* The attribute's value as written, or span_none. */
static inline struct span html_token_value(const struct html_token *token, enum html_attribute_id id)
{
	for (uint32_t i = 0; i < token->n_attributes; i++)
		if (token->attributes[i].id == id)
			return token->attributes[i].value;
	return span_none;
}

#endif

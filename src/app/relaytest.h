/* app/relaytest.h - `postern relaytest`: does one's own server pass on what it should not? What its files share.
 *
 * relaytest.c reads the wishes and ends; relaytest_smtp.c tries the forms of session/relay_forms.def; relaytest_proxy.c the ways through a
 * proxy; relaytest_text.c prints; relaytest_wire.c reaches the server. */
#ifndef APP_RELAYTEST_H
#define APP_RELAYTEST_H

#include "app/relaytest_wire.h"
#include "session/relay_forms.h"

/* One line of the table. */
struct relaytest_try {
	const char *name, *sentence;
	struct span sent[2]; /* MAIL FROM and RCPT TO; of a proxy: the request alone */
	struct span said;    /* the reply, harmless, one line; or what became of the connection */
	uint16_t code;
	const char *verdict, *words; /* for programs, for people */
	enum relay_state state;
};

struct relaytest {
	struct arena *arena;
	struct relaytest_peer peer;
	unsigned seconds, pause; /* for each answer; milliseconds between tries */
	int64_t until;           /* of the whole */
	const struct ip *as;     /* stand for this client; NULL: for ourselves */
	bool deliver;
	struct span hostname, sender, recipient;
	struct relay_names names; /* server: set already, or empty: as it greets */
	char mark[33];            /* of this run: in test messages, and what must come through a proxy */
	/* results */
	struct relaytest_try *tries;
	size_t n;
	struct span why; /* it could not be tested */
	bool any_name;   /* it takes any name at its own */
};

/* False: it could not be tested, run->why says why. */
bool relaytest_smtp(struct relaytest *run);
bool relaytest_proxy(struct relaytest *run);
void relaytest_text(const struct relaytest *run, bool proxy);
void relaytest_json(const struct relaytest *run, bool proxy);
/* How many tries ended so. */
size_t relaytest_count(const struct relaytest *run, enum relay_state state);
/* Between two tries. */
void relaytest_rest(const struct relaytest *run);

#endif

/* message/received.c - see received.h. The line is cut into items once; the clauses "from", "by", "via", "with", "id", "for" are read in
 * any order; what stands in the from clause is told apart by the shapes that servers give it (table in read_client). */
#include "message/received.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "message/received_items.h"

enum clause { CLAUSE_NONE, CLAUSE_FROM, CLAUSE_BY, CLAUSE_VIA, CLAUSE_WITH, CLAUSE_ID, CLAUSE_FOR };

/* What the pieces of the from clause say, before it is decided which of them is the greeting and which the proven name. */
struct client {
	struct span name;         /* first word */
	struct span helo;         /* said to be the greeting: "(HELO x)", "helo=x", "claiming to be x" */
	struct span comment_name; /* "(name [ip])" */
	struct span comment_word; /* "(name)" without address: Exim 3's greeting */
	bool has_helo, literal_name, bare_ip, inner_blank, has_port, glued, verified, bracketed, account;
};

struct line {
	struct span text;
	struct received *r;
	struct client client;
	struct received_items items;
	uint32_t from_begin, from_end; /* items of the from clause */
	struct span via, product;      /* product: first comment after by */
	bool http, webmail, exim, ecelerity, scalix, communigate, local;
	bool has_from;
};

static bool is_unknown(struct span name)
{
	return span_ieq(name, SPAN("unknown")) || span_ieq(name, SPAN("softdnserr")) || span_ieq(name, SPAN("unverified")) ||
	       span_ieq(name, SPAN("UnknownHost"));
}

static struct span first_word(struct span s)
{
	s = span_trim(s);
	size_t n = 0;
	while (n < s.n && !ascii_is_space(s.p[n]) && s.p[n] != ',')
		n++;
	return span_first(s, n);
}

static struct span strip_angles(struct span s)
{
	while (s.n && (s.p[0] == '<' || s.p[0] == '('))
		s = span_skip(s, 1);
	while (s.n && (s.p[s.n - 1] == '>' || s.p[s.n - 1] == ')'))
		s.n--;
	return s;
}

/* The word after key in text, "" when nothing follows; span_none when key is not there at the start of a word. */
static struct span after(struct span text, struct span key)
{
	size_t at = span_ifind(text, key, 0);
	if (at == SPAN_NPOS || (at > 0 && ascii_is_alnum(text.p[at - 1])))
		return span_none;
	return first_word(span_skip(text, at + key.n));
}

static bool protocol_has_auth(struct span word)
{
	static const struct span words[] = {
		SPAN_INIT("ESMTPA"),    SPAN_INIT("ESMTPSA"),    SPAN_INIT("LMTPA"),     SPAN_INIT("LMTPSA"),
		SPAN_INIT("UTF8SMTPA"), SPAN_INIT("UTF8SMTPSA"), SPAN_INIT("UTF8LMTPA"), SPAN_INIT("UTF8LMTPSA"),
		SPAN_INIT("ASMTP"),     SPAN_INIT("HTTP"),       SPAN_INIT("HTTPU"),
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_ieq(word, words[i]))
			return true;
	return false;
}

/* Marks of encryption, authentication and envelope that may stand in any comment of the line. */
static void read_marks(struct line *l, struct span comment)
{
	struct received *r = l->r;
	struct span word;
	if (comment.n == 0)
		return;
	if (span_ihas(comment, SPAN("TLS")) || span_ihas(comment, SPAN("SSL")) || span_ihas(comment, SPAN("cipher")) ||
	    span_iends(comment, SPAN("encrypted")))
		r->tls = true;
	switch (comment.p[0] | 0x20) {
	case 'a':
		if (span_istarts(comment, SPAN("authenticated sender")))
			r->auth = SPAN("Postfix");
		else if (span_istarts(comment, SPAN("authenticated as")))
			r->auth = SPAN("CriticalPath");
		else if (span_istarts(comment, SPAN("authenticated")))
			r->auth = SPAN("Sendmail");
		else if (span_istarts(comment, SPAN("AUTH:")))
			r->auth = first_word(span_skip(comment, 5));
		break;
	case 's':
	case 'n':
		if (span_istarts(comment, SPAN("SquirrelMail")) || span_istarts(comment, SPAN("NaSMail")))
			l->webmail = true;
		break;
	case 'v':
		if (span_ieq(comment, SPAN("via HTTP")))
			l->http = true;
		break;
	case 'e':
		if ((word = after(comment, SPAN("envelope-from"))).p || (word = after(comment, SPAN("envelope-sender"))).p)
			r->envelope_from = strip_angles(word);
		break;
	}
}

/* "(...)" of the from clause: "name [ip] remarks", "ident@ip", "ip:port", "HELO name", "[ip] helo=name", "port=5 helo=name", "account x
 * HELO y". */
static void read_client_comment(struct line *l, const struct received_item *item)
{
	struct client *c = &l->client;
	struct received *r = l->r;
	struct span text = item->text, value, ident = span_none;
	if (span_istarts(text, SPAN("HELO")) || span_istarts(text, SPAN("EHLO")) || span_istarts(text, SPAN("LHLO"))) {
		if (text.n == 4 || ascii_is_space(text.p[4])) {
			c->helo = first_word(span_skip(text, 4));
			c->has_helo = true;
			return;
		}
	}
	if (span_istarts(text, SPAN("account "))) {
		c->account = true;
		if ((value = after(text, SPAN("HELO "))).p) {
			c->helo = value;
			c->has_helo = true;
		}
		return;
	}
	bool quoted = span_find_byte(text, '"', 0) != SPAN_NPOS;
	if ((value = after(text, SPAN("helo="))).p || (quoted && (value = after(text, SPAN("\"HELO "))).p) ||
	    (quoted && (value = after(text, SPAN("\"EHLO "))).p)) {
		c->helo =
		    span_first(value, span_find_byte(value, '"', 0)); /* ZMailer: "name ([ip]:port \"EHLO x\" rhost-flags-OK-OK-OK-OK)" */
		c->has_helo = true;
	}
	size_t open = span_find_byte(text, '[', 0);
	if (open != SPAN_NPOS && (open == 0 || text.p[open - 1] != '=')) {
		if (!r->has_ip && received_address(span_skip(text, open), &r->ip, &r->ip_text)) {
			r->has_ip = c->bracketed = true;
			struct span name = first_word(span_first(text, open));
			size_t at = span_rfind_byte(name, '@');
			if (at != SPAN_NPOS) {
				ident = span_first(name, at);
				name = span_skip(name, at + 1);
			}
			c->comment_name = is_unknown(name) ? span_none : name;
			c->verified = span_ihas(text, SPAN(" verified"));
		}
	} else if (!r->has_ip) {
		struct span word = first_word(text);
		size_t at = span_rfind_byte(word, '@');
		if (received_address(at == SPAN_NPOS ? word : span_skip(word, at + 1), &r->ip, &r->ip_text)) {
			r->has_ip = c->bare_ip = true;
			c->glued = item->glued;
			c->has_port = word.n > (at == SPAN_NPOS ? 0 : at + 1) + r->ip_text.n;
			c->inner_blank = span_at(l->text, item->from + 1) == ' ';
			if (at != SPAN_NPOS)
				ident = span_first(word, at);
		} else if (!c->has_helo && c->comment_word.p == NULL) {
			c->comment_word = word;
		}
	}
	if (ident.p) {
		size_t colon = span_find_byte(ident, ':', 0); /* "IDENT:user" */
		r->ident = colon == SPAN_NPOS ? ident : span_skip(ident, colon + 1);
	}
}

static void read_from_clause(struct line *l)
{
	struct client *c = &l->client;
	struct received *r = l->r;
	bool claiming = false;
	for (uint32_t i = l->from_begin; i < l->from_end; i++) {
		const struct received_item *item = &l->items.v[i];
		struct ip ip;
		struct span text;
		switch (item->kind) {
		case ITEM_COMMENT: read_client_comment(l, item); break;
		case ITEM_BRACKET:
			if (received_address(item->text, &ip, &text) && !r->has_ip) {
				r->ip = ip;
				r->ip_text = text;
				r->has_ip = true;
				c->bracketed = true;
			}
			if (i == l->from_begin) {
				c->name = item->text;
				c->literal_name = true;
				if (r->has_ip) /* a later comment may know better: "[192.168.1.3] (name [real])" */
					r->has_ip = false;
			}
			break;
		case ITEM_QUOTED:
			if (claiming) {
				c->helo = item->text;
				c->has_helo = true;
			}
			break;
		case ITEM_WORD:
			if (i == l->from_begin)
				c->name = item->text;
			else if (received_item_is(item, SPAN("be")))
				claiming = true;
			else if (span_ieq(c->name, SPAN("mail")) && received_item_is(item, SPAN("pickup")))
				l->local = true;
			break;
		default: break;
		}
	}
	/* "from 192.0.2.1 by ..." and "from [192.0.2.1] by ...": the name is the address. */
	if (!r->has_ip && received_address(c->name, &r->ip, &r->ip_text)) {
		r->has_ip = true;
		c->literal_name = true;
	}
}

/* Which of the pieces is the greeting, which the name that reverse DNS gave? Every writer has its own way. */
static void settle_names(struct line *l)
{
	struct client *c = &l->client;
	struct received *r = l->r;
	struct ip ip;
	struct span text;
	bool name_is_address = received_address(c->name, &ip, &text);
	if (c->has_helo) {
		r->helo = c->helo;
		if (!(name_is_address && (c->literal_name || c->bracketed)) && !is_unknown(c->name))
			r->rdns = c->name; /* Exim, qmail, CommuniGate; Yahoo writes the bare address there */
		if (span_ieq(l->r->by, SPAN("localhost")) && name_is_address)
			r->rdns = span_none;
	} else if (l->http || l->webmail || l->communigate) {
		if (c->verified)
			r->rdns = r->helo = c->name; /* CommuniGate: "name ([ip] verified)" */
		else if (l->communigate && !name_is_address && !c->account)
			r->helo = c->name;
	} else if (c->glued) {
		r->rdns = c->name; /* Obtuse smtpd: "name(ip) via SMTP" */
	} else if (c->comment_name.p && c->comment_name.n) {
		r->rdns = c->comment_name; /* Postfix, Sendmail: "helo (name [ip])" */
		r->helo = c->name;
	} else if (c->comment_word.p && l->exim && c->bracketed) {
		r->rdns = c->name; /* Exim 3: "name (helo) [ip]" */
		r->helo = c->comment_word;
	} else if (c->literal_name && c->bare_ip) {
		r->helo = c->name;
	} else if (l->ecelerity && name_is_address) {
		r->helo = span_none;
	} else if (c->bare_ip && !c->inner_blank && !l->scalix && r->writer != RECEIVED_BY_EXCHANGE && !name_is_address && !c->has_port) {
		r->rdns = r->helo = c->name; /* qmail, CriticalPath: "name (ip)" when greeting and name agree */
	} else if (l->exim && c->bracketed && !name_is_address) {
		r->rdns = r->helo = c->name; /* Exim: "name ([ip])" when they agree */
	} else if (c->literal_name && !c->bracketed && c->name.n && c->name.p[0] != '[') {
		r->helo = span_none; /* "from 192.0.2.1 by": nothing but the address */
	} else {
		r->helo = c->name;
	}
	if (is_unknown(r->rdns))
		r->rdns = span_none;
}

/* Which server wrote the line, by the words only it uses. */
static const struct {
	struct span mark; /* the product comment or the with clause begins with it */
	enum received_writer writer;
} writers[] = {
	{ SPAN_INIT("Postfix"), RECEIVED_BY_POSTFIX },
	{ SPAN_INIT("Exim"), RECEIVED_BY_EXIM },
	{ SPAN_INIT("Microsoft SMTP"), RECEIVED_BY_EXCHANGE },
	{ SPAN_INIT("Microsoft Exchange"), RECEIVED_BY_EXCHANGE },
	{ SPAN_INIT("mapi"), RECEIVED_BY_EXCHANGE },
	{ SPAN_INIT("Lotus"), RECEIVED_BY_LOTUS },
	{ SPAN_INIT("IBM Domino"), RECEIVED_BY_LOTUS },
	{ SPAN_INIT("HCL Domino"), RECEIVED_BY_LOTUS },
	{ SPAN_INIT("CommuniGate"), RECEIVED_BY_COMMUNIGATE },
	{ SPAN_INIT("fetchmail"), RECEIVED_BY_FETCHMAIL },
	{ SPAN_INIT("qmail"), RECEIVED_BY_QMAIL },
	{ SPAN_INIT("ecelerity"), RECEIVED_BY_OTHER },
	{ SPAN_INIT("Scalix"), RECEIVED_BY_OTHER },
	{ SPAN_INIT("Internet Mail Service"), RECEIVED_BY_EXCHANGE },
};

static void note_writer(struct line *l, struct span mark)
{
	int first = ascii_lower((uint8_t)span_at(mark, 0));
	for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
		if (ascii_lower(writers[i].mark.p[0]) == first && span_istarts(mark, writers[i].mark)) {
			if (l->r->writer == RECEIVED_BY_UNKNOWN)
				l->r->writer = writers[i].writer;
			l->ecelerity |= span_istarts(mark, SPAN("ecelerity"));
			l->scalix |= span_istarts(mark, SPAN("Scalix"));
			return;
		}
	}
	/* "8.14.3/8.14.3", "8.12.11/8.12.11/Debian-5": sendmail's version and that of its configuration. */
	if (l->r->writer == RECEIVED_BY_UNKNOWN && mark.n >= 7 && mark.p[0] == '8' && mark.p[1] == '.' && ascii_is_digit(mark.p[2]) &&
	    span_find_byte(mark, '/', 0) != SPAN_NPOS)
		l->r->writer = RECEIVED_BY_SENDMAIL;
}

static enum clause clause_of(const struct received_item *item)
{
	uint32_t letters = 0;
	if (item->kind != ITEM_WORD || item->text.n > 4)
		return CLAUSE_NONE;
	for (size_t i = 0; i < item->text.n; i++)
		letters = letters << 8 | item->text.p[i] | 0x20; /* small: nothing but the capital becomes a small letter so */
	switch (letters) {
	case 'b' << 8 | 'y': return CLAUSE_BY;
	case 'v' << 16 | 'i' << 8 | 'a': return CLAUSE_VIA;
	case 'w' << 24 | 'i' << 16 | 't' << 8 | 'h': return CLAUSE_WITH;
	case 'i' << 8 | 'd': return CLAUSE_ID;
	case 'f' << 16 | 'o' << 8 | 'r': return CLAUSE_FOR;
	case 'f' << 24 | 'r' << 16 | 'o' << 8 | 'm': return CLAUSE_FROM;
	default: return CLAUSE_NONE;
	}
}

/* Values of the clauses after the from clause. */
static void read_value(struct line *l, enum clause clause, const struct received_item *item)
{
	struct received *r = l->r;
	struct span text = item->text;
	switch (clause) {
	case CLAUSE_BY:
		if (!r->by.p) {
			r->by = text;
			struct span address;
			if (received_address(text, &r->by_ip, &address))
				r->has_by_ip = true;
		}
		break;
	case CLAUSE_VIA:
		if (!l->via.p)
			l->via = text;
		break;
	case CLAUSE_WITH: /* "Microsoft SMTP Server", "MailEnable ESMTP", "[XMail 1.20 ESMTP Server]" */
		if (!r->with.p)
			r->with = text;
		else if (text.p > r->with.p && item->kind == ITEM_WORD)
			r->with.n = (size_t)(text.p + text.n - r->with.p);
		if (protocol_has_auth(text) && !r->auth.p)
			r->auth = text;
		break;
	case CLAUSE_ID:
		if (!r->id.p)
			r->id = strip_angles(text);
		break;
	case CLAUSE_FOR:
		if (!r->recipient.p && item->kind != ITEM_SEMICOLON)
			r->recipient = strip_angles(text);
		break;
	case CLAUSE_FROM:
		if (!r->envelope_from.p) /* XMail: "for <a> from <b>" */
			r->envelope_from = strip_angles(text);
		break;
	case CLAUSE_NONE: break;
	}
}

static void read_clauses(struct line *l, uint32_t i)
{
	struct received *r = l->r;
	enum clause clause = CLAUSE_NONE;
	for (; i < l->items.n; i++) {
		const struct received_item *item = &l->items.v[i];
		enum clause next = clause_of(item);
		if (next != CLAUSE_NONE) {
			clause = next;
		} else if (item->kind == ITEM_COMMENT) {
			struct ip ip;
			struct span text;
			if (r->by.p && !l->product.p && !r->has_by_ip && received_address(first_word(item->text), &ip, &text)) {
				r->by_ip = ip;
				r->has_by_ip = true;
			}
			if (!l->product.p && r->by.p)
				l->product = item->text;
			note_writer(l, item->text);
		} else if (item->kind == ITEM_SEMICOLON) {
			clause = CLAUSE_NONE;
		} else {
			read_value(l, clause, item);
			if (clause != CLAUSE_WITH)
				clause = clause == CLAUSE_BY && !r->by.p ? CLAUSE_BY : CLAUSE_NONE;
		}
	}
}

/* The date stands after the last semicolon; some servers write "id" or comments behind it. */
static void read_time(struct line *l)
{
	uint32_t last = UINT32_MAX;
	for (uint32_t i = 0; i < l->items.n; i++)
		if (l->items.v[i].kind == ITEM_SEMICOLON)
			last = i;
	size_t from = last == UINT32_MAX ? SPAN_NPOS : l->items.v[last].to, to = l->text.n;
	if (l->items.n == RECEIVED_ITEMS || from == SPAN_NPOS) {
		size_t semicolon = span_rfind_byte(l->text, ';');
		if (semicolon == SPAN_NPOS)
			return;
		from = semicolon + 1;
	}
	for (uint32_t i = last == UINT32_MAX ? l->items.n : last; i < l->items.n; i++)
		if (clause_of(&l->items.v[i]) != CLAUSE_NONE && l->items.v[i].from < to)
			to = l->items.v[i].from;
	l->r->has_time = date_parse(span_slice(l->text, from, to), &l->r->time);
}

/* Hand-overs that are none: a pick-up, a scanner, a mailbox fetched. */
static bool hands_over(const struct line *l)
{
	const struct received *r = l->r;
	return r->has_ip && !l->local && r->writer != RECEIVED_BY_FETCHMAIL && !span_istarts(r->with, SPAN("qmail-scanner")) &&
	       !span_ieq(r->with, SPAN("POP3")) && !span_ieq(r->with, SPAN("IMAP"));
}

static void settle(struct line *l)
{
	struct received *r = l->r;
	note_writer(l, r->with);
	l->exim = r->writer == RECEIVED_BY_EXIM;
	l->communigate = r->writer == RECEIVED_BY_COMMUNIGATE;
	l->http |= span_ieq(r->with, SPAN("HTTP")) || span_ieq(r->with, SPAN("HTTPU")) || span_ieq(l->via, SPAN("HTTP"));
	if (l->http && r->with.p == NULL)
		r->auth = SPAN("HTTP");
	if (r->writer == RECEIVED_BY_UNKNOWN) {
		if (l->webmail || l->http)
			r->writer = RECEIVED_BY_WEBMAIL;
		else if (span_iends(r->by, SPAN(".google.com")))
			r->writer = RECEIVED_BY_GMAIL;
	}
	if (r->with.n >= 5 && (span_iends(r->with, SPAN("MTPS")) || span_iends(r->with, SPAN("MTPSA"))))
		r->tls = true;
}

/* GMX marks its submission servers' lines only by "(EHLO name) [ip]" and the "mp" of the machine. */
static void read_gmx(struct line *l)
{
	struct received *r = l->r;
	if (span_ieq(r->with, SPAN("SMTP")) && l->client.has_helo && span_istarts(l->product, SPAN("mp0")) &&
	    span_istarts(r->by, SPAN("mail.gmx.")))
		r->auth = SPAN("GMX");
}

static void parse_from(struct line *l, struct span text)
{
	uint32_t i = 1;
	l->has_from = true;
	l->from_begin = 1;
	for (; i < l->items.n; i++) {
		enum clause clause = clause_of(&l->items.v[i]);
		if (clause == CLAUSE_BY || clause == CLAUSE_VIA || clause == CLAUSE_WITH)
			break;
	}
	l->from_end = i;
	if (i > 1)
		l->r->from_clause = span_slice(text, l->items.v[1].from, l->items.v[i - 1].to);
	read_clauses(l, i);
	settle(l);
	read_from_clause(l);
	read_gmx(l);
	settle_names(l);
	l->r->class = hands_over(l) ? RECEIVED_RELAY : RECEIVED_IGNORE;
}

void received_parse(struct span text, struct arena *arena, struct received *ret)
{
	(void)arena;
	memset(ret, 0, sizeof *ret);
	ret->class = RECEIVED_UNPARSEABLE;
	text = span_trim(span_first(text, LIMIT_RECEIVED_BYTES));
	if (span_istarts(text, SPAN("Received:")))
		text = span_trim(span_skip(text, 9));
	struct line l;
	memset(&l, 0, offsetof(struct line, items));
	l.text = text;
	l.r = ret;
	l.from_begin = l.from_end = 0;
	l.via = l.product = span_none;
	l.http = l.webmail = l.exim = l.ecelerity = l.scalix = l.communigate = l.local = l.has_from = false;
	received_items_cut(text, &l.items);
	if (l.items.n == 0)
		return;
	const struct received_item *first = &l.items.v[0];
	for (uint32_t i = 0; i < l.items.n; i++)
		if (l.items.v[i].kind == ITEM_COMMENT)
			read_marks(&l, l.items.v[i].text);

	if (clause_of(first) == CLAUSE_FROM) {
		parse_from(&l, text);
	} else if (first->kind == ITEM_COMMENT && span_istarts(first->text, SPAN("from "))) {
		/* NAVGW: "(from NAME [192.0.2.1]) by ..."; sendmail: "(from user@localhost) by ..." */
		struct received_item inner = *first;
		inner.text = span_trim(span_skip(first->text, 5));
		ret->from_clause = inner.text;
		read_clauses(&l, 1);
		settle(&l);
		read_client_comment(&l, &inner);
		ret->helo = l.client.comment_name;
		ret->class = hands_over(&l) ? RECEIVED_RELAY : RECEIVED_IGNORE;
	} else if (clause_of(first) == CLAUSE_BY || (first->kind == ITEM_COMMENT && span_istarts(first->text, SPAN("qmail ")))) {
		read_clauses(&l, 0);
		settle(&l);
		if (first->kind == ITEM_COMMENT)
			ret->writer = RECEIVED_BY_QMAIL;
		ret->class = RECEIVED_IGNORE;
	} else {
		return;
	}
	read_time(&l);
}

const char *received_class_name(enum received_class class)
{
	return class == RECEIVED_RELAY ? "relay" : class == RECEIVED_IGNORE ? "ignore" : "unparseable";
}

const char *received_writer_name(enum received_writer writer)
{
	static const char *const names[] = {
		[RECEIVED_BY_UNKNOWN] = "unknown",     [RECEIVED_BY_POSTFIX] = "Postfix",    [RECEIVED_BY_SENDMAIL] = "Sendmail",
		[RECEIVED_BY_EXIM] = "Exim",           [RECEIVED_BY_QMAIL] = "qmail",        [RECEIVED_BY_EXCHANGE] = "Exchange",
		[RECEIVED_BY_GMAIL] = "Gmail",         [RECEIVED_BY_LOTUS] = "Lotus Domino", [RECEIVED_BY_COMMUNIGATE] = "CommuniGate Pro",
		[RECEIVED_BY_FETCHMAIL] = "fetchmail", [RECEIVED_BY_WEBMAIL] = "webmail",    [RECEIVED_BY_OTHER] = "other",
	};
	return names[writer];
}

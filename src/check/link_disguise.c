/* check/link_disguise.c - links whose host is written so that a reader or a filter does not know it.
 *
 * Browsers accept http://3221226219/, http://bank.example@203.0.113.5/, http://%65xample.com/ and http:\\example.com; people do not read
 * them. Rests on the flags of message/url.h. Each way is said once a message. */
#include "base/ascii.h"
#include "check/link_target.h"
#include "message/unicode.h"

enum { NUMBER, ADDRESS, ADDRESS_LIST, USERINFO_HOST, USERINFO, MIXED, PERCENT, BACKSLASH, PORT, SCRIPT, DATA, OBFUSCATED, ENCODED_PATH };
static const struct evidence_def defs[] = {
	[NUMBER] = { "link.number", GROUP_LINK, 3000, 0, "A link hides its address in a number: {1}, which is {2}",
		     "No program writes addresses as one number, in octal or in hex; people who do mean to hide them." },
	[ADDRESS] = { "link.bare_address", GROUP_LINK, 800, 0, "A link goes to a machine without a name: {2}",
		      "Companies have names. Test servers and appliances of small firms have none." },
	[ADDRESS_LIST] = { "link.bare_address_list", GROUP_LINK, 200, 0,
			   "A link goes to a machine without a name, in mail of a mailing list: {2}",
			   "Technical lists paste what they talk about." },
	[USERINFO_HOST] = { "link.fake_host", GROUP_LINK, 3500, 0,
			    "A link begins like {1} but what stands before the @ is ignored: it goes to {2}",
			    "A host in front of an @ is made to be misread; nothing else has a dot there but an e-mail address as user "
			    "name." },
	[USERINFO] = { "link.userinfo", GROUP_LINK, 400, 0,
		       "A link carries a user name, {1}, which browsers ignore or warn of; it goes to {2}",
		       "Links with a password in them are found in intranets." },
	[MIXED] = { "link.mixed_script", GROUP_LINK, 3000, 0, "A link's host mixes alphabets so that it looks like another: {1}",
		    "Registries forbid it in most places; nobody needs Cyrillic and Latin letters in one word." },
	[PERCENT] = { "link.host_encoded", GROUP_LINK, 2500, 0, "A link's host is percent-encoded: {1} is {2}",
		      "Hosts need no encoding; only hiding does. Broken templates leave some." },
	[BACKSLASH] = { "link.backslash", GROUP_LINK, 600, 0,
			"A link is written with backslashes, which filters read differently from browsers: {1}",
			"Authors on Windows mistype them, too." },
	[PORT] = { "link.port", GROUP_LINK, 300, 0, "A link goes to an unusual port: {1}",
		   "Web servers for the public use the standard ports; taken-over machines cannot always." },
	[SCRIPT] = { "link.script", GROUP_LINK, 400, 0, "A link is a script, not an address: {1}",
		     "Mail programs do not run them; left over from web pages as a rule." },
	[DATA] = { "link.data", GROUP_LINK, 2500, 0, "A link carries a whole page in itself: {1}",
		   "A data: page has no host that anybody could look up; browsers block most by now." },
	[OBFUSCATED] = { "link.obfuscated", GROUP_LINK, 750, 0, "A link is written so that only a person can follow it: {1}",
			 "Spam evades filters that way; people who warn of spam do the same, so not more." },
	[ENCODED_PATH] = { "link.encoded_letters", GROUP_LINK, 450, 0, "Plain letters in a link are percent-encoded: {1}",
			   "Needless encoding hides words from filters. Sloppy generators encode everything." },
};

enum { ENCODED_LETTERS_LEAST = 4 };

static bool usual_port(int port)
{
	return port == 80 || port == 443 || port == 8080 || port == 8443 || port == 8000 || port == 8888 || port == 3000;
}

static bool mixes_alphabets(const struct link *link, struct arena *arena)
{
	if (!(link->url.flags & URL_PUNYCODE))
		return false;
	struct unicode_facts facts = unicode_examine(url_domain_to_unicode(link->url.host, arena));
	return facts.mixed_words > 0;
}

/* Letters and digits that need no encoding; addresses encoded as a whole inside a parameter are the redirector's doing. */
static unsigned needless_escapes(struct span path)
{
	unsigned n = 0;
	for (size_t at = 0; (at = span_find_byte(path, '%', at)) != SPAN_NPOS; at++) {
		int high = ascii_hex(span_at(path, at + 1)), low = ascii_hex(span_at(path, at + 2));
		n += high >= 0 && low >= 0 && ascii_is_alnum(high << 4 | low);
	}
	return n;
}

static void judge_host(const struct check_view *view, const struct link *link, bool *wanted)
{
	const struct url *url = &link->url;
	bool address = (url->host_kind == URL_HOST_IPV4 || url->host_kind == URL_HOST_IPV6) && !ip_is_private(&url->ip);
	bool named_user =
	    memchr(url->username.p ? url->username.p : (const uint8_t *)"", '.', url->username.n) && !span_ihas(url->username, SPAN("%40"));
	wanted[NUMBER] = url->flags & URL_NUMERIC_ODD;
	wanted[ADDRESS] = address && !wanted[NUMBER] && !view->sender.list;
	wanted[ADDRESS_LIST] = address && !wanted[NUMBER] && view->sender.list;
	wanted[USERINFO_HOST] = url->flags & URL_USERINFO && named_user && !span_eq(url->scheme, SPAN("ftp"));
	wanted[USERINFO] = url->flags & URL_USERINFO && !named_user && url->username.n && !span_eq(url->scheme, SPAN("ftp"));
	wanted[MIXED] = mixes_alphabets(link, view->arena);
	wanted[PERCENT] = url->flags & URL_HOST_PERCENT;
	wanted[BACKSLASH] = url->flags & URL_BACKSLASH && link->kind == LINK_ATTRIBUTE;
	wanted[PORT] = url->flags & URL_ODD_PORT && !usual_port(url->port) && !ip_is_private(&url->ip) && !view->sender.list;
	wanted[OBFUSCATED] = link->kind == LINK_OBFUSCATED && !view->sender.list;
	wanted[ENCODED_PATH] = url->flags & URL_PATH_PERCENT_PLAIN && needless_escapes(url->path) >= ENCODED_LETTERS_LEAST;
}

static void judge(const struct check_view *view, const struct link *link, struct link_findings *findings)
{
	bool wanted[sizeof defs / sizeof *defs] = { false };
	if (link->flags & (LINK_IMAGE | LINK_BROKEN | LINK_MAILTO))
		return;
	if (link_has_host(link))
		judge_host(view, link, wanted);
	wanted[SCRIPT] = span_eq(link->url.scheme, SPAN("javascript")) || span_eq(link->url.scheme, SPAN("vbscript"));
	wanted[DATA] = span_eq(link->url.scheme, SPAN("data"));
	for (int kind = 0; kind < (int)(sizeof defs / sizeof *defs); kind++) {
		struct span detail = kind == USERINFO_HOST || kind == USERINFO ? link->url.username : link->raw;
		if (wanted[kind])
			link_findings_add(findings, link, (struct link_finding){ kind, detail, link->url.host });
	}
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct links *links = &view->content->links;
	struct link_findings findings = { defs, set, 0 };
	for (uint32_t i = 0; i < links->list.n && !view->path->outgoing; i++)
		judge(view, &links->list.v[i], &findings);
}

const struct check check_link_disguise = {
	.name = "link_disguise",
	.purpose = "Is the host of a link written so that a reader does not know it?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};

/* check/borrowed_role.c - an office of my own house (administrator, helpdesk, mail delivery ...) spoken for by a machine that is not mine.
 *
 * Three shapes: an own address that is an office (admin@mine), a foreign address whose shown name is an office of my domain ("mine.org
 * administrator <admin@bad>"), and a foreign address that calls itself the mail or computer service without saying whose. Roles are in
 * roles.def, in some 25 languages. Silent on outgoing mail and on clients with an own name: a real notice of one's own administrator.
 * Example: From: "administrator" <administrator@clientsite.co.nz> by a dial-up machine. */
#include <pthread.h>

#include "base/ascii.h"
#include "check/check.h"
#include "check/phrases.h"

enum { OWN, OWN_OFFICE, OWN_LIKELY, NAMED, NAMED_LIKELY, MAIL_SERVICE };
static const struct evidence_def defs[] = {
	[OWN] = { "role.own", GROUP_IDENTITY, 2000, 0, "It speaks as {1} of your own domain, but a machine that is not yours brought it",
		  "Who runs the machines is obeyed and therefore borrowed, and does not write from outside: with own_domain.from it "
		  "reaches quarantine. A house "
		  "whose mail is run by somebody else sets trusted_networks." },
	[OWN_OFFICE] = { "role.own_office", GROUP_IDENTITY, 750, 0,
			 "It speaks as {1} of your own domain, but a machine that is not yours brought it",
			 "Support, accounts and personnel also write through services of others that send in your name." },
	[OWN_LIKELY] = { "role.own_likely", GROUP_IDENTITY, 800, 0,
			 "It speaks as {1} of the recipient's own domain, but a machine outside brought it",
			 "As role.own, with the domain inferred from the recipient, or brought by a list or back from outside." },
	[NAMED] = { "role.named", GROUP_IDENTITY, 2500, 0, "It shows the name {1}, an office of your own domain, but its address is {2}",
		    "An honest outside help desk that names your domain exists; it can be added to local_domains." },
	[NAMED_LIKELY] = { "role.named_likely", GROUP_IDENTITY, 1700, 0,
			   "It shows the name {1}, an office of the recipient's domain, but its address is {2}",
			   "As role.named, with the domain inferred from the recipient." },
	[MAIL_SERVICE] = { "role.mail_service", GROUP_IDENTITY, 700, 0,
			   "It calls itself {1}, as your own mail service would, but its address is {2}",
			   "A provider's own notices say whose service they are; some do not." },
};

enum role_kind { OFFICE, SYSTEM };
static const struct {
	enum role_kind kind;
	struct span phrases;
} roles[] = {
#define ROLE(kind, phrases) { kind, SPAN_INIT(phrases) },
#include "check/roles.def"
#undef ROLE
};

/* Offices that only one's own house or provider has, whole display names. */
static const struct span mail_service =
    SPAN_INIT("mail administrator|email administrator|e mail administrator|mail admin|email admin|webmail|webmail admin|webmail "
	      "administrator|webmail support|mail server|email server|"
	      "email server administrator|mail server administrator|mail system|mail system administrator|mail support|email support|mail "
	      "security|email security|"
	      "mail delivery|mail delivery system|mail delivery subsystem|mail service|mail team|email team|it helpdesk|it help desk|it "
	      "service desk|it support|it department|it desk|"
	      "system administrator|server administrator|admin support|quota warning|mailbox quota|mailbox|server "
	      "admin|systemadministrator|administrateur système|"
	      "administrador del sistema|administrador do sistema|amministratore di sistema|системный администратор|системний "
	      "адміністратор|sistem yöneticisi|"
	      "系统管理员|邮件管理员|邮箱管理员|システム管理者|メール管理者|시스템 관리자|메일 관리자|مسؤول النظام");

static struct phrase_table role_table, service_table;

static void build(void)
{
	struct arena arena;
	arena_init(&arena);
	for (uint16_t i = 0; i < sizeof roles / sizeof *roles; i++)
		phrase_table_add(&role_table, roles[i].phrases, (uint16_t)roles[i].kind, &arena);
	phrase_table_add(&service_table, mail_service, 0, &arena);
	arena_release(&arena);
}

/* Is every word of a local part or shown name of a role ("it-support", "Administrator2")? Digits at the end do not count. */
static bool is_role(struct span text, struct arena *arena, enum role_kind *ret_kind)
{
	struct phrase_hits hits;
	enum role_kind kind = OFFICE;
	uint32_t words = 0;
	while (text.n && ascii_is_digit(text.p[text.n - 1]))
		text.n--;
	phrases_find(&role_table, text, true, arena, &hits);
	for (uint32_t i = 0; i < hits.n; i++) {
		words += hits.v[i].words;
		if (hits.v[i].id == SYSTEM)
			kind = SYSTEM;
	}
	if (!words || words != hits.words)
		return false;
	*ret_kind = kind;
	return true;
}

static bool has_role(struct span text, struct arena *arena)
{
	struct phrase_hits hits;
	phrases_find(&role_table, text, true, arena, &hits);
	return hits.n > 0;
}

/* A word begins or ends here: no letter, digit or byte of a character beyond ASCII beside it. */
static bool stands_alone(struct span text, size_t from, size_t n)
{
	int before = from ? text.p[from - 1] : ' ', after = span_at(text, from + n);
	return !ascii_is_alnum(before) && before < 0x80 && !ascii_is_alnum(after) && after < 0x80;
}

/* The shown name holds an own domain, or its first label when that has four letters or more. */
static bool names_own_domain(const struct check_view *view, struct span text)
{
	for (uint32_t i = 0; i < view->own.domains.n; i++) {
		struct span domain = view->own.domains.v[i], label = span_first(domain, span_find_byte(domain, '.', 0));
		size_t at = label.n >= 4 && label.n <= 64 ? span_ifind(text, label, 0) : SPAN_NPOS;
		if (at != SPAN_NPOS && stands_alone(text, at, label.n))
			return true;
	}
	return false;
}

static void judge_foreign(const struct check_view *view, struct evidence_set *set)
{
	const struct address *from = view->sender.from;
	struct phrase_hits hits;
	struct span address = from->spec.n ? from->spec : SPAN("none");
	if (!from->display.n)
		return;
	if (view->own.domains.n && names_own_domain(view, from->display) && has_role(from->display, view->arena)) {
		evidence_at(evidence_add(set, &defs[view->own.certain ? NAMED : NAMED_LIKELY], from->display, address, span_none),
			    from->at);
		return;
	}
	phrases_find(&service_table, from->display, false, view->arena, &hits);
	if (hits.n == 1 && hits.v[0].words == hits.words && !view->sender.list)
		evidence_at(evidence_add(set, &defs[MAIL_SERVICE], from->display, address, span_none), from->at);
}

static void judge_own(const struct check_view *view, struct evidence_set *set)
{
	const struct address *from = view->sender.from;
	enum role_kind local = OFFICE, shown = OFFICE;
	bool by_local = is_role(from->local, view->arena, &local), by_name = from->display.n && is_role(from->display, view->arena, &shown);
	if (!by_local && !by_name)
		return;
	bool brought_back = view->sender.list || check_came_back(view); /* a colleague's mail through a list or forwarder */
	int kind = !view->own.certain || brought_back ? OWN_LIKELY : local == SYSTEM || shown == SYSTEM ? OWN : OWN_OFFICE;
	evidence_at(evidence_add(set, &defs[kind], from->display.n ? from->display : from->spec, span_none, span_none), from->at);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct sender *s = &view->sender;
	if (!s->outside || !s->from || (s->client_name.n && check_is_own(&view->own, s->client_name)))
		return;
	pthread_once(&once, build);
	if (!s->from->domain.n || !check_is_own(&view->own, s->from->domain))
		judge_foreign(view, set);
	else
		judge_own(view, set);
}

const struct check check_borrowed_role = {
	.name = "borrowed_role",
	.purpose = "Does somebody outside speak as an office of your own house?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};

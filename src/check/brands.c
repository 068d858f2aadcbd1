/* check/brands.c - see brands.h */
#include "check/brands.h"

#include "check/word_map.h"
#include "message/url.h"
#include <pthread.h>

static const struct brand brands[] = {
#define BRAND(title, flags, names, domains) { SPAN_INIT(title), flags, SPAN_INIT(names), SPAN_INIT(domains) },
#include "check/brands.def"
#undef BRAND
};
enum { BRANDS = sizeof brands / sizeof *brands };
_Static_assert(BRANDS <= 300, "brands.def holds what is borrowed, not what exists");

/* Words that stand beside a brand in honest and borrowed names alike. Sorted by language; every one is a phrase of the same table. */
static const struct span service_words = SPAN_INIT(
    "account|accounts|admin|administrator|alert|alerts|app|assistance|auth|authentication|bank|banking|bill|billing|business|care|card|"
    "cards|center|"
    "centre|claim|claims|club|co|com|communications|company|confirm|confirmation|contact|corp|corporation|customer|customers|delivery|"
    "department|dept|desk|"
    "digital|email|express|financial|fraud|gmbh|group|guard|help|helpdesk|id|inc|info|informs|insurance|invoice|it|limited|live|llc|log|"
    "login|ltd|mail|me|member|"
    "members|membership|message|mobile|net|news|no|noreply|notice|notices|notification|notifications|notify|office|official|online|order|"
    "orders|org|parcel|partner|"
    "payment|payments|portal|prevention|prime|program|promo|promotion|protection|recovery|reply|response|reward|rewards|safe|safety|secure|"
    "secured|security|"
    "server|service|services|shipping|sign|signin|staff|store|suite|support|survey|system|team|the|tracking|update|updates|upgrade|user|"
    "validation|"
    "verification|verify|verified|wallet|web|webmail|winner|your|hello|welcome|to|by|from|of|at|and|us|uk|usa|at|dot|"
    "kundenservice|kundendienst|sicherheit|konto|benachrichtigung|rechnung|ihr|ihre|team|aktualisierung|service|kunden|"
    "client|clients|serviceclient|compte|sécurité|securite|facture|equipe|équipe|livraison|votre|le|la|de|du|des|les|"
    "soporte|cuenta|seguridad|atencion|atención|cliente|clientes|servicio|aviso|avisos|factura|equipo|su|el|"
    "suporte|atendimento|conta|segurança|seguranca|equipe|informa|comunicado|pontos|acompanha|seu|sua|do|da|banco|importante|ultimo|"
    "servizio|assistenza|sicurezza|conto|clienti|avviso|fattura|klantenservice|beveiliging|rekening|klant|uw|"
    "obsługa|konto|bezpieczeństwo|поддержка|служба|безопасность|аккаунт|банк|müşteri|hizmetleri|güvenlik|hesap|kundtjänst|säkerhet|"
    "kundeservice|sikkerhed");

static struct phrase_table names, service;
static struct phrase_table labels; /* names written in one piece, as in domains: "bankofamerica" */

/* Names of five letters or more, whole and with one letter left out: two labels that share one of these are a slip or a swap apart. */
enum { SLIP_SLOTS = 16384, SLIP_LEAST = 6, SLIP_MOST = 24, DOMAIN_SLOTS = 4096 };
static struct word_map_slot slips[SLIP_SLOTS], domains[DOMAIN_SLOTS];

/* label without its letter at left_out, written to buf (SLIP_MOST bytes). */
static struct span without(struct span label, size_t left_out, uint8_t *buf)
{
	memcpy(buf, label.p, left_out);
	memcpy(buf + left_out, label.p + left_out + 1, label.n - left_out - 1);
	return span_of(buf, label.n - 1);
}

static void add_slips(struct span label, uint16_t brand)
{
	uint8_t buf[SLIP_MOST];
	if (label.n < SLIP_LEAST || label.n > SLIP_MOST)
		return;
	word_map_add(slips, SLIP_SLOTS, label, brand);
	for (size_t i = 0; i < label.n; i++)
		word_map_add(slips, SLIP_SLOTS, without(label, i, buf), brand);
}

/* "paypal.*" is kept as "paypal"; a daughter's domain in two lists belongs to the first. */
static void add_domain(struct span domain, uint16_t brand)
{
	if (span_ends(domain, SPAN(".*")))
		domain.n -= 2;
	word_map_add(domains, DOMAIN_SLOTS, domain, brand);
}

/* "bank of america" is "bankofamerica" in a domain. */
static void add_label(struct span name, uint16_t brand, struct arena *arena)
{
	uint8_t buf[PHRASE_BYTES];
	size_t n = 0;
	for (size_t i = 0; i < name.n && n < sizeof buf; i++)
		if (name.p[i] != ' ')
			buf[n++] = name.p[i];
	struct span label = span_of(buf, n);
	if (n < 4)
		return;
	phrase_table_add(&labels, label, brand, arena);
	if (!(brands[brand].flags & BRAND_COMMON))
		add_slips(label, brand);
}

static void build(void)
{
	struct arena arena;
	arena_init(&arena);
	for (uint16_t i = 0; i < BRANDS; i++) {
		struct span rest = brands[i].names, one;
		phrase_table_add(&names, rest, i, &arena);
		while (span_split(&rest, '|', &one))
			add_label(one, i, &arena);
		rest = brands[i].domains;
		while (span_split(&rest, ' ', &one))
			add_domain(one, i);
	}
	phrase_table_add(&service, service_words, 0, &arena);
	arena_release(&arena);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_tables(void) { pthread_once(&once, build); }

static bool all_service(struct span text, const struct phrase_hit *hit, uint32_t words, struct arena *arena)
{
	struct phrase_hits beside;
	uint32_t found = 0;
	if (words == hit->words)
		return true;
	if (words - hit->words > 5)
		return false;
	phrases_find(&service, text, false, arena, &beside);
	for (uint32_t i = 0; i < beside.n; i++)
		if (beside.v[i].first < hit->first || beside.v[i].first >= hit->first + hit->words)
			found += beside.v[i].words;
	return found == words - hit->words;
}

struct brand_hit brands_find(struct span text, bool dressed_up, struct arena *arena)
{
	struct phrase_hits hits;
	struct brand_hit best = { 0 };
	open_tables();
	phrases_find(&names, text, dressed_up, arena, &hits);
	for (uint32_t i = 0; i < hits.n; i++) {
		const struct phrase_hit *hit = &hits.v[i];
		const struct brand *brand = &brands[hit->id];
		bool whole = all_service(text, hit, hits.words, arena);
		if ((brand->flags & BRAND_COMMON) && !whole && !(hit->words > 1 && hit->first == 0))
			continue;
		if (!best.brand || (whole && !best.whole))
			best = (struct brand_hit){ brand, hit->disguised, whole, hit->first, hit->words, hit->text };
	}
	return best;
}

/* "paypal.*" owns every domain whose registrable part begins with "paypal." */
static bool owns(struct span pattern, struct span domain)
{
	if (span_ends(pattern, SPAN(".*"))) {
		struct span registrable = url_registrable(domain);
		pattern.n--;
		return span_starts(registrable, pattern);
	}
	return span_ends(domain, pattern) && (domain.n == pattern.n || domain.p[domain.n - pattern.n - 1] == '.');
}

bool brands_owns(const struct brand *brand, struct span domain)
{
	struct span rest = brand->domains, one;
	while (span_split(&rest, ' ', &one))
		if (owns(one, domain))
			return true;
	return false;
}

const struct brand *brands_of_label(struct span label, struct arena *arena, bool *ret_disguised)
{
	struct phrase_hits hits;
	open_tables();
	phrases_find(&labels, label, true, arena, &hits);
	if (hits.n != 1 || hits.words != hits.v[0].words)
		return NULL;
	*ret_disguised = hits.v[0].disguised;
	return &brands[hits.v[0].id];
}

const struct brand *brands_of_domain(struct span registrable)
{
	open_tables();
	int id = word_map_find(domains, DOMAIN_SLOTS, registrable);
	if (id < 0)
		id = word_map_find(domains, DOMAIN_SLOTS, span_first(registrable, span_find_byte(registrable, '.', 0)));
	return id >= 0 && brands_owns(&brands[id], registrable) ? &brands[id] : NULL;
}

const struct brand *brands_near_label(struct span label)
{
	uint8_t buf[SLIP_MOST];
	open_tables();
	if (label.n + 1 < SLIP_LEAST || label.n > SLIP_MOST)
		return NULL;
	int id = word_map_find(slips, SLIP_SLOTS, label);
	for (size_t i = 0; id < 0 && i < label.n && label.n >= SLIP_LEAST; i++)
		id = word_map_find(slips, SLIP_SLOTS, without(label, i, buf));
	return id < 0 ? NULL : &brands[id];
}

bool brands_service_word(struct span word, struct arena *arena)
{
	struct phrase_hits hits;
	open_tables();
	phrases_find(&service, word, false, arena, &hits);
	return hits.n == 1 && hits.words == 1;
}

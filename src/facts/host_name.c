/* facts/host_name.c - see host_name.h. The name is cut once into runs of digits, runs of hex digits and words; numbers are compared with
 * the address, words looked up in the lexicon (lists by first letter, so a look-up meets a handful of words). */
#include "facts/host_name.h"
#include "base/ascii.h"

enum { NAME_BYTES = 255, RUNS = 32 }; /* RFC 1035 2.3.4 */

struct run {
	uint64_t value; /* decimal; of hexadecimal runs the last 16 digits */
	uint8_t from, to, digits;
};

struct runs {
	struct run v[RUNS];
	unsigned n;
};

/* Words, by class. English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Russian, Turkish, Scandinavian; access
 * technologies. */
struct word {
	char text[13];
	uint8_t class;
};

#define D HOST_DYNAMIC
#define R HOST_RESIDENTIAL
#define S HOST_STATIC
#define M HOST_MAIL
#define C HOST_CLOUD
static const struct word words_a[] = { { "abo", R },      { "apn", D },       { "access", R },   { "adsl", R },
				       { "adslcust", R }, { "amazonaws", C }, { "assigned", D }, { "async", D } };
static const struct word words_b[] = { { "bc", C },   { "bcuser", R },    { "bb", R },       { "biz", S }, { "bounce", M },
				       { "bras", R }, { "broadband", R }, { "business", S }, { "bulk", M } };
static const struct word words_c[] = { { "cable", R },    { "cablelink", R }, { "cablemodem", R }, { "catv", R },         { "cel", D },
				       { "cellular", D }, { "client", R },    { "cliente", R },    { "clients", R },      { "cloud", C },
				       { "cloudapp", C }, { "cm", R },        { "colo", S },       { "colocrossing", C }, { "compute", C },
				       { "contabo", C },  { "corp", S },      { "correo", M },     { "cpe", R },          { "cust", R },
				       { "customer", R }, { "customers", R } };
static const struct word words_d[] = { { "dclient", R }, { "ded", S },       { "dedicated", S }, { "dedicado", S },     { "dhcp", D },
				       { "dial", D },    { "dialin", D },    { "dialup", D },    { "digitalocean", C }, { "din", D },
				       { "dinamic", D }, { "dinamica", D },  { "dinamico", D },  { "dip", D },          { "docsis", R },
				       { "dsl", R },     { "dslam", R },     { "dup", D },       { "dyn", D },          { "dynadsl", D },
				       { "dynamic", D }, { "dynamicip", D }, { "dynamique", D }, { "dynamisch", D },    { "dyndsl", D },
				       { "dynip", D } };
static const struct word words_e[] = { { "ec", C },   { "edge", M },     { "email", M },   { "emta", M },
				       { "epon", R }, { "estatico", S }, { "estatica", S } };
static const struct word words_f[] = { { "fiber", R }, { "fibra", R }, { "fibre", R }, { "fios", R }, { "fix", S },  { "fixed", S },
				       { "fixip", S }, { "fixo", S },  { "ftth", R },  { "fttb", R }, { "fttx", R }, { "fttp", R } };
static const struct word words_g[] = { { "gpon", R }, { "gprs", D }, { "gsm", D }, { "guest", D } };
static const struct word words_h[] = { { "hfc", R }, { "home", R }, { "hosted", C }, { "hotspot", D },
				       { "hsd", R }, { "hsi", R },  { "hsia", R } };
static const struct word words_i[] = { { "imap", M }, { "isdn", D }, { "ipoe", R } };
static const struct word words_k[] = { { "kabel", R }, { "kimsufi", C }, { "kunde", R }, { "kunden", R } };
static const struct word words_l[] = { { "leased", S }, { "linode", C }, { "list", M }, { "lists", M }, { "lns", R }, { "lte", D } };
static const struct word words_m[] = { { "mail", M },    { "mailer", M },    { "mailgate", M }, { "mailgw", M }, { "mailhost", M },
				       { "mailout", M }, { "mailrelay", M }, { "members", C },  { "mob", D },    { "mobil", D },
				       { "mobile", D },  { "modem", D },     { "mout", M },     { "movil", D },  { "movel", D },
				       { "msa", M },     { "mta", M },       { "mx", M },       { "mxout", M } };
static const struct word words_n[] = { { "news", M }, { "newsletter", M } };
static const struct word words_o[] = { { "out", M }, { "outbound", M }, { "outgoing", M }, { "outmail", M }, { "ovh", C } };
static const struct word words_p[] = { { "poczta", M }, { "pool", D },  { "pools", D }, { "pop", M },    { "post", M }, { "postfix", M },
				       { "ppp", D },    { "pppoe", D }, { "pppoa", D }, { "privat", R }, { "poste", M } };
static const struct word words_r[] = { { "ras", D },         { "relay", M },  { "res", R },   { "resi", R },
				       { "residential", R }, { "resnet", R }, { "retail", R } };
static const struct word words_s[] = { { "sdsl", S },    { "send", M },     { "sender", M }, { "smarthost", M },  { "smtp", M },
				       { "smtpout", M }, { "sta", S },      { "stat", S },   { "static", S },     { "staticip", S },
				       { "statik", S },  { "statisch", S }, { "subs", R },   { "subscriber", R }, { "suscriptor", R } };
static const struct word words_u[] = { { "umts", D }, { "unassigned", D }, { "user", R }, { "users", R }, { "usuario", R } };
static const struct word words_v[] = { { "vdsl", R }, { "virtua", R }, { "vps", C }, { "vultr", C }, { "vmail", M } };
static const struct word words_w[] = { { "wdsl", R }, { "webmail", M }, { "wifi", D }, { "wimax", D }, { "wireless", R }, { "wlan", D } };
static const struct word words_x[] = { { "xdsl", R } };
#undef D
#undef R
#undef S
#undef M
#undef C

#define LETTER(index, list) [(index) - 'a'] = { list, sizeof list / sizeof *list }
static const struct {
	const struct word *v;
	size_t n;
} lexicon['z' - 'a' + 1] = {
	LETTER('a', words_a), LETTER('b', words_b), LETTER('c', words_c), LETTER('d', words_d), LETTER('e', words_e), LETTER('f', words_f),
	LETTER('g', words_g), LETTER('h', words_h), LETTER('i', words_i), LETTER('k', words_k), LETTER('l', words_l), LETTER('m', words_m),
	LETTER('n', words_n), LETTER('o', words_o), LETTER('p', words_p), LETTER('r', words_r), LETTER('s', words_s), LETTER('u', words_u),
	LETTER('v', words_v), LETTER('w', words_w), LETTER('x', words_x),
};
#undef LETTER

static enum host_class word_class(const uint8_t *p, size_t n)
{
	char text[13] = { 0 };
	if (n < 2 || n >= sizeof text)
		return HOST_UNKNOWN;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)ascii_lower(p[i]);
	const struct word *w = lexicon[text[0] - 'a'].v;
	for (size_t i = 0; i < lexicon[text[0] - 'a'].n; i++)
		if (memcmp(w[i].text, text, sizeof text) == 0)
			return w[i].class;
	return HOST_UNKNOWN;
}

/* "co" of "co.uk": what countries divide their names by. Others as short are companies ("tie.cl", "san.ru"). */
static bool is_class_of_names(struct span label)
{
	static const struct span known[] = { SPAN_INIT("co"),  SPAN_INIT("com"), SPAN_INIT("net"),  SPAN_INIT("org"), SPAN_INIT("ac"),
					     SPAN_INIT("or"),  SPAN_INIT("ne"),  SPAN_INIT("go"),   SPAN_INIT("gov"), SPAN_INIT("gob"),
					     SPAN_INIT("edu"), SPAN_INIT("mil"), SPAN_INIT("nom"),  SPAN_INIT("gen"), SPAN_INIT("ltd"),
					     SPAN_INIT("plc"), SPAN_INIT("me"),  SPAN_INIT("ad"),   SPAN_INIT("gr"),  SPAN_INIT("id"),
					     SPAN_INIT("web"), SPAN_INIT("biz"), SPAN_INIT("info"), SPAN_INIT("in") };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (span_ieq(label, known[i]))
			return true;
	return false;
}

/* Where the registrable domain begins, guessed without the Public Suffix List: two labels, three below "co.uk" and the like. Its words name
 * the company, not the line. */
static size_t organisation_from(struct span name)
{
	size_t dots[3] = { 0, 0, 0 }, n = 0;
	for (size_t i = name.n; i-- > 0 && n < 3;)
		if (name.p[i] == '.')
			dots[n++] = i;
	if (n < 2)
		return 0;
	if (name.n - dots[0] - 1 == 2 && is_class_of_names(span_slice(name, dots[1] + 1, dots[0])))
		return n == 3 ? dots[2] + 1 : 0;
	return dots[1] + 1;
}

static struct span trimmed(struct span name)
{
	name = span_first(name, NAME_BYTES);
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

static void cut_runs(struct span name, struct runs *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < name.n && ret->n < RUNS;) {
		if (!ascii_is_digit(name.p[i])) {
			i++;
			continue;
		}
		struct run *run = &ret->v[ret->n++];
		run->from = (uint8_t)i;
		run->value = 0;
		for (; ascii_is_digit(span_at(name, i)); i++)
			run->value = run->value * 10 + (name.p[i] - '0');
		run->to = (uint8_t)i;
		run->digits = (uint8_t)(run->to - run->from);
	}
}

static bool found(struct host_address *ret, const struct ip *ip, enum host_spelling spelling, size_t from, size_t to)
{
	*ret = (struct host_address){ .ip = *ip, .spelling = spelling, .from = from, .to = to };
	return true;
}

/* How many of the address's octets stand in the n runs, each used once. */
static bool same_octets(const struct run *runs, const uint8_t *octets)
{
	bool used[4] = { false };
	for (int i = 0; i < 4; i++) {
		int j = 0;
		while (j < 4 && (used[j] || runs[i].value != octets[j]))
			j++;
		if (j == 4)
			return false;
		used[j] = true;
	}
	return true;
}

static bool in_order(const struct run *runs, const uint8_t *octets, int n, int step)
{
	for (int i = 0; i < n; i++)
		if (runs[i].value != octets[i * step] || runs[i].digits > 3)
			return false;
	return true;
}

static bool spells_octets(struct span name, const struct runs *runs, const struct ip *ip, struct host_address *ret)
{
	const uint8_t *octets = ip->b + 12;
	for (unsigned i = 0; i + 4 <= runs->n; i++) {
		const struct run *r = &runs->v[i];
		if (r[0].digits > 3 || r[1].digits > 3 || r[2].digits > 3 || r[3].digits > 3 || !same_octets(r, octets))
			continue;
		bool padded = (r[0].value < 100 && r[0].digits == 3) || (r[1].value < 100 && r[1].digits == 3) ||
			      (r[2].value < 100 && r[2].digits == 3);
		enum host_spelling spelling = padded ? HOST_PADDED : span_at(name, r[0].to) == '.' ? HOST_DOTTED : HOST_DASHED;
		if (!in_order(r, octets, 4, 1))
			spelling = HOST_REVERSED;
		return found(ret, ip, spelling, r[0].from, r[3].to);
	}
	return false;
}

/* One long run of digits: "081163039132", "8116339132", "1370703745". */
static bool spells_digits(const struct runs *runs, const struct ip *ip, struct host_address *ret)
{
	const uint8_t *o = ip->b + 12;
	uint64_t padded = o[0], plain = o[0];
	for (int i = 1; i < 4; i++) {
		padded = padded * 1000 + o[i];
		plain = plain * (o[i] > 99 ? 1000 : o[i] > 9 ? 100 : 10) + o[i];
	}
	for (unsigned i = 0; i < runs->n; i++) {
		const struct run *r = &runs->v[i];
		if (r->digits == 12 && r->value == padded)
			return found(ret, ip, HOST_PADDED, r->from, r->to);
		if (r->digits >= 7 && (r->value == ip_v4(ip) || r->value == plain))
			return found(ret, ip, HOST_DECIMAL, r->from, r->to);
		/* "081163-039132": two runs of six */
		if (r->digits == 6 && i + 1 < runs->n && r[1].digits == 6 && r[0].value * 1000000 + r[1].value == padded)
			return found(ret, ip, HOST_PADDED, r->from, r[1].to);
	}
	return false;
}

/* Eight hex digits, in either byte order, within a run of hex digits; "5d-81-84-e2" too. */
static bool spells_hex(struct span name, const struct ip *ip, struct host_address *ret)
{
	uint32_t want = ip_v4(ip), window = 0;
	size_t length = 0, pairs = 0, begin = 0;
	for (size_t i = 0; i < name.n; i++) {
		int digit = ascii_hex(name.p[i]);
		if (digit >= 0) {
			if (length == 0 && pairs == 0)
				begin = i;
			window = window << 4 | (uint32_t)digit;
			length++;
			if ((length >= 8 || (pairs * 2 + length == 8 && pairs == 3)) &&
			    (window == want || window == __builtin_bswap32(want)) && want > 0xffffff)
				return found(ret, ip, HOST_HEX, length >= 8 ? i - 7 : begin, i + 1);
		} else {
			pairs = length == 2 && (name.p[i] == '-' || name.p[i] == '.') ? pairs + 1 : 0;
			length = 0;
		}
	}
	return false;
}

static bool spells_ip6(struct span name, const struct ip *ip, struct host_address *ret)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t digits[NAME_BYTES], want[32];
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++)
		if (ascii_hex(name.p[i]) >= 0)
			digits[n++] = ascii_lower(name.p[i]);
	for (size_t i = 0; i < 32; i++)
		want[i] = (uint8_t)hex[ip->b[i / 2] >> (i % 2 ? 0 : 4) & 15];
	if (span_has(span_of(digits, n), span_of(want, 32)))
		return found(ret, ip, HOST_HEX, 0, name.n);
	for (size_t i = 0; i < 16; i++) {
		uint8_t swap = want[i];
		want[i] = want[31 - i];
		want[31 - i] = swap;
	}
	return span_has(span_of(digits, n), span_of(want, 32)) && found(ret, ip, HOST_REVERSED, 0, name.n);
}

static bool single_separator(struct span name, const struct run *a, const struct run *b)
{
	int c = span_at(name, a->to);
	return b->from == a->to + 1 && (c == '-' || c == '.' || c == '_');
}

/* Two or more neighbouring octets, beside a word such as "dsl" that says what the numbers are. */
static bool spells_part(struct span name, const struct runs *runs, const struct ip *ip, struct host_address *ret)
{
	const uint8_t *o = ip->b + 12;
	for (unsigned i = 0; i + 2 <= runs->n; i++) {
		const struct run *r = &runs->v[i];
		bool two = in_order(r, o + 2, 2, 1) || in_order(r, o + 3, 2, -1);
		bool three = i + 3 <= runs->n && (in_order(r, o + 1, 3, 1) || in_order(r, o, 3, 1) || in_order(r, o + 3, 3, -1));
		bool neighbour = i + 4 <= runs->n && in_order(r, o, 3, 1) && single_separator(name, r + 2, r + 3); /* of the same network */
		if ((!two && !three) || neighbour)
			continue;
		enum host_class class = host_name_class(name);
		return (class == HOST_DYNAMIC || class == HOST_RESIDENTIAL || class == HOST_STATIC) &&
		       found(ret, ip, HOST_PARTIAL, r[0].from, r[three ? 2 : 1].to);
	}
	return false;
}

bool host_name_spells(struct span name, const struct ip *ip, struct host_address *ret)
{
	struct runs runs;
	name = trimmed(name);
	if (!ip_is_v4(ip))
		return spells_ip6(name, ip, ret);
	cut_runs(name, &runs);
	return spells_octets(name, &runs, ip, ret) || spells_digits(&runs, ip, ret) || spells_hex(name, ip, ret) ||
	       spells_part(name, &runs, ip, ret);
}

/* A first octet that the internet routes to a customer. */
static bool plausible(uint64_t first) { return first > 0 && first < 224 && first != 127; }

bool host_name_address(struct span name, struct host_address *ret)
{
	struct runs runs;
	struct ip ip;
	name = trimmed(name);
	cut_runs(name, &runs);
	for (unsigned i = 0; i < runs.n; i++) {
		const struct run *r = &runs.v[i];
		if (r->digits == 12 && r->value / 1000000000 < 224) {
			uint64_t o[4] = { r->value / 1000000000, r->value / 1000000 % 1000, r->value / 1000 % 1000, r->value % 1000 };
			if (plausible(o[0]) && o[1] < 256 && o[2] < 256 && o[3] < 256) {
				ip = ip_from_v4((uint32_t)(o[0] << 24 | o[1] << 16 | o[2] << 8 | o[3]));
				return found(ret, &ip, HOST_PADDED, r->from, r->to);
			}
		}
		if (i + 4 > runs.n || !single_separator(name, r, r + 1) || !single_separator(name, r + 1, r + 2) ||
		    !single_separator(name, r + 2, r + 3))
			continue;
		if (r[0].value < 256 && r[1].value < 256 && r[2].value < 256 && r[3].value < 256 && plausible(r[0].value)) {
			ip = ip_from_v4((uint32_t)(r[0].value << 24 | r[1].value << 16 | r[2].value << 8 | r[3].value));
			return found(ret, &ip, span_at(name, r->to) == '.' ? HOST_DOTTED : HOST_DASHED, r->from, r[3].to);
		}
	}
	/* Eight hex digits standing alone, digits and letters among them, on a line that calls itself one: "koln-5d8184e2.pool". */
	size_t length = 0;
	bool letter = false, digit = false;
	uint32_t value = 0;
	for (size_t i = 0; i <= name.n; i++) {
		int h = ascii_hex(span_at(name, i));
		if (h >= 0) {
			value = value << 4 | (uint32_t)h;
			length++;
			letter |= h > 9;
			digit |= h < 10;
		} else {
			if (length == 8 && letter && digit && plausible(value >> 24)) {
				enum host_class class = host_name_class(name);
				if (class == HOST_DYNAMIC || class == HOST_RESIDENTIAL) {
					ip = ip_from_v4(value);
					return found(ret, &ip, HOST_HEX, i - 8, i);
				}
			}
			length = 0;
			letter = digit = false;
		}
	}
	return false;
}

enum host_class host_name_class(struct span name)
{
	unsigned seen = 0;
	bool mail_first = false;
	name = trimmed(name);
	size_t organisation = organisation_from(name), first_label = span_find_byte(name, '.', 0);
	for (size_t i = 0; i < name.n;) {
		size_t from = i;
		while (i < name.n && ascii_is_alpha(name.p[i]))
			i++;
		if (i > from) {
			enum host_class class = word_class(name.p + from, i - from);
			if (from < organisation || class == HOST_CLOUD)
				seen |= 1u << class;
			mail_first |= class == HOST_MAIL && from < first_label && from < organisation;
		} else {
			i++;
		}
	}
	if (mail_first)
		return HOST_MAIL;
	static const enum host_class order[] = { HOST_STATIC, HOST_DYNAMIC, HOST_RESIDENTIAL, HOST_MAIL, HOST_CLOUD };
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (seen & 1u << order[i])
			return order[i];
	return HOST_UNKNOWN;
}

const char *host_class_says(enum host_class class)
{
	static const char *const words[] = {
		[HOST_UNKNOWN] = "an address of unknown kind",
		[HOST_MAIL] = "a mail server",
		[HOST_STATIC] = "a fixed address",
		[HOST_RESIDENTIAL] = "a customer's access line",
		[HOST_DYNAMIC] = "a dial-up or pool address",
		[HOST_CLOUD] = "a rented server",
	};
	return words[class];
}

/* check/decoration.c - does the message wear a signature that no program can check?
 *
 * Readers take an OpenPGP or S/MIME block for proof, so fraudsters paste one that looks right. No key is needed to see that it is none:
 * seed case microsoft-update.eml has lines of 65 characters without a small letter or a checksum. Quoted, cut and damaged blocks stay
 * unknown: mailing lists break many honest signatures. Whether an honest signature is valid is not said here. */
#include "check/check.h"
#include "message/openpgp.h"
#include "message/smime.h"

enum { PGP_FAKE, PGP_UNFRAMED, SMIME_NOT_ONE, SIGNED_WITHOUT };
static const struct evidence_def defs[] = {
	[PGP_FAKE] = { "decoration.openpgp_fake", GROUP_DECORATION, 3000, EVIDENCE_PROOF,
		       "An OpenPGP block is decoration, a signature that no program can check: {1}",
		       "The block is whole, and yet no OpenPGP data: whoever made it wanted to look signed. Damage on the way does not "
		       "look like this." },
	[PGP_UNFRAMED] = { "decoration.openpgp_unframed", GROUP_DECORATION, 300, 0,
			   "An OpenPGP signature stands in the text, but nothing says which text it signs",
			   "Replies that quote half a message have this as well, so it counts only beside other evidence." },
	[SMIME_NOT_ONE] = { "decoration.smime_fake", GROUP_DECORATION, 2500, EVIDENCE_PROOF,
			    "The S/MIME part {1} is no S/MIME object: it begins with other data",
			    "A signature part is binary in a fixed form, which no mail program writes wrong; a server that replaces parts "
			    "by a notice changes the type too." },
	[SIGNED_WITHOUT] = { "decoration.signed_without_signature", GROUP_DECORATION, 200, 0,
			     "The message says it is signed, but has no signature part",
			     "Mailing lists that strip attachments leave this behind." },
};

/* The reasons in words, the clearest first. */
static struct span reasons(const struct check_view *view, const struct openpgp_block *b)
{
	const struct {
		uint32_t fault;
		struct span words;
	} list[] = {
		{ OPENPGP_ALPHABET,
		  arena_printf(view->arena, "%u characters without a small letter, a capital or a digit", b->characters) },
		{ OPENPGP_NO_PACKET, SPAN("it begins like no OpenPGP data") },
		{ OPENPGP_WRONG_PACKET, SPAN("its data are of another kind") },
		{ OPENPGP_BAD_SIGNATURE, SPAN("its algorithm does not exist") },
		{ OPENPGP_LINES, arena_printf(view->arena, "lines of %u", b->line_length) },
		{ OPENPGP_NO_CRC, SPAN("no checksum") },
		{ OPENPGP_WRONG_CRC, SPAN("wrong checksum") },
	};
	struct span all = span_none;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (b->faults & list[i].fault)
			all = all.p ? arena_printf(view->arena, "%.*s; %.*s", SPAN_ARG(all), SPAN_ARG(list[i].words)) : list[i].words;
	return all;
}

static void judge_text(const struct check_view *view, struct evidence_set *set, struct span text, uint16_t part, uint8_t in)
{
	struct openpgp_scan scan = { .text = text };
	struct openpgp_block block;
	bool said_fake = false, said_unframed = false;
	while (openpgp_next(&scan, view->arena, &block)) {
		struct place at = { .from = (uint32_t)block.from, .to = (uint32_t)block.to, .part = part, .in = in };
		if (block.verdict == OPENPGP_FAKE && !said_fake) {
			evidence_at(evidence_add(set, &defs[PGP_FAKE], reasons(view, &block), span_none, span_none), at);
			said_fake = true;
		} else if (block.verdict == OPENPGP_PLAUSIBLE && block.faults & OPENPGP_UNFRAMED && in == PLACE_TEXT && !said_unframed) {
			evidence_at(evidence_add(set, &defs[PGP_UNFRAMED], span_none, span_none, span_none), at);
			said_unframed = true;
		}
	}
}

static void judge_smime(const struct check_view *view, struct evidence_set *set, const struct part *part)
{
	static const struct {
		const char *type;
		enum smime_kind kind;
	} types[] = {
		{ "application/pkcs7-signature", SMIME_SIGNATURE },
		{ "application/x-pkcs7-signature", SMIME_SIGNATURE },
		{ "application/pkcs7-mime", SMIME_OPAQUE },
		{ "application/x-pkcs7-mime", SMIME_OPAQUE },
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (part_is(part, types[i].type) && smime_judge(part->bytes, types[i].kind) == SMIME_FAKE) {
			struct evidence *evidence = evidence_add(set, &defs[SMIME_NOT_ONE], part_name_shown(part), span_none, span_none);
			evidence_at(evidence, message_place(view->message, part->raw_body));
		}
}

static bool is_signature(const struct part *part)
{
	return part_is(part, "application/pgp-signature") || part_is(part, "application/pkcs7-signature") ||
	       part_is(part, "application/x-pkcs7-signature") || part_is(part, "application/pgp-keys");
}

static void judge_signed(const struct check_view *view, struct evidence_set *set, const struct part *part)
{
	const struct message *m = view->message;
	if (!part_is(part, "multipart/signed"))
		return;
	for (uint16_t child = part->first_child; child != PART_NONE; child = m->parts.v[child].next_sibling)
		if (is_signature(&m->parts.v[child]))
			return;
	evidence_at(evidence_add(set, &defs[SIGNED_WITHOUT], span_none, span_none, span_none), message_place(m, part->raw_header));
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct content *c = view->content;
	for (uint32_t i = 0; i < c->bodies.n; i++)
		judge_text(view, set, c->bodies.v[i].text, c->bodies.v[i].part, PLACE_TEXT);
	for (uint32_t i = 0; i < c->attachments.list.n; i++) {
		const struct attachment *a = &c->attachments.list.v[i];
		const struct part *part = &view->message->parts.v[a->part];
		if (a->by_content == file_type(FILE_TYPE_OPENPGP))
			judge_text(view, set, part->bytes, a->part, PLACE_DECODED);
		judge_smime(view, set, part);
	}
	for (uint32_t i = 0; i < view->message->parts.n; i++)
		judge_signed(view, set, &view->message->parts.v[i]);
}

const struct check check_decoration = {
	.name = "decoration",
	.purpose = "Does the message wear an OpenPGP or S/MIME signature that cannot be one?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};

/* report/story_build.h - the sentences of a story, in order, before anybody asks how they look. */
#ifndef REPORT_STORY_BUILD_H
#define REPORT_STORY_BUILD_H

#include "report/cite.h"
#include "report/judgement.h"
#include "verdict/casefile.h"

enum story_section {
	STORY_VERDICT, /* one sentence */
	STORY_SENDER,  /* who it claims to be, where it truly comes from, which lines of its way are lies */
	STORY_AGAINST, /* what speaks against it, strongest first, by theme */
	STORY_FOR,
	STORY_NOTICED,   /* without weight */
	STORY_UNCHECKED, /* what was not checked, limits met */
	STORY_CHANGE,    /* what would change the verdict */
	STORY_SECTIONS
};

struct story_sentence {
	enum story_section section;
	const char *theme; /* heading within the section; NULL: none */
	struct span says;  /* safe to show, without its places */
	struct place at[LIMIT_EVIDENCE_PLACES];
	uint32_t n_at;
	struct span cited; /* the places in words, where the message is gone; else span_none */
	bool listed;       /* one point of a list, else running text */
	bool beneath;      /* a detail of the point before it */
};

struct story {
	struct arena *arena;
	bool at_door; /* there was no message, only a client */
	VEC(struct story_sentence) sentences;
	struct counterfactual counterfactual;
};

void story_build(const struct judgement *judgement, struct cite *cite, struct story *ret_story);
/* Of STORY_SENDER alone: what a case file keeps of the story, since it rests on the message and not on evidence. */
void story_build_sender(const struct judgement *judgement, struct cite *cite, struct story *ret_story);
/* The same of a message that is gone. */
void story_build_case(const struct casefile *casefile, struct arena *arena, struct story *ret_story);
const char *story_section_title(enum verdict_action action, enum story_section section); /* NULL: no heading */
const char *story_section_name(enum story_section section);                              /* "against" */

#endif

/* report/words.h - what story and trace both put into words: origin, confidence, times, delays. Plain English, safe to show. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "report/cite.h"
#include "report/judgement.h"

/* "2008-10-12 06:13:41 UTC" */
void words_time(struct buf *out, int64_t seconds);
/* "11 s", "2 min", "3 h", "4 days"; a minus sign before when negative */
void words_delay(struct buf *out, int64_t seconds);
/* "12,345" */
const char *words_grouped(uint64_t n, char ret_text[32]);
/* "93.129.132.226 (known as r.example.net, calling itself mail.example.org)" */
void words_client(struct buf *out, const struct hop *hop);
/* A sentence or three: where the message comes from, how sure that is, and which line shows it. */
void words_origin(const struct judgement *judgement, struct cite *cite, struct buf *out);
/* The hop with that number, or NULL. */
const struct hop *words_hop(const struct path *path, uint32_t n);
struct place words_hop_place(const struct judgement *judgement, const struct hop *hop);

#endif

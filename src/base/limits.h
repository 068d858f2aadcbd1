/* base/limits.h - how far we go with one hostile message; beyond a limit we stop, say so, and judge what was seen.
 *
 * Each limit is met by a test. Sizes are bytes unless the name says otherwise. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* message */
#define LIMIT_MESSAGE_BYTES (256u * 1024 * 1024) /* offsets are 32 bits; MTAs stop far below */
#define LIMIT_HEADER_BYTES (4u * 1024 * 1024)    /* header section of one part; the rest is taken as body */
#define LIMIT_HEADERS 10000u                     /* fields of one message, all parts together */
#define LIMIT_HEADER_VALUE 65536u                /* bytes of one field that are decoded; raw range stays whole */
#define LIMIT_PARTS 1000u                        /* leaf and container parts, alternate readings included */
#define LIMIT_MIME_DEPTH 50u
#define LIMIT_BOUNDARY_BYTES 8192u /* RFC 2046 allows 70; senders exceed it, programs accept any */
#define LIMIT_PARAMETERS 100u      /* parameters of one header field */
#define LIMIT_PART_NAMES 16u       /* readings of one part's name */
#define LIMIT_ADDRESSES 1000u      /* addresses judged in one field */
#define LIMIT_ANOMALIES 200u       /* recorded per message, at most LIMIT_ANOMALIES_SAME of one kind */
#define LIMIT_ANOMALIES_SAME 4u
#define LIMIT_DECODED_BYTES(raw) (2u * (size_t)(raw) + 65536u) /* all alternate readings of one message together */
#define LIMIT_TEXT_BYTES (8u * 1024 * 1024)                    /* decoded text of one part that is looked at */

/* HTML */
#define LIMIT_HTML_DEPTH 512u /* open elements whose style is remembered; deeper ones inherit */
#define LIMIT_HTML_STYLE_RULES 2000u
#define LIMIT_HTML_HIDDEN_RUNS 64u

/* links */
#define LIMIT_LINKS 2000u /* per message; the first ones */
#define LIMIT_URL_BYTES 8192u
#define LIMIT_REDIRECT_DEPTH 4u /* a link inside a link inside ... */

/* attachments */
#define LIMIT_ARCHIVE_ENTRIES 1000u
#define LIMIT_ARCHIVE_DEPTH 3u
/* unpacked, all archives of one message together: in keeping with its size, else a small message costs as much as a large one */
#define LIMIT_ARCHIVE_BYTES(raw) ((raw) < 4u * 1024 * 1024 - 131072 ? 1024u * 1024 + 8 * (uint64_t)(raw) : 32u * 1024 * 1024)
#define LIMIT_ARCHIVE_RATIO 200u /* unpacked to packed, once above 1 MiB */
#define LIMIT_OLE_SECTORS 65536u
#define LIMIT_PDF_OBJECTS 20000u

/* path */
#define LIMIT_HOPS 100u
#define LIMIT_RECEIVED_BYTES 8192u

/* judgement */
#define LIMIT_EVIDENCE 200u
#define LIMIT_EVIDENCE_SAME 8u     /* of one kind: 2,000 weak links must not crowd out the one proof that comes after them */
#define LIMIT_EVIDENCE_DETAIL 200u /* bytes of the message quoted by a sentence, each time */
#define LIMIT_EVIDENCE_PLACES 4u
#define LIMIT_QUESTIONS 400u     /* of one message, authentication included */
#define LIMIT_ROUNDS 24u         /* SPF alone may nest ten includes, the last of them an MX with its addresses */
#define LIMIT_CNAMES 8u          /* followed from one name */
#define LIMIT_ANSWERS_KEPT 1000u /* of one message; those beyond LIMIT_QUESTIONS were not asked anyway */
#define LIMIT_RECORDS 1000u      /* kept of one answer; the largest honest ones have some dozens */

/* authentication */
#define LIMIT_TAGS 64u                /* of one tag list */
#define LIMIT_DKIM_SIGNATURES 8u      /* judged in one message */
#define LIMIT_DKIM_KEYS 4u            /* records of one selector that are tried */
#define LIMIT_DKIM_KEY_BYTES 4096u    /* of one key record */
#define LIMIT_DKIM_KEY_BITS 8192u     /* RSA: beyond, one signature costs a millisecond */
#define LIMIT_DKIM_SIGNED_FIELDS 500u /* that one signature of ours names */
#define LIMIT_ARC_SETS 50u            /* RFC 8617 4.2.1 */
#define LIMIT_SPF_RECORD_BYTES 8192u  /* all strings of one record together */
#define LIMIT_SPF_MACRO 512u          /* bytes of one value that a macro of SPF puts in */
#define LIMIT_SPF_EXPLANATION 500u    /* bytes kept of what a sender says about a refusal */
#define LIMIT_DMARC_RECORD_BYTES 4096u
#define LIMIT_AUTHORS 16u         /* mailboxes in a From that DMARC judges */
#define LIMIT_AUTHRES_VALUE 320u  /* bytes of a name or address that we write into one: RFC 5321's longest address */
#define LIMIT_AUTHRES_METHODS 64u /* of one Authentication-Results */
#define LIMIT_AUTHRES_FIELDS 16u  /* read of one message */

#define LIMIT_DKIM_HEADER_BYTES (512u * 1024) /* of the header that one signature signs; with more it is not judged */

/* lists */
#define LIMIT_LISTS 64u /* declared in the settings */
#define LIMIT_LIST_CODES 64u
#define LIMIT_LIST_CONTROLS 8u
#define LIMIT_LIST_ZONE_BYTES 150u                /* an IPv6 address before it takes 64 of a name's 253 */
#define LIMIT_LIST_FILE_BYTES (64u * 1024 * 1024) /* a list of one's own */
#define LIMIT_ADDRESS_ENTRIES 1000000000u         /* networks and addresses of one generation (facts/address_set.h) */
#define LIMIT_ADDRESS_LIVE 65536u                 /* places of the live set (facts/address_live.h): a power of two */
#define LIMIT_ADDRESS_LISTS 16u                   /* generations that decide together */
#define LIMIT_NETWORK_DATABASE_BYTES (1024u * 1024 * 1024)

/* conversations */
#define LIMIT_MILTER_PACKET                                                                                                                \
	(256u * 1024) /* of one command; header fields of Postfix end at 100 kB (header_size_limit), body chunks at 64 kB */
#define LIMIT_ENVELOPE_RECIPIENTS 10000u        /* remembered of one message; the mail server's own bound is lower */
#define LIMIT_ENVELOPE_ADDRESS 1024u            /* bytes of one; RFC 5321 4.5.3.1.3 ends at 256 */
#define LIMIT_MILTER_IDLE_SECONDS 7200u         /* between two commands: the mail server's own client may sit there for as long */
#define LIMIT_MILTER_ANSWER (16u * 1024 * 1024) /* all edits of one message together */
#define LIMIT_SPAMD_BEGINNING 32u               /* of the first line, to know spamc from HTTP: REPORT_IFSPAM RSPAMC/1. */
#define LIMIT_SESSION_OUTPUT (1024u * 1024)     /* of small replies that a client does not read */
#define LIMIT_REPLY_TEXT 400u                   /* bytes of what a sender is told: RFC 5321 4.5.3.1.5 has 512 for the whole line */
#define LIMIT_OUTSIDE_MARKS 1000u               /* fields of ours that arrive from outside and are removed without a judgement */

#define LIMIT_CLIENT_NAMES 100u      /* hosts, and addresses, of the links of one message that a client of HTTP is told */
#define LIMIT_CLIENT_EDITS 200u      /* of one message that a client of HTTP is told */
#define LIMIT_SMTP_LINE 2048u        /* of one command; RFC 5321 4.5.3.1.4 has 512, and each extension adds to it */
#define LIMIT_SMTP_LINE_EXIM 16384u  /* the same where a trap plays Exim, which reads so many */
#define LIMIT_SMTP_LOGIN_LINE 12288u /* RFC 4954 4.5 */
#define LIMIT_SMTP_LOGIN_LINES 16u   /* of one login: no mechanism takes half as many */
#define LIMIT_SMTP_MECHANISMS 190u   /* bytes of the names of mechanisms by which one can log in */
#define LIMIT_SMTP_RECIPIENTS 1000u  /* of one message; RFC 5321 4.5.3.1.8 wants 100 at least */
#define LIMIT_SMTP_REPLY_LINE 2048u  /* of the mail server behind us; RFC 5321 4.5.3.1.5 has 512 */
#define LIMIT_SMTP_REPLY_LINES 200u
#define LIMIT_SMTP_SKIPPED 65536u /* of a line that is too long, before the connection ends */

/* learning */
#define LIMIT_LESSONS_KEPT 100000u /* newest lessons that can be recognised and taken back */
#define LIMIT_LESSONS_KEPT_MAX (16u * 1024 * 1024)
#define LIMIT_LESSON_CELLS (1024u * 1024)        /* that one lesson changes */
#define LIMIT_LESSON_GROUPS 256u                 /* different steps of one lesson */
#define LIMIT_WEIGHTS_CELLS (256u * 1024 * 1024) /* 1 GiB of weights */
#define LIMIT_WEIGHTS_SOURCES 64u                /* machines whose older lessons were merged */

/* service */
#define LIMIT_SERVE_JOBS 4000u                    /* messages under way at a time, those that wait for a worker included */
#define LIMIT_CHANNEL_PAYLOAD (16u * 1024 * 1024) /* of one record between two processes, the message beside it not counted */

/* state */
#define LIMIT_TUPLES_BYTES (256u * 1024 * 1024) /* of records in use (state/tuples.h): some two million */

/* trap */
#define LIMIT_OWN_ADDRESSES 65536u   /* that are sought in what the trap catches */
#define LIMIT_OWN_NAME_BYTES 8192u   /* of all host names among them: each byte costs 800 of the automaton */
#define LIMIT_OWN_FINDS 32u          /* told of one message */
#define LIMIT_FAMILIES 1000u         /* of probes that are remembered */
#define LIMIT_FAMILY_TOKENS 128u     /* of the shape of one */
#define LIMIT_READING_RECIPIENTS 20u /* of one catch that are looked at one by one; all are counted */
#define LIMIT_READING_PARTS 20u      /* of one catch that are searched for our address */
#define LIMIT_COLLECTORS 8192u       /* addresses that are remembered */
#define LIMIT_USED_RECIPIENTS 4096u  /* trap recipients that are remembered */
#define LIMIT_TRAP_ENTRIES 500u      /* addresses a minute that traps keep out for the first time: half the live set in an hour */
#define LIMIT_TRAP_ENTRIES_NET 64u   /* and of one wide network */
#define LIMIT_TRAP_LESSONS 200u      /* messages of traps that are learned a day */
#define LIMIT_TRAP_LESSONS_OF 20u    /* and of one operator */
#define LIMIT_OPERATOR_EDGES 65536u  /* "this machine used that": what ties scanners together */
#define LIMIT_TALLY_ROWS 20000u      /* of `postern trap stats`: week, country, family, known before */

/* process */
#define LIMIT_EVALUATION 50000000u              /* messages of one run that is measured */
#define LIMIT_FEEDBACK_DELAY 100000u            /* messages that wait for their label, 10 to 20 kB each */
#define LIMIT_FLIGHTS 1024u                     /* messages of one thread that wait for answers at a time */
#define LIMIT_FLIGHT_BYTES (128u * 1024 * 1024) /* and what they hold together; the one that exceeds it included */
#define LIMIT_ARENA_KEEP (16u * 1024 * 1024)    /* kept from one message to the next */
#define LIMIT_REPORT_BYTES (64u * 1024 * 1024)  /* what is written about one message */
#define LIMIT_SETTINGS_BYTES (1u * 1024 * 1024)
#define LIMIT_SETTINGS_FILES 64u   /* of an override folder */
#define LIMIT_SETTINGS_ERRORS 100u /* told of one reading */
#define LIMIT_LISTEN 8u            /* addresses of one door */
#define LIMIT_LOG_LINE 4096u       /* a pipe takes as much at once (pipe(7), PIPE_BUF) */
#define LIMIT_LOG_VALUE 512u
#define LIMIT_ZONE_BYTES (256u * 1024 * 1024) /* a --dns file */

#endif

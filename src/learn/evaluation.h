/* learn/evaluation.h - how good a run of scores over labelled mail is, measured as the TREC spam track did (2005 to 2007), with intervals.
 *
 * A run is what a filter said about a sequence of messages whose class is known. A score is log-odds in nats, positive for spam; measures
 * that only need the order (roca, missed) accept any scale.
 *
 *	roca         (1-ROCA)%: 100 times the probability that a random spam scores below a random good message, a tie counting half. Exact.
 *	missed       Spam missed, in percent, at the lowest threshold at which at most 1 %, 0.1 % and 0.01 % of the good mail scores at or
 *	             above it. Spam that ties with good mail that must pass is missed. With fewer than 100, 1,000 or 10,000 good messages
 *	             that share is less than one message, and the measure is not available.
 *	lam          lam%: the logistic average of the two error rates at one threshold, logit(lam) = (logit(good lost) + logit(spam
 *	             missed)) / 2. A rate is (errors + 1/2) / (messages + 1), so that a class without errors has one too.
 *	calibration  Expected calibration error, in percentage points: messages in order of score are cut into bins of equal count, and the
 *	             distance between a bin's mean probability and its share of spam is averaged over messages. Equal counts, because a
 *	             filter puts nearly all mail at both ends, where bins of equal width would be two crowds and many empty rooms. There
 *	             are 20 bins, or as many of 50 messages as there are; equal scores stay in one bin, so that some are larger and the
 *	             last may be smaller.
 *	sure         Of the messages given 99 % or more, how many percent are spam.
 *	outcome      What became of good mail and spam, from the run's actions.
 *
 * Intervals hold the true value with 95 % confidence. Of roca, missed, lam and calibration they are percentiles of a bootstrap of 400
 * resamples, each class resampled on its own, with a generator of our own and a fixed seed: the same run, the same figures. An interval
 * always holds its own estimate (resampling alone inflates a calibration error). Shares of messages (sure, outcome) have Wilson's score
 * interval, because resampling a run without errors never shows one, while 0 of 100 rejected still means "at most 3.7 %". For the same
 * reason a roca or missed of 0 stands beside 0 to 0: the run is too short to tell.
 *
 * Promises: pure; O(n log n) once and O(n) a resample: the run is sorted once and resamples are multiplicities over it.
 * What is not available is NAN: everything that needs a class of which there is no message.
 * Owner: the caller owns the run; nothing is kept. */
#ifndef LEARN_EVALUATION_H
#define LEARN_EVALUATION_H

#include "verdict/verdict.h"

/* What became of the message is not known. */
#define EVALUATION_NO_ACTION (-1)

struct evaluation_message {
	double log_odds; /* never NAN; infinite is allowed */
	bool spam;
	int8_t action; /* enum verdict_action, or EVALUATION_NO_ACTION */
};

struct estimate {
	double value, low, high; /* all NAN: not available */
};

enum { EVALUATION_GOOD, EVALUATION_SPAM, EVALUATION_CLASSES };
enum { EVALUATION_LOSSES = 3, EVALUATION_ACTIONS = VERDICT_DEFER + 1 };

/* The shares of good mail that may be lost: one message in so many, which is also how many good messages the measure needs. */
struct evaluation_loss {
	uint32_t one_in;
	const char *percent; /* "0.1" */
};
extern const struct evaluation_loss evaluation_losses[EVALUATION_LOSSES];

struct evaluation {
	uint64_t messages[EVALUATION_CLASSES];
	struct estimate roca, missed[EVALUATION_LOSSES], lam, calibration; /* percent */
	uint64_t sure_messages;
	struct estimate sure;                                                  /* percent */
	uint64_t outcome[EVALUATION_CLASSES][EVALUATION_ACTIONS];              /* messages */
	struct estimate outcome_share[EVALUATION_CLASSES][EVALUATION_ACTIONS]; /* percent of the class's messages with an action */
};

/* threshold: scores at or above it count as spam in lam, nats. 0, or ERR_LIMIT: more than LIMIT_EVALUATION messages, or out of memory. */
int evaluation_measure(const struct evaluation_message *run, size_t n, double threshold, struct evaluation *ret_evaluation);

#endif

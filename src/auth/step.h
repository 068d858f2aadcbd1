/* auth/step.h - what every resumable judgement of auth/ answers: finished, or "ask these and come again".
 *
 * All of auth/ is pure: it reads the message and the answers so far, and puts questions (facts/question.h). Called again with more answers
 * it goes over its work anew, so nothing needs to be kept between two rounds but what is costly. A look-up that failed ends as a temporary
 * error, never as "none". */
#ifndef AUTH_STEP_H
#define AUTH_STEP_H

enum auth_step { AUTH_DONE, AUTH_MORE };

#endif

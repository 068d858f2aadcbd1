/* app/model_file.h - the file that holds what was learned: where it is, and opening it to judge or to learn.
 *
 * What is said to the user about a file that cannot be used is said here, on stderr. Owner: the path lives in the options' arena. */
#ifndef APP_MODEL_FILE_H
#define APP_MODEL_FILE_H

#include "app/learner.h"
#include "app/options.h"

/* --model; else the settings' `model`; else the file model in the data folder (app/data_folder.h). */
const char *model_file_path(struct options *options);
/* For judging: options->pipeline gets the model, or what is wrong with it, and that is said, and then the shipped
 * prior serves alone. Keep the learner until all is judged; NULL when there is none. */
struct learner *model_file_consult(struct options *options);
/* For learning: makes the file, and the folders of the user's own place. A damaged one is set aside, what its journal tells is kept, and
 * that is said. NULL when it cannot be opened: said as well. */
struct learner *model_file_learn(struct options *options);

#endif

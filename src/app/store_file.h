/* app/store_file.h - what serve keeps, for the commands that read it: where it is, opening it, and who they are then.
 *
 * Root becomes the owner of the folder first: nothing is left there that the service could not write, and what reads kept mail need not be
 * root. What is said to the user about a folder that cannot be opened is said here, on stderr. */
#ifndef APP_STORE_FILE_H
#define APP_STORE_FILE_H

#include "action/outcome.h"
#include "app/options.h"
#include "state/tuples.h"

/* --data; else that of the settings (app/data_folder.h). */
const char *store_file_folder(struct options *options);
/* Root becomes the owner of the folder, for good: what it writes there the service must be able to write. False: said. */
bool store_file_become_owner(const char *folder);
/* NULL: said. */
struct store *store_file_open(struct options *options, enum store_mode mode);
struct tuples *store_file_tuples(struct options *options);

/* Whether an argument is the id of a case, and no file. */
bool store_file_is_id(const char *argument, char ret_id[CASEFILE_ID]);
/* What became of a message; for people: "delivered". */
enum disposition store_file_disposition(const struct store_case *found);
const char *store_file_done(const struct store_case *found);

#endif

/* app/progress.c - see progress.h */
#include "app/progress.h"

void progress_begin(struct progress *progress, char **paths, size_t n_paths, const char *index) { (void)progress; (void)paths; (void)n_paths; (void)index; }
void progress_show(struct progress *progress, uint64_t done, uint64_t bytes) { (void)progress; (void)done; (void)bytes; }
void progress_hide(struct progress *progress) { (void)progress; }
void progress_end(struct progress *progress) { (void)progress; }

/* app/store_options.h - the options that choose among kept cases, for the table of options.c. Each says what is wrong on stderr. */
#ifndef APP_STORE_OPTIONS_H
#define APP_STORE_OPTIONS_H

#include "app/options.h"

void store_options_init(struct options *options);
bool store_options_data(struct options *options, const char *value);
bool store_options_keep(struct options *options, const char *value);
bool store_options_address(struct options *options, const char *value);
bool store_options_recipient(struct options *options, const char *value);
bool store_options_subject(struct options *options, const char *value);
bool store_options_verdict(struct options *options, const char *value);
bool store_options_evidence(struct options *options, const char *value);
bool store_options_ip(struct options *options, const char *value);
bool store_options_since(struct options *options, const char *value);
bool store_options_until(struct options *options, const char *value);
bool store_options_limit(struct options *options, const char *value);
bool store_options_checks(struct options *options, const char *value);
bool store_options_learn(struct options *options, const char *value);

#endif

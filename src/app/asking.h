/* app/asking.h - whom the settings have asked for the DNS, as an asker takes it. */
#ifndef APP_ASKING_H
#define APP_ASKING_H

#include "net/asker.h"
#include "net/dns_files.h"

/* Both must live as long as an asker with these options. */
struct asker_options asking_options(const struct settings *settings, const struct dns_files *files);

#endif

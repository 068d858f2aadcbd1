/* app/asking.c - see asking.h */
#include "app/asking.h"

struct asker_options asking_options(const struct settings *settings, const struct dns_files *files)
{
	return (struct asker_options){
		.nobody = settings->resolver.kind == RESOLVER_NONE,
		.where = { .servers = files->servers.v, .n_servers = files->servers.n, .keys = files->keys },
		.deadline = (uint32_t)settings->dns_deadline,
	};
}

/* message/url.c - see url.h */
#include "message/url.h"
#include "base/err.h"

int url_parse(struct span input, const struct url *base, struct arena *arena, struct url *ret_url) { (void)input; (void)base; (void)arena; (void)ret_url; return ERR_SYNTAX; }
struct span url_percent_decode(struct span text, struct arena *arena) { (void)arena; return text; }
int url_domain_to_ascii(struct span domain, struct arena *arena, struct span *ret_ascii) { (void)arena; *ret_ascii = domain; return 0; }
struct span url_domain_to_unicode(struct span domain, struct arena *arena) { (void)arena; return domain; }

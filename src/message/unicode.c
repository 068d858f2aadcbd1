/* message/unicode.c - see unicode.h */
#include "message/unicode.h"

struct span unicode_skeleton(struct span text, struct arena *arena) { (void)arena; return text; }
struct span unicode_fold(struct span text, struct arena *arena) { (void)arena; return text; }
struct unicode_facts unicode_examine(struct span text) { (void)text; return (struct unicode_facts){ 0 }; }
void unicode_warm_up(void) {}

bool unicode_is_invisible(uint32_t c)
{
	return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || (c >= 0x17B4 && c <= 0x17B5) || (c >= 0x180B && c <= 0x180E) ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || (c >= 0x206A && c <= 0x206F) || c == 0x2800 || c == 0x3164 ||
	       c == 0xFEFF || c == 0xFFA0 || (c >= 0xE0000 && c <= 0xE007F);
}
bool unicode_is_bidi(uint32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

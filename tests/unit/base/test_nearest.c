/* "Did you mean ...?": slips of the finger are found, other words are not guessed at. */
#include "base/nearest.h"
#include "tests/test.h"

static const struct row {
	int before;
	const char *name;
} table[] = { { 1, "scan" }, { 2, "why" }, { 3, "trusted_networks" }, { 4, "an_option_whose_name_is_longer_than_anybody_would_type" } };

static void finds(void **state)
{
	static const struct {
		const char *word, *found;
	} cases[] = {
		{ "scn", "scan" },
		{ "sacn", "scan" },
		{ "SCAN", "scan" },
		{ "scam", "scan" },
		{ "hwy", "why" },
		{ "trusted_network", "trusted_networks" },
		{ "trustd_netwroks", "trusted_networks" },
		{ "lint", NULL },
		{ "x", NULL },
		{ "", NULL },
		{ "networks", NULL },
		{ "an_option_whose_name_is_longer_than_anybody_would_typ", NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = nearest_word(span_cstr(cases[i].word), &table[0].name, sizeof table[0], COUNT(table));
		if ((got == NULL) != (cases[i].found == NULL) || (got && strcmp(got, cases[i].found) != 0))
			fail_msg("%s: %s", cases[i].word, got ? got : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds) };
	return cmocka_run_group_tests_name("base/nearest", tests, NULL, NULL);
}

/* Messages set aside: whole, with the reason beside them, and no more than a bounded number. */
#include "app/aside.h"
#include "tests/test.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/postern-aside-XXXXXX";

static void keeps_message_and_reason(void **state)
{
	char path[128], text[64] = "";
	(void)state;
	assert_int_equal(aside_keep(folder, SPAN("Subject: x\r\n\r\n"), SPAN("it died"), 12345), 0);
	snprintf(path, sizeof path, "%s/aside/12345.eml", folder);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof text, file), 14);
	fclose(file);
	assert_string_equal(text, "Subject: x\r\n\r\n");
	snprintf(path, sizeof path, "%s/aside/12345.why", folder);
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(aside_keep(folder, SPAN("again"), SPAN("it died"), 12345), ERR_IO); /* never in place of another */
}

static void no_more_than_a_disk_can_bear(void **state)
{
	int err = 0;
	unsigned n = 0;
	(void)state;
	while ((err = aside_keep(folder, SPAN("x"), SPAN("y"), n)) == 0)
		n++;
	assert_int_equal(err, ERR_LIMIT);
	assert_true(n < ASIDE_MOST);
}

static void no_folder_no_file(void **state)
{
	(void)state;
	assert_int_equal(aside_keep("/nowhere/at/all", SPAN("x"), SPAN("y"), 1), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_message_and_reason),
		cmocka_unit_test(no_more_than_a_disk_can_bear),
		cmocka_unit_test(no_folder_no_file),
	};
	if (!mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) != 0 || failed;
}

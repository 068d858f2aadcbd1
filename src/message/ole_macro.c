/* message/ole_macro.c - see ole_macro.h ([MS-OVBA] 2.2.1, [MS-XLS] 2.4.28 BoundSheet8, [MS-OFFCRYPTO] 2.3) */
#include "message/ole_macro.h"

#include "base/cursor.h"
#include "message/ole.h"

enum { WORKBOOK_LOOK = 65536 }; /* the sheet list stands near the beginning of a workbook */

/* What the name of a storage or stream says. */
static const struct {
	struct span name;
	uint32_t flag;
} signs[] = {
	{ SPAN_INIT("_VBA_PROJECT_CUR"), ATTACHMENT_MACROS }, /* Excel */
	{ SPAN_INIT("_VBA_PROJECT"), ATTACHMENT_MACROS },      { SPAN_INIT("\1Ole10Native"), ATTACHMENT_EMBEDDED_OBJECT },
	{ SPAN_INIT("Package"), ATTACHMENT_EMBEDDED_OBJECT },  { SPAN_INIT("EncryptedPackage"), ATTACHMENT_ENCRYPTED },
	{ SPAN_INIT("EncryptionInfo"), ATTACHMENT_ENCRYPTED },
};

/* Class of the Equation Editor 3.0, {0002CE02-0000-0000-C000-000000000046}: withdrawn in 2018 for CVE-2017-11882, attacked ever since. */
static bool is_equation(const struct ole_entry *entry)
{
	return (entry->kind == OLE_ROOT || entry->kind == OLE_STORAGE) &&
	       span_eq(entry->class_id, SPAN("\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"));
}

/* BIFF8 records: BoundSheet8 says whether a sheet is hidden and holds Excel 4 macros; FilePass says that all is encrypted. */
static void examine_workbook(struct attachment_work *work, struct span stream, struct span name)
{
	enum { BOUND_SHEET = 0x85, FILE_PASS = 0x2f, MACRO_SHEET = 1 };
	struct cursor c = cursor_of(stream);
	while (cursor_left(&c) >= 4) {
		uint16_t type = cursor_u16(&c), n = cursor_u16(&c);
		struct cursor record = cursor_of(cursor_take(&c, n));
		if (type == FILE_PASS) {
			attachment_flag(work, ATTACHMENT_ENCRYPTED, name);
		} else if (type == BOUND_SHEET) {
			cursor_skip(&record, 4);
			uint8_t state = cursor_u8(&record) & 3, kind = cursor_u8(&record);
			if (!record.overrun && kind == MACRO_SHEET)
				attachment_flag(work, state ? ATTACHMENT_MACROS | ATTACHMENT_XLM_HIDDEN : ATTACHMENT_MACROS, name);
		}
	}
}

void ole_macro_examine(struct attachment_work *work, struct span bytes, struct span name)
{
	struct ole ole;
	struct ole_entry entry;
	uint8_t *stream = NULL;
	if (!ole_open(bytes, &ole)) {
		attachment_flag(work, ATTACHMENT_DAMAGED, name);
		return;
	}
	while (ole_next(&ole, &entry)) {
		struct span entry_name = ole_entry_name(&entry);
		for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
			if (span_ieq(entry_name, signs[i].name))
				attachment_flag(work, signs[i].flag, name);
		if (is_equation(&entry))
			attachment_flag(work, ATTACHMENT_EQUATION, name);
		if (entry.kind == OLE_STREAM && (span_ieq(entry_name, SPAN("Workbook")) || span_ieq(entry_name, SPAN("Book")))) {
			size_t look = bytes.n < WORKBOOK_LOOK ? bytes.n : WORKBOOK_LOOK;
			if (!stream)
				stream = arena_alloc(work->arena, look);
			examine_workbook(work, span_of(stream, ole_read(&ole, &entry, stream, look)), name);
		}
	}
	if (ole.damaged)
		attachment_flag(work, ATTACHMENT_DAMAGED, name);
	if (ole.cut)
		attachment_limit(work, ATTACHMENT_LIMIT, name);
}

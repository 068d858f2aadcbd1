/* message/filetype_container.c - see filetype_container.h */
#include "message/filetype_container.h"

#include "message/ole.h"
#include "message/zip.h"

enum { DIRECTORY_LOOK = 64 };

static const struct sign {
	struct span name; /* ZIP: how a member's name begins; OLE: the whole name of an entry */
	enum file_type_id id;
} zip_signs[] = {
	{ SPAN_INIT("word/"), FILE_TYPE_DOCX },
	{ SPAN_INIT("xl/"), FILE_TYPE_XLSX },
	{ SPAN_INIT("ppt/"), FILE_TYPE_PPTX },
	{ SPAN_INIT("visio/"), FILE_TYPE_VISIO },
	{ SPAN_INIT("AndroidManifest.xml"), FILE_TYPE_APK },
	{ SPAN_INIT("AppxManifest.xml"), FILE_TYPE_APPX },
	{ SPAN_INIT("META-INF/MANIFEST.MF"), FILE_TYPE_JAR },
}, ole_signs[] = {
	{ SPAN_INIT("EncryptedPackage"), FILE_TYPE_OFFICE_ENCRYPTED },
	{ SPAN_INIT("WordDocument"), FILE_TYPE_DOC },
	{ SPAN_INIT("Workbook"), FILE_TYPE_XLS },
	{ SPAN_INIT("Book"), FILE_TYPE_XLS },
	{ SPAN_INIT("PowerPoint Document"), FILE_TYPE_PPT },
	{ SPAN_INIT("VisioDocument"), FILE_TYPE_VISIO },
	{ SPAN_INIT("Quill"), FILE_TYPE_PUB },
	{ SPAN_INIT("__properties_version1.0"), FILE_TYPE_MSG },
};

/* The "mimetype" member of OpenDocument and EPUB comes first and is stored: its text follows the name. */
static enum file_type_id by_mimetype_member(struct span bytes)
{
	struct span head = span_first(bytes, 256);
	if (!span_starts(span_skip(head, 30), SPAN("mimetype")))
		return FILE_TYPE_UNKNOWN;
	if (span_has(head, SPAN("application/vnd.oasis.opendocument")))
		return FILE_TYPE_ODF;
	return span_has(head, SPAN("application/epub+zip")) ? FILE_TYPE_EPUB : FILE_TYPE_UNKNOWN;
}

static enum file_type_id sign_of(struct span name)
{
	for (size_t i = 0; i < sizeof zip_signs / sizeof *zip_signs; i++)
		if (span_starts(name, zip_signs[i].name))
			return zip_signs[i].id;
	return FILE_TYPE_UNKNOWN;
}

enum file_type_id filetype_container_zip(struct span bytes)
{
	enum file_type_id id = by_mimetype_member(bytes);
	if (id != FILE_TYPE_UNKNOWN)
		return id;
	struct zip zip;
	struct zip_entry entry;
	bool directory = zip_open(bytes, &zip);
	bool content_types = false;
	for (unsigned i = 0; i < DIRECTORY_LOOK && (directory ? zip_next(&zip, &entry) : zip_next_local(&zip, &entry)); i++) {
		enum file_type_id sign = sign_of(entry.name);
		content_types |= span_eq(entry.name, SPAN("[Content_Types].xml"));
		/* An app holds a Java manifest as well, and a source archive may hold a folder "word": the manifest decides last. */
		if (sign == FILE_TYPE_APK || sign == FILE_TYPE_APPX)
			return sign;
		if (id == FILE_TYPE_UNKNOWN)
			id = sign;
	}
	if (id == FILE_TYPE_JAR)
		return id;
	return content_types && id != FILE_TYPE_UNKNOWN ? id : FILE_TYPE_ZIP;
}

enum file_type_id filetype_container_ole(struct span bytes)
{
	struct ole ole;
	struct ole_entry entry;
	if (!ole_open(bytes, &ole))
		return FILE_TYPE_OLE;
	for (unsigned i = 0; i < DIRECTORY_LOOK && ole_next(&ole, &entry); i++) {
		/* The class of the root storage of installers and patches: {000C1084/000C1086-0000-0000-C000-000000000046}. */
		if (entry.kind == OLE_ROOT &&
		    (span_starts(entry.class_id, SPAN("\x84\x10\x0c\0")) || span_starts(entry.class_id, SPAN("\x86\x10\x0c\0"))))
			return FILE_TYPE_MSI;
		for (size_t k = 0; k < sizeof ole_signs / sizeof *ole_signs; k++)
			if (span_eq(ole_entry_name(&entry), ole_signs[k].name))
				return ole_signs[k].id;
	}
	return FILE_TYPE_OLE;
}

/* message/ole.c - see ole.h */
#include "message/ole.h"

#include "base/cursor.h"

enum { HEADER_BYTES = 512, ENTRY_BYTES = 128, HEADER_DIFAT = 109, STEPS_LEAST = 1024, STEPS_A_SECTOR = 16 };
#define SECTOR_END 0xfffffffeu /* and above: end of chain, free */
#define SECTOR_MAX 0xfffffffau

bool ole_open(struct span s, struct ole *ole)
{
	*ole = (struct ole){ .bytes = s };
	if (s.n < HEADER_BYTES || !span_starts(s, SPAN("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
		return false;
	struct cursor c = cursor_of(s);
	cursor_seek(&c, 30);
	ole->sector_shift = cursor_u16(&c);
	ole->mini_shift = cursor_u16(&c);
	cursor_seek(&c, 48);
	ole->directory = cursor_u32(&c);
	cursor_seek(&c, 56);
	ole->mini_below = cursor_u32(&c);
	ole->mini_fat = cursor_u32(&c);
	cursor_skip(&c, 4);
	ole->difat = cursor_u32(&c);
	ole->mini_stream = SECTOR_END;
	if ((ole->sector_shift != 9 && ole->sector_shift != 12) || ole->mini_shift < 2 || ole->mini_shift > ole->sector_shift)
		return false;
	ole->n_sectors = (uint32_t)(s.n >> ole->sector_shift);
	ole->sector = ole->directory;
	return true;
}

/* Sector n stands behind the header, which takes the room of one sector. */
static struct span sector_bytes(const struct ole *ole, uint32_t sector)
{
	uint64_t at = ((uint64_t)sector + 1) << ole->sector_shift;
	return sector > SECTOR_MAX || at >= ole->bytes.n ? span_none
							 : span_slice(ole->bytes, (size_t)at, (size_t)at + (1u << ole->sector_shift));
}

static uint32_t u32_in(struct span s, size_t index)
{
	struct cursor c = cursor_of(s);
	cursor_seek(&c, index * 4);
	uint32_t v = cursor_u32(&c);
	return c.overrun ? SECTOR_END : v;
}

static bool step(struct ole *ole)
{
	/* Chains that come back to where they were are as long as one likes: no honest walk takes many steps a sector. */
	if (++ole->steps > LIMIT_OLE_SECTORS || ole->steps > STEPS_LEAST + STEPS_A_SECTOR * ole->n_sectors)
		ole->cut = true;
	return !ole->cut;
}

/* Which sector holds the n-th part of the sector table: the header names 109, a chain of further lists the rest. */
static uint32_t table_sector(struct ole *ole, uint32_t n)
{
	if (n < HEADER_DIFAT)
		return u32_in(span_slice(ole->bytes, 76, HEADER_BYTES), n);
	uint32_t per_list = (1u << (ole->sector_shift - 2)) - 1, list = ole->difat;
	for (n -= HEADER_DIFAT; n >= per_list; n -= per_list) {
		if (!step(ole))
			return SECTOR_END;
		list = u32_in(sector_bytes(ole, list), per_list);
	}
	return u32_in(sector_bytes(ole, list), n);
}

static uint32_t next_sector(struct ole *ole, uint32_t sector)
{
	if (!step(ole) || sector >= ole->n_sectors)
		return SECTOR_END;
	uint32_t per_sector = 1u << (ole->sector_shift - 2);
	return u32_in(sector_bytes(ole, table_sector(ole, sector / per_sector)), sector % per_sector);
}

static void read_entry(struct span raw, struct ole_entry *entry)
{
	struct cursor c = cursor_of(raw);
	uint16_t units[32];
	for (size_t i = 0; i < 32; i++)
		units[i] = cursor_u16(&c);
	uint16_t name_bytes = cursor_u16(&c);
	entry->kind = cursor_u8(&c);
	cursor_seek(&c, 80);
	entry->class_id = cursor_take(&c, 16);
	cursor_seek(&c, 116);
	entry->start = cursor_u32(&c);
	entry->bytes = cursor_u64(&c);
	size_t n = name_bytes >= 2 && name_bytes <= 64 ? name_bytes / 2u - 1 : 0;
	for (size_t i = 0; i < n; i++)
		entry->name[i] = units[i] < 0x80 ? (char)units[i] : '?';
	entry->name_n = n;
}

bool ole_next(struct ole *ole, struct ole_entry *entry)
{
	uint32_t slots = 1u << (ole->sector_shift - 7);
	for (;;) {
		struct span sector = sector_bytes(ole, ole->sector);
		if (ole->cut || sector.n < ENTRY_BYTES)
			return false;
		if (ole->slot == slots) {
			if (ole->sectors_seen++ > ole->n_sectors) { /* more than there are: a circle */
				ole->damaged = true;
				return false;
			}
			ole->sector = next_sector(ole, ole->sector);
			ole->slot = 0;
			continue;
		}
		struct span raw = span_slice(sector, ole->slot * ENTRY_BYTES, (ole->slot + 1) * ENTRY_BYTES);
		ole->slot++;
		if (raw.n < ENTRY_BYTES)
			continue;
		*entry = (struct ole_entry){ 0 };
		read_entry(raw, entry);
		if (entry->kind == OLE_ROOT)
			ole->mini_stream = entry->start;
		if (entry->kind == OLE_STORAGE || entry->kind == OLE_STREAM || entry->kind == OLE_ROOT)
			return true;
	}
}

static size_t append(uint8_t *to, size_t have, size_t want, struct span bytes)
{
	bytes = span_first(bytes, want - have);
	if (bytes.n)
		memcpy(to + have, bytes.p, bytes.n);
	return have + bytes.n;
}

/* The n-th sector of a chain. */
static uint32_t nth_sector(struct ole *ole, uint32_t first, uint64_t n)
{
	for (; n > 0 && first <= SECTOR_MAX && !ole->cut; n--)
		first = next_sector(ole, first);
	return first;
}

static size_t read_mini(struct ole *ole, const struct ole_entry *entry, uint8_t *to, size_t want)
{
	uint32_t mini = entry->start, per_sector_shift = ole->sector_shift - ole->mini_shift, entries_shift = ole->sector_shift - 2;
	size_t have = 0;
	while (have < want && mini <= SECTOR_MAX && step(ole)) {
		struct span sector = sector_bytes(ole, nth_sector(ole, ole->mini_stream, mini >> per_sector_shift));
		size_t from = (size_t)(mini & ((1u << per_sector_shift) - 1)) << ole->mini_shift;
		size_t now = append(to, have, want, span_slice(sector, from, from + (1u << ole->mini_shift)));
		if (now == have)
			break;
		have = now;
		struct span table = sector_bytes(ole, nth_sector(ole, ole->mini_fat, mini >> entries_shift));
		mini = u32_in(table, mini & ((1u << entries_shift) - 1));
	}
	return have;
}

size_t ole_read(struct ole *ole, const struct ole_entry *entry, uint8_t *to, size_t n)
{
	size_t want = entry->bytes < n ? (size_t)entry->bytes : n, have = 0;
	if (entry->kind != OLE_STREAM)
		return 0;
	if (entry->bytes < ole->mini_below)
		return read_mini(ole, entry, to, want);
	for (uint32_t sector = entry->start; have < want && !ole->cut;) {
		size_t now = append(to, have, want, sector_bytes(ole, sector));
		if (now == have)
			break;
		have = now;
		sector = next_sector(ole, sector);
	}
	return have;
}

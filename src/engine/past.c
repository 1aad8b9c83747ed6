/* A table as it was; the contracts are in past.h. */
#include "engine/past.h"

#include "engine/index.h"
#include "item/key.h"

#include <inttypes.h>
#include <stdlib.h>

/* A key whose row was another one at the position, or may have been. */
typedef struct dyn_changed {
    dyn_bytes key;
    int64_t sequence; /* of the first change behind the position */
    bool was_there;   /* there was a row: the item before that change has it */
    bool is_there;    /* there is one now, says the last change */
} changed;

int64_t dyn_past_position(int64_t time_ms)
{
    return time_ms < 0 ? 0 : dyn_log_sequence_at(time_ms + 1) - 1;
}

void dyn_past_begin(dyn_past *past, dyn_table *table, int64_t position)
{
    past->table = table;
    past->position = position;
    past->bytes_max = DYN_PAST_BYTES_MAX;
    past->items.is_loaded = false;
    past->entries.is_loaded = false;
}

static void forget(dyn_changes *changes)
{
    if (changes->is_loaded) dyn_call_end(&changes->memory);
    changes->is_loaded = false;
}

void dyn_past_end(dyn_past *past)
{
    forget(&past->items);
    forget(&past->entries);
}

/* -------------------------------------------------------------- entries -- */

static const dyn_index *index_of(const dyn_table *table, int64_t tree)
{
    const dyn_definition *definition = dyn_table_definition(table);
    for (size_t i = 0; i < definition->index_count; i++) {
        if (dyn_table_index(table, i)->tree == tree)
            return &definition->indexes[i];
    }
    return NULL;
}

/* What an index has of an item of the log: nothing of one that it cannot hold.
 */
static dyn_status entry_of(dyn_call *call, const dyn_table *table,
                           const dyn_index *index, dyn_bytes key,
                           dyn_bytes stored, dyn_entry *out)
{
    dyn_view view;
    dyn_map item = {NULL, 0};
    DYN_TRY(dyn_row_open(call, dyn_table_layout(table), DYN_TREE_ITEMS, key,
                         stored, &view));
    DYN_TRY(dyn_view_decode(call, &view, &item));
    dyn_status status =
        dyn_entry_of(call, dyn_table_definition(table), index, &item, key, out);
    if (status != DYN_INVALID) return status;
    *out = (dyn_entry){.is_there = false};
    return DYN_OK;
}

static dyn_status fail_record(dyn_call *call, int64_t sequence)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: change %" PRId64
                    " of the log is missing, or has not the items that were "
                    "before and after it",
                    sequence);
}

/* ----------------------------------------------------------- collecting -- */

/* Changes, as they are read from the log. */
typedef struct collector {
    const dyn_past *past;
    dyn_changes *out; /* low and high come closer when there are too many */
    const dyn_index *index; /* NULL: of items */
    bool down;
    changed *all;
    size_t count;
    size_t room;
    uint32_t *places; /* 2 * room: 1 + the number of a change, at the hash of
                       * its key or behind it; 0: none */
    size_t bytes;
} collector;

static size_t find_place(const collector *c, dyn_bytes key)
{
    size_t mask = 2 * c->room - 1;
    size_t place = dyn_key_digest(key) & mask;
    while (c->places[place] != 0 &&
           !dyn_bytes_equal(c->all[c->places[place] - 1].key, key))
        place = (place + 1) & mask;
    return place;
}

static void place_all(collector *c)
{
    memset(c->places, 0, 2 * c->room * sizeof(uint32_t));
    for (size_t i = 0; i < c->count; i++)
        c->places[find_place(c, c->all[i].key)] = (uint32_t)i + 1;
}

static dyn_status make_room(collector *c)
{
    enum { ROOM_FIRST = 32 };
    dyn_call *memory = &c->out->memory;
    const changed *old = c->all;
    c->room = c->room > 0 ? 2 * c->room : ROOM_FIRST;
    c->all = dyn_alloc(memory, c->room * sizeof(changed));
    c->places = dyn_alloc(memory, 2 * c->room * sizeof(uint32_t));
    if (c->all == NULL || c->places == NULL) return DYN_NOMEM;
    if (c->count > 0) memcpy(c->all, old, c->count * sizeof(changed));
    place_all(c);
    return DYN_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return dyn_bytes_compare(((const changed *)a)->key,
                             ((const changed *)b)->key);
}

static void sort(collector *c)
{
    if (c->count > 1) qsort(c->all, c->count, sizeof(changed), compare_keys);
}

static size_t bytes_of(dyn_bytes key)
{
    return sizeof(changed) + 2 * sizeof(uint32_t) + key.size_bytes;
}

/* Too many: keep the half that is read first, and take no others from here on.
 */
static void narrow(collector *c)
{
    size_t half = c->count / 2;
    sort(c);
    if (c->down) {
        c->out->low = c->all[c->count - half].key;
        memmove(c->all, c->all + c->count - half, half * sizeof(changed));
    } else {
        c->out->high = c->all[half].key;
    }
    c->count = half;
    c->bytes = 0;
    for (size_t i = 0; i < c->count; i++)
        c->bytes += bytes_of(c->all[i].key);
    place_all(c);
}

/* A change takes the row of a key away, or brings it. */
static dyn_status add(collector *c, dyn_bytes key, int64_t sequence,
                      bool is_there)
{
    if (dyn_bytes_compare(key, c->out->low) < 0 ||
        dyn_bytes_compare(key, c->out->high) >= 0)
        return DYN_OK;
    if (c->count == c->room) DYN_TRY(make_room(c));
    size_t place = find_place(c, key);
    if (c->places[place] != 0) {
        c->all[c->places[place] - 1].is_there = is_there;
        return DYN_OK;
    }
    changed *made = &c->all[c->count];
    *made = (changed){
        .sequence = sequence, .was_there = !is_there, .is_there = is_there};
    DYN_TRY(dyn_copy(&c->out->memory, key, &made->key));
    c->places[place] = (uint32_t)++c->count;
    c->bytes += bytes_of(key);
    if (c->bytes > c->past->bytes_max && c->count > 1) narrow(c);
    return DYN_OK;
}

/* The same by what was stored before the change, or after it. */
static dyn_status add_entry(dyn_call *scratch, collector *c,
                            const dyn_log_record *record, bool is_there)
{
    dyn_entry entry = {.is_there = false};
    DYN_TRY(entry_of(scratch, c->past->table, c->index, record->key,
                     is_there ? record->after : record->before, &entry));
    if (!entry.is_there) return DYN_OK;
    dyn_status status = add(c, entry.key, record->sequence, is_there);
    return status == DYN_NOMEM ? dyn_fail_nomem(scratch) : status;
}

static dyn_status add_image(dyn_call *call, collector *c,
                            const dyn_log_record *record, bool is_there)
{
    if (c->index == NULL) {
        dyn_status status = add(c, record->key, record->sequence, is_there);
        return status == DYN_NOMEM ? dyn_fail_nomem(call) : status;
    }
    dyn_call scratch;
    dyn_call_begin(&scratch);
    dyn_status status = add_entry(&scratch, c, record, is_there);
    if (status != DYN_OK) dyn_call_take_error(call, &scratch);
    dyn_call_end(&scratch);
    return status;
}

static bool is_whole(const dyn_log_record *record)
{
    return (record->before.size_bytes > 0) ==
               (record->event != DYN_LOG_INSERT) &&
           (record->after.size_bytes > 0) ==
               (record->event != DYN_LOG_REMOVE) &&
           record->key.size_bytes > DYN_KEY_HASH_BYTES;
}

static dyn_status visit(dyn_call *call, void *context,
                        const dyn_log_record *record)
{
    collector *c = context;
    if (!is_whole(record)) return fail_record(call, record->sequence);
    if (record->event != DYN_LOG_INSERT)
        DYN_TRY(add_image(call, c, record, false));
    if (record->event != DYN_LOG_REMOVE)
        DYN_TRY(add_image(call, c, record, true));
    return DYN_OK;
}

static dyn_status fail_gone(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID,
                    "the log of the table does not go back any more to the "
                    "time that is read");
}

static dyn_status collect(dyn_call *call, const dyn_past *past,
                          const dyn_range *range, dyn_changes *out)
{
    collector c = {.past = past, .out = out, .down = range->down};
    if (past->position < dyn_table_log_keep(past->table)->whole_from)
        return fail_gone(call);
    out->tree = range->tree;
    out->log_state = dyn_log_state(dyn_table_store(past->table));
    if (dyn_copy(&out->memory, range->low, &out->low) != DYN_OK ||
        dyn_copy(&out->memory, range->high, &out->high) != DYN_OK)
        return dyn_fail_nomem(call);
    if (range->tree != DYN_TREE_ITEMS) {
        c.index = index_of(past->table, range->tree);
        if (c.index == NULL)
            return dyn_fail(call, DYN_INVALID,
                            "the index that is read is gone");
    }
    DYN_TRY(dyn_log_walk(call, dyn_table_store(past->table), past->position,
                         visit, &c));
    sort(&c);
    out->all = c.all;
    out->count = c.count;
    return DYN_OK;
}

/* Read the changes of a range, or of the first part of it. */
static dyn_status load(dyn_call *call, const dyn_past *past,
                       const dyn_range *range, dyn_changes *out)
{
    forget(out);
    dyn_call_begin(&out->memory);
    out->is_loaded = true;
    dyn_status status = collect(call, past, range, out);
    if (status != DYN_OK) forget(out);
    return status;
}

/* ------------------------------------------------------------- one item -- */

static bool is_current(const dyn_past *past, const dyn_changes *changes,
                       int64_t tree)
{
    return changes->is_loaded && changes->tree == tree &&
           changes->log_state == dyn_log_state(dyn_table_store(past->table));
}

static bool is_within(const dyn_changes *changes, dyn_bytes key)
{
    return dyn_bytes_compare(key, changes->low) >= 0 &&
           dyn_bytes_compare(key, changes->high) < 0;
}

/* Who asks for a second item is likely to ask for more. */
static dyn_status load_item(dyn_call *call, dyn_past *past, dyn_bytes key)
{
    dyn_range range = {
        .tree = DYN_TREE_ITEMS, .low = key, .high = dyn_key_end()};
    if (is_current(past, &past->items, DYN_TREE_ITEMS) &&
        is_within(&past->items, key))
        return DYN_OK;
    if (!past->items.is_loaded) {
        unsigned char *high = dyn_alloc(call, key.size_bytes + 1);
        if (high == NULL) return DYN_NOMEM;
        memcpy(high, key.data, key.size_bytes);
        high[key.size_bytes] = 0;
        range.high = (dyn_bytes){high, key.size_bytes + 1};
    }
    return load(call, past, &range, &past->items);
}

/* The number of the first change whose key is at least that. */
static size_t first_change(const dyn_changes *changes, dyn_bytes key)
{
    size_t low = 0;
    size_t high = changes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dyn_bytes_compare(changes->all[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static dyn_status check_now(dyn_call *call, const changed *change,
                            bool is_there)
{
    if (change->is_there == is_there) return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the log from change %" PRId64
                    " on is not that of what is stored now",
                    change->sequence);
}

static dyn_status read_record(dyn_call *call, const dyn_past *past,
                              int64_t sequence, dyn_log_record *out)
{
    const dyn_log_range range = {.low = sequence,
                                 .high = sequence,
                                 .records_max = 1,
                                 .bytes_max = SIZE_MAX};
    dyn_log_records records;
    DYN_TRY(dyn_log_read(call, dyn_table_store(past->table), &range, &records));
    if (records.count == 0) return fail_record(call, sequence);
    *out = records.all[0];
    return is_whole(out) ? DYN_OK : fail_record(call, sequence);
}

/* The row of an index that an item in the log had. */
static dyn_status entry_then(dyn_call *call, const dyn_past *past, int64_t tree,
                             const dyn_log_record *record, dyn_row *out)
{
    dyn_entry entry;
    DYN_TRY(entry_of(call, past->table, index_of(past->table, tree),
                     record->key, record->before, &entry));
    if (!entry.is_there || !dyn_bytes_equal(entry.key, out->key))
        return fail_record(call, record->sequence);
    return dyn_entry_encode(call, dyn_table_store(past->table),
                            dyn_table_layout(past->table)->names, &entry,
                            &out->item);
}

/* The row of a key at the position, where there was one. */
static dyn_status row_then(dyn_call *call, const dyn_past *past, int64_t tree,
                           const changed *change, dyn_row *out)
{
    dyn_log_record record = {.sequence = change->sequence};
    *out = (dyn_row){.large_id = 0};
    DYN_TRY(dyn_copy(call, change->key, &out->key));
    DYN_TRY(read_record(call, past, change->sequence, &record));
    if (tree != DYN_TREE_ITEMS)
        return entry_then(call, past, tree, &record, out);
    out->item = record.before;
    return dyn_bytes_equal(record.key, out->key)
               ? DYN_OK
               : fail_record(call, record.sequence);
}

dyn_status dyn_past_get(dyn_call *call, dyn_past *past, dyn_bytes key,
                        bool *found, dyn_row *out)
{
    const dyn_changes *items = &past->items;
    DYN_TRY(load_item(call, past, key));
    DYN_TRY(dyn_rows_get(call, dyn_table_store(past->table), DYN_TREE_ITEMS,
                         key, found, out));
    size_t number = first_change(items, key);
    if (number == items->count || !dyn_bytes_equal(items->all[number].key, key))
        return DYN_OK;
    const changed *change = &items->all[number];
    DYN_TRY(check_now(call, change, *found));
    *found = change->was_there;
    return *found ? row_then(call, past, DYN_TREE_ITEMS, change, out) : DYN_OK;
}

/* -------------------------------------------------------------- a range -- */

/* Rows of the tree and changes, as one range of rows is made of them. */
typedef struct merger {
    const dyn_past *past;
    const dyn_changes *changes;
    const dyn_range *range; /* within the changes */
    const dyn_rows *now;
    size_t row;    /* the next one of now */
    size_t change; /* the next one; going down, of those that are left: the one
                    * before it */
    dyn_row *rows;
    size_t count;
    size_t bytes;
} merger;

static bool is_full(const merger *m)
{
    return m->count == m->range->rows_max || m->bytes > m->range->bytes_max;
}

/* Whether a key lies in what has been read of the tree. */
static bool is_read(const merger *m, dyn_bytes key)
{
    const dyn_range *range = m->range;
    if (m->now->is_end) {
        return range->down ? dyn_bytes_compare(key, range->low) >= 0
                           : dyn_bytes_compare(key, range->high) < 0;
    }
    int order = dyn_bytes_compare(key, m->now->all[m->now->count - 1].key);
    return range->down ? order >= 0 : order <= 0;
}

static const changed *next_change(const merger *m)
{
    const dyn_changes *changes = m->changes;
    const changed *next = NULL;
    if (m->range->down && m->change > 0) next = &changes->all[m->change - 1];
    if (!m->range->down && m->change < changes->count)
        next = &changes->all[m->change];
    return next != NULL && is_read(m, next->key) ? next : NULL;
}

static const dyn_row *next_row(const merger *m)
{
    return m->row < m->now->count ? &m->now->all[m->row] : NULL;
}

/* Which of the two comes first: negative for the row, 0 when it is of the key
 * that has changed. */
static int compare(const merger *m, const dyn_row *row, const changed *change)
{
    if (row == NULL) return 1;
    if (change == NULL) return -1;
    int order = dyn_bytes_compare(row->key, change->key);
    return m->range->down ? -order : order;
}

static void keep(merger *m, const dyn_row *row)
{
    m->rows[m->count++] = *row;
    m->bytes += row->item.size_bytes;
}

static dyn_status take_change(dyn_call *call, merger *m, const changed *change,
                              bool is_there)
{
    dyn_row row;
    DYN_TRY(check_now(call, change, is_there));
    m->range->down ? m->change-- : m->change++;
    if (!change->was_there) return DYN_OK;
    DYN_TRY(row_then(call, m->past, m->range->tree, change, &row));
    keep(m, &row);
    return DYN_OK;
}

static dyn_status merge(dyn_call *call, merger *m, bool *is_end)
{
    m->rows = dyn_alloc(call, m->range->rows_max * sizeof(dyn_row));
    if (m->rows == NULL) return DYN_NOMEM;
    m->change = first_change(m->changes,
                             m->range->down ? m->range->high : m->range->low);
    for (;;) {
        const dyn_row *row = next_row(m);
        const changed *change = next_change(m);
        *is_end = row == NULL && change == NULL;
        if (*is_end || is_full(m)) return DYN_OK;
        int order = compare(m, row, change);
        if (order < 0) keep(m, row);
        if (order <= 0) m->row++;
        if (order >= 0) DYN_TRY(take_change(call, m, change, order == 0));
    }
}

/* Whether changes are loaded from where a range begins. */
static bool is_covered(const dyn_past *past, const dyn_changes *changes,
                       const dyn_range *range)
{
    if (!is_current(past, changes, range->tree)) return false;
    if (!range->down) return is_within(changes, range->low);
    return dyn_bytes_compare(range->high, changes->low) > 0 &&
           dyn_bytes_compare(range->high, changes->high) <= 0;
}

/* The part of a range that changes are loaded of; *is_all: the whole of it. */
static dyn_range covered_part(const dyn_changes *changes,
                              const dyn_range *range, bool *is_all)
{
    dyn_range part = *range;
    *is_all = true;
    if (range->down && dyn_bytes_compare(range->low, changes->low) < 0) {
        part.low = changes->low;
        *is_all = false;
    }
    if (!range->down && dyn_bytes_compare(range->high, changes->high) > 0) {
        part.high = changes->high;
        *is_all = false;
    }
    return part;
}

/* Go on behind what has been read of a part of a range. */
static dyn_status move_on(dyn_call *call, const dyn_range *part,
                          const dyn_rows *now, dyn_range *range)
{
    dyn_bytes edge = part->down ? part->low : part->high;
    unsigned char *after = NULL;
    if (!now->is_end) edge = now->all[now->count - 1].key;
    after = dyn_alloc(call, edge.size_bytes + 1);
    if (after == NULL) return DYN_NOMEM;
    if (edge.size_bytes > 0) memcpy(after, edge.data, edge.size_bytes);
    after[edge.size_bytes] = 0;
    if (range->down) {
        range->high = (dyn_bytes){after, edge.size_bytes};
    } else {
        bool is_behind = !now->is_end;
        range->low = (dyn_bytes){after, edge.size_bytes + is_behind};
    }
    return DYN_OK;
}

/* Read the first part of a range, which then is what lies behind. */
static dyn_status read_part(dyn_call *call, dyn_past *past, dyn_range *range,
                            dyn_rows *out)
{
    bool is_all = false;
    bool is_end = false;
    dyn_rows now;
    dyn_changes *changes =
        range->tree == DYN_TREE_ITEMS ? &past->items : &past->entries;
    if (!is_covered(past, changes, range))
        DYN_TRY(load(call, past, range, changes));
    dyn_range part = covered_part(changes, range, &is_all);
    DYN_TRY(dyn_rows_range(call, dyn_table_store(past->table), &part, &now));
    merger m = {.past = past, .changes = changes, .range = &part, .now = &now};
    DYN_TRY(merge(call, &m, &is_end));
    *out = (dyn_rows){m.rows, m.count, is_end && now.is_end && is_all};
    return m.count > 0 || out->is_end ? DYN_OK
                                      : move_on(call, &part, &now, range);
}

dyn_status dyn_past_range(dyn_call *call, dyn_past *past,
                          const dyn_range *range, dyn_rows *out)
{
    dyn_range rest = *range;
    *out = (dyn_rows){.count = 0};
    while (out->count == 0 && !out->is_end)
        DYN_TRY(read_part(call, past, &rest, out));
    return DYN_OK;
}

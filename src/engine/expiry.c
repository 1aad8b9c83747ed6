/* The tree of when items expire; the contracts are in expiry.h. How the tree
 * comes and goes is in expiry_tree.c. */
#include "engine/expiry.h"

#include "base/clock.h"
#include "engine/due_kinds.h"
#include "engine/rows.h"
#include "engine/table_internal.h"

enum { SECOND_BYTES = 8, TAKE_BYTES_MAX = 1024 * 1024 };

/* --------------------------------------------------------------- the tree --
 */

static void write_second(int64_t second, unsigned char *out)
{
    uint64_t bits = (uint64_t)second ^ (UINT64_C(1) << 63);
    for (int i = 0; i < SECOND_BYTES; i++)
        out[i] = (unsigned char)(bits >> (8 * (SECOND_BYTES - 1 - i)));
}

static int64_t read_second(const unsigned char *bytes)
{
    uint64_t bits = 0;
    for (int i = 0; i < SECOND_BYTES; i++)
        bits = bits << 8 | bytes[i];
    return (int64_t)(bits ^ (UINT64_C(1) << 63));
}

dyn_status dyn_expiry_key(dyn_call *call, dyn_bytes item_key, int64_t second,
                          dyn_bytes *out)
{
    unsigned char *key = dyn_alloc(call, SECOND_BYTES + item_key.size_bytes);
    if (key == NULL) return DYN_NOMEM;
    write_second(second, key);
    memcpy(key + SECOND_BYTES, item_key.data, item_key.size_bytes);
    *out = (dyn_bytes){key, SECOND_BYTES + item_key.size_bytes};
    return DYN_OK;
}

bool dyn_expiry_has_tree(const dyn_table *table)
{
    return table->expiry.is_there;
}

bool dyn_expiry_is_kept(const dyn_table *table)
{
    return table->expiry.is_there && !table->expiry.is_ended;
}

bool dyn_expiry_reaches(const dyn_table *table, dyn_bytes item_key)
{
    const dyn_expiry_tree *tree = &table->expiry;
    dyn_bytes position = {tree->position, tree->position_bytes};
    return dyn_expiry_is_kept(table) &&
           (!tree->is_filling || dyn_bytes_compare(item_key, position) < 0);
}

dyn_status dyn_expiry_insert(dyn_call *call, dyn_table *table,
                             dyn_bytes item_key, int64_t second)
{
    static const unsigned char value[] = {0};
    dyn_bytes key = {NULL, 0};
    DYN_TRY(dyn_expiry_key(call, item_key, second, &key));
    DYN_TRY(dyn_rows_insert(call, table->store, DYN_TREE_EXPIRY, key,
                            (dyn_bytes){value, sizeof(value)}));
    dyn_expiry_note(table, second);
    return DYN_OK;
}

static dyn_status delete_key(dyn_call *call, dyn_table *table, dyn_bytes key)
{
    const dyn_row row = {.key = key};
    return dyn_rows_delete(call, table->store, DYN_TREE_EXPIRY, &row);
}

dyn_status dyn_expiry_write(dyn_call *call, dyn_table *table,
                            dyn_bytes item_key, const dyn_expiry *before,
                            const dyn_expiry *after)
{
    dyn_bytes key = {NULL, 0};
    bool is_same = before->is_there == after->is_there &&
                   (!after->is_there || before->second == after->second);
    if (is_same || !dyn_expiry_reaches(table, item_key)) return DYN_OK;
    if (before->is_there) {
        DYN_TRY(dyn_expiry_key(call, item_key, before->second, &key));
        DYN_TRY(delete_key(call, table, key));
    }
    return after->is_there
               ? dyn_expiry_insert(call, table, item_key, after->second)
               : DYN_OK;
}

/* -------------------------------------------------------- what has expired --
 */

void dyn_expiry_note(dyn_table *table, int64_t second)
{
    if (second < table->expiry.first) table->expiry.first = second;
}

/* What the tree begins with is remembered, so that a commit need not look. It
 * is looked for anew when the clock was set back behind what had been too old.
 */
int64_t dyn_expiry_due_ms(dyn_table *table)
{
    const dyn_expiry_tree *tree = &table->expiry;
    int64_t young =
        dyn_expiry_first_young(dyn_expiry_second(dyn_clock_now_ms()));
    if (!dyn_expiry_is_kept(table)) return DYN_DUE_NEVER;
    if (!tree->is_known || young < tree->looked_from) return DYN_DUE_NOW;
    if (tree->first == DYN_EXPIRY_NEVER) return DYN_DUE_NEVER;
    return (tree->first + table->definition.ttl_delay_seconds + 1) * 1000;
}

/* Rows that are of no form of ours are damage, which dynamo_check() tells. */
static dyn_status read_row(dyn_call *call, const dyn_row *row, dyn_expired *out)
{
    if (row->key.size_bytes <= SECOND_BYTES) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: a time of expiry is of no "
                        "item");
    }
    *out = (dyn_expired){
        .key = row->key,
        .item_key = {row->key.data + SECOND_BYTES,
                     row->key.size_bytes - SECOND_BYTES},
        .second = read_second(row->key.data),
    };
    return DYN_OK;
}

/* The first rows that are not too old. */
static dyn_status read_rows(dyn_call *call, dyn_table *table, int64_t young,
                            size_t rows_max, dyn_rows *out)
{
    unsigned char low[SECOND_BYTES];
    unsigned char high[SECOND_BYTES];
    write_second(young, low);
    write_second(DYN_EXPIRY_SECONDS_MAX + 1, high);
    const dyn_range range = {
        .tree = DYN_TREE_EXPIRY,
        .low = {low, sizeof(low)},
        .high = {high, sizeof(high)},
        .rows_max = rows_max,
        .bytes_max = TAKE_BYTES_MAX,
    };
    return dyn_rows_range(call, table->store, &range, out);
}

dyn_status dyn_expiry_take(dyn_call *call, dyn_table *table, size_t rows_max,
                           dyn_expired **out, size_t *count)
{
    dyn_rows rows;
    dyn_expiry_tree *tree = &table->expiry;
    int64_t now = dyn_expiry_second(dyn_clock_now_ms());
    int64_t end = now - table->definition.ttl_delay_seconds;
    *count = 0;
    DYN_TRY(
        read_rows(call, table, dyn_expiry_first_young(now), rows_max, &rows));
    *out = dyn_alloc(call, (rows.count + 1) * sizeof(dyn_expired));
    if (*out == NULL) return DYN_NOMEM;
    int64_t first = DYN_EXPIRY_NEVER;
    for (size_t i = 0; i < rows.count; i++) {
        dyn_expired *row = &(*out)[i];
        DYN_TRY(read_row(call, &rows.all[i], row));
        first = row->second;
        if (row->second >= end) break;
        (*count)++;
    }
    if (*count == rows.count && rows.is_end) first = DYN_EXPIRY_NEVER;
    tree->first = first;
    tree->looked_from = dyn_expiry_first_young(now);
    tree->is_known = true;
    return DYN_OK;
}

dyn_status dyn_expiry_drop(dyn_call *call, dyn_table *table,
                           const dyn_expired *row)
{
    return delete_key(call, table, row->key);
}

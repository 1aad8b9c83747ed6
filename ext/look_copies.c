/*
 * dynamo_backups and dynamo_caches: where there are copies of what tables hold.
 */
#include "look.h"

#include "base/time_text.h"
#include "dax.h"
#include "ops/backup.h"

static dyn_status add_backup(dyn_call *call, const dyn_backup *backup,
                             dyn_buffer *rows)
{
    const char *arn = NULL;
    const char *created = NULL;
    DYN_TRY(dyn_backup_arn(call, backup, &arn));
    DYN_TRY(dyn_time_text(call, backup->created_ms, &created));
    look_row out = {{
        look_text(backup->schema),
        look_text((const char *)backup->table_name.data),
        look_text((const char *)backup->name.data),
        look_text(arn),
        look_text(created),
        look_text("available"),
        look_number(backup->items),
        look_number(backup->size_bytes),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* Tables that are gone have backups, too. */
static dyn_status add_backups(dyn_call *call, dyn_session *session,
                              const char *name, dyn_buffer *rows)
{
    size_t count = 0;
    const dyn_backup *all = NULL;
    DYN_TRY(dyn_list_backups(call, session, &all, &count));
    for (size_t i = 0; i < count; i++) {
        const char *label = NULL;
        DYN_TRY(dyn_backup_label(call, &all[i], &label));
        if (name == NULL || strcmp(name, label) == 0 ||
            dyn_bytes_equal_text(all[i].table_name, name)) {
            DYN_TRY(add_backup(call, &all[i], rows));
        }
    }
    return DYN_OK;
}

const looking_table look_backups = {
    .name = "dynamo_backups",
    .declaration =
        "CREATE TABLE x(schema_name, table_name, name, arn, created, status, "
        "items, bytes, argument HIDDEN)",
    .columns = 8,
    .add_others = add_backups,
};

/* The leaves of a table that are in memory. */
static dyn_status add_leaf_cache(dyn_call *call, const dyn_table *table,
                                 dyn_buffer *rows)
{
    const char *name = NULL;
    const dyn_leaf_cache_counts counts =
        dyn_store_cache_counts(dyn_table_store(table));
    DYN_TRY(look_table_name(call, table, &name));
    look_row out = {{
        look_text(name),
        look_text(name),
        look_text("leaf"),
        look_number(counts.entries),
        look_number(counts.bytes),
        look_number(counts.hits),
        look_number(counts.misses),
        look_number(counts.evictions),
        look_number(0),
        look_units(0),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* The names are copied: the rows may outlive the cache. */
static dyn_status add_cache(dyn_call *call, const dax_table *dax,
                            dyn_cache_kind kind, dyn_buffer *rows)
{
    static const char *const kinds[DYN_CACHE_KINDS] = {
        [DYN_CACHE_ITEMS] = "item", [DYN_CACHE_QUERIES] = "query"};
    const dyn_cache_counts *counts = dyn_dax_counts(dax->dax, kind);
    const char *name = dyn_format(call, "%s", dax->name);
    const char *base = dyn_format(call, "%s", dax->base_name);
    if (name == NULL || base == NULL) return DYN_NOMEM;
    look_row out = {{
        look_text(name),
        look_text(base),
        look_text(kinds[kind]),
        look_number(counts->entries),
        look_number(counts->bytes),
        look_number(counts->hits),
        look_number(counts->misses),
        look_number(counts->evictions),
        look_number(counts->expired),
        look_units(counts->halves_saved),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_caches(dyn_call *call, dyn_session *session,
                             const char *name, dyn_buffer *rows)
{
    for (const dax_table *d = session->dax_tables; d != NULL; d = d->next) {
        if (name != NULL && sqlite3_stricmp(name, d->name) != 0) continue;
        for (int kind = 0; kind < DYN_CACHE_KINDS; kind++)
            DYN_TRY(add_cache(call, d, (dyn_cache_kind)kind, rows));
    }
    for (const dyn_table *t = session->tables; t != NULL;
         t = dyn_table_next(t)) {
        if (name == NULL || sqlite3_stricmp(name, dyn_table_label(t)) == 0)
            DYN_TRY(add_leaf_cache(call, t, rows));
    }
    return DYN_OK;
}

const looking_table look_caches = {
    .name = "dynamo_caches",
    .declaration =
        "CREATE TABLE x(name, table_name, kind, entries, bytes, hits, misses, "
        "evictions, expired, units_saved, argument HIDDEN)",
    .columns = 10,
    .add_others = add_caches,
};

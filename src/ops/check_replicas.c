/* The check of replicas; the contract is in check_replicas.h. */
#include "ops/check_replicas.h"

#include "engine/rows.h"
#include "engine/versions.h"
#include "ops/record.h"
#include "ops/replica.h"

enum { VERSIONS = 256 };

/* Where a page begins, in memory of the whole check. */
typedef struct walk {
    dyn_buffer behind;
} walk;

static dyn_status check_version(dyn_checker *c, dyn_call *call, dyn_bytes key,
                                const dyn_version *version)
{
    bool found = false;
    dyn_row row;
    dyn_map keys = {NULL, 0};
    DYN_TRY(dyn_record_keys(call, c->table, key, &keys));
    DYN_TRY(dyn_rows_get(call, dyn_table_store(c->table), DYN_TREE_ITEMS, key,
                         &found, &row));
    if (found == version->is_deleted) {
        dyn_check_add_key(c, "version", key,
                          found ? "it is of a removal, and the item is there"
                                : "its item is not there");
    }
    return DYN_OK;
}

static dyn_status check_page(dyn_checker *c, dyn_call *call, void *position,
                             bool *is_end)
{
    walk *w = position;
    dyn_versions versions;
    const dyn_bytes behind = {w->behind.data, w->behind.size_bytes};
    DYN_TRY(dyn_versions_read(call, dyn_table_store(c->table), behind, VERSIONS,
                              &versions));
    for (size_t i = 0; i < versions.count; i++) {
        DYN_TRY(check_version(c, call, versions.keys[i], &versions.all[i]));
    }
    *is_end = versions.count < VERSIONS;
    if (*is_end) return DYN_OK;
    w->behind.size_bytes = 0;
    dyn_buffer_add_bytes(&w->behind, versions.keys[versions.count - 1]);
    return w->behind.failed ? DYN_NOMEM : DYN_OK;
}

dyn_status dyn_check_replicas(dyn_checker *c)
{
    walk w;
    dyn_replica *replicas = NULL;
    size_t count = 0;
    if (!dyn_table_log_keep(c->table)->has_replicas) return DYN_OK;
    DYN_TRY(dyn_replicas(c->call, c->table, &replicas, &count));
    dyn_buffer_begin(&w.behind, c->call, 64);
    return dyn_check_pages(c, check_page, &w);
}

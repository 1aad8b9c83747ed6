/* Replication; the contracts are in replicate.h. */
#include "ops/replicate.h"

#include "base/clock.h"
#include "base/time_text.h"
#include "engine/conflict.h"
#include "engine/row.h"
#include "engine/versions.h"
#include "item/key.h"
#include "ops/record.h"
#include "ops/steps.h"
#include "ops/write.h"

enum {
    BATCH_RECORDS = 100,
    BATCH_BYTES = 1024 * 1024,
    NOTED_MS = 60 * 60 * 1000, /* how often it is written that nothing came */
    KEPT_MS = 24 * 60 * 60 * 1000, /* a version without an item, at least */
    PRUNE_ROWS = 1000,
};

/* ------------------------------------------------------------- both ends -- */

static dyn_bytes region_of(const dyn_table *table)
{
    return dyn_table_definition(table)->region;
}

static dyn_status find_other(dyn_call *call, dyn_table *table, dyn_table *other,
                             bool *found, dyn_replica *out)
{
    dyn_birth birth;
    DYN_TRY(dyn_table_birth(call, other, &birth));
    return dyn_replica_find_id(call, table, birth.id, found, out);
}

dyn_status dyn_replication_begin(dyn_call *call, dyn_table *from, dyn_table *to,
                                 bool *found, dyn_replication *out)
{
    dyn_replica receiver;
    *out = (dyn_replication){.from = from, .to = to};
    *found = false;
    if (from == to || !dyn_table_log_keep(from)->has_replicas ||
        !dyn_table_log_keep(to)->has_replicas)
        return DYN_OK;
    DYN_TRY(find_other(call, from, to, found, &receiver));
    return *found ? find_other(call, to, from, found, &out->sender) : DYN_OK;
}

static int64_t last_ms(const dyn_replication *r)
{
    const dyn_definition *definition = dyn_table_definition(r->from);
    return dyn_clock_now_ms() -
           (r->is_at_once ? 0 : definition->replication_delay_ms);
}

/* The changes that are old enough. Without a delay those are all, also where
 * the clock has gone back. */
static dyn_log_range range_of(const dyn_replication *r)
{
    bool has_delay = !r->is_at_once &&
                     dyn_table_definition(r->from)->replication_delay_ms > 0;
    return (dyn_log_range){
        .low = r->sender.received + 1,
        .high = has_delay ? dyn_log_sequence_at(last_ms(r) + 1) - 1 : INT64_MAX,
        .records_max = BATCH_RECORDS,
        .bytes_max = BATCH_BYTES,
    };
}

/* ------------------------------------------------------------- conflicts -- */

/* One side of a conflict, from what is stored. */
static dyn_status read_side(dyn_call *call, const dyn_replication *r,
                            dyn_bytes key, dyn_bytes stored,
                            const dyn_version *version, dyn_conflict_side *out)
{
    *out = (dyn_conflict_side){.region = version->region};
    if (stored.size_bytes > 0)
        DYN_TRY(dyn_record_item_text(call, r->to, key, stored, &out->item));
    return dyn_time_text(call, dyn_log_time_ms(version->sequence), &out->time);
}

/* What arrives, and what is there. */
typedef struct arrival {
    const dyn_log_record *record;
    dyn_version version;
    dyn_before before;
    dyn_version last;
    bool wins;
} arrival;

/*
 * Whether neither side knew of the other: what is there was made here, and the
 * other region had something else when it made its change. A change from here
 * is later than all that had been received, so one that loses to it was made
 * without it. Between others it is for one of them to tell. Where both come to
 * the same there is nothing to tell.
 */
static bool is_conflict(const dyn_replication *r, const arrival *a)
{
    const dyn_log_record *record = a->record;
    dyn_bytes there = a->before.found ? a->before.row.item : (dyn_bytes){0};
    if (!dyn_bytes_equal(a->last.region, region_of(r->to)) ||
        dyn_bytes_equal(there, record->after))
        return false;
    return !a->wins || !dyn_bytes_equal(there, record->before);
}

static dyn_status note_conflict(dyn_call *call, dyn_replication *r,
                                const arrival *a)
{
    dyn_conflict conflict;
    dyn_conflict_side here;
    dyn_conflict_side arrived;
    dyn_bytes key = a->record->key;
    dyn_bytes there = a->before.found ? a->before.row.item : (dyn_bytes){0};
    DYN_TRY(read_side(call, r, key, there, &a->last, &here));
    DYN_TRY(read_side(call, r, key, a->record->after, &a->version, &arrived));
    DYN_TRY(dyn_time_text(call, dyn_clock_now_ms(), &conflict.time));
    DYN_TRY(dyn_record_keys_text(call, r->to, key, &conflict.keys));
    conflict.kept = a->wins ? arrived : here;
    conflict.lost = a->wins ? here : arrived;
    r->sender.conflicts++;
    return dyn_conflict_write(call, dyn_table_store(r->to), &conflict);
}

/* --------------------------------------------------------------- changes -- */

/* An item as the other table stores it, in which names may have other numbers.
 * Equal items are equal bytes then. */
static dyn_status translate(dyn_call *call, const dyn_table *from,
                            const dyn_table *to, dyn_bytes key,
                            dyn_bytes *stored)
{
    dyn_map item = {NULL, 0};
    size_t size_bytes = 0;
    size_t texts = 0;
    if (stored->size_bytes == 0) return DYN_OK;
    DYN_TRY(dyn_record_item(call, from, key, *stored, &item, &size_bytes));
    return dyn_item_encode_rest(call, dyn_table_layout(to), &item, size_bytes,
                                &texts, stored);
}

/* The item of another table, which must be one that can be put into this one
 * under that key. */
static dyn_status read_item(dyn_call *call, const dyn_table *from,
                            const dyn_table *table, dyn_bytes key,
                            dyn_bytes stored, dyn_map *out, size_t *size_bytes)
{
    dyn_bytes its_key = {NULL, 0};
    DYN_TRY(dyn_record_item(call, from, key, stored, out, size_bytes));
    DYN_TRY(dyn_table_key(call, table, out, &its_key));
    if (dyn_bytes_equal(key, its_key))
        return dyn_item_check(call, out, size_bytes);
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables of a replica are damaged: an item is under "
                    "the key of another one");
}

/* Put an item, or remove it, as it is stored in another table. */
static dyn_status write_item(dyn_call *call, const dyn_table *from,
                             dyn_table *table, dyn_bytes key,
                             const dyn_before *before, dyn_bytes stored,
                             bool is_free)
{
    dyn_map item = {NULL, 0};
    bool is_there = stored.size_bytes > 0;
    dyn_item_change change = {
        .actor = DYN_ACTOR_REPLICA,
        .is_free = is_free,
        .use = is_there ? DYN_USE_PUT_ITEM : DYN_USE_DELETE_ITEM,
        .key = key,
        .before = before,
        .after = is_there ? &item : NULL,
        .rate = dyn_rate_of(false),
    };
    if (is_there) {
        DYN_TRY(read_item(call, from, table, key, stored, &item,
                          &change.after_bytes));
    }
    return dyn_write_item(call, table, &change);
}

static dyn_status receive_change(dyn_call *call, dyn_replication *r,
                                 const dyn_log_record *sent)
{
    dyn_store *store = dyn_table_store(r->to);
    dyn_bytes key = sent->key;
    dyn_log_record record = *sent;
    arrival a = {
        .record = &record,
        .version = {sent->sequence, region_of(r->from),
                    sent->event == DYN_LOG_REMOVE},
    };
    DYN_TRY(translate(call, r->from, r->to, key, &record.before));
    DYN_TRY(translate(call, r->from, r->to, key, &record.after));
    DYN_TRY(dyn_write_read(call, r->to, key, &a.before));
    DYN_TRY(dyn_version_read(call, store, key, &a.last));
    a.wins = dyn_version_is_later(&a.version, &a.last);
    if (is_conflict(r, &a)) DYN_TRY(note_conflict(call, r, &a));
    if (!a.wins) return DYN_OK;
    if (a.before.found || record.after.size_bytes > 0) {
        DYN_TRY(write_item(call, r->from, r->to, key, &a.before, sent->after,
                           false));
    }
    return dyn_version_write(call, store, key, &a.version, dyn_clock_now_ms());
}

/* ------------------------------------------------------------ tombstones -- */

/* Versions without an item are needed while an older change may still come:
 * until all regions have been heard of since. */
static dyn_status prune_below(dyn_call *call, const dyn_replication *r,
                              int64_t *below_ms)
{
    dyn_replica *all = NULL;
    size_t count = 0;
    *below_ms = dyn_clock_now_ms() - KEPT_MS;
    DYN_TRY(dyn_replicas(call, r->to, &all, &count));
    for (size_t i = 0; i < count; i++) {
        if (all[i].complete_ms < *below_ms) *below_ms = all[i].complete_ms;
    }
    return DYN_OK;
}

static dyn_status prune(dyn_call *call, const dyn_replication *r)
{
    int64_t below_ms = 0;
    DYN_TRY(prune_below(call, r, &below_ms));
    return dyn_versions_prune(call, dyn_table_store(r->to), below_ms,
                              PRUNE_ROWS);
}

static dyn_status can_prune(dyn_call *call, const dyn_replication *r, bool *out)
{
    int64_t below_ms = 0;
    int64_t first_ms = 0;
    DYN_TRY(prune_below(call, r, &below_ms));
    DYN_TRY(
        dyn_versions_first_deleted(call, dyn_table_store(r->to), &first_ms));
    *out = first_ms < below_ms;
    return DYN_OK;
}

/* --------------------------------------------------------------- batches -- */

dyn_status dyn_replication_is_due(dyn_call *call, const dyn_replication *r,
                                  bool *out)
{
    dyn_log_records records;
    dyn_log_range range = range_of(r);
    range.records_max = 1;
    DYN_TRY(dyn_log_read(call, dyn_table_store(r->from), &range, &records));
    *out = records.count > 0 || last_ms(r) - r->sender.complete_ms > NOTED_MS;
    return *out ? DYN_OK : can_prune(call, r, out);
}

/* What has not been received is still there, unless the receiver is an older
 * copy of itself. */
static dyn_status check_log(dyn_call *call, const dyn_replication *r)
{
    bool has_removed = false;
    dyn_log_bounds log;
    dyn_store *store = dyn_table_store(r->from);
    DYN_TRY(dyn_log_read_bounds(call, store, &log));
    int64_t first = log.is_empty ? log.last + 1 : log.first;
    DYN_TRY(dyn_log_has_had(call, store, r->sender.received + 1, first,
                            &has_removed));
    if (!has_removed) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "changes that were made in %.*s are gone, and have not "
                    "been received, as when a file is replaced by an older "
                    "copy of it: DROP REPLICA, and make this one anew",
                    (int)r->sender.region.size_bytes,
                    (const char *)r->sender.region.data);
}

dyn_status dyn_replication_receive(dyn_call *call, dyn_replication *r,
                                   int64_t *changes, bool *is_end)
{
    dyn_log_records records;
    dyn_log_range range = range_of(r);
    DYN_TRY(check_log(call, r));
    DYN_TRY(dyn_log_read(call, dyn_table_store(r->from), &range, &records));
    dyn_store_begin_write(dyn_table_store(r->to));
    for (size_t i = 0; i < records.count; i++) {
        r->sender.received = records.all[i].sequence;
        if (records.all[i].actor == DYN_ACTOR_REPLICA) continue;
        DYN_TRY(receive_change(call, r, &records.all[i]));
        (*changes)++;
    }
    *is_end = records.is_end;
    if (*is_end) r->sender.complete_ms = last_ms(r);
    DYN_TRY(dyn_replica_save(call, r->to, &r->sender));
    return *is_end ? prune(call, r) : DYN_OK;
}

/* --------------------------------------------------------- confirmations -- */

static dyn_status find_receiver(dyn_call *call, const dyn_replication *r,
                                bool *is_behind, dyn_replica *out)
{
    DYN_TRY(find_other(call, r->from, r->to, is_behind, out));
    *is_behind = *is_behind && out->position < r->sender.received;
    return DYN_OK;
}

dyn_status dyn_replication_is_unconfirmed(dyn_call *call,
                                          const dyn_replication *r, bool *out)
{
    dyn_replica receiver;
    return find_receiver(call, r, out, &receiver);
}

dyn_status dyn_replication_confirm(dyn_call *call, const dyn_replication *r)
{
    bool is_behind = false;
    dyn_replica receiver;
    DYN_TRY(find_receiver(call, r, &is_behind, &receiver));
    if (!is_behind) return DYN_OK;
    receiver.position = r->sender.received;
    dyn_store_begin_write(dyn_table_store(r->from));
    return dyn_replica_save(call, r->from, &receiver);
}

/* ---------------------------------------------------------- new replicas -- */

/* What is copied in steps. */
typedef struct copying {
    dyn_table *from;
    dyn_table *to;
    dyn_buffer position; /* behind the last key that is copied */
} copying;

static dyn_status copy_items(dyn_call *call, void *work, bool *is_end)
{
    static const dyn_before nothing = {.found = false};
    copying *c = work;
    dyn_rows rows;
    const dyn_range range = {
        .tree = DYN_TREE_ITEMS,
        .low = {c->position.data, c->position.size_bytes},
        .high = dyn_key_end(),
        .rows_max = BATCH_RECORDS,
        .bytes_max = BATCH_BYTES,
    };
    DYN_TRY(dyn_rows_range(call, dyn_table_store(c->from), &range, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        DYN_TRY(write_item(call, c->from, c->to, rows.all[i].key, &nothing,
                           rows.all[i].item, true));
    }
    *is_end = rows.is_end;
    if (rows.count == 0) return DYN_OK;
    c->position.size_bytes = 0; /* no key is between one and it with a zero */
    dyn_buffer_add_bytes(&c->position, rows.all[rows.count - 1].key);
    dyn_buffer_add_byte(&c->position, 0);
    return c->position.failed ? dyn_fail_nomem(call) : DYN_OK;
}

static dyn_status copy_versions(dyn_call *call, void *work, bool *is_end)
{
    copying *c = work;
    dyn_versions versions;
    const dyn_bytes behind = {c->position.data, c->position.size_bytes};
    DYN_TRY(dyn_versions_read(call, dyn_table_store(c->from), behind,
                              BATCH_RECORDS, &versions));
    for (size_t i = 0; i < versions.count; i++) {
        DYN_TRY(dyn_version_write(call, dyn_table_store(c->to),
                                  versions.keys[i], &versions.all[i],
                                  dyn_clock_now_ms()));
    }
    *is_end = versions.count < BATCH_RECORDS;
    if (*is_end) return DYN_OK;
    c->position.size_bytes = 0;
    dyn_buffer_add_bytes(&c->position, versions.keys[versions.count - 1]);
    return c->position.failed ? dyn_fail_nomem(call) : DYN_OK;
}

dyn_status dyn_replica_copy(dyn_call *call, dyn_table *from, dyn_table *to)
{
    copying c = {.from = from, .to = to};
    dyn_store_begin_write(dyn_table_store(to));
    dyn_buffer_begin(&c.position, call, DYN_KEY_BYTES_MAX + 1);
    DYN_TRY(dyn_work_run(call, copy_items, &c));
    c.position.size_bytes = 0;
    return dyn_work_run(call, copy_versions, &c);
}

static dyn_status add_other(dyn_call *call, dyn_table *table, dyn_table *other,
                            const dyn_replica *as)
{
    dyn_birth birth;
    dyn_replica replica = *as;
    DYN_TRY(dyn_table_birth(call, other, &birth));
    replica.id = birth.id;
    DYN_TRY(dyn_copy(call, region_of(other), &replica.region));
    return dyn_replica_add(call, table, &replica);
}

dyn_status dyn_replica_connect(dyn_call *call, dyn_table *table,
                               int64_t received_by_table, dyn_table *other,
                               int64_t received_by_other, bool is_strong)
{
    const dyn_replica here = {.is_strong = is_strong,
                              .position = received_by_other,
                              .received = received_by_table};
    const dyn_replica there = {.is_strong = is_strong,
                               .position = received_by_table,
                               .received = received_by_other};
    DYN_TRY(add_other(call, table, other, &here));
    return add_other(call, other, table, &there);
}

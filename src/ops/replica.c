/* Replicas, as they are stored; the contracts are in replica.h. */
#include "ops/replica.h"

#include "engine/numbers.h"
#include "engine/versions.h"

static dyn_log_reader_kind kind_of(const dyn_replica *replica)
{
    return replica->is_strong ? DYN_READER_STRONG_REPLICA : DYN_READER_REPLICA;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status fail_damaged(dyn_call *call)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: a replica in _readers is of no "
                    "known form");
}

static dyn_status read_replica(dyn_call *call, const dyn_log_reader *reader,
                               dyn_replica *out)
{
    enum { ID_BYTES = 32 };
    dyn_numbers state = {(const char *)reader->state.data,
                         reader->state.data != NULL};
    *out = (dyn_replica){
        .region = reader->name,
        .id = reader->settings,
        .is_strong = reader->kind == DYN_READER_STRONG_REPLICA,
        .position = reader->position,
    };
    if (state.is_sound) {
        out->received = dyn_numbers_next(&state, 0, INT64_MAX);
        out->complete_ms = dyn_numbers_next(&state, INT64_MIN, INT64_MAX);
        out->conflicts = dyn_numbers_next(&state, 0, INT64_MAX);
    }
    if (dyn_numbers_are_read(&state) && out->id.size_bytes == ID_BYTES)
        return DYN_OK;
    return fail_damaged(call);
}

/* They are all of one kind; a table that has both is damaged. */
dyn_status dyn_replicas(dyn_call *call, dyn_table *table,
                        dyn_replica **replicas, size_t *count)
{
    dyn_log_reader *readers[2] = {NULL, NULL};
    size_t counts[2] = {0, 0};
    dyn_store *store = dyn_table_store(table);
    DYN_TRY(dyn_log_readers(call, store, DYN_READER_REPLICA, &readers[0],
                            &counts[0]));
    DYN_TRY(dyn_log_readers(call, store, DYN_READER_STRONG_REPLICA, &readers[1],
                            &counts[1]));
    *count = counts[0] + counts[1];
    *replicas = dyn_alloc(call, *count * sizeof(dyn_replica));
    if (*replicas == NULL) return DYN_NOMEM;
    if (counts[0] > 0 && counts[1] > 0) return fail_damaged(call);
    const dyn_log_reader *all = counts[0] > 0 ? readers[0] : readers[1];
    for (size_t i = 0; i < *count; i++)
        DYN_TRY(read_replica(call, &all[i], &(*replicas)[i]));
    return DYN_OK;
}

dyn_status dyn_replica_waiting(dyn_call *call, dyn_table *table,
                               const dyn_replica *replica, dyn_waiting *out)
{
    return dyn_log_count_others(call, dyn_table_store(table), replica->position,
                                DYN_ACTOR_REPLICA, &out->count, &out->first);
}

static dyn_status find(dyn_call *call, dyn_table *table, dyn_bytes region,
                       dyn_bytes id, bool *found, dyn_replica *out)
{
    dyn_replica *all = NULL;
    size_t count = 0;
    *found = false;
    DYN_TRY(dyn_replicas(call, table, &all, &count));
    for (size_t i = 0; i < count && !*found; i++) {
        *found = region.data != NULL
                     ? dyn_bytes_equal_nocase(all[i].region, region)
                     : dyn_bytes_equal(all[i].id, id);
        if (*found) *out = all[i];
    }
    return DYN_OK;
}

dyn_status dyn_replica_find(dyn_call *call, dyn_table *table, dyn_bytes region,
                            bool *found, dyn_replica *out)
{
    return find(call, table, region, (dyn_bytes){NULL, 0}, found, out);
}

dyn_status dyn_replica_find_id(dyn_call *call, dyn_table *table, dyn_bytes id,
                               bool *found, dyn_replica *out)
{
    return find(call, table, (dyn_bytes){NULL, 0}, id, found, out);
}

/* --------------------------------------------------------------- writing -- */

static dyn_status to_reader(dyn_call *call, const dyn_replica *replica,
                            dyn_log_reader *out)
{
    dyn_buffer state;
    dyn_buffer_begin(&state, call, 64);
    dyn_numbers_add(&state, replica->received);
    dyn_numbers_add(&state, replica->complete_ms);
    dyn_numbers_add(&state, replica->conflicts);
    *out = (dyn_log_reader){
        .kind = kind_of(replica),
        .name = replica->region,
        .position = replica->position,
        .settings = replica->id,
    };
    return dyn_buffer_end(&state, &out->state);
}

dyn_status dyn_replica_add(dyn_call *call, dyn_table *table,
                           const dyn_replica *replica)
{
    dyn_log_reader reader;
    DYN_TRY(to_reader(call, replica, &reader));
    return dyn_table_add_reader(call, table, &reader);
}

dyn_status dyn_replica_save(dyn_call *call, dyn_table *table,
                            const dyn_replica *replica)
{
    dyn_log_reader reader;
    DYN_TRY(to_reader(call, replica, &reader));
    return dyn_table_move_reader(call, table, &reader);
}

dyn_status dyn_replica_remove(dyn_call *call, dyn_table *table,
                              const dyn_replica *replica)
{
    DYN_TRY(dyn_table_remove_reader(call, table, kind_of(replica),
                                    replica->region));
    return dyn_table_log_keep(table)->has_replicas
               ? DYN_OK
               : dyn_versions_clear(call, dyn_table_store(table));
}

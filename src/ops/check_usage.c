/* The check of capacity; the contract is in check_usage.h. */
#include "ops/check_usage.h"

#include "engine/table_capacity.h"
#include "engine/table_partitions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int compare_numbers(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    if (a == b) return 0;
    return a < b ? -1 : 1;
}

/* The numbers of partitions, rising. */
typedef struct numbers {
    int64_t *all;
    size_t count;
} numbers;

static bool has(const numbers *in, int64_t number)
{
    return bsearch(&number, in->all, in->count, sizeof(int64_t),
                   compare_numbers) != NULL;
}

static void add_partition_problem(dyn_checker *c, int64_t partition,
                                  const char *problem)
{
    char text[128];
    snprintf(text, sizeof(text), "partition number %" PRId64 ": %s", partition,
             problem);
    dyn_check_add(c, text);
}

/* A partition was split off one of its own tree. */
static dyn_status check_parents(dyn_checker *c, const dyn_partitions *map)
{
    numbers own = {NULL, map->count};
    own.all = dyn_alloc(c->call, (map->count + 1) * sizeof(int64_t));
    if (own.all == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < map->count; i++)
        own.all[i] = map->all[i].stored.partition;
    qsort(own.all, own.count, sizeof(int64_t), compare_numbers);
    for (size_t i = 0; i < map->count; i++) {
        const dyn_partition_row *row = &map->all[i].stored;
        if (row->parent == 0) continue;
        if (row->parent == row->partition || !has(&own, row->parent)) {
            add_partition_problem(c, row->partition,
                                  "there is no parent of that number");
        }
    }
    return DYN_OK;
}

/* The numbers of all trees. */
static dyn_status list_numbers(dyn_checker *c, numbers *out)
{
    size_t indexes = dyn_table_definition(c->table)->index_count;
    size_t most = dyn_table_map(c->table)->count;
    for (size_t i = 0; i < indexes; i++)
        most += dyn_table_index(c->table, i)->map.count;
    out->count = 0;
    out->all = dyn_alloc(c->call, (most + 1) * sizeof(int64_t));
    if (out->all == NULL) return DYN_NOMEM;
    for (size_t i = 0; i <= indexes; i++) {
        const dyn_partitions *map =
            i == 0 ? dyn_table_map(c->table)
                   : &dyn_table_index(c->table, i - 1)->map;
        for (size_t k = 0; k < map->count; k++)
            out->all[out->count++] = map->all[k].stored.partition;
        DYN_TRY(check_parents(c, map));
    }
    qsort(out->all, out->count, sizeof(int64_t), compare_numbers);
    return DYN_OK;
}

static dyn_status check_loads(dyn_checker *c, const numbers *partitions)
{
    dyn_load_row *loads = NULL;
    size_t count = 0;
    DYN_TRY(dyn_table_loads(c->call, c->table, INT64_MIN, &loads, &count));
    for (size_t i = 0; i < count; i++) {
        bool is_next = i > 0 && loads[i].partition == loads[i - 1].partition;
        if (is_next || has(partitions, loads[i].partition)) continue;
        add_partition_problem(c, loads[i].partition,
                              "it has loads and is not there");
    }
    return DYN_OK;
}

dyn_status dyn_check_usage(dyn_checker *c)
{
    numbers partitions = {NULL, 0};
    dyn_capacity_row *rows = NULL;
    size_t count = 0;
    bool is_sound = false;
    DYN_TRY(list_numbers(c, &partitions));
    DYN_TRY(check_loads(c, &partitions));
    DYN_TRY(dyn_table_capacity(c->call, c->table, &rows, &count));
    DYN_TRY(dyn_provisioned_check(c->call, dyn_table_store(c->table),
                                  dyn_table_definition(c->table), &is_sound));
    if (!is_sound) {
        dyn_check_add(c, "the last units in _provisioned are not those of the "
                         "declaration");
    }
    return DYN_OK;
}

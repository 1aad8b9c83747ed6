/* The check of the tree of the times of expiry: each item that expires has its
 * row, and there are no others. The contracts are in check_expiry.h. */
#include "ops/check_expiry.h"

#include "engine/expiry.h"
#include "engine/rows.h"

#include <inttypes.h>
#include <stdio.h>

/* Once is enough. */
static void add_damage(dyn_checker *c, const char *problem)
{
    char text[32 + DYN_ERROR_MESSAGE_BYTES];
    snprintf(text, sizeof(text), "ttl: %s", problem);
    dyn_check_add(c, text);
    c->is_expiry_damaged = true;
}

dyn_status dyn_check_expiry_of(dyn_checker *c, dyn_call *call, dyn_bytes key,
                               const dyn_map *item)
{
    bool found = false;
    dyn_row row;
    dyn_bytes row_key = {NULL, 0};
    dyn_expiry expiry = dyn_expiry_of(dyn_table_definition(c->table), item);
    if (!expiry.is_there || !dyn_expiry_reaches(c->table, key)) return DYN_OK;
    c->expiries++;
    if (c->is_expiry_damaged) return DYN_OK;
    DYN_TRY(dyn_expiry_key(call, key, expiry.second, &row_key));
    dyn_status status = dyn_rows_get(call, dyn_table_store(c->table),
                                     DYN_TREE_EXPIRY, row_key, &found, &row);
    if (status == DYN_CORRUPT) {
        add_damage(c, call->error.message);
        return DYN_OK;
    }
    if (status == DYN_OK && !found)
        dyn_check_add_key(c, "ttl: item", key, "its time is missing");
    return status;
}

/* An option without a tree: nothing would ever expire. */
static void check_tree(dyn_checker *c)
{
    bool has_option = dyn_table_definition(c->table)->ttl.size_bytes > 0;
    if (has_option == dyn_expiry_has_tree(c->table)) return;
    if (has_option) {
        dyn_check_add(c, "ttl: its tree is missing in _indexes");
    } else if (dyn_expiry_is_kept(c->table)) {
        dyn_check_add(c, "ttl: there is a tree, and no such option");
    }
}

/* While the tree is emptied its rows follow from nothing. */
static dyn_status check_rows(dyn_checker *c)
{
    int64_t rows = 0;
    int64_t leaves = 0;
    char text[160];
    DYN_TRY(dyn_rows_count(c->call, dyn_table_store(c->table), DYN_TREE_EXPIRY,
                           &rows, &leaves));
    c->leaves += leaves;
    if (!dyn_expiry_is_kept(c->table) || rows == c->expiries) return DYN_OK;
    snprintf(text, sizeof(text),
             "ttl: %" PRId64 " times, and should be %" PRId64, rows,
             c->expiries);
    dyn_check_add(c, text);
    return DYN_OK;
}

dyn_status dyn_check_expiry(dyn_checker *c)
{
    check_tree(c);
    if (!dyn_expiry_has_tree(c->table) || c->is_expiry_damaged) return DYN_OK;
    dyn_status status = check_rows(c);
    if (status != DYN_CORRUPT) return status;
    add_damage(c, c->call->error.message);
    return DYN_OK;
}

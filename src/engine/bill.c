/* Bills; the contracts are in bill.h. */
#include "engine/bill.h"

#include "base/arn.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "engine/table_internal.h"
#include "item/json.h"
#include "item/key.h"

#include <assert.h>

enum { MINUTE_MS = 60 * 1000 };

void dyn_bill_begin(dyn_bill *bill, dyn_use use)
{
    bill->use = use;
    bill->now_ms = dyn_clock_now_ms();
    bill->is_background = false;
    bill->is_admitted = false;
    bill->count = 0;
}

static dyn_charge *add_charge(dyn_bill *bill, const dyn_table *table, int index,
                              uint64_t hash)
{
    assert(bill->count < DYN_CHARGES_MAX);
    bool is_global = index >= 0 && !table->definition.indexes[index].is_local;
    dyn_charge *charge = &bill->charges[bill->count++];
    *charge = (dyn_charge){
        .index = index,
        .use = bill->use,
        .tree = is_global ? table->indexes[index].tree : DYN_TREE_ITEMS,
        .hash = hash,
        .minute = bill->now_ms / MINUTE_MS,
    };
    return charge;
}

/* A charge of a stored key. */
static dyn_charge *add_key(dyn_bill *bill, const dyn_table *table, int index,
                           dyn_bytes key)
{
    const dyn_definition *definition = &table->definition;
    dyn_charge *charge = add_charge(bill, table, index, dyn_key_hash(key));
    if (dyn_definition_hot_keys(definition) == DYN_HOT_KEYS_OFF) return charge;
    const dyn_key_schema *schema =
        index < 0 ? &definition->key : &definition->indexes[index].key;
    charge->key = dyn_key_partition(key, schema->partition_count);
    return charge;
}

void dyn_bill_add_read(dyn_bill *bill, const dyn_table *table, int index,
                       dyn_bytes key, int64_t halves)
{
    add_key(bill, table, index, key)->read_halves = halves;
}

void dyn_bill_add_write(dyn_bill *bill, const dyn_table *table, int index,
                        dyn_bytes key, int64_t units)
{
    add_key(bill, table, index, key)->write_units = units;
}

void dyn_bill_add_page(dyn_bill *bill, const dyn_table *table, int index,
                       uint64_t hash, dyn_bytes partition_key, int64_t halves)
{
    dyn_charge *charge = add_charge(bill, table, index, hash);
    charge->read_halves = halves;
    charge->key = partition_key;
}

void dyn_bill_refund(dyn_bill *bill, dyn_bytes key, const dyn_lookup *lookup)
{
    if (lookup == NULL || lookup->read_halves == 0) return;
    if (lookup->key_digest != dyn_key_digest(key)) return;
    bill->charges[bill->count++] = (dyn_charge){
        .index = -1,
        .use = DYN_USE_GET_ITEM,
        .tree = DYN_TREE_ITEMS,
        .hash = dyn_key_hash(key),
        .minute = lookup->minute,
        .read_halves = -lookup->read_halves,
    };
}

/* Find the line of the statement's cost that a charge belongs to. */
static dyn_status find_line(dyn_call *call, dyn_table *table, int index,
                            size_t *line)
{
    size_t *known =
        index < 0 ? &table->cost_line : &table->indexes[index].cost_line;
    if (*known == DYN_NO_LINE) {
        const char *name =
            index < 0
                ? NULL
                : (const char *)table->definition.indexes[index].name.data;
        size_t found = 0;
        DYN_TRY(dyn_cost_line_of(call, &table->session->cost, table->label,
                                 name, &found));
        *known = found;
    }
    *line = *known;
    return DYN_OK;
}

/* ------------------------------------------------------------- admission -- */

static const char *const reason_words[DYN_REFUSAL_REASONS] = {
    [DYN_PROVISIONED_EXCEEDED] = "ProvisionedThroughputExceeded",
    [DYN_ACCOUNT_LIMIT_EXCEEDED] = "AccountLimitExceeded",
    [DYN_KEY_RANGE_EXCEEDED] = "KeyRangeThroughputExceeded",
    [DYN_MAX_ON_DEMAND_EXCEEDED] = "MaxOnDemandThroughputExceeded",
};

/* The name of the index on a tree; empty for the table. */
static dyn_bytes index_name(const dyn_table *table, int64_t tree)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].tree == tree)
            return table->definition.indexes[i].name;
    }
    return dyn_bytes_text("");
}

static dyn_status write_refusal(dyn_call *call, dyn_buffer *out,
                                const dyn_table *table,
                                const dyn_refusal *refusal)
{
    dyn_bytes index = index_name(table, refusal->tree);
    bool is_table = index.size_bytes == 0;
    char *arn = dyn_format(call, DYN_ARN_PREFIX "%s%s%.*s", table->label,
                           is_table ? "" : "/index/", (int)index.size_bytes,
                           (const char *)index.data);
    if (arn == NULL) return DYN_NOMEM;
    dyn_buffer_add_text(out, "{\"reason\":\"");
    dyn_buffer_add_text(out, is_table ? "Table" : "Index");
    dyn_buffer_add_text(out,
                        refusal->direction == DYN_READING ? "Read" : "Write");
    dyn_buffer_add_text(out, reason_words[refusal->reason]);
    dyn_buffer_add_text(out, "\",\"resource\":");
    dyn_json_write_string(out, dyn_bytes_text(arn));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

/* What the service says when the table itself is exhausted, or only indexes. */
static const char *refusal_text(const dyn_table *table,
                                const dyn_refusals *refusals)
{
    for (size_t i = 0; i < refusals->count; i++) {
        if (index_name(table, refusals->all[i].tree).size_bytes > 0) continue;
        return "The level of configured provisioned throughput for the table "
               "was exceeded. Consider increasing your provisioning level with "
               "the UpdateTable API.";
    }
    return "The level of configured provisioned throughput for one or more "
           "global secondary indexes of the table was exceeded. Consider "
           "increasing your provisioning level for the under-provisioned "
           "global secondary indexes with the UpdateTable API.";
}

static dyn_status refuse(dyn_call *call, const dyn_table *table,
                         const dyn_refusals *refusals)
{
    dyn_buffer members;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&members, call, 256);
    dyn_buffer_add_text(&members, "{\"ThrottlingReasons\":[");
    for (size_t i = 0; i < refusals->count; i++) {
        if (i > 0) dyn_buffer_add_byte(&members, ',');
        DYN_TRY(write_refusal(call, &members, table, &refusals->all[i]));
    }
    dyn_buffer_add_text(&members, "]}");
    DYN_TRY(dyn_buffer_end(&members, &bytes));
    dyn_fail(call, DYN_THROTTLED, "%s", refusal_text(table, refusals));
    call->error.members = (const char *)bytes.data;
    return DYN_THROTTLED;
}

/* Of a lookup, which is of reading. */
static bool is_refund(const dyn_charge *charge)
{
    return charge->read_halves < 0;
}

static dyn_direction direction_of(const dyn_charge *charge)
{
    return charge->write_units != 0 ? DYN_WRITING : DYN_READING;
}

static bool is_refused(const dyn_charge *charge, const dyn_refusals *refusals)
{
    dyn_direction direction = direction_of(charge);
    for (size_t i = 0; i < refusals->count; i++) {
        if (refusals->all[i].tree == charge->tree &&
            refusals->all[i].direction == direction)
            return true;
    }
    return false;
}

/* Whether a charge before it is of the same tree and direction. */
static bool is_again(const dyn_bill *bill, size_t number)
{
    const dyn_charge *charge = &bill->charges[number];
    for (size_t i = 0; i < number; i++) {
        const dyn_charge *before = &bill->charges[i];
        if (before->tree == charge->tree &&
            direction_of(before) == direction_of(charge) && !is_refund(before))
            return true;
    }
    return false;
}

/* Count a refused request where it was refused: once for each tree that was
 * exhausted, and what it would have taken there by key. */
static void count_refused(const dyn_table *table, const dyn_bill *bill,
                          const dyn_refusals *refusals)
{
    bool has_keys =
        dyn_definition_hot_keys(&table->definition) != DYN_HOT_KEYS_OFF;
    for (size_t i = 0; i < bill->count; i++) {
        const dyn_charge *charge = &bill->charges[i];
        if (is_refund(charge) || !is_refused(charge, refusals)) continue;
        if (!is_again(bill, i)) {
            dyn_charge refused = *charge;
            refused.minute = bill->now_ms / MINUTE_MS;
            dyn_account_throttle(table->account, &refused);
        }
        if (!has_keys) continue;
        dyn_account_count_keys(table->account, DYN_HOT_THROTTLED, bill->now_ms,
                               charge, 1);
    }
}

/* Waiting in turn for what comes free is not ours to order: whoever asks first
 * then has it. */
static dyn_status pass(dyn_call *call, const dyn_table *table, dyn_bill *bill)
{
    dyn_refusals refusals;
    int64_t until_ms = bill->now_ms + table->definition.throttle_wait_ms;
    while (!dyn_account_admit(table->account, bill->now_ms, bill->charges,
                              bill->count, &refusals)) {
        if (refusals.next_ms > until_ms ||
            !dyn_clock_wait_until(refusals.next_ms)) {
            count_refused(table, bill, &refusals);
            return refuse(call, table, &refusals);
        }
        bill->now_ms = dyn_clock_now_ms();
    }
    bill->is_admitted = true;
    return DYN_OK;
}

static dyn_status find_lines(dyn_call *call, dyn_table *table,
                             const dyn_bill *bill)
{
    size_t line = 0;
    for (size_t i = 0; i < bill->count && !bill->is_background; i++)
        DYN_TRY(find_line(call, table, bill->charges[i].index, &line));
    return DYN_OK;
}

dyn_status dyn_bill_admit(dyn_call *call, dyn_table *table, dyn_bill *bill)
{
    DYN_TRY(find_lines(call, table, bill));
    if (table->session->is_estimating) return DYN_OK;
    return dyn_definition_throttles(&table->definition)
               ? pass(call, table, bill)
               : DYN_OK;
}

/* ------------------------------------------------------------ settlement -- */

static void add_to_cost(dyn_table *table, const dyn_charge *charge)
{
    size_t number = charge->index < 0 ? table->cost_line
                                      : table->indexes[charge->index].cost_line;
    if (number == DYN_NO_LINE) return;
    dyn_cost_line *line = &table->session->cost.lines[number];
    line->is_used = true;
    line->read_halves += charge->read_halves;
    line->write_units += charge->write_units;
}

void dyn_bill_settle(dyn_table *table, const dyn_bill *bill)
{
    bool is_free = !dyn_definition_throttles(&table->definition);
    for (size_t i = 0; i < bill->count && !bill->is_background; i++)
        add_to_cost(table, &bill->charges[i]);
    if (table->session->is_estimating) return;
    dyn_account_settle(table->account, bill->now_ms, bill->charges, bill->count,
                       is_free             ? DYN_SETTLE_FREE
                       : bill->is_admitted ? DYN_SETTLE_PAID
                                           : DYN_SETTLE_UNPAID);
    if (dyn_definition_hot_keys(&table->definition) != DYN_HOT_KEYS_ON) return;
    dyn_account_count_keys(table->account, DYN_HOT_CONSUMED, bill->now_ms,
                           bill->charges, bill->count);
}

dyn_status dyn_bill_add_on(dyn_call *call, dyn_table *table,
                           const dyn_bill *bill)
{
    DYN_TRY(find_lines(call, table, bill));
    dyn_bill_settle(table, bill);
    return DYN_OK;
}

dyn_status dyn_bill_served(dyn_call *call, dyn_table *table, int index,
                           const char *by, int64_t lag_ms)
{
    size_t number = 0;
    DYN_TRY(find_line(call, table, index, &number));
    dyn_cost_line *line = &table->session->cost.lines[number];
    line->served_by = by;
    line->lag_ms = lag_ms;
    return DYN_OK;
}

void dyn_bill_cancel(dyn_table *table, const dyn_bill *bill)
{
    if (!bill->is_admitted) return;
    dyn_account_refund(table->account, bill->charges, bill->count);
}

/* Bills; the contracts are in bill.h. */
#include "engine/bill.h"

#include "base/clock.h"
#include "engine/table_internal.h"
#include "item/key.h"

#include <assert.h>

enum { MINUTE_MS = 60 * 1000 };

void dyn_bill_begin(dyn_bill *bill)
{
    bill->minute = dyn_clock_now_ms() / MINUTE_MS;
    bill->is_background = false;
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
        .tree = is_global ? table->indexes[index].tree : DYN_TREE_ITEMS,
        .hash = hash,
        .minute = bill->minute,
    };
    return charge;
}

void dyn_bill_add_read(dyn_bill *bill, const dyn_table *table, int index,
                       uint64_t hash, int64_t halves)
{
    add_charge(bill, table, index, hash)->read_halves = halves;
}

void dyn_bill_add_write(dyn_bill *bill, const dyn_table *table, int index,
                        uint64_t hash, int64_t units)
{
    add_charge(bill, table, index, hash)->write_units = units;
}

void dyn_bill_refund(dyn_bill *bill, dyn_bytes key, const dyn_lookup *lookup)
{
    if (lookup == NULL || lookup->read_halves == 0) return;
    if (lookup->key_digest != dyn_key_digest(key)) return;
    bill->charges[bill->count++] = (dyn_charge){
        .index = -1,
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
        DYN_TRY(dyn_cost_line_of(call, &table->session->cost, table->label,
                                 name, known));
    }
    *line = *known;
    return DYN_OK;
}

dyn_status dyn_bill_admit(dyn_call *call, dyn_table *table, dyn_bill *bill)
{
    size_t line = 0;
    for (size_t i = 0; i < bill->count && !bill->is_background; i++)
        DYN_TRY(find_line(call, table, bill->charges[i].index, &line));
    return DYN_OK;
}

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
    for (size_t i = 0; i < bill->count && !bill->is_background; i++)
        add_to_cost(table, &bill->charges[i]);
    dyn_account_add(table->account, bill->charges, bill->count);
}

void dyn_bill_cancel(dyn_table *table, const dyn_bill *bill)
{
    (void)table, (void)bill; /* admission takes nothing yet */
}

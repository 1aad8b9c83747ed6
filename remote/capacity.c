/* Counting what is consumed; the contract is in capacity.h. */
#include "capacity.h"

#include "item/number.h"

typedef struct counter {
    dyn_call *call;
    const remote_capacity *to;
    const char *operation;
    bool is_write;
} counter;

/* Whether an operation consumes units of writing. */
static bool is_write(const char *operation)
{
    static const char *const writes[] = {"PutItem", "UpdateItem", "DeleteItem",
                                         "BatchWriteItem"};
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        if (strcmp(operation, writes[i]) == 0) return true;
    }
    return false;
}

/* CapacityUnits of an object; 0 when it has none. */
static dyn_status read_units(const counter *c, const dyn_json *object,
                             double *out)
{
    const dyn_json *units =
        object == NULL ? NULL : dyn_json_member(object, "CapacityUnits");
    dyn_number number;
    *out = 0;
    if (units == NULL) return DYN_OK;
    if (units->type != DYN_JSON_NUMBER ||
        dyn_number_parse(c->call, units->text, &number) != DYN_OK) {
        return remote_fail_answer(c->call, c->to->service, c->operation,
                                  "CapacityUnits is no number");
    }
    dyn_number_to_double(&number, out);
    return DYN_OK;
}

/* index is NULL for the table. */
static dyn_status count_units(const counter *c, const char *index, double units)
{
    enum { UNITS_MAX = 1000000000 };
    size_t number = 0;
    dyn_cost *cost = c->to->cost;
    if (!(units > 0 && units < UNITS_MAX)) return DYN_OK;
    DYN_TRY(dyn_cost_line_of(c->call, cost, c->to->table, index, &number));
    dyn_cost_line *line = &cost->lines[number];
    line->is_used = true;
    if (c->is_write) {
        line->write_units += (int64_t)(units + 0.5);
    } else {
        line->read_halves += (int64_t)(2 * units + 0.5);
    }
    return DYN_OK;
}

/* The indexes of one kind. */
static dyn_status count_indexes(const counter *c, const dyn_json *indexes,
                                bool is_local)
{
    if (indexes == NULL || indexes->type != DYN_JSON_OBJECT) return DYN_OK;
    for (const dyn_json *one = indexes->first; one != NULL; one = one->next) {
        double units = 0;
        const char *name = NULL;
        int number = dyn_definition_index(c->to->definition, one->key);
        if (!is_local && number >= 0)
            name = (const char *)c->to->definition->indexes[number].name.data;
        DYN_TRY(read_units(c, one, &units));
        DYN_TRY(count_units(c, name, units));
    }
    return DYN_OK;
}

/* Without its parts, all is the table's. */
static dyn_status count_one(const counter *c, const dyn_json *consumed)
{
    const dyn_json *table = dyn_json_member(consumed, "Table");
    const dyn_json *locals = dyn_json_member(consumed, "LocalSecondaryIndexes");
    const dyn_json *globals =
        dyn_json_member(consumed, "GlobalSecondaryIndexes");
    bool has_parts = table != NULL || locals != NULL || globals != NULL;
    double units = 0;
    DYN_TRY(read_units(c, has_parts ? table : consumed, &units));
    DYN_TRY(count_units(c, NULL, units));
    DYN_TRY(count_indexes(c, locals, true));
    return count_indexes(c, globals, false);
}

dyn_status remote_capacity_count(dyn_call *call, const remote_capacity *to,
                                 const char *operation, const dyn_json *answer)
{
    const dyn_json *consumed = dyn_json_member(answer, "ConsumedCapacity");
    counter c = {call, to, operation, is_write(operation)};
    if (consumed == NULL) return DYN_OK;
    if (consumed->type != DYN_JSON_ARRAY) return count_one(&c, consumed);
    for (const dyn_json *one = consumed->first; one != NULL; one = one->next)
        DYN_TRY(count_one(&c, one));
    return DYN_OK;
}

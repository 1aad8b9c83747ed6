/* xFilter: a plan and its arguments become a range of keys. */
#include "bridge.h"
#include "ops/access_sentence.h"
#include "table_plan_internal.h"

/* -------------------------------------------------------------- operands -- */

/* What a value means when it is compared with a key column: a value of its
 * type, or less or greater than all of them (SQLite's order of types). */
typedef enum rank {
    RANK_NULL,
    RANK_BELOW,
    RANK_BELOW_ZERO, /* nearer to zero, which is the value, than any number */
    RANK_VALUE,
    RANK_ABOVE_ZERO,
    RANK_ABOVE,
} rank;

/* A number beyond what an item can hold is compared as SQLite's REAL. */
static void compare_extreme(double number, rank *out_rank, dyn_value *out)
{
    out->type = DYN_TYPE_N;
    if (dyn_number_from_double(number, &out->number)) return;
    if (number >= 1 || number <= -1) {
        *out_rank = number > 0 ? RANK_ABOVE : RANK_BELOW;
    } else {
        *out_rank = number > 0 ? RANK_ABOVE_ZERO : RANK_BELOW_ZERO;
        dyn_number_from_int64(0, &out->number);
    }
}

/* By its type, or by SQLite's rules for texts. */
static bool is_number(sqlite3_value *value)
{
    int type = sqlite3_value_numeric_type(value);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static dyn_status compare_operand(dyn_call *call, sqlite3_value *value,
                                  const dyn_column *column, rank *out_rank,
                                  dyn_value *out)
{
    *out_rank = RANK_VALUE;
    bool is_null = false;
    dyn_status status = bridge_value(call, value, column, &is_null, out);
    if (status != DYN_OK) {
        if (status != DYN_INVALID || !is_number(value)) return status;
        compare_extreme(sqlite3_value_double(value), out_rank, out);
    }
    if (is_null) {
        *out_rank = RANK_NULL;
    } else if (out->type != column->type) {
        /* numbers, then texts, then blobs */
        *out_rank = out->type > column->type ? RANK_ABOVE : RANK_BELOW;
    }
    return DYN_OK;
}

/* The text before the first wildcard of a pattern. */
static dyn_bytes literal_prefix(dyn_bytes pattern, const char *wildcards)
{
    size_t size = 0;
    while (size < pattern.size_bytes && pattern.data[size] != '\0' &&
           strchr(wildcards, pattern.data[size]) == NULL)
        size++;
    return (dyn_bytes){pattern.data, size};
}

/* LIKE ignores the case of ASCII letters, so only what has none narrows the
 * range to a prefix. */
static dyn_bytes caseless_prefix(dyn_bytes pattern)
{
    dyn_bytes prefix = literal_prefix(pattern, "%_");
    size_t size = 0;
    while (size < prefix.size_bytes) {
        unsigned char c = prefix.data[size] | 0x20;
        if ((c >= 'a' && c <= 'z') || prefix.data[size] >= 0x80) break;
        size++;
    }
    return (dyn_bytes){prefix.data, size};
}

/* --------------------------------------------------------------- resolve -- */

typedef struct resolver {
    dyn_call *call;
    const plan_table *table;
    const dyn_definition *definition;
    const dyn_key_schema *key; /* of the table or the index */
    int plan;
    bool is_refused;
    const char *sentence;
    sqlite3_value *arguments[DYN_SLOTS]; /* NULL: there is none */
    sqlite3_value *mode_argument;
    sqlite3_value *limit;
    sqlite3_value *offset;
    plan_range *out;
} resolver;

/* The value that a key attribute is equal to. *is_empty: it can be equal to
 * none. */
static dyn_status resolve_equal(resolver *r, int slot, int column,
                                const dyn_value **out, bool *is_empty)
{
    rank found = RANK_VALUE;
    dyn_value *value = dyn_alloc(r->call, sizeof(*value));
    if (value == NULL) return DYN_NOMEM;
    DYN_TRY(compare_operand(r->call, r->arguments[slot],
                            &r->definition->columns[column], &found, value));
    if (found != RANK_VALUE) *is_empty = true;
    *out = value;
    return DYN_OK;
}

static dyn_status resolve_equals(resolver *r, dyn_key_condition *out,
                                 bool *is_empty)
{
    for (int i = 0; i < r->key->partition_count; i++) {
        const dyn_value **value = &out->partition[i];
        DYN_TRY(resolve_equal(r, DYN_SLOT_PARTITION + i, r->key->partition[i],
                              value, is_empty));
        if ((*value)->type != DYN_TYPE_N &&
            (*value)->bytes.size_bytes > DYN_PARTITION_KEY_BYTES_MAX) {
            *is_empty = true;
        }
        out->partition_count++;
    }
    while (out->sort_count < r->key->sort_count &&
           r->arguments[DYN_SLOT_SORT + out->sort_count] != NULL) {
        DYN_TRY(resolve_equal(r, DYN_SLOT_SORT + (int)out->sort_count,
                              r->key->sort[out->sort_count],
                              &out->sort[out->sort_count], is_empty));
        out->sort_count++;
    }
    return DYN_OK;
}

/* One end of the range of a sort key. *is_empty: nothing can be in it. */
static dyn_status resolve_bound(resolver *r, int slot, int column,
                                dyn_bound *out, bool *is_empty)
{
    sqlite3_value *argument = r->arguments[slot];
    if (argument == NULL) return DYN_OK;
    rank found = RANK_VALUE;
    dyn_value *value = dyn_alloc(r->call, sizeof(*value));
    if (value == NULL) return DYN_NOMEM;
    DYN_TRY(compare_operand(r->call, argument, &r->definition->columns[column],
                            &found, value));
    bool is_upper = slot == DYN_SLOT_UPPER;
    int open = is_upper ? PLAN_UPPER_OPEN : PLAN_LOWER_OPEN;
    rank empty = is_upper ? RANK_BELOW : RANK_ABOVE;
    if (found == RANK_NULL || found == empty) *is_empty = true;
    if (found == RANK_VALUE) {
        *out = (dyn_bound){value, (r->plan & open) == 0};
    } else if (found == RANK_BELOW_ZERO || found == RANK_ABOVE_ZERO) {
        *out = (dyn_bound){value, is_upper == (found == RANK_ABOVE_ZERO)};
    }
    return DYN_OK;
}

/* What a text begins with that a pattern matches. */
static dyn_bytes prefix_of(int slot, dyn_bytes pattern)
{
    if (slot == DYN_SLOT_LIKE) return caseless_prefix(pattern);
    if (slot == DYN_SLOT_GLOB) return literal_prefix(pattern, "*?[");
    return pattern;
}

/* The longest prefix. */
static dyn_status resolve_prefix(resolver *r, dyn_bytes *out)
{
    for (int slot = DYN_SLOT_LIKE; slot <= DYN_SLOT_BEGINS_WITH; slot++) {
        sqlite3_value *argument = r->arguments[slot];
        dyn_bytes text = {NULL, 0};
        if (argument == NULL || sqlite3_value_type(argument) != SQLITE_TEXT)
            continue;
        DYN_TRY(bridge_text(r->call, argument, &text));
        dyn_bytes prefix = prefix_of(slot, text);
        if (prefix.size_bytes > out->size_bytes) *out = prefix;
    }
    return DYN_OK;
}

static bool has_range(const resolver *r)
{
    for (int slot = DYN_SLOT_LOWER; slot < DYN_SLOTS; slot++) {
        if (r->arguments[slot] != NULL) return true;
    }
    return false;
}

static dyn_status resolve_range(resolver *r, dyn_key_condition *condition,
                                bool *is_empty)
{
    if (!has_range(r)) return DYN_OK;
    int column = r->key->sort[condition->sort_count];
    dyn_bytes *prefix = dyn_alloc_zero(r->call, 1, sizeof(*prefix));
    if (prefix == NULL) return DYN_NOMEM;
    DYN_TRY(
        resolve_bound(r, DYN_SLOT_LOWER, column, &condition->lower, is_empty));
    DYN_TRY(
        resolve_bound(r, DYN_SLOT_UPPER, column, &condition->upper, is_empty));
    DYN_TRY(resolve_prefix(r, prefix));
    if (prefix->size_bytes > 0) condition->prefix = prefix;
    return DYN_OK;
}

static dyn_status resolve_query(resolver *r)
{
    bool is_empty = false;
    dyn_key_condition *condition = &r->out->condition;
    dyn_query_request *request = &r->out->request;
    DYN_TRY(resolve_equals(r, condition, &is_empty));
    DYN_TRY(resolve_range(r, condition, &is_empty));
    if (is_empty) return DYN_OK;
    DYN_TRY(dyn_query_range(r->call, condition, &request->low, &request->high));
    bool is_point =
        request->index < 0 && condition->sort_count == r->key->sort_count;
    r->out->access = is_point ? PLAN_GET : PLAN_RANGE;
    return DYN_OK;
}

/* Keep of the range what lies in a segment. */
static dyn_status narrow_to_segment(resolver *r)
{
    dyn_bytes low = {NULL, 0};
    dyn_bytes high = {NULL, 0};
    dyn_query_request *request = &r->out->request;
    DYN_TRY(dyn_query_segment(r->call, r->out->words.segment,
                              r->out->words.segment_count, &low, &high));
    if (dyn_bytes_compare(low, request->low) > 0) request->low = low;
    if (dyn_bytes_compare(high, request->high) < 0) request->high = high;
    if (dyn_bytes_compare(request->low, request->high) >= 0)
        r->out->access = PLAN_NOTHING;
    return DYN_OK;
}

/* The plan knows why; if mode was not known then, only what is needed can be
 * told. */
static dyn_status fail_refused(resolver *r)
{
    dyn_access_request unknown = {
        .table_name = r->table->name,
        .definition = r->definition,
        .index_count = r->definition->index_count,
    };
    dyn_bytes needed = {NULL, 0};
    if (r->is_refused) {
        return dyn_fail(r->call, DYN_INVALID, "%s",
                        r->sentence + strlen(DYN_ACCESS_REFUSED));
    }
    DYN_TRY(dyn_access_explain(r->call, &unknown, &needed));
    return dyn_fail(r->call, DYN_INVALID, "%s", (const char *)needed.data);
}

static dyn_status resolve_key(resolver *r)
{
    bool is_null = false;
    dyn_value value;
    DYN_TRY(bridge_value(r->call, r->arguments[DYN_SLOT_STORED_KEY], NULL,
                         &is_null, &value));
    if (is_null || value.type != DYN_TYPE_B) return DYN_OK;
    r->out->access = PLAN_GET;
    r->out->request.low = value.bytes;
    return DYN_OK;
}

static dyn_status resolve_scan(resolver *r)
{
    dyn_query_request *request = &r->out->request;
    if (!r->out->words.is_scan) return fail_refused(r);
    r->out->access = PLAN_RANGE;
    request->is_scan = true;
    return dyn_query_segment(r->call, 0, 1, &request->low, &request->high);
}

static dyn_status resolve_access(resolver *r)
{
    if (r->arguments[DYN_SLOT_STORED_KEY] != NULL) return resolve_key(r);
    DYN_TRY(r->arguments[DYN_SLOT_PARTITION] != NULL ? resolve_query(r)
                                                     : resolve_scan(r));
    if (!r->out->words.has_segment || r->out->access == PLAN_NOTHING)
        return DYN_OK;
    return narrow_to_segment(r);
}

/* So many rows make the first page. SQLite cuts off the rest and skips the
 * offset: 3.40.1 offers a LIMIT also where it hides a condition from us that it
 * checks itself, as in a = b of two columns. */
static void resolve_limit(resolver *r)
{
    if (r->limit == NULL) return;
    sqlite3_int64 rows = sqlite3_value_int64(r->limit);
    sqlite3_int64 skipped =
        r->offset != NULL ? sqlite3_value_int64(r->offset) : 0;
    if (rows < 0 || skipped < 0 || rows > INT32_MAX || skipped > INT32_MAX)
        return;
    r->out->request.rows_wanted = (size_t)(rows + skipped);
}

/* The index that the plan reads is found by its tree and its shape: the table
 * may have changed since. */
static dyn_status resolve_index(resolver *r)
{
    int64_t tree = r->plan >> PLAN_TREE_SHIFT;
    uint64_t shape = 0;
    r->key = &r->definition->key;
    if (tree == 0) return DYN_OK;
    memcpy(&shape, r->sentence + strlen(r->sentence) + 1, sizeof(shape));
    int number =
        dyn_index_find(r->table->indexes, r->table->index_count, tree, shape);
    if (number < 0) {
        return dyn_fail(
            r->call, DYN_INVALID,
            "the index that this statement was prepared with is gone");
    }
    r->out->request.index = number;
    r->key = &r->definition->indexes[number].key;
    return DYN_OK;
}

static dyn_status resolve_mode(resolver *r)
{
    sqlite3_value *argument = r->mode_argument;
    if (argument == NULL || sqlite3_value_type(argument) == SQLITE_NULL)
        return DYN_OK;
    DYN_TRY(bridge_text(r->call, argument, &r->out->mode));
    DYN_TRY(dyn_read_mode_parse(r->call, r->out->mode, &r->out->words));
    r->out->request.is_strong = r->out->words.is_strong;
    r->out->request.is_live = r->out->words.is_live;
    return DYN_OK;
}

/* An index that the mode names is the one that is planned, or the plan has said
 * why not. */
static dyn_status check_index(resolver *r)
{
    int number = r->out->request.index;
    if (r->out->words.index.data == NULL ||
        r->arguments[DYN_SLOT_STORED_KEY] != NULL) {
        return DYN_OK;
    }
    if (number >= 0 && dyn_bytes_equal(r->definition->indexes[number].name,
                                       r->out->words.index)) {
        return DYN_OK;
    }
    return dyn_fail(r->call, DYN_INVALID,
                    "mode: an index must be named by a literal text, as in "
                    "FROM %s('index %.*s')",
                    r->table->name, (int)r->out->words.index.size_bytes,
                    (const char *)r->out->words.index.data);
}

/* The next argument when the plan has a flag, else NULL. */
static sqlite3_value *take_argument(const resolver *r, int flag,
                                    sqlite3_value ***next)
{
    return (r->plan & flag) != 0 ? *(*next)++ : NULL;
}

/* In the order of the flags. */
static void take_arguments(resolver *r, sqlite3_value **next)
{
    r->mode_argument = take_argument(r, PLAN_MODE, &next);
    for (int slot = 0; slot < DYN_SLOTS; slot++)
        r->arguments[slot] = take_argument(r, plan_flag(slot), &next);
    r->limit = take_argument(r, PLAN_LIMIT, &next);
    r->offset = take_argument(r, PLAN_OFFSET, &next);
}

dyn_status plan_resolve(dyn_call *call, const plan_table *table, int plan,
                        const char *sentence, sqlite3_value **arguments,
                        plan_range *out)
{
    resolver r = {
        .call = call,
        .table = table,
        .definition = table->definition,
        .plan = plan,
        .is_refused = strncmp(sentence, DYN_ACCESS_REFUSED,
                              strlen(DYN_ACCESS_REFUSED)) == 0,
        .sentence = sentence,
        .out = out,
    };
    *out = (plan_range){.access = PLAN_NOTHING};
    out->request = (dyn_query_request){
        .index = -1,
        .down = (plan & PLAN_DOWN) != 0,
        .is_fetching = (plan & PLAN_FETCH) != 0,
        .rows_wanted = SIZE_MAX,
    };
    take_arguments(&r, arguments);
    DYN_TRY(resolve_index(&r));
    DYN_TRY(resolve_mode(&r));
    if (r.is_refused) return fail_refused(&r);
    DYN_TRY(check_index(&r));
    DYN_TRY(resolve_access(&r));
    resolve_limit(&r);
    return DYN_OK;
}

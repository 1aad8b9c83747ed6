/* xFilter: a plan and its arguments become a range of keys. */
#include "bridge.h"
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

static dyn_status compare_operand(dyn_call *call, sqlite3_value *value,
                                  const dyn_column *column, rank *out_rank,
                                  dyn_value *out)
{
    *out_rank = RANK_VALUE;
    bool is_null = false;
    dyn_status status = bridge_value(call, value, column, &is_null, out);
    int type = sqlite3_value_numeric_type(value);
    if (status == DYN_INVALID &&
        (type == SQLITE_INTEGER || type == SQLITE_FLOAT)) {
        compare_extreme(sqlite3_value_double(value), out_rank, out);
    } else if (status != DYN_OK) {
        return status;
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
    while (size < pattern.size_bytes &&
           (pattern.data[size] == '\0' ||
            strchr(wildcards, pattern.data[size]) == NULL)) {
        if (pattern.data[size] == '\0') break;
        size++;
    }
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
    const table_vtab *table;
    const dyn_definition *definition;
    const dyn_key_schema *key; /* of the table or the index */
    int flags;
    sqlite3_value *argument[PLAN_ARGUMENTS]; /* by the number of the flag */
    plan_mode mode;
    plan_range *out;
} resolver;

static sqlite3_value *argument_of(const resolver *r, int flag)
{
    return (r->flags & flag) != 0 ? r->argument[plan_bit(flag)] : NULL;
}

/* The value that a key attribute is equal to. *is_empty: it can be equal to
 * none. */
static dyn_status resolve_equal(resolver *r, int flag, int column,
                                const dyn_value **out, bool *is_empty)
{
    rank found = RANK_VALUE;
    dyn_value *value = dyn_alloc(r->call, sizeof(*value));
    if (value == NULL) return DYN_NOMEM;
    DYN_TRY(compare_operand(r->call, argument_of(r, flag),
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
        DYN_TRY(resolve_equal(r, PLAN_PARTITION << i, r->key->partition[i],
                              value, is_empty));
        if ((*value)->type != DYN_TYPE_N &&
            (*value)->bytes.size_bytes > DYN_PARTITION_KEY_BYTES_MAX) {
            *is_empty = true;
        }
        out->partition_count++;
    }
    while (out->sort_count < r->key->sort_count &&
           argument_of(r, PLAN_SORT << out->sort_count) != NULL) {
        DYN_TRY(resolve_equal(r, PLAN_SORT << out->sort_count,
                              r->key->sort[out->sort_count],
                              &out->sort[out->sort_count], is_empty));
        out->sort_count++;
    }
    return DYN_OK;
}

/* One end of the range of a sort key. *is_empty: nothing can be in it. */
static dyn_status resolve_bound(resolver *r, int flag, int open, int column,
                                dyn_value *value, dyn_bound *out,
                                bool *is_empty)
{
    sqlite3_value *argument = argument_of(r, flag);
    if (argument == NULL) return DYN_OK;
    rank found = RANK_VALUE;
    DYN_TRY(compare_operand(r->call, argument, &r->definition->columns[column],
                            &found, value));
    bool is_upper = flag == PLAN_UPPER;
    rank empty = is_upper ? RANK_BELOW : RANK_ABOVE;
    if (found == RANK_NULL || found == empty) *is_empty = true;
    if (found == RANK_VALUE) {
        *out = (dyn_bound){value, (r->flags & open) == 0};
    } else if (found == RANK_BELOW_ZERO || found == RANK_ABOVE_ZERO) {
        *out = (dyn_bound){value, is_upper == (found == RANK_ABOVE_ZERO)};
    }
    return DYN_OK;
}

static dyn_status resolve_prefix(resolver *r, dyn_bytes *out)
{
    static const struct {
        int flag;
        const char *wildcards;
    } patterns[] = {
        {PLAN_GLOB, "*?["},
        {PLAN_BEGINS_WITH, ""},
        {PLAN_LIKE, NULL},
    };
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        sqlite3_value *argument = argument_of(r, patterns[i].flag);
        if (argument == NULL || sqlite3_value_type(argument) != SQLITE_TEXT) {
            continue;
        }
        dyn_bytes text = {NULL, 0};
        DYN_TRY(bridge_text(r->call, argument, &text));
        dyn_bytes prefix = patterns[i].wildcards == NULL ? caseless_prefix(text)
                           : patterns[i].wildcards[0] == '\0'
                               ? text
                               : literal_prefix(text, patterns[i].wildcards);
        if (prefix.size_bytes > out->size_bytes) *out = prefix;
    }
    return DYN_OK;
}

static dyn_status resolve_query(resolver *r)
{
    enum { RANGE = PLAN_LOWER | PLAN_UPPER | PLAN_PATTERNS };
    bool is_empty = false;
    dyn_value lower, upper;
    dyn_bytes prefix = {NULL, 0};
    dyn_key_condition condition = {.partition_count = 0};
    dyn_query_request *request = &r->out->request;
    DYN_TRY(resolve_equals(r, &condition, &is_empty));
    if ((r->flags & RANGE) != 0) {
        int column = r->key->sort[condition.sort_count];
        DYN_TRY(resolve_bound(r, PLAN_LOWER, PLAN_LOWER_OPEN, column, &lower,
                              &condition.lower, &is_empty));
        DYN_TRY(resolve_bound(r, PLAN_UPPER, PLAN_UPPER_OPEN, column, &upper,
                              &condition.upper, &is_empty));
        DYN_TRY(resolve_prefix(r, &prefix));
    }
    if (prefix.size_bytes > 0) condition.prefix = &prefix;
    if (is_empty) return DYN_OK;
    DYN_TRY(
        dyn_query_range(r->call, &condition, &request->low, &request->high));
    bool is_point =
        request->index < 0 && condition.sort_count == r->key->sort_count;
    r->out->access = is_point ? PLAN_GET : PLAN_RANGE;
    return DYN_OK;
}

/* Keep of the range what lies in a segment. */
static dyn_status narrow_to_segment(resolver *r)
{
    dyn_bytes low = {NULL, 0};
    dyn_bytes high = {NULL, 0};
    dyn_query_request *request = &r->out->request;
    DYN_TRY(dyn_query_segment(r->call, r->mode.segment, r->mode.segment_count,
                              &low, &high));
    if (dyn_bytes_compare(low, request->low) > 0) request->low = low;
    if (dyn_bytes_compare(high, request->high) < 0) request->high = high;
    if (dyn_bytes_compare(request->low, request->high) >= 0)
        r->out->access = PLAN_NOTHING;
    return DYN_OK;
}

/* The plan knows why; if mode was not known then, only what is needed can be
 * told. */
static dyn_status fail_refused(resolver *r, const char *sentence)
{
    if (strncmp(sentence, PLAN_REFUSED, strlen(PLAN_REFUSED)) == 0) {
        return dyn_fail(r->call, DYN_INVALID, "%s",
                        sentence + strlen(PLAN_REFUSED));
    }
    sqlite3_str *text = sqlite3_str_new(NULL);
    plan_add_refusal(text, r->table, r->definition, NULL);
    char *message = sqlite3_str_finish(text);
    if (message == NULL) return dyn_fail_nomem(r->call);
    dyn_status status = dyn_fail(r->call, DYN_INVALID, "%s", message);
    sqlite3_free(message);
    return status;
}

static dyn_status resolve_key(resolver *r, sqlite3_value *key)
{
    bool is_null = false;
    dyn_value value;
    DYN_TRY(bridge_value(r->call, key, NULL, &is_null, &value));
    if (is_null || value.type != DYN_TYPE_B) return DYN_OK;
    r->out->access = PLAN_GET;
    r->out->request.low = value.bytes;
    return DYN_OK;
}

static dyn_status resolve_access(resolver *r, const char *sentence)
{
    sqlite3_value *key = argument_of(r, PLAN_KEY);
    dyn_query_request *request = &r->out->request;
    if (key != NULL) return resolve_key(r, key);
    if (argument_of(r, PLAN_PARTITION) != NULL) {
        DYN_TRY(resolve_query(r));
    } else if (r->mode.is_scan &&
               strncmp(sentence, PLAN_REFUSED, strlen(PLAN_REFUSED)) != 0) {
        r->out->access = PLAN_RANGE;
        DYN_TRY(
            dyn_query_segment(r->call, 0, 1, &request->low, &request->high));
    } else {
        return fail_refused(r, sentence);
    }
    if (!r->mode.has_segment || r->out->access == PLAN_NOTHING) return DYN_OK;
    return narrow_to_segment(r);
}

/* So many rows make the first page. SQLite cuts off the rest and skips the
 * offset: 3.40.1 offers a LIMIT also where it hides a condition from us that it
 * checks itself, as in a = b of two columns. */
static void resolve_limit(resolver *r)
{
    sqlite3_value *limit = argument_of(r, PLAN_LIMIT);
    if (limit == NULL) return;
    sqlite3_value *offset = argument_of(r, PLAN_OFFSET);
    sqlite3_int64 rows = sqlite3_value_int64(limit);
    sqlite3_int64 skipped = offset != NULL ? sqlite3_value_int64(offset) : 0;
    if (rows < 0 || skipped < 0 || rows > INT32_MAX || skipped > INT32_MAX)
        return;
    r->out->request.rows_wanted = (size_t)(rows + skipped);
}

/* The index that the plan reads is found by its tree: the table may have
 * changed since. */
static dyn_status resolve_index(resolver *r, int64_t tree)
{
    const dyn_table *table = r->table->table;
    r->key = &r->definition->key;
    if (tree == 0) return DYN_OK;
    for (size_t i = 0; i < r->definition->index_count; i++) {
        if (table->indexes[i].tree != tree) continue;
        r->out->request.index = (int)i;
        r->key = &r->definition->indexes[i].key;
        return DYN_OK;
    }
    return dyn_fail(r->call, DYN_INVALID,
                    "the index that this statement was prepared with is gone");
}

static dyn_status resolve_mode(resolver *r)
{
    sqlite3_value *argument = argument_of(r, PLAN_MODE);
    if (argument == NULL || sqlite3_value_type(argument) == SQLITE_NULL)
        return DYN_OK;
    DYN_TRY(bridge_text(r->call, argument, &r->out->mode));
    return plan_mode_parse(r->call, r->out->mode, &r->mode);
}

/* An index that the mode names is the one that is planned, or the plan has said
 * why not. */
static dyn_status check_index(resolver *r, const char *sentence)
{
    int number = r->out->request.index;
    if (r->mode.index.data == NULL || argument_of(r, PLAN_KEY) != NULL)
        return DYN_OK;
    if (number >= 0 &&
        dyn_bytes_equal(r->definition->indexes[number].name, r->mode.index)) {
        return DYN_OK;
    }
    if (strncmp(sentence, PLAN_REFUSED, strlen(PLAN_REFUSED)) == 0)
        return fail_refused(r, sentence);
    return dyn_fail(r->call, DYN_INVALID,
                    "mode: an index must be named by a literal text, as in "
                    "FROM %s('index %.*s')",
                    r->table->table->name, (int)r->mode.index.size_bytes,
                    (const char *)r->mode.index.data);
}

dyn_status plan_resolve(dyn_call *call, const table_vtab *table, int plan,
                        const char *sentence, sqlite3_value **arguments,
                        plan_range *out)
{
    resolver r = {
        .call = call,
        .table = table,
        .definition = &table->table->definition,
        .flags = plan,
        .out = out,
    };
    int next = 0;
    for (int i = 0; i < PLAN_ARGUMENTS; i++) {
        if ((plan & (1 << i)) != 0) r.argument[i] = arguments[next++];
    }
    *out = (plan_range){.access = PLAN_NOTHING};
    out->request = (dyn_query_request){
        .index = -1,
        .down = (plan & PLAN_DOWN) != 0,
        .is_fetching = (plan & PLAN_FETCH) != 0,
        .rows_wanted = SIZE_MAX,
    };
    DYN_TRY(dyn_table_refresh(call, table->table));
    DYN_TRY(resolve_index(&r, plan >> PLAN_TREE_SHIFT));
    DYN_TRY(resolve_mode(&r));
    DYN_TRY(check_index(&r, sentence));
    out->request.is_strong = r.mode.is_strong;
    DYN_TRY(resolve_access(&r, sentence));
    resolve_limit(&r);
    return DYN_OK;
}

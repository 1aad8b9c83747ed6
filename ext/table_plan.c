/* Plans; the contract is in table_plan.h. SQLITE.md explains what arrives and
 * what may be consumed. */
#include "table_plan.h"

#include "bridge.h"

#include <stdlib.h>

/* One argument for each flag that is set but the two of openness and DOWN, in
 * this order. */
enum {
    PLAN_MODE = 1 << 0,
    PLAN_KEY = 1 << 1,
    PLAN_PARTITION = 1 << 2,
    PLAN_SORT = 1 << 3,
    PLAN_LOWER = 1 << 4,
    PLAN_UPPER = 1 << 5,
    PLAN_LIKE = 1 << 6,
    PLAN_GLOB = 1 << 7,
    PLAN_BEGINS_WITH = 1 << 8,
    PLAN_LIMIT = 1 << 9,
    PLAN_OFFSET = 1 << 10,
    PLAN_ARGUMENTS = 11,

    PLAN_LOWER_OPEN = 1 << 11,
    PLAN_UPPER_OPEN = 1 << 12,
    PLAN_DOWN = 1 << 13,
};

static const double COST_SCAN = 1e7;
static const double COST_REFUSED = 1e99;

/* ------------------------------------------------------------ best index -- */

typedef struct planner {
    table_vtab *table;
    sqlite3_index_info *info;
    int partition; /* columns; -1: there is none */
    int sort;
    int hidden; /* the first hidden column */
    int flags;
    int constraint[PLAN_ARGUMENTS]; /* of each argument */
    bool has_in;       /* the partition key is compared with a list */
    bool has_leftover; /* a condition that SQLite checks itself */
} planner;

static int bit_number(int flag)
{
    int number = 0;
    while (flag >> number != 1)
        number++;
    return number;
}

static void take(planner *p, int flag, int constraint)
{
    p->flags |= flag;
    p->constraint[bit_number(flag)] = constraint;
}

static bool has(const planner *p, int flag)
{
    return (p->flags & flag) != 0;
}

static bool is_binary(const planner *p, int constraint)
{
    return sqlite3_stricmp(sqlite3_vtab_collation(p->info, constraint),
                           "BINARY") == 0;
}

static bool is_equality(unsigned char op)
{
    return op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS;
}

static dyn_type sort_type(const planner *p)
{
    return p->table->declared.columns[p->sort].type;
}

/* Take a constraint on the sort key, when it is of use and its place free. */
static bool take_sort(planner *p, int i)
{
    switch (p->info->aConstraint[i].op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
    case SQLITE_INDEX_CONSTRAINT_IS:
        if (has(p, PLAN_SORT) || !is_binary(p, i)) return false;
        take(p, PLAN_SORT, i);
        return true;
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
        if (has(p, PLAN_LOWER) || !is_binary(p, i)) return false;
        take(p, PLAN_LOWER, i);
        if (p->info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_GT) {
            p->flags |= PLAN_LOWER_OPEN;
        }
        return true;
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
        if (has(p, PLAN_UPPER) || !is_binary(p, i)) return false;
        take(p, PLAN_UPPER, i);
        if (p->info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_LT) {
            p->flags |= PLAN_UPPER_OPEN;
        }
        return true;
    default:
        return false;
    }
}

/* Patterns narrow the range, and SQLite still checks them. */
static void take_pattern(planner *p, int i)
{
    if (sort_type(p) != DYN_TYPE_S) return;
    int op = p->info->aConstraint[i].op;
    if (op == SQLITE_INDEX_CONSTRAINT_LIKE) take(p, PLAN_LIKE, i);
    if (op == SQLITE_INDEX_CONSTRAINT_GLOB) take(p, PLAN_GLOB, i);
    if (op == PLAN_OP_BEGINS_WITH) take(p, PLAN_BEGINS_WITH, i);
}

static void take_constraint(planner *p, int i)
{
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    int mode = p->hidden + HIDDEN_MODE;
    int key = p->hidden + HIDDEN_KEY;
    if (c->op == SQLITE_INDEX_CONSTRAINT_LIMIT) {
        if (c->usable) take(p, PLAN_LIMIT, i);
    } else if (c->op == SQLITE_INDEX_CONSTRAINT_OFFSET) {
        if (c->usable) take(p, PLAN_OFFSET, i);
    } else if (!c->usable) {
        p->has_leftover = true;
    } else if (c->iColumn == mode && is_equality(c->op) && !has(p, PLAN_MODE)) {
        take(p, PLAN_MODE, i);
    } else if (c->iColumn == key && is_equality(c->op) && !has(p, PLAN_KEY)) {
        take(p, PLAN_KEY, i);
    } else if (c->iColumn == p->partition && is_equality(c->op) &&
               !has(p, PLAN_PARTITION) && is_binary(p, i)) {
        take(p, PLAN_PARTITION, i);
        p->has_in = sqlite3_vtab_in(p->info, i, -1) != 0;
    } else if (c->iColumn == p->sort && p->sort >= 0 && take_sort(p, i)) {
        return;
    } else {
        if (c->iColumn == p->sort && p->sort >= 0) take_pattern(p, i);
        p->has_leftover = true;
    }
}

/* Conditions that another one makes needless, or that are of no use without a
 * partition key, are left to SQLite. */
static void drop_useless(planner *p)
{
    enum {
        RANGE =
            PLAN_LOWER | PLAN_UPPER | PLAN_LIKE | PLAN_GLOB | PLAN_BEGINS_WITH,
    };
    int useless = 0;
    if (has(p, PLAN_KEY)) {
        useless = PLAN_PARTITION | PLAN_SORT | RANGE;
    } else if (!has(p, PLAN_PARTITION)) {
        useless = PLAN_SORT | RANGE;
    } else if (has(p, PLAN_SORT)) {
        useless = RANGE;
    }
    if ((p->flags & useless) != 0) p->has_leftover = true;
    p->flags &= ~useless;
}

/* Whether the plan names at most one item. */
static bool is_point(const planner *p)
{
    if (has(p, PLAN_KEY)) return true;
    return has(p, PLAN_PARTITION) && (p->sort < 0 || has(p, PLAN_SORT));
}

static bool is_refused(const planner *p)
{
    return !has(p, PLAN_KEY) && !has(p, PLAN_PARTITION);
}

/* ORDER BY sort key, either way; the partition key is the same in all rows. */
static void consume_order(planner *p)
{
    sqlite3_index_info *info = p->info;
    if (info->nOrderBy == 0 || is_refused(p)) return;
    bool is_ordered = is_point(p);
    for (int i = 0; i < info->nOrderBy && !is_ordered; i++) {
        if (info->aOrderBy[i].iColumn == p->partition) continue;
        if (info->aOrderBy[i].iColumn != p->sort || p->sort < 0) return;
        if (info->aOrderBy[i].desc) p->flags |= PLAN_DOWN;
        is_ordered = true;
    }
    info->orderByConsumed = 1;
}

/* A LIMIT can be ours only when nothing is filtered or sorted after us. */
static void consume_limit(planner *p)
{
    bool is_ordered = p->info->nOrderBy == 0 || p->info->orderByConsumed;
    bool is_in = p->has_in;
    for (int flag = PLAN_SORT; flag <= PLAN_UPPER; flag <<= 1) {
        if (has(p, flag) &&
            sqlite3_vtab_in(p->info, p->constraint[bit_number(flag)], -1)) {
            is_in = true;
        }
    }
    bool is_pattern =
        (p->flags & (PLAN_LIKE | PLAN_GLOB | PLAN_BEGINS_WITH)) != 0;
    if (has(p, PLAN_LIMIT) && is_ordered && !is_in && !p->has_leftover &&
        !is_pattern && sqlite3_vtab_distinct(p->info) == 0) {
        return;
    }
    p->flags &= ~(PLAN_LIMIT | PLAN_OFFSET);
}

/* What SQLite need not check again. */
static bool is_omitted(int flag)
{
    return (flag & (PLAN_LIKE | PLAN_GLOB | PLAN_BEGINS_WITH | PLAN_LIMIT |
                    PLAN_OFFSET)) == 0;
}

static void assign_arguments(planner *p)
{
    int next = 0;
    for (int i = 0; i < PLAN_ARGUMENTS; i++) {
        if ((p->flags & (1 << i)) == 0) continue;
        struct sqlite3_index_constraint_usage *usage =
            &p->info->aConstraintUsage[p->constraint[i]];
        usage->argvIndex = ++next;
        usage->omit = is_omitted(1 << i);
    }
}

/* ------------------------------------------------------------- sentences -- */

static const char *literal_mode(const planner *p, bool *is_known)
{
    *is_known = true;
    if (!has(p, PLAN_MODE)) return "";
    sqlite3_value *value = NULL;
    int rc = sqlite3_vtab_rhs_value(
        p->info, p->constraint[bit_number(PLAN_MODE)], &value);
    if (rc != SQLITE_OK || value == NULL) {
        *is_known = false;
        return "";
    }
    const char *text = (const char *)sqlite3_value_text(value);
    return text != NULL ? text : "";
}

static void add_column(sqlite3_str *text, const planner *p, int column,
                       const char *after)
{
    const dyn_column *c = &p->table->declared.columns[column];
    sqlite3_str_appendf(text, "%.*s%s", (int)c->name.size_bytes,
                        (const char *)c->name.data, after);
}

static void add_refusal(sqlite3_str *text, const table_vtab *table)
{
    const dyn_definition *declared = &table->declared;
    const dyn_column *key = &declared->columns[declared->key.partition[0]];
    sqlite3_str_appendf(text,
                        "a query needs %.*s = ?; to read the whole table: "
                        "FROM %s('scan')",
                        (int)key->name.size_bytes, (const char *)key->name.data,
                        table->table->name);
}

static void add_sort_range(sqlite3_str *text, const planner *p)
{
    static const struct {
        int flag;
        int open;
        const char *closed_text;
        const char *open_text;
    } parts[] = {
        {PLAN_SORT, 0, " = ?", ""},
        {PLAN_LOWER, PLAN_LOWER_OPEN, " >= ?", " > ?"},
        {PLAN_UPPER, PLAN_UPPER_OPEN, " <= ?", " < ?"},
        {PLAN_LIKE, 0, " LIKE ?", ""},
        {PLAN_GLOB, 0, " GLOB ?", ""},
        {PLAN_BEGINS_WITH, 0, " beginning with ?", ""},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!has(p, parts[i].flag)) continue;
        sqlite3_str_appendall(text, " and ");
        add_column(text, p, p->sort,
                   has(p, parts[i].open) ? parts[i].open_text
                                         : parts[i].closed_text);
    }
}

static char *describe(const planner *p)
{
    bool is_known = true;
    const char *mode = literal_mode(p, &is_known);
    sqlite3_str *text = sqlite3_str_new(NULL);
    if (has(p, PLAN_KEY)) {
        sqlite3_str_appendall(text, "get the item with the key ?");
    } else if (has(p, PLAN_PARTITION)) {
        sqlite3_str_appendall(text, is_point(p) ? "get the item with "
                                                : "query the items with ");
        add_column(text, p, p->partition, " = ?");
        add_sort_range(text, p);
        if (has(p, PLAN_DOWN)) sqlite3_str_appendall(text, ", last first");
        if (has(p, PLAN_LIMIT)) sqlite3_str_appendall(text, ", limited");
    } else if (!is_known) {
        sqlite3_str_appendall(text, "scan if mode says so, or refuse");
    } else if (strstr(mode, "scan") != NULL) {
        sqlite3_str_appendall(text, "scan the whole table");
    } else {
        sqlite3_str_appendall(text, "refused: ");
        add_refusal(text, p->table);
        return sqlite3_str_finish(text);
    }
    sqlite3_str_appendall(text, !is_known ? ", consistent as mode says"
                                : strstr(mode, "strong") != NULL
                                    ? ", strongly consistent"
                                    : ", eventually consistent");
    return sqlite3_str_finish(text);
}

static void estimate(planner *p)
{
    bool is_known = true;
    const char *mode = literal_mode(p, &is_known);
    sqlite3_index_info *info = p->info;
    if (is_point(p)) {
        info->estimatedCost = 1;
        info->estimatedRows = 1;
        info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    } else if (!is_refused(p)) {
        bool is_narrow = (p->flags & (PLAN_LOWER | PLAN_UPPER | PLAN_LIKE |
                                      PLAN_GLOB | PLAN_BEGINS_WITH)) != 0;
        info->estimatedRows = is_narrow ? 10 : 100;
        info->estimatedCost = (double)info->estimatedRows;
    } else {
        bool is_scan = is_known && strstr(mode, "scan") != NULL;
        info->estimatedRows = 1000000;
        info->estimatedCost = is_scan ? COST_SCAN : COST_REFUSED;
    }
}

int plan_best_index(table_vtab *table, sqlite3_index_info *info)
{
    const dyn_definition *declared = &table->declared;
    planner p = {
        .table = table,
        .info = info,
        .partition = declared->key.partition[0],
        .sort = declared->key.sort_count > 0 ? declared->key.sort[0] : -1,
        .hidden = (int)declared->column_count,
    };
    for (int i = 0; i < info->nConstraint; i++)
        take_constraint(&p, i);
    drop_useless(&p);
    consume_order(&p);
    consume_limit(&p);
    bool is_known = true;
    const char *mode = literal_mode(&p, &is_known);
    if (is_refused(&p) && declared->strict_plan && is_known &&
        strstr(mode, "scan") == NULL) {
        return SQLITE_CONSTRAINT;
    }
    assign_arguments(&p);
    estimate(&p);
    info->idxNum = p.flags;
    info->idxStr = describe(&p);
    info->needToFreeIdxStr = 1;
    return info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

/* ------------------------------------------------------------------ mode -- */

typedef struct mode_words {
    bool is_scan;
    bool is_strong;
    bool has_segment;
    uint64_t segment;
    uint64_t segment_count;
} mode_words;

static bool next_word(dyn_bytes *rest, dyn_bytes *word)
{
    while (rest->size_bytes > 0 && rest->data[0] == ' ') {
        rest->data++;
        rest->size_bytes--;
    }
    *word = (dyn_bytes){rest->data, 0};
    while (rest->size_bytes > 0 && rest->data[0] != ' ') {
        rest->data++;
        rest->size_bytes--;
        word->size_bytes++;
    }
    return word->size_bytes > 0;
}

static bool parse_number(dyn_bytes word, uint64_t *out)
{
    if (word.size_bytes == 0 || word.size_bytes > 7) return false;
    *out = 0;
    for (size_t i = 0; i < word.size_bytes; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') return false;
        *out = *out * 10 + (uint64_t)(word.data[i] - '0');
    }
    return true;
}

/* i of n, after the word segment. */
static dyn_status parse_segment(dyn_call *call, dyn_bytes *rest,
                                mode_words *out)
{
    enum { SEGMENTS_MAX = 1000000 };
    dyn_bytes word;
    bool is_right =
        next_word(rest, &word) && parse_number(word, &out->segment) &&
        next_word(rest, &word) && dyn_bytes_equal_text(word, "of") &&
        next_word(rest, &word) && parse_number(word, &out->segment_count);
    if (!is_right || out->segment_count < 1 ||
        out->segment_count > SEGMENTS_MAX ||
        out->segment >= out->segment_count) {
        return dyn_fail(call, DYN_INVALID,
                        "mode: segment needs i of n, 0 <= i < n <= %d, as in "
                        "'scan segment 0 of 4'",
                        SEGMENTS_MAX);
    }
    out->has_segment = true;
    return DYN_OK;
}

static dyn_status parse_mode(dyn_call *call, dyn_bytes text, mode_words *out)
{
    dyn_bytes word;
    while (next_word(&text, &word)) {
        if (dyn_bytes_equal_text(word, "scan")) {
            out->is_scan = true;
        } else if (dyn_bytes_equal_text(word, "strong")) {
            out->is_strong = true;
        } else if (dyn_bytes_equal_text(word, "segment")) {
            DYN_TRY(parse_segment(call, &text, out));
        } else {
            return dyn_fail(call, DYN_INVALID,
                            "unknown mode \"%.*s\": there are 'strong', 'scan' "
                            "and 'scan segment 0 of 4'",
                            (int)word.size_bytes, (const char *)word.data);
        }
    }
    if (out->has_segment && !out->is_scan) {
        return dyn_fail(call, DYN_INVALID,
                        "mode: segment goes with scan, as in 'scan segment 0 "
                        "of 4'");
    }
    return DYN_OK;
}

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
    int flags;
    sqlite3_value *argument[PLAN_ARGUMENTS]; /* by the number of the flag */
    plan_range *out;
} resolver;

static sqlite3_value *argument_of(const resolver *r, int flag)
{
    return (r->flags & flag) != 0 ? r->argument[bit_number(flag)] : NULL;
}

/* One end of the range of sort keys. *is_empty: nothing can be in it. */
static dyn_status resolve_bound(resolver *r, int flag, int open,
                                dyn_value *value, dyn_bound *out,
                                bool *is_empty)
{
    sqlite3_value *argument = argument_of(r, flag);
    if (argument == NULL) return DYN_OK;
    const dyn_definition *declared = &r->table->declared;
    rank found = RANK_VALUE;
    DYN_TRY(compare_operand(r->call, argument,
                            &declared->columns[declared->key.sort[0]], &found,
                            value));
    rank empty = flag == PLAN_UPPER ? RANK_BELOW : RANK_ABOVE;
    if (found == RANK_NULL || found == empty) *is_empty = true;
    if (found == RANK_VALUE) {
        *out = (dyn_bound){value, (r->flags & open) == 0};
    } else if ((found == RANK_BELOW_ZERO || found == RANK_ABOVE_ZERO) &&
               flag != PLAN_SORT) {
        bool is_upper = flag == PLAN_UPPER;
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

static dyn_status resolve_partition(resolver *r, dyn_value *value,
                                    bool *is_empty)
{
    const dyn_definition *declared = &r->table->declared;
    rank found = RANK_VALUE;
    DYN_TRY(compare_operand(r->call, argument_of(r, PLAN_PARTITION),
                            &declared->columns[declared->key.partition[0]],
                            &found, value));
    *is_empty = found != RANK_VALUE ||
                (value->type != DYN_TYPE_N &&
                 value->bytes.size_bytes > DYN_PARTITION_KEY_BYTES_MAX);
    return DYN_OK;
}

static dyn_status resolve_query(resolver *r)
{
    bool is_empty = false;
    dyn_value partition, sort, lower, upper;
    dyn_bytes prefix = {NULL, 0};
    dyn_key_condition condition = {.partition = {&partition},
                                   .partition_count = 1};
    DYN_TRY(resolve_partition(r, &partition, &is_empty));
    DYN_TRY(resolve_bound(r, PLAN_LOWER, PLAN_LOWER_OPEN, &lower,
                          &condition.lower, &is_empty));
    DYN_TRY(resolve_bound(r, PLAN_UPPER, PLAN_UPPER_OPEN, &upper,
                          &condition.upper, &is_empty));
    if (argument_of(r, PLAN_SORT) != NULL) {
        DYN_TRY(
            resolve_bound(r, PLAN_SORT, 0, &sort, &condition.lower, &is_empty));
        condition.upper = condition.lower;
        if (condition.lower.value == NULL) is_empty = true;
    }
    DYN_TRY(resolve_prefix(r, &prefix));
    if (prefix.size_bytes > 0) condition.prefix = &prefix;
    if (is_empty) return DYN_OK;
    DYN_TRY(dyn_query_range(r->call, &condition, &r->out->low, &r->out->high));
    bool is_point = r->table->declared.key.sort_count == 0 ||
                    argument_of(r, PLAN_SORT) != NULL;
    r->out->access = is_point ? PLAN_GET : PLAN_RANGE;
    return DYN_OK;
}

/* Keep of the range what lies in a segment. */
static dyn_status narrow_to_segment(resolver *r, const mode_words *mode)
{
    dyn_bytes low = {NULL, 0};
    dyn_bytes high = {NULL, 0};
    DYN_TRY(dyn_query_segment(r->call, mode->segment, mode->segment_count, &low,
                              &high));
    if (dyn_bytes_compare(low, r->out->low) > 0) r->out->low = low;
    if (dyn_bytes_compare(high, r->out->high) < 0) r->out->high = high;
    if (dyn_bytes_compare(r->out->low, r->out->high) >= 0) {
        r->out->access = PLAN_NOTHING;
    }
    return DYN_OK;
}

static dyn_status fail_refused(resolver *r)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    add_refusal(text, r->table);
    char *message = sqlite3_str_finish(text);
    if (message == NULL) return dyn_fail_nomem(r->call);
    dyn_status status = dyn_fail(r->call, DYN_INVALID, "%s", message);
    sqlite3_free(message);
    return status;
}

static dyn_status resolve_access(resolver *r, const mode_words *mode)
{
    sqlite3_value *key = argument_of(r, PLAN_KEY);
    if (key != NULL) {
        bool is_null = false;
        dyn_value value;
        DYN_TRY(bridge_value(r->call, key, NULL, &is_null, &value));
        if (is_null || value.type != DYN_TYPE_B) return DYN_OK;
        r->out->access = PLAN_GET;
        r->out->low = value.bytes;
        return DYN_OK;
    }
    if (argument_of(r, PLAN_PARTITION) != NULL) {
        DYN_TRY(resolve_query(r));
    } else if (mode->is_scan) {
        r->out->access = PLAN_RANGE;
        DYN_TRY(dyn_query_segment(r->call, 0, 1, &r->out->low, &r->out->high));
    } else {
        return fail_refused(r);
    }
    if (!mode->has_segment || r->out->access == PLAN_NOTHING) return DYN_OK;
    return narrow_to_segment(r, mode);
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
    if (rows < 0 || skipped < 0 || rows > INT32_MAX || skipped > INT32_MAX) {
        return;
    }
    r->out->rows_wanted = (size_t)(rows + skipped);
}

dyn_status plan_resolve(dyn_call *call, const table_vtab *table, int plan,
                        sqlite3_value **arguments, plan_range *out)
{
    resolver r = {.call = call, .table = table, .flags = plan, .out = out};
    int next = 0;
    for (int i = 0; i < PLAN_ARGUMENTS; i++) {
        if ((plan & (1 << i)) != 0) r.argument[i] = arguments[next++];
    }
    *out = (plan_range){.access = PLAN_NOTHING, .rows_wanted = SIZE_MAX};
    out->down = (plan & PLAN_DOWN) != 0;

    mode_words words = {.is_scan = false};
    sqlite3_value *argument = argument_of(&r, PLAN_MODE);
    if (argument != NULL && sqlite3_value_type(argument) != SQLITE_NULL) {
        DYN_TRY(bridge_text(call, argument, &out->mode));
        DYN_TRY(parse_mode(call, out->mode, &words));
    }
    out->is_strong = words.is_strong;
    DYN_TRY(resolve_access(&r, &words));
    resolve_limit(&r);
    return DYN_OK;
}

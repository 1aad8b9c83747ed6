/*
 * xBestIndex: sqlite3_index_info to a request for an access path, and the path
 * back to a plan. docs/design-notes.md explains what arrives and what may be
 * consumed.
 */
#include "table_plan_internal.h"

#include "ops/access_sentence.h"
#include "text_order.h"

/* What is known of a statement. Constraints are numbers in info, or
 * DYN_NO_TERM. */
typedef struct planner {
    dyn_call *call;
    const plan_table *table;
    sqlite3_index_info *info;
    int column_count;
    dyn_access_request request;
    int *constraints; /* of each term */
    int mode;         /* constraints */
    int limit;
    int offset;
    int argument_count; /* that the plan has so far */
} planner;

/* ----------------------------------------------------------- constraints -- */

static bool is_equality(const struct sqlite3_index_constraint *c)
{
    return c->op == SQLITE_INDEX_CONSTRAINT_EQ ||
           c->op == SQLITE_INDEX_CONSTRAINT_IS;
}

static dyn_comparison comparison_of(unsigned char op)
{
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return DYN_COMPARE_EQUAL;
    case SQLITE_INDEX_CONSTRAINT_IS:
        return DYN_COMPARE_IS;
    case SQLITE_INDEX_CONSTRAINT_GT:
        return DYN_COMPARE_ABOVE;
    case SQLITE_INDEX_CONSTRAINT_GE:
        return DYN_COMPARE_AT_LEAST;
    case SQLITE_INDEX_CONSTRAINT_LT:
        return DYN_COMPARE_BELOW;
    case SQLITE_INDEX_CONSTRAINT_LE:
        return DYN_COMPARE_AT_MOST;
    case SQLITE_INDEX_CONSTRAINT_LIKE:
        return DYN_COMPARE_LIKE;
    case SQLITE_INDEX_CONSTRAINT_GLOB:
        return DYN_COMPARE_GLOB;
    case COLUMN_OP_BEGINS_WITH:
        return DYN_COMPARE_BEGINS_WITH;
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
        return DYN_COMPARE_EXISTS;
    default:
        return DYN_COMPARE_OTHER;
    }
}

static bool is_collated(const planner *p, int constraint, const char *collation)
{
    return sqlite3_stricmp(sqlite3_vtab_collation(p->info, constraint),
                           collation) == 0;
}

static bool is_text(const planner *p, int column)
{
    return column >= 0 &&
           p->table->definition->columns[column].type == DYN_TYPE_S;
}

/* Whether a constraint compares what is in a column as keys are. BINARY does,
 * but for the order of texts in UTF-16; they are equal when their bytes in
 * UTF-8 are. */
static bool is_exact(const planner *p, int constraint, int column)
{
    if (is_collated(p, constraint, p->table->collation)) return true;
    bool is_ordered = !is_equality(&p->info->aConstraint[constraint]);
    return is_collated(p, constraint, "BINARY") &&
           !(is_ordered && is_text(p, column));
}

/* The number of an attribute in the definition, which may have lost one that
 * was the key of an index. */
static int number_of(const planner *p, int attribute)
{
    if (attribute < p->column_count) return attribute;
    int number = dyn_definition_column(
        p->table->definition, p->table->declared->columns[attribute].name);
    return number < 0 ? DYN_NO_COLUMN : number;
}

/* What a column is in the definition. */
static int column_of(const planner *p, int column)
{
    if (column == p->column_count + HIDDEN_KEY) return DYN_STORED_KEY;
    int attribute = table_attribute(p->table->declared, column);
    return attribute == TABLE_NO_ATTRIBUTE ? DYN_NO_COLUMN
                                           : number_of(p, attribute);
}

static dyn_term term_of(const planner *p, int constraint)
{
    const struct sqlite3_index_constraint *c =
        &p->info->aConstraint[constraint];
    dyn_term term = {
        .column = column_of(p, c->iColumn),
        .comparison = comparison_of(c->op),
        .is_usable = c->usable,
    };
    if (!c->usable || term.column == DYN_NO_COLUMN) return term;
    term.is_exact = is_exact(p, constraint, term.column);
    term.is_list = sqlite3_vtab_in(p->info, constraint, -1);
    return term;
}

/* What is no condition of the items is kept apart: how to read, how many rows,
 * and a condition of writing, which has no place there. Returns whether a
 * constraint is of that kind. */
static bool take_apart(planner *p, int constraint)
{
    const struct sqlite3_index_constraint *c =
        &p->info->aConstraint[constraint];
    if (c->op == SQLITE_INDEX_CONSTRAINT_LIMIT) {
        if (c->usable) p->limit = constraint;
        return true;
    }
    if (c->op == SQLITE_INDEX_CONSTRAINT_OFFSET) {
        if (c->usable) p->offset = constraint;
        return true;
    }
    if (c->iColumn == p->column_count + HIDDEN_CONDITION) {
        p->request.has_condition = true;
        return true;
    }
    if (p->mode != DYN_NO_TERM || !c->usable || !is_equality(c) ||
        c->iColumn != p->column_count + HIDDEN_MODE)
        return false;
    p->mode = constraint;
    return true;
}

static dyn_status find_terms(planner *p)
{
    size_t count = (size_t)p->info->nConstraint;
    dyn_term *terms = dyn_alloc_zero(p->call, count, sizeof(*terms));
    p->constraints = dyn_alloc_zero(p->call, count, sizeof(int));
    if (terms == NULL || p->constraints == NULL) return DYN_NOMEM;
    for (int i = 0; i < p->info->nConstraint; i++) {
        if (take_apart(p, i)) continue;
        size_t number = p->request.term_count++;
        terms[number] = term_of(p, i);
        p->constraints[number] = i;
    }
    p->request.terms = terms;
    /* with DISTINCT or GROUP BY, several of our rows may make one */
    p->request.has_limit =
        p->limit != DYN_NO_TERM && sqlite3_vtab_distinct(p->info) == 0;
    return DYN_OK;
}

/* Hidden columns of attributes have no collation (table_declare()): where texts
 * are in another order than SQLite's own, theirs are not. */
static int ordered_column(const planner *p, int column)
{
    int number = column_of(p, column);
    bool is_declared = column < p->column_count;
    return is_declared || !is_text(p, number) ||
                   text_order_is_binary(p->table->collation)
               ? number
               : DYN_NO_COLUMN;
}

static dyn_status find_order(planner *p)
{
    size_t count = (size_t)p->info->nOrderBy;
    dyn_ordering *order = dyn_alloc_zero(p->call, count, sizeof(*order));
    if (order == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        order[i].column = ordered_column(p, p->info->aOrderBy[i].iColumn);
        order[i].is_down = p->info->aOrderBy[i].desc;
    }
    p->request.order = order;
    p->request.order_count = count;
    return DYN_OK;
}

enum { LAST_BIT = 63 }; /* of colUsed: any of the columns from there on */

static bool is_used(const planner *p, int column)
{
    int bit = column < LAST_BIT ? column : LAST_BIT;
    return (p->info->colUsed >> bit & 1) != 0;
}

/* SQLite 3.40 says of an UPDATE that it uses all columns, also those that are
 * not there. It does not look at most of them, and those that it looks at are
 * fetched then. */
static bool is_update(const planner *p)
{
    return p->column_count + HIDDEN_COUNT < LAST_BIT &&
           p->info->colUsed == UINT64_MAX;
}

/* Of many hidden attributes it is not known which are used; what an index lacks
 * of them is fetched. */
static dyn_status find_uses(planner *p)
{
    const dyn_definition *declared = p->table->declared;
    bool *uses = dyn_alloc_zero(p->call, p->table->definition->attribute_count,
                                sizeof(*uses));
    if (uses == NULL) return DYN_NOMEM;
    if (is_update(p)) return DYN_OK;
    p->request.uses_item = is_used(p, p->column_count + HIDDEN_ITEM);
    for (size_t i = 0; i < declared->attribute_count; i++) {
        int column = (int)table_column_of(declared, i);
        bool is_unknown = column >= LAST_BIT && i >= declared->column_count;
        if (is_unknown || !is_used(p, column)) continue;
        int number = number_of(p, (int)i);
        if (number == DYN_NO_COLUMN)
            p->request.uses_item = true;
        else
            uses[number] = true;
    }
    p->request.uses = uses;
    return DYN_OK;
}

/* What mode says, when it is a literal; other words than those there are come
 * to light in xFilter. */
static void find_mode(planner *p)
{
    dyn_read_mode mode = {.is_scan = false};
    sqlite3_value *value = NULL;
    dyn_bytes copy = {NULL, 0};
    p->request.is_mode_known = true;
    if (p->mode == DYN_NO_TERM) return;
    int rc = sqlite3_vtab_rhs_value(p->info, p->mode, &value);
    p->request.is_mode_known = rc == SQLITE_OK && value != NULL;
    if (!p->request.is_mode_known) return;
    const char *text = (const char *)sqlite3_value_text(value);
    if (text != NULL &&
        dyn_copy(p->call, dyn_bytes_text(text), &copy) == DYN_OK &&
        dyn_read_mode_parse(p->call, copy, &mode) == DYN_OK)
        p->request.mode = mode;
}

static dyn_status find_definition(planner *p)
{
    const plan_table *table = p->table;
    dyn_access_request *request = &p->request;
    bool *is_filling =
        dyn_alloc_zero(p->call, table->index_count, sizeof(bool));
    if (is_filling == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < table->index_count; i++)
        is_filling[i] = table->indexes[i].is_filling;
    request->table_name = table->name;
    request->definition = table->definition;
    request->index_count = table->index_count;
    request->is_filling = is_filling;
    p->column_count = (int)table->declared->column_count;
    return DYN_OK;
}

static dyn_status find_request(planner *p)
{
    DYN_TRY(find_definition(p));
    DYN_TRY(find_terms(p));
    DYN_TRY(find_order(p));
    DYN_TRY(find_uses(p));
    find_mode(p);
    return DYN_OK;
}

/* ------------------------------------------------------------------ plan -- */

/* The value of a constraint becomes the next argument of xFilter. is_omitted:
 * SQLite need not check it again. */
static void pass_argument(planner *p, int constraint, bool is_omitted)
{
    struct sqlite3_index_constraint_usage *usage =
        &p->info->aConstraintUsage[constraint];
    usage->argvIndex = ++p->argument_count;
    usage->omit = is_omitted;
}

/* In the order of the flags. */
static int pass_arguments(planner *p, const dyn_access_path *path)
{
    int flags = 0;
    if (p->mode != DYN_NO_TERM) {
        flags |= PLAN_MODE;
        pass_argument(p, p->mode, true);
    }
    for (int slot = 0; slot < DYN_SLOTS; slot++) {
        if (!dyn_access_has(path, slot)) continue;
        flags |= plan_flag(slot);
        pass_argument(p, p->constraints[path->terms[slot]],
                      slot < DYN_SLOT_LIKE);
    }
    if (!path->is_limited) return flags;
    flags |= PLAN_LIMIT;
    pass_argument(p, p->limit, false);
    if (p->offset == DYN_NO_TERM) return flags;
    pass_argument(p, p->offset, false);
    return flags | PLAN_OFFSET;
}

static bool is_open(const planner *p, const dyn_access_path *path, int slot,
                    dyn_comparison comparison)
{
    return dyn_access_has(path, slot) &&
           p->request.terms[path->terms[slot]].comparison == comparison;
}

static int plan_number(planner *p, const dyn_access_path *path)
{
    int64_t tree = path->index < 0 ? 0 : p->table->indexes[path->index].tree;
    int flags = pass_arguments(p, path);
    if (is_open(p, path, DYN_SLOT_LOWER, DYN_COMPARE_ABOVE))
        flags |= PLAN_LOWER_OPEN;
    if (is_open(p, path, DYN_SLOT_UPPER, DYN_COMPARE_BELOW))
        flags |= PLAN_UPPER_OPEN;
    if (path->is_down) flags |= PLAN_DOWN;
    if (path->is_fetching) flags |= PLAN_FETCH;
    return flags | (int)(tree << PLAN_TREE_SHIFT);
}

/* Bytes of all that a path reads; 0 when it does not read all of something. */
static int64_t whole_bytes(const planner *p, const dyn_access_path *path)
{
    int64_t items = 0;
    int64_t bytes = 0;
    if (p->table->map == NULL || !dyn_access_is_whole(&p->request, path))
        return 0;
    dyn_partitions_sum(path->index < 0 ? p->table->map
                                       : &p->table->indexes[path->index].map,
                       &items, &bytes);
    return bytes;
}

/* The sentence is kept by SQLite, and what follows its zero, too: the shape of
 * the index. */
static int write_sentence(planner *p, const dyn_access_path *path)
{
    dyn_bytes sentence = {NULL, 0};
    if (dyn_access_describe(p->call, &p->request, path, whole_bytes(p, path),
                            &sentence) != DYN_OK)
        return SQLITE_NOMEM;
    uint64_t shape = path->index < 0 ? 0 : p->table->indexes[path->index].shape;
    size_t text_bytes = sentence.size_bytes + 1;
    char *text = sqlite3_malloc64(text_bytes + sizeof(shape));
    if (text == NULL) return SQLITE_NOMEM;
    memcpy(text, sentence.data, text_bytes);
    memcpy(text + text_bytes, &shape, sizeof(shape));
    p->info->idxStr = text;
    p->info->needToFreeIdxStr = 1;
    return SQLITE_OK;
}

/* Have lists of keys come at once. The items of several keys are in no order.
 */
static void take_lists(planner *p, const dyn_access_path *path)
{
    if (!p->table->takes_lists || !path->has_list || !dyn_access_is_point(path))
        return;
    for (int slot = 0; slot < DYN_SLOT_LOWER; slot++) {
        if (dyn_access_has(path, slot) &&
            p->request.terms[path->terms[slot]].is_list)
            sqlite3_vtab_in(p->info, p->constraints[path->terms[slot]], 1);
    }
    p->info->orderByConsumed = 0;
    p->info->idxFlags = 0;
}

static int plan(planner *p)
{
    sqlite3_index_info *info = p->info;
    dyn_access_path path;
    if (find_request(p) != DYN_OK) return SQLITE_NOMEM;
    dyn_access_choose(&p->request, &path);
    if (p->table->declared->strict_plan &&
        dyn_access_is_refused(&p->request, &path))
        return SQLITE_CONSTRAINT;
    dyn_access_cost cost = dyn_access_estimate(&p->request, &path);
    info->estimatedCost = cost.reads;
    info->estimatedRows = cost.rows;
    if (dyn_access_is_point(&path)) info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    info->orderByConsumed = path.is_ordered && info->nOrderBy > 0;
    info->idxNum = plan_number(p, &path);
    take_lists(p, &path);
    return write_sentence(p, &path);
}

int plan_best_index(const plan_table *table, sqlite3_index_info *info)
{
    dyn_call call;
    planner p = {
        .call = &call,
        .table = table,
        .info = info,
        .mode = DYN_NO_TERM,
        .limit = DYN_NO_TERM,
        .offset = DYN_NO_TERM,
    };
    dyn_call_begin(&call);
    int rc = plan(&p);
    dyn_call_end(&call);
    return rc;
}

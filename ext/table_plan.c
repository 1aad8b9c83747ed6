/* xBestIndex: which way a statement reads the table. SQLITE.md explains what
 * arrives and what may be consumed. */
#include "table_plan_internal.h"

static const double COST_SCAN = 1e7;
static const double COST_REFUSED = 1e99;

int plan_bit(int flag)
{
    int number = 0;
    while (flag >> number != 1)
        number++;
    return number;
}

static void take(plan_path *path, int flag, int constraint)
{
    path->flags |= flag;
    path->constraint[plan_bit(flag)] = constraint;
}

static bool has(const plan_path *path, int flag)
{
    return (path->flags & flag) != 0;
}

/* Whether a constraint compares texts in the order of keys. */
static bool is_in_key_order(const planner *p, int constraint)
{
    return sqlite3_stricmp(sqlite3_vtab_collation(p->info, constraint),
                           p->table->collation) == 0;
}

/* Whether texts are equal to a constraint when their bytes are: those of UTF-16
 * are when those of UTF-8 are. */
static bool is_exact(const planner *p, int constraint)
{
    return is_in_key_order(p, constraint) ||
           sqlite3_stricmp(sqlite3_vtab_collation(p->info, constraint),
                           "BINARY") == 0;
}

static bool is_equality(unsigned char op)
{
    return op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS;
}

bool plan_is_point(const plan_path *path)
{
    if (has(path, PLAN_KEY)) return true;
    return path->is_fixed && path->index < 0 &&
           path->sort_count == path->key->sort_count;
}

/* ----------------------------------------------------------- constraints -- */

enum { FREE = -1, SLOTS = DYN_KEY_ATTRIBUTES_MAX };

/* Constraints on the attributes of a key that could be of use; numbers of
 * constraints, or FREE. */
typedef struct key_slots {
    int partition[SLOTS];
    int equal[SLOTS]; /* on each sort key */
    int lower[SLOTS];
    int upper[SLOTS];
    int like[SLOTS];
    int glob[SLOTS];
    int begins_with[SLOTS];
} key_slots;

static void clear_slots(key_slots *slots)
{
    int *all[] = {slots->partition,  slots->equal, slots->lower,
                  slots->upper,      slots->like,  slots->glob,
                  slots->begins_with};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (int j = 0; j < SLOTS; j++)
            all[i][j] = FREE;
    }
}

bool plan_is_optional(const dyn_definition *definition, int column)
{
    return !dyn_key_schema_has(&definition->key, (size_t)column);
}

/* Whether a constraint is an equality that an index can answer: `IS ?` may ask
 * for items that lack the attribute, which are not in it. */
static bool is_key_equality(const planner *p, int i)
{
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    return is_equality(c->op) && is_exact(p, i) &&
           (c->op == SQLITE_INDEX_CONSTRAINT_EQ ||
            !plan_is_optional(p->definition, c->iColumn));
}

/* The slot for a constraint on a sort key; NULL when there is none. */
static int *sort_slot(const planner *p, key_slots *slots, int at, int i)
{
    int column = p->info->aConstraint[i].iColumn;
    unsigned char op = p->info->aConstraint[i].op;
    bool is_text = p->definition->columns[column].type == DYN_TYPE_S;
    if (op == SQLITE_INDEX_CONSTRAINT_LIKE)
        return is_text ? &slots->like[at] : NULL;
    if (op == SQLITE_INDEX_CONSTRAINT_GLOB)
        return is_text ? &slots->glob[at] : NULL;
    if (op == PLAN_OP_BEGINS_WITH)
        return is_text ? &slots->begins_with[at] : NULL;
    if (is_equality(op))
        return is_key_equality(p, i) ? &slots->equal[at] : NULL;
    if (!is_in_key_order(p, i)) return NULL;
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
        return &slots->lower[at];
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
        return &slots->upper[at];
    default:
        return NULL;
    }
}

/* The slot for a constraint on a column; NULL when it is of no use. */
static int *key_slot(const planner *p, const dyn_key_schema *key,
                     key_slots *slots, int i)
{
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    for (int at = 0; at < key->partition_count; at++) {
        if (c->iColumn != key->partition[at]) continue;
        return is_key_equality(p, i) ? &slots->partition[at] : NULL;
    }
    for (int at = 0; at < key->sort_count; at++) {
        if (c->iColumn != key->sort[at]) continue;
        return sort_slot(p, slots, at, i);
    }
    return NULL;
}

/* Constraints that any path takes. */
static bool take_hidden(const planner *p, plan_path *path, int i)
{
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    int hidden = (int)p->definition->column_count;
    int flag = 0;
    if (c->op == SQLITE_INDEX_CONSTRAINT_LIMIT) {
        if (c->usable) take(path, PLAN_LIMIT, i);
        return true;
    }
    if (c->op == SQLITE_INDEX_CONSTRAINT_OFFSET) {
        if (c->usable) take(path, PLAN_OFFSET, i);
        return true;
    }
    if (!c->usable || !is_equality(c->op)) return false;
    if (c->iColumn == hidden + HIDDEN_MODE) flag = PLAN_MODE;
    if (c->iColumn == hidden + HIDDEN_KEY && path->index < 0) flag = PLAN_KEY;
    if (flag == 0 || has(path, flag)) return false;
    take(path, flag, i);
    return true;
}

static bool take_slot(const planner *p, plan_path *path, int flag,
                      int constraint)
{
    if (constraint == FREE) return false;
    take(path, flag, constraint);
    if (sqlite3_vtab_in(p->info, constraint, -1)) path->has_in = true;
    return true;
}

static void take_range(const planner *p, plan_path *path,
                       const key_slots *slots, int at)
{
    bool has_lower = take_slot(p, path, PLAN_LOWER, slots->lower[at]);
    bool has_upper = take_slot(p, path, PLAN_UPPER, slots->upper[at]);
    take_slot(p, path, PLAN_LIKE, slots->like[at]);
    take_slot(p, path, PLAN_GLOB, slots->glob[at]);
    take_slot(p, path, PLAN_BEGINS_WITH, slots->begins_with[at]);
    path->has_range = has_lower || has_upper || has(path, PLAN_PATTERNS);
    if (has_lower && p->info->aConstraint[slots->lower[at]].op ==
                         SQLITE_INDEX_CONSTRAINT_GT) {
        path->flags |= PLAN_LOWER_OPEN;
    }
    if (has_upper && p->info->aConstraint[slots->upper[at]].op ==
                         SQLITE_INDEX_CONSTRAINT_LT) {
        path->flags |= PLAN_UPPER_OPEN;
    }
}

/* Of the sort key, equalities are of use from the left, and then a range of the
 * next attribute; of all that, nothing without the whole partition key. */
static void take_slots(const planner *p, plan_path *path,
                       const key_slots *slots)
{
    const dyn_key_schema *key = path->key;
    if (has(path, PLAN_KEY)) return;
    for (int at = 0; at < key->partition_count; at++) {
        if (slots->partition[at] == FREE) return;
    }
    path->is_fixed = true;
    for (int at = 0; at < key->partition_count; at++)
        take_slot(p, path, PLAN_PARTITION << at, slots->partition[at]);
    while (path->sort_count < key->sort_count &&
           take_slot(p, path, PLAN_SORT << path->sort_count,
                     slots->equal[path->sort_count])) {
        path->sort_count++;
    }
    if (path->sort_count < key->sort_count)
        take_range(p, path, slots, path->sort_count);
}

static bool is_taken(const plan_path *path, int constraint)
{
    for (int i = 0; i < PLAN_ARGUMENTS; i++) {
        if (has(path, 1 << i) && path->constraint[i] == constraint) return true;
    }
    return false;
}

/* ----------------------------------------------------------------- order -- */

static bool is_fixed_column(const plan_path *path, int column)
{
    for (int i = 0; i < path->key->partition_count; i++) {
        if (path->key->partition[i] == column) return true;
    }
    for (int i = 0; i < path->sort_count; i++) {
        if (path->key->sort[i] == column) return true;
    }
    return false;
}

/* ORDER BY sort keys, either way. What follows the whole key of the table has
 * no say: no two items are alike in it. */
static void find_order(const planner *p, plan_path *path)
{
    const sqlite3_index_info *info = p->info;
    int next = path->sort_count;
    bool down = false;
    path->is_ordered = info->nOrderBy == 0 || plan_is_point(path);
    if (path->is_ordered || !path->is_fixed) return;
    for (int i = 0; i < info->nOrderBy; i++) {
        if (path->index < 0 && next == path->key->sort_count) break;
        if (is_fixed_column(path, info->aOrderBy[i].iColumn)) continue;
        bool is_first = next == path->sort_count;
        if (next == path->key->sort_count ||
            info->aOrderBy[i].iColumn != path->key->sort[next] ||
            (!is_first && down != (bool)info->aOrderBy[i].desc)) {
            return;
        }
        down = info->aOrderBy[i].desc;
        next++;
    }
    if (down) path->flags |= PLAN_DOWN;
    path->is_ordered = true;
}

/* ----------------------------------------------------------------- paths -- */

/* Whether a constraint that is not taken may be false of what a path reads. */
static bool is_filter(const planner *p, const dyn_key_schema *key, int i)
{
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    switch (c->op) {
    case SQLITE_INDEX_CONSTRAINT_LIMIT:
    case SQLITE_INDEX_CONSTRAINT_OFFSET:
        return false;
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
        return !dyn_key_schema_has(key, (size_t)c->iColumn);
    default:
        return true;
    }
}

static plan_path find_path(const planner *p, int index)
{
    plan_path path = {.index = index};
    path.key =
        index < 0 ? &p->definition->key : &p->definition->indexes[index].key;
    key_slots slots;
    clear_slots(&slots);
    for (int i = 0; i < p->info->nConstraint; i++) {
        if (take_hidden(p, &path, i) || !p->info->aConstraint[i].usable)
            continue;
        int *slot = key_slot(p, path.key, &slots, i);
        if (slot != NULL && *slot == FREE) *slot = i;
    }
    take_slots(p, &path, &slots);
    for (int i = 0; i < p->info->nConstraint; i++) {
        if (!is_taken(&path, i) && is_filter(p, path.key, i))
            path.has_leftover = true;
    }
    find_order(p, &path);
    return path;
}

static bool is_used(const planner *p, size_t column)
{
    size_t bit = column < 63 ? column : 63;
    return (p->info->colUsed >> bit & 1) != 0;
}

/* SQLite 3.40 says of an UPDATE that it uses all columns, also those that are
 * not there; most of them it does not look at. */
static bool is_update(const planner *p)
{
    return p->definition->column_count + HIDDEN_COUNT < 63 &&
           p->info->colUsed == UINT64_MAX;
}

/* What an UPDATE uses is fetched when it is looked at. */
bool plan_projects(const planner *p, const dyn_index *index, dyn_bytes *missing)
{
    size_t count = p->definition->column_count;
    if (index->project == DYN_PROJECT_ALL || is_update(p)) return true;
    for (size_t i = 0; i < count; i++) {
        *missing = p->definition->columns[i].name;
        if (is_used(p, i) &&
            !dyn_index_projects(p->definition, index, *missing))
            return false;
    }
    *missing = dyn_bytes_text("the whole item");
    return !is_used(p, count + HIDDEN_ITEM);
}

plan_obstacle plan_find_obstacle(const planner *p, size_t number)
{
    const dyn_index *index = &p->definition->indexes[number];
    dyn_bytes missing = {NULL, 0};
    if (p->table->table->indexes[number].is_filling) return PLAN_FILLING;
    if (index->is_local) return PLAN_ELIGIBLE;
    if (p->mode.is_strong) return PLAN_STRONG;
    return plan_projects(p, index, &missing) ? PLAN_ELIGIBLE
                                             : PLAN_NOT_PROJECTED;
}

/* Whether a constraint is never true of NULL. */
static bool rejects_null(unsigned char op)
{
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
    case SQLITE_INDEX_CONSTRAINT_LIKE:
    case SQLITE_INDEX_CONSTRAINT_GLOB:
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
    case PLAN_OP_BEGINS_WITH:
        return true;
    default:
        return false;
    }
}

static bool is_asked_for(const planner *p, int column)
{
    for (int i = 0; i < p->info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
        if (c->usable && c->iColumn == column && rejects_null(c->op))
            return true;
    }
    return false;
}

int plan_find_sparse(const planner *p, const dyn_index *index)
{
    for (int i = 0; i < index->key.sort_count; i++) {
        int column = index->key.sort[i];
        if (plan_is_optional(p->definition, column) && !is_asked_for(p, column))
            return column;
    }
    return -1;
}

static void add_fetch(const planner *p, plan_path *path)
{
    const dyn_index *index = &p->definition->indexes[path->index];
    dyn_bytes missing = {NULL, 0};
    if (index->is_local && !plan_projects(p, index, &missing))
        path->flags |= PLAN_FETCH;
}

/* The smaller, the less an entry holds. */
static size_t projection_rank(const planner *p, const plan_path *path)
{
    if (path->index < 0) return SIZE_MAX;
    const dyn_index *index = &p->definition->indexes[path->index];
    return index->project == DYN_PROJECT_ALL ? SIZE_MAX - 1
                                             : index->included_count;
}

/* Whether a way to read is better than another one: by how much of the sort key
 * it serves, then by the order, then the table, then what is smaller. */
static bool is_better(const planner *p, const plan_path *a, const plan_path *b)
{
    int a_rank[] = {plan_is_point(a), a->sort_count, a->has_range,
                    a->is_ordered,    a->index < 0,  !has(a, PLAN_FETCH)};
    int b_rank[] = {plan_is_point(b), b->sort_count, b->has_range,
                    b->is_ordered,    b->index < 0,  !has(b, PLAN_FETCH)};
    for (size_t i = 0; i < sizeof(a_rank) / sizeof(a_rank[0]); i++) {
        if (a_rank[i] != b_rank[i]) return a_rank[i] > b_rank[i];
    }
    return projection_rank(p, a) < projection_rank(p, b);
}

/* The index that the mode names is the only way, and only that one may leave
 * items out. Without one, the table goes before all global indexes, whose reads
 * may be of another moment. */
static void choose_path(planner *p)
{
    const dyn_bytes named = p->mode.index;
    p->path = find_path(p, -1);
    if (has(&p->path, PLAN_KEY)) return;
    bool has_table = p->path.is_fixed;
    bool has_path = has_table && named.data == NULL;
    for (size_t i = 0; i < p->index_count; i++) {
        const dyn_index *index = &p->definition->indexes[i];
        bool is_named =
            named.data != NULL && dyn_bytes_equal(index->name, named);
        if (named.data != NULL ? !is_named : has_table && !index->is_local)
            continue;
        plan_path path = find_path(p, (int)i);
        bool is_way = is_named
                          ? path.is_fixed || p->mode.is_scan
                          : path.is_fixed && plan_find_sparse(p, index) < 0;
        if (!is_way || plan_find_obstacle(p, i) != PLAN_ELIGIBLE) continue;
        add_fetch(p, &path);
        if (has_path && !is_better(p, &path, &p->path)) continue;
        p->path = path;
        has_path = true;
    }
    if (has_path) return;
    /* the table, to be scanned or refused */
    p->path.is_fixed = false;
    p->path.sort_count = 0;
    p->path.flags &= PLAN_MODE | PLAN_LIMIT | PLAN_OFFSET;
    p->path.has_leftover = p->path.has_leftover || has_table;
    if (has_table) p->path.is_ordered = p->info->nOrderBy == 0;
}

/* --------------------------------------------------------------- outcome -- */

/* A LIMIT can be ours only when nothing is filtered or sorted after us. */
static void consume_limit(planner *p)
{
    plan_path *path = &p->path;
    if (has(path, PLAN_LIMIT) && path->is_ordered && !path->has_in &&
        !path->has_leftover && !has(path, PLAN_PATTERNS) &&
        sqlite3_vtab_distinct(p->info) == 0) {
        return;
    }
    path->flags &= ~(PLAN_LIMIT | PLAN_OFFSET);
}

/* What SQLite need not check again. */
static bool is_omitted(int flag)
{
    return (flag & (PLAN_PATTERNS | PLAN_LIMIT | PLAN_OFFSET)) == 0;
}

static void assign_arguments(planner *p)
{
    int next = 0;
    for (int i = 0; i < PLAN_ARGUMENTS; i++) {
        if (!has(&p->path, 1 << i)) continue;
        struct sqlite3_index_constraint_usage *usage =
            &p->info->aConstraintUsage[p->path.constraint[i]];
        usage->argvIndex = ++next;
        usage->omit = is_omitted(1 << i);
    }
}

static bool is_refused(const planner *p)
{
    const plan_path *path = &p->path;
    bool is_scan =
        p->mode.is_scan && (p->mode.index.data == NULL || path->index >= 0);
    return !has(path, PLAN_KEY) && !path->is_fixed && !is_scan;
}

static void estimate(planner *p)
{
    const plan_path *path = &p->path;
    sqlite3_index_info *info = p->info;
    if (plan_is_point(path)) {
        info->estimatedCost = 1;
        info->estimatedRows = 1;
        info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    } else if (path->is_fixed) {
        info->estimatedRows =
            path->has_range || path->sort_count > 0 ? 10 : 100;
        info->estimatedCost =
            (double)info->estimatedRows * (has(path, PLAN_FETCH) ? 3 : 1) +
            (path->index >= 0);
    } else {
        info->estimatedRows = 1000000;
        info->estimatedCost = is_refused(p) ? COST_REFUSED : COST_SCAN;
    }
}

/* What mode says, when it is a literal; other words than those there are come
 * to light in xFilter. */
static void find_mode(dyn_call *call, planner *p)
{
    p->knows_mode = true;
    for (int i = 0; i < p->info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
        sqlite3_value *value = NULL;
        if (!c->usable || !is_equality(c->op) ||
            c->iColumn != (int)p->definition->column_count + HIDDEN_MODE) {
            continue;
        }
        int rc = sqlite3_vtab_rhs_value(p->info, i, &value);
        p->knows_mode = rc == SQLITE_OK && value != NULL;
        const char *text =
            p->knows_mode ? (const char *)sqlite3_value_text(value) : NULL;
        dyn_bytes copy = {NULL, 0};
        if (text == NULL ||
            dyn_copy(call, dyn_bytes_text(text), &copy) != DYN_OK ||
            plan_mode_parse(call, copy, &p->mode) != DYN_OK) {
            p->mode = (plan_mode){.is_scan = false};
        }
        return;
    }
}

/* A damaged table has no indexes here; that it is damaged is told by xFilter,
 * so that it can be named in statements. */
static void find_definition(dyn_call *call, planner *p)
{
    dyn_table *table = p->table->table;
    p->definition = &p->table->declared;
    if (dyn_table_refresh(call, table) != DYN_OK) return;
    p->definition = &table->definition;
    p->index_count = table->definition.index_count;
}

static int64_t tree_of(const planner *p)
{
    return p->path.index < 0 ? 0 : p->table->table->indexes[p->path.index].tree;
}

static int plan(dyn_call *call, planner *p)
{
    find_definition(call, p);
    find_mode(call, p);
    choose_path(p);
    consume_limit(p);
    if (is_refused(p) && p->table->declared.strict_plan && p->knows_mode)
        return SQLITE_CONSTRAINT;
    assign_arguments(p);
    estimate(p);
    p->info->orderByConsumed = p->path.is_ordered && p->info->nOrderBy > 0;
    p->info->idxNum = p->path.flags | (int)(tree_of(p) << PLAN_TREE_SHIFT);
    p->info->idxStr = plan_describe(p);
    p->info->needToFreeIdxStr = 1;
    return p->info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

int plan_best_index(table_vtab *table, sqlite3_index_info *info)
{
    dyn_call call;
    planner p = {.table = table, .info = info};
    dyn_call_begin(&call);
    int rc = plan(&call, &p);
    dyn_call_end(&call);
    return rc;
}

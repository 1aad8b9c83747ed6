/* The sentences of EXPLAIN QUERY PLAN, and what a refused query is told. */
#include "table_plan_internal.h"

static void add_name(sqlite3_str *text, dyn_bytes name)
{
    sqlite3_str_append(text, (const char *)name.data, (int)name.size_bytes);
}

static void add_column(sqlite3_str *text, const dyn_definition *definition,
                       int column, const char *after)
{
    add_name(text, definition->columns[column].name);
    sqlite3_str_appendall(text, after);
}

/* -------------------------------------------------------------- refusals -- */

/* a = ? and b = ? */
static void add_partition(sqlite3_str *text, const dyn_definition *definition,
                          const dyn_key_schema *key)
{
    for (int i = 0; i < key->partition_count; i++) {
        if (i > 0) sqlite3_str_appendall(text, " and ");
        add_column(text, definition, key->partition[i], " = ?");
    }
}

/* Whether SQL can name the key of an index. */
static bool has_columns(const dyn_definition *definition,
                        const dyn_key_schema *key)
{
    for (int i = 0; i < key->partition_count; i++) {
        if (key->partition[i] >= definition->column_count) return false;
    }
    for (int i = 0; i < key->sort_count; i++) {
        if (key->sort[i] >= definition->column_count) return false;
    }
    return true;
}

/* Why an index whose key is fixed, or which is named, is not read. */
static void add_obstacle(sqlite3_str *text, const planner *p, size_t number)
{
    const dyn_index *index = &p->definition->indexes[number];
    dyn_bytes missing = {NULL, 0};
    switch (plan_find_obstacle(p, number)) {
    case PLAN_ELIGIBLE:
        return;
    case PLAN_NOT_PROJECTED:
        plan_projects(p, index, &missing);
        sqlite3_str_appendall(text, "index ");
        add_name(text, index->name);
        sqlite3_str_appendall(text, " does not project ");
        add_name(text, missing);
        break;
    case PLAN_FILLING:
        sqlite3_str_appendall(text, "index ");
        add_name(text, index->name);
        sqlite3_str_appendall(text, " is still being created (dynamo_maintain()"
                                    " goes on with that)");
        break;
    case PLAN_STRONG:
        sqlite3_str_appendall(text, "Consistent reads are not supported on "
                                    "global secondary indexes (index ");
        add_name(text, index->name);
        sqlite3_str_appendall(text, ")");
        break;
    }
}

/* Whether the statement has an equality on each partition key of an index. */
static bool is_asked_for(const planner *p, const dyn_index *index)
{
    for (int k = 0; k < index->key.partition_count; k++) {
        bool found = false;
        for (int i = 0; i < p->info->nConstraint && !found; i++) {
            const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
            found = c->usable && c->op == SQLITE_INDEX_CONSTRAINT_EQ &&
                    c->iColumn == index->key.partition[k];
        }
        if (!found) return false;
    }
    return true;
}

/* What a query must ask for, that the index leaves no items out. */
static void add_optional(sqlite3_str *text, const dyn_definition *definition,
                         const dyn_index *index)
{
    for (int i = 0; i < index->key.sort_count; i++) {
        if (!plan_is_optional(definition, index->key.sort[i])) continue;
        sqlite3_str_appendall(text, " and ");
        add_column(text, definition, index->key.sort[i], " IS NOT NULL");
    }
}

/* Why an index whose partition key is fixed is not read. */
static void add_reason(sqlite3_str *text, const planner *p, size_t number)
{
    const dyn_index *index = &p->definition->indexes[number];
    int sparse = plan_find_sparse(p, index);
    if (plan_find_obstacle(p, number) != PLAN_ELIGIBLE) {
        add_obstacle(text, p, number);
    } else if (sparse >= 0) {
        sqlite3_str_appendall(text, "index ");
        add_name(text, index->name);
        sqlite3_str_appendall(text, " has no items without ");
        add_column(text, p->definition, sparse, "");
    } else {
        return;
    }
    sqlite3_str_appendall(text, "; ");
}

/* Each global index that would do; a local one has the key of the table. */
static void add_indexes(sqlite3_str *text, const dyn_definition *definition,
                        const planner *p)
{
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        bool is_possible =
            !index->is_local && has_columns(definition, &index->key) &&
            (p == NULL || plan_find_obstacle(p, i) == PLAN_ELIGIBLE);
        if (!is_possible) continue;
        sqlite3_str_appendall(text, ", or ");
        add_partition(text, definition, &index->key);
        add_optional(text, definition, index);
        sqlite3_str_appendall(text, " (index ");
        add_name(text, index->name);
        sqlite3_str_appendall(text, ")");
    }
}

/* The index that the mode names, which the statement gives no key of. */
static void add_named(sqlite3_str *text, const planner *p, const char *table)
{
    int named = p->index_count == 0
                    ? -1
                    : dyn_definition_index(p->definition, p->mode.index);
    if (named < 0) {
        sqlite3_str_appendall(text,
                              "The table does not have the specified index: ");
        add_name(text, p->mode.index);
        return;
    }
    const dyn_index *index = &p->definition->indexes[named];
    if (plan_find_obstacle(p, (size_t)named) != PLAN_ELIGIBLE) {
        add_obstacle(text, p, (size_t)named);
        return;
    }
    sqlite3_str_appendall(text, "a query of index ");
    add_name(text, index->name);
    sqlite3_str_appendall(text, " needs ");
    add_partition(text, p->definition, &index->key);
    sqlite3_str_appendf(text, "; to read the whole index: FROM %s('scan index ",
                        table);
    add_name(text, index->name);
    sqlite3_str_appendall(text, "')");
}

void plan_add_refusal(sqlite3_str *text, const table_vtab *table,
                      const dyn_definition *definition, const planner *p)
{
    if (p != NULL && p->mode.index.data != NULL) {
        add_named(text, p, table->table->name);
        return;
    }
    for (size_t i = 0; p != NULL && i < p->index_count; i++) {
        if (is_asked_for(p, &definition->indexes[i])) add_reason(text, p, i);
    }
    sqlite3_str_appendall(text, "a query needs ");
    add_partition(text, definition, &definition->key);
    if (p == NULL || p->index_count > 0) add_indexes(text, definition, p);
    sqlite3_str_appendf(text, "; to read the whole table: FROM %s('scan')",
                        table->table->name);
}

/* ------------------------------------------------------------- sentences -- */

static bool has(const planner *p, int flag)
{
    return (p->path.flags & flag) != 0;
}

static void add_range(sqlite3_str *text, const planner *p)
{
    static const struct {
        int flag;
        int open;
        const char *closed_text;
        const char *open_text;
    } parts[] = {
        {PLAN_LOWER, PLAN_LOWER_OPEN, " >= ?", " > ?"},
        {PLAN_UPPER, PLAN_UPPER_OPEN, " <= ?", " < ?"},
        {PLAN_LIKE, 0, " LIKE ?", ""},
        {PLAN_GLOB, 0, " GLOB ?", ""},
        {PLAN_BEGINS_WITH, 0, " beginning with ?", ""},
    };
    const plan_path *path = &p->path;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!has(p, parts[i].flag)) continue;
        sqlite3_str_appendall(text, " and ");
        add_column(text, p->definition, path->key->sort[path->sort_count],
                   has(p, parts[i].open) ? parts[i].open_text
                                         : parts[i].closed_text);
    }
}

static void add_query(sqlite3_str *text, const planner *p)
{
    const plan_path *path = &p->path;
    if (path->index >= 0) {
        sqlite3_str_appendall(text, "query index ");
        add_name(text, p->definition->indexes[path->index].name);
        sqlite3_str_appendall(text, " for the items with ");
    } else {
        sqlite3_str_appendall(text, plan_is_point(path)
                                        ? "get the item with "
                                        : "query the items with ");
    }
    add_partition(text, p->definition, path->key);
    for (int i = 0; i < path->sort_count; i++) {
        sqlite3_str_appendall(text, " and ");
        add_column(text, p->definition, path->key->sort[i], " = ?");
    }
    add_range(text, p);
    if (has(p, PLAN_DOWN)) sqlite3_str_appendall(text, ", last first");
    if (has(p, PLAN_LIMIT)) sqlite3_str_appendall(text, ", limited");
}

static void add_scan(sqlite3_str *text, const planner *p)
{
    if (p->path.index < 0) {
        sqlite3_str_appendall(text, "scan the whole table");
        return;
    }
    sqlite3_str_appendall(text, "scan index ");
    add_name(text, p->definition->indexes[p->path.index].name);
}

char *plan_describe(const planner *p)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    bool is_scan =
        p->mode.is_scan && (p->mode.index.data == NULL || p->path.index >= 0);
    if (has(p, PLAN_KEY)) {
        sqlite3_str_appendall(text, "get the item with the key ?");
    } else if (p->path.is_fixed) {
        add_query(text, p);
    } else if (!p->knows_mode) {
        sqlite3_str_appendall(text, "scan if mode says so, or refuse");
    } else if (is_scan) {
        add_scan(text, p);
    } else {
        sqlite3_str_appendall(text, PLAN_REFUSED);
        plan_add_refusal(text, p->table, p->definition, p);
        return sqlite3_str_finish(text);
    }
    if (has(p, PLAN_FETCH))
        sqlite3_str_appendall(text, ", fetching the items from the table");
    sqlite3_str_appendall(text, !p->knows_mode ? ", consistent as mode says"
                                : p->mode.is_strong
                                    ? ", strongly consistent"
                                    : ", eventually consistent");
    return sqlite3_str_finish(text);
}

/* The choice of a way to read; the contract is in access_path.h. */
#include "ops/access_path.h"

static const double READS_SCAN = 1e7;
static const double READS_REFUSED = 1e99;

bool dyn_access_has(const dyn_access_path *path, int slot)
{
    return path->terms[slot] != DYN_NO_TERM;
}

/* Of a pattern, the path serves no more than the prefix. */
static bool has_pattern(const dyn_access_path *path)
{
    return dyn_access_has(path, DYN_SLOT_LIKE) ||
           dyn_access_has(path, DYN_SLOT_GLOB) ||
           dyn_access_has(path, DYN_SLOT_BEGINS_WITH);
}

/* Whether a path serves a range or a prefix of a sort key. */
static bool has_range(const dyn_access_path *path)
{
    return dyn_access_has(path, DYN_SLOT_LOWER) ||
           dyn_access_has(path, DYN_SLOT_UPPER) || has_pattern(path);
}

bool dyn_access_is_point(const dyn_access_path *path)
{
    if (dyn_access_has(path, DYN_SLOT_STORED_KEY)) return true;
    return path->is_fixed && path->index < 0 &&
           path->sort_count == path->key->sort_count;
}

static bool is_query(const dyn_access_path *path)
{
    return path->is_fixed || dyn_access_has(path, DYN_SLOT_STORED_KEY);
}

bool dyn_access_is_scan(const dyn_access_request *request,
                        const dyn_access_path *path)
{
    const dyn_read_mode *mode = &request->mode;
    return !is_query(path) && mode->is_scan &&
           (mode->index.data == NULL || path->index >= 0);
}

/* Whether it is a scan that the mode, as far as it is known, does not ask for.
 */
static bool is_unasked(const dyn_access_request *request,
                       const dyn_access_path *path)
{
    return !is_query(path) && !dyn_access_is_scan(request, path);
}

bool dyn_access_is_refused(const dyn_access_request *request,
                           const dyn_access_path *path)
{
    return request->has_condition ||
           (request->is_mode_known && is_unasked(request, path));
}

/* ----------------------------------------------------------------- terms -- */

bool dyn_access_is_optional(const dyn_definition *definition, int column)
{
    return !dyn_key_schema_has(&definition->key, (size_t)column);
}

/* The first usable term with one of two comparisons; DYN_NO_TERM when there is
 * none. */
static int find_term(const dyn_access_request *request, int column,
                     dyn_comparison comparison, dyn_comparison other,
                     bool must_be_exact)
{
    for (size_t i = 0; i < request->term_count; i++) {
        const dyn_term *term = &request->terms[i];
        if (term->is_usable && term->column == column &&
            (term->comparison == comparison || term->comparison == other) &&
            (term->is_exact || !must_be_exact)) {
            return (int)i;
        }
    }
    return DYN_NO_TERM;
}

/* An equality that an index can answer: `IS ?` may ask for items that lack the
 * attribute, which are not in it. */
static int find_equal(const dyn_access_request *request, int column)
{
    bool can_lack = dyn_access_is_optional(request->definition, column);
    return find_term(request, column, DYN_COMPARE_EQUAL,
                     can_lack ? DYN_COMPARE_EQUAL : DYN_COMPARE_IS, true);
}

static int find_pattern(const dyn_access_request *request, int column,
                        dyn_comparison comparison)
{
    bool is_text = request->definition->columns[column].type == DYN_TYPE_S;
    return is_text ? find_term(request, column, comparison, comparison, false)
                   : DYN_NO_TERM;
}

static bool take(const dyn_access_request *request, dyn_access_path *path,
                 int slot, int term)
{
    if (term == DYN_NO_TERM) return false;
    path->terms[slot] = term;
    if (request->terms[term].is_list) path->has_list = true;
    return true;
}

static void take_range(const dyn_access_request *request, dyn_access_path *path,
                       int column)
{
    take(request, path, DYN_SLOT_LOWER,
         find_term(request, column, DYN_COMPARE_ABOVE, DYN_COMPARE_AT_LEAST,
                   true));
    take(request, path, DYN_SLOT_UPPER,
         find_term(request, column, DYN_COMPARE_BELOW, DYN_COMPARE_AT_MOST,
                   true));
    take(request, path, DYN_SLOT_LIKE,
         find_pattern(request, column, DYN_COMPARE_LIKE));
    take(request, path, DYN_SLOT_GLOB,
         find_pattern(request, column, DYN_COMPARE_GLOB));
    take(request, path, DYN_SLOT_BEGINS_WITH,
         find_pattern(request, column, DYN_COMPARE_BEGINS_WITH));
}

/* Of the sort key, equalities are of use from the left, and then a range of the
 * next attribute; of all that, nothing without the whole partition key. */
static void take_keys(const dyn_access_request *request, dyn_access_path *path)
{
    const dyn_key_schema *key = path->key;
    for (int at = 0; at < key->partition_count; at++) {
        if (find_equal(request, key->partition[at]) == DYN_NO_TERM) return;
    }
    path->is_fixed = true;
    for (int at = 0; at < key->partition_count; at++) {
        take(request, path, DYN_SLOT_PARTITION + at,
             find_equal(request, key->partition[at]));
    }
    while (path->sort_count < key->sort_count &&
           take(request, path, DYN_SLOT_SORT + path->sort_count,
                find_equal(request, key->sort[path->sort_count]))) {
        path->sort_count++;
    }
    if (path->sort_count < key->sort_count)
        take_range(request, path, key->sort[path->sort_count]);
}

static bool is_taken(const dyn_access_path *path, size_t term)
{
    for (int slot = 0; slot < DYN_SLOTS; slot++) {
        if (path->terms[slot] == (int)term) return true;
    }
    return false;
}

/* Whether a term that is not taken may be false of what a path reads. */
static bool is_filter(const dyn_key_schema *key, const dyn_term *term)
{
    return term->comparison != DYN_COMPARE_EXISTS || term->column < 0 ||
           !dyn_key_schema_has(key, (size_t)term->column);
}

static bool find_leftover(const dyn_access_request *request,
                          const dyn_access_path *path)
{
    for (size_t i = 0; i < request->term_count; i++) {
        if (!is_taken(path, i) && is_filter(path->key, &request->terms[i]))
            return true;
    }
    return false;
}

/* ----------------------------------------------------------------- order -- */

static bool is_fixed_column(const dyn_access_path *path, int column)
{
    for (int i = 0; i < path->key->partition_count; i++) {
        if (path->key->partition[i] == column) return true;
    }
    for (int i = 0; i < path->sort_count; i++) {
        if (path->key->sort[i] == column) return true;
    }
    return false;
}

/* Sort keys in their order, either way. What follows the whole key of the table
 * has no say: no two items are alike in it. */
static void find_order(const dyn_access_request *request, dyn_access_path *path)
{
    int next = path->sort_count;
    bool down = false;
    path->is_ordered = request->order_count == 0 || dyn_access_is_point(path);
    if (path->is_ordered || !path->is_fixed) return;
    for (size_t i = 0; i < request->order_count; i++) {
        const dyn_ordering *wanted = &request->order[i];
        if (path->index < 0 && next == path->key->sort_count) break;
        if (is_fixed_column(path, wanted->column)) continue;
        bool is_first = next == path->sort_count;
        if (next == path->key->sort_count ||
            wanted->column != path->key->sort[next] ||
            (!is_first && down != wanted->is_down)) {
            return;
        }
        down = wanted->is_down;
        next++;
    }
    path->is_down = down;
    path->is_ordered = true;
}

/* ----------------------------------------------------------------- paths -- */

/* A path that serves no condition. */
static dyn_access_path empty_path(const dyn_access_request *request, int index)
{
    const dyn_definition *definition = request->definition;
    dyn_access_path path = {.index = index};
    path.key = index < 0 ? &definition->key : &definition->indexes[index].key;
    for (int slot = 0; slot < DYN_SLOTS; slot++)
        path.terms[slot] = DYN_NO_TERM;
    return path;
}

static dyn_access_path find_path(const dyn_access_request *request, int index)
{
    dyn_access_path path = empty_path(request, index);
    bool is_key =
        index < 0 && take(request, &path, DYN_SLOT_STORED_KEY,
                          find_term(request, DYN_STORED_KEY, DYN_COMPARE_EQUAL,
                                    DYN_COMPARE_IS, false));
    if (!is_key) take_keys(request, &path);
    find_order(request, &path);
    return path;
}

/* The name of what an index lacks of what the statement looks at; no data:
 * nothing. */
static dyn_bytes find_missing(const dyn_access_request *request,
                              const dyn_index *index)
{
    const dyn_definition *definition = request->definition;
    if (index->project == DYN_PROJECT_ALL) return (dyn_bytes){NULL, 0};
    for (size_t i = 0; i < definition->attribute_count; i++) {
        dyn_bytes name = definition->columns[i].name;
        if (request->uses != NULL && request->uses[i] &&
            !dyn_index_projects(definition, index, name))
            return name;
    }
    return request->uses_item ? dyn_bytes_text("the whole item")
                              : (dyn_bytes){NULL, 0};
}

dyn_obstacle dyn_access_obstacle(const dyn_access_request *request,
                                 size_t index, dyn_bytes *missing)
{
    const dyn_index *of = &request->definition->indexes[index];
    if (request->is_filling != NULL && request->is_filling[index])
        return DYN_OBSTACLE_FILLING;
    if (of->is_local) return DYN_OBSTACLE_NONE;
    if (request->mode.is_strong) return DYN_OBSTACLE_STRONG;
    dyn_bytes name = find_missing(request, of);
    if (missing != NULL) *missing = name;
    return name.data == NULL ? DYN_OBSTACLE_NONE : DYN_OBSTACLE_PROJECTION;
}

/* Whether a condition is never true of an item without the column. */
static bool is_asked_for(const dyn_access_request *request, int column)
{
    for (size_t i = 0; i < request->term_count; i++) {
        const dyn_term *term = &request->terms[i];
        if (term->is_usable && term->column == column &&
            term->comparison != DYN_COMPARE_IS &&
            term->comparison != DYN_COMPARE_OTHER)
            return true;
    }
    return false;
}

int dyn_access_sparse(const dyn_access_request *request, size_t index)
{
    const dyn_key_schema *key = &request->definition->indexes[index].key;
    for (int i = 0; i < key->sort_count; i++) {
        if (dyn_access_is_optional(request->definition, key->sort[i]) &&
            !is_asked_for(request, key->sort[i]))
            return key->sort[i];
    }
    return -1;
}

/* ---------------------------------------------------------------- choice -- */

/* The smaller, the less an entry holds. */
static size_t projection_rank(const dyn_access_request *request,
                              const dyn_access_path *path)
{
    if (path->index < 0) return SIZE_MAX;
    const dyn_index *index = &request->definition->indexes[path->index];
    return index->project == DYN_PROJECT_ALL ? SIZE_MAX - 1
                                             : index->included_count;
}

/* Whether a path is better than another one: by how much of the sort key it
 * serves, then by the order, then the table, then what is smaller. */
static bool is_better(const dyn_access_request *request,
                      const dyn_access_path *a, const dyn_access_path *b)
{
    const int a_rank[] = {dyn_access_is_point(a), a->sort_count,
                          has_range(a),           a->is_ordered,
                          a->index < 0,           !a->is_fetching};
    const int b_rank[] = {dyn_access_is_point(b), b->sort_count,
                          has_range(b),           b->is_ordered,
                          b->index < 0,           !b->is_fetching};
    for (size_t i = 0; i < sizeof(a_rank) / sizeof(a_rank[0]); i++) {
        if (a_rank[i] != b_rank[i]) return a_rank[i] > b_rank[i];
    }
    return projection_rank(request, a) < projection_rank(request, b);
}

/* Whether the statement can read that index, and the path by which it does.
 * Only an index that it names may leave items out, or be scanned. */
static bool find_index_path(const dyn_access_request *request, size_t number,
                            bool is_named, dyn_access_path *out)
{
    const dyn_index *index = &request->definition->indexes[number];
    *out = find_path(request, (int)number);
    bool is_way = is_named
                      ? out->is_fixed || request->mode.is_scan
                      : out->is_fixed && dyn_access_sparse(request, number) < 0;
    if (!is_way ||
        dyn_access_obstacle(request, number, NULL) != DYN_OBSTACLE_NONE)
        return false;
    out->is_fetching =
        index->is_local && find_missing(request, index).data != NULL;
    return true;
}

static bool choose_index(const dyn_access_request *request, dyn_bytes name,
                         dyn_access_path *out)
{
    for (size_t i = 0; i < request->index_count; i++) {
        if (dyn_bytes_equal(request->definition->indexes[i].name, name))
            return find_index_path(request, i, true, out);
    }
    return false;
}

/* path is that of the table. */
static bool choose_any(const dyn_access_request *request, dyn_access_path *path)
{
    bool has_table = path->is_fixed;
    bool has_path = has_table;
    for (size_t i = 0; i < request->index_count; i++) {
        dyn_access_path other;
        if (has_table && !request->definition->indexes[i].is_local) continue;
        if (!find_index_path(request, i, false, &other)) continue;
        if (has_path && !is_better(request, &other, path)) continue;
        *path = other;
        has_path = true;
    }
    return has_path;
}

/* A LIMIT can be met only when nothing is filtered or sorted by the caller. */
static bool can_limit(const dyn_access_path *path)
{
    return path->is_ordered && !path->has_list && !path->has_leftover &&
           !has_pattern(path);
}

void dyn_access_choose(const dyn_access_request *request, dyn_access_path *out)
{
    const dyn_bytes named = request->mode.index;
    dyn_access_path path = find_path(request, -1);
    bool has_path = dyn_access_has(&path, DYN_SLOT_STORED_KEY) ||
                    (named.data != NULL ? choose_index(request, named, &path)
                                        : choose_any(request, &path));
    if (!has_path) {
        path = empty_path(request, -1);
        path.is_ordered = request->order_count == 0;
    }
    path.has_leftover = find_leftover(request, &path);
    path.is_limited = request->has_limit && can_limit(&path);
    *out = path;
}

dyn_access_cost dyn_access_estimate(const dyn_access_request *request,
                                    const dyn_access_path *path)
{
    if (dyn_access_is_point(path)) return (dyn_access_cost){1, 1};
    if (!path->is_fixed) {
        bool is_refused = is_unasked(request, path);
        return (dyn_access_cost){1000000,
                                 is_refused ? READS_REFUSED : READS_SCAN};
    }
    bool is_narrow = has_range(path) || path->sort_count > 0;
    dyn_access_cost cost = {.rows = is_narrow ? 10 : 100};
    cost.reads =
        (double)cost.rows * (path->is_fetching ? 3 : 1) + (path->index >= 0);
    return cost;
}

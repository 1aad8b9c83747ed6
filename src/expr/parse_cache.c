/* Trees that outlive the call that parsed them; the contracts are in
 * parse_cache.h. */
#include "expr/parse_cache.h"

#include "base/sqlite.h"
#include "expr/build.h"

/* Behind it in one block: the nodes, the first one being the root; a token for
 * each; and the text. */
struct dyn_parsed {
    dyn_expression_kind kind;
    uint64_t last_use;
    dyn_bytes text;
    dyn_token *tokens;
    size_t node_count;
    dyn_node nodes[];
};

void dyn_parse_cache_begin_call(dyn_parse_cache *cache, dyn_call *call)
{
    cache->uses_before = cache->uses;
    call->parse_cache = cache;
}

void dyn_parse_cache_clear(dyn_parse_cache *cache)
{
    for (size_t i = 0; i < DYN_PARSED_TREES_MAX; i++)
        sqlite3_free(cache->trees[i]);
    *cache = (dyn_parse_cache){.uses = 0};
}

/* --------------------------------------------------------------- finding -- */

static const dyn_parsed *find(dyn_parse_cache *cache,
                              const dyn_expression *expression)
{
    for (size_t i = 0; i < DYN_PARSED_TREES_MAX; i++) {
        dyn_parsed *tree = cache->trees[i];
        if (tree == NULL || tree->kind != expression->kind) continue;
        if (!dyn_bytes_equal(tree->text, expression->text)) continue;
        tree->last_use = ++cache->uses;
        return tree;
    }
    return NULL;
}

/* The copy of a node. */
static dyn_node *copy_of(const dyn_node *node, const dyn_parsed *tree,
                         dyn_node *copies)
{
    return node == NULL ? NULL : copies + (node - tree->nodes);
}

dyn_status dyn_parse_cache_find(const dyn_expression *expression,
                                dyn_node **out)
{
    dyn_call *call = expression->call;
    *out = NULL;
    if (call->parse_cache == NULL) return DYN_OK;
    const dyn_parsed *tree = find(call->parse_cache, expression);
    if (tree == NULL) return DYN_OK;
    dyn_node *copies = dyn_alloc(call, tree->node_count * sizeof(dyn_node));
    if (copies == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < tree->node_count; i++) {
        const dyn_node *node = &tree->nodes[i];
        copies[i] = *node;
        copies[i].first = copy_of(node->first, tree, copies);
        copies[i].last = copy_of(node->last, tree, copies);
        copies[i].next = copy_of(node->next, tree, copies);
    }
    *out = copies;
    return DYN_OK;
}

/* ---------------------------------------------------------------- adding -- */

static size_t count_nodes(const dyn_node *node)
{
    size_t count = 1;
    for (const dyn_node *n = node->first; n != NULL; n = n->next)
        count += count_nodes(n);
    return count;
}

/* A tree with room for so many nodes. */
static dyn_parsed *new_tree(const dyn_expression *expression, size_t nodes)
{
    dyn_bytes text = expression->text;
    size_t size_bytes = sizeof(dyn_parsed) +
                        nodes * (sizeof(dyn_node) + sizeof(dyn_token)) +
                        text.size_bytes;
    if (size_bytes > DYN_PARSED_BYTES_MAX) return NULL;
    dyn_parsed *tree = sqlite3_malloc64(size_bytes);
    if (tree == NULL) return NULL;
    *tree = (dyn_parsed){.kind = expression->kind};
    tree->tokens = (dyn_token *)(tree->nodes + nodes);
    unsigned char *copy = (unsigned char *)(tree->tokens + nodes);
    memcpy(copy, text.data, text.size_bytes);
    tree->text = (dyn_bytes){copy, text.size_bytes};
    return tree;
}

/* The next nodes of tree become a node and what is below it; text is what its
 * tokens are in. */
static dyn_node *add_nodes(dyn_parsed *tree, dyn_bytes text,
                           const dyn_node *node)
{
    dyn_node *copy = &tree->nodes[tree->node_count];
    dyn_token *token = &tree->tokens[tree->node_count];
    tree->node_count++;
    *copy = (dyn_node){
        .type = node->type,
        .has_parentheses = node->has_parentheses,
    };
    if (node->token != NULL) {
        *token = *node->token;
        token->text.data = tree->text.data + (token->text.data - text.data);
        copy->token = token;
    }
    for (const dyn_node *n = node->first; n != NULL; n = n->next)
        dyn_build_append(copy, add_nodes(tree, text, n));
    return copy;
}

/* A free place, or the one of the tree that was not used for longest; NULL when
 * the call has used them all. */
static dyn_parsed **find_place(dyn_parse_cache *cache)
{
    dyn_parsed **oldest = &cache->trees[0];
    for (size_t i = 0; i < DYN_PARSED_TREES_MAX; i++) {
        dyn_parsed **place = &cache->trees[i];
        if (*place == NULL) return place;
        if ((*place)->last_use < (*oldest)->last_use) oldest = place;
    }
    return (*oldest)->last_use > cache->uses_before ? NULL : oldest;
}

void dyn_parse_cache_add(const dyn_expression *expression, const dyn_node *root)
{
    dyn_parse_cache *cache = expression->call->parse_cache;
    if (cache == NULL || expression->problem != NULL) return;
    dyn_parsed **place = find_place(cache);
    if (place == NULL) return;
    dyn_parsed *tree = new_tree(expression, count_nodes(root));
    if (tree == NULL) return;
    add_nodes(tree, expression->text, root);
    tree->last_use = ++cache->uses;
    sqlite3_free(*place);
    *place = tree;
}

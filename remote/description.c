/*
 * From the answer of DescribeTable to a definition: it is written as the
 * declaration of a table of module dynamo, which is then read as one. The
 * contracts are in description.h.
 */
#include "description.h"

#include "engine/declaration.h"
#include "engine/declaration_tokens.h"

typedef struct describer {
    dyn_call *call;
    const remote_service *service;
    const remote_settings *settings;
    const dyn_json *table;
    const char **arguments; /* of the declaration */
    size_t count;
} describer;

static dyn_status fail(const describer *d, const char *problem)
{
    return remote_fail_answer(d->call, d->service, "DescribeTable", problem);
}

/* --------------------------------------------------------------- answers -- */

static const dyn_json *member(const dyn_json *object, const char *name)
{
    return object == NULL ? NULL : dyn_json_member(object, name);
}

static size_t count_of(const dyn_json *list)
{
    return list != NULL && list->type == DYN_JSON_ARRAY ? list->count : 0;
}

static const dyn_json *first_of(const dyn_json *list)
{
    return count_of(list) > 0 ? list->first : NULL;
}

static dyn_bytes text_of(const dyn_json *object, const char *name)
{
    const dyn_json *text = member(object, name);
    bool is_text = text != NULL && text->type == DYN_JSON_STRING;
    return is_text ? text->text : (dyn_bytes){NULL, 0};
}

/* The type of a key attribute. */
static bool find_type(const describer *d, dyn_bytes name, dyn_type *out)
{
    const dyn_json *all = member(d->table, "AttributeDefinitions");
    for (const dyn_json *one = first_of(all); one != NULL; one = one->next) {
        if (dyn_bytes_equal(text_of(one, "AttributeName"), name))
            return dyn_type_from_name(text_of(one, "AttributeType"), out) &&
                   (*out == DYN_TYPE_S || *out == DYN_TYPE_N ||
                    *out == DYN_TYPE_B);
    }
    return false;
}

static bool is_sort(const dyn_json *element)
{
    return dyn_bytes_equal_text(text_of(element, "KeyType"), "RANGE");
}

/* What the key of the table makes of an attribute. */
static const char *key_words(const describer *d, dyn_bytes name)
{
    const dyn_json *schema = member(d->table, "KeySchema");
    for (const dyn_json *one = first_of(schema); one != NULL; one = one->next) {
        if (dyn_bytes_equal(text_of(one, "AttributeName"), name))
            return is_sort(one) ? " SORT KEY" : " PARTITION KEY";
    }
    return "";
}

/* --------------------------------------------------------------- columns -- */

static dyn_status end_argument(describer *d, dyn_buffer *text)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_buffer_end(text, &bytes));
    d->arguments[d->count++] = (const char *)bytes.data;
    return DYN_OK;
}

/* "name" TEXT SORT KEY */
static dyn_status add_attribute(describer *d, dyn_bytes name, dyn_type type)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, d->call, 64);
    dyn_declaration_print_key(&text, name, type);
    dyn_buffer_add_text(&text, key_words(d, name));
    return end_argument(d, &text);
}

/* The name of a column that is declared, and its type if it has one. */
static dyn_status read_column(describer *d, const char *text, dyn_bytes *name,
                              dyn_type *type, bool *has_type)
{
    dyn_parser p = {.call = d->call, .next = text};
    DYN_TRY(dyn_parser_next(&p));
    if (dyn_parser_at_word(&p, "LOCAL") || dyn_parser_at_word(&p, "GLOBAL")) {
        return dyn_fail(d->call, DYN_INVALID,
                        "indexes are known by the server: leave out \"%s\"",
                        text);
    }
    DYN_TRY(dyn_parser_expect_name(&p, "a column or an option", name));
    return dyn_parser_skip_type(&p, type, has_type);
}

/* A column that is no key attribute is read as it stands. */
static dyn_status add_column(describer *d, const char *text)
{
    dyn_bytes name = {NULL, 0};
    dyn_type type = DYN_TYPE_S;
    dyn_type declared = DYN_TYPE_S;
    bool has_type = false;
    DYN_TRY(read_column(d, text, &name, &declared, &has_type));
    if (!find_type(d, name, &type)) {
        d->arguments[d->count++] = text;
        return DYN_OK;
    }
    if (has_type && declared != type) {
        return dyn_fail(d->call, DYN_INVALID,
                        "column \"%.*s\" is declared %s, and is %s in the key "
                        "of the table there",
                        DYN_SHOWN(name), dyn_type_word(declared),
                        dyn_type_word(type));
    }
    return add_attribute(d, name, type);
}

static bool is_declared(describer *d, dyn_bytes name)
{
    for (size_t i = 0; i < d->settings->column_count; i++) {
        dyn_bytes column = {NULL, 0};
        dyn_type type = DYN_TYPE_S;
        bool has_type = false;
        if (read_column(d, d->settings->columns[i], &column, &type,
                        &has_type) == DYN_OK &&
            dyn_bytes_equal(column, name))
            return true;
    }
    return false;
}

/* A key attribute of the table or of an index, unless it is declared, or given
 * for a key already. */
static dyn_status add_missing(describer *d, const dyn_json *element)
{
    dyn_bytes name = text_of(element, "AttributeName");
    dyn_type type = DYN_TYPE_S;
    if (is_declared(d, name)) return DYN_OK;
    if (!find_type(d, name, &type))
        return fail(d, "a key attribute has no type");
    return add_attribute(d, name, type);
}

/* The key of the table comes first, then what is declared. */
static dyn_status add_columns(describer *d)
{
    const dyn_json *schema = member(d->table, "KeySchema");
    const dyn_json *all = member(d->table, "AttributeDefinitions");
    for (const dyn_json *one = first_of(schema); one != NULL; one = one->next)
        DYN_TRY(add_missing(d, one));
    for (size_t i = 0; i < d->settings->column_count; i++)
        DYN_TRY(add_column(d, d->settings->columns[i]));
    for (const dyn_json *one = first_of(all); one != NULL; one = one->next) {
        if (key_words(d, text_of(one, "AttributeName"))[0] == '\0')
            DYN_TRY(add_missing(d, one));
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- indexes -- */

/* The attributes of one half of a key, with commas between them. */
static void add_keys(dyn_buffer *text, const dyn_json *schema, bool sorts)
{
    const char *before = "";
    for (const dyn_json *one = first_of(schema); one != NULL; one = one->next) {
        if (is_sort(one) != sorts) continue;
        dyn_buffer_add_text(text, before);
        dyn_declaration_print_name(text, text_of(one, "AttributeName"));
        before = ", ";
    }
}

static bool has_sort(const dyn_json *schema)
{
    for (const dyn_json *one = first_of(schema); one != NULL; one = one->next) {
        if (is_sort(one)) return true;
    }
    return false;
}

static void add_projection(dyn_buffer *text, const dyn_json *index)
{
    const dyn_json *projection = member(index, "Projection");
    const dyn_json *names = member(projection, "NonKeyAttributes");
    dyn_bytes type = text_of(projection, "ProjectionType");
    if (dyn_bytes_equal_text(type, "KEYS_ONLY")) {
        dyn_buffer_add_text(text, " PROJECT KEYS");
    } else if (count_of(names) > 0) {
        dyn_buffer_add_text(text, " PROJECT (");
        for (const dyn_json *n = names->first; n != NULL; n = n->next) {
            if (n != names->first) dyn_buffer_add_text(text, ", ");
            dyn_declaration_print_name(text, n->text);
        }
        dyn_buffer_add_byte(text, ')');
    }
}

/* LOCAL INDEX "name" ("a"), or GLOBAL INDEX "name" PARTITION KEY ("a") … */
static dyn_status add_index(describer *d, const dyn_json *index, bool is_local)
{
    const dyn_json *schema = member(index, "KeySchema");
    dyn_buffer text;
    dyn_buffer_begin(&text, d->call, 128);
    dyn_buffer_add_text(&text, is_local ? "LOCAL INDEX " : "GLOBAL INDEX ");
    dyn_declaration_print_name(&text, text_of(index, "IndexName"));
    if (!is_local) {
        dyn_buffer_add_text(&text, " PARTITION KEY (");
        add_keys(&text, schema, false);
        dyn_buffer_add_byte(&text, ')');
    }
    if (is_local || has_sort(schema)) {
        dyn_buffer_add_text(&text, is_local ? " (" : " SORT KEY (");
        add_keys(&text, schema, true);
        dyn_buffer_add_byte(&text, ')');
    }
    add_projection(&text, index);
    return end_argument(d, &text);
}

static dyn_status add_indexes(describer *d)
{
    const dyn_json *locals = member(d->table, "LocalSecondaryIndexes");
    const dyn_json *globals = member(d->table, "GlobalSecondaryIndexes");
    for (const dyn_json *one = first_of(locals); one != NULL; one = one->next)
        DYN_TRY(add_index(d, one, true));
    for (const dyn_json *one = first_of(globals); one != NULL; one = one->next)
        DYN_TRY(add_index(d, one, false));
    return DYN_OK;
}

static bool is_filling(const describer *d, dyn_bytes name)
{
    const dyn_json *globals = member(d->table, "GlobalSecondaryIndexes");
    for (const dyn_json *one = first_of(globals); one != NULL;
         one = one->next) {
        if (!dyn_bytes_equal(text_of(one, "IndexName"), name)) continue;
        dyn_bytes status = text_of(one, "IndexStatus");
        return dyn_bytes_equal_text(status, "CREATING") ||
               dyn_bytes_equal_text(status, "DELETING");
    }
    return false;
}

static dyn_status set_states(const describer *d, remote_description *out)
{
    const dyn_definition *definition = &out->definition;
    out->states =
        dyn_alloc_zero(d->call, definition->index_count, sizeof(*out->states));
    if (out->states == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < definition->index_count; i++) {
        out->states[i].tree = (int64_t)i + 1;
        out->states[i].is_filling = is_filling(d, definition->indexes[i].name);
    }
    return DYN_OK;
}

/* -------------------------------------------------------------- requests -- */

static dyn_status ask(dyn_call *call, remote_service *service,
                      const char *operation, const char *table,
                      const dyn_json **out)
{
    dyn_buffer text;
    dyn_bytes request = {NULL, 0};
    dyn_buffer_begin(&text, call, 64);
    dyn_buffer_add_text(&text, "{\"TableName\":");
    dyn_json_write_string(&text, dyn_bytes_text(table));
    dyn_buffer_add_byte(&text, '}');
    DYN_TRY(dyn_buffer_end(&text, &request));
    return remote_service_call(call, service, operation, request, out);
}

/* What is wrong with the declaration that was written is wrong with the
 * columns that are declared, or with the answer. */
static dyn_status read_description(describer *d, remote_description *out)
{
    size_t most = d->settings->column_count +
                  count_of(member(d->table, "KeySchema")) +
                  count_of(member(d->table, "AttributeDefinitions")) +
                  count_of(member(d->table, "LocalSecondaryIndexes")) +
                  count_of(member(d->table, "GlobalSecondaryIndexes"));
    d->arguments = dyn_alloc(d->call, most * sizeof(char *));
    if (d->arguments == NULL) return DYN_NOMEM;
    DYN_TRY(add_columns(d));
    DYN_TRY(add_indexes(d));
    DYN_TRY(dyn_declaration_parse(d->call, d->arguments, d->count,
                                  &out->definition));
    DYN_TRY(dyn_definition_order(d->call, &out->definition));
    return set_states(d, out);
}

dyn_status remote_describe(dyn_call *call, remote_service *service,
                           const remote_settings *settings,
                           remote_description *out)
{
    const dyn_json *answer = NULL;
    describer d = {.call = call, .service = service, .settings = settings};
    DYN_TRY(ask(call, service, "DescribeTable", settings->table, &answer));
    d.table = member(answer, "Table");
    if (d.table == NULL) return fail(&d, "there is no Table");
    return read_description(&d, out);
}

dyn_status remote_describe_ttl(dyn_call *call, remote_service *service,
                               const char *table, dyn_bytes *out)
{
    const dyn_json *answer = NULL;
    *out = (dyn_bytes){NULL, 0};
    DYN_TRY(ask(call, service, "DescribeTimeToLive", table, &answer));
    const dyn_json *told = member(answer, "TimeToLiveDescription");
    dyn_bytes status = text_of(told, "TimeToLiveStatus");
    if (dyn_bytes_equal_text(status, "ENABLED") ||
        dyn_bytes_equal_text(status, "ENABLING"))
        *out = text_of(told, "AttributeName");
    return DYN_OK;
}

/* Queries of the console; the contract is in query_form.h. */
#include "query_form.h"

#include "item/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIMIT_USUAL = 25, LIMIT_MAX = 200 };

const query_operator query_operators[] = {
    {"eq", "=", "", " = ", ""},
    {"lt", "<", "", " < ", ""},
    {"le", "≤", "", " <= ", ""},
    {"gt", ">", "", " > ", ""},
    {"ge", "≥", "", " >= ", ""},
    {"between", "between", "", " BETWEEN ", ""},
    {"begins", "begins with", "begins_with(", ", ", ")"},
};
const size_t query_operator_count =
    sizeof(query_operators) / sizeof(query_operators[0]);

void query_field_name(char *out, char letter, size_t part)
{
    snprintf(out, QUERY_FIELD_BYTES, "%c%u", letter, (unsigned)part % 10);
}

/* ---------------------------------------------------------------- reading --
 */

static dyn_bytes field(const query_form *query, char letter, size_t part)
{
    char name[QUERY_FIELD_BYTES];
    query_field_name(name, letter, part);
    return form_value(query->form, name);
}

static const query_operator *operator_of(const query_form *query, size_t part)
{
    dyn_bytes name = field(query, 'o', part);
    for (size_t i = 0; i < query_operator_count; i++) {
        if (dyn_bytes_equal_text(name, query_operators[i].name))
            return &query_operators[i];
    }
    return &query_operators[0];
}

static bool has_sort(const query_form *query, size_t part)
{
    return field(query, 's', part).size_bytes > 0;
}

static bool has_partition(const query_form *query)
{
    for (size_t i = 0; i < query->path->partition_count; i++) {
        if (field(query, 'p', i).size_bytes == 0) return false;
    }
    return true;
}

void query_form_read(const console_page *page, const schema_path *path,
                     query_form *out)
{
    const server_form *form = &page->form;
    *out = (query_form){
        .form = form,
        .table = page->table,
        .path = path,
        .is_asked = form_has(form, "do"),
        .is_scan = dyn_bytes_equal_text(form_value(form, "do"), "scan"),
        .is_strong = form_has(form, "strong"),
        .is_descending = form_has(form, "desc"),
    };
    out->limit = atoi((const char *)form_value(form, "limit").data);
    if (out->limit < 1) out->limit = LIMIT_USUAL;
    if (out->limit > LIMIT_MAX) out->limit = LIMIT_MAX;
}

bool query_form_is_refused(const query_form *query)
{
    return (!query->is_scan && !has_partition(query)) ||
           (query->is_strong && query->path->is_global);
}

/* ----------------------------------------------------- conditions on keys --
 */

/* What writes names and values in one language. */
typedef void write_part(dyn_buffer *out, const query_form *query, char letter,
                        size_t part);

typedef struct query_language {
    write_part *name;  /* letter is p or s */
    write_part *value; /* letter is p, s or t */
} query_language;

static void add_sort(dyn_buffer *out, const query_form *query,
                     const query_language *language, size_t part)
{
    const query_operator *meant = operator_of(query, part);
    dyn_buffer_add_text(out, meant->before);
    language->name(out, query, 's', part);
    dyn_buffer_add_text(out, meant->between);
    language->value(out, query, 's', part);
    if (strcmp(meant->name, "between") == 0) {
        dyn_buffer_add_text(out, " AND ");
        language->value(out, query, 't', part);
    }
    dyn_buffer_add_text(out, meant->after);
}

/* All that is said of the key, joined by AND, behind before. */
static void add_conditions(dyn_buffer *out, const query_form *query,
                           const query_language *language, const char *before)
{
    for (size_t i = 0; i < query->path->partition_count; i++) {
        if (field(query, 'p', i).size_bytes == 0) continue;
        dyn_buffer_add_text(out, before);
        language->name(out, query, 'p', i);
        dyn_buffer_add_text(out, " = ");
        language->value(out, query, 'p', i);
        before = " AND ";
    }
    for (size_t i = 0; i < query->path->sort_count; i++) {
        if (!has_sort(query, i)) continue;
        dyn_buffer_add_text(out, before);
        add_sort(out, query, language, i);
        before = " AND ";
    }
}

/* ----------------------------------------------------------------- the API --
 */

static const schema_key *key_of(const query_form *query, char letter,
                                size_t part)
{
    return letter == 'p' ? &query->path->partition[part]
                         : &query->path->sort[part];
}

static void add_reference(dyn_buffer *out, char sign, char letter, size_t part)
{
    char name[QUERY_FIELD_BYTES];
    query_field_name(name, letter, part);
    dyn_buffer_add_byte(out, (unsigned char)sign);
    dyn_buffer_add_text(out, name);
}

static void api_name(dyn_buffer *out, const query_form *query, char letter,
                     size_t part)
{
    (void)query;
    add_reference(out, '#', letter, part);
}

static void api_value(dyn_buffer *out, const query_form *query, char letter,
                      size_t part)
{
    (void)query;
    add_reference(out, ':', letter, part);
}

static void add_member(dyn_buffer *out, const char *before, char sign,
                       char letter, size_t part)
{
    dyn_buffer_add_text(out, before);
    dyn_buffer_add_byte(out, '"');
    add_reference(out, sign, letter, part);
    dyn_buffer_add_text(out, "\":");
}

static void add_name(dyn_buffer *out, const query_form *query, char letter,
                     size_t part, bool *is_first)
{
    add_member(out, *is_first ? "" : ",", '#', letter, part);
    dyn_json_write_string(out, key_of(query, letter, part)->name);
    *is_first = false;
}

static void add_value(dyn_buffer *out, const query_form *query, char letter,
                      size_t part, bool *is_first)
{
    const char type[] = {key_of(query, letter, part)->type, '\0'};
    add_member(out, *is_first ? "" : ",", ':', letter, part);
    dyn_buffer_add_text(out, "{\"");
    dyn_buffer_add_text(out, type);
    dyn_buffer_add_text(out, "\":");
    dyn_json_write_string(out, field(query, letter, part));
    dyn_buffer_add_byte(out, '}');
    *is_first = false;
}

static void add_names(dyn_buffer *out, const query_form *query)
{
    bool is_first = true;
    dyn_buffer_add_text(out, ",\"ExpressionAttributeNames\":{");
    for (size_t i = 0; i < query->path->partition_count; i++)
        add_name(out, query, 'p', i, &is_first);
    for (size_t i = 0; i < query->path->sort_count; i++) {
        if (has_sort(query, i)) add_name(out, query, 's', i, &is_first);
    }
    dyn_buffer_add_byte(out, '}');
}

static void add_values(dyn_buffer *out, const query_form *query)
{
    bool is_first = true;
    dyn_buffer_add_text(out, ",\"ExpressionAttributeValues\":{");
    for (size_t i = 0; i < query->path->partition_count; i++)
        add_value(out, query, 'p', i, &is_first);
    for (size_t i = 0; i < query->path->sort_count; i++) {
        if (!has_sort(query, i)) continue;
        add_value(out, query, 's', i, &is_first);
        if (strcmp(operator_of(query, i)->name, "between") == 0)
            add_value(out, query, 't', i, &is_first);
    }
    dyn_buffer_add_byte(out, '}');
}

static dyn_status add_start(dyn_buffer *out, dyn_bytes start)
{
    const dyn_json *json = NULL;
    if (start.size_bytes == 0) return DYN_OK;
    DYN_TRY(dyn_json_parse(out->call, start, DYN_JSON_DEPTH_MAX, &json));
    dyn_buffer_add_text(out, ",\"ExclusiveStartKey\":");
    dyn_json_write(out, json);
    return DYN_OK;
}

dyn_status query_form_request(dyn_call *call, const query_form *query,
                              dyn_bytes *out)
{
    static const query_language api = {api_name, api_value};
    dyn_buffer json;
    dyn_buffer_begin(&json, call, 512);
    dyn_buffer_add_byte(&json, '{');
    schema_add_table_name(&json, query->table);
    if (query->path->index.size_bytes > 0) {
        dyn_buffer_add_text(&json, ",\"IndexName\":");
        dyn_json_write_string(&json, query->path->index);
    }
    const char *limit = dyn_format(call, ",\"Limit\":%d", query->limit);
    if (limit == NULL) return DYN_NOMEM;
    dyn_buffer_add_text(&json, limit);
    if (query->is_strong)
        dyn_buffer_add_text(&json, ",\"ConsistentRead\":true");
    DYN_TRY(add_start(&json, form_value(query->form, "start")));
    if (!query->is_scan) {
        if (query->is_descending)
            dyn_buffer_add_text(&json, ",\"ScanIndexForward\":false");
        add_conditions(&json, query, &api, ",\"KeyConditionExpression\":\"");
        dyn_buffer_add_byte(&json, '"');
        add_names(&json, query);
        add_values(&json, query);
    }
    dyn_buffer_add_byte(&json, '}');
    return dyn_buffer_end(&json, out);
}

/* --------------------------------------------------------------------- SQL --
 */

static void add_quoted(dyn_buffer *out, unsigned char quote, dyn_bytes text)
{
    dyn_buffer_add_byte(out, quote);
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (text.data[i] == quote) dyn_buffer_add_byte(out, text.data[i]);
        dyn_buffer_add_byte(out, text.data[i]);
    }
    dyn_buffer_add_byte(out, quote);
}

/* Quoted always: a name may be a word of SQL. */
static void add_identifier(dyn_buffer *out, dyn_bytes name)
{
    add_quoted(out, '"', name);
}

static void sql_name(dyn_buffer *out, const query_form *query, char letter,
                     size_t part)
{
    add_identifier(out, key_of(query, letter, part)->name);
}

static bool is_number(dyn_bytes text)
{
    static const char characters[] = "0123456789.eE+-";
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (memchr(characters, text.data[i], sizeof(characters) - 1) == NULL)
            return false;
    }
    return text.size_bytes > 0;
}

static void sql_value(dyn_buffer *out, const query_form *query, char letter,
                      size_t part)
{
    dyn_bytes text = field(query, letter, part);
    if (key_of(query, letter, part)->type == 'N' && is_number(text))
        dyn_buffer_add_bytes(out, text);
    else
        add_quoted(out, '\'', text);
}

/* `'scan index by_status strong'`: how to read. */
static dyn_status add_mode(dyn_buffer *out, const query_form *query)
{
    dyn_buffer mode;
    dyn_bytes words;
    dyn_buffer_begin(&mode, out->call, 64);
    if (query->is_scan) dyn_buffer_add_text(&mode, " scan");
    if (query->is_strong) dyn_buffer_add_text(&mode, " strong");
    if (query->path->index.size_bytes > 0) {
        dyn_buffer_add_text(&mode, " index ");
        dyn_buffer_add_bytes(&mode, query->path->index);
    }
    DYN_TRY(dyn_buffer_end(&mode, &words));
    if (words.size_bytes == 0) return DYN_OK;
    dyn_buffer_add_byte(out, '(');
    add_quoted(out, '\'', (dyn_bytes){words.data + 1, words.size_bytes - 1});
    dyn_buffer_add_byte(out, ')');
    return DYN_OK;
}

static void add_columns(dyn_buffer *out, const query_form *query)
{
    const schema_path *path = query->path;
    if (path->holds_all) {
        dyn_buffer_add_byte(out, '*');
        return;
    }
    for (size_t i = 0; i < path->partition_count + path->sort_count; i++) {
        if (i > 0) dyn_buffer_add_text(out, ", ");
        if (i < path->partition_count)
            sql_name(out, query, 'p', i);
        else
            sql_name(out, query, 's', i - path->partition_count);
    }
}

dyn_status query_form_sql(dyn_call *call, const query_form *query,
                          dyn_bytes *out)
{
    static const query_language language = {sql_name, sql_value};
    const schema_path *path = query->path;
    const char *limit = dyn_format(call, " LIMIT %d", query->limit);
    dyn_buffer sql;
    if (limit == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&sql, call, 256);
    dyn_buffer_add_text(&sql, "SELECT ");
    add_columns(&sql, query);
    dyn_buffer_add_text(&sql, " FROM ");
    add_identifier(&sql, query->table);
    DYN_TRY(add_mode(&sql, query));
    if (!query->is_scan) {
        add_conditions(&sql, query, &language, " WHERE ");
        if (path->sort_count > 0) {
            dyn_buffer_add_text(&sql, " ORDER BY ");
            sql_name(&sql, query, 's', 0);
            if (query->is_descending) dyn_buffer_add_text(&sql, " DESC");
        }
    }
    dyn_buffer_add_text(&sql, limit);
    return dyn_buffer_end(&sql, out);
}

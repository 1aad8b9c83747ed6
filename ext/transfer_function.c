/* dynamo_export() and dynamo_import(): their arguments and their answers. */
#include "transfer_function.h"

#include "bridge.h"
#include "item/json.h"
#include "sql_function.h"
#include "tables.h"
#include "transfer.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TABLE, PATH, OPTIONS }; /* places of arguments */

/* --------------------------------------------------------------- options -- */

/* An option: where its value goes is for the one who reads it. */
typedef struct option {
    const char *name;
    dyn_status (*read)(dyn_call *call, const dyn_json *json, void *to);
} option;

static dyn_status fail_value(dyn_call *call, const dyn_json *json,
                             const char *wanted)
{
    return dyn_fail(call, DYN_INVALID, "option %.*s is to be %s",
                    (int)json->key.size_bytes, (const char *)json->key.data,
                    wanted);
}

static dyn_status read_flag(dyn_call *call, const dyn_json *json, bool *out)
{
    if (json->type != DYN_JSON_TRUE && json->type != DYN_JSON_FALSE)
        return fail_value(call, json, "true or false");
    *out = json->type == DYN_JSON_TRUE;
    return DYN_OK;
}

static dyn_status read_count(dyn_call *call, const dyn_json *json,
                             int64_t least, int64_t *out)
{
    enum { DIGITS_MAX = 18 };
    dyn_bytes text = {NULL, 0};
    bool is_number =
        json->type == DYN_JSON_NUMBER && json->text.size_bytes <= DIGITS_MAX;
    for (size_t i = 0; is_number && i < json->text.size_bytes; i++)
        is_number = isdigit(json->text.data[i]);
    if (is_number) {
        DYN_TRY(dyn_copy(call, json->text, &text));
        *out = strtoll((const char *)text.data, NULL, 10);
    }
    return is_number && *out >= least
               ? DYN_OK
               : fail_value(call, json,
                            least > 0 ? "a whole number above 0"
                                      : "a whole number");
}

static dyn_status fail_option(dyn_call *call, const dyn_json *json,
                              const option *options)
{
    dyn_buffer names;
    dyn_bytes text = {NULL, 0};
    dyn_buffer_begin(&names, call, 128);
    for (const option *o = options; o->name != NULL; o++) {
        dyn_buffer_add_text(&names, o == options ? "" : ", ");
        dyn_buffer_add_text(&names, o->name);
    }
    DYN_TRY(dyn_buffer_end(&names, &text));
    return dyn_fail(call, DYN_INVALID, "there is no option %.*s: there are %s",
                    (int)json->key.size_bytes, (const char *)json->key.data,
                    (const char *)text.data);
}

static dyn_status read_option(dyn_call *call, const dyn_json *json,
                              const option *options, void *to)
{
    for (const option *o = options; o->name != NULL; o++) {
        if (dyn_bytes_equal_text(json->key, o->name))
            return o->read(call, json, to);
    }
    return fail_option(call, json, options);
}

/* The third argument, if there is one; NULL has no options. */
static dyn_status read_options(dyn_call *call, int argc, sqlite3_value **argv,
                               const option *options, void *to)
{
    dyn_bytes text = {NULL, 0};
    const dyn_json *json = NULL;
    if (argc <= OPTIONS || sqlite3_value_type(argv[OPTIONS]) == SQLITE_NULL)
        return DYN_OK;
    DYN_TRY(bridge_text(call, argv[OPTIONS], &text));
    DYN_TRY(dyn_json_parse(call, text, DYN_JSON_DEPTH_MAX, &json));
    if (json->type != DYN_JSON_OBJECT)
        return dyn_fail(call, DYN_INVALID, "options are a JSON object");
    for (const dyn_json *c = json->first; c != NULL; c = c->next)
        DYN_TRY(read_option(call, c, options, to));
    return DYN_OK;
}

static dyn_status read_text(dyn_call *call, sqlite3_value *value,
                            const char *what, const char **out)
{
    dyn_bytes text = {NULL, 0};
    DYN_TRY(bridge_text(call, value, &text));
    *out = (const char *)text.data;
    if (text.size_bytes > 0 && strlen(*out) == text.size_bytes) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "the %s is empty, or has a zero character", what);
}

static dyn_status answer(dyn_call *call, const dyn_job *job, dyn_bytes *out)
{
    dyn_buffer text;
    char *counts = dyn_format(call, "{\"items\":%" PRId64, job->items);
    char *more =
        dyn_format(call, ",\"deletes\":%" PRId64 ",\"errors\":%" PRId64,
                   job->deletes, job->errors);
    char *bytes =
        dyn_format(call, ",\"bytes\":%" PRId64 ",\"path\":", job->bytes);
    if (counts == NULL || more == NULL || bytes == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&text, call, 256);
    dyn_buffer_add_text(&text, counts);
    if (job->kind == DYN_JOB_IMPORT) dyn_buffer_add_text(&text, more);
    dyn_buffer_add_text(&text, bytes);
    dyn_json_write_string(&text, dyn_bytes_text(job->path));
    if (job->manifest != NULL) {
        dyn_buffer_add_text(&text, ",\"manifest\":");
        dyn_json_write_string(&text, dyn_bytes_text(job->manifest));
    }
    if (job->message != NULL) {
        dyn_buffer_add_text(&text, ",\"first_error\":");
        dyn_json_write_string(&text, dyn_bytes_text(job->message));
    }
    dyn_buffer_add_byte(&text, '}');
    return dyn_buffer_end(&text, out);
}

/* ---------------------------------------------------------------- export -- */

static dyn_status read_overwrite(dyn_call *call, const dyn_json *json, void *to)
{
    return read_flag(call, json, &((dyn_export_request *)to)->may_replace);
}

static dyn_status read_file_bytes(dyn_call *call, const dyn_json *json,
                                  void *to)
{
    return read_count(call, json, 1,
                      &((dyn_export_request *)to)->file_bytes_max);
}

static const option export_options[] = {
    {"overwrite", read_overwrite},
    {"file_bytes", read_file_bytes},
    {NULL, NULL},
};

static dyn_status export_text(dyn_call *call, dyn_session *session, int argc,
                              sqlite3_value **argv, dyn_bytes *out)
{
    static const dyn_job_origin none = {NULL, NULL};
    const char *name = NULL;
    dyn_job job;
    dyn_export_request request = {.file_bytes_max =
                                      DYN_EXPORT_FILE_BYTES_DEFAULT};
    DYN_TRY(tables_settle(call, session));
    DYN_TRY(read_text(call, argv[TABLE], "name of a table", &name));
    DYN_TRY(read_text(call, argv[PATH], "path", &request.path));
    DYN_TRY(read_options(call, argc, argv, export_options, &request));
    request.is_folder = dyn_export_is_folder(request.path);
    DYN_TRY(transfer_check(call, session, "dynamo_export()"));
    DYN_TRY(transfer_export(call, session, name, &request, &none, &job));
    return answer(call, &job, out);
}

/* ---------------------------------------------------------------- import -- */

static dyn_status read_errors_max(dyn_call *call, const dyn_json *json,
                                  void *to)
{
    return read_count(call, json, 0, &((dyn_import_request *)to)->errors_max);
}

static dyn_status read_verify(dyn_call *call, const dyn_json *json, void *to)
{
    return read_flag(call, json, &((dyn_import_request *)to)->verifies);
}

static dyn_status read_format(dyn_call *call, const dyn_json *json, void *to)
{
    dyn_import_request *request = to;
    bool is_text = json->type == DYN_JSON_STRING;
    if (is_text && dyn_bytes_equal_text(json->text, "csv")) {
        request->format = DYN_IMPORT_CSV;
    } else if (is_text && dyn_bytes_equal_text(json->text, "json")) {
        request->format = DYN_IMPORT_JSON;
    } else if (is_text && dyn_bytes_equal_text(json->text, "ion")) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo does not read Amazon Ion: export the table as "
                        "DYNAMODB_JSON");
    } else {
        return fail_value(call, json, "\"json\" or \"csv\"");
    }
    return DYN_OK;
}

static dyn_status read_delimiter(dyn_call *call, const dyn_json *json, void *to)
{
    dyn_import_request *request = to;
    if (json->type != DYN_JSON_STRING || !dyn_import_is_delimiter(json->text)) {
        return fail_value(call, json,
                          "one of , ; : | and the characters of a tab and a "
                          "blank");
    }
    request->delimiter = json->text.data[0];
    return DYN_OK;
}

static dyn_status read_header(dyn_call *call, const dyn_json *json, void *to)
{
    dyn_import_request *request = to;
    if (json->type != DYN_JSON_ARRAY || json->count == 0)
        return fail_value(call, json, "an array of names");
    dyn_bytes *names = dyn_alloc(call, json->count * sizeof(dyn_bytes));
    if (names == NULL) return DYN_NOMEM;
    request->header = names;
    request->header_count = json->count;
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        if (c->type != DYN_JSON_STRING)
            return fail_value(call, json, "an array of names");
        *names++ = c->text;
    }
    return DYN_OK;
}

static const option import_options[] = {
    {"format", read_format}, {"errors_max", read_errors_max},
    {"verify", read_verify}, {"delimiter", read_delimiter},
    {"header", read_header}, {NULL, NULL},
};

static dyn_status import_text(dyn_call *call, dyn_session *session, int argc,
                              sqlite3_value **argv, dyn_bytes *out)
{
    static const dyn_job_origin none = {NULL, NULL};
    const char *name = NULL;
    dyn_import import;
    dyn_job job;
    dyn_import_request request = {.verifies = true, .delimiter = ','};
    DYN_TRY(tables_settle(call, session));
    DYN_TRY(read_text(call, argv[TABLE], "name of a table", &name));
    DYN_TRY(read_text(call, argv[PATH], "path", &request.path));
    DYN_TRY(read_options(call, argc, argv, import_options, &request));
    DYN_TRY(transfer_check(call, session, "dynamo_import()"));
    DYN_TRY(dyn_import_begin(call, &request, &import));
    dyn_status status =
        transfer_import(call, session, name, &import, &none, &job);
    dyn_import_end(&import);
    if (status == DYN_OK && import.has_failed)
        return dyn_fail(call, DYN_INVALID, "%s", job.message);
    return status == DYN_OK ? answer(call, &job, out) : status;
}

/* ---------------------------------------------------------- registration -- */

static void export_sql(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, export_text);
}

static void import_sql(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, import_text);
}

int transfer_function_register(sqlite3 *db, dyn_session *session)
{
    static const sql_function functions[] = {
        {"dynamo_export", OPTIONS, SQLITE_DIRECTONLY, export_sql},
        {"dynamo_export", OPTIONS + 1, SQLITE_DIRECTONLY, export_sql},
        {"dynamo_import", OPTIONS, SQLITE_DIRECTONLY, import_sql},
        {"dynamo_import", OPTIONS + 1, SQLITE_DIRECTONLY, import_sql},
    };
    return sql_functions_of_session(
        db, functions, sizeof(functions) / sizeof(functions[0]), session);
}

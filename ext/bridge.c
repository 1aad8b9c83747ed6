/* Conversions; the contracts are in bridge.h. */
#include "bridge.h"

#include "base/exception.h"
#include "base/sqlite_text.h"
#include "base/utf8.h"
#include "item/item_json.h"

#include <assert.h>

int bridge_error(const dyn_call *call, dyn_status status, const char *table,
                 char **message)
{
    if (status == DYN_OK) return SQLITE_OK;
    assert(status == call->error.status);
    if (status != DYN_NOMEM) {
        bool has_name = dyn_exception_is_told(&call->error);
        const char *members = has_name ? call->error.members : NULL;
        sqlite3_free(*message);
        *message = sqlite3_mprintf(
            "%s%s%s%s%s%s%s", table != NULL ? table : "",
            table != NULL ? ": " : "",
            has_name ? dyn_exception_name(&call->error) : "",
            has_name ? ": " : "", call->error.message,
            members != NULL ? "\n" : "", members != NULL ? members : "");
    }
    return dyn_exception_code(&call->error);
}

void bridge_result_error(sqlite3_context *context, const dyn_call *call,
                         dyn_status status)
{
    if (status == DYN_NOMEM) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, call->error.message, -1);
    sqlite3_result_error_code(context, dyn_exception_code(&call->error));
}

void bridge_result_exception(sqlite3_context *context, dyn_call *call,
                             dyn_status status)
{
    if (status == DYN_NOMEM) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, dyn_exception_text(call), -1);
    sqlite3_result_error_code(context, dyn_exception_code(&call->error));
}

dyn_status bridge_fail(dyn_call *call, sqlite3 *db)
{
    return dyn_fail_sqlite(call, sqlite3_extended_errcode(db),
                           sqlite3_errmsg(db));
}

dyn_status bridge_run(dyn_call *call, sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return DYN_OK;
    return bridge_fail(call, db);
}

/* Whether the bytes of a text are UTF-8 as they are. SQLite would copy them
 * just to end them with a zero. */
static bool is_utf8(sqlite3_value *value)
{
#if SQLITE_VERSION_NUMBER >= 3040000
    return sqlite3_libversion_number() >= 3040000 &&
           sqlite3_value_encoding(value) == SQLITE_UTF8;
#else
    (void)value;
    return false;
#endif
}

/* SQLite counts the bytes of what it was asked for last. */
bool bridge_borrow_text(sqlite3_value *value, dyn_bytes *out)
{
    int type = sqlite3_value_type(value);
    bool is_as_it_is =
        type == SQLITE_BLOB || (type == SQLITE_TEXT && is_utf8(value));
    const void *text =
        is_as_it_is ? sqlite3_value_blob(value) : sqlite3_value_text(value);
    int size = type == SQLITE_NULL ? 0 : sqlite3_value_bytes(value);
    bool is_empty = is_as_it_is && size == 0;
    *out = (dyn_bytes){is_empty ? "" : text, (size_t)size};
    return out->data != NULL || type == SQLITE_NULL;
}

bool bridge_is_writing(sqlite3 *db)
{
    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL;
         s = sqlite3_next_stmt(db, s)) {
        if (sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s)) return true;
    }
    return false;
}

static dyn_status borrow_text(dyn_call *call, sqlite3_value *value,
                              dyn_bytes *out)
{
    if (!bridge_borrow_text(value, out)) return dyn_fail_nomem(call);
    if (dyn_utf8_valid(*out)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "a text is not valid UTF-8");
}

static dyn_status borrow_blob(dyn_call *call, sqlite3_value *value,
                              dyn_bytes *out)
{
    const void *blob = sqlite3_value_blob(value);
    int size = sqlite3_value_bytes(value);
    if (blob == NULL && size > 0) return dyn_fail_nomem(call);
    *out = (dyn_bytes){blob != NULL ? blob : "", (size_t)size};
    return DYN_OK;
}

dyn_status bridge_text(dyn_call *call, sqlite3_value *value, dyn_bytes *out)
{
    DYN_TRY(borrow_text(call, value, out));
    return dyn_copy(call, *out, out);
}

dyn_status bridge_blob(dyn_call *call, sqlite3_value *value, dyn_bytes *out)
{
    DYN_TRY(borrow_blob(call, value, out));
    return dyn_copy(call, *out, out);
}

/* Text that is a number by SQLite's rules, without its blanks. */
static dyn_bytes trim(dyn_bytes text)
{
    while (text.size_bytes > 0 && strchr(" \t\n\v\f\r", text.data[0])) {
        text.data++;
        text.size_bytes--;
    }
    while (text.size_bytes > 0 &&
           strchr(" \t\n\v\f\r", text.data[text.size_bytes - 1])) {
        text.size_bytes--;
    }
    return text;
}

/* A text that is a number is copied: SQLite makes one of it. */
static dyn_status value_from_text(dyn_call *call, sqlite3_value *value,
                                  const dyn_column *column, dyn_value *out)
{
    out->type = DYN_TYPE_S;
    if (column == NULL || !column->has_type || column->type != DYN_TYPE_N)
        return borrow_text(call, value, &out->bytes);
    DYN_TRY(bridge_text(call, value, &out->bytes));
    int type = sqlite3_value_numeric_type(value);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return DYN_OK;
    dyn_bytes text = trim(out->bytes);
    out->type = DYN_TYPE_N;
    return dyn_number_parse(call, text, &out->number);
}

static dyn_status value_from_double(dyn_call *call, double number,
                                    dyn_value *out)
{
    out->type = DYN_TYPE_N;
    if (dyn_number_from_double(number, &out->number)) return DYN_OK;
    bool is_small = number > -1 && number < 1;
    return dyn_fail(call, DYN_INVALID,
                    is_small ? "Number underflow. Attempting to store a number "
                               "with magnitude smaller than supported range"
                             : "Number overflow. Attempting to store a number "
                               "with magnitude larger than supported range");
}

dyn_status bridge_borrow_value(dyn_call *call, sqlite3_value *value,
                               const dyn_column *column, bool *is_null,
                               dyn_value *out)
{
    int type = sqlite3_value_type(value);
    bool is_text_column =
        column != NULL && column->has_type && column->type == DYN_TYPE_S;
    *is_null = type == SQLITE_NULL;
    switch (type) {
    case SQLITE_NULL:
        return DYN_OK;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
        if (is_text_column) {
            out->type = DYN_TYPE_S;
            return borrow_text(call, value, &out->bytes);
        }
        if (type == SQLITE_FLOAT) {
            return value_from_double(call, sqlite3_value_double(value), out);
        }
        out->type = DYN_TYPE_N;
        dyn_number_from_int64(sqlite3_value_int64(value), &out->number);
        return DYN_OK;
    case SQLITE_TEXT:
        return value_from_text(call, value, column, out);
    default:
        out->type = DYN_TYPE_B;
        return borrow_blob(call, value, &out->bytes);
    }
}

dyn_status bridge_value(dyn_call *call, sqlite3_value *value,
                        const dyn_column *column, bool *is_null, dyn_value *out)
{
    DYN_TRY(bridge_borrow_value(call, value, column, is_null, out));
    bool has_bytes =
        !*is_null && (out->type == DYN_TYPE_S || out->type == DYN_TYPE_B);
    return has_bytes ? dyn_copy(call, out->bytes, &out->bytes) : DYN_OK;
}

/* --------------------------------------------------------------- results -- */

/* A short text goes with its terminating zero, or sqlite3_column_text() would
 * have to allocate once more for it. */
static bool result_short_text(sqlite3_context *context, dyn_bytes text)
{
    char short_text[1024];
    if (text.size_bytes >= sizeof(short_text)) return false;
    if (text.size_bytes > 0) memcpy(short_text, text.data, text.size_bytes);
    short_text[text.size_bytes] = '\0';
    if (strlen(short_text) != text.size_bytes) return false;
    sqlite3_result_text(context, short_text, -1, SQLITE_TRANSIENT);
    return true;
}

void bridge_result_text(sqlite3_context *context, dyn_bytes text)
{
    if (!dyn_sqlite_text_is_special(text) && result_short_text(context, text))
        return;
    dyn_sqlite_text given = dyn_sqlite_text_of(text, SQLITE_TRANSIENT);
    if (given.data == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_text64(context, given.data, given.size_bytes,
                          given.destructor, given.encoding);
}

/* As an INTEGER or REAL when that keeps every digit, else as text. */
static void result_number(sqlite3_context *context, const dyn_number *number)
{
    int64_t integer = 0;
    double real = 0;
    if (dyn_number_to_int64(number, &integer)) {
        sqlite3_result_int64(context, integer);
    } else if (dyn_number_to_double(number, &real)) {
        sqlite3_result_double(context, real);
    } else {
        char text[DYN_NUMBER_TEXT_BYTES];
        size_t size = dyn_number_format(number, text);
        sqlite3_result_text(context, text, (int)size, SQLITE_TRANSIENT);
    }
}

static void result_json(sqlite3_context *context, dyn_call *call,
                        const dyn_value *value)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&text, call, 256);
    dyn_value_to_json(&text, value, DYN_JSON_PLAIN);
    if (dyn_buffer_end(&text, &bytes) != DYN_OK) {
        sqlite3_result_error_nomem(context);
        return;
    }
    bridge_result_text(context, bytes);
}

void bridge_result_value(sqlite3_context *context, dyn_call *call,
                         const dyn_value *value)
{
    switch (value->type) {
    case DYN_TYPE_NULL:
        sqlite3_result_null(context);
        break;
    case DYN_TYPE_BOOL:
        sqlite3_result_int(context, value->boolean);
        break;
    case DYN_TYPE_N:
        result_number(context, &value->number);
        break;
    case DYN_TYPE_S:
        bridge_result_text(context, value->bytes);
        break;
    case DYN_TYPE_B:
        if (value->bytes.size_bytes == 0) {
            sqlite3_result_zeroblob(context, 0);
        } else {
            sqlite3_result_blob64(context, value->bytes.data,
                                  value->bytes.size_bytes, SQLITE_TRANSIENT);
        }
        break;
    case DYN_TYPE_L:
    case DYN_TYPE_M:
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        result_json(context, call, value);
        break;
    }
}

dyn_status bridge_result_item(sqlite3_context *context, dyn_call *call,
                              const dyn_view *item)
{
    dyn_map map = {NULL, 0};
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_view_decode(call, item, &map));
    dyn_buffer_begin(&text, call, 2 * item->size_bytes + 64);
    dyn_item_to_json(&text, &map, DYN_JSON_PLAIN);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    bridge_result_text(context, bytes);
    return DYN_OK;
}

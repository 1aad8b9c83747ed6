/* Comma-separated values; the contract is in csv.h. */
#include "file/csv.h"

#include "base/buffer.h"

enum { END = -1 };

/* The record that is being read. */
typedef struct parser {
    dyn_call *call;
    dyn_reader *reader;
    unsigned char delimiter;
    int next; /* the byte that is looked at, or END */
    dyn_buffer field;
    dyn_buffer fields;
} parser;

static dyn_status step(parser *in)
{
    if (in->next == '\n') in->reader->line++;
    return dyn_reader_byte(in->call, in->reader, &in->next);
}

static bool is_line_end(const parser *in)
{
    return in->next == '\n' || in->next == END;
}

/* Pass over the rest of the line. */
static dyn_status fail(parser *in, const char *what)
{
    while (!is_line_end(in))
        DYN_TRY(dyn_reader_byte(in->call, in->reader, &in->next));
    return dyn_fail(in->call, DYN_INVALID, "%s", what);
}

static dyn_status add_byte(parser *in)
{
    if (in->field.size_bytes >= DYN_LINE_BYTES_MAX) {
        in->reader->has_failed = true;
        return dyn_fail(in->call, DYN_INVALID,
                        "%s: a field is longer than 16 MB: is a quote missing?",
                        in->reader->path);
    }
    dyn_buffer_add_byte(&in->field, (unsigned char)in->next);
    return step(in);
}

static dyn_status read_quoted(parser *in)
{
    DYN_TRY(step(in));
    for (;;) {
        if (in->next == END)
            return fail(in, "the quotes of a field are not closed");
        if (in->next == '"') {
            DYN_TRY(step(in));
            if (in->next != '"') return DYN_OK;
        }
        DYN_TRY(add_byte(in));
    }
}

static dyn_status read_plain(parser *in)
{
    while (!is_line_end(in) && in->next != in->delimiter) {
        if (in->next == '"')
            return fail(in, "a field with a quote has to be in quotes");
        DYN_TRY(add_byte(in));
    }
    size_t size = in->field.size_bytes;
    if (is_line_end(in) && size > 0 && in->field.data[size - 1] == '\r')
        in->field.size_bytes--;
    return DYN_OK;
}

/* What is behind a field in quotes: a CR is of the line's end. */
static dyn_status end_quoted(parser *in)
{
    if (in->next == '\r') DYN_TRY(step(in));
    if (is_line_end(in) || in->next == in->delimiter) return DYN_OK;
    return fail(in, "there is more behind the quotes of a field");
}

static dyn_status read_field(parser *in)
{
    enum { ROOM_BYTES = 32 };
    dyn_bytes field = {NULL, 0};
    dyn_buffer_begin(&in->field, in->call, ROOM_BYTES);
    if (in->next == '"') {
        DYN_TRY(read_quoted(in));
        DYN_TRY(end_quoted(in));
    } else {
        DYN_TRY(read_plain(in));
    }
    DYN_TRY(dyn_buffer_end(&in->field, &field));
    dyn_buffer_add(&in->fields, &field, sizeof(field));
    return DYN_OK;
}

/* Up to the first byte of a record. */
static dyn_status begin_record(parser *in)
{
    do {
        DYN_TRY(dyn_reader_byte(in->call, in->reader, &in->next));
        if (in->next == '\n') in->reader->line++;
    } while (in->next == '\n' || in->next == '\r');
    if (in->next != END) in->reader->line++;
    return DYN_OK;
}

dyn_status dyn_csv_read(dyn_call *call, dyn_reader *reader,
                        unsigned char delimiter, dyn_csv_record *out)
{
    enum { ROOM_FIELDS = 16 };
    dyn_bytes bytes = {NULL, 0};
    parser in = {.call = call, .reader = reader, .delimiter = delimiter};
    dyn_buffer_begin(&in.fields, call, ROOM_FIELDS * sizeof(dyn_bytes));
    *out = (dyn_csv_record){.count = 0};
    DYN_TRY(begin_record(&in));
    out->line = reader->line;
    if (in.next == END) return DYN_OK;
    DYN_TRY(read_field(&in));
    while (!is_line_end(&in)) {
        DYN_TRY(dyn_reader_byte(call, reader, &in.next)); /* the delimiter */
        DYN_TRY(read_field(&in));
    }
    DYN_TRY(dyn_buffer_end(&in.fields, &bytes));
    out->fields = (const dyn_bytes *)(const void *)bytes.data;
    out->count = bytes.size_bytes / sizeof(dyn_bytes);
    return DYN_OK;
}

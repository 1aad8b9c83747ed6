/*
 * A query as the console's form has it, and what it is in the API and in SQL.
 *
 * Fields of the form: `index`; `p0`, ...: the parts of the partition key;
 * `o0`, `s0`, `t0`, ...: an operator and values for each part of the sort key;
 * `desc`, `strong`, `limit`, and `start`, where the page before has ended;
 * `do`, which is `query` or `scan`.
 */
#ifndef SERVER_QUERY_FORM_H
#define SERVER_QUERY_FORM_H

#include "schema.h"

typedef struct query_operator {
    const char *name;   /* in the form */
    const char *title;  /* for people */
    const char *before; /* around attribute and value, in SQL and the API */
    const char *between;
    const char *after;
} query_operator;

extern const query_operator query_operators[];
extern const size_t query_operator_count;

/* The name of a field for a part of a key: `p0`. */
enum { QUERY_FIELD_BYTES = 8 };
void query_field_name(char *out, char letter, size_t part);

typedef struct query_form {
    const server_form *form;
    dyn_bytes table;
    const schema_path *path;
    bool is_asked;
    bool is_scan;
    bool is_strong;
    bool is_descending;
    int limit;
} query_form;

void query_form_read(const console_page *page, const schema_path *path,
                     query_form *out);

/* Whether SQL refuses it: then its message says what to do instead. */
bool query_form_is_refused(const query_form *query);

/* The request of Query or Scan. Fails with DYN_INVALID when the place to start
 * from is no JSON; DYN_NOMEM. */
dyn_status query_form_request(dyn_call *call, const query_form *query,
                              dyn_bytes *out);

/* The same in SQL. Fails with DYN_NOMEM. */
dyn_status query_form_sql(dyn_call *call, const query_form *query,
                          dyn_bytes *out);

#endif

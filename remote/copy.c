/* Copying tables; the contract is in copy.h. */
#include "copy.h"

#include "bridge.h"
#include "copy_place.h"
#include "copy_side.h"

enum {
    PAGE_ITEMS = 500,
    BATCH_ITEMS = DYN_BATCH_WRITES_MAX,
};

typedef struct copier {
    sqlite3 *db;
    copy_side source;
    copy_side target;
    copy_place place;
} copier;

/* -------------------------------------------------------------- requests -- */

/* It is read strongly, so that what was written before the copy is in it. */
static dyn_status scan(dyn_call *call, copier *c, const dyn_json **out)
{
    dyn_buffer text;
    dyn_bytes request = {NULL, 0};
    dyn_buffer_begin(&text, call, 256);
    dyn_buffer_add_text(&text, "{\"TableName\":");
    dyn_json_write_string(&text, dyn_bytes_text(c->source.table));
    const char *rest = dyn_format(call,
                                  ",\"Limit\":%d,\"ConsistentRead\":true,"
                                  "\"ReturnConsumedCapacity\":\"INDEXES\"",
                                  (int)PAGE_ITEMS);
    if (rest == NULL) return DYN_NOMEM;
    dyn_buffer_add_text(&text, rest);
    if (c->place.position.size_bytes > 0) {
        dyn_buffer_add_text(&text, ",\"ExclusiveStartKey\":");
        dyn_buffer_add_bytes(&text, c->place.position);
    }
    dyn_buffer_add_byte(&text, '}');
    DYN_TRY(dyn_buffer_end(&text, &request));
    return copy_side_send(call, &c->source, "Scan", request, out);
}

/* {"RequestItems":{"orders":[…]}}, of requests that have been written. */
static dyn_status send_batch(dyn_call *call, copier *c, dyn_bytes requests,
                             const dyn_json **out)
{
    dyn_buffer text;
    dyn_bytes request = {NULL, 0};
    dyn_buffer_begin(&text, call, requests.size_bytes + 256);
    dyn_buffer_add_text(
        &text, "{\"ReturnConsumedCapacity\":\"INDEXES\",\"RequestItems\":{");
    dyn_json_write_string(&text, dyn_bytes_text(c->target.table));
    dyn_buffer_add_text(&text, ":[");
    dyn_buffer_add_bytes(&text, requests);
    dyn_buffer_add_text(&text, "]}}");
    DYN_TRY(dyn_buffer_end(&text, &request));
    return copy_side_send(call, &c->target, "BatchWriteItem", request, out);
}

/* The requests of a batch that were not done; no bytes: all were. */
static dyn_status left_over(dyn_call *call, const dyn_json *answer,
                            dyn_bytes *out, size_t *count)
{
    const dyn_json *tables = dyn_json_member(answer, "UnprocessedItems");
    dyn_buffer text;
    *out = (dyn_bytes){NULL, 0};
    *count = 0;
    if (tables == NULL || tables->type != DYN_JSON_OBJECT ||
        tables->first == NULL || tables->first->type != DYN_JSON_ARRAY)
        return DYN_OK;
    dyn_buffer_begin(&text, call, 1024);
    for (const dyn_json *one = tables->first->first; one != NULL;
         one = one->next) {
        if ((*count)++ > 0) dyn_buffer_add_byte(&text, ',');
        dyn_json_write(&text, one);
    }
    return dyn_buffer_end(&text, out);
}

static dyn_status fail_left_over(dyn_call *call, const copier *c, size_t count)
{
    return dyn_fail(call, DYN_THROTTLED,
                    "%s takes no more at the moment (%zu items of a batch are "
                    "left unprocessed); call dynamo_copy again to go on",
                    c->target.name, count);
}

/* Until all of them are done; with progress, the waiting begins anew. */
static dyn_status put_batch(dyn_call *call, copier *c, dyn_bytes requests)
{
    size_t before = SIZE_MAX;
    for (int64_t tries = 1; requests.size_bytes > 0; tries++) {
        const dyn_json *answer = NULL;
        size_t count = 0;
        bool is_over = false;
        DYN_TRY(send_batch(call, c, requests, &answer));
        DYN_TRY(left_over(call, answer, &requests, &count));
        if (count == 0) break;
        if (count < before) tries = 1;
        before = count;
        DYN_TRY(copy_side_wait(call, &c->target, tries, &is_over));
        if (is_over) return fail_left_over(call, c, count);
    }
    return DYN_OK;
}

/* The next items of a page, as requests; *next moves behind them. */
static dyn_status write_requests(dyn_call *call, const dyn_json **next,
                                 dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 1024);
    for (int i = 0; i < BATCH_ITEMS && *next != NULL; i++) {
        dyn_buffer_add_text(&text, i > 0 ? ",{\"PutRequest\":{\"Item\":"
                                         : "{\"PutRequest\":{\"Item\":");
        dyn_json_write(&text, *next);
        dyn_buffer_add_text(&text, "}}");
        *next = (*next)->next;
    }
    return dyn_buffer_end(&text, out);
}

/* ----------------------------------------------------------------- pages -- */

static dyn_status set_place(dyn_call *call, copier *c, const dyn_json *answer,
                            size_t count)
{
    const dyn_json *last = dyn_json_member(answer, "LastEvaluatedKey");
    dyn_buffer text;
    c->place.items += (int64_t)count;
    c->place.is_done = last == NULL;
    c->place.position = (dyn_bytes){NULL, 0};
    if (last == NULL) return DYN_OK;
    dyn_buffer_begin(&text, call, 256);
    dyn_json_write(&text, last);
    return dyn_buffer_end(&text, &c->place.position);
}

static dyn_status write_page(dyn_call *call, copier *c, const dyn_json *answer)
{
    const dyn_json *items = dyn_json_member(answer, "Items");
    if (items == NULL || items->type != DYN_JSON_ARRAY) {
        return dyn_fail(call, DYN_INVALID, "the answer of %s to Scan is broken",
                        c->source.name);
    }
    for (const dyn_json *next = items->first; next != NULL;) {
        dyn_bytes requests = {NULL, 0};
        DYN_TRY(write_requests(call, &next, &requests));
        DYN_TRY(put_batch(call, c, requests));
    }
    DYN_TRY(set_place(call, c, answer, items->count));
    return copy_place_store(call, c->db, &c->place);
}

/* What is written here is written together with the place behind it. */
static dyn_status copy_page(dyn_call *call, copier *c)
{
    const dyn_json *answer = NULL;
    DYN_TRY(scan(call, c, &answer));
    DYN_TRY(bridge_run(call, c->db, "SAVEPOINT dynamo_copy"));
    dyn_status status = write_page(call, c, answer);
    if (status == DYN_OK)
        status = bridge_run(call, c->db, "RELEASE dynamo_copy");
    if (status == DYN_OK) return DYN_OK;
    sqlite3_exec(c->db, "ROLLBACK TO dynamo_copy", NULL, NULL, NULL);
    sqlite3_exec(c->db, "RELEASE dynamo_copy", NULL, NULL, NULL);
    return status;
}

/* The memory of a page goes with it, but for the place behind it. */
static dyn_status copy_pages(dyn_call *call, copier *c, int64_t pages)
{
    dyn_call memory[2];
    int at = 0;
    dyn_status status = DYN_OK;
    dyn_call_begin(&memory[0]);
    dyn_call_begin(&memory[1]);
    for (int64_t i = 0; i < pages && !c->place.is_done && status == DYN_OK;
         i++) {
        at = 1 - at;
        dyn_call_end(&memory[at]);
        dyn_call_begin(&memory[at]);
        status = copy_page(&memory[at], c);
    }
    if (status != DYN_OK) dyn_call_take_error(call, &memory[at]);
    dyn_call_end(&memory[0]);
    dyn_call_end(&memory[1]);
    return status;
}

/* ------------------------------------------------------------------ copy -- */

/* {"source":"orders","target":"temp.orders","state":"done","items":5} */
static dyn_status write_state(dyn_call *call, const copier *c, dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 256);
    dyn_buffer_add_text(&text, "{\"source\":");
    dyn_json_write_string(&text, dyn_bytes_text(c->place.source));
    dyn_buffer_add_text(&text, ",\"target\":");
    dyn_json_write_string(&text, dyn_bytes_text(c->place.target));
    const char *rest = dyn_format(call, ",\"state\":\"%s\",\"items\":%lld}",
                                  c->place.is_done ? "done" : "running",
                                  (long long)c->place.items);
    if (rest == NULL) return DYN_NOMEM;
    dyn_buffer_add_text(&text, rest);
    return dyn_buffer_end(&text, out);
}

static dyn_status check_request(dyn_call *call, const copier *c,
                                const copy_request *request)
{
    if (bridge_is_writing(c->db)) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_copy cannot be part of a statement that "
                        "writes");
    }
    if (dyn_bytes_equal_nocase(request->source, request->target)) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_copy: source and target are the same table");
    }
    return DYN_OK;
}

static dyn_status run(dyn_call *call, copier *c, const copy_request *request,
                      dyn_bytes *out)
{
    remote_session *session = c->source.session;
    c->place.source = (const char *)request->source.data;
    c->place.target = (const char *)request->target.data;
    DYN_TRY(check_request(call, c, request));
    DYN_TRY(copy_side_open(call, session, c->place.source, &c->source));
    DYN_TRY(copy_side_open(call, session, c->place.target, &c->target));
    c->place.places = copy_side_place(call, &c->source) +
                      3 * copy_side_place(call, &c->target);
    DYN_TRY(copy_place_find(call, c->db, &c->place));
    DYN_TRY(copy_pages(call, c, request->pages));
    return write_state(call, c, out);
}

dyn_status copy_run(dyn_call *call, remote_session *session,
                    const copy_request *request, dyn_bytes *out)
{
    dyn_session *statements = session->statements;
    copier c = {.db = statements->db,
                .source = {.session = session},
                .target = {.session = session}};
    dyn_statement_read_begins(statements);
    dyn_status status = run(call, &c, request, out);
    dyn_statement_read_ends(statements);
    copy_side_close(&c.source);
    copy_side_close(&c.target);
    return status;
}

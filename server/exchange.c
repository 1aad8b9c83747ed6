/* A request and its answer; the contract is in exchange.h. */
#include "exchange.h"

#include <stdlib.h>

server_exchange *exchange_begin(const char *uri, atomic_size_t *budget_bytes)
{
    server_exchange *made = malloc(sizeof(*made));
    if (made == NULL) return NULL;
    made->work = (server_work){.next = NULL};
    made->stage = EXCHANGE_BEGUN;
    made->owner = NULL;
    made->connection = NULL;
    made->poller = NULL;
    made->request = (http_request){.headers = NULL};
    made->answer = (http_answer){.status = 0};
    made->body = NULL;
    made->body_room_bytes = 0;
    made->budget_bytes = budget_bytes;
    dyn_call_begin(&made->call);
    if (dyn_copy(&made->call, dyn_bytes_text(uri), &made->request.uri) ==
        DYN_OK)
        return made;
    exchange_end(made);
    return NULL;
}

/* What of a room counts: small bodies are let in however many there are. */
static size_t counted_bytes(size_t room_bytes)
{
    enum { SMALL_BYTES = 64 * 1024 };
    return room_bytes > SMALL_BYTES ? room_bytes : 0;
}

static void give_up_body(server_exchange *exchange)
{
    free(exchange->body);
    atomic_fetch_add(exchange->budget_bytes,
                     counted_bytes(exchange->body_room_bytes));
    exchange->body = NULL;
    exchange->body_room_bytes = 0;
    exchange->request.body = (dyn_bytes){NULL, 0};
}

void exchange_end(server_exchange *exchange)
{
    give_up_body(exchange);
    dyn_call_end(&exchange->call);
    free(exchange);
}

static bool take_budget(server_exchange *exchange, size_t bytes)
{
    size_t left = atomic_load(exchange->budget_bytes);
    while (left >= bytes) {
        if (atomic_compare_exchange_weak(exchange->budget_bytes, &left,
                                         left - bytes))
            return true;
    }
    return false;
}

/* Twice the room, so that a body is copied a few times at most. */
static bool grow(server_exchange *exchange, size_t needed_bytes)
{
    enum { FIRST_BYTES = 4096 };
    size_t room =
        exchange->body_room_bytes > 0 ? exchange->body_room_bytes : FIRST_BYTES;
    while (room < needed_bytes)
        room *= 2;
    size_t more =
        counted_bytes(room) - counted_bytes(exchange->body_room_bytes);
    if (!take_budget(exchange, more)) return false;
    unsigned char *body = realloc(exchange->body, room);
    if (body == NULL) {
        atomic_fetch_add(exchange->budget_bytes, more);
        return false;
    }
    exchange->body = body;
    exchange->body_room_bytes = room;
    return true;
}

void exchange_add_body(server_exchange *exchange, const void *data,
                       size_t size_bytes)
{
    http_request *request = &exchange->request;
    if (request->is_too_large || request->is_refused) return;
    size_t needed_bytes = request->body.size_bytes + size_bytes;
    if (needed_bytes > REQUEST_BODY_BYTES_MAX)
        request->is_too_large = true;
    else if (needed_bytes > exchange->body_room_bytes)
        request->is_refused = !grow(exchange, needed_bytes);
    if (request->is_too_large || request->is_refused) {
        give_up_body(exchange);
        return;
    }
    memcpy(exchange->body + request->body.size_bytes, data, size_bytes);
    request->body = (dyn_bytes){exchange->body, needed_bytes};
}

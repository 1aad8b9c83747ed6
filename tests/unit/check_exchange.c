/* Bodies of requests: they grow, have a limit, and share what memory there is;
 * and the time limits of connections. */
#include "exchange.h"
#include "peers.h"
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

enum { MB = 1024 * 1024 };

static unsigned char piece[MB];
static atomic_size_t budget_bytes;

static server_exchange *begin_with(size_t budget)
{
    atomic_init(&budget_bytes, budget);
    server_exchange *exchange = exchange_begin("/a?b", &budget_bytes);
    ck_assert_ptr_nonnull(exchange);
    return exchange;
}

START_TEST(a_body_is_its_pieces_in_their_order)
{
    server_exchange *exchange = begin_with(100 * MB);
    for (int i = 0; i < 5000; i++) {
        unsigned char bytes[7];
        memset(bytes, i % 251, sizeof(bytes));
        exchange_add_body(exchange, bytes, sizeof(bytes));
    }
    const http_request *request = &exchange->request;
    ck_assert_uint_eq(request->body.size_bytes, 35000);
    for (int i = 0; i < 35000; i++)
        ck_assert_int_eq(request->body.data[i], i / 7 % 251);
    ck_assert(!request->is_too_large && !request->is_refused);
    ck_assert(dyn_bytes_equal_text(http_request_path(request), "/a"));
    exchange_end(exchange);
}
END_TEST

START_TEST(a_body_of_16_mb_is_taken_and_no_byte_more)
{
    server_exchange *exchange = begin_with(100 * MB);
    for (int i = 0; i < 16; i++)
        exchange_add_body(exchange, piece, MB);
    ck_assert_uint_eq(exchange->request.body.size_bytes, 16 * MB);
    ck_assert_uint_eq(atomic_load(&budget_bytes), 84 * MB);
    exchange_add_body(exchange, piece, 1);
    ck_assert(exchange->request.is_too_large);
    ck_assert_uint_eq(exchange->request.body.size_bytes, 0);
    ck_assert_uint_eq(atomic_load(&budget_bytes), 100 * MB);
    exchange_add_body(exchange, piece, MB); /* the rest is passed over */
    ck_assert_uint_eq(exchange->request.body.size_bytes, 0);
    exchange_end(exchange);
    ck_assert_uint_eq(atomic_load(&budget_bytes), 100 * MB);
}
END_TEST

START_TEST(large_bodies_are_refused_where_others_have_the_memory)
{
    server_exchange *first = begin_with(3 * MB);
    server_exchange *second = exchange_begin("/", &budget_bytes);
    server_exchange *small = exchange_begin("/", &budget_bytes);
    for (int i = 0; i < 2; i++)
        exchange_add_body(first, piece, MB);
    exchange_add_body(second, piece, MB);
    ck_assert_uint_eq(atomic_load(&budget_bytes), 0);
    exchange_add_body(second, piece, 1);
    ck_assert(second->request.is_refused && !second->request.is_too_large);
    ck_assert_uint_eq(atomic_load(&budget_bytes), MB);
    atomic_store(&budget_bytes, 0);
    exchange_add_body(small, piece, 64 * 1024);
    ck_assert(!small->request.is_refused);
    exchange_add_body(small, piece, 1);
    ck_assert(small->request.is_refused);
    exchange_end(first);
    exchange_end(second);
    exchange_end(small);
    ck_assert_uint_eq(atomic_load(&budget_bytes), 2 * MB);
}
END_TEST

static bool is_shut(int socket)
{
    char byte;
    return recv(socket, &byte, 1, MSG_DONTWAIT) == 0;
}

START_TEST(who_is_late_is_shut_and_nobody_else)
{
    int pairs[3][2];
    server_peer *added[3];
    server_peers peers;
    ck_assert(peers_begin(&peers));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
        added[i] = peers_add(&peers, pairs[i][0], 60000);
    }
    peers_expect(&peers, added[1], 1);
    peers_expect(&peers, added[2], PEER_NO_LIMIT);
    usleep(5000);
    peers_shut_late(&peers);
    ck_assert(!is_shut(pairs[0][1]));
    ck_assert(is_shut(pairs[1][1]));
    ck_assert(!is_shut(pairs[2][1]));
    for (int i = 0; i < 3; i++) {
        peers_remove(&peers, added[i]);
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
    ck_assert_ptr_null(peers.first);
    peers_end(&peers);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("exchange");
    tcase_add_test(tests, a_body_is_its_pieces_in_their_order);
    tcase_add_test(tests, a_body_of_16_mb_is_taken_and_no_byte_more);
    tcase_add_test(tests,
                   large_bodies_are_refused_where_others_have_the_memory);
    tcase_add_test(tests, who_is_late_is_shut_and_nobody_else);
    return unit_run("exchange", tests);
}

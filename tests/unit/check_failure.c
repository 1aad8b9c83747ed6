/* Exceptions on the wire, packed bodies, and which way an operation goes. */
#include "failure.h"
#include "lane.h"
#include "pack.h"
#include "unit.h"

static dyn_call call;

static void begin(void)
{
    dyn_call_begin(&call);
}

static void end(void)
{
    dyn_call_end(&call);
}

#define DYNAMODB "com.amazonaws.dynamodb.v20120810#"
#define CORAL    "com.amazon.coral.service#"

static const struct {
    const char *text;
    unsigned status;
    const char *body;
} known[] = {
    {"ResourceNotFoundException: Requested resource not found", 400,
     "{\"__type\":\"" DYNAMODB "ResourceNotFoundException\","
     "\"message\":\"Requested resource not found\"}"},
    {"ValidationException: The \"key\": wrong", 400,
     "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
     "\"message\":\"The \\\"key\\\": wrong\"}"},
    {"SerializationException: x", 400,
     "{\"__type\":\"" CORAL "SerializationException\",\"Message\":\"x\"}"},
    {"ConditionalCheckFailedException: no\n{\"Item\":{\"a\":{\"S\":\"x\"}}}",
     400,
     "{\"__type\":\"" DYNAMODB "ConditionalCheckFailedException\","
     "\"message\":\"no\",\"Item\":{\"a\":{\"S\":\"x\"}}}"},
    {"TransactionCanceledException: a\nb\n{\"CancellationReasons\":[]}", 400,
     "{\"__type\":\"" DYNAMODB "TransactionCanceledException\","
     "\"Message\":\"a\\nb\",\"CancellationReasons\":[]}"},
    {"ValidationException: a\n{no members", 400,
     "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
     "\"message\":\"a\\n{no members\"}"},
    {"ValidationException: {\"a\":1}", 400,
     "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
     "\"message\":\"{\\\"a\\\":1}\"}"},
    {"ValidationException: a\n{}", 400,
     "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
     "\"message\":\"a\"}"},
    {"ValidationException: a\n{ }", 400,
     "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
     "\"message\":\"a\"}"},
    {"InternalServerError: disk I/O error", 500,
     "{\"__type\":\"" DYNAMODB "InternalServerError\","
     "\"message\":\"disk I/O error\"}"},
    {"out of memory", 500,
     "{\"__type\":\"" DYNAMODB "InternalServerError\","
     "\"message\":\"out of memory\"}"},
    {"near \"x\": error", 500,
     "{\"__type\":\"" DYNAMODB "InternalServerError\","
     "\"message\":\"near \\\"x\\\": error\"}"},
    {"", 500,
     "{\"__type\":\"" DYNAMODB "InternalServerError\",\"message\":\"\"}"},
    {"X", 500,
     "{\"__type\":\"" DYNAMODB "InternalServerError\",\"message\":\"X\"}"},
};

START_TEST(an_exception_has_its_type_status_and_members)
{
    http_answer answer = {.status = 0};
    ck_assert_int_eq(
        failure_answer(&call, dyn_bytes_text(known[_i].text), &answer), DYN_OK);
    ck_assert_uint_eq(answer.status, known[_i].status);
    ck_assert_str_eq((const char *)answer.body.data, known[_i].body);
}
END_TEST

/* ----------------------------------------------------------------- packing --
 */

START_TEST(what_is_packed_is_unpacked)
{
    dyn_bytes plain = {dyn_alloc_zero(&call, 1, 100000), 100000};
    dyn_bytes packed;
    dyn_bytes again;
    ck_assert_int_eq(pack_gzip(&call, plain, &packed), DYN_OK);
    ck_assert_uint_lt(packed.size_bytes, 1000);
    ck_assert_int_eq(unpack_gzip(&call, packed, 100000, &again), DYN_OK);
    ck_assert(dyn_bytes_equal(plain, again));
    ck_assert_int_eq(unpack_gzip(&call, packed, 99999, &again), DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "the body unpacks to more than 99999 bytes");
}
END_TEST

START_TEST(what_is_cut_or_no_gzip_is_refused)
{
    dyn_bytes packed;
    dyn_bytes again;
    ck_assert_int_eq(pack_gzip(&call, dyn_bytes_text("{}"), &packed), DYN_OK);
    for (size_t size = 0; size < packed.size_bytes; size++) {
        dyn_bytes cut = {packed.data, size};
        ck_assert_int_eq(unpack_gzip(&call, cut, 100, &again), DYN_INVALID);
    }
    ck_assert_int_eq(unpack_gzip(&call, dyn_bytes_text("{}"), 100, &again),
                     DYN_INVALID);
}
END_TEST

START_TEST(the_checksum_is_that_of_gzip)
{
    ck_assert_uint_eq(pack_checksum(dyn_bytes_text("123456789")), 0xcbf43926);
    ck_assert_uint_eq(pack_checksum(dyn_bytes_text("{}")), 2745614147);
    ck_assert_uint_eq(pack_checksum(dyn_bytes_text("")), 0);
}
END_TEST

/* ------------------------------------------------------------------- lanes --
 */

static const struct {
    const char *operation;
    const char *request;
    server_lane lane;
} lanes[] = {
    {"GetItem", "{}", LANE_QUICK},
    {"DescribeTable", "{}", LANE_READ},
    {"ListTables", "{}", LANE_READ},
    {"ExportTableToPointInTime", "{}", LANE_READ},
    {"PutItem", "{}", LANE_WRITE},
    {"CreateTable", "{}", LANE_ALONE},
    {"Whatever", "{}", LANE_ALONE},
    {"TransactWriteItems", "{}", LANE_WRITE},
    {"ImportTable", "{}", LANE_STEPS},
    {"ExecuteStatement", "{\"Statement\":\"SELECT * FROM t\"}", LANE_READ},
    {"ExecuteStatement", "{\"Statement\":\" DeLeTe FROM t\"}", LANE_WRITE},
    {"ExecuteTransaction", "insert", LANE_WRITE},
    {"BatchExecuteStatement", "{\"Statement\":\"UPDATE\"}", LANE_WRITE},
    {"ExecuteStatement", "", LANE_READ},
    {"ExecuteStatement", "updat", LANE_READ},
};

START_TEST(an_operation_has_its_lane)
{
    ck_assert_int_eq(lane_of(dyn_bytes_text(lanes[_i].operation),
                             dyn_bytes_text(lanes[_i].request)),
                     lanes[_i].lane);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("failure");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_loop_test(tests, an_exception_has_its_type_status_and_members, 0,
                        COUNT_OF(known));
    tcase_add_test(tests, what_is_packed_is_unpacked);
    tcase_add_test(tests, what_is_cut_or_no_gzip_is_refused);
    tcase_add_test(tests, the_checksum_is_that_of_gzip);
    tcase_add_loop_test(tests, an_operation_has_its_lane, 0, COUNT_OF(lanes));
    return unit_run("failure", tests);
}

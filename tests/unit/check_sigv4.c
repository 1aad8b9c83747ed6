/*
 * Signature Version 4.
 *
 * `iam` is the worked example of AWS's guide, `vanilla` and `order` are cases
 * of its published test suite. The other signatures and canonical forms are
 * those that Python's hmac gives by the rules, and botocore 1.29 gives, too.
 */
#include "authorization.h"
#include "base/exception.h"
#include "sigv4.h"
#include "unit.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define BODY   "{\"TableName\":\"orders\",\"Key\":{\"id\":{\"S\":\"alice\"}}}"
#define SIGNED "content-type;host;x-amz-date;x-amz-target"
#define GOOD   "96d8b02ebac689031da145e5b2db11e2116953c2a403eaa5b4ce1b76f869b4ad"
#define AUTHORIZATION(key, scope, names, signature)                            \
    "AWS4-HMAC-SHA256 Credential=" key "/" scope ", SignedHeaders=" names      \
    ", Signature=" signature
#define SCOPE "20260120/us-east-1/dynamodb/aws4_request"

enum { HEADERS_MAX = 8 };

static dyn_call call;

static void begin(void)
{
    dyn_call_begin(&call);
}

static void end(void)
{
    dyn_call_end(&call);
}

typedef struct pair {
    const char *name;
    const char *value;
} pair;

static http_header headers[HEADERS_MAX];

static http_request make(const char *method, const char *uri, const pair *pairs,
                         const char *body)
{
    http_request request = {.method = dyn_bytes_text(method),
                            .uri = dyn_bytes_text(uri),
                            .headers = headers,
                            .body = dyn_bytes_text(body)};
    for (; pairs[request.header_count].name != NULL; request.header_count++) {
        headers[request.header_count] =
            (http_header){dyn_bytes_text(pairs[request.header_count].name),
                          dyn_bytes_text(pairs[request.header_count].value)};
    }
    return request;
}

/* ------------------------------------------------------------- signatures --
 */

static const struct {
    const char *name, *method, *uri, *body, *names, *service, *signature;
    pair headers[HEADERS_MAX];
} signatures[] = {
    {"iam",
     "GET",
     "/?Action=ListUsers&Version=2010-05-08",
     "",
     "content-type;host;x-amz-date",
     "iam",
     "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
     {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
      {"Host", "iam.amazonaws.com"},
      {"X-Amz-Date", "20150830T123600Z"}}},
    {"vanilla",
     "GET",
     "/",
     "",
     "host;x-amz-date",
     "service",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
     {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}}},
    {"order",
     "GET",
     "/?Param2=value2&Param1=value1",
     "",
     "host;x-amz-date",
     "service",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
     {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}}},
};

START_TEST(known_requests_have_their_signatures)
{
    char signature[SIGV4_HEX_CHARACTERS + 1];
    dyn_bytes canonical;
    dyn_bytes text;
    http_request request = make(signatures[_i].method, signatures[_i].uri,
                                signatures[_i].headers, signatures[_i].body);
    const sigv4_scope scope = {dyn_bytes_text("20150830"),
                               dyn_bytes_text("us-east-1"),
                               dyn_bytes_text(signatures[_i].service)};
    ck_assert_int_eq(sigv4_canonical(&call, &request,
                                     dyn_bytes_text(signatures[_i].names),
                                     &canonical),
                     DYN_OK);
    ck_assert_int_eq(sigv4_text_to_sign(&call,
                                        dyn_bytes_text("20150830T123600Z"),
                                        &scope, canonical, &text),
                     DYN_OK);
    ck_assert_int_eq(
        sigv4_sign(&call, dyn_bytes_text(SECRET), &scope, text, signature),
        DYN_OK);
    ck_assert_msg(strcmp(signature, signatures[_i].signature) == 0,
                  "%s: %s from\n%s", signatures[_i].name, signature,
                  (const char *)canonical.data);
}
END_TEST

/* -------------------------------------------------------- canonical forms --
 */

#define EMPTY_HASH                                                             \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct {
    const char *uri, *path, *query;
} uris[] = {
    {"/", "/", ""},
    {"/?b=2&a=1&a=0", "/", "a=0&a=1&b=2"},
    {"/?x=%E1%88%B4&empty=&bare", "/", "bare=&empty=&x=%E1%88%B4"},
    {"/?x=\xe1\x88\xb4", "/", "x=%E1%88%B4"},
    {"/?a-._~=A Z", "/", "a-._~=A%20Z"},
    {"/?a=%zz&b=%4", "/", "a=%25zz&b=%254"},
    {"/?&&a", "/", "a="},
    {"/a/../b//c/./d", "/b/c/d", ""},
    {"/a/..", "/", ""},
    {"/a/b/..", "/a/", ""},
    {"/../../x/", "/x/", ""},
    {"/a%20b", "/a%2520b", ""},
    {"/\xe1\x88\xb4", "/%E1%88%B4", ""},
    {"", "/", ""},
};

START_TEST(a_uri_has_one_form)
{
    static const pair host[] = {{"Host", "h"}, {NULL, NULL}};
    http_request request = make("GET", uris[_i].uri, host, "");
    dyn_bytes canonical;
    ck_assert_int_eq(
        sigv4_canonical(&call, &request, dyn_bytes_text("host"), &canonical),
        DYN_OK);
    const char *wanted =
        dyn_format(&call, "GET\n%s\n%s\nhost:h\n\nhost\n" EMPTY_HASH,
                   uris[_i].path, uris[_i].query);
    ck_assert_str_eq((const char *)canonical.data, wanted);
}
END_TEST

START_TEST(values_of_headers_are_trimmed_and_joined)
{
    static const pair pairs[] = {{"X-One", "  a   b \t c "},
                                 {"X-Two", "second"},
                                 {"x-two", " first"},
                                 {"X-Other", "not signed"},
                                 {NULL, NULL}};
    http_request request = make("GET", "/", pairs, "");
    dyn_bytes canonical;
    ck_assert_int_eq(sigv4_canonical(&call, &request,
                                     dyn_bytes_text("x-none;x-one;x-two"),
                                     &canonical),
                     DYN_OK);
    ck_assert_str_eq((const char *)canonical.data,
                     "GET\n/\n\nx-none:\nx-one:a b c\nx-two:second,first\n\n"
                     "x-none;x-one;x-two\n" EMPTY_HASH);
}
END_TEST

/* --------------------------------------------------------------- checking --
 */

static const credential_line lines[] = {
    {{(const unsigned char *)"AKIDEXAMPLE", 11},
     {(const unsigned char *)SECRET, sizeof(SECRET) - 1}},
};
static const credential_list keys = {lines, 1};

#define NOON_MS INT64_C(1768912560000) /* 2026-01-20 12:36:00 */
#define SECOND  INT64_C(1000)

static const struct {
    const char *authorization;
    const char *date;
    int64_t now_ms;
    const char *exception; /* NULL: the request is let in */
    const char *message;   /* what it begins with */
} checks[] = {
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20260120T123600Z",
     NOON_MS, NULL, NULL},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20260120T123600Z",
     NOON_MS + 900 * SECOND, NULL, NULL},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20260120T123600Z",
     NOON_MS - 900 * SECOND, NULL, NULL},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20260120T123600Z",
     NOON_MS + 901 * SECOND, "InvalidSignatureException",
     "Signature expired: 20260120T123600Z is now earlier than "
     "20260120T123601Z (20260120T125101Z - 15 min.)"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20260120T123600Z",
     NOON_MS - 901 * SECOND, "InvalidSignatureException",
     "Signature not yet current: 20260120T123600Z is still later than "
     "20260120T123559Z (20260120T122059Z + 15 min.)"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, "x" GOOD), "20260120T123600Z",
     NOON_MS, "InvalidSignatureException", "The request signature we"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED,
                   "86d8b02ebac689031da145e5b2db11e2116953c2a403eaa5b4ce1b76f8"
                   "69b4ad"),
     "20260120T123600Z", NOON_MS, "InvalidSignatureException",
     "The request signature we"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20260120T123601Z",
     NOON_MS, "InvalidSignatureException", "The request signature we"},
    {AUTHORIZATION("SOMEBODY", SCOPE, SIGNED, GOOD), "20260120T123600Z",
     NOON_MS, "UnrecognizedClientException", "The security token"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, "host", GOOD), "20260120T123600Z",
     NOON_MS, "InvalidSignatureException",
     "'x-amz-target' must be a 'SignedHeader'"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, "x-amz-date;x-amz-target", GOOD),
     "20260120T123600Z", NOON_MS, "InvalidSignatureException",
     "'Host' or ':authority' must be"},
    {AUTHORIZATION("AKIDEXAMPLE", "20260119/us-east-1/dynamodb/aws4_request",
                   SIGNED, GOOD),
     "20260120T123600Z", NOON_MS, "InvalidSignatureException",
     "Date in Credential scope does not match YYYYMMDD"},
    {AUTHORIZATION("AKIDEXAMPLE", "20260120/us-east-1/s3/aws4_request", SIGNED,
                   GOOD),
     "20260120T123600Z", NOON_MS, "InvalidSignatureException",
     "Credential should be scoped to correct service: 'dynamodb'"},
    {AUTHORIZATION("AKIDEXAMPLE", "20260120/us-east-1/dynamodb/aws5", SIGNED,
                   GOOD),
     "20260120T123600Z", NOON_MS, "InvalidSignatureException",
     "Credential should be scoped with a valid terminator"},
    {AUTHORIZATION("AKIDEXAMPLE", "20260120/dynamodb", SIGNED, GOOD),
     "20260120T123600Z", NOON_MS, "IncompleteSignatureException",
     "Credential must have exactly 5"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE "/more", SIGNED, GOOD),
     "20260120T123600Z", NOON_MS, "IncompleteSignatureException",
     "Credential must have exactly 5"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "yesterday", NOON_MS,
     "IncompleteSignatureException", "Date must be in ISO-8601"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), "20261320T123600Z",
     NOON_MS, "IncompleteSignatureException", "Date must be in ISO-8601"},
    {AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD), NULL, NOON_MS,
     "IncompleteSignatureException",
     "Authorization header requires existence of either a 'X-Amz-Date'"},
    {"AWS4-HMAC-SHA256 Credential=", "20260120T123600Z", NOON_MS,
     "IncompleteSignatureException",
     "Authorization header requires 'Credential' parameter. Authorization "
     "header requires 'Signature' parameter. Authorization header requires "
     "'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential="},
    {"AWS4-HMAC-SHA512 Credential=a", "20260120T123600Z", NOON_MS,
     "IncompleteSignatureException", "Unsupported AWS 'algorithm'"},
    {"AWS4-HMAC-SHA256", "20260120T123600Z", NOON_MS,
     "IncompleteSignatureException", "Authorization header requires"},
    {"Basic YTpi", "20260120T123600Z", NOON_MS,
     "MissingAuthenticationTokenException", "Request is missing"},
    {"", "20260120T123600Z", NOON_MS, "MissingAuthenticationTokenException",
     "Request is missing"},
    {NULL, "20260120T123600Z", NOON_MS, "MissingAuthenticationTokenException",
     "Request is missing"},
};

START_TEST(a_signature_is_checked_as_the_service_does)
{
    pair pairs[HEADERS_MAX] = {
        {"Content-Type", "application/x-amz-json-1.0"},
        {"Host", "dynamodb.us-east-1.amazonaws.com"},
        {"X-Amz-Target", "DynamoDB_20120810.GetItem"},
    };
    int count = 3;
    if (checks[_i].authorization != NULL)
        pairs[count++] = (pair){"Authorization", checks[_i].authorization};
    if (checks[_i].date != NULL)
        pairs[count++] = (pair){"X-Amz-Date", checks[_i].date};
    http_request request = make("POST", "/", pairs, BODY);
    dyn_status status =
        authorization_check(&call, &keys, &request, checks[_i].now_ms);
    ck_assert_int_eq(status,
                     checks[_i].exception == NULL ? DYN_OK : DYN_INVALID);
    if (checks[_i].exception == NULL) return;
    ck_assert_str_eq(dyn_exception_name(&call.error), checks[_i].exception);
    size_t size = strlen(checks[_i].message);
    ck_assert_msg(strncmp(call.error.message, checks[_i].message, size) == 0,
                  "%s", call.error.message);
}
END_TEST

START_TEST(another_body_or_target_has_another_signature)
{
    static const pair pairs[] = {
        {"Content-Type", "application/x-amz-json-1.0"},
        {"Host", "dynamodb.us-east-1.amazonaws.com"},
        {"X-Amz-Target", "DynamoDB_20120810.DeleteItem"},
        {"X-Amz-Date", "20260120T123600Z"},
        {"Authorization", AUTHORIZATION("AKIDEXAMPLE", SCOPE, SIGNED, GOOD)},
        {NULL, NULL}};
    http_request request = make("POST", "/", pairs, BODY);
    ck_assert_int_eq(authorization_check(&call, &keys, &request, NOON_MS),
                     DYN_INVALID);
    headers[2].value = dyn_bytes_text("DynamoDB_20120810.GetItem");
    ck_assert_int_eq(authorization_check(&call, &keys, &request, NOON_MS),
                     DYN_OK);
    request.body = dyn_bytes_text("{}");
    ck_assert_int_eq(authorization_check(&call, &keys, &request, NOON_MS),
                     DYN_INVALID);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sigv4");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_loop_test(tests, known_requests_have_their_signatures, 0,
                        COUNT_OF(signatures));
    tcase_add_loop_test(tests, a_uri_has_one_form, 0, COUNT_OF(uris));
    tcase_add_test(tests, values_of_headers_are_trimmed_and_joined);
    tcase_add_loop_test(tests, a_signature_is_checked_as_the_service_does, 0,
                        COUNT_OF(checks));
    tcase_add_test(tests, another_body_or_target_has_another_signature);
    return unit_run("sigv4", tests);
}

/* The header Authorization; the contract is in authorization.h. */
#include "authorization.h"

#include "base/calendar.h"
#include "base/exception.h"
#include "sigv4.h"

#include <openssl/crypto.h>

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define INCOMPLETE "IncompleteSignatureException"
#define INVALID    "InvalidSignatureException"
#define SHOWN(bytes)                                                           \
    (int)((bytes).size_bytes > 300 ? 300 : (bytes).size_bytes),                \
        (const char *)(bytes).data

enum { TIME_CHARACTERS = 16, DATE_CHARACTERS = 8 };

typedef struct signed_parts {
    dyn_bytes credential; /* access key, and its scope */
    dyn_bytes signed_headers;
    dyn_bytes signature;
    dyn_bytes access_key;
    sigv4_scope scope;
    dyn_bytes time; /* of the request: 20260120T123600Z */
    int64_t time_ms;
} signed_parts;

/* ---------------------------------------------------------------- reading --
 */

static dyn_bytes take_until(dyn_bytes *text, const char *separators)
{
    dyn_bytes taken = {text->data, 0};
    while (taken.size_bytes < text->size_bytes &&
           strchr(separators, text->data[taken.size_bytes]) == NULL)
        taken.size_bytes++;
    size_t gone =
        taken.size_bytes + (taken.size_bytes < text->size_bytes ? 1 : 0);
    if (gone > 0) text->data += gone;
    text->size_bytes -= gone;
    return taken;
}

static void read_parts(dyn_bytes rest, signed_parts *out)
{
    while (rest.size_bytes > 0) {
        dyn_bytes value = take_until(&rest, ", \t");
        dyn_bytes name = take_until(&value, "=");
        if (dyn_bytes_equal_text(name, "Credential")) out->credential = value;
        if (dyn_bytes_equal_text(name, "SignedHeaders"))
            out->signed_headers = value;
        if (dyn_bytes_equal_text(name, "Signature")) out->signature = value;
    }
}

static const char *missing(dyn_bytes part, const char *message)
{
    return part.size_bytes == 0 ? message : "";
}

/* All that is missing is told at once. */
static dyn_status check_parts(dyn_call *call, dyn_bytes header,
                              const signed_parts *read)
{
    if (read->credential.size_bytes > 0 && read->signature.size_bytes > 0 &&
        read->signed_headers.size_bytes > 0 && read->time.size_bytes > 0)
        return DYN_OK;
    return dyn_fail_as(
        call, INCOMPLETE, "%s%s%s%sAuthorization=%.*s",
        missing(read->credential, "Authorization header requires 'Credential' "
                                  "parameter. "),
        missing(read->signature, "Authorization header requires 'Signature' "
                                 "parameter. "),
        missing(read->signed_headers,
                "Authorization header requires 'SignedHeaders' parameter. "),
        missing(read->time, "Authorization header requires existence of either "
                            "a 'X-Amz-Date' or a 'Date' header. "),
        SHOWN(header));
}

/* ACCESS_KEY/20260120/us-east-1/dynamodb/aws4_request. */
static dyn_status read_credential(dyn_call *call, signed_parts *out)
{
    dyn_bytes rest = out->credential;
    out->access_key = take_until(&rest, "/");
    out->scope.date = take_until(&rest, "/");
    out->scope.region = take_until(&rest, "/");
    out->scope.service = take_until(&rest, "/");
    if (out->access_key.size_bytes == 0 || out->scope.service.size_bytes == 0 ||
        rest.size_bytes == 0 ||
        memchr(rest.data, '/', rest.size_bytes) != NULL) {
        return dyn_fail_as(call, INCOMPLETE,
                           "Credential must have exactly 5 slash-delimited "
                           "elements, e.g. keyid/date/region/service/term, "
                           "got '%.*s'",
                           SHOWN(out->credential));
    }
    if (!dyn_bytes_equal_text(rest, "aws4_request")) {
        return dyn_fail_as(call, INVALID,
                           "Credential should be scoped with a valid "
                           "terminator: 'aws4_request', not '%.*s'.",
                           SHOWN(rest));
    }
    if (!dyn_bytes_equal_text(out->scope.service, "dynamodb")) {
        return dyn_fail_as(call, INVALID,
                           "Credential should be scoped to correct service: "
                           "'dynamodb'. ");
    }
    return DYN_OK;
}

/* ------------------------------------------------------------------- time --
 */

static bool read_digits(dyn_bytes text, size_t at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        unsigned char byte = text.data[at + (size_t)i];
        if (byte < '0' || byte > '9') return false;
        *out = *out * 10 + (byte - '0');
    }
    return true;
}

static bool read_time(dyn_bytes text, int64_t *out)
{
    dyn_date date = {.millisecond = 0};
    if (text.size_bytes != TIME_CHARACTERS || text.data[8] != 'T' ||
        text.data[15] != 'Z' || !read_digits(text, 0, 4, &date.year) ||
        !read_digits(text, 4, 2, &date.month) ||
        !read_digits(text, 6, 2, &date.day) ||
        !read_digits(text, 9, 2, &date.hour) ||
        !read_digits(text, 11, 2, &date.minute) ||
        !read_digits(text, 13, 2, &date.second))
        return false;
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
        return false;
    *out = dyn_date_ms(&date);
    return true;
}

static char *time_text(dyn_call *call, int64_t time_ms)
{
    dyn_date date = dyn_date_of(time_ms);
    return dyn_format(call, "%04d%02d%02dT%02d%02d%02dZ", date.year, date.month,
                      date.day, date.hour, date.minute, date.second);
}

static dyn_status check_date(dyn_call *call, signed_parts *out)
{
    if (!read_time(out->time, &out->time_ms)) {
        return dyn_fail_as(call, INCOMPLETE,
                           "Date must be in ISO-8601 'basic format'. Got "
                           "'%.*s'. See http://en.wikipedia.org/wiki/ISO_8601",
                           SHOWN(out->time));
    }
    dyn_bytes day = {out->time.data, DATE_CHARACTERS};
    if (dyn_bytes_equal(day, out->scope.date)) return DYN_OK;
    return dyn_fail_as(call, INVALID,
                       "Date in Credential scope does not match YYYYMMDD from "
                       "ISO-8601 version of date from HTTP: '%.*s' != '%.*s', "
                       "from '%.*s'.",
                       SHOWN(out->scope.date), SHOWN(day), SHOWN(out->time));
}

static dyn_status check_skew(dyn_call *call, const signed_parts *read,
                             int64_t now_ms)
{
    const int64_t skew_ms = (int64_t)AUTHORIZATION_SKEW_SECONDS * 1000;
    bool is_old = read->time_ms < now_ms - skew_ms;
    if (!is_old && read->time_ms <= now_ms + skew_ms) return DYN_OK;
    char *now = time_text(call, now_ms);
    char *limit = time_text(call, is_old ? now_ms - skew_ms : now_ms + skew_ms);
    if (now == NULL || limit == NULL) return DYN_NOMEM;
    if (is_old) {
        return dyn_fail_as(call, INVALID,
                           "Signature expired: %.*s is now earlier than %s "
                           "(%s - 15 min.)",
                           SHOWN(read->time), limit, now);
    }
    return dyn_fail_as(call, INVALID,
                       "Signature not yet current: %.*s is still later than %s "
                       "(%s + 15 min.)",
                       SHOWN(read->time), limit, now);
}

/* --------------------------------------------------------------- checking --
 */

static bool is_signed(dyn_bytes names, const char *name)
{
    while (names.size_bytes > 0) {
        if (dyn_bytes_equal_text(take_until(&names, ";"), name)) return true;
    }
    return false;
}

/* What says where a request goes, and what it does, has to be signed. */
static dyn_status check_signed(dyn_call *call, const http_request *request,
                               dyn_bytes names)
{
    if (!is_signed(names, "host")) {
        return dyn_fail_as(call, INVALID,
                           "'Host' or ':authority' must be a 'SignedHeader' in "
                           "the AWS Authorization.");
    }
    static const char *const required[] = {"x-amz-target", "x-amz-date"};
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (http_request_header(request, required[i]).data == NULL ||
            is_signed(names, required[i]))
            continue;
        return dyn_fail_as(call, INVALID,
                           "'%s' must be a 'SignedHeader' in the AWS "
                           "Authorization.",
                           required[i]);
    }
    return DYN_OK;
}

static dyn_status compare(dyn_call *call, dyn_bytes secret,
                          const http_request *request, const signed_parts *read)
{
    dyn_bytes canonical;
    dyn_bytes text;
    char wanted[SIGV4_HEX_CHARACTERS + 1];
    DYN_TRY(sigv4_canonical(call, request, read->signed_headers, &canonical));
    DYN_TRY(
        sigv4_text_to_sign(call, read->time, &read->scope, canonical, &text));
    DYN_TRY(sigv4_sign(call, secret, &read->scope, text, wanted));
    if (read->signature.size_bytes == SIGV4_HEX_CHARACTERS &&
        CRYPTO_memcmp(read->signature.data, wanted, SIGV4_HEX_CHARACTERS) == 0)
        return DYN_OK;
    return dyn_fail_as(
        call, INVALID,
        "The request signature we calculated does not match the signature you "
        "provided. Check your AWS Secret Access Key and signing method. "
        "Consult the service documentation for details.");
}

static dyn_status read_authorization(dyn_call *call,
                                     const http_request *request,
                                     signed_parts *out)
{
    dyn_bytes header = http_request_header(request, "authorization");
    dyn_bytes rest = header;
    dyn_bytes algorithm = take_until(&rest, " ");
    if (!dyn_bytes_begin_with(algorithm, dyn_bytes_text("AWS4-"))) {
        return dyn_fail_as(call, "MissingAuthenticationTokenException",
                           "Request is missing Authentication Token");
    }
    if (!dyn_bytes_equal_text(algorithm, ALGORITHM)) {
        return dyn_fail_as(call, INCOMPLETE,
                           "Unsupported AWS 'algorithm': '%.*s'.",
                           SHOWN(algorithm));
    }
    *out = (signed_parts){.time = http_request_header(request, "x-amz-date")};
    if (out->time.data == NULL)
        out->time = http_request_header(request, "date");
    read_parts(rest, out);
    DYN_TRY(check_parts(call, header, out));
    DYN_TRY(read_credential(call, out));
    return check_date(call, out);
}

dyn_status authorization_check(dyn_call *call,
                               const credential_list *credentials,
                               const http_request *request, int64_t now_ms)
{
    signed_parts read = {.time_ms = 0};
    DYN_TRY(read_authorization(call, request, &read));
    dyn_bytes secret = credentials_secret(credentials, read.access_key);
    if (secret.data == NULL) {
        return dyn_fail_as(call, "UnrecognizedClientException",
                           "The security token included in the request is "
                           "invalid.");
    }
    DYN_TRY(check_signed(call, request, read.signed_headers));
    DYN_TRY(check_skew(call, &read, now_ms));
    return compare(call, secret, request, &read);
}

/* Operations of a service; the contracts are in service.h. */
#include "service.h"

#include "base/exception.h"
#include "bridge.h"
#include "http.h"

enum {
    BACKOFF_MS_FIRST = 50,
    BACKOFF_MS_MAX = 5000,
    STATUS_OK = 200,
    STATUS_MANY = 429, /* requests */
    STATUS_SERVER = 500,
};

struct remote_service {
    sqlite3 *db;                     /* borrowed */
    const remote_settings *settings; /* borrowed */
    http_connection *connection;     /* owned */
    dyn_call memory;                 /* of the credentials */
    remote_credentials credentials;
};

dyn_status remote_service_open(dyn_call *call, sqlite3 *db,
                               const remote_settings *settings,
                               remote_service **out)
{
    remote_service *service = sqlite3_malloc64(sizeof(*service));
    if (service == NULL) return dyn_fail_nomem(call);
    service->db = db;
    service->settings = settings;
    service->connection = NULL;
    dyn_call_begin(&service->memory);
    dyn_status status = remote_credentials_find(
        &service->memory, settings->profile, &service->credentials);
    if (status != DYN_OK) dyn_call_take_error(call, &service->memory);
    if (status == DYN_OK) status = http_open(call, &service->connection);
    if (status != DYN_OK) {
        remote_service_close(service);
        return status;
    }
    *out = service;
    return DYN_OK;
}

void remote_service_close(remote_service *service)
{
    if (service == NULL) return;
    http_close(service->connection);
    dyn_call_end(&service->memory);
    sqlite3_free(service);
}

int64_t remote_service_attempts(const remote_service *service)
{
    return service->settings->attempts;
}

/* ------------------------------------------------------------ exceptions -- */

typedef struct exception_kind {
    const char *name;
    dyn_status status;
    bool is_passing; /* the same request may be done at another try */
    bool is_told;    /* the message alone does not tell it */
} exception_kind;

/* Their names are literals, as those of errors have to be. */
static const exception_kind exceptions[] = {
    {"ConditionalCheckFailedException", DYN_CONDITION_FAILED, false, false},
    {"ResourceNotFoundException", DYN_NOT_FOUND, false, false},
    {"ProvisionedThroughputExceededException", DYN_THROTTLED, true, false},
    {"ThrottlingException", DYN_THROTTLED, true, false},
    {"RequestLimitExceeded", DYN_THROTTLED, true, false},
    {"TransactionConflictException", DYN_THROTTLED, true, false},
    {"ReplicatedWriteConflictException", DYN_REPLICA_CONFLICT, true, false},
    {"InternalServerError", DYN_INVALID, true, true},
    {"ServiceUnavailable", DYN_INVALID, true, true},
    {"ValidationException", DYN_INVALID, false, false},
};

static const exception_kind *find_kind(dyn_bytes name)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        if (dyn_bytes_equal_text(name, exceptions[i].name))
            return &exceptions[i];
    }
    return NULL;
}

/* What a service tells of a failure. */
typedef struct failure {
    dyn_bytes name; /* no data: it tells nothing that can be read */
    dyn_bytes message;
    const exception_kind *kind; /* NULL: none of those above */
    const dyn_json *reasons;    /* of throttling, or NULL */
} failure;

static dyn_bytes text_member(const dyn_json *object, const char *name)
{
    const dyn_json *member = dyn_json_member(object, name);
    if (member == NULL || member->type != DYN_JSON_STRING)
        return (dyn_bytes){NULL, 0};
    return member->text;
}

/* Behind the last '#'. */
static dyn_bytes short_name(dyn_bytes name)
{
    for (size_t i = name.size_bytes; i > 0; i--) {
        if (name.data[i - 1] == '#')
            return (dyn_bytes){name.data + i, name.size_bytes - i};
    }
    return name;
}

/* An answer that is no JSON tells nothing. Fails with DYN_NOMEM. */
static dyn_status read_failure(dyn_call *call, dyn_bytes body, failure *out)
{
    const dyn_json *json = NULL;
    dyn_call within;
    *out = (failure){.kind = NULL};
    dyn_call_begin(&within);
    dyn_status status =
        dyn_json_parse(&within, body, DYN_JSON_DEPTH_MAX, &json);
    dyn_call_end(&within);
    if (status == DYN_NOMEM) return dyn_fail_nomem(call);
    if (status != DYN_OK) return DYN_OK;
    DYN_TRY(dyn_json_parse(call, body, DYN_JSON_DEPTH_MAX, &json));
    out->name = short_name(text_member(json, "__type"));
    out->message = text_member(json, "message");
    if (out->message.data == NULL) out->message = text_member(json, "Message");
    out->kind = find_kind(out->name);
    out->reasons = dyn_json_member(json, "ThrottlingReasons");
    return DYN_OK;
}

static dyn_status add_reasons(dyn_call *call, const dyn_json *reasons)
{
    dyn_buffer members;
    dyn_bytes text = {NULL, 0};
    dyn_buffer_begin(&members, call, 256);
    dyn_buffer_add_text(&members, "{\"ThrottlingReasons\":");
    dyn_json_write(&members, reasons);
    dyn_buffer_add_byte(&members, '}');
    DYN_TRY(dyn_buffer_end(&members, &text));
    call->error.members = (const char *)text.data;
    return DYN_OK;
}

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* With its own status. Where its name is not told by that, or by SQL, the
 * message has it. */
static dyn_status fail_exception(dyn_call *call, const failure *told)
{
    const exception_kind *kind = told->kind;
    if (dyn_bytes_begin_with(told->message, dyn_bytes_text("Item size")))
        return dyn_fail(call, DYN_TOO_LARGE, "%.*s", SHOWN(told->message));
    if (kind == NULL || kind->is_told) {
        dyn_fail(call, kind == NULL ? DYN_INVALID : kind->status, "%.*s: %.*s",
                 SHOWN(told->name), SHOWN(told->message));
        call->error.name = ""; /* it is in the message */
        return call->error.status;
    }
    if (told->reasons != NULL) DYN_TRY(add_reasons(call, told->reasons));
    const char *members = call->error.members;
    dyn_fail(call, kind->status, "%.*s", SHOWN(told->message));
    call->error.name = kind->name;
    call->error.members = members;
    return kind->status;
}

/* ----------------------------------------------------------------- tries -- */

/* What came of a try. */
typedef struct attempt {
    http_answer answer;
    failure told; /* unless the answer is right */
    int lost;     /* how often the request was sent, in all tries so far,
                   * without an answer that tells whether it was done */
} attempt;

static bool is_right(const attempt *last)
{
    return last->answer.problem == NULL && last->answer.status == STATUS_OK;
}

/* Whether the answer tells what became of the request. */
static bool is_told(const attempt *last)
{
    return last->answer.problem == NULL && last->answer.status < STATUS_SERVER;
}

static bool is_worth_another(const attempt *last)
{
    if (last->answer.problem != NULL) return last->answer.is_passing;
    return last->answer.status >= STATUS_SERVER ||
           last->answer.status == STATUS_MANY ||
           (last->told.kind != NULL && last->told.kind->is_passing);
}

static dyn_status try_once(dyn_call *call, remote_service *service,
                           const http_request *request, attempt *out)
{
    out->told = (failure){.kind = NULL};
    DYN_TRY(http_post(call, service->connection, request, &out->answer));
    out->lost += out->answer.sent - (is_told(out) ? 1 : 0);
    if (is_right(out) || out->answer.problem != NULL) return DYN_OK;
    return read_failure(call, out->answer.body, &out->told);
}

static dyn_status fail_unreachable(dyn_call *call,
                                   const remote_service *service,
                                   const char *problem, int64_t tries)
{
    const char *text =
        dyn_format(call, "%s: %s (tried %lld times)",
                   service->settings->endpoint, problem, (long long)tries);
    if (text == NULL) return DYN_NOMEM;
    return dyn_fail_sqlite(call, SQLITE_CANTOPEN, text);
}

/* A condition that failed may have been met, and the write done, by an earlier
 * try whose answer was lost. */
static dyn_status fail_try(dyn_call *call, const remote_service *service,
                           const attempt *last, int64_t tries)
{
    if (last->answer.problem != NULL)
        return fail_unreachable(call, service, last->answer.problem, tries);
    if (last->told.name.data == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "%s: HTTP status %ld without an exception (tried %lld "
                        "times)",
                        service->settings->endpoint, last->answer.status,
                        (long long)tries);
    }
    dyn_status status = fail_exception(call, &last->told);
    if (status != DYN_CONDITION_FAILED || last->lost == 0) return status;
    return dyn_fail(call, status,
                    "%.*s. The request was sent %d times: an earlier try may "
                    "have done it",
                    SHOWN(last->told.message), last->lost + 1);
}

dyn_status remote_service_check(dyn_call *call, remote_service *service)
{
    return bridge_run(call, service->db, "SELECT 1");
}

dyn_status remote_service_wait(dyn_call *call, remote_service *service,
                               int64_t tries)
{
    int64_t bound_ms = BACKOFF_MS_FIRST;
    unsigned random = 0;
    for (int64_t i = 1; i < tries && bound_ms < BACKOFF_MS_MAX; i++)
        bound_ms *= 2;
    if (bound_ms > BACKOFF_MS_MAX) bound_ms = BACKOFF_MS_MAX;
    sqlite3_randomness(sizeof(random), &random);
    int wait_ms = (int)((int64_t)random % (bound_ms + 1));
    if (wait_ms > 0) sqlite3_sleep(wait_ms);
    return remote_service_check(call, service);
}

dyn_status remote_fail_answer(dyn_call *call, const remote_service *service,
                              const char *operation, const char *problem)
{
    return dyn_fail(call, DYN_INVALID, "the answer of %s to %s is broken: %s",
                    service->settings->endpoint, operation, problem);
}

static dyn_status read_answer(dyn_call *call, const remote_service *service,
                              const char *operation, dyn_bytes body,
                              const dyn_json **out)
{
    dyn_status status = dyn_json_parse(call, body, DYN_JSON_DEPTH_MAX, out);
    if (status == DYN_INVALID) {
        const char *problem = dyn_format(call, "%s", call->error.message);
        if (problem == NULL) return DYN_NOMEM;
        return remote_fail_answer(call, service, operation, problem);
    }
    if (status == DYN_OK && (*out)->type != DYN_JSON_OBJECT)
        return remote_fail_answer(call, service, operation, "it is no object");
    return status;
}

dyn_status remote_service_call(dyn_call *call, remote_service *service,
                               const char *operation, dyn_bytes request,
                               const dyn_json **out)
{
    const remote_settings *settings = service->settings;
    http_request post = {
        .url = settings->endpoint,
        .region = settings->region,
        .credentials = &service->credentials,
        .target = dyn_format(call, "DynamoDB_20120810.%s", operation),
        .body = request,
        .timeout_ms = settings->timeout_ms,
    };
    attempt last = {.lost = 0};
    int64_t tries = 1;
    if (post.target == NULL) return DYN_NOMEM;
    DYN_TRY(try_once(call, service, &post, &last));
    while (!is_right(&last) && is_worth_another(&last) &&
           tries < settings->attempts) {
        DYN_TRY(remote_service_wait(call, service, tries++));
        DYN_TRY(try_once(call, service, &post, &last));
    }
    if (!is_right(&last)) return fail_try(call, service, &last, tries);
    return read_answer(call, service, operation, last.answer.body, out);
}

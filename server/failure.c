/* Exceptions on the wire; the contract is in failure.h. */
#include "failure.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "item/json.h"

#define CONTENT_TYPE "application/x-amz-json-1.0"
#define DYNAMODB     "com.amazonaws.dynamodb.v20120810"
#define CORAL        "com.amazon.coral.service"
#define INTERNAL     "InternalServerError"

/* What is different from the usual: the names of shapes in the service's model
 * are in its own namespace, others in those of its framework. A member
 * `Message` is spelled as the shape has it. */
static const struct {
    const char *name;
    const char *space;
    const char *message;
    unsigned status;
} kinds[] = {
    {INTERNAL, DYNAMODB, "message", 500},
    {"ServiceUnavailable", CORAL, "message", 503},
    {"RequestEntityTooLargeException", CORAL, "message", 413},
    {"ValidationException", "com.amazon.coral.validate", "message", 400},
    {"SerializationException", CORAL, "Message", 400},
    {"UnknownOperationException", CORAL, "message", 400},
    {"AccessDeniedException", CORAL, "Message", 400},
    {"ServiceQuotaExceededException", CORAL, "message", 400},
    {"MissingAuthenticationTokenException", CORAL, "message", 400},
    {"IncompleteSignatureException", CORAL, "message", 400},
    {"InvalidSignatureException", CORAL, "message", 400},
    {"UnrecognizedClientException", CORAL, "message", 400},
    {"IdempotentParameterMismatchException", DYNAMODB, "Message", 400},
    {"TransactionCanceledException", DYNAMODB, "Message", 400},
    {"TransactionInProgressException", DYNAMODB, "Message", 400},
    {NULL, DYNAMODB, "message", 400}, /* all others */
};

typedef struct wire_exception {
    dyn_bytes name;
    dyn_bytes message;
    dyn_bytes members; /* a JSON object; empty when there are none */
} wire_exception;

static size_t find_kind(dyn_bytes name)
{
    size_t i = 0;
    while (kinds[i].name != NULL && !dyn_bytes_equal_text(name, kinds[i].name))
        i++;
    return i;
}

/* Members are the last line, if that is an object; an empty one has none. */
static void split_members(dyn_call *call, wire_exception *out)
{
    const dyn_json *json = NULL;
    size_t at = out->message.size_bytes;
    while (at > 0 && out->message.data[at - 1] != '\n')
        at--;
    dyn_bytes line = {out->message.data + at, out->message.size_bytes - at};
    if (at == 0 || line.size_bytes == 0 || line.data[0] != '{' ||
        dyn_json_parse(call, line, DYN_JSON_DEPTH_MAX, &json) != DYN_OK)
        return;
    out->message.size_bytes = at - 1;
    if (json->count > 0) out->members = line;
}

/* Names are words. What SQLite itself says may have a colon, too. */
static wire_exception read_exception(dyn_call *call, dyn_bytes text)
{
    wire_exception out = {dyn_bytes_text(INTERNAL), text, {NULL, 0}};
    size_t at = 0;
    while (at < text.size_bytes && isalpha(text.data[at]))
        at++;
    if (at > 0 && at + 1 < text.size_bytes && text.data[at] == ':' &&
        text.data[at + 1] == ' ') {
        out.name.data = text.data;
        out.name.size_bytes = at;
        out.message.data = text.data + at + 2;
        out.message.size_bytes = text.size_bytes - at - 2;
        split_members(call, &out);
    }
    return out;
}

dyn_status failure_answer(dyn_call *call, dyn_bytes text, http_answer *answer)
{
    const wire_exception read = read_exception(call, text);
    const size_t kind = find_kind(read.name);
    dyn_buffer body;
    dyn_buffer_begin(&body, call, text.size_bytes + sizeof(DYNAMODB) + 64);
    dyn_buffer_add_text(&body, "{\"__type\":\"");
    dyn_buffer_add_text(&body, kinds[kind].space);
    dyn_buffer_add_byte(&body, '#');
    dyn_buffer_add_bytes(&body, read.name);
    dyn_buffer_add_text(&body, "\",\"");
    dyn_buffer_add_text(&body, kinds[kind].message);
    dyn_buffer_add_text(&body, "\":");
    dyn_json_write_string(&body, read.message);
    if (read.members.size_bytes > 0) {
        dyn_buffer_add_byte(&body, ',');
        dyn_buffer_add(&body, read.members.data + 1,
                       read.members.size_bytes - 1);
    } else {
        dyn_buffer_add_byte(&body, '}');
    }
    answer->status = kinds[kind].status;
    answer->content_type = CONTENT_TYPE;
    return dyn_buffer_end(&body, &answer->body);
}

void failure_answer_nomem(http_answer *answer)
{
    answer->status = kinds[0].status;
    answer->content_type = CONTENT_TYPE;
    answer->body = dyn_bytes_text("{\"__type\":\"" DYNAMODB "#" INTERNAL
                                  "\",\"message\":\"out of memory\"}");
}

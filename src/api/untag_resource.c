/* UntagResource. */
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"
#include "api/tagged.h"
#include "engine/tags.h"

static const dyn_shape_member members[] = {
    {"ResourceArn", &dyn_shape_resource_arn, false},
    {"TagKeys", &dyn_shape_tag_keys, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UntagResourceInput",
                                .members = members};

static dyn_status untag_resource(dyn_call *call, const dyn_host *host,
                                 const dyn_json *request, dyn_buffer *response)
{
    (void)response;
    dyn_table *table = NULL;
    const dyn_json *keys = dyn_request_member(request, "TagKeys");
    DYN_TRY(dyn_tagged_check(call, request, "UntagResource"));
    if (keys == NULL) return dyn_tagged_fail_null(call, "tagKeys");
    if (keys->count == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "Atleast one Tag Key needs to be provided as Input.");
    }
    DYN_TRY(host->begin_atomic(host->context, call));
    dyn_status status = dyn_tagged_find(call, host, request, true, &table);
    if (status == DYN_NOT_FOUND) {
        return dyn_fail(call, status, "Requested resource not found");
    }
    if (status != DYN_OK) return status;
    for (const dyn_json *c = keys->first; c != NULL; c = c->next)
        DYN_TRY(dyn_tag_remove(call, table, c->text));
    return DYN_OK;
}

const dyn_operation dyn_operation_untag_resource = {"UntagResource", &input,
                                                    untag_resource};

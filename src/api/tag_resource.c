/* TagResource. */
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"
#include "api/tagged.h"
#include "engine/tags.h"

static const dyn_shape_member members[] = {
    {"ResourceArn", &dyn_shape_resource_arn, false},
    {"Tags", &dyn_shape_tags, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "TagResourceInput",
                                .members = members};

static dyn_status check_count(dyn_call *call, dyn_table *table)
{
    dyn_meta_row *rows = NULL;
    size_t count = 0;
    DYN_TRY(dyn_tags_list(call, table, &rows, &count));
    if (count <= DYN_TAGS_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: Too many Tags: "
                    "a table has up to %d",
                    DYN_TAGS_MAX);
}

static dyn_status tag_resource(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    (void)response;
    dyn_table *table = NULL;
    const dyn_json *tags = dyn_request_member(request, "Tags");
    DYN_TRY(dyn_tagged_check(call, request, "TagResource"));
    if (tags == NULL) return dyn_tagged_fail_null(call, "tags");
    if (tags->count == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "Atleast one Tag needs to be provided as Input.");
    }
    DYN_TRY(dyn_table_check_tags(call, tags));
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_tagged_find(call, host, request, true, &table));
    for (const dyn_json *c = tags->first; c != NULL; c = c->next) {
        DYN_TRY(dyn_tag_set(call, table, dyn_request_text(c, "Key"),
                            dyn_request_text(c, "Value")));
    }
    return check_count(call, table);
}

const dyn_operation dyn_operation_tag_resource = {"TagResource", &input,
                                                  tag_resource};

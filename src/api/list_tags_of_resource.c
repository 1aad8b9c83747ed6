/* ListTagsOfResource: all in one page, for a table has no more than 50. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table_shape.h"
#include "api/tagged.h"
#include "engine/tags.h"

static const dyn_shape_member members[] = {
    {"ResourceArn", &dyn_shape_resource_arn, false},
    {"NextToken", &dyn_shape_string, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ListTagsOfResourceInput",
                                .members = members};

static dyn_status list_tags(dyn_call *call, const dyn_host *host,
                            const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_meta_row *rows = NULL;
    size_t count = 0;
    DYN_TRY(dyn_tagged_check(call, request, "ListTagsOfResource"));
    if (dyn_request_member(request, "NextToken") != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid NextToken: all tags are in the first page");
    }
    DYN_TRY(dyn_tagged_find(call, host, request, false, &table));
    DYN_TRY(dyn_tags_list(call, table, &rows, &count));
    dyn_response_name(response, "Tags");
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < count; i++) {
        dyn_response_element(response);
        dyn_buffer_add_byte(response, '{');
        dyn_response_text(response, "Key", rows[i].name);
        dyn_response_text(response, "Value", rows[i].text);
        dyn_buffer_add_byte(response, '}');
    }
    dyn_buffer_add_byte(response, ']');
    return DYN_OK;
}

const dyn_operation dyn_operation_list_tags_of_resource = {"ListTagsOfResource",
                                                           &input, list_tags};

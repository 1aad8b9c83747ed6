/* The shapes that several operations have in common, as the reference has them;
 * shape.h lists them. */
#include "api/shape.h"

const dyn_shape dyn_shape_string = {.kind = DYN_SHAPE_STRING, .is_free = true};
const dyn_shape dyn_shape_boolean = {.kind = DYN_SHAPE_BOOLEAN,
                                     .is_free = true};
const dyn_shape dyn_shape_strings = {
    .kind = DYN_SHAPE_LIST, .is_free = true, .element = &dyn_shape_string};

const dyn_shape dyn_shape_name = {.kind = DYN_SHAPE_STRING,
                                  .has_min = true,
                                  .min = 3,
                                  .has_max = true,
                                  .max = 255,
                                  .is_name = true};
const dyn_shape dyn_shape_table = {.kind = DYN_SHAPE_STRING,
                                   .has_min = true,
                                   .min = 1,
                                   .has_max = true,
                                   .max = 1024};
const dyn_shape dyn_shape_positive = {
    .kind = DYN_SHAPE_INTEGER, .has_min = true, .min = 1, .is_bare = true};
const dyn_shape dyn_shape_attribute_name = {.kind = DYN_SHAPE_STRING,
                                            .has_min = true,
                                            .min = 1,
                                            .has_max = true,
                                            .max = 255};

/* ---------------------------------------------------------------- values -- */

static const dyn_shape blob = {.kind = DYN_SHAPE_BLOB, .is_free = true};
static const dyn_shape blobs = {
    .kind = DYN_SHAPE_LIST, .is_free = true, .element = &blob};

static const dyn_shape_member value_members[] = {
    {"S", &dyn_shape_string, false},
    {"N", &dyn_shape_string, false},
    {"B", &blob, false},
    {"SS", &dyn_shape_strings, false},
    {"NS", &dyn_shape_strings, false},
    {"BS", &blobs, false},
    {"M", &dyn_shape_item, false},
    {"L", &dyn_shape_values, false},
    {"NULL", &dyn_shape_boolean, false},
    {"BOOL", &dyn_shape_boolean, false},
    {NULL, NULL, false},
};

const dyn_shape dyn_shape_value = {.kind = DYN_SHAPE_STRUCTURE,
                                   .is_free = true,
                                   .class_name = "AttributeValue",
                                   .members = value_members};
const dyn_shape dyn_shape_values = {
    .kind = DYN_SHAPE_LIST, .is_free = true, .element = &dyn_shape_value};
const dyn_shape dyn_shape_item = {
    .kind = DYN_SHAPE_MAP, .is_free = true, .element = &dyn_shape_value};
const dyn_shape dyn_shape_names = {
    .kind = DYN_SHAPE_MAP, .is_free = true, .element = &dyn_shape_string};

/* ---------------------------------------------------------------- legacy -- */

static const char *const comparison_words[] = {
    "EQ",       "NE",           "IN",          "LE",       "LT",
    "GE",       "GT",           "BETWEEN",     "NOT_NULL", "NULL",
    "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", NULL,
};
static const dyn_shape comparison = {.kind = DYN_SHAPE_STRING,
                                     .words = comparison_words};

static const dyn_shape_member condition_members[] = {
    {"AttributeValueList", &dyn_shape_values, false},
    {"ComparisonOperator", &comparison, true},
    {NULL, NULL, false},
};
static const dyn_shape condition = {.kind = DYN_SHAPE_STRUCTURE,
                                    .class_name = "Condition",
                                    .members = condition_members};
const dyn_shape dyn_shape_filters = {.kind = DYN_SHAPE_MAP,
                                     .element = &condition};

static const dyn_shape_member expected_members[] = {
    {"Value", &dyn_shape_value, false},
    {"Exists", &dyn_shape_boolean, false},
    {"ComparisonOperator", &comparison, false},
    {"AttributeValueList", &dyn_shape_values, false},
    {NULL, NULL, false},
};
static const dyn_shape expected = {.kind = DYN_SHAPE_STRUCTURE,
                                   .class_name = "ExpectedAttributeValue",
                                   .members = expected_members};
const dyn_shape dyn_shape_expected = {.kind = DYN_SHAPE_MAP,
                                      .element = &expected};

const dyn_shape dyn_shape_to_get = {.kind = DYN_SHAPE_LIST,
                                    .has_min = true,
                                    .min = 1,
                                    .element = &dyn_shape_string};

/* ----------------------------------------------------------------- words -- */

static const char *const conditional_operator_words[] = {"AND", "OR", NULL};
const dyn_shape dyn_shape_conditional_operator = {
    .kind = DYN_SHAPE_STRING, .words = conditional_operator_words};

static const char *const return_capacity_words[] = {"INDEXES", "TOTAL", "NONE",
                                                    NULL};
const dyn_shape dyn_shape_return_capacity = {.kind = DYN_SHAPE_STRING,
                                             .words = return_capacity_words};

static const char *const return_metrics_words[] = {"SIZE", "NONE", NULL};
const dyn_shape dyn_shape_return_metrics = {.kind = DYN_SHAPE_STRING,
                                            .words = return_metrics_words};

static const char *const return_values_words[] = {
    "NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW", NULL};
const dyn_shape dyn_shape_return_values = {.kind = DYN_SHAPE_STRING,
                                           .words = return_values_words};

static const char *const return_failed_words[] = {"ALL_OLD", "NONE", NULL};
const dyn_shape dyn_shape_return_failed = {.kind = DYN_SHAPE_STRING,
                                           .words = return_failed_words};

static const char *const select_words[] = {"SPECIFIC_ATTRIBUTES", "COUNT",
                                           "ALL_ATTRIBUTES",
                                           "ALL_PROJECTED_ATTRIBUTES", NULL};
const dyn_shape dyn_shape_select = {.kind = DYN_SHAPE_STRING,
                                    .words = select_words};

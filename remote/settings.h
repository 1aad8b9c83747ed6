/*
 * Where a table is: the arguments of CREATE VIRTUAL TABLE ... USING
 * dynamo_remote(...).
 *
 *   argument    table = 'orders'        the name that it has there
 *             | endpoint = 'https://…'  that of the region, if it is not said
 *             | region = 'eu-west-1'    AWS_REGION, or us-east-1
 *             | profile = 'name'        of the file of credentials
 *             | timeout_ms = n          for one try; 10000
 *             | attempts = n            how often a request is tried; 8
 *             | strict = 'plan'         as a table of module dynamo has it
 *             | column                  as a table of module dynamo has it
 */
#ifndef REMOTE_SETTINGS_H
#define REMOTE_SETTINGS_H

#include "base/call.h"

typedef struct remote_settings {
    const char *table; /* NULL: it is not said */
    const char *endpoint;
    const char *region;
    const char *profile; /* NULL: none is named */
    int64_t timeout_ms;
    int64_t attempts;
    const char **columns; /* and `strict`, as they are written */
    size_t column_count;
} remote_settings;

/* What holds where nothing is said, but for the endpoint; in the memory of
 * call. Fails with DYN_NOMEM. */
dyn_status remote_settings_begin(dyn_call *call, remote_settings *out);

/* Check the endpoint, or find that of the region. Fails with DYN_INVALID,
 * DYN_NOMEM. */
dyn_status remote_settings_end(dyn_call *call, remote_settings *settings);

/* Read arguments, in the memory of call, where they are copied to. Fails with
 * DYN_INVALID and what would be right; DYN_NOMEM. */
dyn_status remote_settings_read(dyn_call *call, const char *const *arguments,
                                size_t count, remote_settings *out);

#endif

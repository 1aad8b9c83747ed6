/*
 * What a table is, as its service describes it.
 */
#ifndef REMOTE_DESCRIPTION_H
#define REMOTE_DESCRIPTION_H

#include "engine/table.h"
#include "service.h"

typedef struct remote_description {
    dyn_definition definition;
    dyn_index_state *states; /* of the indexes: whether they can be read, and
                              * their numbers */
} remote_description;

/*
 * Ask for the keys and indexes of the table of settings. The columns are those
 * of the settings, in their order. The key attributes of the table that are not
 * among them stand before them, those of indexes behind. *out is in the memory
 * of call.
 *
 * Fails as remote_service_call(); DYN_INVALID when a column contradicts what
 * the service says.
 */
dyn_status remote_describe(dyn_call *call, remote_service *service,
                           const remote_settings *settings,
                           remote_description *out);

/* Ask for the attribute of time to live: no bytes, when there is none. It is in
 * the memory of call. */
dyn_status remote_describe_ttl(dyn_call *call, remote_service *service,
                               const char *table, dyn_bytes *out);

#endif

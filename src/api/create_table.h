/*
 * Making a table from a request: CreateTable's, or the part of ImportTable's
 * that describes the table.
 *
 * Layer: api.
 */
#ifndef DYN_API_CREATE_TABLE_H
#define DYN_API_CREATE_TABLE_H

#include "api/host.h"
#include "api/shape.h"

extern const dyn_shape dyn_shape_creation; /* TableCreationParameters */

/* Make the table, without what CreateTable says of its tags. What is written is
 * undone if the operation fails. Fails with DYN_INVALID, as a
 * ResourceInUseException where there is one of the name; as host->create(). */
dyn_status dyn_create_table(dyn_call *call, const dyn_host *host,
                            const dyn_json *request, dyn_table **out);

#endif

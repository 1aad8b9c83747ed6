/*
 * The backups of the tables of a schema: copies of all items of a table, and of
 * what it was declared as. They lie in two ordinary tables of the schema, which
 * are made with the first backup: _dynamo_backups has a row for each of them,
 * _dynamo_backup_items their items, many to a row, in the order of their keys.
 * So they stay when their table is dropped or changed.
 *
 * The archive is a store (store.h) of that name. Functions fail as store.h
 * says; a row that is not as it was written is damage. What they give is in the
 * memory of call.
 *
 * Layer: engine. Speaks SQL, as the catalogue does.
 */
#ifndef DYN_ENGINE_BACKUP_H
#define DYN_ENGINE_BACKUP_H

#include "base/buffer.h"
#include "engine/definition.h"
#include "engine/store.h"

typedef struct dyn_backup {
    const char *schema;
    int64_t id; /* within the schema; never used again */
    dyn_bytes name;
    int64_t created_ms; /* since 1970 */
    dyn_bytes table_name;
    dyn_bytes table_id; /* 32 hexadecimal digits */
    int64_t table_created_ms;
    dyn_bytes declaration; /* JSON: the arguments of CREATE VIRTUAL TABLE, and
                            * the names that have numbers (names.h) */
    int64_t items;
    int64_t size_bytes; /* DynamoDB's */
    int64_t parts;
} dyn_backup;

/* The schemas of a connection, in its order. */
dyn_status dyn_backup_schemas(dyn_call *call, struct sqlite3 *db,
                              const char *const **schemas, size_t *count);

/* Open the archive of a schema, to be closed by the caller. Touches nothing
 * stored. */
dyn_status dyn_backup_open(dyn_call *call, struct sqlite3 *db,
                           const char *schema, dyn_store **out);

/* Add the backups that an archive has, as dyn_backup, in the order in which
 * they were made. schema is copied. */
dyn_status dyn_backup_list(dyn_call *call, dyn_store *archive,
                           const char *schema, dyn_buffer *out);

/* Write a backup: begin it, which gives it an id; add its parts; and end it,
 * when its counters are known. */
dyn_status dyn_backup_begin(dyn_call *call, dyn_store *archive,
                            dyn_backup *backup);
dyn_status dyn_backup_add(dyn_call *call, dyn_store *archive,
                          dyn_backup *backup, dyn_bytes part);
dyn_status dyn_backup_end(dyn_call *call, dyn_store *archive,
                          const dyn_backup *backup);

/* Read a part, by its number. */
dyn_status dyn_backup_read(dyn_call *call, dyn_store *archive,
                           const dyn_backup *backup, int64_t part,
                           dyn_bytes *out);

dyn_status dyn_backup_remove(dyn_call *call, dyn_store *archive,
                             const dyn_backup *backup);

/* Fail with DYN_CORRUPT, because what a backup has cannot be. */
dyn_status dyn_backup_fail(dyn_call *call, const dyn_backup *backup);

/* Put a key and its stored item behind the others of a part; take the first of
 * them from it. The second returns false when there is none. */
void dyn_backup_put(dyn_buffer *part, dyn_bytes key, dyn_bytes item);
bool dyn_backup_take(dyn_bytes *part, dyn_bytes *key, dyn_bytes *item);

/* What people call the table, as dyn_table_label(); and the ARN of a backup.
 * Fail with DYN_NOMEM. */
dyn_status dyn_backup_label(dyn_call *call, const dyn_backup *backup,
                            const char **out);
dyn_status dyn_backup_arn(dyn_call *call, const dyn_backup *backup,
                          const char **out);

/* A declaration as a backup has it, and read again. The second fails with
 * DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_backup_declare(dyn_call *call, const dyn_definition *definition,
                              dyn_bytes *out);
dyn_status dyn_backup_definition(dyn_call *call, const dyn_backup *backup,
                                 dyn_definition *out);

#endif

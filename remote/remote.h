/*
 * The entry point of the extension dynamo_remote. SQLite finds it by the name
 * of the file, dynamo_remote.so.
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

struct sqlite3;
struct sqlite3_api_routines;

int sqlite3_dynamoremote_init(struct sqlite3 *db, char **message,
                              const struct sqlite3_api_routines *api);

#endif

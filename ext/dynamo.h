/*
 * dynamo: DynamoDB's model inside SQLite.
 *
 * The interface is SQL. This header is only for a program that links
 * SQLite, and dynamo from its static library libdynamo.a:
 *
 *   sqlite3_auto_extension((void (*)(void))sqlite3_dynamo_init);
 */
#ifndef DYNAMO_H
#define DYNAMO_H

#define DYNAMO_VERSION "0.1.0"

struct sqlite3;
struct sqlite3_api_routines;

/* Register the module `dynamo` and its functions with a connection. Doing so
 * twice is harmless. Returns a SQLite code; *message, when set, is to be freed
 * with sqlite3_free(). */
int sqlite3_dynamo_init(struct sqlite3 *db, char **message,
                        const struct sqlite3_api_routines *api);

#endif

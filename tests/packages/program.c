/*
 * A program that links SQLite and dynamo.c. It runs the SQL of its input, and
 * prints the rows as the sqlite3 shell does. It is C and C++.
 */
#include "dynamo.h"

#include <sqlite3.h>
#include <stdio.h>

static int print_row(void *unused, int count, char **values, char **names)
{
    (void)unused;
    (void)names;
    for (int i = 0; i < count; i++) {
        printf("%s%s", i == 0 ? "" : "|", values[i] == NULL ? "" : values[i]);
    }
    puts("");
    return 0;
}

int main(void)
{
    static char sql[100000];
    sqlite3 *db = NULL;
    char *message = NULL;
    sql[fread(sql, 1, sizeof(sql) - 1, stdin)] = '\0';
    int rc = sqlite3_auto_extension((void (*)(void))sqlite3_dynamo_init);
    if (rc == SQLITE_OK) rc = sqlite3_open(":memory:", &db);
    if (rc == SQLITE_OK) rc = sqlite3_exec(db, sql, print_row, NULL, &message);
    if (rc != SQLITE_OK)
        fprintf(stderr, "%s\n", message == NULL ? "" : message);
    sqlite3_free(message);
    sqlite3_close(db);
    return rc != SQLITE_OK;
}

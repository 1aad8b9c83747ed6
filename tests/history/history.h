/*
 * A checker of histories: each read of a dynamo table shows what the database
 * holds for this reader.
 *
 * A value is written twice in one transaction: into a dynamo table, and as a
 * row of an ordinary one, `history`. So every read of the dynamo table has an
 * answer in plain SQL, and in one transaction both are read from one snapshot.
 * A read outside of a transaction has to show the state of some commit between
 * its begin and its end; `commits` numbers them.
 *
 * An item is made of its key and its value: pad_of(), grp_of() and rank_of() of
 * the value are its other attributes. No value is written twice.
 *
 * Layer: tests. Each worker is a thread with a connection of its own.
 */
#ifndef TESTS_HISTORY_H
#define TESTS_HISTORY_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    TABLES = 2,
    PARTITION_KEYS = 40,
    SORT_KEYS = 10,
    GROUPS = 5,
    RANKS = 11,
    LOG_LINES = 150,
    LAST_SEQUENCE = 1 << 30, /* later than every commit */
};

/* What a worker has done, to be seen at the end. */
enum count {
    COUNT_READS,   /* that were compared in a transaction */
    COUNT_ALONE,   /* that were compared outside of one */
    COUNT_WRITES,  /* changes of items that were made */
    COUNT_COMMITS, /* of transactions that wrote */
    COUNT_UNDONE,  /* rollbacks, also to a savepoint */
    COUNT_REFUSED, /* statements that failed, as they had to */
    COUNT_SCHEMA,  /* tables dropped, restored, renamed, indexes */
    COUNT_FILES,   /* files replaced, attached, vacuumed */
    COUNT_DAMAGE,  /* writes to shadow tables */
    COUNT_BUSY,    /* transactions given up for a lock */
    COUNT_COUNT,
};

/* Memory that all processes share. */
typedef struct shared {
    pthread_rwlock_t idle; /* held for reading by whoever uses the file, for
                            * writing while it is replaced */
    _Atomic bool is_over;
    _Atomic bool has_failed;
    _Atomic bool is_told; /* how */
    _Atomic long counts[COUNT_COUNT];
} shared;

typedef struct worker {
    shared *all;
    const char *file;
    int number; /* of all processes; values are made of it */
    uint64_t seed;
    uint64_t random;
    int64_t serial; /* of values */
    sqlite3 *db;
    bool is_read_only;
    bool has_other;      /* a second file is attached as `other` */
    bool has_written[2]; /* the transaction, to main and other */
    bool is_lost;        /* the transaction has to be given up */
    char *log[LOG_LINES];
    long logged;
} worker;

/* A table as a transaction sees it. */
typedef struct table {
    int number;
    int file; /* 0 main, 1 other */
    const char *schema;
    char name[40]; /* empty: it is not there */
    bool is_damaged;
    bool has_extra; /* the index `extra` */
} table;

/* All rows of a statement, a line each; text is to be freed with
 * sqlite3_free(). */
typedef struct answer {
    int code;
    char *text;
} answer;

/* ---------------------------------------------------------- connection.c -- */

/* Say what failed with the log of the worker, and end the process. */
void history_fail(worker *w, const char *format, ...);

/* A number less than a limit. */
int history_random(worker *w, int limit);
void history_count(const worker *w, enum count what);

void history_open(worker *w, bool is_read_only);
void history_close(worker *w);

/* Run a text of SQL, which printf made with sqlite3's formats. */
answer history_ask(worker *w, const char *format, ...);
int history_run(worker *w, const char *format, ...);
int64_t history_number(worker *w, const char *format, ...);

/* Whether a code tells of a lock: then the transaction is to be given up. */
bool history_is_busy(worker *w, int code);

/* --------------------------------------------------------------- truth.c -- */

/* The ordinary and the dynamo tables of a new file; of schema main. */
void truth_create(worker *w);
const char *truth_declaration(void);

/* The table of a number as it is now; false if it is not there, damaged, or
 * that cannot be read. */
bool truth_table(worker *w, int file, int number, table *out);
bool truth_usable(worker *w, table *out);

/* In plain SQL, the items of a table after a commit: columns pk, sk, v. and is
 * a further condition on pk and sk, which begins with AND, or empty. To be
 * freed with sqlite3_free(). */
char *truth_items(const table *t, int64_t sequence, const char *and);

/* The value of a key, 0 if there is none. */
int64_t truth_value(worker *w, const table *t, const char *pk, int sk);

/* Note a change of a key; value 0: it is removed. */
void truth_note(worker *w, const table *t, const char *pk, int sk,
                int64_t value);

/* -------------------------------------------------------------- reads.c -- */

/* Read in some way, and compare; in a transaction. */
void read_something(worker *w);
void read_key(worker *w, const table *t, const char *pk, int sk);
void read_all(worker *w, const table *t);

/* The same outside of one. */
void read_alone(worker *w);

/* ------------------------------------------------------------- writes.c -- */

void write_something(worker *w);
void write_alone(worker *w); /* in a transaction of its own */
int64_t write_value(worker *w);

/* Begin a transaction, and end it: with COMMIT, or not. */
bool transaction_begin(worker *w, const char *how);
void transaction_commit(worker *w);
void transaction_roll_back(worker *w);

/* Any number of steps in one. */
void transaction_run(worker *w);

/* ------------------------------------------------------------ changes.c -- */

void change_schema(worker *w); /* within a transaction that writes */
void change_leaves(worker *w); /* shadow tables are written; the same */
void damage_leaves(worker *w); /* committed, and mended */
void change_file(worker *w);   /* outside of a transaction */
void replace_file(worker *w);  /* while nobody else uses it */

#endif

/*
 * Which of the changes that SQLite counts for a connection are ours: those of
 * shadow tables, which stores know of, and those of rows of our virtual tables.
 * All others are foreign, and one of them may be of a shadow table.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_OWN_CHANGES_H
#define DYN_ENGINE_OWN_CHANGES_H

#include <stdint.h>

/* Of a connection. */
typedef struct dyn_own_changes {
    int64_t counted; /* by SQLite, of ours */
    int64_t rows;    /* of our virtual tables, and not counted yet: SQLite does
                      * so when their statement ends */
    int64_t foreign; /* as last seen */
} dyn_own_changes;

/* A row of a virtual table has been changed. */
static inline void dyn_own_changes_add_row(dyn_own_changes *own)
{
    own->rows++;
}

/* The statement that has changed rows is rolled back. */
static inline void dyn_own_changes_forget_rows(dyn_own_changes *own)
{
    own->rows = 0;
}

/* A number that every foreign change changes. total is what SQLite counts.
 * Where it cannot tell whose a change is, it counts as foreign. */
static inline int64_t dyn_foreign_changes(dyn_own_changes *own, int64_t total)
{
    int64_t others = total - own->counted;
    if (others == own->foreign) return others;
    if (others == own->foreign + own->rows) {
        own->counted += own->rows;
        others = own->foreign;
    }
    own->foreign = others;
    own->rows = 0;
    return others;
}

#endif

/*
 * PartiQL statements: one SELECT, EXISTS, INSERT, UPDATE or DELETE, in terms of
 * what expressions are made of.
 *
 *   SELECT * | path, ... FROM table[.index] [WHERE condition]
 *     [ORDER BY name [ASC | DESC]]
 *   EXISTS(SELECT ... FROM table WHERE condition)
 *   INSERT INTO table VALUE {'name': value, ...}
 *   UPDATE table (SET path = result, ... | REMOVE path, ...) ...
 *     WHERE condition [RETURNING ALL | MODIFIED  OLD | NEW  *]
 *   DELETE FROM table WHERE condition [RETURNING ALL OLD *]
 *
 * A result is an operand, operand + operand, operand - operand, list_append(),
 * if_not_exists(), set_add(path, set) or set_delete(path, set). Names stand
 * bare or in double quotes, text in single ones. Values are also TRUE, FALSE,
 * NULL, [list], {'map': value}, <<set>>, and ? for the next parameter.
 *
 * parse.h reads a statement. What it means depends on the key of its table:
 * where.h.
 *
 * Layer: partiql.
 */
#ifndef DYN_PARTIQL_STATEMENT_H
#define DYN_PARTIQL_STATEMENT_H

#include "expr/condition.h"
#include "expr/projection.h"
#include "expr/update.h"

typedef enum dyn_statement_kind {
    DYN_STATEMENT_SELECT,
    DYN_STATEMENT_EXISTS,
    DYN_STATEMENT_INSERT,
    DYN_STATEMENT_UPDATE,
    DYN_STATEMENT_DELETE,
} dyn_statement_kind;

typedef enum dyn_returning {
    DYN_RETURNING_NOTHING,
    DYN_RETURNING_ALL_OLD,
    DYN_RETURNING_ALL_NEW,
    DYN_RETURNING_MODIFIED_OLD,
    DYN_RETURNING_MODIFIED_NEW,
} dyn_returning;

typedef struct dyn_statement {
    dyn_statement_kind kind;
    dyn_bytes table;
    dyn_bytes index;     /* without data: there is none */
    dyn_condition where; /* root is NULL when there is none */

    bool has_projection; /* of a SELECT; else * */
    dyn_projection projection;
    dyn_bytes order; /* the name behind ORDER BY; without data: there is none */
    bool is_down;

    dyn_map item;      /* of an INSERT */
    dyn_update update; /* of an UPDATE */
    dyn_returning returning;
} dyn_statement;

/* Whether it reads: SELECT and EXISTS. */
static inline bool dyn_statement_is_read(const dyn_statement *statement)
{
    return statement->kind == DYN_STATEMENT_SELECT ||
           statement->kind == DYN_STATEMENT_EXISTS;
}

#endif

/*
 * The parse tree of an expression: as it is written at first, then with names
 * and values in place (resolve.h).
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_TREE_H
#define DYN_EXPR_TREE_H

#include "expr/lexer.h"
#include "expr/path.h"

/* What a node has below it stands behind its name. */
typedef enum dyn_node_type {
    DYN_NODE_OR,    /* condition, condition */
    DYN_NODE_AND,   /* the same */
    DYN_NODE_NOT,   /* condition */
    DYN_NODE_EQUAL, /* operand, operand; up to GREATER_EQUAL */
    DYN_NODE_NOT_EQUAL,
    DYN_NODE_LESS,
    DYN_NODE_LESS_EQUAL,
    DYN_NODE_GREATER,
    DYN_NODE_GREATER_EQUAL,
    DYN_NODE_BETWEEN, /* operand, lower bound, upper bound */
    DYN_NODE_IN,      /* operand, then each that it may be */
    DYN_NODE_CALL,    /* arguments */
    DYN_NODE_PATH,    /* NAME, then NAME and INDEX */
    DYN_NODE_NAME,    /* nothing */
    DYN_NODE_INDEX,
    DYN_NODE_VALUE,
    DYN_NODE_PLUS, /* operand, operand */
    DYN_NODE_MINUS,
    DYN_NODE_ACTION,  /* of an update: path, and value unless it is REMOVE's */
    DYN_NODE_SECTION, /* of an update: ACTIONs */
    DYN_NODE_LIST,    /* SECTIONs of an update, PATHs of a projection */
} dyn_node_type;

typedef enum dyn_function {
    DYN_FUNCTION_UNKNOWN,
    DYN_FUNCTION_ATTRIBUTE_EXISTS,
    DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS,
    DYN_FUNCTION_ATTRIBUTE_TYPE,
    DYN_FUNCTION_BEGINS_WITH,
    DYN_FUNCTION_CONTAINS,
    DYN_FUNCTION_SIZE,
    DYN_FUNCTION_IF_NOT_EXISTS,
    DYN_FUNCTION_LIST_APPEND,
} dyn_function;

typedef struct dyn_node dyn_node;
struct dyn_node {
    dyn_node_type type;
    bool has_parentheses;
    const dyn_token *token; /* the operator, function, name, value, section */
    dyn_node *first;        /* of the nodes below, linked by next */
    dyn_node *last;
    dyn_node *next;
    size_t count;               /* of the nodes below */
    union {                     /* once resolved */
        dyn_function function;  /* CALL */
        dyn_path path;          /* PATH */
        const dyn_value *value; /* VALUE */
    };
};

#endif

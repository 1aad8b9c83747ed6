/*
 * The grammar of all expressions. Which of them a text is read as, is said by a
 * first token that stands for no text.
 *
 * The stack of the parser never overflows: each entry stands for a token, and
 * an expression of 4096 bytes has no more than 4096 of them, and the first one.
 *
 * A function call can be a condition as well as an operand, and both can have
 * parentheses around them. So a call in parentheses (call_) is neither, until
 * what follows tells; and what can only be a condition is a `compound`. The
 * same goes for operands and sums in updates.
 */
%name dyn_grammar
%token_prefix DYN_TOKEN_
%token_type {const dyn_token *}
%default_type {dyn_node *}
%extra_context {dyn_build *build}
%start_symbol expression
%stack_size 4100

%include {
#include "expr/grammar_parser.h"

#define YYNOERRORRECOVERY 1
}

%code {
size_t dyn_grammar_parser_bytes(void)
{
    return sizeof(yyParser);
}
}

%syntax_error { dyn_build_refuse(build, TOKEN); }
%stack_overflow { dyn_build_overflow(build); }

%left OR.
%left AND.
%right NOT.

%token ILLEGAL.
%token_class comparison EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL.
%token_class literal VALUE|NUMBER|STRING|BLOB|TRUE|FALSE|NULL.
%token_class adding ADD|DELETE.

expression ::= AS_CONDITION condition(A). { build->root = A; }
expression ::= AS_UPDATE sections(A). { build->root = A; }
expression ::= AS_PROJECTION paths(A). { build->root = A; }

/* ------------------------------------------------------------ conditions -- */

condition(A) ::= call_(B). { A = B; }
condition(A) ::= compound(B). { A = B; }

compound(A) ::= condition(B) OR(T) condition(C). {
    A = dyn_build_operator(build, DYN_NODE_OR, T, B, C);
}
compound(A) ::= condition(B) AND(T) condition(C). {
    A = dyn_build_operator(build, DYN_NODE_AND, T, B, C);
}
compound(A) ::= NOT(T) condition(B). {
    A = dyn_build_operator(build, DYN_NODE_NOT, T, B, NULL);
}
compound(A) ::= operand(B) comparison(T) operand(C). {
    A = dyn_build_comparison(build, T, B, C);
}
compound(A) ::= operand(B) BETWEEN(T) operand(C) AND operand(D). {
    A = dyn_build_operator(build, DYN_NODE_BETWEEN, T, B, C);
    A = dyn_build_append(A, D);
}
compound(A) ::= operand(B) IN(T) LEFT members(C) RIGHT. {
    A = dyn_build_members(build, T, B, C);
}
compound(A) ::= LEFT compound(B) RIGHT. { A = dyn_build_parentheses(build, B); }

members(A) ::= operand(B). {
    A = dyn_build_node(build, DYN_NODE_LIST, NULL, B, NULL);
}
members(A) ::= members(B) COMMA operand(C). { A = dyn_build_append(B, C); }

/* -------------------------------------------------------------- operands -- */

operand(A) ::= call_(B). { A = B; }
operand(A) ::= term(B). { A = B; }

term(A) ::= path(B). { A = B; }
term(A) ::= literal(T). { A = dyn_build_leaf(build, DYN_NODE_VALUE, T); }
term(A) ::= DIGITS(T). { A = dyn_build_digits(build, T); }
term(A) ::= LEFT term(B) RIGHT. { A = dyn_build_parentheses(build, B); }

call_(A) ::= call(B) RIGHT. { A = B; }
call_(A) ::= LEFT call_(B) RIGHT. { A = dyn_build_parentheses(build, B); }

call(A) ::= IDENTIFIER(T) LEFT operand(B). {
    A = dyn_build_operator(build, DYN_NODE_CALL, T, B, NULL);
}
call(A) ::= call(B) COMMA operand(C). { A = dyn_build_append(B, C); }

path(A) ::= name(B). { A = dyn_build_node(build, DYN_NODE_PATH, NULL, B, NULL); }
path(A) ::= path(B) DOT name(C). { A = dyn_build_append(B, C); }
path(A) ::= path(B) LEFT_BRACKET DIGITS(T) RIGHT_BRACKET. {
    A = dyn_build_append(B, dyn_build_leaf(build, DYN_NODE_INDEX, T));
}

name(A) ::= IDENTIFIER(T). { A = dyn_build_leaf(build, DYN_NODE_NAME, T); }
name(A) ::= QUOTED(T). { A = dyn_build_leaf(build, DYN_NODE_NAME, T); }
name(A) ::= NAME(T). { A = dyn_build_leaf(build, DYN_NODE_NAME, T); }

/* --------------------------------------------------------------- updates -- */

sections(A) ::= section(B). {
    A = dyn_build_node(build, DYN_NODE_LIST, NULL, B, NULL);
}
sections(A) ::= sections(B) section(C). { A = dyn_build_append(B, C); }

section(A) ::= set_section(B). { A = B; }
section(A) ::= remove_section(B). { A = B; }
section(A) ::= value_section(B). { A = B; }

set_section(A) ::= SET(T) set_action(B). {
    A = dyn_build_node(build, DYN_NODE_SECTION, T, B, NULL);
}
set_section(A) ::= set_section(B) COMMA set_action(C). {
    A = dyn_build_append(B, C);
}
remove_section(A) ::= REMOVE(T) remove_action(B). {
    A = dyn_build_node(build, DYN_NODE_SECTION, T, B, NULL);
}
remove_section(A) ::= remove_section(B) COMMA remove_action(C). {
    A = dyn_build_append(B, C);
}
value_section(A) ::= adding(T) value_action(B). {
    A = dyn_build_node(build, DYN_NODE_SECTION, T, B, NULL);
}
value_section(A) ::= value_section(B) COMMA value_action(C). {
    A = dyn_build_append(B, C);
}

set_action(A) ::= path(B) EQUAL(T) result(C). {
    A = dyn_build_node(build, DYN_NODE_ACTION, T, B, C);
}
remove_action(A) ::= path(B). {
    A = dyn_build_node(build, DYN_NODE_ACTION, NULL, B, NULL);
}
value_action(A) ::= path(B) VALUE(T). {
    A = dyn_build_leaf(build, DYN_NODE_VALUE, T);
    A = dyn_build_node(build, DYN_NODE_ACTION, NULL, B, A);
}

result(A) ::= operand(B). { A = B; }
result(A) ::= sum(B). { A = B; }

sum(A) ::= operand(B) PLUS(T) operand(C). {
    A = dyn_build_operator(build, DYN_NODE_PLUS, T, B, C);
}
sum(A) ::= operand(B) MINUS(T) operand(C). {
    A = dyn_build_operator(build, DYN_NODE_MINUS, T, B, C);
}
sum(A) ::= LEFT sum(B) RIGHT. { A = dyn_build_parentheses(build, B); }

/* ----------------------------------------------------------- projections -- */

paths(A) ::= path(B). { A = dyn_build_node(build, DYN_NODE_LIST, NULL, B, NULL); }
paths(A) ::= paths(B) COMMA path(C). { A = dyn_build_append(B, C); }

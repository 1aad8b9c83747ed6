/*
 * The grammar of PartiQL statements, as DynamoDB has them: one SELECT, EXISTS,
 * INSERT, UPDATE or DELETE. Its actions build the trees that expressions have
 * (expr/tree.h), and put the parts of the statement into build.
 *
 * Lists are left-recursive, so the stack of the parser only grows with what is
 * nested; one that is full is an error like others.
 *
 * A function call can be a condition as well as an operand, see
 * expr/grammar.y.
 */
%name dyn_partiql
%token_prefix DYN_PARTIQL_
%token_type {const dyn_token *}
%default_type {dyn_node *}
%extra_context {dyn_partiql_build *build}
%start_symbol statement
%stack_size 1000

%include {
#include "partiql/parser.h"

#define YYNOERRORRECOVERY 1
}

%code {
size_t dyn_partiql_parser_bytes(void)
{
    return sizeof(yyParser);
}
}

%syntax_error { dyn_partiql_refuse(build, TOKEN); }
%stack_overflow { dyn_partiql_overflow(build); }

/* Words that are names where they cannot be anything else. */
%fallback IDENTIFIER ALL ASC BY DESC EXISTS INTO MISSING MODIFIED NEW OLD
    RETURNING SET_ADD SET_DELETE VALUE.

%left OR.
%left AND.
%right NOT.

%token ILLEGAL.
%token_class identifier IDENTIFIER|QUOTED.
%token_class comparison EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL.
%token_class number NUMBER|DIGITS.
%token_class literal STRING|TRUE|FALSE|NULL.
%token_class changing SET_ADD|SET_DELETE.

/* ------------------------------------------------------------ statements -- */

statement ::= query order.
statement ::= EXISTS LEFT query RIGHT. {
    build->parts.kind = DYN_STATEMENT_EXISTS;
}
statement ::= INSERT INTO table VALUE value(B). {
    build->parts.kind = DYN_STATEMENT_INSERT;
    build->parts.item = B;
}
statement ::= UPDATE table sections(B) where returning. {
    build->parts.kind = DYN_STATEMENT_UPDATE;
    build->parts.sections = B;
}
statement ::= DELETE FROM table where returning. {
    build->parts.kind = DYN_STATEMENT_DELETE;
}

query ::= SELECT targets FROM source where. {
    build->parts.kind = DYN_STATEMENT_SELECT;
}

targets ::= STAR.
targets ::= paths(B). { build->parts.targets = B; }

source ::= table.
source ::= table DOT identifier(T). { build->parts.index = T; }
table ::= identifier(T). { build->parts.table = T; }

where ::= .
where ::= WHERE condition(B). { build->parts.where = B; }

order ::= .
order ::= ORDER BY document_path(B) direction. { build->parts.order = B; }
direction ::= .
direction ::= ASC.
direction ::= DESC. { build->parts.is_down = true; }

returning ::= .
returning ::= RETURNING ALL OLD STAR. {
    build->parts.returning = DYN_RETURNING_ALL_OLD;
}
returning ::= RETURNING ALL NEW STAR. {
    build->parts.returning = DYN_RETURNING_ALL_NEW;
}
returning ::= RETURNING MODIFIED OLD STAR. {
    build->parts.returning = DYN_RETURNING_MODIFIED_OLD;
}
returning ::= RETURNING MODIFIED NEW STAR. {
    build->parts.returning = DYN_RETURNING_MODIFIED_NEW;
}

/* ------------------------------------------------------------ conditions -- */

condition(A) ::= call_(B). { A = B; }
condition(A) ::= compound(B). { A = B; }

compound(A) ::= condition(B) OR(T) condition(C). {
    A = dyn_build_operator(&build->tree, DYN_NODE_OR, T, B, C);
}
compound(A) ::= condition(B) AND(T) condition(C). {
    A = dyn_build_operator(&build->tree, DYN_NODE_AND, T, B, C);
}
compound(A) ::= NOT(T) condition(B). {
    A = dyn_build_operator(&build->tree, DYN_NODE_NOT, T, B, NULL);
}
compound(A) ::= operand(B) comparison(T) operand(C). {
    A = dyn_partiql_comparison(build, T, B, C);
}
compound(A) ::= operand(B) BETWEEN(T) operand(C) AND operand(D). {
    A = dyn_build_operator(&build->tree, DYN_NODE_BETWEEN, T, B, C);
    A = dyn_build_append(A, D);
}
compound(A) ::= operand(B) IN(T) LEFT members(C) RIGHT. {
    A = dyn_build_members(&build->tree, T, B, C);
}
compound(A) ::= operand(B) IN(T) LEFT_BRACKET members(C) RIGHT_BRACKET. {
    A = dyn_build_members(&build->tree, T, B, C);
}
compound(A) ::= operand(B) IS(T) NULL. {
    A = dyn_partiql_is_null(build, T, B);
}
compound(A) ::= operand(B) IS(T) NOT(N) NULL. {
    A = dyn_partiql_is_null(build, T, B);
    A = dyn_build_operator(&build->tree, DYN_NODE_NOT, N, A, NULL);
}
compound(A) ::= operand(B) IS(T) MISSING. {
    A = dyn_partiql_is_missing(build, T, B, true);
}
compound(A) ::= operand(B) IS(T) NOT MISSING. {
    A = dyn_partiql_is_missing(build, T, B, false);
}
compound(A) ::= LEFT compound(B) RIGHT. { A = B; }

members(A) ::= operand(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_LIST, NULL, B, NULL);
}
members(A) ::= members(B) COMMA operand(C). { A = dyn_build_append(B, C); }

/* -------------------------------------------------------------- operands -- */

operand(A) ::= call_(B). { A = B; }
operand(A) ::= term(B). { A = B; }

term(A) ::= document_path(B). { A = B; }
term(A) ::= value(B). { A = B; }
term(A) ::= LEFT term(B) RIGHT. { A = B; }

call_(A) ::= call(B) RIGHT. { A = dyn_partiql_call(build, B); }
call_(A) ::= LEFT call_(B) RIGHT. { A = B; }

call(A) ::= IDENTIFIER(T) LEFT operand(B). {
    A = dyn_build_operator(&build->tree, DYN_NODE_CALL, T, B, NULL);
}
call(A) ::= call(B) COMMA operand(C). { A = dyn_build_append(B, C); }

document_path(A) ::= path(B). { A = dyn_partiql_path(build, B); }

path(A) ::= name(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_PATH, NULL, B, NULL);
}
path(A) ::= path(B) DOT name(C). { A = dyn_build_append(B, C); }
path(A) ::= path(B) LEFT_BRACKET DIGITS(T) RIGHT_BRACKET. {
    A = dyn_build_leaf(&build->tree, DYN_NODE_INDEX, T);
    A = dyn_build_append(B, A);
}

name(A) ::= IDENTIFIER(T). {
    A = dyn_build_leaf(&build->tree, DYN_NODE_NAME, T);
}
name(A) ::= QUOTED(T). { A = dyn_build_leaf(&build->tree, DYN_NODE_NAME, T); }

paths(A) ::= document_path(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_LIST, NULL, B, NULL);
}
paths(A) ::= paths(B) COMMA document_path(C). { A = dyn_build_append(B, C); }

/* ---------------------------------------------------------------- values -- */

value(A) ::= literal(T). { A = dyn_partiql_literal(build, T, false); }
value(A) ::= number(T). { A = dyn_partiql_literal(build, T, false); }
value(A) ::= PLUS number(T). { A = dyn_partiql_literal(build, T, false); }
value(A) ::= MINUS number(T). { A = dyn_partiql_literal(build, T, true); }
value(A) ::= PARAMETER(T). { A = dyn_partiql_parameter(build, T); }
value(A) ::= LEFT_BRACKET(T) RIGHT_BRACKET. {
    A = dyn_partiql_list(build, T, NULL);
}
value(A) ::= LEFT_BRACKET(T) values(B) RIGHT_BRACKET. {
    A = dyn_partiql_list(build, T, B);
}
value(A) ::= LEFT_BRACE(T) RIGHT_BRACE. {
    A = dyn_partiql_map(build, T, NULL);
}
value(A) ::= LEFT_BRACE(T) members_of_map(B) RIGHT_BRACE. {
    A = dyn_partiql_map(build, T, B);
}
value(A) ::= LEFT_SET(T) values(B) RIGHT_SET. {
    A = dyn_partiql_set(build, T, B);
}

values(A) ::= value(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_LIST, NULL, B, NULL);
}
values(A) ::= values(B) COMMA value(C). { A = dyn_build_append(B, C); }

members_of_map(A) ::= member_of_map(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_LIST, NULL, B, NULL);
}
members_of_map(A) ::= members_of_map(B) COMMA member_of_map(C). {
    A = dyn_build_append(B, C);
}
member_of_map(A) ::= STRING(T) COLON value(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_NAME, T, B, NULL);
}

/* --------------------------------------------------------------- updates -- */

sections(A) ::= section(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_LIST, NULL, B, NULL);
}
sections(A) ::= sections(B) section(C). { A = dyn_build_append(B, C); }

section(A) ::= set_section(B). { A = B; }
section(A) ::= remove_section(B). { A = B; }

set_section(A) ::= SET(T) set_action(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_SECTION, T, B, NULL);
}
set_section(A) ::= set_section(B) COMMA set_action(C). {
    A = dyn_build_append(B, C);
}
remove_section(A) ::= REMOVE(T) remove_action(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_SECTION, T, B, NULL);
}
remove_section(A) ::= remove_section(B) COMMA remove_action(C). {
    A = dyn_build_append(B, C);
}

set_action(A) ::= document_path(B) EQUAL(T) result(C). {
    A = dyn_build_node(&build->tree, DYN_NODE_ACTION, T, B, C);
}
set_action(A) ::= document_path(B) EQUAL changing(T) LEFT document_path(C)
        COMMA value(D) RIGHT. {
    A = dyn_build_operator(&build->tree, DYN_NODE_ACTION, T, B, C);
    A = dyn_build_append(A, D);
}
remove_action(A) ::= document_path(B). {
    A = dyn_build_node(&build->tree, DYN_NODE_ACTION, NULL, B, NULL);
}

result(A) ::= operand(B). { A = B; }
result(A) ::= sum(B). { A = B; }

sum(A) ::= operand(B) PLUS(T) operand(C). {
    A = dyn_build_operator(&build->tree, DYN_NODE_PLUS, T, B, C);
}
sum(A) ::= operand(B) MINUS(T) operand(C). {
    A = dyn_build_operator(&build->tree, DYN_NODE_MINUS, T, B, C);
}
sum(A) ::= LEFT sum(B) RIGHT. { A = B; }

/* Reading and doing changes of a table; the contract is in alter_table.h. */
#include "ops/alter_table.h"

#include "engine/declaration.h"

#include <ctype.h>

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

static size_t word_bytes(const char *text)
{
    size_t size = 0;
    while (text[size] != '\0' && !isspace((unsigned char)text[size]))
        size++;
    return size;
}

/* Skip words, separated by blanks, at the beginning of *text in any case. */
static bool skip_words(const char **text, const char *words)
{
    const char *rest = skip_blanks(*text);
    for (const char *word = words; *word != '\0';) {
        size_t size = word_bytes(word);
        if (word_bytes(rest) != size) return false;
        for (size_t i = 0; i < size; i++) {
            if (toupper((unsigned char)rest[i]) != word[i]) return false;
        }
        rest = skip_blanks(rest + size);
        word = skip_blanks(word + size);
    }
    *text = rest;
    return true;
}

static dyn_status fail_unknown(dyn_call *call, const char *text)
{
    return dyn_fail(call, DYN_INVALID,
                    "\"%s\" is no change of a table: there are ADD GLOBAL "
                    "INDEX name (key), DROP INDEX name, REBUILD INDEX name, "
                    "INDEX name READ UNITS n, ADD REPLICA region IN 'file', "
                    "DROP REPLICA region, and options, as in read_units = 20",
                    text);
}

/* The rest of a text is a name, which may be quoted. */
static dyn_status read_name(dyn_call *call, const char *text, dyn_bytes *name)
{
    size_t size = word_bytes(text);
    if (size == 0 || *skip_blanks(text + size) != '\0') {
        return dyn_fail(call, DYN_INVALID,
                        "\"%s\": expected the name of one index", text);
    }
    if (size > 1 && text[0] == '"' && text[size - 1] == '"') {
        text++;
        size -= 2;
    }
    *name = (dyn_bytes){(const unsigned char *)text, size};
    return DYN_OK;
}

static dyn_status read_new_index(dyn_call *call, const dyn_table *table,
                                 const char *text, dyn_alteration *out)
{
    char *declaration = dyn_format(call, "GLOBAL INDEX %s", text);
    if (declaration == NULL) return DYN_NOMEM;
    out->kind = DYN_ADD_INDEX;
    return dyn_declaration_add_index(call, dyn_table_definition(table),
                                     declaration, &out->definition);
}

dyn_status dyn_alteration_read(dyn_call *call, const dyn_table *table,
                               const char *text, dyn_alteration *out)
{
    const char *rest = text;
    if (skip_words(&rest, "ADD GLOBAL INDEX"))
        return read_new_index(call, table, rest, out);
    if (skip_words(&rest, "ADD LOCAL INDEX")) {
        return dyn_fail(call, DYN_INVALID,
                        "a local index cannot be added to a table: only CREATE "
                        "VIRTUAL TABLE makes them");
    }
    if (skip_words(&rest, "DROP INDEX")) {
        out->kind = DYN_DROP_INDEX;
        return read_name(call, rest, &out->name);
    }
    if (skip_words(&rest, "REBUILD INDEX")) {
        out->kind = DYN_REBUILD_INDEX;
        return read_name(call, rest, &out->name);
    }
    if (skip_words(&rest, "INDEX")) {
        out->kind = DYN_CHANGE_INDEX;
        return dyn_declaration_change_index(call, dyn_table_definition(table),
                                            rest, &out->name, &out->throughput);
    }
    if (strchr(rest, '=') == NULL) return fail_unknown(call, text);
    out->kind = DYN_CHANGE_OPTIONS;
    return dyn_declaration_change(call, dyn_table_definition(table), rest,
                                  &out->definition);
}

dyn_status dyn_alter_table(dyn_call *call, dyn_table *table,
                           const dyn_alteration *alteration)
{
    switch (alteration->kind) {
    case DYN_ADD_INDEX:
        return dyn_table_add_index(call, table, &alteration->definition);
    case DYN_DROP_INDEX:
        return dyn_table_drop_index(call, table, alteration->name);
    case DYN_REBUILD_INDEX:
        return dyn_table_rebuild_index(call, table, alteration->name);
    case DYN_CHANGE_INDEX:
        return dyn_table_change_index(call, table, alteration->name,
                                      &alteration->throughput);
    case DYN_CHANGE_OPTIONS:
        break;
    }
    return dyn_table_change_options(call, table, &alteration->definition);
}

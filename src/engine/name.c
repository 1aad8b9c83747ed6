/* Names of tables and indexes; the contract is in name.h. */
#include "engine/name.h"

#include <ctype.h>

dyn_status dyn_name_check(dyn_call *call, const char *what, dyn_bytes name)
{
    if (name.size_bytes == 0 || name.size_bytes > DYN_TABLE_NAME_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "%s name \"%.*s\" has %zu characters: 1 to %d are "
                        "allowed",
                        what, (int)name.size_bytes, (const char *)name.data,
                        name.size_bytes, DYN_TABLE_NAME_BYTES_MAX);
    }
    for (size_t i = 0; i < name.size_bytes; i++) {
        unsigned char c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !isdigit(c) && strchr("_.-", c) == NULL) {
            return dyn_fail(call, DYN_INVALID,
                            "%s name \"%.*s\": letters, digits, _ . and - are "
                            "allowed",
                            what, (int)name.size_bytes,
                            (const char *)name.data);
        }
    }
    return DYN_OK;
}

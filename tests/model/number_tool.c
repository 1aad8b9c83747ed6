/*
 * The functions of item/number.h on lines of text, for number_model.py.
 *
 * Reads lines of tab-separated fields from standard input, an operation and its
 * arguments, and answers each by one line: the result, or `!` and a message.
 *
 *   format A         the text of A
 *   compare A B      -1, 0 or 1; `=` or `!=`, by dyn_number_equal()
 *   add A B          the text of A + B
 *   subtract A B     the text of A - B
 *   size A           in bytes
 *   encode A         the stored form in hex, checked to decode to A
 *   decode HEX       the text of the number so stored
 *   double A         the nearest double in hex; `exact` or `inexact`
 *   from_double X    the text of the double X
 *   integer A        A as an int64_t, checked to come back as A
 */
#include "item/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct command {
    const char *name;
    const char *a;
    const char *b;
} command;

static dyn_call call;

static void answer_failure(void)
{
    printf("! %s\n", call.error.message);
}

static void answer_number(const dyn_number *number)
{
    char text[DYN_NUMBER_TEXT_BYTES];
    size_t length = dyn_number_format(number, text);
    if (strlen(text) != length) {
        printf("! wrong length\n");
    } else {
        printf("%s\n", text);
    }
}

static void answer_encoded(const dyn_number *number)
{
    unsigned char bytes[DYN_NUMBER_ENCODED_BYTES];
    size_t size = dyn_number_encode(number, bytes);
    dyn_number again;
    if (!dyn_number_decode((dyn_bytes){bytes, size}, &again) ||
        !dyn_number_equal(number, &again)) {
        printf("! does not decode\n");
        return;
    }
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
    printf("\n");
}

static void answer_decoded(const char *hex)
{
    unsigned char bytes[64];
    size_t size = 0;
    char pair[3] = {0};
    for (; size < sizeof(bytes) && strlen(hex) >= 2; hex += 2) {
        memcpy(pair, hex, 2);
        bytes[size++] = (unsigned char)strtoul(pair, NULL, 16);
    }
    dyn_number number;
    if (dyn_number_decode((dyn_bytes){bytes, size}, &number)) {
        answer_number(&number);
    } else {
        printf("! does not decode\n");
    }
}

static void answer_double(const dyn_number *number)
{
    double value;
    bool exact = dyn_number_to_double(number, &value);
    printf("%a %s\n", value, exact ? "exact" : "inexact");
}

static void answer_from_double(const char *text)
{
    dyn_number number;
    if (dyn_number_from_double(strtod(text, NULL), &number)) {
        answer_number(&number);
    } else {
        printf("! out of range\n");
    }
}

static void answer_integer(const dyn_number *number)
{
    int64_t value;
    if (!dyn_number_to_int64(number, &value)) {
        printf("! no integer\n");
        return;
    }
    dyn_number again;
    dyn_number_from_int64(value, &again);
    if (dyn_number_equal(number, &again)) {
        printf("%" PRId64 "\n", value);
    } else {
        printf("! does not come back\n");
    }
}

static void answer_compared(const dyn_number *a, const dyn_number *b)
{
    printf("%d %s\n", dyn_number_compare(a, b),
           dyn_number_equal(a, b) ? "=" : "!=");
}

static void answer_sum(const char *name, const dyn_number *a,
                       const dyn_number *b)
{
    dyn_number out;
    dyn_status status = strcmp(name, "add") == 0
                            ? dyn_number_add(&call, a, b, &out)
                            : dyn_number_subtract(&call, a, b, &out);
    if (status != DYN_OK) {
        answer_failure();
    } else {
        answer_number(&out);
    }
}

static void answer_about(const command *asked)
{
    dyn_number a;
    dyn_number b = {0};
    if (dyn_number_parse(&call, dyn_bytes_text(asked->a), &a) != DYN_OK ||
        (asked->b != NULL &&
         dyn_number_parse(&call, dyn_bytes_text(asked->b), &b) != DYN_OK)) {
        answer_failure();
    } else if (strcmp(asked->name, "format") == 0) {
        answer_number(&a);
    } else if (strcmp(asked->name, "compare") == 0) {
        answer_compared(&a, &b);
    } else if (strcmp(asked->name, "size") == 0) {
        printf("%zu\n", dyn_number_size_bytes(&a));
    } else if (strcmp(asked->name, "encode") == 0) {
        answer_encoded(&a);
    } else if (strcmp(asked->name, "double") == 0) {
        answer_double(&a);
    } else if (strcmp(asked->name, "integer") == 0) {
        answer_integer(&a);
    } else {
        answer_sum(asked->name, &a, &b);
    }
}

/* Cut the text at *next off at the next tab. NULL when there is no more. */
static char *field(char **next)
{
    char *start = *next;
    if (start == NULL) return NULL;
    char *end = strpbrk(start, "\t\n");
    *next = end != NULL && *end == '\t' ? end + 1 : NULL;
    if (end != NULL) *end = '\0';
    return start;
}

int main(void)
{
    static char line[1024 * 1024];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *next = line;
        command asked = {.name = field(&next)};
        asked.a = field(&next);
        asked.b = field(&next);
        dyn_call_begin(&call);
        if (asked.a == NULL) {
            printf("! no argument\n");
        } else if (strcmp(asked.name, "decode") == 0) {
            answer_decoded(asked.a);
        } else if (strcmp(asked.name, "from_double") == 0) {
            answer_from_double(asked.a);
        } else {
            answer_about(&asked);
        }
        dyn_call_end(&call);
    }
    return EXIT_SUCCESS;
}

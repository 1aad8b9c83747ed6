/*
 * MD5 sums of files, as base64: what an export of the service has beside its
 * files, to tell damage. It protects from no one who means harm.
 *
 * Layer: file.
 */
#ifndef DYN_FILE_SUM_H
#define DYN_FILE_SUM_H

#include "base/call.h"

#include <sys/types.h> /* what md5.h needs */

#include <md5.h>

enum { DYN_SUM_TEXT_BYTES = 24 }; /* 16 bytes in base64 */

typedef struct dyn_sum {
    MD5_CTX state;
} dyn_sum;

/* What is left of a sum: its text, terminated. */
typedef struct dyn_sum_text {
    char text[DYN_SUM_TEXT_BYTES + 1];
} dyn_sum_text;

void dyn_sum_begin(dyn_sum *sum);
void dyn_sum_add(dyn_sum *sum, dyn_bytes bytes);
void dyn_sum_end(dyn_sum *sum, dyn_sum_text *out);

/* The sum of a file. Fails as folder.h says. */
dyn_status dyn_sum_file(dyn_call *call, const char *path, dyn_sum_text *out);

#endif

/*
 * An export or an import, as it is told of: while it runs and afterwards.
 *
 * Layer: ops. Plain data.
 */
#ifndef DYN_OPS_JOB_H
#define DYN_OPS_JOB_H

#include <stdint.h>

typedef enum dyn_job_kind { DYN_JOB_EXPORT, DYN_JOB_IMPORT } dyn_job_kind;
typedef enum dyn_job_state {
    DYN_JOB_RUNNING, /* or stopped amid: interrupted, killed */
    DYN_JOB_COMPLETED,
    DYN_JOB_FAILED,
} dyn_job_state;

/* What a request of the API says of its job; both may be NULL. */
typedef struct dyn_job_origin {
    const char *token;   /* ClientToken */
    const char *request; /* the whole of it, as JSON */
} dyn_job_origin;

typedef struct dyn_job {
    const char *id; /* as the service's: 01695353076000-06e2188f */
    dyn_job_kind kind;
    const char *table;    /* its label (table.h) */
    const char *table_id; /* that of its birth */
    const char *path;     /* of the file or folder */
    dyn_job_state state;
    int64_t items;       /* written, to the file or the table */
    int64_t deletes;     /* of an import: items that were removed */
    int64_t bytes;       /* of text, uncompressed, written or read */
    int64_t errors;      /* lines that were passed over */
    const char *message; /* the first error; NULL: none */
    int64_t started_ms;  /* since 1970 */
    int64_t updated_ms;
    int64_t ended_ms;     /* 0: not yet */
    const char *manifest; /* of an export to a folder; NULL: none */
    dyn_job_origin origin;
} dyn_job;

#endif

/*
 * Exports and imports in requests and responses: finding one, describing it,
 * listing them by pages.
 *
 * Layer: api.
 */
#ifndef DYN_API_JOBS_H
#define DYN_API_JOBS_H

#include "api/host.h"
#include "api/shape.h"

/* ExportArn, ImportArn; ClientToken; S3Bucket, which is the path of a folder;
 * S3Prefix; S3BucketOwner; how many a page of a list has at most. */
extern const dyn_shape dyn_shape_job_arn;
extern const dyn_shape dyn_shape_job_token;
extern const dyn_shape dyn_shape_bucket;
extern const dyn_shape dyn_shape_prefix;
extern const dyn_shape dyn_shape_page_of_jobs;

/* The path of a bucket and a prefix in it, in the memory of call. bucket is
 * the object that has them, prefix the name of its member. Fails with
 * DYN_INVALID when one has a zero character; DYN_NOMEM. */
dyn_status dyn_job_path(dyn_call *call, const dyn_json *bucket,
                        const char *prefix, const char **out);

/* What is kept of a request with its job, in the memory of call. Fails with
 * DYN_NOMEM. */
dyn_status dyn_job_origin_of(dyn_call *call, const dyn_json *request,
                             dyn_job_origin *out);

/* The job of the last eight hours that the request's ClientToken has begun, or
 * none, and then *found is false. Fails with DYN_INVALID, as an exception of
 * that name, when another request had the token; as host->list_jobs(). */
dyn_status dyn_job_of_token(dyn_call *call, const dyn_host *host,
                            dyn_job_kind kind, const dyn_job_origin *origin,
                            const char *exception, bool *found, dyn_job *out);

/* The job with an ARN. Fails with DYN_INVALID, as ExportNotFoundException or
 * ImportNotFoundException; as host->list_jobs(). */
dyn_status dyn_job_find(dyn_call *call, const dyn_host *host, dyn_job_kind kind,
                        dyn_bytes arn, dyn_job *out);

/* Write ExportDescription or ImportTableDescription. Fails with DYN_NOMEM. */
dyn_status dyn_job_describe(dyn_call *call, dyn_buffer *out,
                            const dyn_job *job);

/* Write the list of a page, and NextToken if there is another one: of the table
 * with an ARN, or of all. A token is the place of the last job of a page. Fails
 * with DYN_INVALID when there is no such place; as host->list_jobs(). */
dyn_status dyn_jobs_list(dyn_call *call, const dyn_host *host,
                         dyn_job_kind kind, const dyn_json *request,
                         int64_t most, dyn_buffer *response);

#endif

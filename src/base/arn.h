/*
 * How resources are named: tables of a connection are those of one account in
 * one region.
 *
 * Layer: base. Includes nothing of ours.
 */
#ifndef DYN_BASE_ARN_H
#define DYN_BASE_ARN_H

#define DYN_ARN_ACCOUNT "000000000000"
#define DYN_ARN_REGION  "us-east-1"

/* Before the name of a table; behind that, /index/ and the name of an index. */
#define DYN_ARN_PREFIX                                                         \
    "arn:aws:dynamodb:" DYN_ARN_REGION ":" DYN_ARN_ACCOUNT ":table/"

#endif

/*
 * The console: pages about the tables, for a browser.
 *
 * It is at / for those who take HTML, and under /console/. Pages are made here
 * and need no script to be read. What they show comes from the SQL of the
 * extension; items are read and written by dynamo_api().
 */
#ifndef SERVER_CONSOLE_H
#define SERVER_CONSOLE_H

#include "base/call.h"
#include "database.h"
#include "lane.h"
#include "request.h"

/* Whether a request is for the console. */
bool console_is_asked(const http_request *request);

/* Its lane. What writes has a transaction of its own. */
server_lane console_lane(const http_request *request);

/* Answer a request, which has come to the address listened_on. The answer is in
 * the memory of call, or has literals. It cannot fail: a failure is an answer.
 */
void console_answer(dyn_call *call, server_database *database,
                    const char *listened_on, const http_request *request,
                    http_answer *out);

#endif

/* Sessions and accounts; the contracts are in session.h. */
#include "engine/session.h"

#include "base/sqlite.h"

dyn_status dyn_session_open(dyn_call *call, struct sqlite3 *db,
                            dyn_session **out)
{
    dyn_session *session = sqlite3_malloc64(sizeof(*session));
    if (session == NULL) return dyn_fail_nomem(call);
    memset(session, 0, sizeof(*session));
    session->db = db;
    session->references = 1;
    *out = session;
    return DYN_OK;
}

void dyn_session_release(dyn_session *session)
{
    if (--session->references > 0) return;
    while (session->accounts != NULL) {
        dyn_account_link *link = session->accounts;
        session->accounts = link->next;
        dyn_account_release(link->account);
        sqlite3_free(link);
    }
    dyn_cost_free(&session->cost);
    sqlite3_free(session);
}

void dyn_session_settle(dyn_session *session, bool has_transaction)
{
    if (has_transaction) return;
    session->must_roll_back = false;
    session->has_left_open = false;
}

dyn_status dyn_session_check(dyn_call *call, const dyn_session *session)
{
    if (!session->must_roll_back) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "an operation of this transaction is half done, for memory "
                    "ran out or it was interrupted: it must be rolled back");
}

/* -------------------------------------------------------------- accounts -- */

/* Let go of those whose table is gone. */
static void prune_accounts(dyn_session *session)
{
    dyn_account_link **next = &session->accounts;
    while (*next != NULL) {
        dyn_account_link *link = *next;
        if (!dyn_account_is_over(link->account)) {
            next = &link->next;
            continue;
        }
        *next = link->next;
        dyn_account_release(link->account);
        sqlite3_free(link);
    }
}

static bool has_account(const dyn_session *session, const dyn_account *account)
{
    const dyn_account_link *link = session->accounts;
    while (link != NULL && link->account != account)
        link = link->next;
    return link != NULL;
}

dyn_status dyn_session_account(dyn_call *call, dyn_session *session,
                               const char *schema, const char *file,
                               dyn_bytes id, dyn_account **out)
{
    DYN_TRY(dyn_account_open(call, session->db, schema, file, id, out));
    prune_accounts(session);
    if (has_account(session, *out)) return DYN_OK;
    dyn_account_link *link = sqlite3_malloc64(sizeof(*link));
    if (link == NULL) {
        dyn_account_release(*out);
        *out = NULL;
        return dyn_fail_nomem(call);
    }
    dyn_account_retain(*out);
    *link = (dyn_account_link){session->accounts, *out};
    session->accounts = link;
    return DYN_OK;
}

/* ------------------------------------------------------------ statements -- */

static void begin_statement(dyn_session *session)
{
    dyn_cost_reset(&session->cost);
    session->statement++;
}

void dyn_statement_read_begins(dyn_session *session)
{
    if (session->open_cursors++ == 0) begin_statement(session);
    session->is_inserting = false;
}

void dyn_statement_read_ends(dyn_session *session)
{
    session->open_cursors--;
}

void dyn_statement_write_begins(dyn_session *session, bool is_insert,
                                int changes)
{
    if (!is_insert || session->open_cursors > 0) return;
    if (!session->is_inserting || session->changes != changes) {
        begin_statement(session);
    }
}

void dyn_statement_write_ends(dyn_session *session, bool is_inserting,
                              int changes)
{
    session->is_inserting = is_inserting;
    session->changes = changes;
}

/* ------------------------------------------------------------- estimates -- */

dyn_status dyn_estimate_begin(dyn_call *call, dyn_session *session,
                              dyn_estimate *out)
{
    out->was_estimating = session->is_estimating;
    out->open_cursors = session->open_cursors;
    DYN_TRY(dyn_cost_save(call, &session->cost, &out->cost));
    session->is_estimating = true;
    session->open_cursors = 0;
    session->is_inserting = false;
    begin_statement(session);
    return DYN_OK;
}

/* The number of the statement goes on, so that what the estimate has looked up
 * is of no later one. */
void dyn_estimate_end(dyn_session *session, const dyn_estimate *estimate)
{
    session->is_estimating = estimate->was_estimating;
    session->open_cursors = estimate->open_cursors;
    session->is_inserting = false;
    session->statement++;
    dyn_cost_restore(&session->cost, &estimate->cost);
}

dyn_status dyn_session_check_change(dyn_call *call, const dyn_session *session)
{
    if (!session->is_estimating) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "there is no estimate of making, changing or removing a "
                    "table: it consumes no units");
}

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

static void free_account(dyn_account *account)
{
    dyn_usage_free(&account->usage);
    sqlite3_free(account->schema);
    sqlite3_free(account->file);
    sqlite3_free(account->table);
    sqlite3_free(account);
}

void dyn_session_release(dyn_session *session)
{
    if (--session->references > 0) return;
    while (session->accounts != NULL) {
        dyn_account *account = session->accounts;
        session->accounts = account->next;
        free_account(account);
    }
    dyn_cost_free(&session->cost);
    sqlite3_free(session);
}

dyn_status dyn_session_check(dyn_call *call, const dyn_session *session)
{
    if (!session->must_roll_back) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "an operation of this transaction is half done, for memory "
                    "ran out or it was interrupted: it must be rolled back");
}

/* -------------------------------------------------------------- accounts -- */

static bool is_account_of(const dyn_account *account, const char *schema,
                          const char *table)
{
    return dyn_bytes_equal_nocase(dyn_bytes_text(account->table),
                                  dyn_bytes_text(table)) &&
           dyn_bytes_equal_nocase(dyn_bytes_text(account->schema),
                                  dyn_bytes_text(schema));
}

/* The link to the account of a table; to NULL when there is none. */
static dyn_account **find_account(dyn_session *session, const char *schema,
                                  const char *table)
{
    dyn_account **link = &session->accounts;
    while (*link != NULL && !is_account_of(*link, schema, table))
        link = &(*link)->next;
    return link;
}

static dyn_status change_file(dyn_call *call, dyn_account *account,
                              const char *file)
{
    if (strcmp(account->file, file) == 0) return DYN_OK;
    char *copy = sqlite3_mprintf("%s", file);
    if (copy == NULL) return dyn_fail_nomem(call);
    sqlite3_free(account->file);
    account->file = copy;
    dyn_account_clear(account);
    return DYN_OK;
}

dyn_status dyn_session_account(dyn_call *call, dyn_session *session,
                               const char *schema, const char *file,
                               const char *table, dyn_account **out)
{
    *out = *find_account(session, schema, table);
    if (*out != NULL) return change_file(call, *out, file);
    dyn_account *account = sqlite3_malloc64(sizeof(*account));
    if (account == NULL) return dyn_fail_nomem(call);
    memset(account, 0, sizeof(*account));
    account->schema = sqlite3_mprintf("%s", schema);
    account->file = sqlite3_mprintf("%s", file);
    account->table = sqlite3_mprintf("%s", table);
    if (account->schema == NULL || account->file == NULL ||
        account->table == NULL) {
        free_account(account);
        return dyn_fail_nomem(call);
    }
    account->next = session->accounts;
    session->accounts = account;
    *out = account;
    return DYN_OK;
}

void dyn_account_clear(dyn_account *account)
{
    account->usage.count = 0;
}

/* What the new name had belongs to a table that is gone. Another open table may
 * still point to that account, so it is emptied and left. */
dyn_status dyn_account_rename(dyn_call *call, dyn_session *session,
                              dyn_account *account, const char *table)
{
    dyn_account *other = *find_account(session, account->schema, table);
    if (other == account) return DYN_OK;
    char *name = sqlite3_mprintf("%s", table);
    if (name == NULL) return dyn_fail_nomem(call);
    if (other != NULL) {
        dyn_account_clear(other);
        char *old = account->table;
        account->table = other->table;
        other->table = old;
        sqlite3_free(name);
        return DYN_OK;
    }
    sqlite3_free(account->table);
    account->table = name;
    return DYN_OK;
}

/* ------------------------------------------------------------ statements -- */

static void begin_statement(dyn_session *session)
{
    dyn_cost_reset(&session->cost);
    session->point_read.table = NULL;
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

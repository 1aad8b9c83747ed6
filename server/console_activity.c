/* What the tables do beside being read and written; console_pages.h has the
 * list of pages. */
#include "console_pages.h"

static const page_table parts[] = {
    {"Handlers",
     "SQL that runs for each change of a table.",
     "No table has a handler.",
     "SELECT table_name, name, behind, lag_ms, handled, dead, failures, error, "
     "sql FROM dynamo_handlers ORDER BY 1, 2",
     {{"Table", CELL_TABLE},
      {"Handler", CELL_TEXT},
      {"Behind", CELL_NUMBER},
      {"Lag, ms", CELL_NUMBER},
      {"Handled", CELL_NUMBER},
      {"Dead", CELL_NUMBER},
      {"Failures", CELL_NUMBER},
      {"Error", CELL_TEXT},
      {"SQL", CELL_CODE}}},
    {"Replicas",
     "Other regions of tables.",
     "No table has a replica.",
     "SELECT table_name, region, state, strong, behind, lag_ms, conflicts "
     "FROM dynamo_replicas ORDER BY 1, 2",
     {{"Table", CELL_TABLE},
      {"Region", CELL_TEXT},
      {"State", CELL_TEXT},
      {"Strong", CELL_NUMBER},
      {"Behind", CELL_NUMBER},
      {"Lag, ms", CELL_NUMBER},
      {"Conflicts", CELL_NUMBER}}},
    {"Exports and imports",
     "The newest first, at most 50.",
     "Nothing was exported or imported.",
     "SELECT started, kind, table_name, path, state, items, errors, bytes, "
     "ended, message FROM dynamo_jobs ORDER BY id DESC LIMIT 50",
     {{"Started (UTC)", CELL_TEXT},
      {"Kind", CELL_TEXT},
      {"Table", CELL_TABLE},
      {"Path", CELL_TEXT},
      {"State", CELL_TEXT},
      {"Items", CELL_NUMBER},
      {"Errors", CELL_NUMBER},
      {"Size", CELL_BYTES},
      {"Ended", CELL_TEXT},
      {"Message", CELL_TEXT}}},
    {"Backups",
     NULL,
     "There are no backups.",
     "SELECT created, table_name, name, status, items, bytes FROM "
     "dynamo_backups ORDER BY created DESC LIMIT 50",
     {{"Created (UTC)", CELL_TEXT},
      {"Table", CELL_TEXT},
      {"Backup", CELL_TEXT},
      {"Status", CELL_TEXT},
      {"Items", CELL_NUMBER},
      {"Size", CELL_BYTES}}},
    {"Auto scaling",
     "What was decided in the last 15 days, the newest first, at most 50.",
     "Nothing was decided.",
     "SELECT minute, table_name, index_name, direction, units_before, "
     "units_after, wanted, held_by FROM dynamo_scaling ORDER BY minute DESC "
     "LIMIT 50",
     {{"Minute (UTC)", CELL_TEXT},
      {"Table", CELL_TABLE},
      {"Index", CELL_TEXT},
      {"Of", CELL_TEXT},
      {"Before", CELL_NUMBER},
      {"After", CELL_NUMBER},
      {"Wanted", CELL_TEXT},
      {"Held back by", CELL_TEXT}}},
    {"Pages in memory",
     "Of the connection that has made this page. Each of the server's "
     "connections has its own; all together stay below a maximum.",
     "This connection has none yet.",
     "SELECT table_name, kind, entries, bytes, hits, misses, evictions FROM "
     "dynamo_caches ORDER BY 1, 2",
     {{"Table", CELL_TABLE},
      {"Cache", CELL_TEXT},
      {"Entries", CELL_NUMBER},
      {"Size", CELL_BYTES},
      {"Hits", CELL_NUMBER},
      {"Misses", CELL_NUMBER},
      {"Evictions", CELL_NUMBER}}},
};

dyn_status console_activity(console_page *page)
{
    html_add(&page->out, "<h1>Activity</h1>");
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        DYN_TRY(page_add_table(page, &parts[i], page->table));
    return DYN_OK;
}

/*
 * The one place that includes SQLite's extension header. In the module, the
 * functions of SQLite are called through the pointers of its host, which
 * ext/extension.c holds; in the library for programs and tests, which is built
 * with -DSQLITE_CORE, they are those that the program links.
 *
 * Layer: base. tests/lint/layers.py lists the files that may include it.
 */
#ifndef DYN_BASE_SQLITE_H
#define DYN_BASE_SQLITE_H

#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

#endif

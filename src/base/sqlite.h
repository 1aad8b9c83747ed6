/*
 * The one place that includes SQLite's extension header. ext/extension.c
 * defines the API pointer that this header declares; a static build and the
 * unit tests define SQLITE_CORE and link SQLite instead.
 *
 * Layer: base. tests/lint/layers.py lists the files that may include it.
 */
#ifndef DYN_BASE_SQLITE_H
#define DYN_BASE_SQLITE_H

#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

#endif

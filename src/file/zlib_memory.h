/*
 * Memory for zlib: SQLite's, as all of ours is.
 *
 * Layer: file.
 */
#ifndef DYN_FILE_ZLIB_MEMORY_H
#define DYN_FILE_ZLIB_MEMORY_H

#include <zlib.h>

/* A stream that has not begun, and takes its memory from SQLite. */
z_stream dyn_zlib_stream(void);

#endif

/* Memory for zlib; the contract is in zlib_memory.h. */
#include "file/zlib_memory.h"

#include "base/sqlite.h"

static void *take(void *context, unsigned count, unsigned size_bytes)
{
    (void)context;
    return sqlite3_malloc64((sqlite3_uint64)count * size_bytes);
}

static void give(void *context, void *memory)
{
    (void)context;
    sqlite3_free(memory);
}

z_stream dyn_zlib_stream(void)
{
    return (z_stream){.zalloc = take, .zfree = give};
}

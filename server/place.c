/* A file for the database; the contract is in place.h. */
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static dyn_status make_temporary(dyn_call *call, server_place *out)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0') parent = "/tmp";
    out->folder = dyn_format(call, "%s/dynamo-server-XXXXXX", parent);
    if (out->folder == NULL) return DYN_NOMEM;
    if (mkdtemp(out->folder) == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "no temporary folder can be made in %s: %s", parent,
                        strerror(errno));
    }
    out->path = dyn_format(call, "%s/memory.db", out->folder);
    return out->path != NULL ? DYN_OK : DYN_NOMEM;
}

dyn_status place_find(dyn_call *call, const char *file, server_place *out)
{
    *out = (server_place){NULL, NULL};
    if (file == NULL) return make_temporary(call, out);
    out->path = dyn_format(call, "%s", file);
    return out->path != NULL ? DYN_OK : DYN_NOMEM;
}

void place_leave(const server_place *place)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[4096];
    if (place->folder == NULL) return;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", place->path, suffixes[i]);
        unlink(path);
    }
    rmdir(place->folder);
}

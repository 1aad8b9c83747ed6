/* Sums; the contracts are in sum.h. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): POSIX names it so
#define _POSIX_C_SOURCE 200809L
#include "file/sum.h"

#include "base/base64.h"
#include "file/folder.h"

#include <fcntl.h>
#include <unistd.h>

void dyn_sum_begin(dyn_sum *sum)
{
    MD5Init(&sum->state);
}

void dyn_sum_add(dyn_sum *sum, dyn_bytes bytes)
{
    if (bytes.size_bytes > 0)
        MD5Update(&sum->state, bytes.data, bytes.size_bytes);
}

void dyn_sum_end(dyn_sum *sum, dyn_sum_text *out)
{
    unsigned char digest[MD5_DIGEST_LENGTH];
    MD5Final(digest, &sum->state);
    dyn_base64_encode((dyn_bytes){digest, sizeof(digest)}, out->text);
    out->text[DYN_SUM_TEXT_BYTES] = '\0';
}

dyn_status dyn_sum_file(dyn_call *call, const char *path, dyn_sum_text *out)
{
    enum { PART_BYTES = 16 * 1024 };
    unsigned char part[PART_BYTES];
    ssize_t size = 0;
    dyn_sum sum;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return dyn_path_fail(call, path);
    dyn_sum_begin(&sum);
    while ((size = read(file, part, sizeof(part))) > 0)
        dyn_sum_add(&sum, (dyn_bytes){part, (size_t)size});
    dyn_status status = size == 0 ? DYN_OK : dyn_path_fail(call, path);
    close(file);
    dyn_sum_end(&sum, out);
    return status;
}

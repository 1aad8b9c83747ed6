/* Shard iterators; the contracts are in shard_iterator.h. As the service's own,
 * they begin with the ARN of the stream:
 *
 *   ARN |1| shard:16  sequence:16  issued_ms:16  is_oldest:1  digest:16
 *
 * The numbers are hexadecimal; the digest is of all that is before it. */
#include "api/shard_iterator.h"

#include "base/clock.h"
#include "base/exception.h"
#include "item/key.h"

#include <inttypes.h>
#include <stdio.h>

#define VERSION_MARK "|1|"

enum { TAIL_BYTES = sizeof(VERSION_MARK) - 1 + 16 + 16 + 16 + 1 + 16 };

static dyn_status print(dyn_call *call, const dyn_shard_iterator *it,
                        const char **out)
{
    const char *text = dyn_format(
        call,
        "%.*s" VERSION_MARK "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%d",
        (int)it->arn.size_bytes, (const char *)it->arn.data,
        (uint64_t)it->shard, (uint64_t)it->sequence, (uint64_t)it->issued_ms,
        it->is_oldest);
    if (text == NULL) return DYN_NOMEM;
    uint64_t digest = dyn_key_digest(dyn_bytes_text(text));
    *out = dyn_format(call, "%s%016" PRIx64, text, digest);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

dyn_status dyn_shard_iterator_print(dyn_call *call,
                                    const dyn_shard_iterator *iterator,
                                    const char **out)
{
    dyn_shard_iterator issued = *iterator;
    issued.issued_ms = dyn_clock_now_ms();
    return print(call, &issued, out);
}

/* What is printed alike is the same. */
static dyn_status parse(dyn_call *call, dyn_bytes text, dyn_shard_iterator *out,
                        bool *is_sound)
{
    int is_oldest = 0;
    uint64_t numbers[3] = {0, 0, 0};
    dyn_bytes copy = {NULL, 0};
    const char *printed = NULL;
    if (text.size_bytes <= TAIL_BYTES) return DYN_OK;
    DYN_TRY(dyn_copy(call, text, &copy));
    out->arn = (dyn_bytes){copy.data, copy.size_bytes - TAIL_BYTES};
    *is_sound =
        sscanf((const char *)copy.data + out->arn.size_bytes,
               VERSION_MARK "%16" SCNx64 "%16" SCNx64 "%16" SCNx64 "%1d",
               &numbers[0], &numbers[1], &numbers[2], &is_oldest) == 4;
    out->shard = (int64_t)numbers[0];
    out->sequence = (int64_t)numbers[1];
    out->issued_ms = (int64_t)numbers[2];
    out->is_oldest = is_oldest != 0;
    DYN_TRY(print(call, out, &printed));
    *is_sound = *is_sound && dyn_bytes_equal_text(text, printed);
    return DYN_OK;
}

dyn_status dyn_shard_iterator_read(dyn_call *call, dyn_bytes text,
                                   dyn_shard_iterator *out)
{
    bool is_sound = false;
    *out = (dyn_shard_iterator){.shard = 0};
    DYN_TRY(parse(call, text, out, &is_sound));
    if (!is_sound) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid ShardIterator: it is to be as "
                        "GetShardIterator or GetRecords returned it");
    }
    if (dyn_clock_now_ms() - out->issued_ms < DYN_SHARD_ITERATOR_LIFE_MS)
        return DYN_OK;
    return dyn_fail_as(call, "ExpiredIteratorException",
                       "The shard iterator has expired: it lives for 15 "
                       "minutes. To get another one, use GetShardIterator");
}

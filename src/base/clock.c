/* The clock; the contract is in clock.h. Reads are frequent and take no lock:
 * a frozen time and an offset to the system's are one atomic word each. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): POSIX names it so
#define _POSIX_C_SOURCE 200809L
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t frozen_ms = INT64_MIN; /* INT64_MIN: it runs */
static _Atomic int64_t offset_ms;
static _Atomic bool never_waits;

static int64_t system_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t dyn_clock_now_ms(void)
{
    int64_t frozen = atomic_load(&frozen_ms);
    return frozen != INT64_MIN ? frozen : system_ms() + atomic_load(&offset_ms);
}

/* A clock that others move is looked at again soon. */
bool dyn_clock_wait_until(int64_t time_ms)
{
    enum { STEP_MS = 20, MS_NS = 1000000 };
    for (;;) {
        int64_t left_ms = time_ms - dyn_clock_now_ms();
        if (left_ms <= 0) return true;
        if (atomic_load(&never_waits)) return false;
        if (atomic_load(&frozen_ms) != INT64_MIN) return false;
        struct timespec step = {
            0, (long)(left_ms < STEP_MS ? left_ms : STEP_MS) * MS_NS};
        nanosleep(&step, NULL);
    }
}

void dyn_clock_forbid_waiting(void)
{
    atomic_store(&never_waits, true);
}

void dyn_clock_freeze(int64_t now_ms)
{
    atomic_store(&frozen_ms, now_ms);
}

void dyn_clock_move(int64_t by_ms)
{
    if (atomic_load(&frozen_ms) != INT64_MIN) {
        atomic_fetch_add(&frozen_ms, by_ms);
    } else {
        atomic_fetch_add(&offset_ms, by_ms);
    }
}

void dyn_clock_release(void)
{
    atomic_store(&offset_ms, 0);
    atomic_store(&frozen_ms, INT64_MIN);
}

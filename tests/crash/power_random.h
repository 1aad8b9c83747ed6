/* Random numbers that are the same on each run (splitmix64). */
#ifndef TESTS_POWER_RANDOM_H
#define TESTS_POWER_RANDOM_H

#include <stdint.h>

typedef struct power_random {
    uint64_t state; /* any value is a seed */
} power_random;

static inline uint64_t power_random_next(power_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* One of 0 .. count - 1. */
static inline uint64_t power_random_below(power_random *random, uint64_t count)
{
    return power_random_next(random) % count;
}

#endif

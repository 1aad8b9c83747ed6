/*
 * Times what counting a load in the sketch of hot keys adds to a put or a point
 * read. Prints a markdown table of ns per add, the median of the rounds.
 *
 *   hot_keys
 *
 * The keys are drawn before the clock starts. With one key, each add finds a
 * counter; with a million that are alike, nearly each add takes one over.
 *
 * cc -std=c11 -O3 -DSQLITE_CORE -Isrc tests/bench/hot_keys.c \
 *    src/engine/hot_keys.c src/item/[kn]*.c src/base/[bc]*.c -o hot_keys \
 *    -lsqlite3 -lm
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include "engine/hot_keys.h"
#include "item/key.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 15, ADDS = 200000, KEYS = 1000000, KEY_BYTES_MAX = 4096 };

static const struct {
    const char *name;
    uint32_t keys;
    double skew; /* the exponent of a Zipf distribution; 0: all alike */
    size_t key_bytes;
} loads[] = {
    {"one key", 1, 0, 40},
    {"64 keys", 64, 0, 40},
    {"Zipf 1.0, a million keys", KEYS, 1.0, 40},
    {"a million keys alike", KEYS, 0, 40},
    {"a million keys alike of 300 bytes", KEYS, 0, 300},
    {"a million keys alike of 4 KiB", KEYS, 0, KEY_BYTES_MAX},
};

static uint64_t state = 1;
static uint32_t drawn[ADDS];

static double random_share(void)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(state >> 11) / (double)(UINT64_C(1) << 53);
}

/* Rejection-free and near enough: the inverse of the integral of 1/x. */
static uint32_t draw(uint32_t keys, double skew)
{
    double share = random_share();
    double at = skew == 0 ? share * keys : pow(keys, share) - 1;
    return at < keys ? (uint32_t)at : keys - 1;
}

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* ns of an add; without a sketch, of all that is not the add. */
static double measure(dyn_hot_keys *hot, size_t key_bytes)
{
    static unsigned char key[KEY_BYTES_MAX];
    double started = now_ns();
    for (int i = 0; i < ADDS; i++) {
        memcpy(key + 8, &drawn[i], sizeof(drawn[i]));
        dyn_hot_keys_add(hot, i, (dyn_bytes){key, key_bytes}, i & 1, ~i & 1);
    }
    return (now_ns() - started) / ADDS;
}

int main(void)
{
    printf("| load | ns per add |\n|---|--:|\n");
    for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
        double rounds[ROUNDS];
        dyn_hot_keys *hot = dyn_hot_keys_open(dyn_hot_units);
        for (int n = 0; n < ROUNDS; n++) {
            for (int j = 0; j < ADDS; j++)
                drawn[j] = draw(loads[i].keys, loads[i].skew);
            double rest = measure(NULL, loads[i].key_bytes);
            rounds[n] = measure(hot, loads[i].key_bytes) - rest;
        }
        qsort(rounds, ROUNDS, sizeof(*rounds), compare);
        printf("| %s | %.1f |\n", loads[i].name, rounds[ROUNDS / 2]);
        dyn_hot_keys_close(hot);
    }
    return EXIT_SUCCESS;
}

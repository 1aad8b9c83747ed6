/*
 * A replay: what a recorded usage would have got from other settings, and what
 * would have been provisioned for it. The load of a minute is spread evenly
 * over its seconds; a second gets what the bucket of the table (bucket.h) has,
 * as if its requests were as small as can be, and the rest is throttled and not
 * tried again.
 *
 * The limits of partitions are not replayed: a usage by minute says nothing of
 * its keys.
 *
 * - provisioned: the units that are given, kept for 300 seconds
 * - scaled: the same, and scaling.h changes them for the next minute from what
 *   was granted, with no more decreases than decreases.h lets; a change of both
 *   read and write units is two changes
 * - on demand: a second's worth of the ceiling (peak.h), or of the maximum
 *
 * Amounts are thousandths of a unit; minutes count from 1970, UTC.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_REPLAY_H
#define DYN_ENGINE_REPLAY_H

#include "engine/bucket.h"
#include "engine/decreases.h"
#include "engine/peak.h"
#include "engine/scaling.h"

enum {
    DYN_REPLAY_GAP_MINUTES_MAX = 10 * 366 * 24 * 60, /* without usage */
};

typedef enum dyn_replay_mode {
    DYN_REPLAY_PROVISIONED,
    DYN_REPLAY_SCALED,
    DYN_REPLAY_ON_DEMAND,
} dyn_replay_mode;

/* Of read or of write units. */
typedef struct dyn_replay_limits {
    int64_t units;         /* a second: provisioned, when scaled at first; on
                            * demand the highest ever provisioned, or 0 */
    int64_t maximum_units; /* on demand; 0: none */
    dyn_scaling_settings scaling; /* valid ones, when scaled */
} dyn_replay_limits;

typedef struct dyn_replay_settings {
    dyn_replay_mode mode;
    dyn_replay_limits read;
    dyn_replay_limits write;
} dyn_replay_settings;

typedef struct dyn_replay_amounts {
    int64_t granted_milli;
    int64_t throttled_milli;
    int64_t unit_minutes; /* provisioned: units times minutes; 60 are an hour of
                           * one unit */
} dyn_replay_amounts;

typedef struct dyn_replay_side {
    dyn_bucket bucket;
    dyn_bucket_rate rate; /* of this minute */
    dyn_peak peak;
    dyn_scaling scaling;
    dyn_replay_amounts minute; /* of the last minute of usage */
    dyn_replay_amounts total;
} dyn_replay_side;

typedef struct dyn_replay {
    dyn_replay_settings settings;
    dyn_replay_side read;
    dyn_replay_side write;
    dyn_decreases decreases;
    bool has_begun;
    int64_t next_minute;
} dyn_replay;

dyn_replay dyn_replay_begin(const dyn_replay_settings *settings);

/* A minute of the usage, after the minutes since the one before that had none.
 * The first begins the replay: the table is new then. Amounts are 0 or more.
 * Returns false, and replays nothing, when the minute is not later than the one
 * before, or so much later that more than DYN_REPLAY_GAP_MINUTES_MAX lie
 * between, or has no time in milliseconds. */
bool dyn_replay_add(dyn_replay *replay, int64_t minute, int64_t read_milli,
                    int64_t write_milli);

#endif

/* Replays of a usage; the contracts are in replay_usage.h. */
#include "ops/replay_usage.h"

#include "base/limits.h"
#include "item/json.h"
#include "item/number.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum {
    MILLI = 1000,
    HOUR_MINUTES = 60,
    MINUTE_SECONDS = 60,
    MILLION = 1000 * 1000,
    PRICE_MAX = MILLION,
};

typedef struct usage_minute {
    int64_t minute; /* since 1970 */
    int64_t read_milli;
    int64_t write_milli;
} usage_minute;

/* ------------------------------------------------------------- settings -- */

/* A number that a mode has, and where it is in a plan. One that goes for
 * reading and for writing has two lines. */
typedef struct setting {
    dyn_replay_mode mode;
    const char *name;
    size_t place;
    int64_t least;
    int64_t most;
} setting;

#define UNITS(mode, name, member, least)                                       \
    {                                                                          \
        mode, name, offsetof(dyn_replay_plan, alternatives[mode].member),      \
            least, DYN_BUCKET_UNITS_MAX                                        \
    }
#define SCALED(name, member, least, most)                                      \
    {                                                                          \
        DYN_REPLAY_SCALED, name,                                               \
            offsetof(dyn_replay_plan, alternatives[DYN_REPLAY_SCALED].member), \
            least, most                                                        \
    }

static const setting settings[] = {
    UNITS(DYN_REPLAY_PROVISIONED, "read_units", read.units, 1),
    UNITS(DYN_REPLAY_PROVISIONED, "write_units", write.units, 1),
    UNITS(DYN_REPLAY_SCALED, "read_units", read.units, 1),
    UNITS(DYN_REPLAY_SCALED, "write_units", write.units, 1),
    UNITS(DYN_REPLAY_SCALED, "minimum_read_units", read.scaling.minimum_units,
          1),
    UNITS(DYN_REPLAY_SCALED, "maximum_read_units", read.scaling.maximum_units,
          1),
    UNITS(DYN_REPLAY_SCALED, "minimum_write_units", write.scaling.minimum_units,
          1),
    UNITS(DYN_REPLAY_SCALED, "maximum_write_units", write.scaling.maximum_units,
          1),
    SCALED("target_percent", read.scaling.target_percent,
           DYN_SCALING_TARGET_MIN, DYN_SCALING_TARGET_MAX),
    SCALED("target_percent", write.scaling.target_percent,
           DYN_SCALING_TARGET_MIN, DYN_SCALING_TARGET_MAX),
    SCALED("up_cooldown_seconds", read.scaling.up_cooldown_seconds, 0,
           INT32_MAX),
    SCALED("up_cooldown_seconds", write.scaling.up_cooldown_seconds, 0,
           INT32_MAX),
    SCALED("down_cooldown_seconds", read.scaling.down_cooldown_seconds, 0,
           INT32_MAX),
    SCALED("down_cooldown_seconds", write.scaling.down_cooldown_seconds, 0,
           INT32_MAX),
    UNITS(DYN_REPLAY_ON_DEMAND, "max_read_units", read.maximum_units, 0),
    UNITS(DYN_REPLAY_ON_DEMAND, "max_write_units", write.maximum_units, 0),
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static const char *const mode_names[DYN_REPLAY_MODES] = {
    [DYN_REPLAY_PROVISIONED] = "provisioned",
    [DYN_REPLAY_SCALED] = "scaled",
    [DYN_REPLAY_ON_DEMAND] = "on_demand",
};

static const struct {
    const char *name;
    size_t place;
} prices[] = {
    {"read_unit_hour", offsetof(dyn_replay_prices, read_unit_hour)},
    {"write_unit_hour", offsetof(dyn_replay_prices, write_unit_hour)},
    {"million_reads", offsetof(dyn_replay_prices, million_reads)},
    {"million_writes", offsetof(dyn_replay_prices, million_writes)},
};

enum { PRICES = sizeof(prices) / sizeof(prices[0]) };

static int64_t get_setting(const dyn_replay_plan *plan, const setting *which)
{
    int64_t number = 0;
    memcpy(&number, (const char *)plan + which->place, sizeof(number));
    return number;
}

static void set_setting(dyn_replay_plan *plan, const setting *which,
                        int64_t number)
{
    memcpy((char *)plan + which->place, &number, sizeof(number));
}

enum { NOT_SET = -1 }; /* a maximum: 0 is none */

void dyn_replay_plan_begin(dyn_call *call, dyn_replay_plan *out)
{
    static const dyn_replay_limits limits = {
        .units = 0,
        .maximum_units = NOT_SET,
        .scaling = {.minimum_units = 1,
                    .maximum_units = DYN_TABLE_UNITS_MAX,
                    .target_percent = DYN_SCALING_TARGET_DEFAULT},
    };
    *out = (dyn_replay_plan){.prices = {0.00013, 0.00065, 0.125, 0.625}};
    for (int mode = 0; mode < DYN_REPLAY_MODES; mode++) {
        out->alternatives[mode] =
            (dyn_replay_settings){(dyn_replay_mode)mode, limits, limits};
    }
    dyn_buffer_begin(&out->minutes, call, 1024 * sizeof(usage_minute));
}

static void declare(dyn_replay_limits *limits, int64_t units,
                    int64_t maximum_units)
{
    if (limits->units == 0) limits->units = units;
    if (limits->maximum_units == NOT_SET) limits->maximum_units = maximum_units;
}

void dyn_replay_plan_declare(dyn_replay_plan *plan,
                             const dyn_throughput *declared)
{
    for (int mode = 0; mode < DYN_REPLAY_MODES; mode++) {
        dyn_replay_settings *of = &plan->alternatives[mode];
        declare(&of->read, declared->read_units, declared->max_read_units);
        declare(&of->write, declared->write_units, declared->max_write_units);
    }
}

static bool read_number(dyn_call *call, const dyn_json *json, dyn_number *out)
{
    return json->type == DYN_JSON_NUMBER &&
           dyn_number_parse(call, json->text, out) == DYN_OK;
}

static dyn_status read_setting(dyn_call *call, dyn_replay_plan *plan, int mode,
                               const dyn_json *member)
{
    dyn_number number;
    int64_t value = 0;
    bool is_known = false;
    for (size_t i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        if ((int)s->mode != mode || !dyn_bytes_equal_text(member->key, s->name))
            continue;
        if (!read_number(call, member, &number) ||
            !dyn_number_to_int64(&number, &value) || value < s->least ||
            value > s->most) {
            return dyn_fail(call, DYN_INVALID,
                            "%s.%s is a whole number from %" PRId64
                            " to %" PRId64,
                            mode_names[mode], s->name, s->least, s->most);
        }
        set_setting(plan, s, value);
        is_known = true;
    }
    if (is_known) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    mode == DYN_REPLAY_ON_DEMAND
                        ? "%s has no setting %.*s: it has max_read_units and "
                          "max_write_units"
                    : mode == DYN_REPLAY_PROVISIONED
                        ? "%s has no setting %.*s: it has read_units and "
                          "write_units"
                        : "%s has no setting %.*s: it has read_units, "
                          "write_units, minimum_read_units, "
                          "maximum_read_units, minimum_write_units, "
                          "maximum_write_units, target_percent, "
                          "up_cooldown_seconds, down_cooldown_seconds",
                    mode_names[mode], (int)member->key.size_bytes,
                    (const char *)member->key.data);
}

dyn_status dyn_replay_plan_price(dyn_call *call, dyn_replay_plan *plan,
                                 dyn_bytes name, double price)
{
    for (size_t i = 0; i < PRICES; i++) {
        if (!dyn_bytes_equal_text(name, prices[i].name)) continue;
        if (!(price >= 0 && price <= PRICE_MAX)) {
            return dyn_fail(call, DYN_INVALID,
                            "the price %s is a number from 0 to %d",
                            prices[i].name, PRICE_MAX);
        }
        memcpy((char *)&plan->prices + prices[i].place, &price, sizeof(price));
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "there is no price %.*s: there are read_unit_hour, "
                    "write_unit_hour, million_reads, million_writes",
                    (int)name.size_bytes, (const char *)name.data);
}

static dyn_status read_price(dyn_call *call, dyn_replay_plan *plan,
                             const dyn_json *member)
{
    dyn_number number;
    double price = -1;
    if (read_number(call, member, &number))
        (void)dyn_number_to_double(&number, &price); /* the nearest will do */
    return dyn_replay_plan_price(call, plan, member->key, price);
}

static dyn_status fail_type(dyn_call *call, dyn_bytes name, const char *type)
{
    return dyn_fail(call, DYN_INVALID, "the setting %.*s is %s",
                    (int)name.size_bytes, (const char *)name.data, type);
}

static dyn_status read_text(dyn_call *call, const dyn_json *member,
                            dyn_bytes *out)
{
    if (member->type != DYN_JSON_STRING)
        return fail_type(call, member->key, "a text");
    return dyn_copy(call, member->text, out);
}

static dyn_status read_prices(dyn_call *call, dyn_replay_plan *plan,
                              const dyn_json *member)
{
    if (member->type != DYN_JSON_OBJECT)
        return fail_type(call, member->key,
                         "an object, or the name of a table");
    for (const dyn_json *m = member->first; m != NULL; m = m->next)
        DYN_TRY(read_price(call, plan, m));
    return DYN_OK;
}

/* Settings of a mode. */
static dyn_status read_mode(dyn_call *call, dyn_replay_plan *plan,
                            const dyn_json *member)
{
    int mode = 0;
    while (mode < DYN_REPLAY_MODES &&
           !dyn_bytes_equal_text(member->key, mode_names[mode]))
        mode++;
    if (mode == DYN_REPLAY_MODES) {
        return dyn_fail(call, DYN_INVALID,
                        "there is no setting %.*s: there are provisioned, "
                        "scaled, on_demand, prices, index",
                        (int)member->key.size_bytes,
                        (const char *)member->key.data);
    }
    if (member->type != DYN_JSON_OBJECT)
        return fail_type(call, member->key, "an object");
    for (const dyn_json *m = member->first; m != NULL; m = m->next)
        DYN_TRY(read_setting(call, plan, mode, m));
    return DYN_OK;
}

static dyn_status check_scaling(dyn_call *call, const dyn_replay_plan *plan)
{
    const dyn_replay_settings *scaled = &plan->alternatives[DYN_REPLAY_SCALED];
    const char *what = NULL;
    if (!dyn_scaling_is_valid(&scaled->read.scaling)) what = "read";
    if (!dyn_scaling_is_valid(&scaled->write.scaling)) what = "write";
    if (what == NULL) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "scaled.maximum_%s_units is below scaled.minimum_%s_units",
                    what, what);
}

dyn_status dyn_replay_plan_read(dyn_call *call, dyn_bytes settings_text,
                                dyn_replay_plan *plan, dyn_bytes *index,
                                dyn_bytes *source)
{
    const dyn_json *json = NULL;
    *index = *source = (dyn_bytes){NULL, 0};
    DYN_TRY(dyn_json_parse(call, settings_text, DYN_JSON_DEPTH_MAX, &json));
    if (json->type != DYN_JSON_OBJECT)
        return dyn_fail(call, DYN_INVALID, "settings are a JSON object");
    for (const dyn_json *m = json->first; m != NULL; m = m->next) {
        bool is_prices = dyn_bytes_equal_text(m->key, "prices");
        if (dyn_bytes_equal_text(m->key, "index")) {
            DYN_TRY(read_text(call, m, index));
        } else if (is_prices && m->type == DYN_JSON_STRING) {
            DYN_TRY(read_text(call, m, source));
        } else {
            DYN_TRY(is_prices ? read_prices(call, plan, m)
                              : read_mode(call, plan, m));
        }
    }
    return check_scaling(call, plan);
}

/* ---------------------------------------------------------------- usage -- */

static size_t minute_count(const dyn_replay_plan *plan)
{
    return plan->minutes.size_bytes / sizeof(usage_minute);
}

static usage_minute *minutes_of(const dyn_replay_plan *plan)
{
    return (usage_minute *)(void *)plan->minutes.data;
}

dyn_status dyn_replay_plan_add(dyn_call *call, dyn_replay_plan *plan,
                               int64_t minute, int64_t read_milli,
                               int64_t write_milli)
{
    static const int64_t most = (int64_t)DYN_REPLAY_MINUTE_UNITS_MAX * MILLI;
    size_t count = minute_count(plan);
    usage_minute *all = minutes_of(plan);
    usage_minute added = {minute, read_milli, write_milli};
    usage_minute *last = all != NULL && count > 0 ? &all[count - 1] : NULL;
    bool is_more = last != NULL && last->minute == minute;
    if (is_more) {
        added.read_milli += last->read_milli;
        added.write_milli += last->write_milli;
    }
    if (added.read_milli > most || added.write_milli > most) {
        return dyn_fail(call, DYN_INVALID,
                        "a minute has more than %d units, which no table can "
                        "have",
                        DYN_REPLAY_MINUTE_UNITS_MAX);
    }
    if (is_more) {
        *last = added;
        return DYN_OK;
    }
    if (last != NULL && minute - all[0].minute > DYN_REPLAY_GAP_MINUTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "more than 10 years lie between it and the first row");
    }
    dyn_buffer_add(&plan->minutes, &added, sizeof(added));
    return plan->minutes.failed ? DYN_NOMEM : DYN_OK;
}

/* Whole units a second. */
static int64_t average_second(int64_t minute_milli)
{
    enum { UNIT = MILLI * MINUTE_SECONDS };
    int64_t units = (minute_milli + UNIT - 1) / UNIT;
    return units > 0 ? units : 1;
}

/* What is not said: the average second of the busiest minute. */
static dyn_replay_settings settings_of(const dyn_replay_plan *plan, int mode)
{
    dyn_replay_settings out = plan->alternatives[mode];
    int64_t read_milli = 0;
    int64_t write_milli = 0;
    if (mode == DYN_REPLAY_ON_DEMAND) return out;
    for (size_t i = 0; i < minute_count(plan); i++) {
        const usage_minute *m = &minutes_of(plan)[i];
        if (m->read_milli > read_milli) read_milli = m->read_milli;
        if (m->write_milli > write_milli) write_milli = m->write_milli;
    }
    if (out.read.units == 0) out.read.units = average_second(read_milli);
    if (out.write.units == 0) out.write.units = average_second(write_milli);
    return out;
}

/* --------------------------------------------------------------- report -- */

static void write_name(dyn_buffer *out, const char *name)
{
    if (out->failed) return;
    if (out->data[out->size_bytes - 1] != '{') dyn_buffer_add_byte(out, ',');
    dyn_buffer_add_byte(out, '"');
    dyn_buffer_add_text(out, name);
    dyn_buffer_add_text(out, "\":");
}

/* A name from two words. */
static void write_name_of(dyn_buffer *out, const char *word, const char *of)
{
    char name[64];
    snprintf(name, sizeof(name), word, of);
    write_name(out, name);
}

/* A number of so many parts, 10 to the power of digits of which are one, as
 * people read it. */
static void write_parts(dyn_buffer *out, int64_t parts, int64_t one, int digits)
{
    char text[48];
    int size = snprintf(text, sizeof(text), "%" PRId64 ".%0*" PRId64,
                        parts / one, digits, parts % one);
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.') size--;
    dyn_buffer_add(out, text, (size_t)size);
}

static void write_milli(dyn_buffer *out, int64_t milli)
{
    write_parts(out, milli, MILLI, 3);
}

/* To a ten-millionth, as far as there is room for that. */
static void write_money(dyn_buffer *out, double money)
{
    enum { ONE = 10 * MILLION, DIGITS = 7 };
    static const double precise_max = 9e11;
    if (money < precise_max) {
        write_parts(out, (int64_t)(money * ONE + 0.5), ONE, DIGITS);
    } else {
        write_parts(out, (int64_t)money, 1, 1);
    }
}

static void write_settings(dyn_buffer *out, const dyn_replay_plan *plan,
                           const dyn_replay_settings *of)
{
    dyn_replay_plan completed = *plan;
    completed.alternatives[of->mode] = *of;
    const char *before = "";
    for (size_t i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        if (s->mode != of->mode || strcmp(s->name, before) == 0) continue;
        before = s->name;
        write_name(out, s->name);
        write_milli(out, get_setting(&completed, s) * MILLI);
    }
}

static void write_side(dyn_buffer *out, const char *word, dyn_replay_mode mode,
                       const dyn_replay_amounts *total)
{
    write_name_of(out, "granted_%s_units", word);
    write_milli(out, total->granted_milli);
    write_name_of(out, "throttled_%s_units", word);
    write_milli(out, total->throttled_milli);
    if (mode == DYN_REPLAY_ON_DEMAND) return;
    write_name_of(out, "%s_unit_hours", word);
    write_milli(out, (total->unit_minutes * MILLI + HOUR_MINUTES / 2) /
                         HOUR_MINUTES);
}

static double money_of(const dyn_replay_prices *list, const dyn_replay *replay)
{
    const dyn_replay_amounts *read = &replay->read.total;
    const dyn_replay_amounts *write = &replay->write.total;
    if (replay->settings.mode == DYN_REPLAY_ON_DEMAND) {
        return ((double)read->granted_milli * list->million_reads +
                (double)write->granted_milli * list->million_writes) /
               ((double)MILLI * MILLION);
    }
    return ((double)read->unit_minutes * list->read_unit_hour +
            (double)write->unit_minutes * list->write_unit_hour) /
           HOUR_MINUTES;
}

/* What the plan has added is in order, so nothing is refused. */
static void run_mode(dyn_buffer *out, const dyn_replay_plan *plan, int mode)
{
    dyn_replay_settings of = settings_of(plan, mode);
    dyn_replay replay = dyn_replay_begin(&of);
    for (size_t i = 0; i < minute_count(plan); i++) {
        const usage_minute *m = &minutes_of(plan)[i];
        dyn_replay_add(&replay, m->minute, m->read_milli, m->write_milli);
    }
    write_name(out, mode_names[mode]);
    dyn_buffer_add_byte(out, '{');
    write_settings(out, plan, &of);
    write_side(out, "read", of.mode, &replay.read.total);
    write_side(out, "write", of.mode, &replay.write.total);
    write_name(out, "money");
    write_money(out, money_of(&plan->prices, &replay));
    dyn_buffer_add_byte(out, '}');
}

static void write_usage(dyn_buffer *out, const dyn_replay_plan *plan)
{
    const usage_minute *all = minutes_of(plan);
    size_t count = minute_count(plan);
    usage_minute sum = {0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        sum.read_milli += all[i].read_milli;
        sum.write_milli += all[i].write_milli;
    }
    write_name(out, "minutes");
    write_milli(out, count == 0
                         ? 0
                         : (all[count - 1].minute - all[0].minute + 1) * MILLI);
    write_name(out, "read_units");
    write_milli(out, sum.read_milli);
    write_name(out, "write_units");
    write_milli(out, sum.write_milli);
}

static void write_prices(dyn_buffer *out, const dyn_replay_plan *plan)
{
    write_name(out, "prices");
    dyn_buffer_add_byte(out, '{');
    for (size_t i = 0; i < PRICES; i++) {
        double price = 0;
        memcpy(&price, (const char *)&plan->prices + prices[i].place,
               sizeof(price));
        write_name(out, prices[i].name);
        write_money(out, price);
    }
    dyn_buffer_add_byte(out, '}');
}

dyn_status dyn_replay_plan_run(dyn_call *call, const dyn_replay_plan *plan,
                               dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 1024);
    dyn_buffer_add_byte(&text, '{');
    write_usage(&text, plan);
    for (int mode = 0; mode < DYN_REPLAY_MODES; mode++)
        run_mode(&text, plan, mode);
    write_prices(&text, plan);
    dyn_buffer_add_byte(&text, '}');
    return dyn_buffer_end(&text, out);
}

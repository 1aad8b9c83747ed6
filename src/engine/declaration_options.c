/* Options of a table and the throughput of its indexes; the contracts are in
 * declaration_options.h. */
#include "engine/declaration_options.h"

#include "base/arn.h"
#include "base/buffer.h"
#include "engine/declaration_scaling.h"

#include <ctype.h>

/* ---------------------------------------------------------------- values -- */

static dyn_status fail_option(dyn_parser *p, const char *name,
                              const char *expected)
{
    return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: expected %s", name,
                    DYN_SHOWN(p->token), expected);
}

static dyn_status parse_number(dyn_parser *p, const char *name, int64_t min,
                               int64_t max, int64_t *out)
{
    const char *expected =
        min > 0 ? "a whole number above 0" : "a whole number";
    if (p->type != DYN_LEXEME_NUMBER && p->type != DYN_LEXEME_STRING) {
        return fail_option(p, name, expected);
    }
    int64_t number = 0;
    for (size_t i = 0; i < p->content.size_bytes; i++) {
        unsigned char digit = p->content.data[i];
        if (!isdigit(digit) || number > (INT64_MAX - 9) / 10) {
            return fail_option(p, name, expected);
        }
        number = number * 10 + (digit - '0');
    }
    if (number < min) return fail_option(p, name, expected);
    if (number > max) {
        return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: the limit is %lld",
                        name, DYN_SHOWN(p->token), (long long)max);
    }
    *out = number;
    return dyn_parser_next(p);
}

static dyn_status parse_count(dyn_parser *p, const char *name, int64_t max,
                              int64_t *out)
{
    return parse_number(p, name, 1, max, out);
}

/* One of two words in quotes; *is_second tells which. */
static dyn_status parse_choice(dyn_parser *p, const char *name,
                               const char *first, const char *second,
                               const char *expected, bool *is_second)
{
    if (p->type == DYN_LEXEME_STRING &&
        dyn_bytes_equal_text(p->content, first)) {
        *is_second = false;
    } else if (p->type == DYN_LEXEME_STRING &&
               dyn_bytes_equal_text(p->content, second)) {
        *is_second = true;
    } else {
        return fail_option(p, name, expected);
    }
    return dyn_parser_next(p);
}

/* --------------------------------------------------------------- options -- */

static dyn_status parse_billing(dyn_parser *p, const char *name)
{
    bool is_provisioned = false;
    DYN_TRY(parse_choice(p, name, "on_demand", "provisioned",
                         "'on_demand' or 'provisioned'", &is_provisioned));
    p->out->billing = is_provisioned ? DYN_PROVISIONED : DYN_ON_DEMAND;
    return DYN_OK;
}

static dyn_status parse_strict(dyn_parser *p, const char *name)
{
    return parse_choice(p, name, "off", "plan", "'plan' or 'off'",
                        &p->out->strict_plan);
}

static dyn_status parse_protection(dyn_parser *p, const char *name)
{
    return parse_choice(p, name, "off", "on", "'on' or 'off'",
                        &p->out->is_protected);
}

static dyn_status parse_class(dyn_parser *p, const char *name)
{
    return parse_choice(p, name, "standard", "infrequent_access",
                        "'standard' or 'infrequent_access'",
                        &p->out->is_infrequent);
}

static dyn_status parse_read_units(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TABLE_UNITS_MAX,
                       &p->out->throughput.read_units);
}

static dyn_status parse_write_units(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TABLE_UNITS_MAX,
                       &p->out->throughput.write_units);
}

static dyn_status parse_max_read_units(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TABLE_UNITS_MAX,
                       &p->out->throughput.max_read_units);
}

static dyn_status parse_max_write_units(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TABLE_UNITS_MAX,
                       &p->out->throughput.max_write_units);
}

static dyn_status parse_warm_read_units(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TABLE_UNITS_MAX,
                       &p->out->throughput.warm_read_units);
}

static dyn_status parse_warm_write_units(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TABLE_UNITS_MAX,
                       &p->out->throughput.warm_write_units);
}

static dyn_status parse_scaling(dyn_parser *p, const char *name,
                                dyn_scaling_settings *out)
{
    if (p->type != DYN_LEXEME_STRING)
        return fail_option(p, name, "a text, as in '5..100 at 70'");
    DYN_TRY(dyn_scaling_parse(p->call, name, p->content, out));
    return dyn_parser_next(p);
}

/* Settings of a table: off is none. */
static dyn_status parse_table_scaling(dyn_parser *p, const char *name,
                                      dyn_scaling_settings *out)
{
    DYN_TRY(parse_scaling(p, name, out));
    if (out->maximum_units == DYN_UNITS_NONE) *out = (dyn_scaling_settings){0};
    return DYN_OK;
}

static dyn_status parse_read_scaling(dyn_parser *p, const char *name)
{
    return parse_table_scaling(p, name, &p->out->throughput.read_scaling);
}

static dyn_status parse_write_scaling(dyn_parser *p, const char *name)
{
    return parse_table_scaling(p, name, &p->out->throughput.write_scaling);
}

static dyn_status parse_partition_bytes(dyn_parser *p, const char *name)
{
    return parse_count(p, name, INT64_MAX, &p->out->partition_bytes);
}

static dyn_status parse_throttle(dyn_parser *p, const char *name)
{
    bool is_on = false;
    DYN_TRY(parse_choice(p, name, "off", "on", "'on' or 'off'", &is_on));
    p->out->throttle = is_on ? DYN_THROTTLE_ON : DYN_THROTTLE_OFF;
    return DYN_OK;
}

static dyn_status parse_throttle_wait(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_THROTTLE_WAIT_MS_MAX,
                       &p->out->throttle_wait_ms);
}

static dyn_status parse_hot_keys(dyn_parser *p, const char *name)
{
    bool is_on = false;
    if (p->type == DYN_LEXEME_STRING &&
        dyn_bytes_equal_text(p->content, "throttled")) {
        p->out->hot_keys = DYN_HOT_KEYS_THROTTLED;
        return dyn_parser_next(p);
    }
    DYN_TRY(parse_choice(p, name, "off", "on", "'on', 'throttled' or 'off'",
                         &is_on));
    p->out->hot_keys = is_on ? DYN_HOT_KEYS_ON : DYN_HOT_KEYS_OFF;
    return DYN_OK;
}

static dyn_status parse_stream(dyn_parser *p, const char *name)
{
    if (p->type != DYN_LEXEME_STRING ||
        !dyn_stream_view_of(p->content, &p->out->stream)) {
        return fail_option(p, name,
                           "'KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', "
                           "'NEW_AND_OLD_IMAGES' or 'off'");
    }
    return dyn_parser_next(p);
}

static dyn_status parse_ttl(dyn_parser *p, const char *name)
{
    dyn_bytes attribute = {NULL, 0};
    if (p->type != DYN_LEXEME_STRING || p->content.size_bytes == 0) {
        return fail_option(p, name,
                           "the name of an attribute, as in 'ExpiresAt'");
    }
    if (p->content.size_bytes > DYN_KEY_NAME_BYTES_MAX) {
        return dyn_fail(p->call, DYN_INVALID,
                        "%s: the name has %zu bytes: the limit is %d", name,
                        p->content.size_bytes, DYN_KEY_NAME_BYTES_MAX);
    }
    DYN_TRY(dyn_copy(p->call, p->content, &attribute));
    dyn_definition_set_ttl(p->out, attribute);
    return dyn_parser_next(p);
}

static dyn_status parse_ttl_delay(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_TTL_DELAY_SECONDS_MAX,
                       &p->out->ttl_delay_seconds);
}

static dyn_status parse_replica_delay(dyn_parser *p, const char *name)
{
    return parse_number(p, name, 0, DYN_DELAY_MS_MAX,
                        &p->out->replica_delay_ms);
}

static dyn_status parse_index_delay(dyn_parser *p, const char *name)
{
    return parse_number(p, name, 0, DYN_DELAY_MS_MAX, &p->out->index_delay_ms);
}

static dyn_status parse_point_in_time(dyn_parser *p, const char *name)
{
    if (p->type == DYN_LEXEME_NUMBER) {
        return parse_count(p, name, DYN_POINT_IN_TIME_DAYS_MAX,
                           &p->out->point_in_time_days);
    }
    if (p->type != DYN_LEXEME_STRING ||
        !dyn_bytes_equal_text(p->content, "off")) {
        return fail_option(p, name, "a number of days, 1 to 35, or 'off'");
    }
    p->out->point_in_time_days = 0;
    return dyn_parser_next(p);
}

/* What may be the name of a database that is attached, and part of an ARN. */
static bool is_region(dyn_bytes name)
{
    for (size_t i = 0; i < name.size_bytes; i++) {
        if (!isalnum(name.data[i]) && name.data[i] != '-') return false;
    }
    return name.size_bytes > 0 && name.size_bytes <= DYN_REGION_BYTES_MAX;
}

dyn_status dyn_region_check(dyn_call *call, dyn_bytes name)
{
    if (is_region(name)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "\"%.*s\" is no name of a region, as eu-west-1 is one: "
                    "letters, digits and -, at most %d",
                    DYN_SHOWN(name), DYN_REGION_BYTES_MAX);
}

static dyn_status parse_region(dyn_parser *p, const char *name)
{
    if (p->type != DYN_LEXEME_STRING)
        return fail_option(p, name, "the name of a region, as in 'eu-west-1'");
    DYN_TRY(dyn_region_check(p->call, p->content));
    DYN_TRY(dyn_copy(p->call, p->content, &p->out->region));
    return dyn_parser_next(p);
}

static dyn_status parse_replication_delay(dyn_parser *p, const char *name)
{
    return parse_count(p, name, DYN_REPLICATION_DELAY_MS_MAX,
                       &p->out->replication_delay_ms);
}

static void reset_billing(dyn_definition *out)
{
    out->billing = DYN_ON_DEMAND;
}

static void reset_strict(dyn_definition *out)
{
    out->strict_plan = false;
}

static void reset_protection(dyn_definition *out)
{
    out->is_protected = false;
}

static void reset_class(dyn_definition *out)
{
    out->is_infrequent = false;
}

static void reset_read_units(dyn_definition *out)
{
    out->throughput.read_units = 0;
}

static void reset_write_units(dyn_definition *out)
{
    out->throughput.write_units = 0;
}

static void reset_max_read_units(dyn_definition *out)
{
    out->throughput.max_read_units = 0;
}

static void reset_max_write_units(dyn_definition *out)
{
    out->throughput.max_write_units = 0;
}

static void reset_warm_read_units(dyn_definition *out)
{
    out->throughput.warm_read_units = 0;
}

static void reset_warm_write_units(dyn_definition *out)
{
    out->throughput.warm_write_units = 0;
}

static void reset_read_scaling(dyn_definition *out)
{
    out->throughput.read_scaling = (dyn_scaling_settings){0};
}

static void reset_write_scaling(dyn_definition *out)
{
    out->throughput.write_scaling = (dyn_scaling_settings){0};
}

static void reset_throttle(dyn_definition *out)
{
    out->throttle = DYN_THROTTLE_DEFAULT;
}

static void reset_throttle_wait(dyn_definition *out)
{
    out->throttle_wait_ms = 0;
}

static void reset_hot_keys(dyn_definition *out)
{
    out->hot_keys = DYN_HOT_KEYS_DEFAULT;
}

static void reset_stream(dyn_definition *out)
{
    out->stream = DYN_STREAM_OFF;
}

static void reset_partition_bytes(dyn_definition *out)
{
    out->partition_bytes = DYN_PARTITION_BYTES_DEFAULT;
}

static void reset_ttl(dyn_definition *out)
{
    dyn_definition_set_ttl(out, (dyn_bytes){NULL, 0});
}

static void reset_ttl_delay(dyn_definition *out)
{
    out->ttl_delay_seconds = 0;
}

static void reset_replica_delay(dyn_definition *out)
{
    out->replica_delay_ms = 0;
}

static void reset_index_delay(dyn_definition *out)
{
    out->index_delay_ms = 0;
}

static void reset_point_in_time(dyn_definition *out)
{
    out->point_in_time_days = 0;
}

static void reset_region(dyn_definition *out)
{
    out->region = dyn_bytes_text(DYN_ARN_REGION);
}

static void reset_replication_delay(dyn_definition *out)
{
    out->replication_delay_ms = 0;
}

/* reset gives an option the value that it has without being named. */
static const struct {
    const char *name;
    dyn_status (*parse)(dyn_parser *p, const char *name);
    void (*reset)(dyn_definition *out);
} options[] = {
    {"billing", parse_billing, reset_billing},
    {"deletion_protection", parse_protection, reset_protection},
    {"hot_keys", parse_hot_keys, reset_hot_keys},
    {"index_delay_ms", parse_index_delay, reset_index_delay},
    {"max_read_units", parse_max_read_units, reset_max_read_units},
    {"max_write_units", parse_max_write_units, reset_max_write_units},
    {"partition_bytes", parse_partition_bytes, reset_partition_bytes},
    {"point_in_time", parse_point_in_time, reset_point_in_time},
    {"read_scaling", parse_read_scaling, reset_read_scaling},
    {"read_units", parse_read_units, reset_read_units},
    {"region", parse_region, reset_region},
    {"replica_delay_ms", parse_replica_delay, reset_replica_delay},
    {"replication_delay_ms", parse_replication_delay, reset_replication_delay},
    {"stream", parse_stream, reset_stream},
    {"strict", parse_strict, reset_strict},
    {"table_class", parse_class, reset_class},
    {"throttle", parse_throttle, reset_throttle},
    {"throttle_wait_ms", parse_throttle_wait, reset_throttle_wait},
    {"ttl", parse_ttl, reset_ttl},
    {"ttl_delay", parse_ttl_delay, reset_ttl_delay},
    {"warm_read_units", parse_warm_read_units, reset_warm_read_units},
    {"warm_write_units", parse_warm_write_units, reset_warm_write_units},
    {"write_scaling", parse_write_scaling, reset_write_scaling},
    {"write_units", parse_write_units, reset_write_units},
};

bool dyn_parser_at_option(const dyn_parser *p)
{
    return p->type == DYN_LEXEME_WORD && dyn_parser_is_before(p, '=');
}

/* All options in a sentence, in the memory of call. */
static const char *option_names(dyn_call *call)
{
    dyn_buffer names;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&names, call, 256);
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (i > 0) dyn_buffer_add_text(&names, ", ");
        dyn_buffer_add_text(&names, options[i].name);
    }
    return dyn_buffer_end(&names, &bytes) == DYN_OK ? (const char *)bytes.data
                                                    : NULL;
}

/* The number of the option that is looked at; moves on to its value. */
static dyn_status find_option(dyn_parser *p, size_t *number)
{
    dyn_bytes name = p->token;
    DYN_TRY(dyn_parser_next(p));
    DYN_TRY(dyn_parser_next(p));
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (!dyn_bytes_equal_nocase(name, dyn_bytes_text(options[i].name)))
            continue;
        if ((p->options_given & 1u << i) != 0) {
            return dyn_fail(p->call, DYN_INVALID, "option %s is given twice",
                            options[i].name);
        }
        p->options_given |= 1u << i;
        *number = i;
        return DYN_OK;
    }
    const char *all = option_names(p->call);
    if (all == NULL) return DYN_NOMEM;
    return dyn_fail(p->call, DYN_INVALID,
                    "unknown option \"%.*s\": there are %s", DYN_SHOWN(name),
                    all);
}

dyn_status dyn_parser_option(dyn_parser *p)
{
    size_t number = 0;
    DYN_TRY(find_option(p, &number));
    return options[number].parse(p, options[number].name);
}

dyn_status dyn_options_check(dyn_call *call, const dyn_definition *out)
{
    const dyn_throughput *units = &out->throughput;
    bool has_units = units->read_units > 0 || units->write_units > 0;
    bool has_limits = units->max_read_units > 0 || units->max_write_units > 0;
    if (out->billing == DYN_ON_DEMAND && has_units) {
        return dyn_fail(call, DYN_INVALID,
                        "read_units and write_units go with billing = "
                        "'provisioned'");
    }
    if (out->billing == DYN_PROVISIONED && has_limits) {
        return dyn_fail(call, DYN_INVALID,
                        "max_read_units and max_write_units go with billing = "
                        "'on_demand'");
    }
    if (out->billing == DYN_PROVISIONED &&
        (units->read_units == 0 || units->write_units == 0)) {
        return dyn_fail(call, DYN_INVALID,
                        "billing = 'provisioned' needs read_units = and "
                        "write_units =");
    }
    if (out->ttl_delay_seconds > 0 && out->ttl.size_bytes == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "ttl_delay goes with ttl, as in ttl = 'ExpiresAt'");
    }
    return DYN_OK;
}

/* -------------------------------------------------------- index options -- */

static dyn_status fail_twice(dyn_parser *p, const char *name)
{
    return dyn_fail(p->call, DYN_INVALID, "%s is given twice", name);
}

/* READ UNITS n, behind MAX or WARM or neither. NULL: none. */
static dyn_status parse_units(dyn_parser *p, const char *name, int64_t *out)
{
    bool is_null = false;
    DYN_TRY(dyn_parser_expect_word(p, "UNITS"));
    if (*out != 0) return fail_twice(p, name);
    DYN_TRY(dyn_parser_skip_word(p, "NULL", &is_null));
    if (!is_null) return parse_count(p, name, DYN_TABLE_UNITS_MAX, out);
    *out = DYN_UNITS_NONE;
    return DYN_OK;
}

/* READ SCALING 'text'. NULL: none. */
static dyn_status parse_index_scaling(dyn_parser *p, const char *name,
                                      dyn_scaling_settings *out)
{
    bool is_null = false;
    if (out->maximum_units != 0) return fail_twice(p, name);
    DYN_TRY(dyn_parser_skip_word(p, "NULL", &is_null));
    if (!is_null) return parse_scaling(p, name, out);
    out->maximum_units = DYN_UNITS_NONE;
    return DYN_OK;
}

/* What stands behind READ or WRITE, and before it. */
typedef struct unit_words {
    bool is_max;
    bool is_warm;
    bool is_read;
} unit_words;

static int64_t *units_of(dyn_throughput *out, const unit_words *words)
{
    if (words->is_max)
        return words->is_read ? &out->max_read_units : &out->max_write_units;
    if (words->is_warm)
        return words->is_read ? &out->warm_read_units : &out->warm_write_units;
    return words->is_read ? &out->read_units : &out->write_units;
}

static dyn_status parse_direction(dyn_parser *p, const unit_words *words,
                                  dyn_throughput *out)
{
    bool is_scaling = false;
    if (!words->is_max && !words->is_warm)
        DYN_TRY(dyn_parser_skip_word(p, "SCALING", &is_scaling));
    if (is_scaling) {
        return words->is_read
                   ? parse_index_scaling(p, "READ SCALING", &out->read_scaling)
                   : parse_index_scaling(p, "WRITE SCALING",
                                         &out->write_scaling);
    }
    return parse_units(p, words->is_read ? "READ UNITS" : "WRITE UNITS",
                       units_of(out, words));
}

dyn_status dyn_parser_throughput(dyn_parser *p, dyn_throughput *out)
{
    for (;;) {
        unit_words words = {false, false, false};
        bool is_write = false;
        DYN_TRY(dyn_parser_skip_word(p, "MAX", &words.is_max));
        if (!words.is_max)
            DYN_TRY(dyn_parser_skip_word(p, "WARM", &words.is_warm));
        DYN_TRY(dyn_parser_skip_word(p, "READ", &words.is_read));
        if (!words.is_read)
            DYN_TRY(dyn_parser_skip_word(p, "WRITE", &is_write));
        if (!words.is_read && !is_write) {
            if (words.is_max)
                return dyn_parser_fail(p, "READ or WRITE behind MAX");
            return words.is_warm
                       ? dyn_parser_fail(p, "READ or WRITE behind WARM")
                       : DYN_OK;
        }
        DYN_TRY(parse_direction(p, &words, out));
    }
}

/* --------------------------------------------------------------- changes -- */

dyn_status dyn_parser_change_option(dyn_parser *p)
{
    size_t number = 0;
    bool is_null = false;
    dyn_billing before = p->out->billing;
    if (!dyn_parser_at_option(p)) {
        return dyn_parser_fail(p, "an option, as in read_units = 20");
    }
    DYN_TRY(find_option(p, &number));
    DYN_TRY(dyn_parser_skip_word(p, "NULL", &is_null));
    if (is_null) {
        options[number].reset(p->out);
    } else {
        DYN_TRY(options[number].parse(p, options[number].name));
    }
    dyn_billing after = p->out->billing;
    p->out->billing = before;
    dyn_definition_set_billing(p->out, after);
    return DYN_OK;
}

static dyn_status check_scaling(dyn_call *call, const char *name,
                                const dyn_scaling_settings *settings)
{
    return settings->maximum_units == 0 ||
                   settings->maximum_units == DYN_UNITS_NONE
               ? DYN_OK
               : dyn_scaling_check(call, name, settings);
}

dyn_status dyn_throughput_check(dyn_call *call, const dyn_throughput *units,
                                bool is_index)
{
    const struct {
        const char *name;
        const char *index_name;
        int64_t number;
    } all[] = {
        {"read_units", "READ UNITS", units->read_units},
        {"write_units", "WRITE UNITS", units->write_units},
        {"max_read_units", "READ UNITS", units->max_read_units},
        {"max_write_units", "WRITE UNITS", units->max_write_units},
        {"warm_read_units", "WARM READ UNITS", units->warm_read_units},
        {"warm_write_units", "WARM WRITE UNITS", units->warm_write_units},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].number <= DYN_TABLE_UNITS_MAX) continue;
        return dyn_fail(call, DYN_INVALID, "%s = %lld: the limit is %d",
                        is_index ? all[i].index_name : all[i].name,
                        (long long)all[i].number, DYN_TABLE_UNITS_MAX);
    }
    DYN_TRY(check_scaling(call, is_index ? "READ SCALING" : "read_scaling",
                          &units->read_scaling));
    return check_scaling(call, is_index ? "WRITE SCALING" : "write_scaling",
                         &units->write_scaling);
}

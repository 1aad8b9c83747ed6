/* Days and times of the calendar; the contracts are in calendar.h. Years begin
 * in March here, so that a leap day is the last of its year. */
#include "base/calendar.h"

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    ERA_YEARS = 400,
    ERA_DAYS = 146097,
    DAYS_TO_1970 = 719468, /* since 0000-03-01 */
};

#define TIME_MS_MIN INT64_C(-62167219200000) /* the year 0 begins */
#define TIME_MS_MAX INT64_C(253402300799999) /* the year 9999 ends */

static void set_day(dyn_date *date, int64_t day)
{
    int64_t era = day / ERA_DAYS;
    int64_t of_era = day % ERA_DAYS;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    date->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    date->month = (int)(month < 10 ? month + 3 : month - 9);
    date->year = (int)(year + era * ERA_YEARS + (date->month <= 2));
}

dyn_date dyn_date_of(int64_t time_ms)
{
    dyn_date date;
    if (time_ms < TIME_MS_MIN) time_ms = TIME_MS_MIN;
    if (time_ms > TIME_MS_MAX) time_ms = TIME_MS_MAX;
    int64_t day = time_ms / DAY_MS - (time_ms % DAY_MS < 0);
    int of_day = (int)(time_ms - day * DAY_MS);
    /* an era more, for a day before 0000-03-01 */
    set_day(&date, day + DAYS_TO_1970 + ERA_DAYS);
    date.year -= ERA_YEARS;
    date.hour = of_day / 3600000;
    date.minute = of_day / 60000 % 60;
    date.second = of_day / 1000 % 60;
    date.millisecond = of_day % 1000;
    return date;
}

int64_t dyn_date_ms(const dyn_date *date)
{
    int64_t year = date->year - (date->month <= 2) + ERA_YEARS;
    int64_t month = date->month + (date->month <= 2 ? 9 : -3);
    int64_t era = year / ERA_YEARS;
    int64_t of_era = year % ERA_YEARS;
    int64_t of_year = (153 * month + 2) / 5 + date->day - 1;
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    int64_t day = (era - 1) * ERA_DAYS + days - DAYS_TO_1970;
    return ((day * 24 + date->hour) * 60 + date->minute) * 60000 +
           date->second * INT64_C(1000) + date->millisecond;
}

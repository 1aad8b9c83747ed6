/*
 * Days and times of the calendar, in UTC, for any year.
 *
 * Layer: base. Includes nothing of ours; no function can fail.
 */
#ifndef DYN_BASE_CALENDAR_H
#define DYN_BASE_CALENDAR_H

#include <stdint.h>

typedef struct dyn_date {
    int year;
    int month; /* 1 .. 12 */
    int day;   /* 1 .. 31 */
    int hour;
    int minute;
    int second;
    int millisecond;
} dyn_date;

/* The date of a time in ms since 1970; of one too far away, the nearest whose
 * year has four digits. */
dyn_date dyn_date_of(int64_t time_ms);

/* The time of a date, in ms since 1970. Members may be larger than they are in
 * a date: the 32nd of January is the 1st of February. */
int64_t dyn_date_ms(const dyn_date *date);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Days counted in the proleptic Gregorian calendar, after Howard Hinnant's
 * "chrono-compatible low-level date algorithms".
 */
#include "date.h"

#define DAY_MS INT64_C(86400000)

/* Days since 1970-01-01; the year begins in March so that leap days end it. */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;

	int64_t era = year / 400; /* years are never negative here */
	int64_t year_of_era = year - era * 400;
	int64_t shifted = month > 2 ? month - 3 : month + 9;
	int64_t day_of_year = (153 * shifted + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
			     year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

struct date
date_from_ms(int64_t utc_ms)
{
	const int64_t first = days_from_civil(1, 1, 1) * DAY_MS;
	const int64_t last = days_from_civil(10000, 1, 1) * DAY_MS - 1;

	if (utc_ms < first)
		utc_ms = first;
	if (utc_ms > last)
		utc_ms = last;

	/* Counted from 0000-03-01, so that nothing below is negative. */
	int64_t since = utc_ms + INT64_C(719468) * DAY_MS;
	int64_t days = since / DAY_MS, ms = since % DAY_MS;
	int64_t era = days / 146097, doe = days % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t shifted = (5 * doy + 2) / 153;
	int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);

	return (struct date){
	    .year = (int)(yoe + era * 400) + (month <= 2),
	    .month = month,
	    .day = (int)(doy - (153 * shifted + 2) / 5 + 1),
	    .hour = (int)(ms / 3600000),
	    .minute = (int)(ms / 60000 % 60),
	    .second = (int)(ms / 1000 % 60),
	    .ms = (int)(ms % 1000),
	};
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && is_leap ? 29 : days[month - 1];
}

bool
date_to_ms(const struct date *c, int zone_minutes, int64_t *utc_ms)
{
	if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 ||
	    c->day < 1 || c->day > days_in_month(c->year, c->month) ||
	    c->hour > 23 || c->minute > 59 || c->second > 60)
		return false;
	*utc_ms = days_from_civil(c->year, c->month, c->day) * DAY_MS +
		  c->hour * INT64_C(3600000) +
		  (c->minute - zone_minutes) * INT64_C(60000) +
		  c->second * INT64_C(1000) + c->ms;
	return true;
}

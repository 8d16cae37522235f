/* SPDX-License-Identifier: ISC
 *
 * A date and time of day as people write it, to and from milliseconds since
 * 1970. Knows no text; that is clock.h.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

struct date {
	int year, month, day, hour, minute, second, ms;
};

/* For the years 1 to 9999; anything beyond becomes the nearest in them. */
struct date date_from_ms(int64_t utc_ms);

/*
 * False when a part is out of its range; second 60 is a leap second. The
 * date is that of a zone so many minutes east of UTC.
 */
bool date_to_ms(const struct date *date, int zone_minutes, int64_t *utc_ms);

#endif

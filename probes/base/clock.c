/* SPDX-License-Identifier: ISC
 *
 * The one clock, and the one reader and writer of dates as text. The C
 * library's time zone and locale are not used.
 */
#include "clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bug.h"
#include "date.h"
#include "str.h"

#define LINE_MAX_BYTES 4096 /* nobody prints a date further out */
#define BLANKS_MAX 4

static _Atomic int64_t clock_shift;

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		BUG("clock %d cannot be read", (int)id);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_utc_ms(void)
{
	return read_clock(CLOCK_REALTIME) + atomic_load(&clock_shift);
}

int64_t
clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
clock_set_shift(int64_t shift_ms)
{
	atomic_store(&clock_shift, shift_ms);
}

int64_t
clock_build_ms(void)
{
	int64_t ms;

	if (!clock_parse(BUILD_DATE, &ms))
		BUG("the build date \"%s\" is no date", BUILD_DATE);
	return ms;
}

void
clock_format(int64_t utc_ms, char out[CLOCK_TEXT])
{
	struct date c = date_from_ms(utc_ms);

	/* The remainders tell the compiler that it fits. */
	snprintf(out, CLOCK_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)c.year % 10000, (unsigned)c.month % 100,
	    (unsigned)c.day % 100, (unsigned)c.hour % 100,
	    (unsigned)c.minute % 100, (unsigned)c.second % 100,
	    (unsigned)c.ms % 1000);
}

/*
 * The readers below take a cursor, move it past what they read and return
 * true; on false the cursor may stand anywhere.
 */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Between `least` and `most` digits and no digit after them. */
static bool
read_digits(const char **p, int least, int most, int *out)
{
	int n = 0, v = 0;

	while (n < most && is_digit((*p)[n])) {
		v = v * 10 + ((*p)[n] - '0');
		n++;
	}
	if (n < least || is_digit((*p)[n]))
		return false;
	*p += n;
	*out = v;
	return true;
}

static bool
read_char(const char **p, const char *any_of)
{
	if (**p == '\0' || strchr(any_of, **p) == NULL)
		return false;
	*p += 1;
	return true;
}

static void
skip_blanks(const char **p)
{
	for (int i = 0; i < BLANKS_MAX && (**p == ' ' || **p == '\t'); i++)
		*p += 1;
}

/* ".123": the digits past the third are read over. */
static bool
read_fraction(const char **p, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (!is_digit(**p))
		return false;
	for (int i = 0; i < 9 && is_digit(**p); i++) {
		*ms += (**p - '0') * scale;
		scale /= 10;
		*p += 1;
	}
	return !is_digit(**p);
}

/* "11:12", "11:12:20", "11:12:20.5" */
static bool
read_time(const char **p, bool with_seconds, struct date *c)
{
	if (!read_digits(p, 1, 2, &c->hour) || !read_char(p, ":") ||
	    !read_digits(p, 2, 2, &c->minute))
		return false;
	c->second = 0;
	c->ms = 0;
	if (**p != ':')
		return !with_seconds;
	*p += 1;
	if (!read_digits(p, 2, 2, &c->second))
		return false;
	if ((**p == '.' || **p == ',') && is_digit((*p)[1])) {
		*p += 1;
		return read_fraction(p, &c->ms);
	}
	return true;
}

/* "AM" or "PM" after a time of twelve hours; nothing there is fine too. */
static bool
read_half_day(const char **p, struct date *c)
{
	const char *at = *p;

	skip_blanks(&at);

	bool is_pm = str_starts_nocase(at, "PM");

	if ((!is_pm && !str_starts_nocase(at, "AM")) || is_letter(at[2]))
		return true;
	if (c->hour < 1 || c->hour > 12)
		return false;
	c->hour = c->hour % 12 + (is_pm ? 12 : 0);
	*p = at + 2;
	return true;
}

/* "+0100", "+01:00", "+01" */
static bool
read_offset(const char **p, int *minutes)
{
	int sign = **p == '-' ? -1 : 1;
	int hour, minute = 0;
	const char *at = *p + 1;

	if (!read_char(p, "+-"))
		return false;
	if (read_digits(p, 4, 4, &hour)) {
		minute = hour % 100;
		hour /= 100;
	} else {
		*p = at;
		if (!read_digits(p, 2, 2, &hour))
			return false;
		at = *p;
		if (read_char(&at, ":") && read_digits(&at, 2, 2, &minute))
			*p = at;
	}
	*minutes = sign * (hour * 60 + minute);
	return hour <= 23 && minute <= 59;
}

/*
 * RFC 5322, section 4.3, and others that mean one thing each. Not CST: in
 * China it is 14 hours from where it is in Chicago, and a date that is wrong
 * would be worse here than none.
 */
static const struct {
	const char *name;
	int minutes;
} zones[] = {
    {"Z", 0},
    {"UT", 0},
    {"UTC", 0},
    {"GMT", 0},
    {"EST", -300},
    {"EDT", -240},
    {"CDT", -300},
    {"MST", -420},
    {"MDT", -360},
    {"PST", -480},
    {"PDT", -420},
    {"WET", 0},
    {"WEST", 60},
    {"CET", 60},
    {"CEST", 120},
    {"MEZ", 60},
    {"MESZ", 120},
    {"EET", 120},
    {"EEST", 180},
    {"MSK", 180},
    {"JST", 540},
};

static bool
read_zone_name(const char **p, int *minutes)
{
	size_t len = 0;

	while (len < 8 && is_letter((*p)[len]))
		len++;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (strlen(zones[i].name) != len ||
		    !str_starts_nocase(*p, zones[i].name))
			continue;
		*p += len;
		*minutes = zones[i].minutes;
		/* "GMT+0100" says the offset itself. */
		if (*minutes == 0 && (**p == '+' || **p == '-'))
			return read_offset(p, minutes);
		return !is_digit(**p);
	}
	return false;
}

/* After the time, behind blanks or an opening bracket. */
static bool
read_zone(const char **p, int *minutes)
{
	skip_blanks(p);
	if (**p == '(')
		*p += 1;
	if (**p == '+' || **p == '-')
		return read_offset(p, minutes);
	return read_zone_name(p, minutes);
}

/* "2026-11-23" */
static bool
read_iso_day(const char **p, struct date *c)
{
	return read_digits(p, 4, 4, &c->year) && read_char(p, "-") &&
	       read_digits(p, 2, 2, &c->month) && read_char(p, "-") &&
	       read_digits(p, 2, 2, &c->day);
}

bool
clock_parse(const char *text, int64_t *utc_ms)
{
	struct date c = {0};
	int zone = 0;
	int64_t ms;

	if (text == NULL || !read_iso_day(&text, &c))
		return false;
	if (*text != '\0' &&
	    (!read_char(&text, "Tt ") || !read_time(&text, true, &c) ||
		*text == ' ' || *text == '(' || !read_zone(&text, &zone)))
		return false;
	if (*text != '\0' || !date_to_ms(&c, zone, &ms))
		return false;
	*utc_ms = ms;
	return true;
}

/* "Nov" or "November", any case. */
static bool
read_month(const char **p, int *month)
{
	static const char *const names[] = {"January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December"};

	for (int i = 0; i < 12; i++) {
		char brief[4] = {names[i][0], names[i][1], names[i][2]};

		if (str_starts_nocase(*p, names[i]))
			*p += strlen(names[i]);
		else if (str_starts_nocase(*p, brief))
			*p += strlen(brief);
		else
			continue;
		*month = i + 1;
		if (**p == '.')
			*p += 1;
		return !is_letter(**p);
	}
	return false;
}

/* Four digits, or two as RFC 5322, section 4.3, reads them. */
static bool
read_year(const char **p, int *year)
{
	const char *at = *p;

	if (read_digits(p, 4, 4, year))
		return *year >= 1970;
	*p = at;
	if (!read_digits(p, 2, 2, year))
		return false;
	*year += *year < 50 ? 2000 : 1900;
	return true;
}

/* What may stand between day, month and year. */
static bool
read_gap(const char **p)
{
	const char *start = *p;

	if (**p == '-' || **p == '/') {
		*p += 1;
		return true;
	}
	if (**p == ',')
		*p += 1;
	skip_blanks(p);
	return *p != start;
}

/* Time of day, half of the day and zone, after a date. */
static bool
read_rest(const char *p, struct date *c, int64_t *utc_ms)
{
	int zone;

	if (*p == ',')
		p++;
	skip_blanks(&p);
	if (str_starts_nocase(p, "at ")) {
		p += 3;
		skip_blanks(&p);
	}
	return read_time(&p, false, c) && read_half_day(&p, c) &&
	       read_zone(&p, &zone) && date_to_ms(c, zone, utc_ms);
}

/* "23 Nov 2025 11:12:20 +0000", "23-Nov-2025 11:12 AM GMT" */
static bool
find_day_first(const char *p, int64_t *utc_ms)
{
	struct date c = {0};

	return read_digits(&p, 1, 2, &c.day) && read_gap(&p) &&
	       read_month(&p, &c.month) && read_gap(&p) &&
	       read_year(&p, &c.year) && read_rest(p, &c, utc_ms);
}

/* "Nov 23, 2025 11:12:20 +0000" */
static bool
find_month_first(const char *p, int64_t *utc_ms)
{
	struct date c = {0};

	return read_month(&p, &c.month) && read_gap(&p) &&
	       read_digits(&p, 1, 2, &c.day) && read_gap(&p) &&
	       read_digits(&p, 4, 4, &c.year) && c.year >= 1970 &&
	       read_rest(p, &c, utc_ms);
}

/* "Nov 23 11:12:20 UTC 2025", "Nov 23 11:12:20 2025 +0000" */
static bool
find_year_last(const char *p, int64_t *utc_ms)
{
	struct date c = {0};
	int zone;

	if (!read_month(&p, &c.month) || !read_gap(&p) ||
	    !read_digits(&p, 1, 2, &c.day) || !read_gap(&p) ||
	    !read_time(&p, true, &c) || !read_half_day(&p, &c))
		return false;

	const char *at = p;

	if (read_zone(&at, &zone)) {
		skip_blanks(&at);
		return read_digits(&at, 4, 4, &c.year) && c.year >= 1970 &&
		       date_to_ms(&c, zone, utc_ms);
	}
	skip_blanks(&p);
	return read_digits(&p, 4, 4, &c.year) && c.year >= 1970 &&
	       read_zone(&p, &zone) && date_to_ms(&c, zone, utc_ms);
}

/* "2025-11-23T11:12:20.123Z", "2025-11-23 11:12:20 +0000" */
static bool
find_iso(const char *p, int64_t *utc_ms)
{
	struct date c = {0};

	if (!read_iso_day(&p, &c) || c.year < 1970)
		return false;
	if (*p == 'T' || *p == 't')
		p++;
	return read_rest(p, &c, utc_ms);
}

bool
clock_find(const char *line, int64_t *utc_ms)
{
	bool is_border = true;
	size_t len = strnlen(line, LINE_MAX_BYTES);
	int64_t ms;

	for (size_t i = 0; i < len; i++) {
		const char *p = line + i;
		bool is_word = is_digit(*p) || is_letter(*p);

		if (is_border && is_word &&
		    (find_iso(p, &ms) || find_day_first(p, &ms) ||
			find_month_first(p, &ms) || find_year_last(p, &ms))) {
			*utc_ms = ms;
			return true;
		}
		is_border = !is_word;
	}
	return false;
}

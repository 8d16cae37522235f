/* SPDX-License-Identifier: ISC
 *
 * Closed values in the words that mail programs and people use.
 */
#include "engine_in.h"

#include "../../probes/base/clock.h"
#include "../../probes/base/date.h"
#include "../../probes/base/mem.h"

#include <string.h>

static const char *
word_for(const char *const (*table)[2], const char *value)
{
	for (; (*table)[0]; table++)
		if (str_eq((*table)[0], value))
			return (*table)[1];
	return value;
}

const char *
words_security(const char *security)
{
	static const char *const words[][2] = {
	    {"starttls", "STARTTLS"},
	    {"implicit-tls", "SSL/TLS"},
	    {"none", "None"},
	    {"auto", "Auto"},
	    {"unknown", "not given"},
	    {NULL, NULL},
	};

	return word_for(words, security);
}

const char *
words_reach(const char *reach)
{
	static const char *const words[][2] = {
	    {"open", "answers"},
	    {"refused", "refuses the connection"},
	    {"dropped", "never answers"},
	    {"prohibited", "is forbidden by a filter on the way"},
	    {"unreachable", "cannot be reached"},
	    {"no-route", "has no way there from this computer"},
	    {"unknown", "was not tested"},
	    {NULL, NULL},
	};

	return word_for(words, reach);
}

const char *
words_auth(const char *auth)
{
	static const char *const words[][2] = {
	    {"oauth2", "sign in through the browser (OAuth2)"},
	    {"password", "the mailbox password"},
	    {"app-password", "an app password"},
	    {"none", "no sign-in"},
	    {"unknown", "not given"},
	    {NULL, NULL},
	};

	return word_for(words, auth);
}

char *
words_time(const char *value)
{
	static const char *const months[] = {"January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December"};
	struct date d;
	int64_t ms;

	if (!strchr(value, 'T') || !clock_parse(value, &ms))
		return NULL;
	d = date_from_ms(ms);
	return mem_printf("%d %s %d, %02d:%02d UTC", d.day, months[d.month - 1],
	    d.year, d.hour, d.minute);
}

const char *
words_odd(const char *id)
{
	static const char *const words[][2] = {
	    {"leading-blank", "The password begins with a blank; copying often "
			      "adds one. Try it without."},
	    {"trailing-blank", "The password ends with a blank; copying often "
			       "adds one. Try it without."},
	    {"nbsp", "The password holds a blank of a special kind, as web "
		     "pages do. Type it by hand."},
	    {"caps-lock", "The password looks as if Caps Lock was on. Switch "
			  "it off and type it again."},
	    {"non-ascii", "The password holds letters with accents or of "
			  "another script, which some servers cannot take."},
	    {"app-password-blanks", "The password looks like an app password "
				    "with its blanks; enter it without them."},
	    {"looks-like-token", "What was given as a password looks like a "
				 "sign-in token. Give it as a token instead."},
	    {NULL, NULL},
	};

	for (size_t i = 0; words[i][0]; i++)
		if (str_eq(words[i][0], id))
			return words[i][1];
	return NULL;
}

/* SPDX-License-Identifier: ISC
 *
 * What to say for each thing libyaml 0.2 complains about: what was expected,
 * and what to do.
 */
#include "yaml_advice.h"

#include <stddef.h>
#include <string.h>

#define INDENT "check how far this line and the one before are indented"

/* The first whose problem is part of what was said counts. */
static const struct yaml_advice table[] = {
    {"tab character", false,
	"expected blanks, found a tab; indent with blanks only"},
    {"mapping values are not allowed", false,
	"expected no ': ' here; put a text that has ': ' in it in quotes, "
	"or " INDENT},
    {"could not find expected ':'", true,
	"expected ':' and a blank after this name; write it as `name: "
	"value`, or " INDENT},
    {"did not find expected key", false,
	"expected another `name: value`; " INDENT
	", whether every quote is closed, and that nothing follows a "
	"closing quote"},
    {"did not find expected '-' indicator", false,
	"expected another `- item`; " INDENT},
    {"did not find expected ',' or ']'", false,
	"expected ',' or ']' in the list; close it with ']'"},
    {"did not find expected ',' or '}'", false,
	"expected ',' or '}' in the map; close it with '}'"},
    {"block sequence entries are not allowed", false,
	"expected no `- item` here; begin the list on a line of its own"},
    {"block mapping", false,
	"expected no `name: value` here; put it on a line of its own"},
    {"found unexpected end of stream", true,
	"expected a closing quote before the end of the file; close this one"},
    {"found unexpected document indicator", true,
	"expected a closing quote before the line `---`; close this one"},
    {"unknown escape character", false,
	"expected a known escape after '\\'; write '\\\\' for a backslash, or "
	"use single quotes"},
    {"hexdecimal number", false,
	"expected hexadecimal digits after '\\x' or '\\u'; use single quotes "
	"if no escape is meant"},
    {"Unicode character escape", false,
	"expected the code of a character after '\\u'; use single quotes if "
	"no escape is meant"},
    {"alphabetic or numeric character", true,
	"expected a text; put one that begins with '*' or '&' in quotes"},
    {"tag", true, "expected a text; put one that begins with '!' in quotes"},
    {"incompatible YAML document", false,
	"expected YAML 1.1 or 1.2; take the line that begins with '%' out"},
    {"directive", true,
	"expected `name: value`; put a text that begins with '%' in quotes"},
    {"did not find expected <document start>", false,
	"expected the end of the file; " INDENT},
    {"did not find expected node content", false,
	"expected a value; put a text that begins with ',', '[', ']', '{' or "
	"'}' in quotes"},
    {"expected comment or line break", false,
	"expected the end of the line; begin the text on the next one"},
    {"indentation indicator", false,
	"expected a digit from 1 to 9, or nothing, after '|' or '>'"},
};

const struct yaml_advice *
yaml_advice_for(const char *problem)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strstr(problem, table[i].problem) != NULL)
			return &table[i];
	}
	return NULL;
}

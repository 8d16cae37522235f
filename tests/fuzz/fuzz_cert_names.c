/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: the names in a certificate, which a stranger wrote. They are
 * few and they print.
 */
#include "probes/base/bug.h"
#include "probes/net/cert.h"
#include "tests/fuzz/target.h"

#define NAMES_MAX 51 /* cert.h: at most 50, and a word that there are more */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strs names = {0};

	if (!cert_names_of_der(data, size, &names) && names.n > 0)
		BUG("no certificate, yet %zu names", names.n);
	if (names.n > NAMES_MAX)
		BUG("%zu names", names.n);
	for (size_t i = 0; i < names.n; i++)
		for (const char *s = names.v[i]; *s; s++)
			if ((unsigned char)*s < ' ' || *s == 0x7f)
				BUG("byte %d reached a name", *s);
	strs_done(&names);
	return 0;
}

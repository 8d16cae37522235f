/* SPDX-License-Identifier: ISC
 *
 * Feeds files, and all files in folders, to a fuzz target: the corpus as a
 * test for compilers without libFuzzer. Prints how many there were.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "probes/base/buf.h"
#include "probes/base/mem.h"
#include "tests/fuzz/target.h"

#define FOLDERS_DEEP 4

static bool
feed_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	struct buf b;
	size_t n;

	if (!f) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		return false;
	}
	buf_init(&b, BUF_OURS);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	/* A copy of the exact size, so that a read past its end is caught. */
	uint8_t *data = mem_alloc(b.len);
	memcpy(data, b.data, b.len);
	LLVMFuzzerTestOneInput(data, b.len);
	mem_free(data);
	buf_done(&b);
	return true;
}

static int
feed(const char *path, int deep)
{
	DIR *d = opendir(path);
	int n = 0;

	if (!d)
		return feed_file(path) ? 1 : -1;
	for (struct dirent *e = readdir(d); e && n >= 0; e = readdir(d)) {
		if (e->d_name[0] == '.' || deep == FOLDERS_DEEP)
			continue;
		char *inner = mem_printf("%s/%s", path, e->d_name);
		int more = feed(inner, deep + 1);
		n = more < 0 ? -1 : n + more;
		mem_free(inner);
	}
	closedir(d);
	return n;
}

int
main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = feed(argv[i], 0);
		if (n < 0)
			return 1;
		total += n;
	}
	printf("%d inputs\n", total);
	return total > 0 ? 0 : 1;
}

/* SPDX-License-Identifier: ISC
 *
 * Test messages: addresses, limits, sizes to the byte, lines and dots, and
 * one of each kind taken by the lab as it was made. With `write DIR` it
 * writes one of each kind there instead, for another program to read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/base/buf.h"
#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/lab/lab.h"
#include "probes/net/message.h"
#include "probes/probe.h"

#define NOW_MS 1795616521000 /* 2026-11-25 14:22:01 UTC, a Wednesday */

static const char *const kinds[] = {"small", "size", "utf8", "attachments"};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct made {
	struct strs to;
	struct message_spec spec;
};

static struct message_spec *
spec_of(struct made *m, const char *kind, const char *to)
{
	memset(m, 0, sizeof(*m));
	strs_split(&m->to, to, ",");
	m->spec = (struct message_spec){
	    .from = "anna@bakery.example",
	    .to = &m->to,
	    .now_ms = NOW_MS,
	    .unique = "20261125142201.0011223344556677",
	    .version = "1.2.3",
	    .size = 100000,
	};
	if (!message_kind_find(kind, &m->spec.kind))
		fail_msg("kind %s", kind);
	return &m->spec;
}

/* All of it as on the wire, read in pieces of the size. */
static void
read_all(struct message *m, size_t piece, struct buf *out)
{
	char data[8192];

	buf_init(out, BUF_OURS);
	for (;;) {
		size_t n = message_read(m, data, piece);

		if (n == 0)
			break;
		assert_true(n <= piece);
		assert_true(buf_add(out, data, n));
	}
}

/* Takes doubled dots apart, and checks lines and line ends on the way. */
static void
unstuff(const struct buf *wire, struct buf *out)
{
	size_t line = 0;

	buf_init(out, BUF_OURS);
	for (size_t i = 0; i < wire->len; i++) {
		char c = wire->data[i];

		if (line == 0 && c == '.') {
			assert_true(wire->data[i + 1] == '.');
			i++;
			buf_addc(out, '.');
			line = 1;
			continue;
		}
		assert_true(
		    (c == '\n') == (i > 0 && wire->data[i - 1] == '\r'));
		buf_addc(out, c);
		line = c == '\n' ? 0 : line + 1;
		assert_true(line <= MESSAGE_MAX_LINE + 1);
	}
	assert_true(line == 0);
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *address;
		bool ok, beyond;
	} table[] = {
	    {"anna@bakery.example", true, false},
	    {"a.b+c@x.example", true, false},
	    {"o'brien!#$%&*=?^_`{|}~-/@x.example", true, false},
	    {"\"anna with blank\"@x.example", true, false},
	    {"\"a\\\"b\"@x.example", true, false},
	    {"\"a@b\"@x.example", true, false},
	    {"anna@xn--bckerei-5wa.example", true, false},
	    {"root@localhost", true, false},
	    {"anna@host_name.example", true, false},
	    {"käthe@bakery.example", true, true},
	    {"\"käthe k\"@bakery.example", true, true}, {"", false, false},
	    {"@", false, false}, {"anna", false, false},
	    {"anna@", false, false}, {"@bakery.example", false, false},
	    {".anna@x.example", false, false},
	    {"anna.@x.example", false, false},
	    {"an..na@x.example", false, false},
	    {"anna na@x.example", false, false},
	    {"anna,ben@x.example", false, false},
	    {"<anna@x.example>", false, false},
	    {"anna>@x.example", false, false},
	    {"anna@x.example>", false, false},
	    {"anna@x.example> SIZE=1", false, false},
	    {"anna@.example", false, false}, {"anna@x..example", false, false},
	    {"anna@x.example.", false, false},
	    {"anna@-x.example", false, false},
	    {"anna@x-.example", false, false},
	    {"anna@bäckerei.example", false, false},
	    {"anna@[192.0.2.1]", false, false},
	    {"\"anna@x.example", false, false},
	    {"\"a\"b\"@x.example", false, false},
	    {"\"a\\\"@x.example", false, false},
	    {"\"\"@x.example", false, false},
	    {"anna\r\nBcc: eve@x.example@x.example", false, false},
	    {"anna\n@x.example", false, false},
	    {"\"anna\r\n\"@x.example", false, false},
	    {"anna\t@x.example", false, false},
	    {"anna\x7f@x.example", false, false},
	    {"anna\xff@x.example", false, false},
	    {"anna\xe2\x80\xae@x.example", false, false}, /* right to left */
	    {"anna\xc2\x85@x.example", false, false}, /* a line break: NEL */
	    {"anna\xe2\x80\xa8@x.example", false, false}, /* another */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool beyond;
		bool ok = message_address_ok(table[i].address, &beyond);

		if (ok != table[i].ok || (ok && beyond != table[i].beyond))
			fail_msg("%s: %d %d", table[i].address, ok, beyond);
	}
}

static void
test_long_addresses(void **state)
{
	char text[400];
	bool beyond;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + 64, "@x.example", 11);
	assert_true(message_address_ok(text, &beyond));
	memset(text, 'a', 70);
	memcpy(text + 65, "@x.example", 11);
	assert_false(message_address_ok(text, &beyond));
	memset(text, 'a', sizeof(text));
	memcpy(text, "a@", 2);
	memcpy(text + 2 + 63, ".example", 9);
	assert_true(message_address_ok(text, &beyond));
	memset(text + 2, 'a', 80);
	memcpy(text + 2 + 64, ".example", 9);
	assert_false(message_address_ok(text, &beyond));
}

static void
expect_refusal(struct message_spec *spec, enum err_kind kind)
{
	struct err err = {0};
	struct message *m = message_new(spec, &err);

	assert_null(m);
	assert_int_equal(err.kind, kind);
	assert_true(err.msg[0] != '\0');
	assert_null(strchr(err.msg, '\n'));
	assert_null(strchr(err.msg, '\r'));
}

static void
test_refusals(void **state)
{
	struct made m;
	struct message_spec *s;

	(void)state;
	s = spec_of(&m, "small", "");
	expect_refusal(s, ERR_LIMIT);
	strs_done(&m.to);
	s = spec_of(&m, "small",
	    "a@x.example,b@x.example,c@x.example,d@x.example,e@x.example,"
	    "f@x.example");
	expect_refusal(s, ERR_LIMIT);
	strs_done(&m.to);
	s = spec_of(&m, "small", "b@x.example\r\nBcc: c@x.example");
	expect_refusal(s, ERR_USAGE);
	strs_done(&m.to);
	s = spec_of(&m, "small", "b@x.example");
	s->from = "a@x.example\nSubject: x";
	expect_refusal(s, ERR_USAGE);
	s->from = "a@x.example";
	s->unique = "1\r\n2";
	expect_refusal(s, ERR_USAGE);
	s->unique = "";
	expect_refusal(s, ERR_USAGE);
	strs_done(&m.to);
	s = spec_of(&m, "size", "b@x.example");
	s->size = MESSAGE_MAX_SIZE + 1;
	expect_refusal(s, ERR_LIMIT);
	s->size = 0;
	expect_refusal(s, ERR_LIMIT);
	strs_done(&m.to);
}

/* Within one per cent, and what is read is what was said. */
static void
check_size(int64_t size)
{
	struct made made;
	struct message_spec *spec = spec_of(&made, "size", "b@x.example");
	struct err err = {0};
	struct message *m;
	struct buf wire;

	spec->size = size;
	m = message_new(spec, &err);
	assert_non_null(m);
	read_all(m, 8192, &wire);
	assert_int_equal(wire.len, message_size(m));
	if (size >= 4096 &&
	    (message_size(m) > size || message_size(m) < size - size / 100))
		fail_msg("%lld became %lld", (long long)size,
		    (long long)message_size(m));
	buf_done(&wire);
	message_free(m);
	strs_done(&made.to);
}

static void
test_sizes(void **state)
{
	(void)state;
	for (int64_t size = 1; size < 6000; size += 7)
		check_size(size);
	for (int64_t size = 4096; size < 4096 + 160; size++)
		check_size(size);
	check_size(1000000);
	check_size(MESSAGE_MAX_SIZE);
}

static void
test_pieces(void **state)
{
	(void)state;
	for (size_t k = 0; k < N_KINDS; k++) {
		struct buf whole = {0};

		for (size_t piece = 2; piece < 90; piece++) {
			struct made made;
			struct message_spec *spec =
			    spec_of(&made, kinds[k], "b@x.example");
			struct err err = {0};
			struct message *m = message_new(spec, &err);
			struct buf wire;

			read_all(m, piece, &wire);
			if (piece == 2)
				whole = wire;
			else
				assert_true(wire.len == whole.len &&
					    memcmp(wire.data, whole.data,
						wire.len) == 0);
			if (piece != 2)
				buf_done(&wire);
			message_free(m);
			strs_done(&made.to);
		}
		buf_done(&whole);
	}
}

static void
test_lines(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2 * N_KINDS; k++) {
		struct made made;
		struct message_spec *spec = spec_of(
		    &made, kinds[k / 2], "b@x.example,c@x.example,d@x.example");
		struct err err = {0};
		struct message *m;
		struct buf wire, text;
		bool beyond = false;

		spec->eight_bit = k % 2 == 1;
		m = message_new(spec, &err);
		read_all(m, 4096, &wire);
		unstuff(&wire, &text);
		assert_int_equal(text.len, message_size(m));
		for (size_t i = 0; i < text.len; i++)
			beyond |= (unsigned char)text.data[i] >= 0x80;
		assert_int_equal(beyond, message_is_eight_bit(m));
		assert_int_equal(
		    beyond, spec->kind == MESSAGE_UTF8 && spec->eight_bit);
		assert_false(message_needs_utf8(m));
		assert_memory_equal(
		    text.data, "Date: Wed, 25 Nov 2026 14:22:01 +0000\r\n", 39);
		assert_string_equal(message_id(m),
		    "<20261125142201.0011223344556677@bakery.example>");
		buf_done(&wire);
		buf_done(&text);
		message_free(m);
		strs_done(&made.to);
	}
}

static void
test_needs(void **state)
{
	struct made made;
	struct message_spec *spec =
	    spec_of(&made, "small", "käthe@bakery.example");
	struct err err = {0};
	struct message *m = message_new(spec, &err);

	(void)state;
	assert_true(message_needs_utf8(m));
	assert_true(message_is_eight_bit(m));
	message_free(m);
	strs_done(&made.to);
}

/* ---- through the lab ---- */

static const char lab_text[] = "title: t\n"
			       "cause: works\n"
			       "story: s\n"
			       "names:\n"
			       "  mail.b.example: {a: [192.0.2.1]}\n"
			       "ports:\n"
			       "  192.0.2.1:587: {mailbox: yes, auth: none}\n";

static char *
kept(const struct net_options *o, int number)
{
	size_t dir = (size_t)(strrchr(o->ca_file, '/') - o->ca_file);
	char *path =
	    mem_printf("%.*s/message-%d.eml", (int)dir, o->ca_file, number);
	FILE *f = fopen(path, "r");
	struct buf b;
	char part[4096];

	if (f == NULL)
		fail_msg("no %s", path);
	buf_init(&b, BUF_OURS);
	for (size_t n = 1; n > 0;) {
		n = fread(part, 1, sizeof(part), f);
		buf_add(&b, part, n);
	}
	fclose(f);
	mem_free(path);
	return buf_take(&b);
}

static void
send_kind(struct net_options *o, size_t k)
{
	struct kvs params = {0};
	struct probe_result r = {0};
	struct probe_ctx ctx = {
	    .net = {.options = o, .cancel_fd = -1, .yield_fd = -1},
	    .params = &params,
	    .result = &r,
	};
	char *text;

	ctx.net.deadline_ms = clock_mono_ms() + 30000;
	kvs_set(&params, "host", "mail.b.example");
	kvs_set(&params, "target", "192.0.2.1:587/starttls");
	kvs_set(&params, "from", "anna@b.example");
	kvs_set(&params, "to", "ben@b.example,carl@b.example");
	kvs_set(&params, "kind", kinds[k]);
	kvs_set(&params, "size", "300000");
	probe_find("smtp_send")->run(&ctx);
	assert_int_equal(r.status, PROBE_DONE);
	assert_string_equal(kvs_get(&r.facts, "send.result"), "accepted");
	text = kept(o, (int)k + 1);
	assert_int_equal(
	    strlen(text), strtol(kvs_get(&r.facts, "send.size"), NULL, 10));
	assert_memory_equal(text, "Date: ", 6);
	assert_non_null(strstr(text, kvs_get(&r.facts, "send.id")));
	assert_non_null(strstr(text,
	    "From: anna@b.example\r\nTo: ben@b.example,\r\n carl@b.example"));
	mem_free(text);
	kvs_done(&params);
	probe_result_done(&r);
}

static void
test_delivered(void **state)
{
	struct net_options o = {.connect_timeout_ms = 3000};
	struct err err = {0};
	struct scenario *s =
	    scenario_parse("t", lab_text, strlen(lab_text), &err);
	struct strs complaints = {0};
	int64_t shift_ms;
	struct lab *lab = lab_start(s, &o, &shift_ms, &err);

	(void)state;
	if (lab == NULL)
		fail_msg("%s", err.msg);
	for (size_t k = 0; k < N_KINDS; k++)
		send_kind(&o, k);
	lab_stop(lab, &complaints);
	for (size_t i = 0; i < complaints.n; i++)
		print_error("%s\n", complaints.v[i]);
	assert_int_equal(complaints.n, 0);
	strs_done(&complaints);
	scenario_free(s);
	net_options_done(&o);
}

/* ---- for another program ---- */

static int
write_one(const char *dir, const char *kind, bool eight_bit)
{
	struct made made;
	struct message_spec *spec =
	    spec_of(&made, kind, "ben@bakery.example,carl@mill.example");
	struct err err = {0};
	struct message *m;
	struct buf wire, text;
	char path[300];
	FILE *f;

	spec->eight_bit = eight_bit;
	m = message_new(spec, &err);
	read_all(m, 4096, &wire);
	unstuff(&wire, &text);
	snprintf(path, sizeof(path), "%s/%s%s.eml", dir, kind,
	    eight_bit ? "-8bit" : "");
	f = fopen(path, "w");
	if (f == NULL || fwrite(text.data, 1, text.len, f) != text.len)
		return 1;
	fclose(f);
	buf_done(&wire);
	buf_done(&text);
	message_free(m);
	strs_done(&made.to);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_long_addresses),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_needs),
	    cmocka_unit_test(test_delivered),
	};
	int failed = 0;

	if (argc != 3 || strcmp(argv[1], "write") != 0)
		return cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t k = 0; k < 2 * N_KINDS; k++)
		failed += write_one(argv[2], kinds[k / 2], k % 2 == 1);
	return failed;
}

/* SPDX-License-Identifier: ISC
 *
 * Certificates made on the spot, one fault each and several at once, judged
 * against a CA file made on the spot as well.
 */
#include "probes/net/cert.h"

#include "probes/base/clock.h"
#include "probes/base/mem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "mail.bakery.example"
#define DAY 86400L

struct pair {
	X509 *cert;
	EVP_PKEY *key;
};

struct wish {
	const char *cn;
	const char *san; /* NULL: none */
	const struct pair *issuer; /* NULL: signs itself */
	bool is_ca;
	long from_days, to_days; /* 0, 0: yesterday to in 90 days */
	int rsa_bits; /* 0: EC P-256 */
	const EVP_MD *md; /* NULL: SHA-256 */
};

static void
extend(X509 *x, const struct pair *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(
	    &ctx, issuer != NULL ? issuer->cert : x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void
add_part(X509_NAME *name, const char *what, const char *value)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, what, MBSTRING_UTF8,
			     (const unsigned char *)value, -1, -1, 0),
	    1);
}

static struct pair
make(struct wish w)
{
	static long serial = 1000;
	struct pair p = {.cert = X509_new()};
	X509_NAME *name = X509_get_subject_name(p.cert);
	long from = w.from_days, to = w.to_days;

	if (from == 0 && to == 0) {
		from = -1;
		to = 90;
	}
	p.key = w.rsa_bits ? EVP_RSA_gen((unsigned)w.rsa_bits)
			   : EVP_EC_gen("P-256");
	assert_non_null(p.key);
	X509_set_version(p.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), serial++);
	add_part(name, "C", "XX");
	add_part(name, "O", "Test");
	add_part(name, "CN", w.cn);
	X509_set_issuer_name(p.cert,
	    w.issuer != NULL ? X509_get_subject_name(w.issuer->cert) : name);
	X509_gmtime_adj(X509_getm_notBefore(p.cert), from * DAY);
	X509_gmtime_adj(X509_getm_notAfter(p.cert), to * DAY);
	X509_set_pubkey(p.cert, p.key);
	extend(p.cert, w.issuer, NID_basic_constraints,
	    w.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (w.is_ca)
		extend(p.cert, w.issuer, NID_key_usage,
		    "critical,keyCertSign,cRLSign");
	if (w.san != NULL)
		extend(p.cert, w.issuer, NID_subject_alt_name, w.san);
	assert_true(X509_sign(p.cert, w.issuer != NULL ? w.issuer->key : p.key,
			w.md != NULL ? w.md : EVP_sha256()) > 0);
	return p;
}

static void
drop(struct pair *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
}

/* The usual suspects, made once. */
static struct pair root, mid, other_root;
static char ca_path[64];

static void
write_pem(const char *path, X509 *x)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	assert_int_equal(fclose(f), 0);
}

static int
start(void **state)
{
	int fd;

	(void)state;
	snprintf(ca_path, sizeof(ca_path), "/tmp/test_cert.XXXXXX");
	fd = mkstemp(ca_path);
	if (fd < 0)
		return -1;
	close(fd);
	root = make((struct wish){
	    .cn = "Root", .is_ca = true, .from_days = -900, .to_days = 3000});
	mid = make((struct wish){.cn = "Mid",
	    .is_ca = true,
	    .issuer = &root,
	    .from_days = -400,
	    .to_days = 2000});
	other_root = make((struct wish){.cn = "Nobody", .is_ca = true});
	write_pem(ca_path, root.cert);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	unlink(ca_path);
	drop(&root);
	drop(&mid);
	drop(&other_root);
	return 0;
}

/* Judges leaf with up to two certificates behind it. */
static struct cert_report *
judge(const struct pair *leaf, const struct pair *a, const struct pair *b,
    const char *host, const char *ca)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	struct cert_report *r;

	sk_X509_push(chain, leaf->cert);
	if (a != NULL)
		sk_X509_push(chain, a->cert);
	if (b != NULL)
		sk_X509_push(chain, b->cert);
	r = cert_judge(leaf->cert, chain, host, ca);
	sk_X509_free(chain);
	return r;
}

static void
expect(struct cert_report *r, unsigned faults)
{
	char *is = cert_faults_text(r->faults);
	char *want = cert_faults_text(faults);

	if (r->faults != faults)
		fail_msg("faults \"%s\" instead of \"%s\" (%s)", is, want,
		    r->verify_text != NULL ? r->verify_text : "no error");
	mem_free(is);
	mem_free(want);
	cert_report_free(r);
}

/* Makes the leaf, judges it with the intermediate, compares. */
static void
check_leaf(struct wish w, unsigned faults)
{
	struct pair leaf;

	if (w.issuer == NULL)
		w.issuer = &mid;
	leaf = make(w);
	expect(judge(&leaf, &mid, NULL, HOST, ca_path), faults);
	drop(&leaf);
}

static void
test_good(void **state)
{
	struct pair leaf = make((struct wish){.cn = "x",
	    .san =
		"DNS:" HOST ",DNS:*.shop.example,IP:192.0.2.1,IP:2001:db8::1",
	    .issuer = &mid});
	struct cert_report *r = judge(&leaf, &mid, NULL, HOST, ca_path);

	(void)state;
	assert_int_equal(r->verify_error, 0);
	assert_null(r->verify_text);
	assert_string_equal(r->subject, "CN=x, O=Test, C=XX");
	assert_string_equal(r->issuer, "CN=Mid, O=Test, C=XX");
	assert_int_equal(r->chain_len, 2);
	assert_int_equal(r->issuers.n, 2);
	assert_string_equal(r->issuers.v[1], "CN=Root, O=Test, C=XX");
	assert_int_equal(r->names.n, 4);
	assert_string_equal(r->names.v[2], "192.0.2.1");
	assert_string_equal(r->names.v[3], "2001:db8::1");
	assert_int_equal(r->key_bits, 256);
	assert_string_equal(r->key_type, "EC");
	assert_string_equal(r->signature, "ecdsa-with-SHA256");
	assert_int_equal(strlen(r->fingerprint), 64);
	assert_in_range(r->days_left, 89, 90);
	assert_true(r->valid_from_ms == r->not_before_ms);
	expect(r, 0);
	expect(judge(&leaf, &mid, &root, HOST ".", ca_path), 0);
	expect(judge(&leaf, &mid, NULL, "MAIL.bakery.example", ca_path), 0);
	expect(judge(&leaf, &mid, NULL, "a.shop.example", ca_path), 0);
	expect(judge(&leaf, &mid, NULL, "a.b.shop.example", ca_path),
	    CERT_NAME_MISMATCH);
	expect(judge(&leaf, &mid, NULL, "shop.example", ca_path),
	    CERT_NAME_MISMATCH);
	expect(judge(&leaf, &mid, NULL, "192.0.2.1", ca_path), 0);
	expect(judge(&leaf, &mid, NULL, "[2001:db8:0::1]", ca_path), 0);
	expect(
	    judge(&leaf, &mid, NULL, "192.0.2.2", ca_path), CERT_NAME_MISMATCH);
	drop(&leaf);
}

static void
test_dates(void **state)
{
	(void)state;
	check_leaf(
	    (struct wish){
		.cn = "x", .san = "DNS:" HOST, .from_days = -90, .to_days = -3},
	    CERT_EXPIRED);
	check_leaf(
	    (struct wish){
		.cn = "x", .san = "DNS:" HOST, .from_days = 3, .to_days = 90},
	    CERT_NOT_YET_VALID);
}

static void
test_expired_intermediate(void **state)
{
	struct pair old = make((struct wish){.cn = "Old",
	    .is_ca = true,
	    .issuer = &root,
	    .from_days = -90,
	    .to_days = -3});
	struct pair leaf =
	    make((struct wish){.cn = "x", .san = "DNS:" HOST, .issuer = &old});
	struct cert_report *r = judge(&leaf, &old, NULL, HOST, ca_path);

	(void)state;
	assert_in_range(r->days_left + 10, 6, 7);
	assert_true(r->valid_to_ms < r->not_after_ms);
	expect(r, CERT_EXPIRED);
	drop(&leaf);
	drop(&old);
}

static void
test_self_signed(void **state)
{
	struct pair leaf = make((struct wish){.cn = HOST, .san = "DNS:" HOST});
	struct pair named_only = make((struct wish){.cn = HOST});

	(void)state;
	expect(judge(&leaf, NULL, NULL, HOST, ca_path), CERT_SELF_SIGNED);
	expect(judge(&named_only, NULL, NULL, HOST, ca_path),
	    CERT_SELF_SIGNED | CERT_NAME_MISMATCH);
	drop(&leaf);
	drop(&named_only);
}

static void
test_trusted_leaf(void **state)
{
	struct pair self = make((struct wish){.cn = HOST, .san = "DNS:" HOST});
	struct pair signed_leaf = make((struct wish){
	    .cn = "x", .san = "DNS:" HOST, .issuer = &other_root});
	struct pair old = make((struct wish){
	    .cn = HOST, .san = "DNS:" HOST, .from_days = -9, .to_days = -1});
	char path[] = "/tmp/test_cert.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_pem(path, self.cert);
	expect(judge(&self, NULL, NULL, HOST, path), 0);
	write_pem(path, signed_leaf.cert);
	expect(judge(&signed_leaf, NULL, NULL, HOST, path), 0);
	expect(judge(&signed_leaf, &other_root, NULL, HOST, path), 0);
	write_pem(path, old.cert);
	expect(judge(&old, NULL, NULL, HOST, path), CERT_EXPIRED);
	unlink(path);
	drop(&self);
	drop(&signed_leaf);
	drop(&old);
}

static void
test_chains(void **state)
{
	struct pair leaf =
	    make((struct wish){.cn = "x", .san = "DNS:" HOST, .issuer = &mid});
	struct pair strange = make((struct wish){
	    .cn = "x", .san = "DNS:" HOST, .issuer = &other_root});
	char path[] = "/tmp/test_cert.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	expect(judge(&leaf, NULL, NULL, HOST, ca_path), CERT_CHAIN_INCOMPLETE);
	/* the leaf twice is still only the leaf */
	expect(judge(&leaf, &leaf, NULL, HOST, ca_path), CERT_CHAIN_INCOMPLETE);
	expect(judge(&leaf, &root, NULL, HOST, ca_path), CERT_UNTRUSTED);
	expect(
	    judge(&strange, &other_root, NULL, HOST, ca_path), CERT_UNTRUSTED);
	expect(judge(&leaf, &mid, NULL, HOST, NULL), CERT_UNTRUSTED);
	expect(judge(&leaf, &mid, &root, HOST, NULL), CERT_UNTRUSTED);
	/* a trusted intermediate is an anchor */
	write_pem(path, mid.cert);
	expect(judge(&leaf, &mid, NULL, HOST, path), 0);
	expect(judge(&leaf, NULL, NULL, HOST, path), 0);
	unlink(path);
	drop(&leaf);
	drop(&strange);
}

static void
test_unreadable_store(void **state)
{
	struct pair leaf =
	    make((struct wish){.cn = "x", .san = "DNS:" HOST, .issuer = &mid});
	struct cert_report *r =
	    judge(&leaf, &mid, NULL, HOST, "/nonexistent/ca.pem");

	(void)state;
	assert_non_null(strstr(r->verify_text, "/nonexistent/ca.pem"));
	expect(r, CERT_UNTRUSTED);
	drop(&leaf);
}

static void
test_weak(void **state)
{
	struct pair weak_root, weak_leaf;
	char path[] = "/tmp/test_cert.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	check_leaf(
	    (struct wish){.cn = "x", .san = "DNS:" HOST, .rsa_bits = 1024},
	    CERT_WEAK);
	check_leaf(
	    (struct wish){.cn = "x", .san = "DNS:" HOST, .rsa_bits = 2048}, 0);
	check_leaf(
	    (struct wish){.cn = "x", .san = "DNS:" HOST, .md = EVP_sha1()},
	    CERT_WEAK);
	/* an anchor's own strength is moot */
	weak_root = make((struct wish){.cn = "Old Root",
	    .is_ca = true,
	    .rsa_bits = 1024,
	    .md = EVP_sha1()});
	weak_leaf = make(
	    (struct wish){.cn = "x", .san = "DNS:" HOST, .issuer = &weak_root});
	write_pem(path, weak_root.cert);
	expect(judge(&weak_leaf, &weak_root, NULL, HOST, path), 0);
	unlink(path);
	drop(&weak_root);
	drop(&weak_leaf);
}

static void
test_many_at_once(void **state)
{
	struct pair leaf = make((struct wish){.cn = HOST,
	    .san = "DNS:other.example",
	    .rsa_bits = 1024,
	    .from_days = -90,
	    .to_days = -3});
	struct cert_report *r = judge(&leaf, NULL, NULL, HOST, ca_path);
	char *text = cert_faults_text(r->faults);

	(void)state;
	assert_string_equal(text, "self-signed expired name-mismatch weak");
	mem_free(text);
	text = cert_faults_text(0);
	assert_string_equal(text, "");
	mem_free(text);
	cert_report_free(r);
	drop(&leaf);
}

static void
test_shifted_clock(void **state)
{
	struct pair leaf =
	    make((struct wish){.cn = "x", .san = "DNS:" HOST, .issuer = &mid});

	(void)state;
	clock_set_shift(-100 * DAY * 1000);
	expect(judge(&leaf, &mid, NULL, HOST, ca_path), CERT_NOT_YET_VALID);
	clock_set_shift(100 * DAY * 1000);
	expect(judge(&leaf, &mid, NULL, HOST, ca_path), CERT_EXPIRED);
	clock_set_shift(0);
	expect(judge(&leaf, &mid, NULL, HOST, ca_path), 0);
	drop(&leaf);
}

static void
test_printable_and_bounded(void **state)
{
	char *san = mem_alloc(100 * 32), *at = san;
	struct pair leaf;
	struct cert_report *r;
	struct strs names = {0};
	unsigned char *der = NULL;
	int len;

	(void)state;
	for (int i = 0; i < 100; i++)
		at += snprintf(at, 32, "%sDNS:h%d.example", i ? "," : "", i);
	leaf = make((struct wish){.cn = "a\x1b[31m\n", .san = san});
	mem_free(san);
	r = judge(&leaf, NULL, NULL, HOST, ca_path);
	assert_int_equal(r->names.n, 50);
	assert_string_equal(r->subject, "CN=a\\x1b[31m\\x0a, O=Test, C=XX");
	cert_report_free(r);
	len = i2d_X509(leaf.cert, &der);
	assert_true(cert_names_of_der(der, (size_t)len, &names));
	assert_int_equal(names.n, 50);
	assert_false(cert_names_of_der(der, (size_t)len - 1, &names));
	assert_false(cert_names_of_der(der, 0, &names));
	strs_done(&names);
	OPENSSL_free(der);
	drop(&leaf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_expired_intermediate),
	    cmocka_unit_test(test_self_signed),
	    cmocka_unit_test(test_trusted_leaf),
	    cmocka_unit_test(test_chains),
	    cmocka_unit_test(test_unreadable_store),
	    cmocka_unit_test(test_weak),
	    cmocka_unit_test(test_many_at_once),
	    cmocka_unit_test(test_shifted_clock),
	    cmocka_unit_test(test_printable_and_bounded),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

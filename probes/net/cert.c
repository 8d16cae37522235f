/* SPDX-License-Identifier: ISC
 *
 * All faults of a chain in one pass: OpenSSL builds and checks the chain
 * with a callback that goes on after every error; dates, names and weakness
 * are looked at here, because OpenSSL would stop at the first.
 */
#include "cert.h"

#include "../base/buf.h"
#include "../base/clock.h"
#include "../base/mem.h"
#include "tcp.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_NAMES 50 /* subjectAltNames kept */
#define MAX_NAME_LEN 253 /* bytes of one of them */
#define MAX_CERTS 10 /* as TLS_MAX_CHAIN */
#define MAX_DN_PARTS 20 /* of a distinguished name */
#define MAX_DN_VALUE 128 /* bytes of one of its values */
#define MIN_RSA_BITS 2048
#define MIN_EC_BITS 224
#define TRUST_FRESH_MS 5000
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

void
cert_report_free(struct cert_report *r)
{
	if (r == NULL)
		return;
	mem_free(r->verify_text);
	mem_free(r->subject);
	mem_free(r->issuer);
	strs_done(&r->issuers);
	strs_done(&r->names);
	mem_free(r);
}

char *
cert_faults_text(unsigned faults)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
	    {CERT_SELF_SIGNED, "self-signed"},
	    {CERT_CHAIN_INCOMPLETE, "chain-incomplete"},
	    {CERT_UNTRUSTED, "untrusted"},
	    {CERT_EXPIRED, "expired"},
	    {CERT_NOT_YET_VALID, "not-yet-valid"},
	    {CERT_NAME_MISMATCH, "name-mismatch"},
	    {CERT_WEAK, "weak"},
	    {CERT_OTHER, "other"},
	};
	struct strs list = {0};
	char *text;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((faults & names[i].bit) != 0)
			strs_add(&list, names[i].name);
	text = strs_join(&list, " ");
	strs_done(&list);
	return text;
}

/* ---- text out of certificates ---- */

static char *
printable_cut(const unsigned char *data, size_t len, size_t max)
{
	return str_printable((const char *)data, len < max ? len : max);
}

/* Appends "CN=value" with ", " before it unless it is the first. */
static void
add_dn_part(struct buf *b, const X509_NAME_ENTRY *e)
{
	unsigned char *utf8 = NULL;
	const ASN1_OBJECT *obj = X509_NAME_ENTRY_get_object(e);
	int nid = OBJ_obj2nid(obj);
	int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(e));
	char oid[64];
	char *value;

	if (len < 0)
		return;
	if (nid != NID_undef)
		snprintf(oid, sizeof(oid), "%s", OBJ_nid2sn(nid));
	else if (OBJ_obj2txt(oid, sizeof(oid), obj, 1) <= 0)
		snprintf(oid, sizeof(oid), "?");
	value = printable_cut(utf8, (size_t)len, MAX_DN_VALUE);
	buf_addf(b, "%s%s=%s", b->len > 0 ? ", " : "", oid, value);
	mem_free(value);
	OPENSSL_free(utf8);
}

/* "CN=..., O=...": the common name first, then from narrow to wide. */
static char *
dn_text(const X509_NAME *name)
{
	struct buf b;
	int n = X509_NAME_entry_count(name);

	if (n > MAX_DN_PARTS)
		n = MAX_DN_PARTS;
	buf_init(&b, MAX_DN_PARTS * (MAX_DN_VALUE * 4 + 72));
	for (int pass = 0; pass < 2; pass++) {
		for (int i = n - 1; i >= 0; i--) {
			const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
			bool is_cn = OBJ_obj2nid(X509_NAME_ENTRY_get_object(
					 e)) == NID_commonName;

			if (is_cn == (pass == 0))
				add_dn_part(&b, e);
		}
	}
	return buf_take(&b);
}

static void
add_ip_name(struct strs *names, const ASN1_OCTET_STRING *ip)
{
	int len = ASN1_STRING_length(ip);
	char text[INET6_ADDRSTRLEN] = "(malformed address)";

	if (len == 4 || len == 16)
		inet_ntop(len == 4 ? AF_INET : AF_INET6,
		    ASN1_STRING_get0_data(ip), text, sizeof(text));
	strs_add(names, text);
}

static void
read_names(const X509 *cert, struct strs *names)
{
	GENERAL_NAMES *all =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);

		if (names->n >= MAX_NAMES)
			break;
		if (g->type == GEN_DNS)
			strs_take(names,
			    printable_cut(ASN1_STRING_get0_data(g->d.dNSName),
				(size_t)ASN1_STRING_length(g->d.dNSName),
				MAX_NAME_LEN));
		else if (g->type == GEN_IPADD)
			add_ip_name(names, g->d.iPAddress);
	}
	GENERAL_NAMES_free(all);
}

bool
cert_names_of_der(const unsigned char *der, size_t len, struct strs *names)
{
	const unsigned char *at = der;
	X509 *cert;
	char *dn;

	if (len > (1u << 20))
		return false;
	cert = d2i_X509(NULL, &at, (long)len);
	if (cert == NULL) {
		ERR_clear_error();
		return false;
	}
	read_names(cert, names);
	dn = dn_text(X509_get_subject_name(cert));
	mem_free(dn);
	X509_free(cert);
	ERR_clear_error();
	return true;
}

static int64_t
time_ms(const ASN1_TIME *t)
{
	struct tm tm = {0};

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

static int64_t
not_before(const X509 *x)
{
	return time_ms(X509_get0_notBefore(x));
}

static int64_t
not_after(const X509 *x)
{
	return time_ms(X509_get0_notAfter(x));
}

/* ---- judging ---- */

static bool
is_self_issued(X509 *x)
{
	return X509_NAME_cmp(
		   X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

static bool
has_weak_key(X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int bits;

	if (key == NULL)
		return false;
	bits = EVP_PKEY_get_bits(key);
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
	case EVP_PKEY_DSA:
		return bits < MIN_RSA_BITS;
	case EVP_PKEY_EC:
		return bits < MIN_EC_BITS;
	default:
		return false;
	}
}

static bool
has_weak_signature(X509 *x)
{
	int md = NID_undef;

	if (X509_get_signature_info(x, &md, NULL, NULL, NULL) != 1)
		return false;
	return md == NID_md5 || md == NID_sha1 || md == NID_md5_sha1 ||
	       md == NID_md4 || md == NID_md2 || md == NID_mdc2;
}

/* What one run of the verification keeps in its callback. */
struct judging {
	struct cert_report *report;
	bool leaf_only; /* nothing but the leaf came */
	bool leaf_is_root; /* the leaf names itself as issuer */
	int first, other; /* X509_V_ERR_ numbers: of all, of CERT_OTHER */
};

static unsigned
fault_of(const struct judging *j, int error)
{
	switch (error) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return CERT_SELF_SIGNED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		if (j->leaf_is_root)
			return CERT_SELF_SIGNED;
		return j->leaf_only ? CERT_CHAIN_INCOMPLETE : CERT_UNTRUSTED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
	case X509_V_ERR_CERT_REJECTED:
		return j->leaf_is_root ? CERT_SELF_SIGNED : CERT_UNTRUSTED;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return CERT_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return CERT_NOT_YET_VALID;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return CERT_WEAK;
	default:
		return CERT_OTHER;
	}
}

static int
on_error(int ok, X509_STORE_CTX *ctx)
{
	struct judging *j = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	unsigned fault;

	if (ok == 1 || error == X509_V_OK || j == NULL)
		return 1;
	fault = fault_of(j, error);
	j->report->faults |= fault;
	if (j->first == 0)
		j->first = error;
	if (fault == CERT_OTHER && j->other == 0)
		j->other = error;
	return 1;
}

/* Dates and weakness of the chain as built; the anchor's strength is moot. */
static void
judge_built(STACK_OF(X509) * built, int n_untrusted, struct cert_report *r)
{
	int64_t now = clock_utc_ms();
	int64_t ends = INT64_MAX;

	for (int i = 0; i < sk_X509_num(built); i++) {
		X509 *x = sk_X509_value(built, i);
		bool is_anchor = i >= n_untrusted;

		if (not_after(x) < now)
			r->faults |= CERT_EXPIRED;
		if (not_before(x) > now)
			r->faults |= CERT_NOT_YET_VALID;
		if (not_after(x) < ends)
			ends = not_after(x);
		if (!is_anchor && has_weak_key(x))
			r->faults |= CERT_WEAK;
		/* nobody relies on what a root says of itself */
		if (!is_anchor && (i == 0 || !is_self_issued(x)) &&
		    has_weak_signature(x))
			r->faults |= CERT_WEAK;
	}
	if (ends != INT64_MAX) {
		int64_t left = ends - now;

		/* rounded down, so that yesterday is -1 */
		r->days_left =
		    (int)((left - (left < 0 ? DAY_MS - 1 : 0)) / DAY_MS);
	}
}

static void
store_failed(struct cert_report *r, const char *what, const char *path)
{
	r->faults |= CERT_UNTRUSTED;
	if (r->verify_text == NULL)
		r->verify_text = mem_printf("%s%s cannot be read", what, path);
}

static X509_STORE *
read_store(struct cert_report *r, const char *ca_file, bool *is_whole)
{
	X509_STORE *store = X509_STORE_new();

	*is_whole = true;
	if (store == NULL || X509_STORE_set_default_paths(store) != 1) {
		store_failed(r, "the system's trust store", "");
		*is_whole = false;
	}
	if (store != NULL && ca_file != NULL &&
	    X509_STORE_load_file(store, ca_file) != 1) {
		store_failed(r, "the CA file ", ca_file);
		*is_whole = false;
	}
	ERR_clear_error();
	return store;
}

/*
 * Reading the trust store takes longer than all the rest of a probe, so the
 * probes of a burst share one. It does not stay for long: the person may add
 * a certificate and test again.
 */
static struct {
	CRYPTO_RWLOCK *lock;
	X509_STORE *store; /* owned; NULL: not read yet */
	char *ca_file; /* owned or NULL: what is in it besides the system's */
	struct stat ca_seen; /* the file as it was read */
	int64_t read_ms; /* monotonic */
} trust;
static CRYPTO_ONCE trust_once = CRYPTO_ONCE_STATIC_INIT;

static void
trust_init(void)
{
	trust.lock = CRYPTO_THREAD_lock_new();
}

/* How the file looks now; zeroes when there is none. */
static struct stat
look_at(const char *ca_file)
{
	struct stat st = {0};

	if (ca_file == NULL || stat(ca_file, &st) != 0)
		st = (struct stat){0};
	return st;
}

static bool
is_trust_fresh(const char *ca_file, const struct stat *now)
{
	const struct stat *seen = &trust.ca_seen;

	if (trust.store == NULL ||
	    clock_mono_ms() - trust.read_ms >= TRUST_FRESH_MS ||
	    (trust.ca_file == NULL) != (ca_file == NULL))
		return false;
	return ca_file == NULL || (strcmp(trust.ca_file, ca_file) == 0 &&
				      seen->st_ino == now->st_ino &&
				      seen->st_size == now->st_size &&
				      memcmp(&seen->st_mtim, &now->st_mtim,
					  sizeof(seen->st_mtim)) == 0);
}

/* What OpenSSL works out about a certificate at its first use is worked out
 * now, so that the threads only read what they share. */
static void
work_out(X509_STORE *store)
{
	STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);

	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		X509 *x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));

		if (x != NULL)
			(void)X509_check_purpose(x, -1, 0);
	}
	ERR_clear_error();
}

static void
keep_trust(X509_STORE *store, const char *ca_file, const struct stat *seen)
{
	work_out(store);
	X509_STORE_free(trust.store);
	mem_free(trust.ca_file);
	X509_STORE_up_ref(store);
	trust.store = store;
	trust.ca_file = ca_file != NULL ? mem_dup(ca_file) : NULL;
	trust.ca_seen = *seen;
	trust.read_ms = clock_mono_ms();
}

/* The caller frees. */
static X509_STORE *
trust_store(struct cert_report *r, const char *ca_file)
{
	struct stat seen = look_at(ca_file);
	X509_STORE *store;
	bool is_whole;

	if (CRYPTO_THREAD_run_once(&trust_once, trust_init) != 1 ||
	    trust.lock == NULL || CRYPTO_THREAD_write_lock(trust.lock) != 1)
		return read_store(r, ca_file, &is_whole);
	if (is_trust_fresh(ca_file, &seen)) {
		store = trust.store;
		X509_STORE_up_ref(store);
	} else {
		store = read_store(r, ca_file, &is_whole);
		if (is_whole)
			keep_trust(store, ca_file, &seen);
	}
	CRYPTO_THREAD_unlock(trust.lock);
	return store;
}

/*
 * PARTIAL_CHAIN: a leaf or intermediate that is itself in the trust store is
 * an anchor. The purpose is that of a TLS server.
 */
static void
set_rules(X509_STORE_CTX *ctx)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

	X509_STORE_CTX_set_default(ctx, "ssl_server");
	X509_VERIFY_PARAM_set_flags(
	    param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
	X509_VERIFY_PARAM_set_time(param, (time_t)(clock_utc_ms() / 1000));
	X509_VERIFY_PARAM_set_depth(param, MAX_CERTS);
	X509_VERIFY_PARAM_set_auth_level(param, 0);
}

static void
verify(
    X509 *leaf, STACK_OF(X509) * sent, const char *ca_file, struct judging *j)
{
	struct cert_report *r = j->report;
	X509_STORE *store = trust_store(r, ca_file);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	if (store == NULL || ctx == NULL ||
	    X509_STORE_CTX_init(ctx, store, leaf, sent) != 1) {
		r->faults |= CERT_OTHER;
		j->other = X509_V_ERR_UNSPECIFIED;
		goto out;
	}
	set_rules(ctx);
	X509_STORE_CTX_set_app_data(ctx, j);
	X509_STORE_CTX_set_verify_cb(ctx, on_error);
	if (X509_verify_cert(ctx) != 1 && j->first == 0) {
		/* gave up without asking the callback */
		j->other = X509_STORE_CTX_get_error(ctx);
		if (j->other == X509_V_OK)
			j->other = X509_V_ERR_UNSPECIFIED;
		r->faults |= CERT_OTHER;
	}
	judge_built(X509_STORE_CTX_get0_chain(ctx),
	    X509_STORE_CTX_get_num_untrusted(ctx), r);
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
}

/* RFC 6125 section 6.4, RFC 9525: subjectAltName only. */
static bool
name_fits(X509 *leaf, const char *host)
{
	char bare[256];
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (len > 1 && host[len - 1] == '.') {
		len--;
	}
	if (len == 0 || len >= sizeof(bare))
		return false;
	memcpy(bare, host, len);
	bare[len] = '\0';
	if (tcp_family(bare) != 0)
		return X509_check_ip_asc(leaf, bare, 0) == 1;
	return X509_check_host(leaf, bare, len,
		   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
		       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
		   NULL) == 1;
}

static void
describe_leaf(X509 *leaf, struct cert_report *r)
{
	EVP_PKEY *key = X509_get0_pubkey(leaf);
	const char *type = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
	const char *sig = OBJ_nid2ln(X509_get_signature_nid(leaf));
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	r->subject = dn_text(X509_get_subject_name(leaf));
	r->issuer = dn_text(X509_get_issuer_name(leaf));
	r->not_before_ms = not_before(leaf);
	r->not_after_ms = not_after(leaf);
	r->key_bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
	snprintf(r->key_type, sizeof(r->key_type), "%s",
	    type != NULL ? type : "unknown");
	snprintf(r->signature, sizeof(r->signature), "%s",
	    sig != NULL ? sig : "unknown");
	read_names(leaf, &r->names);
	if (X509_digest(leaf, EVP_sha256(), sum, &len) != 1 || len > 32)
		return;
	for (unsigned i = 0; i < len; i++)
		snprintf(r->fingerprint + 2 * i, 3, "%02x", sum[i]);
}

static void
describe_one(X509 *x, struct cert_report *r)
{
	r->chain_len++;
	strs_take(&r->issuers, dn_text(X509_get_issuer_name(x)));
	if (not_before(x) > r->valid_from_ms)
		r->valid_from_ms = not_before(x);
	if (not_after(x) < r->valid_to_ms)
		r->valid_to_ms = not_after(x);
}

/* All that came, each once: the server's chain mostly repeats the leaf. */
static STACK_OF(X509) *
    describe_sent(X509 *leaf, STACK_OF(X509) * chain, struct cert_report *r)
{
	STACK_OF(X509) *others = sk_X509_new_null();

	r->valid_from_ms = r->not_before_ms;
	r->valid_to_ms = r->not_after_ms;
	describe_one(leaf, r);
	for (int i = 0; i < sk_X509_num(chain) && i < MAX_CERTS; i++) {
		X509 *x = sk_X509_value(chain, i);

		if (X509_cmp(x, leaf) == 0)
			continue;
		describe_one(x, r);
		if (others != NULL && sk_X509_push(others, x) == 0)
			break;
	}
	return others;
}

struct cert_report *
cert_judge(struct x509_st *leaf, struct stack_st_X509 *chain, const char *host,
    const char *ca_file)
{
	struct cert_report *r = mem_new(struct cert_report);
	struct judging j = {.report = r};
	STACK_OF(X509) * others;

	ERR_clear_error();
	describe_leaf(leaf, r);
	others = describe_sent(leaf, chain, r);
	j.leaf_only = r->chain_len == 1;
	j.leaf_is_root = is_self_issued(leaf);
	verify(leaf, others, ca_file, &j);
	sk_X509_free(others);
	if (has_weak_key(leaf))
		r->faults |= CERT_WEAK;
	if (host != NULL && host[0] != '\0' && !name_fits(leaf, host))
		r->faults |= CERT_NAME_MISMATCH;
	r->verify_error = j.other != 0 ? j.other : j.first;
	if (r->verify_text == NULL && r->verify_error != 0)
		r->verify_text =
		    mem_dup(X509_verify_cert_error_string(r->verify_error));
	ERR_clear_error();
	return r;
}

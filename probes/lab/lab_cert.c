/* SPDX-License-Identifier: ISC
 *
 * The lab's certificates, made at start: a root, an intermediate, and for
 * each server a leaf with the fault it is to have. Dates are relative to the
 * real time, since a scenario shifts our clock and not the world's.
 */
#include "lab_inside.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "../base/mem.h"

#define DAY 86400L
#define ROOT_NAME "CN=Lab Root CA, O=smtpwiz lab"
#define INTERMEDIATE_NAME "CN=Lab Intermediate CA, O=smtpwiz lab"
#define STRANGER_ROOT "CN=Company Internal Root, O=Not in any trust store"
#define STRANGER_NAME "CN=Company Internal Issuing CA"

struct authority { /* a certificate that signs others */
	X509 *cert;
	EVP_PKEY *key;
};

struct lab_certs {
	struct authority root, intermediate, old, stranger_root, stranger;
	EVP_PKEY *leaf_key; /* shared by all good leaves: they are one lab's */
	STACK_OF(X509) * trusted;
};

struct blueprint { /* what a certificate is to be */
	const char *subject; /* "CN=..., O=..." */
	const struct strs *names; /* NULL for an authority */
	long from_day, to_day; /* relative to now */
	bool is_authority;
};

static bool
failed(struct err *err, const char *what)
{
	char reason[160];

	ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
	ERR_clear_error();
	return err_set(
	    err, ERR_TLS, "the lab cannot make %s: %s", what, reason);
}

static X509_NAME *
name_new(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	struct strs parts = {0};

	strs_split(&parts, text, ",");
	for (size_t i = 0; i < parts.n; i++) {
		char *part = str_trim(parts.v[i]);
		char *equals = strchr(part, '=');
		const char *field = "CN", *value = part;

		if (equals != NULL) {
			*equals = '\0';
			field = part;
			value = equals + 1;
		}
		/* 64 is the most that a common name may have */
		X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
		    (const unsigned char *)value, (int)str_fit(value, 64), -1,
		    0);
	}
	strs_done(&parts);
	return name;
}

static GENERAL_NAME *
general_name(const char *text)
{
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *dns;

	if (address != NULL) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, address);
		return name;
	}
	dns = ASN1_IA5STRING_new();
	ASN1_STRING_set(dns, text, -1);
	GENERAL_NAME_set0_value(name, GEN_DNS, dns);
	return name;
}

static void
add_names(X509 *x, const struct strs *names)
{
	GENERAL_NAMES *list = GENERAL_NAMES_new();

	for (size_t i = 0; i < names->n; i++)
		sk_GENERAL_NAME_push(list, general_name(names->v[i]));
	X509_add1_ext_i2d(x, NID_subject_alt_name, list, 0, 0);
	GENERAL_NAMES_free(list);
}

static void
add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (ext != NULL)
		X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	ERR_clear_error();
}

static void
add_extensions(X509 *x, X509 *issuer, const struct blueprint *b)
{
	add_extension(x, issuer, NID_subject_key_identifier, "hash");
	if (issuer != x) {
		add_extension(x, issuer, NID_authority_key_identifier, "keyid");
	}
	if (b->is_authority) {
		add_extension(
		    x, issuer, NID_basic_constraints, "critical,CA:TRUE");
		add_extension(
		    x, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
		return;
	}
	add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(x, issuer, NID_key_usage,
	    "critical,digitalSignature,keyEncipherment");
	add_extension(x, issuer, NID_ext_key_usage, "serverAuth");
	add_names(x, b->names);
}

/* Signs a certificate; by == NULL: with its own key. */
static X509 *
issue(const struct blueprint *b, EVP_PKEY *key, const struct authority *by)
{
	X509 *x = X509_new();
	X509_NAME *subject = name_new(b->subject);
	uint64_t serial = 0;
	time_t now = time(NULL);

	RAND_bytes((unsigned char *)&serial, 7);
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial | 1);
	X509_set_subject_name(x, subject);
	X509_set_issuer_name(
	    x, by != NULL ? X509_get_subject_name(by->cert) : subject);
	X509_NAME_free(subject);
	X509_time_adj_ex(X509_getm_notBefore(x), (int)b->from_day, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(x), (int)b->to_day, 0, &now);
	X509_set_pubkey(x, key);
	add_extensions(x, by != NULL ? by->cert : x, b);
	if (X509_sign(x, by != NULL ? by->key : key, EVP_sha256()) == 0) {
		X509_free(x);
		return NULL;
	}
	return x;
}

static bool
authority_make(struct authority *a, const char *subject, long from_day,
    long to_day, const struct authority *by)
{
	const struct blueprint b = {
	    .subject = subject,
	    .from_day = from_day,
	    .to_day = to_day,
	    .is_authority = true,
	};

	a->key = EVP_EC_gen("P-256");
	a->cert = a->key != NULL ? issue(&b, a->key, by) : NULL;
	return a->cert != NULL;
}

static void
authority_done(struct authority *a)
{
	X509_free(a->cert);
	EVP_PKEY_free(a->key);
}

static void
trust(struct lab_certs *c, X509 *cert)
{
	X509_up_ref(cert);
	sk_X509_push(c->trusted, cert);
}

struct lab_certs *
lab_certs_new(struct err *err)
{
	struct lab_certs *c = mem_new(struct lab_certs);

	c->trusted = sk_X509_new_null();
	c->leaf_key = EVP_EC_gen("P-256");
	if (c->leaf_key == NULL ||
	    !authority_make(&c->root, ROOT_NAME, -5000, 5000, NULL) ||
	    !authority_make(
		&c->intermediate, INTERMEDIATE_NAME, -4000, 4000, &c->root) ||
	    !authority_make(
		&c->old, INTERMEDIATE_NAME " 2019", -2500, -12, &c->root) ||
	    !authority_make(
		&c->stranger_root, STRANGER_ROOT, -4000, 4000, NULL) ||
	    !authority_make(
		&c->stranger, STRANGER_NAME, -3000, 3000, &c->stranger_root)) {
		lab_certs_free(c);
		failed(err, "its certificate authorities");
		return NULL;
	}
	trust(c, c->root.cert);
	return c;
}

void
lab_certs_free(struct lab_certs *c)
{
	if (c == NULL)
		return;
	authority_done(&c->root);
	authority_done(&c->intermediate);
	authority_done(&c->old);
	authority_done(&c->stranger_root);
	authority_done(&c->stranger);
	EVP_PKEY_free(c->leaf_key);
	sk_X509_pop_free(c->trusted, X509_free);
	mem_free(c);
}

/* What a server shows: the leaf, its key, and what it sends along. */
struct shown {
	X509 *leaf;
	EVP_PKEY *key;
	X509 *along; /* or NULL */
};

static void
shown_done(struct shown *s)
{
	X509_free(s->leaf);
	EVP_PKEY_free(s->key);
	X509_free(s->along);
}

static void
shown_signed(struct lab_certs *c, struct blueprint *b,
    const struct authority *by, bool send_issuer, struct shown *out)
{
	if (out->key == NULL) {
		EVP_PKEY_up_ref(c->leaf_key);
		out->key = c->leaf_key;
	}
	out->leaf = issue(b, out->key, by);
	if (send_issuer && by != NULL) {
		X509_up_ref(by->cert);
		out->along = by->cert;
	}
}

static void
shown_intercepted(struct lab_certs *c, const struct lab_server *server,
    struct blueprint *b, struct shown *out)
{
	struct authority ca = {0};
	const char *name = server->cert_issuer;

	if (name == NULL)
		name = "CN=Avast Web/Mail Shield Root, O=Avast Web/Mail Shield";
	if (authority_make(&ca, name, -800, 3000, NULL)) {
		shown_signed(c, b, &ca, true, out);
		if (server->trusted)
			trust(c, ca.cert);
	}
	authority_done(&ca);
}

static void
shown_make(struct lab_certs *c, const struct lab_server *server,
    struct blueprint *b, struct shown *out)
{
	switch (server->cert) {
	case LAB_CERT_GOOD:
		break;
	case LAB_CERT_EXPIRED:
		b->from_day = -94;
		b->to_day = -4;
		break;
	case LAB_CERT_NOT_YET_VALID:
		b->from_day = 3;
		b->to_day = 93;
		break;
	case LAB_CERT_EXPIRED_INTERMEDIATE:
		shown_signed(c, b, &c->old, true, out);
		return;
	case LAB_CERT_WRONG_NAME: /* the names were chosen by the caller */
		break;
	case LAB_CERT_SELF_SIGNED:
		shown_signed(c, b, NULL, false, out);
		return;
	case LAB_CERT_NO_INTERMEDIATE:
		shown_signed(c, b, &c->intermediate, false, out);
		return;
	case LAB_CERT_UNKNOWN_CA:
		shown_signed(c, b, &c->stranger, true, out);
		return;
	case LAB_CERT_WEAK:
		out->key = EVP_RSA_gen(1024);
		break;
	case LAB_CERT_INTERCEPTED:
		shown_intercepted(c, server, b, out);
		return;
	}
	shown_signed(c, b, &c->intermediate, true, out);
}

static bool
context_make(const struct lab_server *server, const struct shown *shown,
    SSL_CTX **out, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return failed(err, "a TLS context");
	*out = ctx;
	SSL_CTX_set_security_level(ctx, 0); /* weak is what it is for */
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (SSL_CTX_use_certificate(ctx, shown->leaf) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, shown->key) != 1)
		return failed(err, "a server use its certificate");
	if (shown->along != NULL)
		SSL_CTX_add1_chain_cert(ctx, shown->along);
	/* An empty chain is sent as it is: nothing is looked for. */
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	if (server->fault == LAB_TLS_OLD) {
		SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
		SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	}
	if (server->fault == LAB_TLS_CLIENT_CERT) {
		SSL_CTX_set_verify(ctx,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return true;
}

bool
lab_certs_serve(struct lab_certs *c, const struct lab_server *server,
    const struct strs *names, SSL_CTX **out, struct err *err)
{
	struct strs elsewhere = {0};
	struct shown shown = {0};
	struct blueprint b = {.from_day = -30, .to_day = 60};
	char subject[300];
	bool ok;

	b.names = server->cert_names.n > 0 ? &server->cert_names : names;
	if (server->cert == LAB_CERT_WRONG_NAME && server->cert_names.n == 0) {
		strs_add(&elsewhere, "web7.hosting.example");
		strs_add(&elsewhere, "hosting.example");
		b.names = &elsewhere;
	}
	snprintf(subject, sizeof(subject), "CN=%s",
	    b.names->n > 0 ? b.names->v[0] : "lab");
	b.subject = subject;
	shown_make(c, server, &b, &shown);
	ok = shown.leaf != NULL ? context_make(server, &shown, out, err)
				: failed(err, "a certificate");
	shown_done(&shown);
	strs_done(&elsewhere);
	return ok;
}

bool
lab_certs_write(const struct lab_certs *c, const char *path, struct err *err)
{
	BIO *file = BIO_new_file(path, "w");
	bool ok = file != NULL;

	for (int i = 0; ok && i < sk_X509_num(c->trusted); i++)
		ok = PEM_write_bio_X509(file, sk_X509_value(c->trusted, i));
	BIO_free(file);
	return ok || failed(err, "the file of trusted certificates");
}

/* SPDX-License-Identifier: ISC
 *
 * Every fault of a certificate chain at once, judged offline after the
 * handshake against the system's trust store plus --ca-file, at the one
 * clock (base/clock.h). Names by RFC 6125/9525: subjectAltName only.
 */
#ifndef NET_CERT_H
#define NET_CERT_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Bits; more than one may hold. */
enum cert_fault {
	CERT_SELF_SIGNED = 1, /* the leaf signed itself and is not trusted */
	CERT_CHAIN_INCOMPLETE = 2, /* only the leaf came, issuer unknown here */
	CERT_UNTRUSTED = 4, /* more came, the root is unknown */
	CERT_EXPIRED = 8, /* any certificate in the built chain */
	CERT_NOT_YET_VALID = 16,
	CERT_NAME_MISMATCH = 32,
	CERT_WEAK = 64, /* RSA < 2048, EC < 224, MD5 or SHA-1 */
	CERT_OTHER = 128, /* any other verify error; see verify_error */
};

struct cert_report {
	unsigned faults;
	int verify_error; /* the first X509_V_ERR_ number of CERT_OTHER;
			   * without one the first of any kind, or 0 */
	char *verify_text; /* owned, or NULL */
	/* Owned, printable, of the leaf: "CN=..., O=...". */
	char *subject, *issuer;
	struct strs issuers; /* printable, of every certificate that came */
	struct strs names; /* subjectAltName DNS and IP, 50, printable */
	int64_t not_before_ms, not_after_ms; /* of the leaf */
	int64_t valid_from_ms, valid_to_ms; /* overlap of all that came */
	int days_left; /* of the one in the built chain that ends first */
	int key_bits;
	char key_type[16], signature[48];
	char fingerprint[65]; /* SHA-256 of the leaf, hex */
	int chain_len; /* certificates the server sent */
};
void cert_report_free(struct cert_report *r);

struct x509_st;
struct stack_st_X509;
/*
 * Judges leaf + chain as sent by the server (chain may be NULL) for `host`
 * (name or numeric address). ca_file may be NULL. Never NULL; a trust store
 * that cannot be read gives CERT_UNTRUSTED with its reason in verify_text.
 */
struct cert_report *cert_judge(struct x509_st *leaf,
    struct stack_st_X509 *chain, const char *host, const char *ca_file);

/* "expired name-mismatch"; "" when there is no fault. The caller frees. */
char *cert_faults_text(unsigned faults);

/*
 * For the fuzzer and tests: the names of a DER certificate, through the same
 * code. False when it does not parse.
 */
bool cert_names_of_der(
    const unsigned char *der, size_t len, struct strs *names);

#endif

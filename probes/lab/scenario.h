/* SPDX-License-Identifier: ISC
 *
 * What a scenario file says, as plain data that nothing changes after
 * scenario_parse. The lab's threads and the protocol tests read it; the
 * rest of the program knows only lab.h.
 */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include "lab.h"

#include <stdbool.h>

#define SCENARIO_MAX_NAMES 500
#define SCENARIO_MAX_RECORDS 64 /* for one name */
#define SCENARIO_MAX_PORTS 200
#define SCENARIO_MAX_LINES 200 /* items of any list */
#define SCENARIO_MAX_TEXT 8192
#define SCENARIO_MAX_STREAM 50000000 /* bytes that `long_line` may send */
#define SCENARIO_MAX_DELAY_MS 120000

/* Orders follow the words in scenario.c and scenario_server.c. */
enum lab_type {
	LAB_A,
	LAB_AAAA,
	LAB_MX,
	LAB_SRV,
	LAB_CNAME,
	LAB_TXT,
	LAB_OTHER_TYPE,
};

enum lab_status {
	LAB_DNS_OK,
	LAB_DNS_SERVFAIL,
	LAB_DNS_REFUSED,
	LAB_DNS_SILENT,
	LAB_DNS_NXDOMAIN,
	LAB_DNS_TRUNCATED, /* over UDP; TCP gets the whole answer */
	LAB_DNS_BROKEN, /* a message that ends in the middle */
};

struct lab_record {
	enum lab_type type;
	char *text; /* owned: address, target or text */
	int priority, weight, port;
};

struct lab_name {
	char *name; /* owned: lower case, no final dot; "*" for all others */
	enum lab_status status; /* for every type */
	enum lab_status type_status[LAB_OTHER_TYPE]; /* for one type */
	struct lab_record *v; /* owned */
	size_t n, cap;
};

enum lab_resolver {
	LAB_RESOLVER_OK,
	LAB_RESOLVER_SILENT,
	LAB_RESOLVER_REFUSED,
	LAB_RESOLVER_UNREACHABLE,
};

enum lab_reach {
	LAB_DROPPED,
	LAB_REFUSED,
	LAB_UNREACHABLE,
	LAB_PROHIBITED,
	LAB_NO_ROUTE,
	LAB_SERVER,
};

enum lab_tls { LAB_STARTTLS, LAB_IMPLICIT, LAB_PLAIN };

enum lab_cert {
	LAB_CERT_GOOD,
	LAB_CERT_EXPIRED,
	LAB_CERT_EXPIRED_INTERMEDIATE,
	LAB_CERT_NOT_YET_VALID,
	LAB_CERT_WRONG_NAME,
	LAB_CERT_SELF_SIGNED,
	LAB_CERT_NO_INTERMEDIATE,
	LAB_CERT_UNKNOWN_CA,
	LAB_CERT_WEAK,
	LAB_CERT_INTERCEPTED,
};

enum lab_fault {
	LAB_TLS_FINE,
	LAB_TLS_CLOSE,
	LAB_TLS_RESET,
	LAB_TLS_SILENT,
	LAB_TLS_ALERT,
	LAB_TLS_GARBAGE,
	LAB_TLS_OLD,
	LAB_TLS_CLIENT_CERT,
};

enum lab_speaks { /* what is spoken on the port */
	LAB_SMTP,
	LAB_IMAP,
	LAB_POP3,
	LAB_HTTP_REDIRECT,
	LAB_HTTP_PAGE,
	LAB_HTTP_PORTAL,
	LAB_WEB, /* `web` */
};

enum lab_endless { LAB_ENDS, LAB_ENDLESS_BANNER, LAB_ENDLESS_REPLY };
enum lab_then { LAB_THEN_CLOSE, LAB_THEN_WAIT };
enum lab_cut { LAB_CUT_CLOSE, LAB_CUT_RESET, LAB_CUT_STALL };
/* Where nothing comes through any more unless the segments are small. */
enum lab_hole { LAB_HOLE_NONE, LAB_HOLE_TLS, LAB_HOLE_DATA };
enum lab_close {
	LAB_CLOSE_NEVER,
	LAB_CLOSE_CONNECT,
	LAB_CLOSE_EHLO,
	LAB_CLOSE_STARTTLS,
};

enum lab_auth_fault { /* once the client has sent its secret */
	LAB_AUTH_FINE,
	LAB_AUTH_CLOSE,
	LAB_AUTH_RESET,
	LAB_AUTH_SILENCE,
	LAB_AUTH_ECHO, /* it is sent back */
};

/* Who may sign in; texts owned, NULL where there is none. */
struct lab_user {
	char *name, *password, *token;
};

/* One server on one port. */
struct lab_server {
	enum lab_tls tls;
	enum lab_cert cert;
	struct strs cert_names; /* empty: every name of the address */
	char *cert_issuer; /* "CN=..., O=..." or NULL */
	bool trusted; /* cert_issuer's root goes to the CA file */
	struct strs greeting; /* lines; empty: the usual one */
	bool greets; /* false: `greeting: none` */
	int greeting_delay_ms;
	struct strs ehlo, ehlo_tls;
	bool ehlo_given, ehlo_tls_given;
	bool auth_plain;
	char *auth; /* NULL: "PLAIN LOGIN"; "none": not offered */
	struct lab_user *users; /* owned */
	size_t n_users, cap_users;
	struct kvs auth_reply; /* "accepted", "refused" */
	struct strs auth_prompts; /* of LOGIN, in base64; empty: the usual */
	char *token_challenge; /* JSON before a token is refused, or NULL */
	enum lab_auth_fault auth_fault;
	/* The start of a line (words) to the reply: lines parted by \n, or
	 * close, silence, reset. The longest start wins. */
	struct kvs replies, replies_tls;
	char *starttls_inject;
	enum lab_fault fault;
	char *raw; /* sent at connect in place of everything */
	enum lab_then then;
	enum lab_speaks speaks;
	struct kvs web; /* path to document, or to what happens there */
	enum lab_endless endless;
	int drip_ms;
	int64_t long_line;
	bool nul, binary;
	int max_per_address; /* 0: no limit */
	enum lab_close close_at;
	bool close_by_reset;
	bool mailbox; /* takes messages: lab_mail.c */
	int64_t cut_after; /* bytes of a message; 0: never */
	enum lab_cut cut;
	enum lab_hole blackhole;
	int64_t max_size; /* of a message; 0: no limit */
	struct kvs rcpt_reply; /* address to reply */
};

struct lab_port {
	char address[46]; /* canonical; "" for every address */
	int port; /* 0 for every port */
	enum lab_reach reach;
	struct lab_server *server; /* owned; LAB_SERVER only */
};

/* What a protocol test expects. */
struct lab_expect {
	char *probe; /* owned; NULL without `expect:` */
	struct kvs with, facts;
	struct kvs with_secret; /* "password" or "token" */
	struct strs findings, no_findings;
	int timeout_ms; /* of one connect */
	int within_ms; /* the probe must have ended by then; 0: its deadline */
};

struct scenario {
	char *name; /* owned: for messages */
	char *title, *cause, *fixed_by, *topic, *story; /* owned or NULL */
	struct kvs answers;
	struct kvs secret; /* "password" or "token": what the user types */
	int64_t clock_shift_ms;
	struct lab_name *names;
	size_t n_names, cap_names;
	enum lab_resolver resolver;
	struct lab_port *ports;
	size_t n_ports, cap_ports;
	struct lab_expect expect;
};

/* Names that lead to the address, through CNAMEs too; appended. */
void scenario_names_of(
    const struct scenario *s, const char *address, struct strs *names);

#endif

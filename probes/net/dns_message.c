/* SPDX-License-Identifier: ISC
 *
 * The parser of DNS replies. Every offset is checked against the end, names
 * follow at most a fixed number of pointers, and bytes that do not belong
 * into a host name come out as \DDD.
 */
#include "dns_message.h"

#include "../base/mem.h"
#include "../base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define HEADER_LEN 12
#define MAX_POINTERS 32 /* in one name */
#define MAX_ANSWERS 256 /* looked at in one reply */
#define MAX_CHAIN 16 /* CNAMEs followed */
#define NAME_TEXT 1100 /* 255 bytes, each as \DDD, dots, the NUL */

#define TYPE_A 1
#define TYPE_CNAME 5
#define TYPE_MX 15
#define TYPE_AAAA 28
#define TYPE_SRV 33
#define CLASS_IN 1

struct message {
	const unsigned char *data; /* borrowed */
	size_t len, at;
	bool bad;
};

struct rr {
	char owner[NAME_TEXT];
	unsigned type, class;
	size_t data, data_len; /* within the message */
};

static bool
is_name_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool
dns_name_is_valid(const char *name)
{
	size_t len = strlen(name), label = 0;

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len == 0 || len > 253)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!is_name_byte((unsigned char)name[i]) || ++label > 63)
			return false;
	}
	return label > 0;
}

static unsigned
take_8(struct message *m)
{
	if (m->at >= m->len) {
		m->bad = true;
		return 0;
	}
	return m->data[m->at++];
}

static unsigned
take_16(struct message *m)
{
	unsigned high = take_8(m);

	return high << 8 | take_8(m);
}

/* Appends one label in text form; false when it does not fit. */
static bool
add_label(char *out, size_t *used, const unsigned char *label, size_t len)
{
	if (*used > 0)
		out[(*used)++] = '.';
	for (size_t i = 0; i < len; i++) {
		if (*used + 6 >= NAME_TEXT)
			return false;
		if (is_name_byte(label[i]))
			out[(*used)++] = (char)label[i];
		else
			*used += (size_t)snprintf(
			    out + *used, 5, "\\%03u", label[i]);
	}
	return *used + 2 < NAME_TEXT;
}

/* A name at m->at, which moves behind it (RFC 1035 section 4.1.4). */
static void
take_name(struct message *m, char out[NAME_TEXT])
{
	struct message r = *m; /* reads on wherever pointers lead */
	size_t used = 0, wire = 0;
	int pointers = 0;

	out[0] = '\0';
	while (!r.bad) {
		unsigned len = take_8(&r);

		if (r.bad || len == 0)
			break;
		if ((len & 0xc0) == 0xc0) {
			size_t to = (size_t)(len & 0x3f) << 8 | take_8(&r);

			if (pointers++ == 0)
				m->at = r.at;
			if (pointers > MAX_POINTERS || to >= r.len)
				r.bad = true;
			r.at = to;
			continue;
		}
		wire += len + 1;
		if ((len & 0xc0) != 0 || len > r.len - r.at || wire > 254 ||
		    !add_label(out, &used, r.data + r.at, len))
			r.bad = true;
		else
			r.at += len;
	}
	if (pointers == 0)
		m->at = r.at;
	if (r.bad)
		m->bad = true;
	if (used == 0)
		out[used++] = '.';
	out[used] = '\0';
}

static void
take_rr(struct message *m, struct rr *rr)
{
	take_name(m, rr->owner);
	rr->type = take_16(m);
	rr->class = take_16(m);
	take_16(m); /* TTL: answers are not kept */
	take_16(m);
	rr->data_len = take_16(m);
	rr->data = m->at;
	if (m->bad || rr->data_len > m->len - m->at)
		m->bad = true;
	else
		m->at += rr->data_len;
}

/* The record's data as a message of its own end, for names inside it. */
static struct message
inside(const struct message *m, const struct rr *rr, size_t skip)
{
	struct message r = {
	    .data = m->data, .len = m->len, .at = rr->data + skip};

	if (skip >= rr->data_len)
		r.bad = true;
	return r;
}

static bool
name_inside(const struct message *m, const struct rr *rr, size_t skip,
    char out[NAME_TEXT])
{
	struct message r = inside(m, rr, skip);

	if (r.bad)
		return false;
	take_name(&r, out);
	return !r.bad && r.at <= rr->data + rr->data_len;
}

static unsigned
number_inside(const struct message *m, const struct rr *rr, size_t skip)
{
	const unsigned char *d = m->data + rr->data + skip;

	return (unsigned)d[0] << 8 | d[1];
}

static unsigned
wire_type(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return TYPE_A;
	case DNS_AAAA:
		return TYPE_AAAA;
	case DNS_MX:
		return TYPE_MX;
	case DNS_SRV:
		return TYPE_SRV;
	case DNS_CNAME:
		return TYPE_CNAME;
	}
	return 0;
}

/* Turns the data of rr into a record; false when it is malformed. */
static bool
read_record(const struct message *m, const struct rr *rr, enum dns_type type,
    struct dns_record *out)
{
	char text[NAME_TEXT];
	const unsigned char *d = m->data + rr->data;

	switch (type) {
	case DNS_A:
		if (rr->data_len != 4 ||
		    inet_ntop(AF_INET, d, text, sizeof(text)) == NULL)
			return false;
		break;
	case DNS_AAAA:
		if (rr->data_len != 16 ||
		    inet_ntop(AF_INET6, d, text, sizeof(text)) == NULL)
			return false;
		break;
	case DNS_MX:
		if (!name_inside(m, rr, 2, text))
			return false;
		out->priority = (int)number_inside(m, rr, 0);
		break;
	case DNS_SRV:
		if (!name_inside(m, rr, 6, text))
			return false;
		out->priority = (int)number_inside(m, rr, 0);
		out->weight = (int)number_inside(m, rr, 2);
		out->port = (int)number_inside(m, rr, 4);
		break;
	case DNS_CNAME:
		if (!name_inside(m, rr, 0, text))
			return false;
		break;
	}
	out->type = type;
	out->text = mem_dup(text);
	return true;
}

/* Lower priority first; a heavier SRV before a lighter one. */
static bool
comes_before(const struct dns_record *a, const struct dns_record *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight > b->weight;
}

/* In its place, behind its equals. */
static void
insert(struct dns_answer *a, struct dns_record record)
{
	size_t i;

	*MEM_PUSH(&a->v, &a->n, &a->cap) = record;
	for (i = a->n - 1; i > 0 && comes_before(&record, &a->v[i - 1]); i--)
		a->v[i] = a->v[i - 1];
	a->v[i] = record;
}

static void
skip_questions(struct message *m, unsigned count)
{
	char name[NAME_TEXT];

	for (unsigned i = 0; i < count && !m->bad; i++) {
		take_name(m, name);
		take_16(m);
		take_16(m);
	}
}

/*
 * Looks for the CNAME of `name` among the answers that start at m; false
 * when there is none.
 */
static bool
find_cname(
    struct message m, unsigned count, const char *name, char out[NAME_TEXT])
{
	struct rr rr;

	for (unsigned i = 0; i < count && !m.bad; i++) {
		take_rr(&m, &rr);
		if (!m.bad && rr.type == TYPE_CNAME && rr.class == CLASS_IN &&
		    str_same(rr.owner, name))
			return name_inside(&m, &rr, 0, out);
	}
	return false;
}

/* Follows the chain; false when it goes round in circles. */
static bool
follow(
    const struct message *m, unsigned count, char name[NAME_TEXT], bool *moved)
{
	char next[NAME_TEXT];

	for (int i = 0; i < MAX_CHAIN; i++) {
		if (!find_cname(*m, count, name, next))
			return true;
		memcpy(name, next, sizeof(next));
		*moved = true;
	}
	return false;
}

static void
collect(struct message *m, unsigned count, const char *owner,
    enum dns_type type, struct dns_answer *a)
{
	struct rr rr;

	for (unsigned i = 0; i < count && !m->bad; i++) {
		struct dns_record record = {0};

		take_rr(m, &rr);
		if (m->bad || rr.type != wire_type(type) ||
		    rr.class != CLASS_IN || !str_same(rr.owner, owner) ||
		    a->n >= DNS_MAX_RECORDS)
			continue;
		if (!read_record(m, &rr, type, &record))
			m->bad = true;
		else
			insert(a, record);
	}
}

static enum dns_status
status_of(unsigned rcode, const struct dns_answer *a)
{
	switch (rcode) {
	case 0:
		return a->n > 0 ? DNS_OK : DNS_NODATA;
	case 2:
		return DNS_SERVFAIL;
	case 3:
		return DNS_NXDOMAIN;
	case 5:
		return DNS_REFUSED;
	default:
		return DNS_BROKEN;
	}
}

/* The answer section: the records at the end of the CNAME chain. */
static void
read_answers(struct message *m, unsigned count, const char *name,
    enum dns_type type, struct dns_answer *a)
{
	char asked[NAME_TEXT], end[NAME_TEXT];
	size_t len;
	bool moved = false;

	snprintf(asked, sizeof(asked), "%s", name);
	len = strlen(asked);
	if (len > 1 && asked[len - 1] == '.')
		asked[len - 1] = '\0';
	memcpy(end, asked, sizeof(end));
	if (!follow(m, count, end, &moved)) {
		m->bad = true;
		return;
	}
	if (moved)
		a->canonical = mem_dup(end);
	collect(m, count, type == DNS_CNAME ? asked : end, type, a);
}

void
dns_message_read(const unsigned char *msg, size_t len, const char *name,
    enum dns_type type, struct dns_answer *a)
{
	struct message m = {.data = msg, .len = len};
	unsigned flags, questions, answers;

	dns_answer_done(a);
	take_16(&m); /* the id was compared by c-ares */
	flags = take_16(&m);
	questions = take_16(&m);
	answers = take_16(&m);
	take_16(&m);
	take_16(&m);
	if (answers > MAX_ANSWERS)
		answers = MAX_ANSWERS;
	skip_questions(&m, questions);
	if (!m.bad)
		read_answers(&m, answers, name, type, a);
	if (m.bad || (flags & 0x8000) == 0) {
		dns_answer_done(a);
		a->status = DNS_BROKEN;
		return;
	}
	a->status = status_of(flags & 0xf, a);
}

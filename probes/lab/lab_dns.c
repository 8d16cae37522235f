/* SPDX-License-Identifier: ISC
 *
 * The lab's resolver (RFC 1035): answers from the scenario's names only.
 * Everything above a listed name exists, everything else does not. Knows no
 * caching, no zones and no compression.
 */
#include "lab_inside.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/mem.h"

#define TYPE_OPT 41
#define TYPE_ANY 255
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RCODE_REFUSED 5
#define FLAG_TRUNCATED 0x0200
#define MAX_CHAIN 8 /* of CNAMEs */

static const struct {
	enum lab_type type;
	int number;
} types[] = {{LAB_A, 1}, {LAB_CNAME, 5}, {LAB_MX, 15}, {LAB_TXT, 16},
    {LAB_AAAA, 28}, {LAB_SRV, 33}};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

struct question {
	unsigned id;
	char name[256]; /* lower case, no final dot; "" for the root */
	size_t end; /* where the question section ends */
	int number; /* its QTYPE */
	enum lab_type type;
	bool edns;
	size_t udp_max;
};

static unsigned
get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static enum lab_type
type_of(int number)
{
	for (size_t i = 0; i < N_TYPES; i++) {
		if (types[i].number == number)
			return types[i].type;
	}
	return LAB_OTHER_TYPE;
}

static int
number_of(enum lab_type type)
{
	for (size_t i = 0; i < N_TYPES; i++) {
		if (types[i].type == type)
			return types[i].number;
	}
	return 0;
}

static bool
read_name(const unsigned char *m, size_t len, size_t *at, char name[256])
{
	size_t n = 0;

	for (;;) {
		size_t label;

		if (*at >= len)
			return false;
		label = m[(*at)++];
		if (label == 0)
			break;
		if (label > 63 || *at + label > len || n + label + 1 >= 256)
			return false;
		if (n > 0)
			name[n++] = '.';
		for (size_t i = 0; i < label; i++)
			name[n++] = (char)tolower(m[(*at)++]);
	}
	name[n] = '\0';
	return true;
}

static bool
read_question(const unsigned char *m, size_t len, struct question *q)
{
	size_t at = 12;

	if (len < 12 || (m[2] & 0x80) != 0 || get16(m + 4) != 1)
		return false;
	q->id = get16(m);
	if (!read_name(m, len, &at, q->name) || at + 4 > len)
		return false;
	q->number = (int)get16(m + at);
	q->type = type_of(q->number);
	q->end = at + 4;
	q->udp_max = 512;
	/* EDNS (RFC 6891): root name, type 41, class = size */
	if (get16(m + 10) > 0 && q->end + 11 <= len && m[q->end] == 0 &&
	    get16(m + q->end + 1) == TYPE_OPT) {
		q->edns = true;
		q->udp_max = get16(m + q->end + 3);
		if (q->udp_max < 512)
			q->udp_max = 512;
	}
	return true;
}

static const struct lab_name *
find_listed(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->n_names; i++) {
		if (str_eq(s->names[i].name, name))
			return &s->names[i];
	}
	return NULL;
}

/* Is there a listed name below this one? (RFC 8020: then it exists.) */
static bool
has_children(const struct scenario *s, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < s->n_names; i++) {
		const char *listed = s->names[i].name;
		size_t listed_len = strlen(listed);

		if (listed_len > len + 1 && str_ends(listed, name) &&
		    listed[listed_len - len - 1] == '.')
			return true;
	}
	return len == 0;
}

static void
add16(struct buf *b, unsigned n)
{
	buf_addc(b, (char)(n >> 8));
	buf_addc(b, (char)(n & 0xff));
}

static void
add_name(struct buf *b, const char *name)
{
	while (*name != '\0' && !str_eq(name, ".")) {
		size_t label = strcspn(name, ".");

		buf_addc(b, (char)label);
		buf_add(b, name, label);
		name += label;
		if (*name == '.')
			name++;
	}
	buf_addc(b, 0);
}

static void
add_text(struct buf *b, const char *text)
{
	size_t left = strlen(text);

	do {
		size_t part = left > 255 ? 255 : left;

		buf_addc(b, (char)part);
		buf_add(b, text, part);
		text += part;
		left -= part;
	} while (left > 0);
}

static void
add_data(struct buf *b, const struct lab_record *r)
{
	unsigned char raw[16];

	switch (r->type) {
	case LAB_A:
		inet_pton(AF_INET, r->text, raw);
		buf_add(b, raw, 4);
		break;
	case LAB_AAAA:
		inet_pton(AF_INET6, r->text, raw);
		buf_add(b, raw, 16);
		break;
	case LAB_MX:
		add16(b, (unsigned)r->priority);
		add_name(b, r->text);
		break;
	case LAB_SRV:
		add16(b, (unsigned)r->priority);
		add16(b, (unsigned)r->weight);
		add16(b, (unsigned)r->port);
		add_name(b, r->text);
		break;
	case LAB_CNAME:
		add_name(b, r->text);
		break;
	case LAB_TXT:
		add_text(b, r->text);
		break;
	case LAB_OTHER_TYPE:
		break;
	}
}

static void
add_record(struct buf *b, const char *owner, const struct lab_record *r)
{
	struct buf data;

	buf_init(&data, LAB_DNS_MAX);
	add_data(&data, r);
	add_name(b, owner);
	add16(b, (unsigned)number_of(r->type));
	add16(b, 1); /* IN */
	add16(b, 0);
	add16(b, 60); /* TTL */
	add16(b, (unsigned)data.len);
	buf_add(b, data.data, data.len);
	buf_done(&data);
}

struct answers {
	struct buf records;
	unsigned count, rcode;
	enum lab_status status; /* anything but OK decides alone */
};

static void
answer_name(const struct scenario *s, const struct question *q,
    const char *name, struct answers *a, int depth)
{
	const struct lab_name *listed = find_listed(s, name);

	if (listed == NULL && !has_children(s, name))
		listed = find_listed(s, "*");
	if (listed == NULL) {
		if (!has_children(s, name))
			a->rcode = RCODE_NXDOMAIN;
		return;
	}
	a->status = listed->status;
	if (a->status == LAB_DNS_OK && q->type != LAB_OTHER_TYPE)
		a->status = listed->type_status[q->type];
	for (size_t i = 0; i < listed->n; i++) {
		const struct lab_record *r = &listed->v[i];

		if (r->type == q->type || q->number == TYPE_ANY) {
			add_record(&a->records, name, r);
			a->count++;
		} else if (r->type == LAB_CNAME && depth > 0) {
			add_record(&a->records, name, r);
			a->count++;
			answer_name(s, q, r->text, a, depth - 1);
		}
	}
}

static void
put_header(
    struct buf *b, const struct question *q, unsigned flags, unsigned answers)
{
	add16(b, q->id);
	add16(b, 0x8180 | flags); /* answer, recursion desired and available */
	add16(b, 1);
	add16(b, answers);
	add16(b, 0);
	add16(b, q->edns ? 1 : 0);
}

static void
put_edns(struct buf *b)
{
	buf_addc(b, 0);
	add16(b, TYPE_OPT);
	add16(b, 1232);
	add16(b, 0);
	add16(b, 0);
	add16(b, 0);
}

static void
build(struct buf *b, const unsigned char *query, const struct question *q,
    const struct answers *a, bool cut)
{
	unsigned flags = a->rcode | (cut ? FLAG_TRUNCATED : 0);

	put_header(b, q, flags, cut ? 0 : a->count);
	buf_add(b, query + 12, q->end - 12);
	if (!cut)
		buf_add(b, a->records.data, a->records.len);
	if (q->edns)
		put_edns(b);
}

static void
drop_answers(struct answers *a, unsigned rcode)
{
	buf_drop(&a->records, a->records.len);
	a->count = 0;
	a->rcode = rcode;
}

bool
lab_dns_reply(const struct scenario *s, const unsigned char *query, size_t len,
    bool over_tcp, unsigned char *out, size_t *out_len)
{
	struct question q = {0};
	struct answers a = {0};
	struct buf b;
	bool cut = false, broken = false, silent = false;

	if (!read_question(query, len, &q))
		return false;
	buf_init(&a.records, LAB_DNS_MAX - 600);
	buf_init(&b, LAB_DNS_MAX);
	answer_name(s, &q, q.name, &a, MAX_CHAIN);
	switch (a.status) {
	case LAB_DNS_OK:
		break;
	case LAB_DNS_SERVFAIL:
		drop_answers(&a, RCODE_SERVFAIL);
		break;
	case LAB_DNS_REFUSED:
		drop_answers(&a, RCODE_REFUSED);
		break;
	case LAB_DNS_SILENT:
		silent = true;
		break;
	case LAB_DNS_NXDOMAIN:
		drop_answers(&a, RCODE_NXDOMAIN);
		break;
	case LAB_DNS_TRUNCATED:
		cut = !over_tcp;
		break;
	case LAB_DNS_BROKEN:
		broken = true;
		break;
	}
	if (!over_tcp && a.records.len + q.end + 11 > q.udp_max)
		cut = true;
	build(&b, query, &q, &a, cut);
	*out_len = broken ? q.end - 3 : b.len;
	memcpy(out, b.data, *out_len);
	buf_done(&b);
	buf_done(&a.records);
	return !silent;
}

void *
lab_dns_udp(void *world)
{
	struct lab_world *w = world;
	unsigned char *query = mem_alloc(LAB_DNS_MAX);
	unsigned char *reply = mem_alloc(LAB_DNS_MAX);

	for (;;) {
		struct sockaddr_storage from;
		socklen_t from_len = sizeof(from);
		size_t reply_len;
		ssize_t n = recvfrom(w->dns_udp, query, LAB_DNS_MAX, 0,
		    (struct sockaddr *)&from, &from_len);

		if (n < 0 && errno != EINTR && errno != ECONNREFUSED)
			break;
		if (n <= 0 || w->s->resolver == LAB_RESOLVER_SILENT)
			continue;
		if (lab_dns_reply(
			w->s, query, (size_t)n, false, reply, &reply_len)) {
			sendto(w->dns_udp, reply, reply_len, 0,
			    (struct sockaddr *)&from, from_len);
		}
	}
	mem_free(query);
	mem_free(reply);
	return NULL;
}

static bool
read_all(int fd, unsigned char *data, size_t len)
{
	while (len > 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, 10000) <= 0)
			return false;
		n = read(fd, data, len);
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* One connection, any number of questions (RFC 7766). */
static void
tcp_talk(
    struct lab_world *w, int fd, unsigned char *query, unsigned char *reply)
{
	unsigned char size[2];

	while (read_all(fd, size, 2)) {
		size_t len = get16(size), reply_len;

		if (len > LAB_DNS_MAX || !read_all(fd, query, len))
			return;
		if (w->s->resolver == LAB_RESOLVER_SILENT ||
		    !lab_dns_reply(
			w->s, query, len, true, reply + 2, &reply_len))
			continue;
		reply[0] = (unsigned char)(reply_len >> 8);
		reply[1] = (unsigned char)(reply_len & 0xff);
		if (send(fd, reply, reply_len + 2, MSG_NOSIGNAL) < 0)
			return;
	}
}

struct tcp_client {
	struct lab_world *world;
	int fd;
};

static void *
tcp_thread(void *arg)
{
	struct tcp_client *c = arg;
	unsigned char *query = mem_alloc(LAB_DNS_MAX);
	unsigned char *reply = mem_alloc(LAB_DNS_MAX + 2);

	tcp_talk(c->world, c->fd, query, reply);
	close(c->fd);
	mem_free(query);
	mem_free(reply);
	mem_free(c);
	return NULL;
}

void *
lab_dns_tcp(void *world)
{
	struct lab_world *w = world;

	for (;;) {
		int fd = accept(w->dns_tcp, NULL, NULL);
		struct tcp_client *c;

		if (fd < 0 && errno == EBADF)
			return NULL;
		if (fd < 0)
			continue;
		c = mem_new(struct tcp_client);
		c->world = w;
		c->fd = fd;
		if (!lab_thread(tcp_thread, c)) {
			close(fd);
			mem_free(c);
		}
	}
}

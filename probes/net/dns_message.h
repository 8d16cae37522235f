/* SPDX-License-Identifier: ISC
 *
 * Reads one DNS reply (RFC 1035 section 4) with strict bounds. Pure: for
 * dns.c, its tests and the fuzzer.
 */
#ifndef NET_DNS_MESSAGE_H
#define NET_DNS_MESSAGE_H

#include "dns.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Can `name` be asked for: labels of 1 to 63 letters, digits, '-' and '_',
 * 253 bytes in all, one final dot allowed?
 */
bool dns_name_is_valid(const char *name);

/*
 * Fills status, records (sorted) and canonical from the reply to a question
 * for name and type. What cannot be read gives DNS_BROKEN.
 */
void dns_message_read(const unsigned char *msg, size_t len, const char *name,
    enum dns_type type, struct dns_answer *a);

#endif

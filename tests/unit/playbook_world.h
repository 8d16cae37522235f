/* SPDX-License-Identifier: ISC
 *
 * A small world for the tests of the playbook language: a few facts, causes
 * and probes under their real names. Defines probes_all and probe_find, so
 * that these tests do not change when a probe does.
 */
#ifndef TEST_PLAYBOOK_WORLD_H
#define TEST_PLAYBOOK_WORLD_H

#include "probes/probe.h"
#include "wizard/playbook/playbook.h"

static const struct fact_info test_facts[] = {
    {"account.email", NULL, ""},
    {"account.password", NULL, ""},
    {"app.name",
	"outlook-classic|outlook-new|outlook-mac|thunderbird|other|unknown",
	""},
    {"app.error", NULL, ""},
    {"app.error_class", "none|connect|auth|unknown", ""},
    {"app.host", NULL, ""},
    {"app.port", NULL, ""},
    {"app.security", "starttls|implicit-tls|none|auto|unknown", ""},
    {"app.still_fails", "yes|no|unknown", ""},
    {"network.vpn", "yes|no|unknown", ""},
    {"consent.login", "yes|no", ""},
    {"provider.host", NULL, ""},
    {"provider.kind", "microsoft-365|google|other|none|unknown", ""},
    {"mine.host", NULL, ""},
    {"mine.targets", NULL, ""},
    {"mine.reach", "open|refused|dropped|unknown", ""},
    {"path.network", "up|down|unknown", ""},
    {NULL, NULL, NULL},
};

static const char *const test_causes[] = {"works", "no-network", "port-blocked",
    "dns-failure", "domain-not-found", "inconclusive", NULL};
static const char *const test_data[] = {"domains", NULL};

static const struct playbook_world test_world = {
    .facts = test_facts, .causes = test_causes, .data = test_data};

static const struct probe test_address = {
    .name = "address",
    .summary = "",
    .params = (const struct probe_param[]){{"email", true, "the address"},
	{"known", false, "known domains"}, {NULL, false, NULL}},
    .facts = (const struct probe_fact[]){{"address.syntax",
					     "ok|empty|no-at|unknown", ""},
	{"address.domain", NULL, ""}, {NULL, NULL, NULL}},
};
static const struct probe test_dns_domain = {
    .name = "dns_domain",
    .summary = "",
    .params = (const struct probe_param[]){{"domain", true, "the domain"},
	{NULL, false, NULL}},
    .facts =
	(const struct probe_fact[]){
	    {"domain.name", "ok|nxdomain|servfail|unknown", ""},
	    {NULL, NULL, NULL}},
    .contacts = "your name server",
};
static const struct probe test_smtp_port = {
    .name = "smtp_port",
    .summary = "",
    .params = (const struct probe_param[]){{"host", true, "the name"},
	{"target", true, "where to"}, {NULL, false, NULL}},
    .facts =
	(const struct probe_fact[]){
	    {"port.reach", "open|refused|dropped|unknown", ""},
	    {"port.said", NULL, ""}, {NULL, NULL, NULL}},
    .contacts = "the mail server",
};
static const struct probe test_login = {
    .name = "smtp_login",
    .summary = "",
    .params = (const struct probe_param[]){{"host", true, "the name"},
	{NULL, false, NULL}},
    .facts =
	(const struct probe_fact[]){
	    {"login.outcome", "ok|refused|unknown", ""}, {NULL, NULL, NULL}},
    .effect = PROBE_LOGS_IN,
    .contacts = "the mail server",
};

const struct probe *const probes_all[] = {
    &test_address, &test_dns_domain, &test_login, &test_smtp_port, NULL};

const struct probe *
probe_find(const char *name)
{
	for (size_t i = 0; probes_all[i]; i++)
		if (str_eq(probes_all[i]->name, name))
			return probes_all[i];
	return NULL;
}

#endif

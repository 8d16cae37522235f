/* SPDX-License-Identifier: ISC
 *
 * What the derive_*.c files share. They run in the order of derive_all, each
 * on the facts that the ones before it have set.
 */
#ifndef ENGINE_DERIVE_H
#define ENGINE_DERIVE_H

#include "engine_in.h"

#define BY "summary"

/* A fact that the user gave or a probe found; NULL for `unknown` and none. */
const char *given(const struct engine *e, const char *name);
void put_summary(struct engine *e, const char *name, const char *value);
void put_data(struct engine *e, const char *name, const char *value);

/* derive_provider.c: who carries the mail; NULL when not known. */
const struct provider *derive_provider(struct engine *e);
const struct provider *provider_by_id(const struct engine *e, const char *id);
/* "smtp.{domain}" in data stands for the user's domain; caller frees. */
char *service_host(const struct engine *e, const struct service *s);

/* documented.c: what the provider documents or the domain publishes. */
#define DOCUMENTED_MAX 6
struct documented {
	int port;
	const char *security;
};
/* Every documented port of a host, preferred first; gives how many. */
size_t documented_for(const struct engine *e, const char *host,
    struct documented out[DOCUMENTED_MAX]);
/* Is there provider data (not only SRV) for the host? */
bool documented_by_provider(const struct engine *e, const char *host);
/* "host:port/security" of the domain's SRV records, preferred first. */
void srv_targets(const struct engine *e, struct strs *out);
/* Splits one of these; false when it is none. */
bool srv_parse(
    const char *text, struct documented *out, char *host, size_t size);

/* "host:port/security" of the settings that the domain publishes. */
void discovered_targets(const struct engine *e, struct strs *out);
/* Does the domain publish settings for that host? */
bool is_discovered(const struct engine *e, const char *host);

/* derive_setting.c: the server, port and encryption that are judged. */
void derive_setting(struct engine *e, const struct provider *p);

/* derive_names.c: where the server is. */
void derive_names(struct engine *e);

/* derive_targets.c: what is tested there, and which other server. */
void derive_targets(struct engine *e);

/* derive_login.c: where a sign-in is tried and what its refusal means. */
void derive_login(struct engine *e);

#endif

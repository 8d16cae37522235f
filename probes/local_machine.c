/* SPDX-License-Identifier: ISC
 *
 * This computer as far as it bears on sending mail: is there a way out, is
 * a VPN in it, are proxies set, which name servers are used, is this WSL?
 * Reads files and environment; asks nobody. What cannot be read is unknown.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/mem.h"
#include "names.h"
#include "net/tcp.h"

#define FILE_MAX_BYTES (256u << 10) /* a routing table may be long */
#define MAX_RESOLVERS 8

/* The file's text, cut at FILE_MAX_BYTES; NULL when it cannot be read. */
static char *
read_text(const char *path)
{
	FILE *f = fopen(path, "re");
	struct buf b;
	char chunk[4096];

	if (!f)
		return NULL;
	buf_init(&b, FILE_MAX_BYTES);
	for (;;) {
		size_t n = fread(chunk, 1, sizeof(chunk), f);
		if (!n || !buf_add(&b, chunk, n))
			break;
	}
	fclose(f);
	return buf_take(&b);
}

/* --------------------------------------------------------------- routes */

struct routes {
	bool known4, known6; /* the tables could be read */
	bool v4, v6; /* there is a default route */
	struct strs interfaces; /* those that default routes go through */
};

static void
add_interface(struct routes *r, const char *name)
{
	if (!strs_has(&r->interfaces, name))
		strs_add(&r->interfaces, name);
}

#ifdef __linux__

#define RTF_UP_BIT 0x0001
#define RTF_REJECT_BIT 0x0200

/* Iface Destination Gateway Flags RefCnt Use Metric Mask ...; 0.0.0.0/1 and
 * 128.0.0.0/1 are how VPNs take the default route over. */
static void
read_route4(struct routes *r, const char *line)
{
	char name[32];
	unsigned destination, gateway, flags, mask;

	if (sscanf(line, "%31s %x %x %x %*d %*d %*d %x", name, &destination,
		&gateway, &flags, &mask) != 5)
		return;
	bool half = ntohl(mask) == 0x80000000u;
	if (!(flags & RTF_UP_BIT) || (flags & RTF_REJECT_BIT) ||
	    (mask != 0 && !half))
		return;
	r->v4 = true;
	add_interface(r, name);
}

/* destination prefix source prefix hop metric ref use flags interface */
static void
read_route6(struct routes *r, const char *line)
{
	char destination[40], name[32];
	unsigned prefix, flags;

	if (sscanf(line, "%39s %x %*s %*s %*s %*s %*s %*s %x %31s", destination,
		&prefix, &flags, name) != 4)
		return;
	if (prefix > 3 || !(flags & RTF_UP_BIT) || (flags & RTF_REJECT_BIT) ||
	    str_eq(name, "lo"))
		return;
	r->v6 = true;
	add_interface(r, name);
}

static bool
each_line(const char *path, struct routes *r,
    void (*take)(struct routes *r, const char *line))
{
	char *text = read_text(path);
	struct strs lines = {0};

	if (!text)
		return false;
	strs_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n; i++)
		take(r, lines.v[i]);
	strs_done(&lines);
	mem_free(text);
	return true;
}

static void
read_routes(struct routes *r)
{
	r->known4 = each_line("/proc/net/route", r, read_route4);
	r->known6 = each_line("/proc/net/ipv6_route", r, read_route6);
}

#else

static void
read_routes(struct routes *r)
{
	memset(r, 0, sizeof(*r));
}

#endif

/* ----------------------------------------------------------- interfaces */

struct interfaces {
	bool known;
	bool v4, v6; /* a usable address that is more than link-local */
	struct strs up; /* names of those that are up and have addresses */
};

static bool
is_global4(const struct sockaddr *sa)
{
	uint32_t a = ntohl(
	    ((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr);

	return (a >> 24) != 127 && (a >> 16) != 0xa9fe && a != 0;
}

static bool
is_global6(const struct sockaddr *sa)
{
	const struct in6_addr *a =
	    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

	/* Unique local addresses (fc00::/7) lead nowhere outside. */
	return !IN6_IS_ADDR_LOOPBACK(a) && !IN6_IS_ADDR_LINKLOCAL(a) &&
	       !IN6_IS_ADDR_UNSPECIFIED(a) && (a->s6_addr[0] & 0xfe) != 0xfc;
}

/* Bridges to machines and containers inside this computer. */
static bool
is_inner(const char *name)
{
	static const char *const starts[] = {
	    "docker", "br-", "virbr", "veth", "lxc", "cni", "podman", NULL};

	for (size_t i = 0; starts[i]; i++)
		if (str_starts(name, starts[i]))
			return true;
	return false;
}

static void
read_interfaces(struct interfaces *i)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) != 0)
		return;
	i->known = true;
	for (struct ifaddrs *p = all; p; p = p->ifa_next) {
		bool use = false;
		if (!p->ifa_addr || !(p->ifa_flags & IFF_UP) ||
		    (p->ifa_flags & IFF_LOOPBACK) || is_inner(p->ifa_name))
			continue;
		if (p->ifa_addr->sa_family == AF_INET &&
		    is_global4(p->ifa_addr))
			use = i->v4 = true;
		if (p->ifa_addr->sa_family == AF_INET6 &&
		    is_global6(p->ifa_addr))
			use = i->v6 = true;
		if (use && !strs_has(&i->up, p->ifa_name))
			strs_add(&i->up, p->ifa_name);
	}
	freeifaddrs(all);
}

static const char *
family_word(bool v4, bool v6)
{
	if (v4 && v6)
		return "both";
	if (v4)
		return "ipv4";
	return v6 ? "ipv6" : "none";
}

/* An address of the wider world, by family; without one a default route
 * leads nowhere. */
static const char *
route_word(const struct routes *r, const struct interfaces *i)
{
	bool v4 = i->known ? i->v4 : r->v4;
	bool v6 = i->known ? i->v6 : r->v6;

	if (!i->known && !r->known4)
		return "unknown";
	return family_word(v4, v6);
}

/* ------------------------------------------------------------------ VPN */

#ifdef __linux__

static bool
has_file(const char *interface, const char *file)
{
	char *path = mem_printf("/sys/class/net/%s/%s", interface, file);
	char *text = read_text(path);
	bool there = text != NULL;

	mem_free(text);
	mem_free(path);
	return there;
}

static bool
file_says(const char *interface, const char *file, const char *what)
{
	char *path = mem_printf("/sys/class/net/%s/%s", interface, file);
	char *text = read_text(path);
	bool says = text && strstr(text, what);

	mem_free(text);
	mem_free(path);
	return says;
}

static bool
has_link_type(const char *interface, int64_t type)
{
	char *path = mem_printf("/sys/class/net/%s/type", interface);
	char *text = read_text(path);
	int64_t n = -1;
	bool same =
	    text && str_number(str_trim(text), 0, 1 << 20, &n) && n == type;

	mem_free(text);
	mem_free(path);
	return same;
}

/* ARPHRD_NONE (tunnels without a link layer) and ARPHRD_PPP. */
static bool
looks_like_tunnel(const char *name)
{
	return file_says(name, "uevent", "DEVTYPE=wireguard") ||
	       has_file(name, "tun_flags") || has_link_type(name, 65534) ||
	       has_link_type(name, 512);
}

#else

static bool
looks_like_tunnel(const char *name)
{
	(void)name;
	return false;
}

#endif

static bool
is_vpn_name(const char *name)
{
	static const char *const starts[] = {"wg", "tun", "ppp", "nordlynx",
	    "tailscale", "cscotun", "gpd", "vpn", "proton", "ipsec",
	    "CloudflareWARP", "zt", "mullvad", NULL};

	for (size_t i = 0; starts[i]; i++)
		if (str_starts_nocase(name, starts[i]))
			return true;
	return false;
}

/*
 * Interfaces of default routes count first; a tunnel that is merely up
 * counts too, since policy routing hides the way from the plain table.
 * On macOS utun interfaces always exist and say nothing.
 */
static void
report_vpn(
    struct probe_ctx *ctx, const struct routes *r, const struct interfaces *i)
{
	const struct strs *lists[] = {&r->interfaces, &i->up};

	for (size_t n = 0; n < 2; n++) {
		for (size_t k = 0; k < lists[n]->n; k++) {
			const char *name = lists[n]->v[k];
			if (!is_vpn_name(name) && !looks_like_tunnel(name))
				continue;
			probe_fact(ctx, "local.vpn", "yes");
			probe_fact(ctx, "local.vpn_name", name);
			probe_finding(ctx, FINDING_INFO, "local.vpn",
			    "A VPN is on (%s); it may forbid mail ports.",
			    name);
			return;
		}
	}
#ifdef __linux__
	if (i->known)
		probe_fact(ctx, "local.vpn", "no");
#endif
}

/* ---------------------------------------------------------------- others */

static void
report_proxy(struct probe_ctx *ctx)
{
	static const char *const variables[] = {"http_proxy", "https_proxy",
	    "all_proxy", "socks_proxy", "HTTP_PROXY", "HTTPS_PROXY",
	    "ALL_PROXY", "SOCKS_PROXY", NULL};
	struct strs set = {0};

	for (size_t i = 0; variables[i]; i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			strs_add(&set, variables[i]);
	}
	probe_fact(ctx, "local.proxy", set.n ? "yes" : "no");
	if (set.n) { /* names only: values may hold passwords */
		char *names = strs_join(&set, " ");
		probe_fact(ctx, "local.proxy_names", names);
		probe_finding(ctx, FINDING_INFO, "local.proxy",
		    "A web proxy is set (%s): direct mail ports may be closed "
		    "on this network.",
		    names);
		mem_free(names);
	}
	strs_done(&set);
}

/* "nameserver 192.0.2.53" -> the address; NULL for other lines. */
static char *
nameserver(const char *line)
{
	struct strs fields = {0};
	char *address = NULL;

	strs_split(&fields, line, " \t\r");
	if (fields.n >= 2 && str_eq(fields.v[0], "nameserver")) {
		fields.v[1][strcspn(fields.v[1], "%")] = '\0';
		if (tcp_family(fields.v[1]))
			address = mem_dup(fields.v[1]);
	}
	strs_done(&fields);
	return address;
}

static void
report_resolvers(struct probe_ctx *ctx)
{
	char *text = read_text("/etc/resolv.conf");
	struct strs lines = {0}, found = {0};
	bool loopback = false;

	if (!text)
		return;
	strs_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n && found.n < MAX_RESOLVERS; i++) {
		char *address = nameserver(lines.v[i]);
		if (!address)
			continue;
		loopback |= address_is_sinkhole(address);
		strs_take(&found, address);
	}
	char *list = strs_join(&found, ",");
	probe_fact(ctx, "local.resolvers", list);
	if (!found.n)
		probe_fact(ctx, "local.resolver_kind", "none");
	else
		probe_fact(ctx, "local.resolver_kind",
		    loopback ? "loopback" : "remote");
	mem_free(list);
	strs_done(&found);
	strs_done(&lines);
	mem_free(text);
}

static void
report_system(struct probe_ctx *ctx)
{
	struct utsname u;
	bool wsl = false;

#ifdef __linux__
	char *version = read_text("/proc/version");
	wsl = version && str_find_nocase(version, "microsoft");
	probe_fact(
	    ctx, "local.wsl", version ? (wsl ? "yes" : "no") : "unknown");
	mem_free(version);
#else
	probe_fact(ctx, "local.wsl", "no");
#endif
	if (uname(&u) == 0) {
		char *text = mem_printf(
		    "%s %s%s", u.sysname, u.release, wsl ? " (WSL)" : "");
		char *shown = str_printable(text, strlen(text));
		probe_fact(ctx, "local.system", shown);
		mem_free(shown);
		mem_free(text);
	}
}

static const struct probe_param params[] = {
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"local.route", "ipv4|ipv6|both|none|unknown",
	"is there a way out of this computer?"},
    {"local.default", "ipv4|ipv6|both|none|unknown",
	"is there a default route, by family?"},
    {"local.vpn", "yes|no|unknown", "is a VPN interface in use?"},
    {"local.vpn_name", NULL, "its name"},
    {"local.proxy", "yes|no|unknown", "are proxy variables set?"},
    {"local.proxy_names", NULL, "their names, not their values"},
    {"local.resolvers", NULL, "name servers set here"},
    {"local.wsl", "yes|no|unknown", "is this Linux inside Windows?"},
    {"local.resolver_kind", "loopback|remote|none|unknown",
	"where the name servers are"},
    {"local.system", NULL, "the operating system"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	struct routes routes = {0};
	struct interfaces interfaces = {0};

	read_routes(&routes);
	read_interfaces(&interfaces);
	const char *word = route_word(&routes, &interfaces);
	probe_fact(ctx, "local.route", word);
	probe_fact(ctx, "local.default",
	    routes.known4 ? family_word(routes.v4, routes.v6) : "unknown");
	if (str_eq(word, "none"))
		probe_finding(ctx, FINDING_FAIL, "local.no-route",
		    "This computer has no way to any network outside.");
	report_vpn(ctx, &routes, &interfaces);
	report_proxy(ctx);
	report_resolvers(ctx);
	report_system(ctx);
	strs_done(&interfaces.up);
	strs_done(&routes.interfaces);
	probe_unknowns(ctx, facts);
}

const struct probe probe_local_machine = {
    .name = "local_machine",
    .summary = "looks at this computer's routes, VPN, proxies and resolvers",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .run = run,
};

/* SPDX-License-Identifier: ISC
 *
 * One transfer as libcurl is to make it: from where, over which sockets, and
 * whom it trusts. Knows nothing of waiting.
 */
#include "http_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/mem.h"
#include "tcp.h"
#include "tls.h"

#define HTTPS_PORT 443

/*
 * A name with a dot in plain letters: libcurl then finds it, as it stands,
 * among what was looked up for it.
 */
static bool
is_plain_name(const char *host)
{
	size_t len = strlen(host);

	for (const char *p = host; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
			*p) == NULL)
			return false;
	return len > 0 && len <= 253 && strchr(host, '.') != NULL &&
	       host[len - 1] != '.' && tcp_family(host) == 0;
}

static bool
is_default_port(CURLU *u)
{
	char *port = NULL;
	bool ok;

	if (curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_NO_PORT)
		return true;
	ok = str_eq(port, "443");
	curl_free(port);
	return ok;
}

bool
http_take_host(struct transfer *t)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	bool ok = u != NULL &&
		  curl_url_set(u, CURLUPART_URL, t->url, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		  str_same(scheme, "https") && is_default_port(u) &&
		  is_plain_name(host);

	if (ok)
		snprintf(t->host, sizeof(t->host), "%s", host);
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(u);
	return ok;
}

/* libcurl gives our bytes; more than HTTP_MAX_BODY ends the transfer. */
static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	return buf_add(&t->get->body, data, size * n) ? size * n : 0;
}

/* A socket for the address, or for where the redirect table leads it. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct transfer *t = arg;
	const struct net_options *o = t->net->options;
	struct net_addr real = {.len = address->addrlen};
	int fd;

	if (purpose != CURLSOCKTYPE_IPCXN || address->addrlen > sizeof(real.sa))
		return CURL_SOCKET_BAD;
	memcpy(&real.sa, &address->addr, address->addrlen);
	for (size_t i = 0; i < o->n_redirects; i++) {
		const struct net_redirect *r = &o->redirects[i];

		if (!tcp_rule_matches(r, t->host, &real))
			continue;
		if (r->error != 0) {
			errno = r->error;
			return CURL_SOCKET_BAD;
		}
		/* libcurl has room for any address there (its own union) */
		memcpy(&address->addr, &r->to.sa, r->to.len);
		address->addrlen = r->to.len;
		address->family = r->to.sa.ss_family;
		break;
	}
	fd = socket(address->family, SOCK_STREAM, 0);
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static CURLcode
on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
	const struct transfer *t = arg;

	(void)easy;
	return tls_trust(ssl_ctx, t->net->options->ca_file)
		   ? CURLE_OK
		   : CURLE_SSL_CACERT_BADFILE;
}

/* Another TLS library has the system's trust and the system's clock. */
static void
set_trust(CURL *easy, struct transfer *t)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(
	    easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (info->ssl_version != NULL &&
	    str_starts(info->ssl_version, "OpenSSL/3")) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, t);
	} else if (t->net->options->ca_file != NULL) {
		curl_easy_setopt(
		    easy, CURLOPT_CAINFO, t->net->options->ca_file);
	}
}

static void
set_limits(CURL *easy, const struct transfer *t)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none, whatever is set */
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)HTTP_MAX_BODY);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)t->net->options->connect_timeout_ms);
	curl_easy_setopt(
	    easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "smtpwiz");
}

bool
http_prepare(struct transfer *t, const char *addresses)
{
	char *entry = mem_printf("%s:%d:%s", t->host, HTTPS_PORT, addresses);

	t->easy = curl_easy_init();
	t->resolve = curl_slist_append(NULL, entry);
	mem_free(entry);
	if (t->easy == NULL || t->resolve == NULL)
		return false;
	buf_done(&t->get->body);
	buf_init(&t->get->body, HTTP_MAX_BODY);
	t->error[0] = '\0';
	curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
	curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->resolve);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	set_limits(t->easy, t);
	set_trust(t->easy, t);
	return true;
}

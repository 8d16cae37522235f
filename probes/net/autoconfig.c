/* SPDX-License-Identifier: ISC
 *
 * The one door to expat. The file comes from whoever answers for a domain:
 * a document type, and with it every entity, ends the reading at once.
 */
#include "autoconfig.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "../base/mem.h"
#include "../base/str.h"

#define TEXT_MAX 512 /* of one element; longer ones count as not there */

struct reading {
	XML_Parser parser;
	const char *local, *domain; /* borrowed */
	struct autoconfig *out; /* borrowed */
	struct autoconfig_server server; /* the one being read */
	struct strs auth; /* of it, as the file says */
	bool bad_server;
	int depth; /* of the element that is open */
	int elements;
	int providers; /* emailProvider elements begun */
	bool is_config; /* the root is clientConfig */
	bool in_provider, in_server, in_leaf;
	char leaf[32]; /* name of the open element at depth 4 */
	struct buf text; /* of the open element */
	bool refused, is_page;
};

static void
refuse(struct reading *r)
{
	r->refused = true;
	XML_StopParser(r->parser, XML_FALSE);
}

/* ---- values ---- */

static const char *
security_of(const char *socket_type)
{
	if (str_same(socket_type, "SSL"))
		return "implicit-tls";
	if (str_same(socket_type, "STARTTLS"))
		return "starttls";
	return str_same(socket_type, "plain") ? "none" : NULL;
}

static const char *
auth_of(const char *word)
{
	static const char *const table[][2] = {
	    {"password-cleartext", "password"},
	    {"plain", "password"},
	    {"password-encrypted", "password-encrypted"},
	    {"secure", "password-encrypted"},
	    {"OAuth2", "oauth2"},
	    {"NTLM", "ntlm"},
	    {"GSSAPI", "gssapi"},
	    {"client-IP-address", "client-address"},
	    {"TLS-client-cert", "client-cert"},
	    {"none", "none"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_same(word, table[i][0]))
			return table[i][1];
	return NULL;
}

/* %EMAILADDRESS% and its parts; false when one is not known. */
static bool
fill_in(const struct reading *r, const char *text, struct buf *out)
{
	static const char *const holes[] = {
	    "%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%"};

	while (*text != '\0') {
		size_t h = 0;

		while (h < 3 && !str_starts(text, holes[h]))
			h++;
		if (h == 3) {
			buf_addc(out, *text++);
			continue;
		}
		if (h < 2 && r->local == NULL)
			return false;
		if (h < 2)
			buf_adds(out, r->local);
		if (h == 0)
			buf_addc(out, '@');
		if (h != 1)
			buf_adds(out, r->domain);
		text += strlen(holes[h]);
	}
	return !out->full;
}

static bool
is_host(const char *host)
{
	size_t len = strlen(host), label = 0;

	if (len == 0 || len > 253 || strchr(host, '.') == NULL)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (host[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_",
			       host[i]) == NULL ||
			   ++label > 63) {
			return false;
		}
	}
	return label > 0;
}

static void
set_host(struct reading *r, const char *text)
{
	struct buf b;
	size_t len;

	buf_init(&b, sizeof(r->server.host) - 1);
	if (!fill_in(r, text, &b))
		buf_drop(&b, b.len);
	str_lower(b.data);
	len = b.len;
	if (len > 1 && b.data[len - 1] == '.')
		b.data[len - 1] = '\0';
	if (is_host(b.data))
		snprintf(r->server.host, sizeof(r->server.host), "%s", b.data);
	else
		r->bad_server = true;
	buf_done(&b);
}

static void
set_username(struct reading *r, const char *text)
{
	struct buf b;
	char *shown;

	buf_init(&b, sizeof(r->server.username) - 1);
	if (fill_in(r, text, &b)) {
		shown = str_printable(b.data, b.len);
		if (strlen(shown) < sizeof(r->server.username))
			snprintf(r->server.username, sizeof(r->server.username),
			    "%s", shown);
		mem_free(shown);
	}
	buf_done(&b);
}

static void
take_leaf(struct reading *r, const char *text)
{
	int64_t port;

	if (str_eq(r->leaf, "hostname")) {
		set_host(r, text);
	} else if (str_eq(r->leaf, "port")) {
		if (str_number(text, 1, 65535, &port))
			r->server.port = (int)port;
		else
			r->bad_server = true;
	} else if (str_eq(r->leaf, "socketType")) {
		r->server.security = security_of(text);
	} else if (str_eq(r->leaf, "username")) {
		set_username(r, text);
	} else if (str_eq(r->leaf, "authentication")) {
		const char *auth = auth_of(text);

		if (auth != NULL && !strs_has(&r->auth, auth))
			strs_add(&r->auth, auth);
	}
}

static void
take_name(struct reading *r, const char *text)
{
	char *shown = str_printable(text, strlen(text));

	if (r->out->name[0] == '\0')
		snprintf(r->out->name, sizeof(r->out->name), "%.*s",
		    (int)str_fit(shown, 60), shown);
	mem_free(shown);
}

static void
take_server(struct reading *r)
{
	struct autoconfig_server *s = &r->server;
	char *auth = strs_join(&r->auth, ",");

	if (strlen(auth) < sizeof(s->auth))
		snprintf(s->auth, sizeof(s->auth), "%s", auth);
	mem_free(auth);
	strs_done(&r->auth);
	if (!r->bad_server && s->host[0] != '\0' && s->port != 0 &&
	    s->security != NULL && r->out->n < AUTOCONFIG_MAX)
		r->out->v[r->out->n++] = *s;
}

/* ---- what expat calls ---- */

static const char *
attribute(const XML_Char **pairs, const char *name)
{
	for (size_t i = 0; pairs[i] != NULL; i += 2)
		if (str_eq(pairs[i], name))
			return pairs[i + 1];
	return NULL;
}

static void XMLCALL
on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = arg;

	if (++r->depth > AUTOCONFIG_MAX_DEPTH ||
	    ++r->elements > AUTOCONFIG_MAX_ELEMENTS) {
		refuse(r);
		return;
	}
	buf_drop(&r->text, r->text.len);
	r->text.full = false;
	r->in_leaf = false;
	if (r->depth == 1) {
		r->is_config = str_eq(name, "clientConfig");
	} else if (r->depth == 2) {
		/* one is all there is to be; more are passed over */
		r->in_provider = r->is_config &&
				 str_eq(name, "emailProvider") &&
				 r->providers++ == 0;
	} else if (r->depth == 3 && r->in_provider) {
		r->in_server = str_eq(name, "outgoingServer") &&
			       str_eq(attribute(attributes, "type"), "smtp");
		r->server = (struct autoconfig_server){0};
		r->bad_server = false;
		r->in_leaf = true;
		snprintf(r->leaf, sizeof(r->leaf), "%.31s", name);
	} else if (r->depth == 4 && r->in_server) {
		r->in_leaf = true;
		snprintf(r->leaf, sizeof(r->leaf), "%.31s", name);
	}
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct reading *r = arg;
	char *text = str_trim(r->text.data);

	(void)name;
	if (r->depth == 4 && r->in_server && r->in_leaf && !r->text.full)
		take_leaf(r, text);
	else if (r->depth == 3 && r->in_server)
		take_server(r);
	else if (r->depth == 3 && r->in_provider && r->in_leaf &&
		 !r->text.full && str_eq(r->leaf, "displayName"))
		take_name(r, text);
	if (r->depth <= 3)
		r->in_server = false;
	if (r->depth <= 2)
		r->in_provider = false;
	r->in_leaf = false;
	r->depth--;
}

static void XMLCALL
on_text(void *arg, const XML_Char *text, int len)
{
	struct reading *r = arg;

	if (r->in_leaf && len > 0)
		buf_add(&r->text, text, (size_t)len);
}

static void XMLCALL
on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_subset)
{
	struct reading *r = arg;

	(void)system_id;
	(void)public_id;
	(void)has_subset;
	/* a web page, as many servers give for every path, is no attack */
	r->is_page = str_same(name, "html");
	refuse(r);
}

static void XMLCALL
on_entity(void *arg, const XML_Char *name, int is_parameter,
    const XML_Char *value, int len, const XML_Char *base,
    const XML_Char *system_id, const XML_Char *public_id,
    const XML_Char *notation)
{
	(void)name;
	(void)is_parameter;
	(void)value;
	(void)len;
	(void)base;
	(void)system_id;
	(void)public_id;
	(void)notation;
	refuse(arg);
}

static enum autoconfig_status
judge(const struct reading *r, enum XML_Status status)
{
	if (r->refused)
		return r->is_page ? AUTOCONFIG_OTHER : AUTOCONFIG_REFUSED;
	if (status != XML_STATUS_OK)
		return AUTOCONFIG_NOT_XML;
	if (!r->is_config)
		return AUTOCONFIG_OTHER;
	return r->out->n > 0 ? AUTOCONFIG_OK : AUTOCONFIG_NONE;
}

enum autoconfig_status
autoconfig_parse(const char *xml, size_t len, const char *local,
    const char *domain, struct autoconfig *out)
{
	struct reading r = {.local = local, .domain = domain, .out = out};
	enum autoconfig_status status;

	*out = (struct autoconfig){0};
	r.parser = XML_ParserCreate(NULL);
	if (r.parser == NULL || len > (1u << 24)) {
		XML_ParserFree(r.parser);
		return AUTOCONFIG_REFUSED;
	}
	buf_init(&r.text, TEXT_MAX);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetEntityDeclHandler(r.parser, on_entity);
	status = judge(&r, XML_Parse(r.parser, xml, (int)len, XML_TRUE));
	XML_ParserFree(r.parser);
	buf_done(&r.text);
	strs_done(&r.auth);
	if (status != AUTOCONFIG_OK && status != AUTOCONFIG_NONE)
		*out = (struct autoconfig){0};
	return status;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "collector/fleet/etcd_http.h"
#include "lib/base/address.h"
#include "lib/base/clock.h"

enum {
	NOT_FOUND = 5, /* gRPC's codes */
	NO_RIGHTS = 7,
	NO_TOKEN = 16,
};

#define KEEP_S 2L /* TCP asks whether a silent server is there */
#define MS_NS UINT64_C(1000000)

int etcd_fail(struct etcd *e, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(e->problem, sizeof(e->problem), format, values);
	va_end(values);
	return -EIO;
}

/* An answer that is larger than any of etcd's can be ends the transfer. */
static size_t take_bytes(char *data, size_t size, size_t count, void *context)
{
	struct buffer *to = context;

	if (to->used + size * count > ETCD_ANSWER_MAX ||
	    buffer_put(to, data, size * count))
		return 0;
	return size * count;
}

static struct curl_slist *make_headers(const struct etcd *e)
{
	char line[sizeof(e->token) + 32];
	struct curl_slist *list, *longer;

	list = curl_slist_append(NULL, "Content-Type: application/json");
	if (!list || !e->token[0])
		return list;
	snprintf(line, sizeof(line), "Authorization: %s", e->token);
	longer = curl_slist_append(list, line);
	if (!longer)
		curl_slist_free_all(list);
	return longer;
}

static void set_trust(CURL *easy, const struct place *p)
{
	if (p->ca[0])
		curl_easy_setopt(easy, CURLOPT_CAINFO, p->ca);
	if (p->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

/* A request to the server in use; NULL: memory is short. */
static CURL *make_request(struct etcd *e, const char *path, const char *text,
			  struct curl_slist *headers, struct buffer *to)
{
	char host[PLACE_HOST_SIZE + 16], url[sizeof(host) + 64];
	CURL *easy = headers ? curl_easy_init() : NULL;

	if (!easy)
		return NULL;
	if (address_normal(e->place.hosts[e->host], PLACE_ETCD_PORT, host,
			   sizeof(host)))
		snprintf(host, sizeof(host), "%s", e->place.hosts[e->host]);
	snprintf(url, sizeof(url), "%s://%s/v3/%s",
		 e->place.tls ? "https" : "http", host, path);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEP_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEP_S);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)ETCD_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, to);
	set_trust(easy, &e->place);
	if (!curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, text))
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

/* What has ended, of the watch and of @easy, whose result is told. */
static bool has_ended(struct etcd *e, CURL *easy, CURLcode *code)
{
	CURLMsg *message;
	bool ended = false;
	int left;

	while ((message = curl_multi_info_read(e->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		if (message->easy_handle == e->watch) {
			etcd_fail(e, "%s: the watch ended: %s",
				  e->place.hosts[e->host],
				  curl_easy_strerror(message->data.result));
			e->broken = true;
		} else if (message->easy_handle == easy) {
			*code = message->data.result;
			ended = true;
		}
	}
	return ended;
}

/* In ms by our own clock, as a process may be stopped meanwhile. */
static CURLcode transfer(struct etcd *e, CURL *easy)
{
	uint64_t until = clock_mono_ns() + ETCD_CALL_MS * MS_NS, now;
	CURLcode code = CURLE_OPERATION_TIMEDOUT;
	int running;

	if (curl_multi_add_handle(e->multi, easy))
		return CURLE_OUT_OF_MEMORY;
	do {
		if (curl_multi_perform(e->multi, &running) ||
		    has_ended(e, easy, &code))
			break;
		now = clock_mono_ns();
		if (now < until)
			curl_multi_poll(e->multi, NULL, 0,
					(int)((until - now) / MS_NS + 1), NULL);
	} while (now < until);
	curl_multi_remove_handle(e->multi, easy);
	return code;
}

/* What a server says that it can't do. Return as etcd_post(), or -EACCES: it may with another
 * token, -EAGAIN: another server may.
 */
static int judge_error(struct etcd *e, const json_t *answer, long status)
{
	const char *text = json_string_value(json_object_get(answer, "error"));
	json_int_t code = json_integer_value(json_object_get(answer, "code"));

	etcd_fail(e, "%s: it answers with status %ld: %.160s",
		  e->place.hosts[e->host], status, text ? text : "");
	if (code == NOT_FOUND)
		return -ENOENT;
	if (code == NO_TOKEN || (text && strstr(text, "auth token")))
		return -EACCES;
	return code == NO_RIGHTS ? -EIO : -EAGAIN;
}

static int read_answer(struct etcd *e, CURL *easy, const struct buffer *came,
		       json_t **answer)
{
	long status = 0;
	int err;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	*answer = json_loadb((const char *)came->data, came->used,
			     JSON_DISABLE_EOF_CHECK, NULL);
	if (status == 200 && json_is_object(*answer) &&
	    !json_object_get(*answer, "error"))
		return 0;
	if (json_is_object(*answer) && json_object_get(*answer, "error"))
		err = judge_error(e, *answer, status);
	else {
		etcd_fail(e, "%s: its answer is none of etcd's",
			  e->place.hosts[e->host]);
		err = -EAGAIN;
	}
	json_decref(*answer);
	*answer = NULL;
	return err;
}

/* One server. Return as judge_error(). */
static int ask(struct etcd *e, const char *path, const char *text,
	       json_t **answer)
{
	struct curl_slist *headers = make_headers(e);
	struct buffer came = { 0 };
	CURL *easy = make_request(e, path, text, headers, &came);
	int err = -ENOMEM;
	CURLcode code;

	if (easy) {
		code = transfer(e, easy);
		err = code == CURLE_OK		  ? 0 :
		      code == CURLE_OUT_OF_MEMORY ? -ENOMEM :
						    -EAGAIN;
		if (err == -EAGAIN)
			etcd_fail(e, "%s: %s", e->place.hosts[e->host],
				  came.used && code == CURLE_WRITE_ERROR ?
					  "its answer is too large" :
					  curl_easy_strerror(code));
		if (!err)
			err = read_answer(e, easy, &came, answer);
		curl_easy_cleanup(easy);
	}
	curl_slist_free_all(headers);
	buffer_free(&came);
	return err;
}

/* The watch is at the server in use: it is given up together with that server. */
static void leave_host(struct etcd *e)
{
	e->host = (e->host + 1) % e->place.host_count;
	e->token[0] = '\0';
	e->broken = e->broken || e->watch;
}

static int log_in(struct etcd *e)
{
	json_t *body, *answer;
	const char *token;
	char *text;
	int err;

	if (!e->place.password_file[0] || e->token[0])
		return 0;
	err = place_password(&e->place, e->password, sizeof(e->password));
	if (err)
		return etcd_fail(e, "password-file '%s': %s",
				 e->place.password_file,
				 err == -ENODATA ? "its first line is empty" :
						   strerror(-err));
	body = json_pack("{ss ss}", "name", e->place.user, "password",
			 e->password);
	text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	if (!text)
		return -ENOMEM;
	err = ask(e, "auth/authenticate", text, &answer);
	explicit_bzero(text, strlen(text));
	free(text);
	if (err)
		return err;
	token = json_string_value(json_object_get(answer, "token"));
	if (token && !token[strcspn(token, "\r\n")])
		snprintf(e->token, sizeof(e->token), "%s", token);
	json_decref(answer);
	return e->token[0] ? 0 : -EAGAIN;
}

/* A token expires: get a new one, and ask once more. */
static int ask_as_user(struct etcd *e, const char *path, const char *text,
		       json_t **answer)
{
	int err, tries;

	for (tries = 0; tries < 2; tries++) {
		err = log_in(e);
		if (!err)
			err = ask(e, path, text, answer);
		if (err != -EACCES || !e->token[0])
			break;
		e->token[0] = '\0';
	}
	return err;
}

int etcd_post(struct etcd *e, const char *path, json_t *body, json_t **answer)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	unsigned int tries;
	int err = -ENOMEM;

	json_decref(body);
	for (tries = 0; text && tries < e->place.host_count; tries++) {
		err = ask_as_user(e, path, text, answer);
		if (err != -EAGAIN && err != -EACCES)
			break;
		leave_host(e);
	}
	free(text);
	return err == -EAGAIN || err == -EACCES ? -EIO : err;
}

int etcd_http_watch(struct etcd *e, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	etcd_http_unwatch(e);
	e->headers = make_headers(e);
	if (text)
		e->watch = make_request(e, "watch", text, e->headers, &e->came);
	free(text);
	if (e->watch && !curl_multi_add_handle(e->multi, e->watch))
		return 0;
	etcd_http_unwatch(e);
	return -ENOMEM;
}

void etcd_http_unwatch(struct etcd *e)
{
	if (e->watch) {
		curl_multi_remove_handle(e->multi, e->watch);
		curl_easy_cleanup(e->watch);
	}
	curl_slist_free_all(e->headers);
	e->watch = NULL;
	e->headers = NULL;
	e->came.used = 0;
	e->broken = false;
}

void etcd_http_move(struct etcd *e, int ms)
{
	CURLcode code;
	int running;

	curl_multi_poll(e->multi, NULL, 0, ms, NULL);
	curl_multi_perform(e->multi, &running);
	has_ended(e, NULL, &code);
}

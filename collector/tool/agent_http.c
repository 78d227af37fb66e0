// SPDX-License-Identifier: GPL-2.0-or-later
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/login/login.h"
#include "collector/tool/agent_http.h"

enum {
	ANSWER_MAX = 4 << 20,
	CONNECT_S = 5,
};

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
	struct http_answer *a = context;
	size_t more = size * count;
	char *text;

	if (more > ANSWER_MAX - a->size)
		return 0;
	text = realloc(a->text, a->size + more + 1);
	if (!text)
		return 0;
	memcpy(text + a->size, data, more);
	a->text = text;
	a->size += more;
	text[a->size] = '\0';
	return more;
}

/* "Authorization: Bearer TOKEN"; the file has the token alone. */
static bool read_token(const char *path, char *header, size_t size,
		       char *problem, size_t problem_size)
{
	char token[LOGIN_TOKEN_MAX + 2] = "";
	FILE *f = fopen(path, "re");
	bool good = f && fgets(token, sizeof(token), f);

	if (!good)
		snprintf(problem, problem_size, "--token %s: %s", path,
			 f ? "it is empty" : strerror(errno));
	if (f)
		fclose(f);
	token[strcspn(token, " \r\n")] = '\0';
	snprintf(header, size, "Authorization: Bearer %s", token);
	return good;
}

static void set_options(CURL *easy, const struct agent_http *h,
			const char *method, const char *url, long wait_s,
			struct http_answer *a)
{
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_USERAGENT,
			 "ktach-collector/" KTACH_VERSION);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, wait_s);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->problem);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, a);
	if (h->ca)
		curl_easy_setopt(easy, CURLOPT_CAINFO, h->ca);
}

static void perform(CURL *easy, struct http_answer *a)
{
	CURLcode code = curl_easy_perform(easy);

	if (code == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &a->status);
	else if (!a->problem[0])
		snprintf(a->problem, sizeof(a->problem), "%s",
			 curl_easy_strerror(code));
}

void agent_http_ask(const struct agent_http *h, const char *method,
		    const char *path, const char *body, size_t size,
		    long wait_s, struct http_answer *a)
{
	char token[LOGIN_TOKEN_MAX + 64] = "", url[2048];
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	CURL *easy = curl_easy_init();

	*a = (struct http_answer){ .status = 0 };
	snprintf(url, sizeof(url), "%.*s%s",
		 (int)(strlen(h->url) -
		       (*h->url && h->url[strlen(h->url) - 1] == '/')),
		 h->url, path);
	if (h->token && !read_token(h->token, token, sizeof(token), a->problem,
				    sizeof(a->problem)))
		goto out;
	if (*token)
		headers = curl_slist_append(headers, token);
	headers = curl_slist_append(headers, "Content-Type: text/plain");
	if (!easy || !headers) {
		snprintf(a->problem, sizeof(a->problem), "no memory");
		goto out;
	}
	set_options(easy, h, method, url, wait_s, a);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)size);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	}
	perform(easy, a);
out:
	curl_slist_free_all(headers);
	curl_easy_cleanup(easy);
}

char *agent_http_escape(const char *part)
{
	char *escaped = curl_easy_escape(NULL, part, 0), *copy;

	copy = escaped ? strdup(escaped) : NULL;
	curl_free(escaped);
	return copy;
}

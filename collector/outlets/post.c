// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/outlets/outlet.h"

enum {
	CONNECT_S = 5,
	WHOLE_S = 10,
	TURN_MS = 1000,
	STATUS_TOO_LARGE = 413,
	ANSWER_MAX = 64 << 10, /* bytes that are read of one */
};

/* What it answers beside its status is of no use, and may have no end. */
static size_t drop_answer(char *data, size_t size, size_t count, void *context)
{
	size_t *left = context;

	if (size * count > *left)
		return 0;
	*left -= size * count;
	return size * count;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = *line ? curl_slist_append(list, line) :
					    list;

	return longer ? longer : list;
}

static struct curl_slist *make_headers(const struct outlet *o)
{
	struct curl_slist *list = NULL;
	int i;

	list = add_header(list, "Content-Type: application/json");
	list = add_header(list, "Expect:"); /* a round trip more */
	for (i = 0; i < OUTLET_HEADERS; i++)
		list = add_header(list, o->headers[i]);
	return list;
}

static void set_options(CURL *easy, struct outlet *o,
			struct curl_slist *headers, char *error,
			size_t *answer_left)
{
	curl_easy_setopt(easy, CURLOPT_URL, o->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_USERAGENT,
			 "ktach-collector/" KTACH_VERSION);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)WHOLE_S);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer_left);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)o->text->size);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (const char *)o->text->data);
	if (o->setup->ca)
		curl_easy_setopt(easy, CURLOPT_CAINFO, o->setup->ca);
}

static bool is_stopped(struct outlet *o)
{
	bool stop;

	pthread_mutex_lock(&o->ledger->lock);
	stop = o->stop;
	pthread_mutex_unlock(&o->ledger->lock);
	return stop;
}

static void set_problem(struct outlet *o, const char *problem)
{
	pthread_mutex_lock(&o->ledger->lock);
	snprintf(o->problem, sizeof(o->problem), "%s", problem);
	pthread_mutex_unlock(&o->ledger->lock);
}

/* outlet_stop() ends a wait. */
static CURLcode transfer(struct outlet *o, CURLcode code)
{
	CURLMsg *message;
	int running = 1, left;

	while (running && !is_stopped(o)) {
		if (curl_multi_perform(o->multi, &running))
			return CURLE_OUT_OF_MEMORY;
		if (running)
			curl_multi_poll(o->multi, NULL, 0, TURN_MS, NULL);
	}
	while ((message = curl_multi_info_read(o->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			code = message->data.result;
	return code;
}

static int judge_answer(struct outlet *o, CURL *easy)
{
	char text[64];
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return 0;
	snprintf(text, sizeof(text), "it answers with status %ld", status);
	set_problem(o, text);
	return status == STATUS_TOO_LARGE ? -E2BIG : -EIO;
}

int outlet_post(struct outlet *o)
{
	struct curl_slist *headers = make_headers(o);
	char error[CURL_ERROR_SIZE] = "";
	size_t answer_left = ANSWER_MAX;
	CURL *easy = curl_easy_init();
	CURLcode code;
	int err;

	if (!easy || !headers) {
		curl_slist_free_all(headers);
		curl_easy_cleanup(easy);
		set_problem(o, "no memory for a message");
		return -EIO;
	}
	set_options(easy, o, headers, error, &answer_left);
	curl_multi_add_handle(o->multi, easy);
	code = transfer(o, CURLE_ABORTED_BY_CALLBACK);
	/* Also one that was not read to its end. */
	if (code == CURLE_OK || code == CURLE_WRITE_ERROR) {
		err = judge_answer(o, easy);
	} else {
		err = code == CURLE_ABORTED_BY_CALLBACK ? -ECANCELED : -EIO;
		set_problem(o, *error ? error : curl_easy_strerror(code));
	}
	curl_multi_remove_handle(o->multi, easy);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	return err;
}

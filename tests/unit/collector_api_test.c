// SPDX-License-Identifier: GPL-2.0-or-later
/* Parameters, documents, tokens, guessing, what a client of the page wants. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "collector/base/document.h"
#include "collector/login/guard.h"
#include "collector/http/live.h"
#include "collector/login/login.h"
#include "collector/api/parameter.h"
#include "tests/unit/near.h"

#define S UINT64_C(1000000000)

static char problem[PARAMETER_PROBLEM_SIZE];

static struct {
	char text[PARAMETER_TEXT_SIZE];
	unsigned int word;
	uint64_t number;
	uint64_t duration;
	uint64_t time;
	int given;
} p;

static int parse(const char *query)
{
	static const char *const words[] = { "one", "two", NULL };
	const struct parameter specs[] = {
		{ "text", PARAMETER_TEXT, p.text },
		{ "word", PARAMETER_CHOICE, &p.word, .choices = words },
		{ "number", PARAMETER_NUMBER, &p.number, 2, 9,
		  .given = &p.given },
		{ "duration", PARAMETER_DURATION, &p.duration, S, 60 * S },
		{ "time", PARAMETER_TIME, &p.time },
		{ 0 }
	};

	memset(&p, 0, sizeof(p));
	return parameter_parse(specs, query, 1000 * S, problem);
}

static void parameters(void **state)
{
	assert_int_equal(parse(""), 0);
	assert_int_equal(p.given, 0);
	assert_int_equal(parse("text=a%20b%26c&word=two&number=9&duration=1m"),
			 0);
	assert_string_equal(p.text, "a b&c");
	assert_int_equal(p.word, 1);
	assert_int_equal(p.number, 9);
	assert_int_equal(p.given, 1);
	assert_true(p.duration == 60 * S);
	assert_int_equal(parse("time=-10s"), 0);
	assert_true(p.time == 990 * S);
	assert_int_equal(parse("time=now"), 0);
	assert_true(p.time == 1000 * S);
	assert_int_equal(parse("time=1700000000"), 0);
	assert_true(p.time == 1700000000 * S);
	assert_int_equal(parse("time=1700000000123"), 0);
	assert_true(p.time == 1700000000 * S + 123000000);
}

/* Each is refused, and the refusal says of what, and what is allowed. */
static void refusals(void **state)
{
	static const struct {
		const char *query;
		const char *says[2];
	} wrong[] = {
		{ "number=1", { "number", "from 2 to 9" } },
		{ "number=10", { "number", "from 2 to 9" } },
		{ "number=", { "number", "from 2 to 9" } },
		{ "number=-3", { "number", "from 2 to 9" } },
		{ "number=18446744073709551618", { "number", "from 2 to 9" } },
		{ "word=three", { "word", "one, two" } },
		{ "duration=1h", { "duration", "1s to 1m" } },
		{ "duration=5", { "duration", "1s to 1m" } },
		{ "time=yesterday", { "time", "-1h" } },
		{ "time=-2000s", { "time", "-1h" } },
		{ "nonsense=1", { "nonsense", "text, word" } },
		{ "text=%zz", { "text", "percent" } },
		{ "text=%00", { "text", "percent" } },
		{ "text=%4", { "text", "percent" } },
		{ "number=3&number=3", { "number", "twice" } },
		{ "text=a&word=one&te%78t=b", { "text", "twice" } },
	};
	char longest[PARAMETERS_SIZE + 10];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_not_equal(parse(wrong[i].query), 0);
		assert_non_null(strstr(problem, wrong[i].says[0]));
		assert_non_null(strstr(problem, wrong[i].says[1]));
	}
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_not_equal(parse(longest), 0);
	memcpy(longest, "text=", 5);
	longest[5 + PARAMETER_TEXT_SIZE] = '\0';
	assert_int_not_equal(parse(longest), 0);
	assert_non_null(strstr(problem, "at most 255"));
}

static double read_back(double value)
{
	struct document d = { 0 };
	struct text *text;
	json_t *o;
	double got;

	json_number(&d, value);
	text = document_done(&d);
	o = json_loadb(text->data, text->size, JSON_DECODE_ANY, NULL);
	assert_non_null(o);
	got = json_is_null(o) ? NAN : json_number_value(o);
	json_decref(o);
	text_put(text);
	return got;
}

static void numbers(void **state)
{
	static const double exact[] = { 0,	   1,	       -1,
					0.5,	   0.000001,   -0.25,
					999999999, 1234567890, 17179869184.0 };
	size_t i;

	for (i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
		assert_true(read_back(exact[i]) == exact[i]);
	assert_within(read_back(1.0 / 3), 1.0 / 3, 1e-6);
	assert_true(fabs(read_back(1.5e30) / 1.5e30 - 1) < 1e-8);
	assert_true(fabs(read_back(-1.5e12) / -1.5e12 - 1) < 1e-8);
	assert_true(isnan(read_back(NAN)));
	assert_true(isnan(read_back(INFINITY)));
}

static void texts(void **state)
{
	static const char nasty[] = "a\"b\\c\n\t\x01 d/\xc3\xa4";
	struct document d = { 0 };
	struct text *text;
	json_t *o;
	int i;

	json_open(&d, '{');
	for (i = 0; i < 1000; i++)
		json_key_text(&d, i ? "again" : nasty, nasty);
	json_key(&d, "list");
	json_open(&d, '[');
	json_close(&d, ']');
	json_close(&d, '}');
	text = document_done(&d);
	o = json_loadb(text->data, text->size, 0, NULL);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, nasty)),
			    nasty);
	json_decref(o);
	text_put(text);
}

/* No other text of one character less, or another, is as good. */
static void tokens_broken(const struct login *login, const char *token)
{
	char broken[LOGIN_TOKEN_MAX];
	struct login_claims got;
	size_t i;

	for (i = 0; i < strlen(token); i++) {
		strcpy(broken, token);
		broken[i] = broken[i] == 'A' ? 'B' : 'A';
		assert_int_equal(login_check(login, broken, 999, &got),
				 LOGIN_NOBODY);
		strcpy(broken, token);
		broken[i] = '\0';
		assert_int_equal(login_check(login, broken, 999, &got),
				 LOGIN_NOBODY);
	}
}

/* RFC 7515's example of HS256 has another kind of key; ours is compared with
 * openssl's in tests/e2e/login_test.sh.
 */
static void tokens(void **state)
{
	struct seal_key secrets[2] = { { .secret = { 1 } },
				       { .secret = { 2 } } };
	struct login_keys signer = { .secrets = { secrets, 1 } };
	struct login login = { .keys.secrets = { &secrets[1], 1 } };
	struct login_claims claims = { "me@home", LOGIN_ADMIN, 1000 }, got;
	char token[LOGIN_TOKEN_MAX];

	assert_int_equal(seal_init(), 0);
	assert_int_equal(login_sign(&signer, &claims, token), 0);
	assert_int_equal(login_check(&login, token, 999, &got), LOGIN_NOBODY);
	login.keys.secrets = (struct seal_keys){ secrets, 2 };
	assert_int_equal(login_check(&login, token, 999, &got), LOGIN_ADMIN);
	assert_string_equal(got.name, "me@home");
	assert_int_equal(got.expires_s, 1000);
	assert_int_equal(login_check(&login, token, 1000, &got), LOGIN_NOBODY);
	assert_int_equal(login_check(&login, NULL, 1, &got), LOGIN_NOBODY);
	tokens_broken(&login, token);
	strcpy(claims.name, "\"}");
	assert_int_equal(login_sign(&signer, &claims, token), -EINVAL);
}

static void pair_from(struct login_pair *pair, uint8_t seed)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	*pair = (struct login_pair){ .seed = { seed }, .signs = true };
	crypto_sign_seed_keypair(pair->public, secret, pair->seed);
}

static void tokens_of_ed25519(void **state)
{
	struct login_claims claims = { "me@home", LOGIN_READ, 1000 }, got;
	struct login login = { .keys.count = 1 };
	struct login_keys signer = { .count = 1 };
	char token[LOGIN_TOKEN_MAX];

	assert_int_equal(seal_init(), 0);
	pair_from(&signer.pairs[0], 1);
	pair_from(&login.keys.pairs[0], 2);
	assert_int_equal(login_sign(&signer, &claims, token), 0);
	assert_int_equal(login_check(&login, token, 999, &got), LOGIN_NOBODY);
	login.keys.pairs[login.keys.count++] = signer.pairs[0];
	login.keys.pairs[1].signs = false;
	memset(login.keys.pairs[1].seed, 0, LOGIN_SEED_SIZE);
	assert_int_equal(login_check(&login, token, 999, &got), LOGIN_READ);
	assert_int_equal(login_check(&login, token, 1000, &got), LOGIN_NOBODY);
	tokens_broken(&login, token);
	signer.pairs[0].signs = false;
	assert_int_equal(login_sign(&signer, &claims, token), -ENOKEY);
}

/* What is public must not do for a secret: a key is for one algorithm. */
static void tokens_confused(void **state)
{
	struct login_claims claims = { "me@home", LOGIN_ADMIN, 1000 }, got;
	struct login login = { .keys.count = 1 };
	struct seal_key secret = { 0 };
	struct login_keys forger = { .secrets = { &secret, 1 } };
	char token[LOGIN_TOKEN_MAX];

	assert_int_equal(seal_init(), 0);
	pair_from(&login.keys.pairs[0], 1);
	memcpy(secret.secret, login.keys.pairs[0].public, LOGIN_PUBLIC_SIZE);
	assert_int_equal(login_sign(&forger, &claims, token), 0);
	assert_int_equal(login_check(&login, token, 999, &got), LOGIN_NOBODY);
	login.keys.secrets = (struct seal_keys){ &secret, 1 };
	assert_int_equal(login_check(&login, token, 999, &got), LOGIN_ADMIN);
}

static void guesses(void **state)
{
	static struct guard g;
	int i;

	for (i = 0; i < GUARD_BURST; i++) {
		assert_int_equal(guard_wait_s(&g, "192.0.2.1", S), 0);
		guard_failed(&g, "192.0.2.1", S);
	}
	assert_true(guard_wait_s(&g, "192.0.2.1", S) > 0);
	assert_true(guard_wait_s(&g, "::ffff:192.0.2.1", S) > 0);
	assert_int_equal(guard_wait_s(&g, "192.0.2.2", S), 0);
	assert_int_equal(guard_wait_s(&g, "192.0.2.1", S + GUARD_EVERY_NS), 0);
	for (i = 0; i < GUARD_BURST; i++)
		guard_failed(&g, "2001:db8::1", S);
	assert_true(guard_wait_s(&g, "2001:db8::2:2", S) > 0);
	assert_int_equal(guard_wait_s(&g, "2001:db8:0:1::1", S), 0);
}

static const char *view(struct live_view *v, const char *message)
{
	return live_view_parse(v, message, strlen(message));
}

/* Figures whose names begin so: those in a view, and all. */
static size_t subscribed(const struct live_view *v, const char *prefix)
{
	size_t i, n = 0;

	for (i = 0; i < figure_count(); i++)
		if (!strncmp(figure_name(figure_at(i)), prefix, strlen(prefix)))
			n += v->figures[i / 64] >> i % 64 & 1;
	return n;
}

static size_t named(const char *prefix)
{
	struct live_view all;

	memset(&all, 0xff, sizeof(all));
	return subscribed(&all, prefix);
}

/* Each has a name of its own that says something, and they all have room. */
static void figures(void **state)
{
	size_t i, n = figure_count();

	assert_in_range(n, 100, BOOK_ENTRIES);
	for (i = 0; i < n; i++) {
		const char *name = figure_name(figure_at(i));

		assert_true(*name && !strchr(name, '('));
		assert_ptr_equal(figure_find(name), figure_at(i));
	}
	assert_true(named("disk.") > 10 && named("link.") > 5);
	assert_null(figure_find("sensor.value")); /* of any unit */
}

/* Three names of 100 bytes that end with this. */
static void long_names(char message[512], char end)
{
	char name[101];

	memset(name, 'a', 100);
	name[99] = end;
	name[100] = '\0';
	snprintf(message, 512,
		 "{\"subscribe\": {\"nodes\": [\"%s\", \"%s\", \"%s\"]}}", name,
		 name, name);
}

static void views(void **state)
{
	struct live_view v;
	char message[512];

	assert_null(view(&v, "{\"subscribe\": {\"nodes\": \"*\"}}"));
	assert_true(v.all);
	assert_non_null(view(&v, "{\"subscribe\": {\"nodes\": [\"a\"],"
				 " \"nodes\": \"*\"}}")); /* twice */
	assert_null(view(&v,
			 "{\"subscribe\": {\"nodes\": [\"a\", \"\", \"bc\"],"
			 " \"metrics\": [\"cpu.b\"], \"detail\": \"a\"}}"));
	assert_false(v.all);
	assert_memory_equal(v.nodes, "a\0bc\0", 6);
	assert_string_equal(v.detail, "a");
	assert_int_equal(subscribed(&v, "cpu.busy"), 1);
	assert_int_equal(subscribed(&v, ""), 1);
	assert_null(view(&v, "{\"subscribe\": {\"metrics\": [\"mount.\", "
			     "\"sensor.celsius\"]}}"));
	assert_int_equal(subscribed(&v, "mount."), named("mount."));
	assert_int_equal(subscribed(&v, "sensor."), 1);
	assert_int_equal(subscribed(&v, ""), named("mount.") + 1);
	/* By a name of before. */
	assert_null(
		view(&v, "{\"subscribe\": {\"metrics\": [\"memory_used\"]}}"));
	assert_int_equal(subscribed(&v, "memory.used"), 1);
	assert_non_null(view(&v, "{\"subscribe\": \"a\"}"));
	assert_non_null(view(&v, "{\"subscribe\": {\"nodes\": \"a\"}}"));
	assert_non_null(view(&v, "{\"subscribe\": {\"nodes\": [1]}}"));
	assert_non_null(view(&v, "{\"subscribe\": {\"metrics\": {}}}"));
	assert_non_null(view(&v, "{\"subscribe\": {\"detail\": []}}"));
	assert_non_null(view(&v, "nonsense"));
	assert_null(view(&v, "{\"subscribe\": {\"nodes\": \"al*\"}}"));
	assert_false(v.all);
	assert_memory_equal(v.nodes, "al*\0", 5);
	/* What is misspelt is not nothing. */
	assert_non_null(view(&v, "{\"subscribe\": {\"node\": \"*\"}}"));
	assert_non_null(
		view(&v, "{\"subscribe\": {\"nodes\": \"*\"}, \"x\": 1}"));
	/* Globs are short, names need not be. */
	long_names(message, '*');
	assert_non_null(view(&v, message));
	long_names(message, 'b');
	assert_null(view(&v, message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters),
		cmocka_unit_test(refusals),
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(tokens),
		cmocka_unit_test(tokens_of_ed25519),
		cmocka_unit_test(tokens_confused),
		cmocka_unit_test(guesses),
		cmocka_unit_test(figures),
		cmocka_unit_test(views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* What the engine on Redis does without a server: names of places, slots, keys. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/history/redis/handle.h"
#include "collector/history/redis/resp.h"

static void places(void **state)
{
	struct place p;

	assert_null(place_parse(&p, "redis://host", PLACE_REDIS));
	assert_false(p.tls);
	assert_int_equal(p.host_count, 1);
	assert_string_equal(p.hosts[0], "host");
	assert_string_equal(p.prefix, "ktach");
	assert_int_equal(p.copies, 0);
	assert_null(place_parse(
		&p,
		"rediss://me@a:1,[::1]:2,c/fleet-1?password-file=/x/y&ca=/z&copies=3&insecure",
		PLACE_REDIS));
	assert_true(p.tls && p.insecure);
	assert_string_equal(p.user, "me");
	assert_int_equal(p.host_count, 3);
	assert_string_equal(p.hosts[1], "[::1]:2");
	assert_string_equal(p.hosts[2], "c");
	assert_string_equal(p.prefix, "fleet-1");
	assert_string_equal(p.password_file, "/x/y");
	assert_string_equal(p.ca, "/z");
	assert_int_equal(p.copies, 3);
}

static void wrong_places(void **state)
{
	static const char *const wrong[] = {
		"/var/lib",
		"redis:/host",
		"redis://",
		"redis://a,,b",
		"redis://me:secret@a",
		"redis://a/with/more",
		"redis://a/{tag}",
		"redis://a?copies=0",
		"redis://a?copies=7",
		"redis://a?copies=",
		"redis://a?copies=2x",
		"redis://a?insecure=1",
		"redis://a?other=1",
		"http://a",
		"redis://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
	};
	struct place p;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!place_parse(&p, wrong[i], PLACE_REDIS))
			fail_msg("%s is taken", wrong[i]);
	assert_true(place_is("redis://a", PLACE_REDIS) &&
		    place_is("rediss://a", PLACE_REDIS));
	assert_false(place_is("/data/redis://a", PLACE_REDIS));
}

static void etcd_places(void **state)
{
	struct place p;

	assert_null(place_parse(
		&p, "etcds://me@a:1,b/fleet-1?password-file=/x&ca=/z",
		PLACE_ETCD));
	assert_true(p.tls);
	assert_string_equal(p.user, "me");
	assert_string_equal(p.prefix, "fleet-1");
	assert_null(place_parse(&p, "etcd://a", PLACE_ETCD));
	assert_false(p.tls);
	assert_non_null(place_parse(&p, "etcd://a?copies=2", PLACE_ETCD));
	assert_non_null(place_parse(&p, "redis://a", PLACE_ETCD));
	assert_non_null(place_parse(&p, "etcd://a", PLACE_REDIS));
}

/* As CLUSTER KEYSLOT has them. */
static void slots(void **state)
{
	assert_int_equal(slot_of("foo"), 12182);
	assert_int_equal(slot_of("bar"), 5061);
	assert_int_equal(slot_of("123456789"), 0x31c3);
	assert_int_equal(slot_of(""), 0);
}

/* Keys lie by them: they must not change. */
static void tags(void **state)
{
	char tag[SLOT_TAG_SIZE];
	unsigned int b;

	for (b = 0; b < BUCKETS_ALONE; b++) {
		slot_tag(b, BUCKETS_ALONE, tag);
		assert_int_equal(slot_of(tag) * BUCKETS_ALONE / SLOTS, b);
	}
	slot_tag(0, BUCKETS_ALONE, tag);
	assert_string_equal(tag, "0.13");
	slot_tag(15, BUCKETS_ALONE, tag);
	assert_string_equal(tag, "15.20");
	slot_tag(BUCKET_CONTROL, BUCKETS_ALONE, tag);
	assert_string_equal(tag, "control");
	slot_tag(255, BUCKETS, tag);
	assert_int_equal(slot_of(tag) * BUCKETS / SLOTS, 255);
}

/* Where several collectors write a bucket is what has one owner. */
static void spreads(void **state)
{
	static struct redis r;
	const uint8_t *node = (const uint8_t *)"0123456789abcdef";

	handle_spread(&r, BUCKETS_ALONE);
	assert_int_equal(bucket_of(&r, node), groups_partition(node) / 256);
	assert_int_equal(bucket_next(&r, 15), 15);
	assert_int_equal(bucket_next(&r, 16), BUCKETS);
	handle_spread(&r, BUCKETS);
	assert_int_equal(bucket_of(&r, node), groups_slice(node));
	memset(r.mine, 0, sizeof(r.mine));
	r.mine[3] = r.mine[200] = true;
	handle_rank(&r);
	assert_int_equal(bucket_next(&r, 0), 3);
	assert_int_equal(bucket_next(&r, 4), 200);
	assert_int_equal(r.rank[200], 1);
	assert_int_equal(bucket_next(&r, 201), BUCKETS);
}

static void members(void **state)
{
	const uint8_t node[WIRE_ID_SIZE] = { 1, 2, 3, [15] = 0xff };
	uint8_t back[WIRE_ID_SIZE];
	char member[MEMBER_SIZE];
	uint64_t number;

	handle_member(node, UINT64_MAX, member);
	assert_string_equal(
		member,
		"010203000000000000000000000000ff:18446744073709551615");
	assert_int_equal(handle_split(member, strlen(member), back, &number),
			 0);
	assert_memory_equal(back, node, sizeof(node));
	assert_true(number == UINT64_MAX);
	assert_int_equal(handle_split("01", 2, back, &number), -EINVAL);
	member[3] = 'x';
	assert_int_equal(handle_split(member, strlen(member), back, &number),
			 -EINVAL);
}

static void commands(void **state)
{
	static const char expected[] =
		"*3\r\n$3\r\nGET\r\n$10\r\nten\0letter\r\n$0\r\n\r\n";
	struct buffer b = { 0 };

	assert_int_equal(resp_begin(&b, 3), 0);
	assert_int_equal(resp_put(&b, "GET", 3), 0);
	assert_int_equal(resp_put(&b, "ten\0letter", 10), 0);
	assert_int_equal(resp_put(&b, NULL, 0), 0);
	assert_int_equal(b.used, sizeof(expected) - 1);
	assert_memory_equal(b.data, expected, b.used);
	buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),      cmocka_unit_test(wrong_places),
		cmocka_unit_test(etcd_places), cmocka_unit_test(slots),
		cmocka_unit_test(tags),	       cmocka_unit_test(spreads),
		cmocka_unit_test(members),     cmocka_unit_test(commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "collector/alarms/warden.h"
#include "collector/api/parameter.h"
#include "collector/history/replay.h"
#include "collector/state/state.h"
#include "collector/tool/rules.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/options.h"

#define S UINT64_C(1000000000)

static const char details[] =
	"FILE is one of rules, or a folder of them (ktach.rules(5)). The node's samples\n"
	"are looked at as they came, once a second also whether it was silent: a line for\n"
	"each alarm says when it would have fired, when it was over, and what it says.\n"
	"How far a node's clock is off is not in the history: such rules stay quiet.\n"
	"\n"
	"  ktach-collector rules test ours.rules --node web1 --from -2d\n"
	"\n"
	"TIME is -2h, -7d, now, or seconds since 1970. It runs beside a collector.\n"
	"\n"
	"Exit status: 0 all is well, 1 the history can't be read, 2 usage or a wrong line.\n";

/* Too large for a stack. */
static struct test {
	struct nodes nodes;
	struct warden warden;
	struct ledger ledger;
	struct node *node;
	const uint8_t *id;
	char name[NODE_NAME_SIZE];
	uint64_t frames;
	uint64_t first_ns; /* real times of samples */
	uint64_t last_ns;
	uint64_t ticked_ns;
} test;

/* A clock that goes on when the node is started again. */
static struct node_time at(uint64_t real_ns)
{
	return (struct node_time){ real_ns, real_ns - test.first_ns + S };
}

static void no_past(void *context, const struct ledger_alarm *alarm)
{
}

static void tick_until(uint64_t real_ns)
{
	for (; test.ticked_ns + S <= real_ns; test.ticked_ns += S) {
		struct node_time now = at(test.ticked_ns + S);

		warden_tick(&test.warden, &test.nodes, &now);
	}
}

static void begin(uint64_t real_ns)
{
	test.first_ns = real_ns;
	test.last_ns = real_ns;
	test.ticked_ns = real_ns;
}

static void take(void *context, const struct wire_table *t)
{
	struct wire_frame frame = { .sender.session = 1 };
	struct peer from = { .text = "history" };
	struct node_time now;

	if (!test.first_ns)
		begin(t->real_ns);
	if (t->real_ns > test.last_ns)
		test.last_ns = t->real_ns;
	tick_until(test.last_ns);
	now = at(test.last_ns);
	memcpy(frame.sender.node, test.id, WIRE_ID_SIZE);
	frame.sequence = ++test.frames;
	if (nodes_take(&test.nodes, &frame, &now, &from, &test.node) != NODE_OK)
		return;
	snprintf(test.node->name, sizeof(test.node->name), "%s", test.name);
	if (node_take(&test.nodes, test.node, t) != NODE_OK)
		return;
	node_seen(&test.nodes, test.node, &now);
	warden_frame(&test.warden, &test.nodes, test.node, 1U << t->kind, &now);
}

static void put_time(uint64_t real_ns)
{
	time_t s = (time_t)(real_ns / S);
	char text[64];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&s, &tm));
	printf("%s.%03u", text, (unsigned int)(real_ns % S / 1000000));
}

static void put_alarm(const struct ledger_alarm *a)
{
	put_time(a->fired_ns);
	printf("  %s %s%s%s: %s\n", severity_names[a->severity], a->rule,
	       *a->row ? " " : "", a->row, a->text);
	if (a->cleared_ns) {
		put_time(a->cleared_ns);
		printf("  over: %s%s%s, after %.3f s\n", a->rule,
		       *a->row ? " " : "", a->row,
		       (double)(a->cleared_ns - a->fired_ns) / 1e9);
	}
}

static void report(uint64_t samples)
{
	size_t i, open = 0;

	for (i = 0; i < test.ledger.count; i++) {
		put_alarm(test.ledger.all[i]);
		open += !test.ledger.all[i]->cleared_ns;
	}
	printf("%zu alarms, of which %zu go on, in %" PRIu64 " tables of %s",
	       test.ledger.count, open, samples, test.name);
	if (samples) {
		printf(", ");
		put_time(test.first_ns);
		printf(" to ");
		put_time(test.last_ns);
	}
	printf("\n");
	if (test.ledger.refused)
		printf("%" PRIu64
		       " more were left out: they come and go too often\n",
		       test.ledger.refused);
}

struct finding {
	struct nodes nodes; /* those that the history knows of */
	struct node_time now;
};

static void know_account(void *context, const uint8_t *id, const void *data,
			 size_t size)
{
	struct finding *f = context;

	state_restore(&f->nodes, id, data, size, &f->now);
}

static void know_name(void *context, const struct history_node *n)
{
	struct finding *f = context;

	if (!nodes_find(&f->nodes, n->id))
		state_restore_name(&f->nodes, n->id, n->name, n->version,
				   n->first_ns, n->last_ns, &f->now);
}

static int choose(struct finding *f, const char *text, struct replay_query *q)
{
	const struct node *node;
	struct visit v;
	size_t matches;

	if (visit_begin(&v, &f->nodes))
		return -ENOMEM;
	node = visit_find(&v, text, &matches);
	if (matches == 1) {
		memcpy(q->node, node->id, sizeof(q->node));
		strcpy(test.name, node->name);
	}
	visit_leave(&v);
	visit_end(&v);
	if (matches == 1)
		return 0;
	log_error(
		matches ?
			"%s: several nodes have this name; say which by its id" :
			"%s: the history has no node of this name or id",
		text);
	return -ENOENT;
}

/* As a collector knows them after a start: of one whose first frames are not packed yet
 * the history has the name in its account only.
 */
static int find_node(const char *text, struct replay_query *q)
{
	static struct finding f; /* too large for a stack */
	struct history *h;
	int err = history_open(&h, q->folder, NULL);

	if (err)
		return err;
	f.now = (struct node_time){ clock_real_ns(), clock_mono_ns() };
	err = nodes_init(&f.nodes, 0);
	if (!err) {
		err = history_accounts(h, NODES_MAX, know_account, &f);
		if (!err)
			err = history_nodes(h, know_name, &f);
		if (err)
			log_error("%s: its nodes cannot be read", q->folder);
		else
			err = choose(&f, text, q);
		nodes_exit(&f.nodes);
	}
	history_close(h);
	return err;
}

static int load(struct rules *rules, const char *path, char *problem,
		unsigned int size)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return rules_load(rules, path, true, problem, size);
	return rules_load_file(rules, path, problem, size);
}

static int run(const struct replay_query *q, struct rules *rules)
{
	const struct node_time none = { 0 };
	int64_t samples;
	int err = nodes_init(&test.nodes, 0);

	if (!err)
		err = warden_init(&test.warden);
	if (!err)
		err = ledger_open(&test.ledger, NULL, no_past, NULL);
	if (err) {
		log_error("memory is short");
		return 1;
	}
	test.warden.ledger = &test.ledger;
	warden_change(&test.warden, &test.nodes, rules, &none);
	log_show(LOG_ERROR); /* alarms are told below */
	test.id = q->node;
	samples = history_replay(q, take, NULL);
	if (samples > 0)
		tick_until(q->to_ns < clock_real_ns() ? q->to_ns :
							clock_real_ns());
	if (samples >= 0)
		report((uint64_t)samples);
	ledger_close(&test.ledger);
	nodes_exit(&test.nodes);
	warden_exit(&test.warden);
	return samples < 0;
}

/* As the API has times. */
static bool read_times(const char *from, const char *to, struct replay_query *q,
		       char problem[PARAMETER_PROBLEM_SIZE])
{
	const struct parameter specs[] = { { "from", PARAMETER_TIME,
					     &q->from_ns },
					   { "to", PARAMETER_TIME, &q->to_ns },
					   { 0 } };
	char query[256];

	snprintf(query, sizeof(query), "from=%.100s&to=%.100s", from, to);
	return !parameter_parse(specs, query, clock_real_ns(), problem);
}

int rules_test_main(int argc, char **argv)
{
	const char *data = "/var/lib/ktach/collector", *from = "-1h",
		   *to = "now", *node = NULL;
	const struct option_spec specs[] = {
		{ "node", 'n', OPTION_TEXT, &node, "NAME|ID", "whose samples" },
		{ "from", 0, OPTION_TEXT, &from, "TIME",
		  "from when on, an hour ago without" },
		{ "to", 0, OPTION_TEXT, &to, "TIME", "until when" },
		{ "data", 'd', OPTION_TEXT, &data, "DIR",
		  "folder of the history" },
		{ "history", 0, OPTION_TEXT, &data, "redis://HOST",
		  "servers that have it instead" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector rules test",
		.summary =
			"Say when rules would have fired, by what the history has of a node.",
		.details = details,
		.specs = specs,
		.operands = "FILE",
	};
	struct replay_query q = { .kinds = 0 };
	char problem[1024];
	struct rules rules;
	int first = options_parse(&options, argc, argv);

	if (argc - first != 1 || !node)
		options_refuse(&options, "expected FILE and --node NAME");
	if (!read_times(from, to, &q, problem))
		options_refuse(&options, "%s", problem);
	log_init("ktach-collector", LOG_INFO);
	if (load(&rules, argv[first], problem, sizeof(problem))) {
		fprintf(stderr, "ktach-collector rules test: %s\n", problem);
		return 2;
	}
	q.folder = data;
	q.kinds = rules.kinds & ~1U ? rules.kinds & ~1U : 1U << WIRE_CPU;
	return find_node(node, &q) ? 1 : run(&q, &rules);
}

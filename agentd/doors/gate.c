// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agentd/agents/errand.h"
#include "agentd/agents/find.h"
#include "agentd/doors/caller.h"
#include "agentd/doors/describe.h"
#include "agentd/doors/gate.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	REQUEST_MAX = WIRE_REQUEST_MAX,
	PROBLEM_SIZE = 512,
	CLOCKS_S = 60, /* that clocks may differ */
};

#define TELL_EVERY_NS UINT64_C(6000000000)
#define FORGET_EVERY_NS UINT64_C(600000000000)
#define US UINT64_C(1000000)
#define US_NS 1000

static const char *const modes[] = { "none", "list", "operate" };

/* An order under way, and who waits for it. */
struct carry {
	struct gate *gate;
	struct visitor *visitor;
	struct order order;
	struct order_record record;
};

static __attribute__((format(printf, 2, 3))) void
answer(struct visitor *v, const char *format, ...)
{
	char *text = NULL;
	va_list values;
	int size;

	va_start(values, format);
	size = vasprintf(&text, format, values);
	va_end(values);
	visitor_answer(v, size < 0 ? NULL : text, (size_t)size);
}

/* Whoever can connect can have many refused: the log has one of them now and then. */
static void refuse_request(struct gate *g, struct visitor *v,
			   const char *through, const char *why)
{
	uint64_t now_ns = clock_mono_ns();

	g->refused++;
	if (!g->told_ns || now_ns - g->told_ns >= TELL_EVERY_NS) {
		log_warn("from afar, through %s: refused: %s (%u so far)",
			 through, why, g->refused);
		g->told_ns = now_ns;
	}
	answer(v, "refused %s\n", why);
}

static uint64_t now_us(void)
{
	return clock_real_ns() / US_NS;
}

static bool is_our_id(const struct gate *g, const char *node)
{
	char text[NODE_ID_TEXT_SIZE + 1] = "";
	uint8_t ours[WIRE_ID_SIZE], named[WIRE_ID_SIZE];
	int fd = open(g->setup.node_id, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 && !node_id_parse(text, ours) &&
	       !node_id_parse(node, named) &&
	       !memcmp(ours, named, sizeof(ours));
}

/* By name or id: an id that cannot be read here is nobody's. */
static bool is_for_us(const struct gate *g, const char *node)
{
	return !strcasecmp(node, g->setup.name) || is_our_id(g, node);
}

/* What holds for all that is signed. Return 0, or -EPERM with @problem. */
static int judge_signed(const struct gate *g, const struct signature *s,
			const char *text, const char *node, uint64_t signed_us,
			char *operator, char * problem)
{
	if (operators_find(g->setup.operators, s->key, operator, problem))
		return -EPERM;
	problem[0] = '\0';
	if (!signature_good(s, text))
		snprintf(
			problem, PROBLEM_SIZE,
			"its signature is wrong: it was changed, or is forged");
	else if (!is_for_us(g, node))
		snprintf(problem, PROBLEM_SIZE,
			 "it is for the node %s, and this is %s", node,
			 g->setup.name);
	else if (signed_us > now_us() + CLOCKS_S * US)
		snprintf(problem, PROBLEM_SIZE,
			 "it was signed %" PRIu64
			 " s from now, by this host's clock",
			 (signed_us - now_us()) / US);
	return problem[0] ? -EPERM : 0;
}

static void judge_time(struct gate *g, const struct order *o, char *problem)
{
	uint64_t now_s = now_us() / US;

	problem[0] = '\0';
	if (o->expires_s <= now_s)
		snprintf(problem, PROBLEM_SIZE,
			 "it expired %" PRIu64 " s ago, by this host's clock",
			 now_s - o->expires_s);
	else if (o->expires_s > o->signed_us / US + ORDER_LIFE_S)
		snprintf(problem, PROBLEM_SIZE,
			 "it is good for longer than %d s", ORDER_LIFE_S);
	else if (orders_is_late(&g->orders, o))
		snprintf(
			problem, PROBLEM_SIZE,
			"one that was signed later has been carried out already");
}

static void answer_record(struct visitor *v, const struct order_record *r,
			  bool again)
{
	const char *first = r->result[0] ? "error " : "ok";

	if (!r->done_us)
		first = "pending";
	answer(v,
	       "%s%s\nagain %s\nbegun_us %" PRIu64 "\ndone_us %" PRIu64
	       "\noperator %s\n",
	       first, r->done_us ? r->result : "", again ? "yes" : "no",
	       r->begun_us, r->done_us, r->operator);
}

static void log_order(const struct carry *c)
{
	const struct order_record *r = &c->record;

	log_info("from afar: %s of %s by operator %s, through %s: %s",
		 c->order.verb, c->order.agent, r->operator, r->through,
		 r->result[0] ? r->result : "done");
}

static void carried(void *owner, const char *problems)
{
	struct carry *c = owner;
	struct order_record *r = &c->record;

	r->done_us = now_us();
	snprintf(r->result, sizeof(r->result), "%s", problems);
	orders_end(&c->gate->orders, &c->order, r);
	log_order(c);
	answer_record(c->visitor, r, false);
	free(c);
}

/* An order is noted before it is carried out: after a crash it may have been
 * done without our knowing, but it is never done twice.
 */
static void carry_out(struct gate *g, struct visitor *v, const struct order *o,
		      const struct order_record *r)
{
	struct carry *c = malloc(sizeof(*c));

	if (!c) {
		visitor_answer(v, NULL, 0);
		return;
	}
	*c = (struct carry){ g, v, *o, *r };
	c->record.begun_us = now_us();
	if (orders_begin(&g->orders, o, &c->record)) {
		answer(v,
		       "error it could not be noted on this host, and was not carried out\n");
		free(c);
		return;
	}
	log_info("from afar: %s of %s, signed by operator %s, begins", o->verb,
		 o->agent, r->operator);
	v->until_ns = UINT64_MAX;
	if (errand_run(g->agents, errand_verb(o->verb),
		       strcmp(o->agent, ORDER_EVERY) ? o->agent : NULL, carried,
		       c))
		carried(c, "no memory");
}

static void take_order(struct gate *g, struct visitor *v, const char *through,
		       const char *text, size_t size)
{
	struct order_record record = { 0 }, known;
	char problem[PROBLEM_SIZE];
	struct order o;
	int err;

	if (order_parse(&o, text, size)) {
		refuse_request(g, v, through, "it is no order of this version");
		return;
	}
	if (judge_signed(g, &o.signature, text, o.node, o.signed_us,
			 record.operator, problem)) {
		refuse_request(g, v, through, problem);
		return;
	}
	err = orders_get(&g->orders, &o, &known);
	if (!err) {
		answer_record(v, &known, true);
		return;
	}
	judge_time(g, &o, problem);
	if (err == -EEXIST)
		snprintf(problem, sizeof(problem),
			 "another order had its nonce");
	else if (!problem[0] && strcmp(o.agent, ORDER_EVERY) &&
		 !agents_find(g->agents, o.agent))
		snprintf(problem, sizeof(problem), "there is no such agent");
	if (problem[0]) {
		refuse_request(g, v, through, problem);
		return;
	}
	snprintf(record.through, sizeof(record.through), "%s", through);
	carry_out(g, v, &o, &record);
}

static void judge_desired(const struct gate *g, const struct desired *d,
			  const char *text, char *operator, char * problem)
{
	if (judge_signed(g, &d->signature, text, d->node,
			 d->signed_us, operator, problem))
		return;
	if (g->desire.text && d->revision <= g->desire.desired.revision)
		snprintf(problem, PROBLEM_SIZE,
			 "revision %" PRIu64
			 " is in force, and revisions only rise",
			 g->desire.desired.revision);
}

static void take_desired(struct gate *g, struct visitor *v, const char *through,
			 const char *text, size_t size)
{
	char operator[OPERATOR_NAME_SIZE], problem[PROBLEM_SIZE];
	struct desired d;

	if (desired_parse(&d, text, size)) {
		refuse_request(g, v, through,
			       "it is no desired state of this version");
		return;
	}
	if (desire_is(&g->desire, text, size)) {
		answer(v, "ok\nrevision %" PRIu64 "\n", d.revision);
		return;
	}
	judge_desired(g, &d, text, operator, problem);
	if (problem[0]) {
		refuse_request(g, v, through, problem);
		return;
	}
	if (desire_change(&g->desire, text, size)) {
		answer(v, "error it could not be kept on this host\n");
		return;
	}
	log_info("from afar: revision %" PRIu64
		 " of the desired state by operator %s, through %s",
		 d.revision, operator, through);
	answer(v, "ok\nrevision %" PRIu64 "\n", d.revision);
}

static void take_list(struct gate *g, struct visitor *v)
{
	char *text = NULL;
	size_t i, size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		visitor_answer(v, NULL, 0);
		return;
	}
	fprintf(out, "ok\nremote %s\nsystemd %s\n", modes[g->setup.mode],
		g->agents->bus.ready ? "yes" : "no");
	if (g->desire.text)
		fprintf(out, "revision %" PRIu64 "\n",
			g->desire.desired.revision);
	fputc('\n', out);
	for (i = 0; i < g->agents->count; i++)
		if (!g->agents->all[i]->gone)
			describe_agent(out, g->agents->all[i]);
	fclose(out);
	visitor_answer(v, text, size);
}

static bool is_plain(const char *text)
{
	return *text && strlen(text) < ORDER_THROUGH_SIZE &&
	       !text[strspn(
		       text,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@")];
}

/* @first: the request's first line; @text: what follows, up to the empty line. */
static void take_request(struct gate *g, struct visitor *v, char *first,
			 const char *text, size_t size)
{
	char *through = strchr(first, ' ');

	if (through)
		*through++ = '\0';
	if (caller_of(v->fd) == CALLER_ANYBODY)
		refuse_request(
			g, v, "a user of this host",
			"only root and members of the group ktach may ask here");
	else if (!through || !is_plain(through))
		refuse_request(g, v, "nobody", "it does not say through whom");
	else if (!strcmp(first, "list"))
		take_list(g, v);
	else if (g->setup.mode != GATE_OPERATE)
		refuse_request(
			g, v, through,
			"this node lets itself be listed only: remote = list");
	else if (!strcmp(first, "order"))
		take_order(g, v, through, text, size);
	else if (!strcmp(first, "desired"))
		take_desired(g, v, through, text, size);
	else
		refuse_request(g, v, through, "no such request");
}

static bool ready(struct visitor *v)
{
	char *line = strchr(v->request, '\n');
	char *end = line ? strstr(line, "\n\n") : NULL;

	if (strlen(v->request) != v->used) {
		answer(v, "refused it has a NUL\n");
		return true;
	}
	if (!end)
		return false;
	*line++ = '\0';
	take_request(v->door->owner, v, v->request, line,
		     end < line ? 0 : (size_t)(end + 1 - line));
	return true;
}

static void full(struct visitor *v)
{
	answer(v, "refused it is too long\n");
}

int gate_open(struct gate *g, struct loop *loop, struct agents *agents,
	      const struct gate_setup *setup, const char *run,
	      const char *state)
{
	int err, fd = -ENAMETOOLONG;

	g->agents = agents;
	g->setup = *setup;
	g->door = (struct door){ .owner = g,
				 .ready = ready,
				 .full = full,
				 .name = "remote.sock",
				 .request_max = REQUEST_MAX,
				 .fd = -1 };
	if (snprintf(g->path, sizeof(g->path), "%s/remote.sock", run) >=
	    (int)sizeof(g->path))
		goto out;
	unlink(g->path); /* its being there says that somebody answers */
	if (setup->mode == GATE_NONE)
		return 0;
	err = orders_open(&g->orders, state);
	if (err)
		return err;
	desire_open(&g->desire, &g->orders);
	fd = door_listen(g->path);
out:
	if (fd < 0) {
		log_error("%s: %s", g->path, strerror(-fd));
		return fd;
	}
	door_open(&g->door, loop, fd);
	return 0;
}

void gate_close(struct gate *g)
{
	if (g->door.fd >= 0)
		unlink(g->path);
	door_close(&g->door);
	desire_close(&g->desire);
	orders_close(&g->orders);
}

void gate_tick(struct gate *g, uint64_t now_ns)
{
	if (g->setup.mode == GATE_NONE)
		return;
	door_sweep(&g->door, now_ns);
	if (g->setup.mode == GATE_OPERATE)
		desire_tick(&g->desire, g->agents, now_ns);
	if (now_ns < g->forget_ns)
		return;
	g->forget_ns = now_ns + FORGET_EVERY_NS;
	orders_forget(&g->orders, now_us());
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/remote/desire.h"
#include "lib/base/log.h"

/* One that ends again and again, or cannot be stopped, is not driven. */
#define PAUSE_NS UINT64_C(30000000000)

static void parse_text(struct desire *d)
{
	if (d->text && desired_parse(&d->desired, d->text, d->size)) {
		log_error(
			"the desired state that was kept is damaged; none is in force");
		free(d->text);
		d->text = NULL;
	}
	if (!d->text)
		d->desired = (struct desired){ 0 };
}

void desire_open(struct desire *d, struct orders *orders)
{
	*d = (struct desire){ .orders = orders };
	d->text = orders_get_desired(orders, &d->size);
	parse_text(d);
}

void desire_close(struct desire *d)
{
	free(d->text);
	d->text = NULL;
}

bool desire_is(const struct desire *d, const char *text, size_t size)
{
	return d->text && d->size == size && !memcmp(d->text, text, size);
}

int desire_change(struct desire *d, const char *text, size_t size)
{
	char *copy = malloc(size + 1);
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, size);
	copy[size] = '\0';
	err = orders_put_desired(d->orders, text, size);
	if (err) {
		free(copy);
		return err;
	}
	free(d->text);
	d->text = copy;
	d->size = size;
	parse_text(d);
	return 0;
}

static bool is_idle(const struct unit_state *s)
{
	return !strcmp(s->active, "inactive") || !strcmp(s->active, "failed");
}

static void bring_about(struct desire *d, struct agent *a, bool run,
			uint64_t now_ns)
{
	struct bus *bus = &a->list->bus;

	a->wish.next_ns = now_ns + PAUSE_NS;
	log_info("%s: %s, as revision %" PRIu64 " of the desired state says",
		 a->record.name, run ? "started" : "stopped",
		 d->desired.revision);
	if (run) {
		bus_unit_job(bus, &a->follow, "StartUnit", a->unit.unit);
		return;
	}
	if (!a->because[0])
		snprintf(a->because, sizeof(a->because),
			 "desired state, revision %" PRIu64,
			 d->desired.revision);
	a->meant = true;
	bus_unit_job(bus, &a->follow, "StopUnit", a->unit.unit);
}

/* Why an agent stays otherwise than is desired; NULL: nothing keeps it. */
static const char *obstacle(const struct agent *a, bool run)
{
	if (a->wish.held)
		return "somebody has said otherwise since";
	if (run && !a->definition.enabled)
		return "its file has disabled it";
	if (run && a->record.failed)
		return "it has failed";
	return NULL;
}

static void look_at(struct desire *d, struct agent *a, uint64_t now_ns)
{
	const struct unit_state *s = &a->unit.state;
	bool run, differs;

	if (a->wish.revision != d->desired.revision)
		a->wish = (struct wish){ .revision = d->desired.revision,
					 .state = desired_of(&d->desired,
							     a->record.name) };
	a->wish.why = NULL;
	if (!*a->wish.state || !s->known || strcmp(s->load, "loaded"))
		return;
	run = !strcmp(a->wish.state, "running");
	differs = is_idle(s) == run;
	if (!differs)
		return;
	a->wish.why = obstacle(a, run);
	if (!a->wish.why)
		a->wish.why = "it is being brought about";
	if (obstacle(a, run) || list_has(&a->follow.link) ||
	    now_ns < a->wish.next_ns)
		return;
	bring_about(d, a, run, now_ns);
}

void desire_tick(struct desire *d, struct agents *l, uint64_t now_ns)
{
	size_t i;

	if (!d->text || !l->bus.ready || l->reloading)
		return;
	for (i = 0; i < l->count; i++)
		if (l->all[i]->good && !l->all[i]->gone)
			look_at(d, l->all[i], now_ns);
}

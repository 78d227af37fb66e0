// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/agents/wishes.h"
#include "lib/base/clean.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/whole_file.h"
#include "lib/order/order.h"

#define PATIENCE_NS UINT64_C(10000000000)
#define AGAIN_NS UINT64_C(10000000000)

static void path_of(const struct wishes *w, const uint8_t *node,
		    char path[PATH_MAX + 64])
{
	char id[NODE_ID_TEXT_SIZE];

	node_id_format(node, id);
	snprintf(path, PATH_MAX + 64, "%s/%s", w->folder, id);
}

static struct wish *find(struct wishes *w, const uint8_t *node)
{
	struct wish *one = w->first;

	while (one && memcmp(one->node, node, sizeof(one->node)))
		one = one->next;
	return one;
}

static char *read_text(const struct wishes *w, const uint8_t *node,
		       size_t *size)
{
	char path[PATH_MAX + 64], *text = malloc(ORDER_TEXT_MAX + 1);
	int fd;
	ssize_t n;

	path_of(w, node, path);
	fd = text ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	n = fd < 0 ? -1 : read(fd, text, ORDER_TEXT_MAX);
	if (fd >= 0)
		close(fd);
	if (n <= 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*size = (size_t)n;
	return text;
}

char *wishes_get(struct wishes *w, const uint8_t *node, size_t *size)
{
	char *text;

	pthread_mutex_lock(&w->lock);
	text = find(w, node) ? read_text(w, node, size) : NULL;
	pthread_mutex_unlock(&w->lock);
	return text;
}

static void told(struct relay_request *r);

static struct wish *add(struct wishes *w, const uint8_t *node)
{
	struct wish *one = calloc(1, sizeof(*one));

	if (!one)
		return NULL;
	one->wishes = w;
	one->request.done = told;
	memcpy(one->node, node, sizeof(one->node));
	memcpy(one->request.node, node, sizeof(one->node));
	one->next = w->first;
	w->first = one;
	return one;
}

static void read_one(struct wishes *w, const char *name)
{
	uint8_t node[WIRE_ID_SIZE];
	struct desired d;
	struct wish *one;
	size_t size;
	char *text;

	if (node_id_parse(name, node))
		return;
	text = read_text(w, node, &size);
	if (!text || desired_parse(&d, text, size))
		log_error("%s/%s: no desired state; it is passed over",
			  w->folder, name);
	else if ((one = add(w, node)))
		one->revision = d.revision;
	free(text);
}

void wishes_init(struct wishes *w, const char *data)
{
	const struct dirent *e;
	DIR *d;

	*w = (struct wishes){ .first = NULL };
	pthread_mutex_init(&w->lock, NULL);
	snprintf(w->folder, sizeof(w->folder), "%s/desired", data);
	d = opendir(w->folder);
	while (d && (e = readdir(d)))
		read_one(w, e->d_name);
	if (d)
		closedir(d);
}

void wishes_exit(struct wishes *w)
{
	struct wish *one, *next;

	for (one = w->first; one; one = next) {
		next = one->next;
		free(one->text);
		free(one);
	}
	pthread_mutex_destroy(&w->lock);
}

static int put(struct wishes *w, struct wish *one, const char *text,
	       size_t size, uint64_t revision)
{
	char path[PATH_MAX + 64];
	int err;

	if (mkdir(w->folder, 0750) && errno != EEXIST)
		return -errno;
	path_of(w, one->node, path);
	err = whole_file_write(path, text, size, NULL);
	if (err)
		return err;
	one->revision = revision;
	one->told = 0;
	one->next_ns = 0;
	return 0;
}

/* The same text once more changes nothing, and is no error. */
static bool is_kept(struct wishes *w, const uint8_t *node, const char *text,
		    size_t size)
{
	size_t have = 0;
	char *kept = read_text(w, node, &have);
	bool same = kept && have == size && !memcmp(kept, text, size);

	free(kept);
	return same;
}

int wishes_put(struct wishes *w, const uint8_t *node, const char *text,
	       size_t size, uint64_t *revision)
{
	struct wish *one;
	int err;

	pthread_mutex_lock(&w->lock);
	one = find(w, node);
	if (one && *revision <= one->revision) {
		err = *revision == one->revision &&
				      is_kept(w, node, text, size) ?
			      0 :
			      -EEXIST;
		*revision = one->revision;
	} else {
		one = one ? one : add(w, node);
		err = one ? put(w, one, text, size, *revision) : -ENOMEM;
	}
	pthread_mutex_unlock(&w->lock);
	return err;
}

char *wishes_request(const char *verb, const char *who, const char *text,
		     size_t size, size_t *all)
{
	char *request = NULL;
	int n = asprintf(&request, "%s %s\n%.*s\n", verb, who, (int)size, text);

	*all = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : request;
}

bool wishes_is_away(const struct node *node)
{
	enum node_state state = node_state(node, clock_mono_ns());

	return state != NODE_FRESH && state != NODE_LAGGING;
}

uint64_t wishes_serves(const struct node *node, enum wire_service service)
{
	uint64_t accepts = node->shipper[WIRE_NODE_ACCEPTS];
	uint64_t needed = service == WIRE_SERVICE_FLIGHT ? WIRE_ACCEPTS_FLIGHT :
							   WIRE_ACCEPTS_AGENTS;

	return !wishes_is_away(node) && accepts != WIRE_ABSENT &&
			       accepts & needed ?
		       node->from.session :
		       0;
}

uint64_t wishes_takes(const struct node *node)
{
	return wishes_serves(node, WIRE_SERVICE_AGENTS);
}

static const char *word_of(enum relay_fate fate, const char *answer)
{
	return fate == RELAY_ANSWERED && answer ? answer : "";
}

/* The node has taken the wish or refused it; one that was refused is told
 * again with its next session.
 */
static void told(struct relay_request *r)
{
	struct wish *one = container_of(r, struct wish, request);
	struct wishes *w = one->wishes;
	const char *word = word_of(r->fate, r->answer);
	char id[NODE_ID_TEXT_SIZE], why[256];

	pthread_mutex_lock(&w->lock);
	if (!strncmp(word, "ok", 2) || !strncmp(word, "refused", 7))
		one->told = one->session;
	if (!strncmp(word, "refused", 7)) {
		snprintf(why, sizeof(why), "%.*s", (int)strcspn(word, "\n"),
			 word);
		clean_string(why);
		node_id_format(one->node, id);
		log_warn("agents: the desired state of node %s: %s", id, why);
	}
	one->next_ns = clock_mono_ns() + AGAIN_NS;
	free(one->text);
	one->text = NULL;
	relay_release(r);
	pthread_mutex_unlock(&w->lock);
}

static bool begin_telling(struct wishes *w, struct wish *one, uint64_t session,
			  uint64_t now_ns)
{
	size_t size = 0;
	char *text = read_text(w, one->node, &size);

	if (text)
		one->text = wishes_request("desired", "-", text, size,
					   &one->request.size);
	free(text);
	one->request.text = one->text;
	one->request.until_ns = now_ns + PATIENCE_NS;
	one->session = session;
	return one->text;
}

static uint64_t session_of(struct nodes *nodes, const uint8_t *id)
{
	const struct node *node;
	uint64_t session;

	nodes_lock(nodes, id);
	node = nodes_find(nodes, id);
	session = node ? wishes_takes(node) : 0;
	nodes_unlock(nodes, id);
	return session;
}

/* The next one that is to be told; its request is ready. */
static struct wish *next_untold(struct wishes *w, struct nodes *nodes,
				uint64_t now_ns)
{
	struct wish *one;
	uint64_t session;

	pthread_mutex_lock(&w->lock);
	for (one = w->first; one; one = one->next) {
		if (one->text || now_ns < one->next_ns)
			continue;
		session = session_of(nodes, one->node);
		one->next_ns = now_ns + 1; /* not again in this round */
		if (session && session != one->told &&
		    begin_telling(w, one, session, now_ns))
			break;
	}
	pthread_mutex_unlock(&w->lock);
	return one;
}

void wishes_tick(struct wishes *w, struct relay *relay, struct nodes *nodes,
		 uint64_t now_ns)
{
	struct wish *one;

	while ((one = next_untold(w, nodes, now_ns)))
		if (!relay_ask(relay, &one->request)) {
			one->request.fate = RELAY_NOT_SENT;
			told(&one->request);
			break;
		}
}

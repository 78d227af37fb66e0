// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plays a fleet (bench/feeds/fleet.h) to a server on this host, as fast as that
 * takes it, and ends when it has taken all.
 *
 *   collect_feed ktach|ktach-tcp|ktach-paced|collectd|redis|influx PORT NODES
 * SECONDS
 *
 * A paced one sends as shippers do: each second frames of a fifth of the nodes.
 *
 * Each second of each node is one sample. Datagrams wait while the server's
 * socket has more than a quarter of its room in use (/proc/net/udp); one that
 * was dropped nevertheless ends the program with an error. Prints the values
 * that were sent.
 */
#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/feeds/fleet_wires.h"
#include "lib/base/clock.h"

enum {
  SERIES = 5,           /* samples a frame, as shippers send them */
  QUEUE_MAX = 64 << 10, /* bytes that wait in the server's socket */
  LOOK_EVERY = 8,       /* datagrams */
  BATCH = 4 << 20,      /* bytes of a request */
};

static struct {
  int fd;
  uint16_t port;
  uint32_t nodes;
  uint32_t seconds;
  struct fleet_host *hosts;
  uint64_t sent;
  uint64_t session;
} f;

/* Bytes that wait for the server, and its drops. */
static unsigned long waiting(unsigned long *drops) {
  char line[512];
  unsigned int port, queue;
  unsigned long all = 0;
  FILE *file = fopen("/proc/net/udp", "re");

  *drops = 0;
  while (file && fgets(line, sizeof(line), file)) {
    if (sscanf(line, " %*d: %*8x:%x %*x:%*x %*x %*x:%x", &port, &queue) != 2 ||
        port != f.port)
      continue;
    all += queue;
    *drops += strtoul(strrchr(line, ' ') + 0, NULL, 10);
  }
  if (file)
    fclose(file);
  return all;
}

static void wait_until_taken(unsigned long left) {
  unsigned long drops;

  while (waiting(&drops) > left)
    usleep(200);
  if (drops)
    errx(1, "the server dropped %lu datagrams", drops);
}

static void send_datagram(const void *data, size_t size) {
  if (send(f.fd, data, size, 0) != (ssize_t)size)
    err(1, "send");
  if (++f.sent % LOOK_EVERY == 0)
    wait_until_taken(QUEUE_MAX);
}

static void send_all(const void *data, size_t size) {
  const char *at = data;
  ssize_t n;

  for (; size; size -= (size_t)n, at += n) {
    n = send(f.fd, at, size, MSG_NOSIGNAL);
    if (n < 0)
      err(1, "send");
  }
}

/* --- ktach: frames of several samples. By TCP all have to be acknowledged. */
static size_t make_frame(uint8_t *frame, uint32_t number, uint64_t sequence) {
  static struct wire_encoder encoder;
  static struct fleet_host samples[SERIES];
  struct wire_sender sender = {.session = f.session};
  struct wire_table tables[SERIES][FLEET_TABLES], one[SERIES];
  uint32_t id = number + 1;
  int i, t;

  for (i = 0; i < SERIES; i++) {
    fleet_step(&f.hosts[number]);
    samples[i] = f.hosts[number];
    fleet_tables(&samples[i], tables[i]);
  }
  wire_begin(&encoder, frame, WIRE_FRAME_MAX, f.hosts[number].real_ns);
  for (t = 0; t < FLEET_TABLES; t++) {
    for (i = 0; i < SERIES; i++)
      one[i] = tables[i][t];
    if (wire_put_series(&encoder, one, SERIES, 0) != one[0].rows)
      errx(1, "a frame has no room");
  }
  memcpy(sender.node, &id, sizeof(id));
  return wire_finish(&encoder, &sender, sequence);
}

/* A node's connection, as every shipper has one of its own. */
struct sender {
  int fd;
  uint64_t acknowledged;
  uint8_t in[4096];
  size_t used;
};

static void take_acks(struct sender *s, int flags) {
  ssize_t n = recv(s->fd, s->in + s->used, sizeof(s->in) - s->used, flags);
  struct wire_frame ack;
  size_t size, at = 0;

  if (!n)
    errx(1, "the collector closed a connection");
  if (n < 0)
    return;
  s->used += (size_t)n;
  while (!wire_size(s->in + at, s->used - at, &size) && size <= s->used - at) {
    if (wire_open(&ack, s->in + at, size))
      errx(1, "a broken acknowledgement");
    s->acknowledged = ack.sequence;
    at += size;
  }
  s->used -= at;
  memmove(s->in, s->in + at, s->used);
}

static int connect_to(int type) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons(f.port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, type, 0);

  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
    err(1, "port %u", f.port);
  return fd;
}

static void play_ktach(void) {
  static uint8_t frame[WIRE_FRAME_MAX];
  uint64_t sequence;
  uint32_t i;

  for (sequence = 1; sequence <= f.seconds / SERIES; sequence++)
    for (i = 0; i < f.nodes; i++)
      send_datagram(frame, make_frame(frame, i, sequence));
}

/* Until what is due by now of all frames is one more than were sent. */
static void pace(uint64_t begun_ns, uint64_t sent) {
  uint64_t due_ns = begun_ns + sent * SERIES * UINT64_C(1000000000) / f.nodes;
  uint64_t now = clock_mono_ns();

  if (now < due_ns)
    usleep((useconds_t)((due_ns - now) / 1000));
}

/* Ends when all is acknowledged. */
static void play_tcp(bool paced) {
  uint64_t begun_ns = clock_mono_ns();
  struct sender *senders = calloc(f.nodes, sizeof(*senders));
  static uint8_t frame[WIRE_FRAME_MAX];
  uint64_t sequence, last = f.seconds / SERIES;
  uint32_t i;

  for (i = 0; senders && i < f.nodes; i++)
    senders[i].fd = connect_to(SOCK_STREAM);
  for (sequence = 1; senders && sequence <= last; sequence++) {
    for (i = 0; i < f.nodes; i++) {
      if (paced)
        pace(begun_ns, (sequence - 1) * f.nodes + i);
      f.fd = senders[i].fd;
      send_all(frame, make_frame(frame, i, sequence));
      take_acks(&senders[i], MSG_DONTWAIT);
    }
  }
  for (i = 0; senders && i < f.nodes; i++)
    while (senders[i].acknowledged != last)
      take_acks(&senders[i], 0);
  free(senders);
}

static void play_ktach_tcp(void) { play_tcp(false); }

static void play_ktach_paced(void) { play_tcp(true); }

static void play_collectd(void) {
  static struct fleet_text t;
  uint32_t second, i, d;
  size_t from;

  for (second = 0; second < f.seconds; second++) {
    for (i = 0; i < f.nodes; i++) {
      t.used = 0;
      t.datagrams = 0;
      fleet_step(&f.hosts[i]);
      fleet_collectd(&t, i, &f.hosts[i]);
      for (d = 0, from = 0; d < t.datagrams; d++) {
        send_datagram(t.data + from, t.datagram_end[d] - from);
        from = t.datagram_end[d];
      }
    }
  }
}

/* An answer of one line a command: so many of them. */
static void read_lines(uint32_t count) {
  char in[65536];
  ssize_t n, i;

  while (count) {
    n = recv(f.fd, in, sizeof(in), 0);
    if (n <= 0)
      err(1, "recv");
    for (i = 0; i < n; i++) {
      if (in[i] == '-')
        errx(1, "redis: %.*s", (int)(n - i), in + i);
      count -= in[i] == '\n' && count;
    }
  }
}

/* Pipelined: a hundred samples wait for their answers at once. */
static void play_redis(void) {
  static struct fleet_text t;
  uint32_t second, i, open = 0;

  for (second = 0; second < f.seconds; second++) {
    for (i = 0; i < f.nodes; i++) {
      t.used = 0;
      fleet_step(&f.hosts[i]);
      fleet_redis(&t, i, &f.hosts[i]);
      send_all(t.data, t.used);
      if (++open == 100) {
        read_lines(open);
        open = 0;
      }
    }
  }
  read_lines(open);
}

static void post(const char *body, size_t size) {
  char head[256], answer[1024];
  int n = snprintf(head, sizeof(head),
                   "POST /write HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   size);

  send_all(head, (size_t)n);
  send_all(body, size);
  if (recv(f.fd, answer, sizeof(answer), 0) < 12 ||
      memcmp(answer + 9, "204", 3))
    errx(1, "influx: not taken: %.60s", answer);
}

static void play_influx(void) {
  static char body[BATCH + FLEET_WIRE_MAX];
  static struct fleet_text t;
  uint32_t second, i;
  size_t used = 0;

  for (second = 0; second < f.seconds; second++) {
    for (i = 0; i < f.nodes; i++) {
      t.used = 0;
      fleet_step(&f.hosts[i]);
      fleet_influx(&t, i, &f.hosts[i]);
      memcpy(body + used, t.data, t.used);
      used += t.used;
      if (used >= BATCH) {
        post(body, used);
        used = 0;
      }
    }
  }
  if (used)
    post(body, used);
}

static const struct {
  const char *name;
  int tcp;
  void (*play)(void);
} wires[] = {
    {"ktach", 0, play_ktach},
    {"ktach-tcp", 1, play_ktach_tcp},
    {"ktach-paced", 1, play_ktach_paced},
    {"collectd", 0, play_collectd},
    {"redis", 1, play_redis},
    {"influx", 1, play_influx},
};

/* The hour before this one: VictoriaMetrics takes none from the future. A paced
 * one sends what has just been.
 */
static void begin(bool paced) {
  uint64_t hour_ns = UINT64_C(3600000000000), now_ns = clock_real_ns();
  uint32_t i;

  f.session = clock_real_ns();
  f.hosts = calloc(f.nodes, sizeof(*f.hosts));
  if (!f.hosts)
    errx(1, "memory is short");
  if (!paced)
    now_ns = now_ns / hour_ns * hour_ns - hour_ns;
  for (i = 0; i < f.nodes; i++)
    fleet_begin(&f.hosts[i], i, now_ns);
}

int main(int argc, char **argv) {
  size_t i;

  if (argc != 5)
    errx(2, "usage: see the source");
  f.port = (uint16_t)atoi(argv[2]);
  f.nodes = (uint32_t)strtoul(argv[3], NULL, 10);
  f.seconds = (uint32_t)strtoul(argv[4], NULL, 10) / SERIES * SERIES;
  for (i = 0; i < sizeof(wires) / sizeof(wires[0]); i++)
    if (!strcmp(argv[1], wires[i].name))
      break;
  if (i == sizeof(wires) / sizeof(wires[0]))
    errx(2, "%s: no such wire", argv[1]);
  f.fd = connect_to(wires[i].tcp ? SOCK_STREAM : SOCK_DGRAM);
  begin(wires[i].play == play_ktach_paced);
  wires[i].play();
  if (!wires[i].tcp)
    wait_until_taken(0);
  printf("%" PRIu64 "\n", fleet_values() * f.nodes * f.seconds);
  return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a frame's send costs by io_uring: as the shipper does it, with zero-copy,
 * and with zero-copy from a registered buffer. Datagrams leave through a device
 * whose other end drops them; bench/send.sh makes it.
 */
#include <arpa/inet.h>
#include <err.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	SENDS = 4000,
	ROUNDS = 5, /* the best of these counts */
	QUEUE = 1 << 20, /* bytes, the shipper's default */
	PAGE = 4096,
};

enum way {
	PLAIN,
	ZERO_COPY,
	REGISTERED,
	WAYS
};

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void prepare(struct io_uring_sqe *sqe, enum way way, int fd,
		    const void *frame, size_t size)
{
	switch (way) {
	case PLAIN:
		io_uring_prep_send(sqe, fd, frame, size, 0);
		break;
	case ZERO_COPY:
		io_uring_prep_send_zc(sqe, fd, frame, size, 0, 0);
		break;
	default:
		io_uring_prep_send_zc_fixed(sqe, fd, frame, size, 0, 0, 0);
	}
}

/* With zero-copy a second completion tells that the buffer is free. */
static void complete(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;
	bool more = true;

	while (more) {
		if (io_uring_wait_cqe(ring, &cqe))
			errx(1, "no completion");
		more = cqe->flags & IORING_CQE_F_MORE;
		if (cqe->res < 0 && !(cqe->flags & IORING_CQE_F_NOTIF))
			errx(1, "send: %s", strerror(-cqe->res));
		io_uring_cqe_seen(ring, cqe);
	}
}

static double send_ns(struct io_uring *ring, enum way way, int fd,
		      const void *frame, size_t size)
{
	uint64_t begin_ns = cpu_ns();
	int i;

	for (i = 0; i < SENDS; i++) {
		prepare(io_uring_get_sqe(ring), way, fd, frame, size);
		io_uring_submit_and_wait(ring, 1);
		complete(ring);
	}
	return (double)(cpu_ns() - begin_ns) / SENDS;
}

static void measure(struct io_uring *ring, int fd, const void *frame,
		    size_t size)
{
	double best[WAYS], ns;
	int round, way;

	for (round = 0; round < ROUNDS; round++)
		for (way = PLAIN; way < WAYS; way++) {
			ns = send_ns(ring, way, fd, frame, size);
			if (!round || ns < best[way])
				best[way] = ns;
		}
	printf("%5zu B: %5.0f ns; with zero-copy %.2f times, from a registered buffer %.2f times as much\n",
	       size, best[PLAIN], best[ZERO_COPY] / best[PLAIN],
	       best[REGISTERED] / best[PLAIN]);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 600, 1472, 8000, 16000 };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(4766) };
	struct iovec queue = { aligned_alloc(PAGE, QUEUE), QUEUE };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct io_uring ring;
	size_t i;

	if (argc != 2 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "argument: ADDRESS");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", argv[1]);
	memset(queue.iov_base, 1, QUEUE);
	if (io_uring_queue_init(8, &ring, 0) ||
	    io_uring_register_buffers(&ring, &queue, 1))
		errx(1, "no io_uring with registered buffers here");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		measure(&ring, fd, queue.iov_base, sizes[i]);
	printf("# a registered queue stays resident: %d kB\n", QUEUE / 1024);
	return 0;
}

/* A link with a round trip, as a real one has it: the client's side is a network namespace of its own, and each packet between it
 * and the rest of the machine waits half a round trip. So TCP's handshakes, Nagle's algorithm and delayed acknowledgements cost what
 * they cost on a real link. Needs Linux and root.
 *
 *   far HALF_MS HERE THERE    addresses of this side and of the client's; "ready PID" when the namespace of PID is the client's
 *
 * It ends with its standard input. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WAITING = 4096, MOST_BYTES = 2048 };

struct packet {
    long long due_ns;
    int to;
    int length;
    char octets[MOST_BYTES];
};

/* Both ways wait equally long, so what came first is due first. */
static struct packet waiting[MOST_WAITING];
static unsigned first, last;

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void die(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    exit(1);
}

/* A device in the namespace that this process is in now, with its address and the one at its other end. */
static int open_device(const char *own, const char *other)
{
    struct ifreq request;
    char command[300];
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) die("/dev/net/tun");
    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    strcpy(request.ifr_name, "far%d");
    if (ioctl(fd, TUNSETIFF, &request) < 0) die("TUNSETIFF");
    snprintf(command, sizeof command, "ip address add %s peer %s dev %s && ip link set lo up && ip link set %s up",
             own, other, request.ifr_name, request.ifr_name);
    if (system(command) != 0) {
        errno = EINVAL;
        die(command);
    }
    return fd;
}

static void take(int from, int to, long long half_ns)
{
    for (;;) {
        struct packet *packet = &waiting[last % MOST_WAITING];
        if (last - first == MOST_WAITING) return;
        int length = read(from, packet->octets, MOST_BYTES);
        if (length <= 0) return;
        packet->length = length;
        packet->to = to;
        packet->due_ns = now_ns() + half_ns;
        last++;
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: far HALF_MS HERE THERE\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    long long half_ns = (long long) (atof(argv[1]) * 1e6);
    int here = open_device(argv[2], argv[3]);
    if (unshare(CLONE_NEWNET) != 0) die("unshare");
    int there = open_device(argv[3], argv[2]);
    printf("ready %d\n", (int) getpid());
    struct pollfd polled[3] = { { here, POLLIN, 0 }, { there, POLLIN, 0 }, { 0, POLLIN, 0 } };
    for (;;) {
        struct timespec wait = { 60, 0 };
        if (first != last) {
            long long left = waiting[first % MOST_WAITING].due_ns - now_ns();
            wait.tv_sec = 0;
            wait.tv_nsec = left < 0 ? 0 : left;
        }
        ppoll(polled, 3, &wait, NULL);
        for (; first != last && waiting[first % MOST_WAITING].due_ns <= now_ns(); first++) {
            struct packet *packet = &waiting[first % MOST_WAITING];
            if (write(packet->to, packet->octets, packet->length) < 0) continue;
        }
        take(here, there, half_ns);
        take(there, here, half_ns);
        char octets[64];
        if (polled[2].revents != 0 && read(0, octets, sizeof octets) <= 0) return 0;
    }
}

/* The peer of the remctl workloads: libremctl as a program would use it. */
#include "bench.h"

#include <sys/uio.h>

#include <remctl.h>

struct target {
    const char *host;
    unsigned short port;
    const char *principal;
};

static size_t drain(struct remctl *r)
{
    size_t total = 0;
    for (;;) {
        struct remctl_output *out = remctl_output(r);
        if (out == NULL)
            fail("output", remctl_error(r));
        if (out->type == REMCTL_OUT_OUTPUT)
            total += out->length;
        else if (out->type == REMCTL_OUT_ERROR)
            fail("command", out->data);
        else if (out->type == REMCTL_OUT_STATUS)
            return total;
        else
            return total;
    }
}

static struct remctl *open_session(const struct target *t)
{
    struct remctl *r = remctl_new();
    if (r == NULL || !remctl_open(r, t->host, t->port, t->principal))
        fail("open", r == NULL ? "no memory" : remctl_error(r));
    return r;
}

/* What remctl_command does with a command of words. */
static size_t run(struct remctl *r, const char **words)
{
    if (!remctl_command(r, words))
        fail("command", remctl_error(r));
    return drain(r);
}

static void one_shot(const struct target *t, const char **words)
{
    struct remctl *r = open_session(t);
    run(r, words);
    remctl_close(r);
}

/* A command whose last argument is `bytes` octets. */
static void run_with_input(struct remctl *r, const char **words, size_t bytes)
{
    struct iovec iov[MAX_ARGS];
    size_t n = 0;
    for (; words[n] != NULL; n++) {
        iov[n].iov_base = (void *) words[n];
        iov[n].iov_len = strlen(words[n]);
    }
    char *input = malloc(bytes);
    if (input == NULL)
        fail("input", "no memory");
    memset(input, 'x', bytes);
    iov[n].iov_base = input;
    iov[n].iov_len = bytes;
    if (!remctl_commandv(r, iov, n + 1))
        fail("command", remctl_error(r));
    drain(r);
    free(input);
}

/* Children that wait with their sessions open until this end is closed. */
static int gate = -1;

/* Starts as many clients as commands, and returns when each has run one and keeps its session. */
static void hold(const struct target *t, const char **words, long count)
{
    int ready[2], wait_on[2];
    if (pipe(ready) != 0 || pipe(wait_on) != 0)
        fail("pipe", "refused");
    for (long i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid < 0)
            fail("fork", "refused");
        if (pid > 0)
            continue;
        close(wait_on[1]);
        struct remctl *r = open_session(t);
        run(r, words);
        char octet = 0;
        if (write(ready[1], &octet, 1) == 1 && read(wait_on[0], &octet, 1) == 0)
            remctl_close(r);
        _exit(0);
    }
    close(ready[1]);
    close(wait_on[0]);
    gate = wait_on[1];
    char octet;
    for (long i = 0; i < count; i++)
        if (read(ready[0], &octet, 1) != 1)
            fail("hold", "a client failed");
    close(ready[0]);
}

/* Arguments: host port principal, then the words of the command; input: octets of the last argument first. */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock)
{
    if (argc < 3)
        fail(operation, "host port principal word...");
    struct target t = {argv[0], (unsigned short) atoi(argv[1]), argv[2]};
    const char *words[MAX_ARGS + 1];
    int first = strcmp(operation, "input") == 0 ? 4 : 3;
    int n = 0;
    for (int i = first; i < argc; i++)
        words[n++] = argv[i];
    words[n] = NULL;
    if (strcmp(operation, "one-shot") == 0) {
        start_clock(clock);
        for (long i = 0; i < count; i++)
            one_shot(&t, words);
        stop_clock(clock);
    } else if (strcmp(operation, "keep-alive") == 0) {
        struct remctl *r = open_session(&t);
        start_clock(clock);
        for (long i = 0; i < count; i++)
            run(r, words);
        stop_clock(clock);
        remctl_close(r);
    } else if (strcmp(operation, "input") == 0) {
        struct remctl *r = open_session(&t);
        start_clock(clock);
        for (long i = 0; i < count; i++)
            run_with_input(r, words, (size_t) atol(argv[3]));
        stop_clock(clock);
        remctl_close(r);
    } else if (strcmp(operation, "forked") == 0) {
        /* As many clients as commands, each a process of its own, all at once. */
        start_clock(clock);
        long running = 0;
        for (long i = 0; i < count; i++) {
            pid_t pid = fork();
            if (pid < 0)
                fail("fork", "refused");
            if (pid == 0) {
                one_shot(&t, words);
                _exit(0);
            }
            running++;
        }
        while (running > 0 && wait(NULL) > 0)
            running--;
        stop_clock(clock);
    } else if (strcmp(operation, "hold") == 0) {
        hold(&t, words, count);
    } else if (strcmp(operation, "release") == 0) {
        close(gate);
        while (wait(NULL) > 0)
            continue;
    } else {
        return 0;
    }
    return 1;
}

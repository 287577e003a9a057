/* What the C peers have in common: they take one line "operation count argument..." at a time and answer with one line
 * "wall_ns cpu_ns [key=value...]". */
#ifndef BENCH_H
#define BENCH_H
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ARGS 16

struct clock {
    uint64_t wall;
    uint64_t cpu;
};

static inline uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static inline uint64_t cpu_ns(void)
{
    struct rusage own, children;
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return 1000u
           * ((uint64_t) (own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec
                          + children.ru_stime.tv_sec)
                  * 1000000u
              + (uint64_t) (own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec
                            + children.ru_stime.tv_usec));
}

static inline void start_clock(struct clock *c)
{
    c->cpu = cpu_ns();
    c->wall = wall_ns();
}

static inline void stop_clock(struct clock *c)
{
    c->wall = wall_ns() - c->wall;
    c->cpu = cpu_ns() - c->cpu;
}

/* Ends the program: the bench shows the words and marks the row. */
static inline void fail(const char *what, const char *why)
{
    printf("error %s: %s\n", what, why != NULL ? why : "");
    fflush(stdout);
    exit(1);
}

/* The program's own: runs an operation and fills in the clock; returns 0 for an operation that it does not know. */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock);

int main(void)
{
    static char line[65536];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *argv[MAX_ARGS];
        int argc = 0;
        char *save = NULL;
        for (char *word = strtok_r(line, " \n", &save); word != NULL && argc < MAX_ARGS;
             word = strtok_r(NULL, " \n", &save))
            argv[argc++] = word;
        if (argc < 2)
            fail("request", "an operation and a count are needed");
        struct clock clock = {0, 0};
        if (!perform(argv[0], atol(argv[1]), argc - 2, argv + 2, &clock))
            fail("request", "no such operation");
        printf("%llu %llu\n", (unsigned long long) clock.wall, (unsigned long long) clock.cpu);
        fflush(stdout);
    }
    return 0;
}

#endif

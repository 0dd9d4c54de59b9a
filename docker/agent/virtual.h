/* What the agent and the clock shim share: one page of memory, and how a wait on the virtual clock looks.
 *
 * Virtual time V counts nanoseconds from the shell's first prompt. The agent alone moves it, while every program
 * sleeps; programs read it through the shim. */
#ifndef VIRTUAL_H
#define VIRTUAL_H

#if !defined(__x86_64__) || !defined(__linux__)
#error "the agent reads and writes x86-64 registers and system call numbers: build it on Linux, x86-64"
#endif

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_PAGE "/dev/shm/tracekit-clock"
#define CLOCK_PAGE_LAYOUT 0x7472616b69740001ULL

#define NS_PER_S 1000000000LL

/* The monotonic clocks start here: above any true uptime, so that the kernel never ends an absolute wait by itself. */
#define MONOTONIC_BASE_S 1000000000LL

/* A wait as the shim hands it to the kernel. The kernel is told "for ever" and only the agent ends the wait, so that
 * none ends early on a slow machine. The pointer to `kernel` is the system call's argument, which the agent reads;
 * the deadline stays right when the kernel restarts the call or writes the remaining time back. */
#define WAIT_MARK 0x746972657477616bULL
#define FOREVER_S 100000000LL
struct wait {
    struct timespec kernel;
    uint64_t mark;
    int64_t deadline_ns;
};

/* epoll_wait takes milliseconds by value: those of the virtual clock have this added. */
#define EPOLL_FOREVER_MS 1000000000

/* A timer that a program has armed and that the agent fires: alarm and setitimer, timer_create, timerfd. */
enum timer_kind { INTERVAL_TIMER = 1, POSIX_TIMER, TIMER_FD };
#define TIMERS 256
struct timer {
    _Atomic int32_t pid; /* 0: free */
    int32_t kind;
    int32_t signal;
    int32_t descriptor;
    union sigval value;
    int64_t deadline_ns; /* of V; negative: not armed */
    int64_t interval_ns;
};

/* V became `virtual_ns` at `real_ns` of the real clock: how the kernel's file times are put on the virtual clock. */
struct instant {
    int64_t real_ns;
    int64_t virtual_ns;
};
#define INSTANTS 65536

/* What a program does that can't be repeated to the byte. */
enum { NOTES_INNER_TERMINAL = 1, NOTES_PROCESS_TIMES = 2, NOTES_TIMER_FD = 4, NOTES_TIMERS_FULL = 8 };

struct clock_page {
    uint64_t layout;
    int32_t is_virtual;     /* 0: programs see the real clock, and only chance is seeded */
    int32_t fires_timer_fd; /* whether the agent can reach another process's descriptors */
    int64_t epoch_s;        /* the calendar's time at V = 0 */
    int64_t start_real_ns;
    uint64_t seed;
    _Atomic int64_t now_ns;
    _Atomic uint32_t notes;
    _Atomic uint32_t opened_random;
    _Atomic uint32_t instants;
    struct timer timers[TIMERS];
    struct instant instant[INSTANTS];
};

#endif

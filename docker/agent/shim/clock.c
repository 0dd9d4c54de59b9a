#include "shim.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int64_t time_ns(const struct timespec *time)
{
    int64_t most = INT64_MAX / NS_PER_S / 4;
    return (time->tv_sec < most ? time->tv_sec : most) * NS_PER_S + time->tv_nsec;
}

struct timespec time_of(int64_t ns)
{
    return (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
}

int64_t timeval_ns(const struct timeval *time)
{
    return time_ns(&(struct timespec){time->tv_sec, 0}) + time->tv_usec * 1000;
}

struct timeval timeval_of(int64_t ns)
{
    return (struct timeval){ns / NS_PER_S, ns % NS_PER_S / 1000};
}

static int64_t base_s(const struct clock_page *page, clockid_t clock)
{
    bool calendar = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ||
                    clock == CLOCK_REALTIME_ALARM;
    return calendar ? page->epoch_s : MONOTONIC_BASE_S;
}

int64_t virtual_ns(const struct clock_page *page, clockid_t clock, const struct timespec *time)
{
    return time_ns(time) - base_s(page, clock) * NS_PER_S;
}

static struct timespec now(const struct clock_page *page, clockid_t clock)
{
    spin();
    struct timespec time = time_of(page->now_ns);
    time.tv_sec += base_s(page, clock);
    return time;
}

PUBLIC int clock_gettime(clockid_t clock, struct timespec *time)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(clock_gettime)(clock, time);
    if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0)
        *time = (struct timespec){0, 0}; /* work takes no time; negative clocks are those of processes */
    else if (clock > CLOCK_TAI)
        return NEXT(clock_gettime)(clock, time);
    else
        *time = now(page, clock);
    return 0;
}

PUBLIC int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(gettimeofday)(time, zone);
    struct timespec exact = now(page, CLOCK_REALTIME);
    *time = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    if (zone)
        *(struct timezone *)zone = (struct timezone){0, 0};
    return 0;
}

PUBLIC time_t time(time_t *into)
{
    struct clock_page *page = virtual_page();
    time_t seconds = page ? now(page, CLOCK_REALTIME).tv_sec : NEXT(time)(NULL);
    if (into)
        *into = seconds;
    return seconds;
}

PUBLIC int timespec_get(struct timespec *time, int base)
{
    struct clock_page *page = virtual_page();
    if (!page || base != TIME_UTC)
        return NEXT(timespec_get)(time, base);
    *time = now(page, CLOCK_REALTIME);
    return base;
}

PUBLIC clock_t clock(void)
{
    return virtual_page() ? 0 : NEXT(clock)();
}

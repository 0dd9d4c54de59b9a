/* Sleeping and waiting with a timeout. The kernel is told to wait for ever, and the agent ends the wait when its time
 * is up (virtual.h). Waits until an instant of the calendar are put on the monotonic clock, as the kernel's calendar
 * may be anywhere, and its monotonic clock is far behind. */
#include "shim.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system call as a cancellation point. One that has looked without waiting, in vain, may be part of a busy loop. */
#define BLOCKING(timeout, ...)                                                                                        \
    ({                                                                                                                \
        int kept_type;                                                                                                \
        const struct timespec *given = timeout;                                                                       \
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &kept_type);                                               \
        long result = syscall(__VA_ARGS__);                                                                           \
        pthread_setcanceltype(kept_type, NULL);                                                                       \
        if (result == 0 && given && !given->tv_sec && !given->tv_nsec)                                                \
            spin();                                                                                                   \
        result;                                                                                                       \
    })

/* How the kernel is told to wait for `timeout`: for ever, and what is zero or not valid as it is. */
static struct timespec *until(struct wait *wait, const struct clock_page *page, const struct timespec *timeout)
{
    if (!timeout)
        return NULL;
    *wait = (struct wait){.kernel = *timeout};
    bool valid = timeout->tv_sec >= 0 && timeout->tv_nsec >= 0 && timeout->tv_nsec < NS_PER_S;
    if (valid && (timeout->tv_sec || timeout->tv_nsec))
        *wait = (struct wait){{FOREVER_S, 0}, WAIT_MARK, page->now_ns + time_ns(timeout)};
    return &wait->kernel;
}

static int64_t left_ns(const struct wait *wait, const struct clock_page *page)
{
    int64_t left = wait->mark == WAIT_MARK ? wait->deadline_ns - page->now_ns : 0;
    return left > 0 ? left : 0;
}

/* 0 or an errno, as clock_nanosleep. */
static int sleep_for(const struct clock_page *page, const struct timespec *time, struct timespec *left)
{
    struct wait wait;
    int kept = errno;
    struct timespec unused;
    if (!BLOCKING(time, SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, until(&wait, page, time), &unused))
        return 0;
    int problem = errno;
    errno = kept;
    if (left && problem == EINTR)
        *left = time_of(left_ns(&wait, page));
    return problem;
}

PUBLIC int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    struct clock_page *page = virtual_page();
    if (!page || clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
        return NEXT(clock_nanosleep)(clock, flags, time, left);
    if (!(flags & TIMER_ABSTIME))
        return sleep_for(page, time, left);
    int64_t for_ns = virtual_ns(page, clock, time) - page->now_ns;
    struct timespec duration = time_of(for_ns > 0 ? for_ns : 0);
    return sleep_for(page, &duration, NULL);
}

PUBLIC int nanosleep(const struct timespec *time, struct timespec *left)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(nanosleep)(time, left);
    int problem = sleep_for(page, time, left);
    if (problem)
        errno = problem;
    return problem ? -1 : 0;
}

PUBLIC unsigned sleep(unsigned seconds)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(sleep)(seconds);
    struct timespec left;
    int problem = sleep_for(page, &(struct timespec){seconds, 0}, &left);
    return problem ? (unsigned)(left.tv_sec + (left.tv_nsec >= NS_PER_S / 2)) : 0;
}

PUBLIC int usleep(useconds_t us)
{
    struct timespec time = time_of(us * 1000LL);
    return nanosleep(&time, NULL);
}

PUBLIC int ppoll(struct pollfd *ends, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(ppoll)(ends, count, timeout, mask);
    struct wait wait;
    return (int)BLOCKING(timeout, SYS_ppoll, ends, count, until(&wait, page, timeout), mask, _NSIG / 8);
}

PUBLIC int poll(struct pollfd *ends, nfds_t count, int ms)
{
    if (!virtual_page())
        return NEXT(poll)(ends, count, ms);
    struct timespec timeout = time_of(ms * 1000000LL);
    return ppoll(ends, count, ms < 0 ? NULL : &timeout, NULL);
}

/* What poll and ppoll become where a program was built with _FORTIFY_SOURCE; the size was checked by the kernel too. */
PUBLIC int __poll_chk(struct pollfd *ends, nfds_t count, int ms, __SIZE_TYPE__ room)
{
    (void)room;
    return poll(ends, count, ms);
}

PUBLIC int __ppoll_chk(struct pollfd *ends, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
                       __SIZE_TYPE__ room)
{
    (void)room;
    return ppoll(ends, count, timeout, mask);
}

static int select_until(int count, fd_set *sets[3], struct timespec *timeout, const sigset_t *mask)
{
    struct {
        const sigset_t *mask;
        __SIZE_TYPE__ size;
    } signals = {mask, _NSIG / 8};
    return (int)BLOCKING(timeout, SYS_pselect6, count, sets[0], sets[1], sets[2], timeout, mask ? &signals : NULL);
}

PUBLIC int pselect(int count, fd_set *restrict reads, fd_set *restrict writes, fd_set *restrict others,
                   const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(pselect)(count, reads, writes, others, timeout, mask);
    struct wait wait;
    return select_until(count, (fd_set *[]){reads, writes, others}, until(&wait, page, timeout), mask);
}

PUBLIC int select(int count, fd_set *restrict reads, fd_set *restrict writes, fd_set *restrict others,
                  struct timeval *restrict timeout)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(select)(count, reads, writes, others, timeout);
    struct wait wait;
    struct timespec time;
    if (timeout)
        time = (struct timespec){timeout->tv_sec + timeout->tv_usec / 1000000, timeout->tv_usec % 1000000 * 1000};
    struct timespec *end = until(&wait, page, timeout ? &time : NULL);
    int ready = select_until(count, (fd_set *[]){reads, writes, others}, end, NULL);
    if (timeout)
        *timeout = timeval_of(left_ns(&wait, page)); /* as Linux does */
    return ready;
}

static int virtual_ms(int ms)
{
    if (!virtual_page() || ms <= 0)
        return ms;
    return ms < INT32_MAX - EPOLL_FOREVER_MS ? ms + EPOLL_FOREVER_MS : INT32_MAX;
}

PUBLIC int epoll_wait(int epoll, struct epoll_event *events, int most, int ms)
{
    return epoll_pwait(epoll, events, most, ms, NULL);
}

PUBLIC int epoll_pwait(int epoll, struct epoll_event *events, int most, int ms, const sigset_t *mask)
{
    int ready = NEXT(epoll_pwait)(epoll, events, most, virtual_ms(ms), mask);
    if (!ready && !ms && virtual_page())
        spin();
    return ready;
}

PUBLIC int epoll_pwait2(int epoll, struct epoll_event *events, int most, const struct timespec *timeout,
                        const sigset_t *mask)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(epoll_pwait2)(epoll, events, most, timeout, mask);
    struct wait wait;
    return (int)BLOCKING(timeout, SYS_epoll_pwait2, epoll, events, most, until(&wait, page, timeout), mask, _NSIG / 8);
}

PUBLIC int sigtimedwait(const sigset_t *restrict signals, siginfo_t *restrict what,
                        const struct timespec *restrict timeout)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(sigtimedwait)(signals, what, timeout);
    struct wait wait;
    siginfo_t unused;
    siginfo_t *into = what ? what : &unused;
    long found = BLOCKING(timeout, SYS_rt_sigtimedwait, signals, into, until(&wait, page, timeout), _NSIG / 8);
    if (found > 0 && into->si_code == SI_TKILL)
        into->si_code = SI_USER; /* as the C library does */
    return (int)found;
}

/* An instant of the calendar on the monotonic clock. A condition that was made for the monotonic clock gets its
 * instants on that: they lie before the calendar's. */
static bool on_calendar(const struct timespec *time, struct timespec *monotonic)
{
    struct clock_page *page = virtual_page();
    if (!page || time->tv_sec < page->epoch_s)
        return false;
    *monotonic = (struct timespec){time->tv_sec - page->epoch_s + MONOTONIC_BASE_S, time->tv_nsec};
    return true;
}

PUBLIC int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                  const struct timespec *restrict time)
{
    struct timespec monotonic;
    if (on_calendar(time, &monotonic))
        return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &monotonic);
    return NEXT(pthread_cond_timedwait)(condition, mutex, time);
}

PUBLIC int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict time)
{
    struct timespec monotonic;
    if (on_calendar(time, &monotonic))
        return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &monotonic);
    return NEXT(pthread_mutex_timedlock)(mutex, time);
}

PUBLIC int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict time)
{
    struct timespec monotonic;
    if (on_calendar(time, &monotonic))
        return sem_clockwait(semaphore, CLOCK_MONOTONIC, &monotonic);
    return NEXT(sem_timedwait)(semaphore, time);
}

/* Timers that a program arms and then sleeps without a timeout: the agent keeps them, and sends the signal when V gets
 * there. The kernel keeps what is left: timers of processor time, and those that start threads (SIGEV_THREAD), which
 * programs use against hanging. */
#include "shim.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Our POSIX timers' ids: the C library's are small numbers, or addresses with the highest bit set. */
#define FIRST_ID 0x74696d00L

static struct timer *claim(struct clock_page *page, int kind)
{
    for (struct timer *timer = page->timers; timer < page->timers + TIMERS; timer++) {
        int32_t nobody = 0;
        if (timer->pid || !atomic_compare_exchange_strong(&timer->pid, &nobody, -1))
            continue;
        timer->kind = kind;
        timer->deadline_ns = -1;
        timer->interval_ns = 0;
        timer->pid = getpid();
        return timer;
    }
    note(NOTES_TIMERS_FULL);
    return NULL;
}

static struct timer *mine(struct clock_page *page, int kind, int descriptor)
{
    for (struct timer *timer = page->timers; timer < page->timers + TIMERS; timer++)
        if (timer->pid == getpid() && timer->kind == kind && (kind != TIMER_FD || timer->descriptor == descriptor))
            return timer;
    return NULL;
}

static int64_t left_ns(const struct clock_page *page, const struct timer *timer)
{
    int64_t left = timer && timer->deadline_ns >= 0 ? timer->deadline_ns - page->now_ns : 0;
    return left > 0 ? left : 0;
}

/* alarm, setitimer and ualarm set one and the same timer, in ns; 0 disarms it. False if it is the kernel's turn. */
static bool set_interval_timer(int64_t value_ns, int64_t interval_ns, int64_t *left, int64_t *interval)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return false;
    struct timer *timer = mine(page, INTERVAL_TIMER, 0);
    *left = left_ns(page, timer);
    *interval = timer ? timer->interval_ns : 0;
    if (!timer && value_ns > 0)
        timer = claim(page, INTERVAL_TIMER);
    if (!timer)
        return value_ns <= 0;
    timer->signal = SIGALRM;
    timer->interval_ns = interval_ns;
    timer->deadline_ns = value_ns > 0 ? page->now_ns + value_ns : -1;
    return true;
}

PUBLIC unsigned alarm(unsigned seconds)
{
    int64_t left, interval;
    if (!set_interval_timer(seconds * NS_PER_S, 0, &left, &interval))
        return NEXT(alarm)(seconds);
    return (unsigned)((left + NS_PER_S - 1) / NS_PER_S);
}

PUBLIC useconds_t ualarm(useconds_t value_us, useconds_t interval_us)
{
    int64_t left, interval;
    if (!set_interval_timer(value_us * 1000LL, interval_us * 1000LL, &left, &interval))
        return NEXT(ualarm)(value_us, interval_us);
    return (useconds_t)(left / 1000);
}

PUBLIC int setitimer(__itimer_which_t which, const struct itimerval *restrict set, struct itimerval *restrict before)
{
    int64_t left, interval;
    if (which != ITIMER_REAL || !set ||
        !set_interval_timer(timeval_ns(&set->it_value), timeval_ns(&set->it_interval), &left, &interval))
        return NEXT(setitimer)(which, set, before);
    if (before)
        *before = (struct itimerval){timeval_of(interval), timeval_of(left)};
    return 0;
}

PUBLIC int getitimer(__itimer_which_t which, struct itimerval *into)
{
    struct clock_page *page = virtual_page();
    if (!page || which != ITIMER_REAL)
        return NEXT(getitimer)(which, into);
    struct timer *timer = mine(page, INTERVAL_TIMER, 0);
    *into = (struct itimerval){timeval_of(timer ? timer->interval_ns : 0), timeval_of(left_ns(page, timer))};
    return 0;
}

static struct timer *our_timer(timer_t id)
{
    struct clock_page *page = virtual_page();
    long slot = (long)id - FIRST_ID;
    return page && slot >= 0 && slot < TIMERS ? &page->timers[slot] : NULL;
}

PUBLIC int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict id)
{
    struct clock_page *page = virtual_page();
    bool processor = clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
    bool ours = page && !processor && (!event || event->sigev_notify == SIGEV_SIGNAL);
    struct timer *timer = ours ? claim(page, POSIX_TIMER) : NULL;
    if (!timer)
        return NEXT(timer_create)(clock, event, id);
    *id = (timer_t)(FIRST_ID + (timer - page->timers)); // NOLINT: ids are opaque
    timer->descriptor = (int32_t)clock;
    timer->signal = event ? event->sigev_signo : SIGALRM;
    timer->value = event ? event->sigev_value : (union sigval){.sival_ptr = *id};
    return 0;
}

/* Arm a POSIX timer or a timerfd, whose settings look alike. */
static int arm(struct clock_page *page, struct timer *timer, clockid_t clock, bool absolute,
               const struct itimerspec *set, struct itimerspec *before)
{
    if (before)
        *before = (struct itimerspec){time_of(timer->interval_ns), time_of(left_ns(page, timer))};
    int64_t value_ns = time_ns(&set->it_value);
    timer->interval_ns = time_ns(&set->it_interval);
    if (value_ns <= 0)
        timer->deadline_ns = -1;
    else
        timer->deadline_ns = absolute ? virtual_ns(page, clock, &set->it_value) : page->now_ns + value_ns;
    if (value_ns > 0 && timer->deadline_ns < 0)
        timer->deadline_ns = 0; /* long ago */
    return 0;
}

PUBLIC int timer_settime(timer_t id, int flags, const struct itimerspec *restrict set,
                         struct itimerspec *restrict before)
{
    struct timer *timer = our_timer(id);
    if (!timer)
        return NEXT(timer_settime)(id, flags, set, before);
    return arm(virtual_page(), timer, timer->descriptor, flags & TIMER_ABSTIME, set, before);
}

PUBLIC int timer_gettime(timer_t id, struct itimerspec *into)
{
    struct timer *timer = our_timer(id);
    if (!timer)
        return NEXT(timer_gettime)(id, into);
    *into = (struct itimerspec){time_of(timer->interval_ns), time_of(left_ns(virtual_page(), timer))};
    return 0;
}

PUBLIC int timer_getoverrun(timer_t id)
{
    return our_timer(id) ? 0 : NEXT(timer_getoverrun)(id);
}

PUBLIC int timer_delete(timer_t id)
{
    struct timer *timer = our_timer(id);
    if (!timer)
        return NEXT(timer_delete)(id);
    timer->pid = 0;
    return 0;
}

PUBLIC int timerfd_settime(int descriptor, int flags, const struct itimerspec *set, struct itimerspec *before)
{
    static const struct itimerspec never;
    struct clock_page *page = virtual_page();
    struct timer *timer = page && page->fires_timer_fd ? mine(page, TIMER_FD, descriptor) : NULL;
    if (page && page->fires_timer_fd && !timer)
        timer = claim(page, TIMER_FD);
    if (!timer) {
        note(NOTES_TIMER_FD);
        return NEXT(timerfd_settime)(descriptor, flags, set, before);
    }
    timer->descriptor = descriptor;
    if (NEXT(timerfd_settime)(descriptor, 0, &never, NULL)) { /* forgets what has expired, and checks the descriptor */
        timer->pid = 0;
        return -1;
    }
    /* Which clock a timerfd is of shows in the instant: the calendar's lie after all monotonic ones. */
    clockid_t clock = set->it_value.tv_sec >= page->epoch_s ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    return arm(page, timer, clock, flags & TFD_TIMER_ABSTIME, set, before);
}

PUBLIC int timerfd_gettime(int descriptor, struct itimerspec *into)
{
    struct clock_page *page = virtual_page();
    struct timer *timer = page ? mine(page, TIMER_FD, descriptor) : NULL;
    if (!timer)
        return NEXT(timerfd_gettime)(descriptor, into);
    *into = (struct itimerspec){time_of(timer->interval_ns), time_of(left_ns(page, timer))};
    return 0;
}

/* The page shared with the shim. A program may write nonsense into it: then it is that recording which shows it. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct clock_page *page;
static uint32_t instants;

static int64_t clock_ns(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

int64_t real_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

/* A descriptor of another process, or -1. */
static int descriptor_of(int pid, int descriptor)
{
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int found = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
    if (process >= 0)
        close(process);
    return found;
}

void page_open(bool is_virtual, int64_t epoch_s, uint64_t seed)
{
    unlink(CLOCK_PAGE);
    int file = open(CLOCK_PAGE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 || ftruncate(file, sizeof *page))
        fail("%s: %s", CLOCK_PAGE, strerror(errno));
    fchmod(file, 0666); /* the shell may be another user, and there is a umask */
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page == MAP_FAILED)
        fail("%s: %s", CLOCK_PAGE, strerror(errno));
    page->is_virtual = is_virtual;
    page->epoch_s = epoch_s;
    page->seed = seed;
    page->start_real_ns = clock_ns(CLOCK_REALTIME);
    int probe = descriptor_of(getpid(), STDIN_FILENO);
    page->fires_timer_fd = probe >= 0;
    if (probe >= 0)
        close(probe);
    page->layout = CLOCK_PAGE_LAYOUT;
}

void page_set_now(int64_t now_ns)
{
    page->now_ns = now_ns;
    if (!page->is_virtual)
        return;
    /* The kernel stamps files with a clock that stands still between ticks, and programs that write a file wait for the
     * next tick (shim/files.c): of two instants within a tick, no file is from the first. */
    if (instants == INSTANTS || (instants && clock_ns(CLOCK_REALTIME_COARSE) <= page->instant[instants - 1].real_ns))
        instants--;
    page->instant[instants++] = (struct instant){clock_ns(CLOCK_REALTIME), now_ns};
    page->instants = instants;
}

void page_notes(void)
{
    static const char *const NAMES[] = {"inner-terminal", "process-times", "timer-fd", "timers-full"};
    uint32_t notes = page->notes;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (notes >> i & 1)
            flag(NAMES[i], NULL);
}

struct timer *page_next_timer(void)
{
    struct timer *next = NULL;
    for (struct timer *timer = page->timers; timer < page->timers + TIMERS; timer++)
        if (timer->pid && timer->deadline_ns >= 0 && (!next || timer->deadline_ns < next->deadline_ns))
            next = timer;
    return next;
}

/* Have a timerfd of another process expire. */
static bool expire(int pid, int descriptor)
{
    int copy = descriptor_of(pid, descriptor);
    struct itimerspec soon = {.it_value.tv_nsec = 1};
    bool expired = copy >= 0 && !timerfd_settime(copy, 0, &soon, NULL);
    struct pollfd end = {.fd = copy, .events = POLLIN};
    if (expired)
        poll(&end, 1, 100); /* the kernel fires it from an interrupt: soon, but not at once */
    if (copy >= 0)
        close(copy);
    return expired;
}

void page_fire(struct timer *timer)
{
    int pid = timer->pid;
    timer->deadline_ns = timer->interval_ns > 0 ? now_ns() + timer->interval_ns : -1;
    siginfo_t what = {.si_signo = timer->signal, .si_code = timer->kind == POSIX_TIMER ? SI_TIMER : SI_USER};
    what.si_value = timer->value;
    bool fired = pid > 1 && pid != getpid() &&
                 (timer->kind == TIMER_FD        ? expire(pid, timer->descriptor)
                  : timer->kind == POSIX_TIMER ? !syscall(SYS_rt_sigqueueinfo, pid, timer->signal, &what)
                                                 : !kill(pid, timer->signal));
    if (!fired)
        timer->pid = 0;
}

void page_forget(const struct tasks *alive)
{
    for (struct timer *timer = page->timers; timer < page->timers + TIMERS; timer++)
        if (timer->pid && !task_find(alive, timer->pid))
            timer->pid = 0;
}

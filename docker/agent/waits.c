/* When the wait of a sleeping task ends, and ending it.
 *
 * What a task waits in, and until when, is read from /proc/T/syscall and the task's memory. To end the wait the agent
 * stops the task with ptrace, has the system call return as it does when its time is up, and lets it go. */
#include "agent.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

enum form { TIMESPEC, TIMEVAL, MILLISECONDS };
struct timed_call {
    long number;
    int argument; /* which one is the timeout */
    enum form form;
    long result;  /* when the time is up */
};
static const struct timed_call TIMED_CALLS[] = {
    {SYS_nanosleep, 0, TIMESPEC, 0},
    {SYS_clock_nanosleep, 2, TIMESPEC, 0},
    {SYS_select, 4, TIMEVAL, 0},
    {SYS_pselect6, 4, TIMESPEC, 0},
    {SYS_poll, 2, MILLISECONDS, 0},
    {SYS_ppoll, 2, TIMESPEC, 0},
    {SYS_epoll_wait, 3, MILLISECONDS, 0},
    {SYS_epoll_pwait, 3, MILLISECONDS, 0},
    {SYS_epoll_pwait2, 3, TIMESPEC, 0},
    {SYS_futex, 3, TIMESPEC, -ETIMEDOUT},
    {SYS_rt_sigtimedwait, 2, TIMESPEC, -EAGAIN},
    {SYS_semtimedop, 3, TIMESPEC, -EAGAIN},
    {SYS_mq_timedsend, 4, TIMESPEC, -ETIMEDOUT},
    {SYS_mq_timedreceive, 4, TIMESPEC, -ETIMEDOUT},
};

static const struct timed_call *timed_call(const struct task *task)
{
    for (size_t i = 0; i < sizeof TIMED_CALLS / sizeof *TIMED_CALLS; i++)
        if (TIMED_CALLS[i].number == task->call)
            return &TIMED_CALLS[i];
    return NULL;
}

/* The clock that a timeout is an instant of; -1 if it is a duration. */
static int clock_of(const struct task *task)
{
    const unsigned long *a = task->argument;
    switch (task->call) {
    case SYS_clock_nanosleep:
        return a[1] & TIMER_ABSTIME ? (int)a[0] : -1;
    case SYS_mq_timedsend:
    case SYS_mq_timedreceive:
        return CLOCK_REALTIME;
    case SYS_futex:
        switch (a[1] & FUTEX_CMD_MASK) {
        case FUTEX_LOCK_PI:
            return CLOCK_REALTIME;
        case FUTEX_WAIT_BITSET:
        case FUTEX_WAIT_REQUEUE_PI:
        case FUTEX_LOCK_PI2:
            return a[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
        }
    }
    return -1;
}

/* Nanoseconds of V until `instant`. One before the virtual clocks start is of the kernel's own clocks: the program does
 * not go through the shim. Rounded to ms, as real time has passed since the program computed it. */
static int64_t until(int clock, int64_t instant_ns)
{
    if (clock != CLOCK_REALTIME && instant_ns >= MONOTONIC_BASE_S * NS_PER_S)
        return instant_ns - MONOTONIC_BASE_S * NS_PER_S - now_ns();
    struct timespec real;
    clock_gettime(clock, &real);
    return (instant_ns - real.tv_sec * NS_PER_S - real.tv_nsec + MS / 2) / MS * MS;
}

static int64_t read_deadline(const struct task *task, const struct timed_call *call)
{
    unsigned long value = task->argument[call->argument];
    int64_t left;
    if (call->form == MILLISECONDS) {
        int ms = (int)value;
        if (ms < 0)
            return NEVER;
        left = (ms >= EPOLL_FOREVER_MS ? ms - EPOLL_FOREVER_MS : ms) * MS;
    } else {
        struct wait wait;
        if (!value)
            return NEVER;
        if (task_read_memory(task->pid, value, &wait, sizeof wait) && wait.mark == WAIT_MARK)
            return wait.deadline_ns;
        if (!task_read_memory(task->pid, value, &wait.kernel, sizeof wait.kernel))
            return UNREADABLE;
        int64_t unit_ns = call->form == TIMEVAL ? 1000 : 1;
        int64_t seconds = wait.kernel.tv_sec < FOREVER_S * 100 ? wait.kernel.tv_sec : FOREVER_S * 50;
        left = seconds * NS_PER_S + wait.kernel.tv_nsec * unit_ns;
        int clock = clock_of(task);
        if (clock >= 0)
            left = until(clock, left);
    }
    return now_ns() + (left > 0 ? left : 0);
}

void wait_note(struct task *task, const struct task *before)
{
    if (before && before->runs == task->runs && before->cpu_ns == task->cpu_ns && before->state == task->state) {
        task->call = before->call;
        task->deadline_ns = before->deadline_ns;
        return;
    }
    /* Stopped in the middle of a wait, a task goes on with restart_syscall, its arguments being those of the call
     * before. While it is stopped nothing is due. */
    if (before && (task->call == SYS_restart_syscall || task->state == 'T'))
        task->call = before->call;
    const struct timed_call *call = timed_call(task);
    task->deadline_ns = task->state == 'S' && call ? read_deadline(task, call) : NEVER;
    if (task->state == 'S' && (task->call == UNKNOWN || task->call == SYS_restart_syscall))
        task->deadline_ns = UNREADABLE;
    if (task->deadline_ns == UNREADABLE)
        flag("timer-unreadable", task->name);
}

/* The sets of select: none of their descriptors is ready. */
static void clear_sets(const struct task *task)
{
    unsigned long words = (task->argument[0] + 63) / 64;
    for (int set = 1; set <= 3; set++)
        for (unsigned long word = 0; task->argument[set] && word < words && word < 16; word++)
            ptrace(PTRACE_POKEDATA, task->tid, task->argument[set] + 8 * word, 0);
}

static bool interrupted(long result)
{
    enum { RESTARTSYS = -512, RESTARTNOINTR = -513, RESTARTNOHAND = -514, RESTART_RESTARTBLOCK = -516 };
    return result == RESTARTSYS || result == RESTARTNOINTR || result == RESTARTNOHAND ||
           result == RESTART_RESTARTBLOCK || result == -EINTR;
}

void wait_end(struct task *task)
{
    const struct timed_call *call = timed_call(task);
    task->deadline_ns = NEVER;
    if (ptrace(PTRACE_SEIZE, task->tid, 0, 0)) {
        if (errno != ESRCH)
            flag("traced", task->name); /* by another process of the sandbox: a debugger */
        return;
    }
    int status;
    ptrace(PTRACE_INTERRUPT, task->tid, 0, 0);
    if (waitpid(task->tid, &status, __WALL) < 0)
        return;
    if (!WIFSTOPPED(status)) {
        child_ended(task->pid, status);
        return;
    }
    struct user_regs_struct registers;
    bool by_us = status >> 16 == PTRACE_EVENT_STOP;
    if (by_us && !ptrace(PTRACE_GETREGS, task->tid, 0, &registers) && interrupted((long)registers.rax) &&
        ((long)registers.orig_rax == call->number || (long)registers.orig_rax == SYS_restart_syscall)) {
        if (call->number == SYS_select || call->number == SYS_pselect6)
            clear_sets(task);
        registers.rax = (unsigned long long)call->result;
        registers.orig_rax = (unsigned long long)-1; /* so that the kernel does not restart the call */
        ptrace(PTRACE_SETREGS, task->tid, 0, &registers);
    }
    ptrace(PTRACE_DETACH, task->tid, 0, by_us ? 0 : WSTOPSIG(status));
}

/* The virtual clock: V stands still while anything runs, and jumps from one thing that happens to the next.
 *
 * Before V moves, all that is due before the instant it moves to is done, one after the other in the order of the
 * deadlines; what is due exactly then comes after whatever the host does at that instant. */
#include "agent.h"

#include <poll.h>
#include <time.h>

/* A program that writes without end gets the throughput of a terminal: so much at an instant, the rest later. */
#define BURST_BYTES 16384
#define BURST_NS (BURST_BYTES * NS_PER_S / (1 << 20))
#define SPINS 20

int64_t busy_limit_ns;
static struct tasks scans[3], *known = &scans[0], *last = &scans[1], *scan = &scans[2];
static bool flooded; /* there is more output than fits into this instant */
static int64_t flooded_ns;

static void swap(struct tasks **a, struct tasks **b)
{
    struct tasks *kept = *a;
    *a = *b;
    *b = kept;
}

static void pause_ns(int64_t ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

/* Let everything run until everything sleeps, and take the output. */
static void settle(void)
{
    int64_t start_ns = real_ns();
    size_t room = BURST_BYTES;
    bool once = false; /* everything slept in the scan before */
    flooded = false;
    for (int spins = 0;; spins++) {
        terminal_deliver();
        size_t taken = terminal_read(room);
        room -= taken;
        reap();
        tasks_scan(scan, once);
        if (taken || !tasks_asleep(scan)) {
            once = false;
        } else if (once && tasks_same(scan, last)) {
            terminal_deliver();
            if (!terminal_readable() || !room)
                break;
            once = false;
        } else {
            swap(&scan, &last);
            once = true;
            continue;
        }
        if (real_ns() - start_ns > busy_limit_ns) {
            flag("busy", NULL);
            busy_limit_ns = busy_limit_ns > 100 * MS ? 100 * MS : busy_limit_ns; /* it won't be better next time */
            tasks_scan(scan, true); /* what the others wait for */
            break;
        }
        if (spins % 64 == 63)
            host_check();
        if (spins > SPINS)
            pause_ns(spins > 10 * SPINS ? MS : MS / 10);
    }
    flooded = !room && terminal_readable();
    flooded_ns = now_ns();
    for (size_t i = 0; i < scan->count; i++)
        wait_note(&scan->task[i], task_find(known, scan->task[i].tid));
    swap(&scan, &known);
}

/* One reply at a time, each when all sleep: a program that is woken by the first of several, and reads while they are
 * written, would find as many of them as the kernel chooses. */
static void rest(void)
{
    do {
        settle();
        page_forget(known);
        page_notes();
    } while (!flooded && answer_question());
    shell_ended();
}

static struct task *next_wait(bool *unreadable)
{
    struct task *next = NULL;
    *unreadable = false;
    for (struct task *task = known->task; task < known->task + known->count; task++) {
        *unreadable |= task->deadline_ns == UNREADABLE;
        if (task->deadline_ns >= 0 && task->deadline_ns != NEVER && (!next || task->deadline_ns < next->deadline_ns))
            next = task;
    }
    return next;
}

static void move(int64_t to_ns)
{
    if (to_ns > now_ns())
        set_now(to_ns);
}

/* To the next thing that is due before `end_ns`, or to `end_ns`. */
static void step_to(int64_t end_ns)
{
    bool unreadable;
    struct task *wait = next_wait(&unreadable);
    struct timer *timer = page_next_timer();
    int64_t wait_ns = wait ? wait->deadline_ns : NEVER, timer_ns = timer ? timer->deadline_ns : NEVER;
    int64_t flood_ns = flooded ? flooded_ns + BURST_NS : NEVER;
    if (unreadable && now_ns() + MS < end_ns && now_ns() + MS < wait_ns && now_ns() + MS < timer_ns) {
        pause_ns(MS); /* somebody waits until nobody knows when: real time has to pass */
        move(now_ns() + MS);
        host_check();
    } else if (flood_ns < end_ns && flood_ns <= wait_ns && flood_ns <= timer_ns) {
        move(flood_ns);
    } else if (timer_ns < end_ns && timer_ns <= wait_ns) {
        move(timer_ns);
        page_fire(timer);
    } else if (wait_ns < end_ns) {
        move(wait_ns);
        wait_end(wait);
    } else {
        move(end_ns);
        return;
    }
    rest();
}

static void pass(int64_t for_ns)
{
    int64_t end_ns = now_ns() + for_ns;
    while (now_ns() < end_ns)
        step_to(end_ns);
}

static void step(int64_t most_ns)
{
    step_to(now_ns() + most_ns);
}

const struct clock virtual_clock = {.start = rest, .pass = pass, .step = step, .rest = rest};

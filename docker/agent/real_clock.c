/* Real time, for comparison: the same commands, and output is noted when it comes. */
#include "agent.h"

#include <poll.h>

#define PROMPT_NS (3 * NS_PER_S)
#define SETTLED_NS (100 * MS)
#define LOOK_MS 20 /* how often to look whether the shell has ended */

static int64_t base_ns, due_ns;

/* Until output has come or `until_ns` of the real clock; true if output has come. */
static bool listen_until(int64_t until_ns)
{
    for (;;) {
        int64_t left_ns = until_ns - real_ns();
        if (left_ns < 0)
            left_ns = 0;
        struct pollfd ends[] = {{.fd = terminal_output(), .events = POLLIN}, {.fd = host_input()}};
        int left_ms = (int)((left_ns + MS - 1) / MS < LOOK_MS ? (left_ns + MS - 1) / MS : LOOK_MS);
        poll(ends, 2, left_ms);
        host_check();
        reap();
        if (base_ns)
            set_now(real_ns() - base_ns);
        if (ends[0].revents & POLLIN && terminal_read(65536)) {
            while (answer_question())
                ;
            return true;
        }
        shell_ended();
        if (!left_ns)
            return false;
    }
}

static void start(void)
{
    int64_t limit_ns = real_ns() + PROMPT_NS;
    while (real_ns() < limit_ns && !listen_until(limit_ns))
        ;
    while (real_ns() < limit_ns && listen_until(real_ns() + SETTLED_NS))
        ;
    base_ns = real_ns();
}

static void pass(int64_t for_ns)
{
    due_ns += for_ns;
    while (listen_until(base_ns + due_ns))
        ;
}

static void step(int64_t most_ns)
{
    listen_until(real_ns() + most_ns);
    due_ns = now_ns();
}

static void rest(void)
{
    page_notes();
}

const struct clock real_clock = {.start = start, .pass = pass, .step = step, .rest = rest};

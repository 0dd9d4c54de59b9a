/* The agent: pid 1 of the sandbox, the shell's parent, owner of both ends of its terminal.
 *
 *   main.c       options, start, the host's commands
 *   host.c       lines from and to the host
 *   terminal.c   the pseudo-terminal: the shell's start, what is typed, what comes out
 *   events.c     V, and what happened at it
 *   questions.c  output that asks the terminal something
 *   tasks.c      every task of the sandbox: does it sleep, has it run
 *   waits.c      when a sleeping task's wait ends, and ending it
 *   page.c       the page shared with the shim, and the timers armed there
 *   virtual_clock.c, real_clock.c   letting time pass
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtual.h"

#define MS 1000000LL

struct bytes {
    uint8_t *data;
    size_t length, room;
};
void bytes_add(struct bytes *bytes, const void *data, size_t length);
void bytes_drop(struct bytes *bytes, size_t length); /* from the front */

int64_t real_ns(void);                               /* CLOCK_MONOTONIC */
_Noreturn void fail(const char *format, ...);        /* the agent can't go on: say so on stderr, kill all, leave */
_Noreturn void leave(int status);

/* host.c */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_bytes(char kind, int64_t at_ns, const uint8_t *data, size_t length);
void flag(const char *name, const char *detail);     /* once per name; detail may be NULL */
void host_flush(void);
void host_check(void);                               /* leaves if the host is gone */
char *host_line(void);                               /* the next command; leaves at the end of stdin */
char *host_answer(void);                             /* the next `reply` or `go`, ahead of commands sent before it */
int host_input(void);                                /* the descriptor, to poll for the host's end */

/* terminal.c */
void terminal_open(int columns, int rows);
void terminal_start(char **command, const char *shim);
void terminal_type(const uint8_t *data, size_t length);
void terminal_deliver(void);                         /* wait until what was written to either end has arrived */
bool terminal_readable(void);
size_t terminal_read(size_t most);                   /* adds to the output; how many bytes */
int terminal_output(void);                           /* the descriptor, to poll */
void child_ended(int pid, int status);
void reap(void);
bool shell_ended(void);                              /* the first time it has, the host is told */

/* events.c */
int64_t now_ns(void);
void set_now(int64_t now_ns);
void add_output(const uint8_t *data, size_t length);
void flush_output(void);
void report_exit(int status);
bool read_hex(const char *text, struct bytes *into); /* false: it is not hexadecimal */
bool answer_question(void);                          /* with the next reply; false: there is none to give */

/* questions.c */
bool asks(const uint8_t *data, size_t length);       /* keeps its state over calls */

/* tasks.c */
struct task {
    int pid, tid;
    char state, name[16];
    uint64_t runs, cpu_ns;   /* how often and how long it has run: unchanged means that it has not run since */
    long call;               /* the system call it waits in, once proven; -1: none; UNKNOWN */
    unsigned long argument[6];
    int64_t deadline_ns;     /* of V; NEVER, or UNREADABLE */
};
#define UNKNOWN (-2)
#define NEVER INT64_MAX
#define UNREADABLE INT64_MIN
struct tasks {
    struct task *task;
    size_t count, room;
};
void tasks_open(void);
void tasks_scan(struct tasks *tasks, bool proving);
bool tasks_asleep(const struct tasks *tasks);
bool tasks_same(const struct tasks *a, const struct tasks *b);
bool task_read_memory(int pid, unsigned long address, void *into, size_t length);
const struct task *task_find(const struct tasks *tasks, int tid);

/* waits.c */
void wait_note(struct task *task, const struct task *before);
void wait_end(struct task *task);

/* page.c */
void page_open(bool is_virtual, int64_t epoch_s, uint64_t seed);
void page_set_now(int64_t now_ns);
void page_notes(void);
struct timer *page_next_timer(void);                 /* the armed timer with the earliest deadline, or NULL */
void page_fire(struct timer *timer);
void page_forget(const struct tasks *alive);

/* virtual_clock.c and real_clock.c */
struct clock {
    void (*start)(void);           /* until the shell's first prompt: V is 0 then */
    void (*pass)(int64_t for_ns);
    void (*step)(int64_t most_ns); /* to the next thing that happens by itself, or `most_ns` */
    void (*rest)(void);            /* after something was typed */
};
extern const struct clock virtual_clock, real_clock;
extern int64_t busy_limit_ns;

#endif

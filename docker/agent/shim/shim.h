/* The clock shim: preloaded into every program of the sandbox, it stands before the C library's functions that tell
 * time, wait, draw lots or count what the processor did.
 *
 *   page.c    the page shared with the agent
 *   clock.c   what time it is
 *   waits.c   sleeping, and waiting with a timeout
 *   timers.c  signals and descriptors that tell when a time is up
 *   files.c   the times of files, and files that are made of chance
 *   chance.c  random numbers
 *   turns.c   who goes first
 *   usage.c   processor time and the machine's load
 *
 * Where no agent runs, all of them pass to the C library. */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "virtual.h"

#define PUBLIC __attribute__((visibility("default")))

/* The C library's function of that name, looked up once. */
#define NEXT(name)                                                                                                    \
    ({                                                                                                                \
        static __typeof__(&name) found;                                                                              \
        if (!found)                                                                                                   \
            found = (__typeof__(&name))next_symbol(#name);                                                           \
        found;                                                                                                        \
    })
void *next_symbol(const char *name);

struct clock_page *shared_page(void);  /* NULL where no agent runs */
struct clock_page *virtual_page(void); /* NULL unless time is virtual */
void note(uint32_t what);
void spin(void); /* somebody looks at the clock again: a program that does nothing else must not stop it */

void start_in_turn(void);

uint64_t draw(void);
void draw_bytes(void *into, size_t length);
int open_random(int flags);

int64_t time_ns(const struct timespec *time);
struct timespec time_of(int64_t ns);
int64_t timeval_ns(const struct timeval *time);
struct timeval timeval_of(int64_t ns);
/* V at an instant of a clock that programs see. */
int64_t virtual_ns(const struct clock_page *page, clockid_t clock, const struct timespec *time);

#endif

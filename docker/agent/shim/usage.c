/* Processor time, and how busy the machine is: work takes no virtual time, and nobody else is there. */
#include "shim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#define UPTIME_S 3600

PUBLIC int getrusage(__rusage_who_t who, struct rusage *into)
{
    int result = NEXT(getrusage)(who, into);
    if (!result && virtual_page())
        memset(into, 0, sizeof *into);
    return result;
}

PUBLIC pid_t wait4(pid_t pid, int *status, int options, struct rusage *into)
{
    pid_t found = NEXT(wait4)(pid, status, options, into);
    if (into && found > 0 && virtual_page())
        memset(into, 0, sizeof *into);
    return found;
}

PUBLIC pid_t wait3(int *status, int options, struct rusage *into)
{
    return wait4(-1, status, options, into);
}

PUBLIC clock_t times(struct tms *into)
{
    struct clock_page *page = virtual_page();
    if (!page)
        return NEXT(times)(into);
    if (into)
        *into = (struct tms){0};
    return MONOTONIC_BASE_S * sysconf(_SC_CLK_TCK) + page->now_ns / (NS_PER_S / sysconf(_SC_CLK_TCK));
}

PUBLIC int sysinfo(struct sysinfo *into)
{
    struct clock_page *page = virtual_page();
    int result = NEXT(sysinfo)(into);
    if (result || !page)
        return result;
    *into = (struct sysinfo){
        .uptime = UPTIME_S + page->now_ns / NS_PER_S,
        .totalram = 4ULL << 30,
        .freeram = 3ULL << 30,
        .procs = 8,
        .mem_unit = 1,
    };
    return 0;
}

PUBLIC int getloadavg(double loads[], int count)
{
    if (!virtual_page())
        return NEXT(getloadavg)(loads, count);
    for (int i = 0; i < count && i < 3; i++)
        loads[i] = 0;
    return count < 3 ? count : 3;
}

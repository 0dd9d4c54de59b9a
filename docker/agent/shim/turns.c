/* Who goes on first where two programs are awake at the same instant: else chance would tell whether the output of a
 * job in the background comes before the next prompt, and whether bash says at this prompt or the next that it ended.
 *
 * A new process starts when all older ones sleep: what its parent has to do first is done, and so is what was started
 * before it. Who has been sent a signal goes on before who sent it. Neither waits long for one that never rests. */
#include "shim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_NS (NS_PER_S / 5)

/* Those that one waits for: of lower number than `below`, and of that process or group where it is not 0. */
struct others {
    int below, process, group;
};

static bool at_work(int pid, int group)
{
    char path[32], text[512], state = 'Z';
    int of = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0)
        syscall(SYS_close, file);
    text[length > 0 ? length : 0] = 0;
    char *name_end = strrchr(text, ')');
    if (name_end)
        sscanf(name_end + 1, " %c %*d %d", &state, &of);
    return (state == 'R' || state == 'D') && (!group || of == group);
}

static bool any_at_work(const struct others *others)
{
    if (others->process)
        return at_work(others->process, 0);
    char names[4096];
    bool found = false;
    int processes = (int)syscall(SYS_openat, AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (long got; !found && (got = syscall(SYS_getdents64, processes, names, sizeof names)) > 0;)
        for (long at = 0; !found && at < got;) {
            struct dirent64 *entry = (struct dirent64 *)(names + at);
            int pid = atoi(entry->d_name);
            found = pid > 1 && pid < others->below && pid != getpid() && at_work(pid, others->group);
            at += entry->d_reclen;
        }
    syscall(SYS_close, processes);
    return found;
}

/* One that dies is a zombie a moment before its parent is told; both happens under the lock that this call takes. */
static void let_parents_be_told(void)
{
    syscall(SYS_kill, -1, 0);
}

/* Wait awake: it is the work of others that one waits for, and time must not pass. */
static void let_go_first(struct others others)
{
    int kept = errno;
    struct timespec now;
    NEXT(clock_gettime)(CLOCK_MONOTONIC, &now);
    int64_t end_ns = time_ns(&now) + MOST_NS;
    for (int looks = 0; looks < 2 && time_ns(&now) < end_ns; NEXT(clock_gettime)(CLOCK_MONOTONIC, &now)) {
        looks = any_at_work(&others) ? 0 : looks + 1;
        if (looks)
            let_parents_be_told();
        else
            sched_yield();
    }
    errno = kept;
}

void start_in_turn(void)
{
    if (virtual_page())
        let_go_first((struct others){.below = getpid()});
}

PUBLIC pid_t fork(void)
{
    pid_t child = NEXT(fork)();
    if (child == 0)
        start_in_turn();
    return child;
}

PUBLIC int kill(pid_t pid, int number)
{
    int result = NEXT(kill)(pid, number);
    bool another = pid != getpid() && pid != 0 && pid != -1;
    if (!result && number && another && virtual_page())
        let_go_first((struct others){INT32_MAX, pid > 0 ? pid : 0, pid < 0 ? -pid : 0});
    return result;
}

PUBLIC int killpg(pid_t group, int number)
{
    return kill(group ? -group : 0, number);
}

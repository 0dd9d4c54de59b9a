/* Every task (thread) of the sandbox: whether it sleeps and whether it has run since it was last looked at.
 *
 * /proc/T/schedstat tells how often a task was put on a processor, and how long it ran. If in two scans, one after the
 * other, the same tasks sleep with the same counts, then there was an instant between them at which nobody ran and
 * nobody was about to. A task calls itself asleep shortly before it leaves the processor, and may think better of it;
 * but /proc/T/syscall waits for it to have left, and its counts change when it leaves: so the second scan, which
 * proves, reads first the call and then the counts. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int proc;

static ssize_t read_file(const char *path, char *into, size_t room)
{
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t length = read(file, into, room - 1);
    close(file);
    into[length > 0 ? length : 0] = 0;
    return length;
}

void tasks_open(void)
{
    char text[128];
    proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0 || read_file("self/schedstat", text, sizeof text) <= 0 || !strncmp(text, "0 0 0", 5))
        fail("this kernel keeps no run counts (/proc/PID/schedstat): it needs CONFIG_SCHED_INFO");
    if (read_file("self/syscall", text, sizeof text) <= 0)
        fail("this kernel does not tell system calls (/proc/PID/syscall): it needs CONFIG_HAVE_ARCH_TRACEHOOK");
}

/* What a task waits in. One that is at work after all gets the state R; one that may not be read keeps UNKNOWN. */
static void read_call(struct task *task)
{
    char path[64], text[256];
    sprintf(path, "%d/task/%d/syscall", task->pid, task->tid);
    if (read_file(path, text, sizeof text) <= 0)
        return;
    unsigned long *a = task->argument;
    if (text[0] == 'r')
        task->state = 'R';
    else
        sscanf(text, "%ld %lx %lx %lx %lx %lx %lx", &task->call, a, a + 1, a + 2, a + 3, a + 4, a + 5);
}

/* Read one task; its number of threads, or 0 if it is gone. */
static int add_task(struct tasks *tasks, int pid, int tid, bool proving)
{
    if (tasks->count == tasks->room) {
        tasks->room = 2 * tasks->room + 64;
        tasks->task = realloc(tasks->task, tasks->room * sizeof *tasks->task);
        if (!tasks->task)
            fail("out of memory");
    }
    struct task *task = &tasks->task[tasks->count];
    char path[64], text[1024];
    int threads = 1;
    *task = (struct task){.pid = pid, .tid = tid, .call = UNKNOWN, .deadline_ns = NEVER};
    sprintf(path, "%d/task/%d/stat", pid, tid);
    if (read_file(path, text, sizeof text) <= 0)
        return 0;
    char *name = strchr(text, '('), *end = strrchr(text, ')'); /* a name may hold either */
    if (!name || !end)
        return 0;
    *end = 0;
    snprintf(task->name, sizeof task->name, "%s", name + 1);
    sscanf(end + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &task->state, &threads);
    if (proving)
        read_call(task);
    sprintf(path, "%d/task/%d/schedstat", pid, tid);
    if (read_file(path, text, sizeof text) > 0)
        sscanf(text, "%" SCNu64 " %*s %" SCNu64, &task->cpu_ns, &task->runs);
    tasks->count++;
    return threads;
}

/* The threads of a process besides the first. */
static void add_threads(struct tasks *tasks, int pid, bool proving)
{
    char path[32];
    sprintf(path, "%d/task", pid);
    int folder = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = folder < 0 ? NULL : fdopendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != pid)
            add_task(tasks, pid, atoi(entry->d_name), proving);
    if (entries)
        closedir(entries);
}

void tasks_scan(struct tasks *tasks, bool proving)
{
    static char chunk[32768];
    int self = getpid();
    tasks->count = 0;
    lseek(proc, 0, SEEK_SET);
    for (long got; (got = syscall(SYS_getdents64, proc, chunk, sizeof chunk)) > 0;)
        for (long at = 0; at < got;) {
            struct dirent64 *entry = (struct dirent64 *)(chunk + at);
            int pid = atoi(entry->d_name);
            if (pid > 0 && pid != self && add_task(tasks, pid, pid, proving) > 1)
                add_threads(tasks, pid, proving);
            at += entry->d_reclen;
        }
}

/* Stopped, traced and dead tasks sleep as well; one in uninterruptible sleep (D) is at work. */
bool tasks_asleep(const struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++)
        if (!strchr("STtZXI", tasks->task[i].state))
            return false;
    return true;
}

static bool same(const struct task *a, const struct task *b)
{
    return a->tid == b->tid && a->runs == b->runs && a->cpu_ns == b->cpu_ns && a->state == b->state;
}

bool tasks_same(const struct tasks *a, const struct tasks *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same(&a->task[i], &b->task[i]))
            return false;
    return true;
}

const struct task *task_find(const struct tasks *tasks, int tid)
{
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->task[i].tid == tid)
            return &tasks->task[i];
    return NULL;
}

bool task_read_memory(int pid, unsigned long address, void *into, size_t length)
{
    char path[32];
    sprintf(path, "%d/mem", pid); /* process_vm_readv is forbidden in some containers where this is not */
    int memory = openat(proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t got = memory < 0 ? -1 : pread(memory, into, length, (off_t)address);
    if (memory >= 0)
        close(memory);
    return got == (ssize_t)length;
}

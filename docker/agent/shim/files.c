/* The times of files. The kernel stamps them with its own clock; here a stamp becomes the virtual time of that moment.
 *
 * The clock for stamps stands still between ticks. A program that is about to change a file waits for the tick after V
 * last moved: then a later stamp can't be mistaken for one of the instant before. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What was made that shortly before the run was made for it: folders of the sandbox. */
#define PREPARATION_NS (3600 * NS_PER_S)

static int64_t kernel_ns(clockid_t clock)
{
    struct timespec time;
    NEXT(clock_gettime)(clock, &time);
    return time_ns(&time);
}

static void wait_for_tick(void)
{
    struct clock_page *page = virtual_page();
    uint32_t instants = page ? page->instants : 0;
    if (!instants)
        return;
    /* Awake, as somebody at work: time must not pass. */
    while (kernel_ns(CLOCK_REALTIME_COARSE) <= page->instant[instants - 1].real_ns)
        sched_yield();
}

/* The virtual time of the last instant that began before `stamp_ns`. */
static int64_t virtual_at(const struct clock_page *page, int64_t stamp_ns)
{
    uint32_t low = 0, high = page->instants;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (page->instant[middle].real_ns < stamp_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? page->instant[low - 1].virtual_ns : 0;
}

static void convert(int64_t *seconds, int64_t *nanoseconds)
{
    struct clock_page *page = virtual_page();
    int64_t stamp_ns = *seconds * NS_PER_S + *nanoseconds;
    if (!page || stamp_ns < page->start_real_ns - PREPARATION_NS || stamp_ns > kernel_ns(CLOCK_REALTIME))
        return;
    int64_t at_ns = virtual_at(page, stamp_ns);
    *seconds = page->epoch_s + at_ns / NS_PER_S;
    *nanoseconds = at_ns % NS_PER_S;
}

static int converted(int result, struct stat *into)
{
    if (result)
        return result;
    for (int i = 0; i < 3; i++)
        convert(&(&into->st_atim)[i].tv_sec, &(&into->st_atim)[i].tv_nsec);
    return 0;
}

PUBLIC int fstatat(int folder, const char *restrict path, struct stat *restrict into, int flags)
{
    return converted((int)syscall(SYS_newfstatat, folder, path, into, flags), into);
}

PUBLIC int stat(const char *restrict path, struct stat *restrict into)
{
    return fstatat(AT_FDCWD, path, into, 0);
}

PUBLIC int lstat(const char *restrict path, struct stat *restrict into)
{
    return fstatat(AT_FDCWD, path, into, AT_SYMLINK_NOFOLLOW);
}

PUBLIC int fstat(int file, struct stat *into)
{
    return converted((int)syscall(SYS_fstat, file, into), into);
}

#define SAME_AS(name) PUBLIC __attribute__((alias(#name)))
/* On x86-64 struct stat64 is struct stat. */
SAME_AS(fstatat) int fstatat64(int folder, const char *restrict path, struct stat64 *restrict into, int flags);
SAME_AS(stat) int stat64(const char *restrict path, struct stat64 *restrict into);
SAME_AS(lstat) int lstat64(const char *restrict path, struct stat64 *restrict into);
SAME_AS(fstat) int fstat64(int file, struct stat64 *into);

/* What programs call that were built before glibc 2.33. */
PUBLIC int __xstat(int version, const char *path, struct stat *into)
{
    (void)version;
    return stat(path, into);
}

PUBLIC int __lxstat(int version, const char *path, struct stat *into)
{
    (void)version;
    return lstat(path, into);
}

PUBLIC int __fxstat(int version, int file, struct stat *into)
{
    (void)version;
    return fstat(file, into);
}

PUBLIC int __fxstatat(int version, int folder, const char *path, struct stat *into, int flags)
{
    (void)version;
    return fstatat(folder, path, into, flags);
}

SAME_AS(__xstat) int __xstat64(int version, const char *path, struct stat64 *into);
SAME_AS(__lxstat) int __lxstat64(int version, const char *path, struct stat64 *into);
SAME_AS(__fxstat) int __fxstat64(int version, int file, struct stat64 *into);
SAME_AS(__fxstatat) int __fxstatat64(int version, int folder, const char *path, struct stat64 *into, int flags);

PUBLIC int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict into)
{
    int result = (int)syscall(SYS_statx, folder, path, flags, mask, into);
    struct statx_timestamp *const stamps[] = {&into->stx_atime, &into->stx_btime, &into->stx_ctime, &into->stx_mtime};
    for (int i = 0; !result && i < 4; i++) {
        int64_t seconds = stamps[i]->tv_sec, nanoseconds = stamps[i]->tv_nsec;
        convert(&seconds, &nanoseconds);
        stamps[i]->tv_sec = seconds;
        stamps[i]->tv_nsec = (uint32_t)nanoseconds;
    }
    return result;
}

static bool is_random(const char *path)
{
    return shared_page() && (!strcmp(path, "/dev/urandom") || !strcmp(path, "/dev/random"));
}

static bool is_device(const char *path)
{
    return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6);
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    if (is_random(path) && !(flags & (O_WRONLY | O_RDWR)))
        return open_random(flags);
    if (!strcmp(path, "/dev/ptmx"))
        note(NOTES_INNER_TERMINAL);
    if (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) && !is_device(path))
        wait_for_tick();
    return NEXT(openat)(folder, path, flags, mode);
}

static bool takes_mode(int flags)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

PUBLIC int openat(int folder, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = takes_mode(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_at(folder, path, flags, mode);
}

PUBLIC int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = takes_mode(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_at(AT_FDCWD, path, flags, mode);
}

SAME_AS(openat) int openat64(int folder, const char *path, int flags, ...);
SAME_AS(open) int open64(const char *path, int flags, ...);

/* What `open` without a mode becomes where a program was built with _FORTIFY_SOURCE. */
PUBLIC int __open_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}

PUBLIC int __openat_2(int folder, const char *path, int flags)
{
    return open_at(folder, path, flags, 0);
}

SAME_AS(__open_2) int __open64_2(const char *path, int flags);
SAME_AS(__openat_2) int __openat64_2(int folder, const char *path, int flags);

PUBLIC int creat(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

SAME_AS(creat) int creat64(const char *path, mode_t mode);

PUBLIC FILE *fopen(const char *restrict path, const char *restrict mode)
{
    if (is_random(path) && mode[0] == 'r')
        return fdopen(open_random(strchr(mode, 'e') ? O_CLOEXEC : 0), "r");
    if (strpbrk(mode, "wa+") && !is_device(path))
        wait_for_tick();
    return NEXT(fopen)(path, mode);
}

SAME_AS(fopen) FILE *fopen64(const char *restrict path, const char *restrict mode);

/* Changes of folders. */
#define AFTER_TICK(type, name, parameters, ...)                                                                       \
    PUBLIC type name parameters                                                                                       \
    {                                                                                                                 \
        wait_for_tick();                                                                                              \
        return NEXT(name)(__VA_ARGS__);                                                                               \
    }
AFTER_TICK(int, mkdir, (const char *path, mode_t mode), path, mode)
AFTER_TICK(int, mkdirat, (int folder, const char *path, mode_t mode), folder, path, mode)
AFTER_TICK(int, rmdir, (const char *path), path)
AFTER_TICK(int, unlink, (const char *path), path)
AFTER_TICK(int, unlinkat, (int folder, const char *path, int flags), folder, path, flags)
AFTER_TICK(int, rename, (const char *from, const char *to), from, to)
AFTER_TICK(int, renameat, (int from_folder, const char *from, int to_folder, const char *to), from_folder, from,
           to_folder, to)
AFTER_TICK(int, renameat2, (int from_folder, const char *from, int to_folder, const char *to, unsigned flags),
           from_folder, from, to_folder, to, flags)
AFTER_TICK(int, link, (const char *from, const char *to), from, to)
AFTER_TICK(int, symlink, (const char *target, const char *path), target, path)
AFTER_TICK(int, chmod, (const char *path, mode_t mode), path, mode)
AFTER_TICK(int, fchmodat, (int folder, const char *path, mode_t mode, int flags), folder, path, mode, flags)
AFTER_TICK(int, utimensat, (int folder, const char *path, const struct timespec times[2], int flags), folder, path,
           times, flags)
AFTER_TICK(int, futimens, (int file, const struct timespec times[2]), file, times)

/* A terminal in the terminal: what goes through its kernel queues can't be followed. */
PUBLIC int posix_openpt(int flags)
{
    note(NOTES_INNER_TERMINAL);
    return NEXT(posix_openpt)(flags);
}

PUBLIC int openpty(int *master, int *slave, char *name, const struct termios *settings, const struct winsize *size)
{
    note(NOTES_INNER_TERMINAL);
    return NEXT(openpty)(master, slave, name, settings, size);
}

PUBLIC int forkpty(int *master, char *name, const struct termios *settings, const struct winsize *size)
{
    note(NOTES_INNER_TERMINAL);
    return NEXT(forkpty)(master, name, settings, size);
}

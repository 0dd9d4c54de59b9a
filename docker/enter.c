/* What starts in every session: it makes the place the same whichever sandbox it is in, sets limits that nothing in it
 * can lift again, and becomes the program.
 *
 *   enter FILES_BYTES OPEN_FILES CPU_S PROCESSES DATA_MB PROGRAM ARGUMENTS...
 *
 * FILES_BYTES of a tar archive come first on standard input; they go into the home folder. A limit of 0 is not set.
 * If it runs as root (bwrap started by root, with a few capabilities left), it hands over to the user for good.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER_ID 1000
#define HOME "/home/user"
#define FIXTURES "/opt/tracekit/home.tar"

extern char **environ;

static void check(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
        exit(125);
    }
}

static void become_user(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    check(chown(HOME, USER_ID, USER_ID), "chown " HOME);
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        check(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "capabilities");
    check(setgroups(0, NULL), "setgroups");
    check(setresgid(USER_ID, USER_ID, USER_ID), "setresgid");
    check(setresuid(USER_ID, USER_ID, USER_ID), "setresuid");
    check((int)syscall(SYS_capset, &header, none), "capset");
}

/* Bash and Python started in the background leave signals ignored, which children inherit. */
static void forget_signals(void) {
    /* By the kernel's own calls: libc keeps two signals for itself, and they too can be inherited ignored. */
    static const struct { unsigned long handler, flags, restorer, mask; } usual;
    static const unsigned long none;
    for (int number = 1; number < NSIG; number++)
        syscall(SYS_rt_sigaction, number, &usual, NULL, sizeof none);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* Unpacked, not mounted: in a memory file system entries lie in the order in which they were made, so that `find`
 * lists them alike on every machine. */
static void unpack(int archive) {
    int status;
    pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        check(dup2(archive, 0), "dup2");
        execl("/bin/tar", "tar", "-xf", "-", NULL);
        check(-1, "tar");
    }
    check(waitpid(child, &status, 0), "waitpid");
    if (status != 0) {
        fprintf(stderr, "enter: the home folder could not be filled\n");
        exit(125);
    }
}

static void unpack_input(size_t bytes) {
    char block[65536];
    int archive = memfd_create("files", MFD_CLOEXEC);
    check(archive, "memfd_create");
    while (bytes > 0) {
        ssize_t got = read(0, block, bytes < sizeof block ? bytes : sizeof block);
        if (got == 0)
            errno = EPIPE, got = -1;
        check((int)got, "read");
        check((int)write(archive, block, (size_t)got), "write");
        bytes -= (size_t)got;
    }
    check((int)lseek(archive, 0, SEEK_SET), "lseek");
    unpack(archive);
    close(archive);
}

static void limit(int which, rlim_t value) {
    struct rlimit both = {value, value};
    check(setrlimit(which, &both), "setrlimit");
}

static int by_name(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

int main(int count, char **arguments) {
    static const int limits[] = {RLIMIT_NOFILE, RLIMIT_CPU, RLIMIT_NPROC, RLIMIT_DATA};
    if (count < 7) {
        fprintf(stderr, "enter FILES_BYTES OPEN_FILES CPU_S PROCESSES DATA_MB PROGRAM ARGUMENTS...\n");
        return 125;
    }
    if (geteuid() == 0)
        become_user();
    forget_signals();
    umask(022);
    check(chdir(HOME), "chdir " HOME);
    int fixtures = open(FIXTURES, O_RDONLY | O_CLOEXEC);
    check(fixtures, FIXTURES);
    unpack(fixtures);
    close(fixtures);
    size_t files_bytes = strtoull(arguments[1], NULL, 10);
    if (files_bytes > 0)
        unpack_input(files_bytes);
    limit(RLIMIT_CORE, 0);
    for (int i = 0; i < 4; i++) {
        rlim_t value = strtoull(arguments[i + 2], NULL, 10);
        if (value > 0)
            limit(limits[i], limits[i] == RLIMIT_DATA ? value << 20 : value);
    }
    size_t variables = 0;
    while (environ[variables])
        variables++;
    qsort(environ, variables, sizeof *environ, by_name);
    execv(arguments[6], arguments + 6);
    check(-1, arguments[6]);
}

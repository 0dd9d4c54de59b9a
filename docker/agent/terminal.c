/* The pseudo-terminal: both ends are held open here, and the shell is started in it. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MOST_TYPED_BYTES (1u << 20)
#define EVIDENCE_NS (20 * MS)
#define FIRST_PID 64

static int master, slave, shell;
static bool ended;
static struct bytes typed; /* not taken yet: the terminal's queue is full, as nobody reads */

void terminal_open(int columns, int rows)
{
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    char name[64];
    if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof name))
        fail("no pseudo-terminal: %s", strerror(errno));
    slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        fail("%s: %s", name, strerror(errno));
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    struct termios settings;
    tcgetattr(slave, &settings);
    settings.c_iflag |= IUTF8;
    if (tcsetattr(slave, TCSANOW, &settings) || ioctl(master, TIOCSWINSZ, &size))
        fail("%s: %s", name, strerror(errno));
}

/* How many processes ran before the shell differs between sandboxes; it gets the same pid in all. */
static void use_up_pids(void)
{
    for (;;) {
        int pid = vfork();
        if (pid == 0)
            _exit(0);
        if (pid < 0 || (waitpid(pid, NULL, 0), pid >= FIRST_PID - 1))
            return;
    }
}

static _Noreturn void become_shell(char **command, const char *shim, int report)
{
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        dup2(slave, descriptor);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (shim)
        setenv("LD_PRELOAD", shim, 1);
    FILE *score = fopen("/proc/self/oom_score_adj", "we"); /* if memory runs out, it is not the agent's turn */
    if (score) {
        fputs("1000", score);
        fclose(score);
    }
    execvp(command[0], command);
    if (write(report, &errno, sizeof errno) < 0)
        _exit(126);
    _exit(127);
}

void terminal_start(char **command, const char *shim)
{
    use_up_pids();
    /* Addresses seed bash's $RANDOM and others: without this they are new in each process. */
    if (personality(ADDR_NO_RANDOMIZE) < 0)
        flag("address-layout", NULL);
    int report[2], problem;
    if (pipe2(report, O_CLOEXEC) || (shell = fork()) < 0)
        fail("no shell: %s", strerror(errno));
    if (shell == 0)
        become_shell(command, shim, report[1]);
    close(report[1]);
    if (read(report[0], &problem, sizeof problem) == sizeof problem)
        fail("%s: %s", command[0], strerror(problem));
    close(report[0]);
}

int terminal_output(void)
{
    return master;
}

static bool ready(int descriptor)
{
    struct pollfd end = {.fd = descriptor, .events = POLLIN};
    return poll(&end, 1, 0) > 0 && end.revents & POLLIN;
}

bool terminal_readable(void)
{
    return ready(master);
}

static void push(void)
{
    while (typed.length && !ended) {
        ssize_t put = write(master, typed.data, typed.length);
        if (put <= 0)
            return;
        bytes_drop(&typed, (size_t)put);
    }
}

static int waiting_bytes(void)
{
    int count = 0;
    ioctl(slave, FIONREAD, &count);
    return count;
}

void terminal_type(const uint8_t *data, size_t length)
{
    if (ended)
        return;
    if (typed.length + length > MOST_TYPED_BYTES) {
        flag("input-lost", NULL);
        return;
    }
    bool type_ahead = ready(slave);
    int waiting = waiting_bytes();
    bytes_add(&typed, data, length);
    push();
    /* A kernel thread carries bytes from one end to the other. `poll` waits for it, but not where there is something to
     * read already (n_tty_poll): there only what the bytes bring about shows that they have arrived. */
    for (int64_t start = real_ns(); type_ahead && real_ns() - start < EVIDENCE_NS;) {
        struct pollfd end = {.fd = master, .events = POLLIN};
        if (poll(&end, 1, 1) > 0 || waiting_bytes() != waiting || !ready(slave))
            break;
    }
}

void terminal_deliver(void)
{
    push();
    ready(slave);
    ready(master);
}

size_t terminal_read(size_t most)
{
    static uint8_t chunk[65536];
    size_t taken = 0;
    while (taken < most && ready(master)) {
        ssize_t got = read(master, chunk, most - taken < sizeof chunk ? most - taken : sizeof chunk);
        if (got <= 0)
            break;
        add_output(chunk, (size_t)got);
        taken += (size_t)got;
    }
    return taken;
}

static int exit_status;
static bool exit_reported;

void child_ended(int pid, int status)
{
    if (pid != shell || !(WIFEXITED(status) || WIFSIGNALED(status)))
        return;
    ended = true;
    exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void reap(void)
{
    int status, pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        child_ended(pid, status);
}

bool shell_ended(void)
{
    if (ended && !exit_reported) {
        exit_reported = true;
        report_exit(exit_status);
    }
    return ended;
}

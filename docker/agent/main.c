/* agent --columns C --rows R [--clock virtual|real] [--epoch UNIX_S] [--seed N] [--busy-limit-ms MS] [--shim PATH]
 *       -- COMMAND ARGUMENTS...
 *
 * README.md describes what the host and the agent say to each other. */
#include "agent.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_NS (INT64_C(1) << 60)

struct options {
    long long columns, rows, epoch_s, seed, busy_limit_ms;
    const char *shim;
    const struct clock *clock;
};

_Noreturn void leave(int status)
{
    /* As pid 1 of a pid namespace this reaches everything in the sandbox, and nothing else. */
    if (getpid() == 1)
        kill(-1, SIGKILL);
    while (getpid() == 1 && (waitpid(-1, NULL, 0) > 0 || errno == EINTR))
        ;
    _exit(status);
}

_Noreturn void fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputs("agent: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    leave(2);
}

static long long number(const char *name, const char *text, long long least, long long most)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        fail("%s is %.60s: it must be a number from %lld to %lld", name, text, least, most);
    return value;
}

static struct options read_options(int count, char **words)
{
    static const struct option KNOWN[] = {
        {"columns", 1, 0, 'c'}, {"rows", 1, 0, 'r'},          {"clock", 1, 0, 'k'}, {"epoch", 1, 0, 'e'},
        {"seed", 1, 0, 's'},    {"busy-limit-ms", 1, 0, 'b'}, {"shim", 1, 0, 'p'},  {0, 0, 0, 0},
    };
    struct options options = {
        .columns = 80,
        .rows = 24,
        .epoch_s = 1768471200, /* 2026-01-15 10:00 UTC */
        .busy_limit_ms = 10000,
        .shim = "/opt/tracekit/clock.so",
        .clock = &virtual_clock,
    };
    for (int found; (found = getopt_long(count, words, "+", KNOWN, NULL)) != -1;)
        switch (found) {
        case 'c':
            options.columns = number("--columns", optarg, 1, 1000);
            break;
        case 'r':
            options.rows = number("--rows", optarg, 1, 1000);
            break;
        case 'k':
            if (strcmp(optarg, "virtual") && strcmp(optarg, "real"))
                fail("--clock is %.60s: it must be virtual or real", optarg);
            options.clock = strcmp(optarg, "real") ? &virtual_clock : &real_clock;
            break;
        case 'e':
            options.epoch_s = number("--epoch", optarg, 0, 1LL << 33);
            break;
        case 's':
            options.seed = number("--seed", optarg, INT64_MIN, INT64_MAX);
            break;
        case 'b':
            options.busy_limit_ms = number("--busy-limit-ms", optarg, 1, 1LL << 31);
            break;
        case 'p':
            options.shim = optarg;
            break;
        default:
            leave(2);
        }
    if (optind == count)
        fail("no command to run");
    return options;
}

/* The shim's path, to be preloaded by the environment; NULL where the system preloads it into every program anyway. */
static const char *shim_to_preload(const char *shim)
{
    char line[512];
    FILE *preloaded = fopen("/etc/ld.so.preload", "re");
    while (preloaded && fgets(line, sizeof line, preloaded))
        if (strstr(line, shim))
            return fclose(preloaded), NULL;
    if (preloaded)
        fclose(preloaded);
    if (access(shim, R_OK))
        fail("%s: %s", shim, strerror(errno));
    return shim;
}

static _Noreturn void not_understood(const char *line)
{
    fail("not understood: %.60s", line);
}

/* The duration in ns that follows a line's first word and ends with `stop`; what comes then is put into `rest`. */
static int64_t read_duration(const char *line, char stop, const char **rest)
{
    const char *start = strchr(line, ' ') + 1;
    char *end;
    errno = 0;
    long long value = strtoll(start, &end, 10);
    if (errno || end == start || *end != stop || value < 0 || value > MOST_NS)
        not_understood(line);
    if (rest)
        *rest = end + 1;
    return value;
}

static void type(const uint8_t *keys, size_t length)
{
    if (shell_ended())
        return; /* the window is closed */
    flush_output();
    say_bytes('i', now_ns(), keys, length);
    terminal_type(keys, length);
}

static void sync_with_host(void)
{
    flush_output();
    say("sync %lld", (long long)now_ns());
}

/* Do one command; false if it was the last. */
static bool obey(const struct clock *clock, const char *line)
{
    static struct bytes keys;
    if (!strncmp(line, "key ", 4)) {
        const char *hex;
        int64_t after_ns = read_duration(line, ' ', &hex);
        if (!read_hex(hex, &keys) || !keys.length)
            not_understood(line);
        clock->pass(after_ns);
        type(keys.data, keys.length);
        clock->rest();
    } else if (!strncmp(line, "sleep ", 6)) {
        clock->pass(read_duration(line, 0, NULL));
    } else if (!strncmp(line, "step ", 5)) {
        clock->step(read_duration(line, 0, NULL));
        sync_with_host();
    } else if (!strcmp(line, "sync")) {
        sync_with_host();
    } else if (!strncmp(line, "reply ", 6) && read_hex(line + 6, &keys)) {
        terminal_type(keys.data, keys.length);
        clock->rest();
    } else if (!strcmp(line, "end")) {
        return false;
    } else if (strcmp(line, "go")) {
        not_understood(line);
    }
    if (now_ns() > MOST_NS)
        fail("the tape is too long");
    return true;
}

int main(int count, char **words)
{
    /* Everything in reach is killed at the end. */
    if (getpid() != 1) {
        fputs("agent: it must be pid 1 of its own pid namespace\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct options options = read_options(count, words);
    busy_limit_ns = options.busy_limit_ms * MS;
    tasks_open();
    page_open(options.clock == &virtual_clock, options.epoch_s, (uint64_t)options.seed);
    terminal_open((int)options.columns, (int)options.rows);
    terminal_start(words + optind, shim_to_preload(options.shim));
    options.clock->start();
    flush_output();
    say("ready 0");
    while (obey(options.clock, host_line()))
        ;
    flush_output();
    say("end %lld", (long long)now_ns());
    host_flush();
    leave(0);
}

/* Lines from and to the host, over stdin and stdout. Neither side can lock the other up: what the host sends ahead
 * waits in `input`, also while the agent waits for what it says to be read, and a host that is gone ends the agent. */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_BYTES 65536
#define MOST_INPUT_BYTES (64u << 20)
#define MOST_FLAGS 32

static struct bytes input, output;
static size_t taken; /* bytes of `input` that have been handed out */
static bool input_ended, end_seen;

void bytes_add(struct bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length > bytes->room) {
        bytes->room = 2 * (bytes->length + length) + 256;
        bytes->data = realloc(bytes->data, bytes->room);
        if (!bytes->data)
            fail("out of memory");
    }
    if (length)
        memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

void bytes_drop(struct bytes *bytes, size_t length)
{
    bytes->length -= length;
    memmove(bytes->data, bytes->data + length, bytes->length);
}

int host_input(void)
{
    return input_ended ? -1 : STDIN_FILENO;
}

/* Take what the host has sent by now. */
static void read_input(void)
{
    static char chunk[65536];
    ssize_t got = read(STDIN_FILENO, chunk, sizeof chunk);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        input_ended = true;
        return;
    }
    /* `end` as the last line: the host may close its side then and have everything done all the same. */
    size_t before = input.length < 5 ? 0 : input.length - 5;
    bytes_add(&input, chunk, (size_t)got);
    for (size_t at = before; at + 4 <= input.length; at++)
        if (!memcmp(input.data + at, "end\n", 4) && (at == 0 || input.data[at - 1] == '\n'))
            end_seen = true;
    if (input.length > MOST_INPUT_BYTES)
        fail("the host sent more than %u bytes ahead", MOST_INPUT_BYTES);
}

void host_check(void)
{
    struct pollfd ends[] = {{.fd = host_input(), .events = POLLIN}, {.fd = STDOUT_FILENO}};
    if (poll(ends, 2, 0) > 0) {
        if (ends[1].revents & (POLLERR | POLLNVAL))
            leave(0);
        if (ends[0].revents && input.length < MOST_INPUT_BYTES)
            read_input();
    }
    if (input_ended && !end_seen)
        leave(0);
}

void host_flush(void)
{
    size_t done = 0;
    while (done < output.length) {
        struct pollfd ends[] = {{.fd = STDOUT_FILENO, .events = POLLOUT}, {.fd = host_input(), .events = POLLIN}};
        if (poll(ends, 2, -1) < 0 && errno != EINTR)
            leave(1);
        if (ends[0].revents & (POLLERR | POLLNVAL))
            leave(0);
        if (ends[1].revents)
            host_check();
        if (!(ends[0].revents & POLLOUT))
            continue;
        /* A pipe that can be written to has room for one page: more might block, and hide the host's end. */
        size_t most = output.length - done < 4096 ? output.length - done : 4096;
        ssize_t put = write(STDOUT_FILENO, output.data + done, most);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            leave(0);
        done += put > 0 ? (size_t)put : 0;
    }
    output.length = 0;
}

/* Wait for more from the host. */
static void more_input(void)
{
    size_t before = input.length;
    host_flush();
    if (input.length > before)
        return; /* it came while the host was reading */
    if (input_ended)
        leave(0);
    struct pollfd ends[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = STDOUT_FILENO}};
    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        ;
    if (ends[1].revents & (POLLERR | POLLNVAL))
        leave(0);
    if (ends[0].revents)
        read_input();
}

/* The length of the line at `at` of the input, its end included; 0 if it is not whole yet. */
static size_t line_at(size_t at)
{
    uint8_t *end = at < input.length ? memchr(input.data + at, '\n', input.length - at) : NULL;
    return end ? (size_t)(end - (input.data + at)) + 1 : 0;
}

/* A copy of the line at `at`, as a string without its end. */
static char *copy_line(size_t at, size_t length)
{
    static struct bytes line;
    line.length = 0;
    bytes_add(&line, input.data + at, length - 1);
    bytes_add(&line, "", 1);
    return (char *)line.data;
}

char *host_line(void)
{
    size_t length;
    while (!(length = line_at(taken))) {
        bytes_drop(&input, taken);
        taken = 0;
        more_input();
    }
    taken += length;
    return copy_line(taken - length, length);
}

char *host_answer(void)
{
    for (size_t at = taken, length;; at += length) {
        while (!(length = line_at(at)))
            more_input();
        char *line = copy_line(at, length);
        if (strncmp(line, "reply ", 6) && strcmp(line, "go"))
            continue;
        memmove(input.data + at, input.data + at + length, input.length - at - length);
        input.length -= length;
        return line;
    }
}

void say(const char *format, ...)
{
    char line[512];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(line, sizeof line - 1, format, values);
    va_end(values);
    if (length > (int)sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    bytes_add(&output, line, (size_t)length);
    if (output.length > FLUSH_BYTES)
        host_flush();
}

void say_bytes(char kind, int64_t at_ns, const uint8_t *data, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char start[32];
    bytes_add(&output, start, (size_t)sprintf(start, "%c %lld ", kind, (long long)at_ns));
    for (size_t i = 0; i < length; i++)
        bytes_add(&output, (char[]){digits[data[i] >> 4], digits[data[i] & 15]}, 2);
    bytes_add(&output, "\n", 1);
    if (output.length > FLUSH_BYTES)
        host_flush();
}

void flag(const char *name, const char *detail)
{
    static const char *said[MOST_FLAGS];
    size_t i = 0;
    while (i < MOST_FLAGS && said[i])
        if (!strcmp(said[i++], name))
            return;
    if (i == MOST_FLAGS)
        return;
    said[i] = name;
    char shown[64] = "";
    for (size_t k = 0; detail && detail[k] && k < sizeof shown - 1; k++)
        shown[k] = detail[k] > ' ' && detail[k] < 127 ? detail[k] : '?';
    say(shown[0] ? "flag %s %s" : "flag %s", name, shown);
}

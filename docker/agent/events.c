/* V, the virtual time, and what has happened at it. All output of one instant is one event. */
#include "agent.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST_QUESTIONS 1000 /* at one instant: a program that asks for ever would stop the clock */

static int64_t now;
static struct bytes output;
static struct bytes replies; /* of the terminal, not typed yet: in hexadecimal, each with a zero at its end */
static bool asked;
static int questions;

int64_t now_ns(void)
{
    return now;
}

void set_now(int64_t to_ns)
{
    if (to_ns == now)
        return;
    flush_output();
    now = to_ns;
    questions = 0;
    page_set_now(now);
}

void add_output(const uint8_t *data, size_t length)
{
    bytes_add(&output, data, length);
    asked |= asks(data, length);
}

void flush_output(void)
{
    if (output.length)
        say_bytes('o', now, output.data, output.length);
    output.length = 0;
}

void report_exit(int status)
{
    flush_output();
    say("exit %lld %d", (long long)now, status);
}

bool read_hex(const char *text, struct bytes *into)
{
    into->length = 0;
    for (; isxdigit(text[0]) && isxdigit(text[1]); text += 2) {
        char pair[] = {text[0], text[1], 0};
        bytes_add(into, &(uint8_t){(uint8_t)strtoul(pair, NULL, 16)}, 1);
    }
    return !*text;
}

/* Have the host answer what was asked. */
static void ask_host(void)
{
    asked = false;
    if (++questions > MOST_QUESTIONS) {
        flag("questions", NULL);
        return;
    }
    flush_output();
    say("query %lld", (long long)now);
    for (char *line; strcmp(line = host_answer(), "go");)
        bytes_add(&replies, line + strlen("reply "), strlen(line + strlen("reply ")) + 1);
}

bool answer_question(void)
{
    static struct bytes reply;
    if (!replies.length && asked)
        ask_host();
    if (!replies.length)
        return false;
    const char *hex = (const char *)replies.data;
    if (!read_hex(hex, &reply))
        fail("not understood: reply %.60s", hex);
    bytes_drop(&replies, strlen(hex) + 1);
    terminal_type(reply.data, reply.length);
    return true;
}

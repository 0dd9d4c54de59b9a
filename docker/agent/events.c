/* V, the virtual time, and what has happened at it. All output of one instant is one event. */
#include "agent.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST_QUESTIONS 1000 /* at one instant: a program that asks for ever would stop the clock */

static int64_t now;
static struct bytes output;
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

bool answer_questions(void)
{
    static struct bytes reply;
    if (!asked)
        return false;
    asked = false;
    if (++questions > MOST_QUESTIONS) {
        flag("questions", NULL);
        return false;
    }
    flush_output();
    say("query %lld", (long long)now);
    for (;;) {
        char *line = host_answer();
        if (!strcmp(line, "go"))
            return true;
        if (!read_hex(line + strlen("reply "), &reply))
            fail("not understood: %.60s", line);
        terminal_type(reply.data, reply.length);
    }
}

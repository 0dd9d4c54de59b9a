/* Output that asks the terminal something: device attributes and status (CSI c, CSI n), modes (CSI $ p), the version
 * (CSI > q), the keyboard (CSI ? u), sizes (CSI t), colours and the clipboard (OSC ... ?), settings and capabilities
 * (DCS $ q, DCS + q). A small part of the parser of vt100.net/emu/dec_ansi_parser, which survives chunk borders. */
#include "agent.h"

#include <stdlib.h>
#include <string.h>

enum state { TEXT, ESCAPE, CONTROL, STRING, STRING_ESCAPE };
static enum state state;
static char kept[256]; /* of a sequence: what came after its introducer */
static size_t length;
static char introducer;

static bool control_asks(char final)
{
    switch (final) {
    case 'c':
        return length == 0 || kept[0] != '?'; /* CSI ? c is the terminal's own answer */
    case 'n':
        return true;
    case 'p':
        return length > 0 && kept[length - 1] == '$';
    case 'q':
        return kept[0] == '>';
    case 'u':
        return kept[0] == '?' && length == 1;
    case 't': /* XTWINOPS: reports stand from 11 to 21 */
        return atoi(kept) >= 11 && atoi(kept) <= 21;
    case 'x':
        return length == 0 || kept[0] == '0' || kept[0] == '1';
    default:
        return false;
    }
}

static bool string_asks(void)
{
    if (introducer == 'P')
        return !strncmp(kept, "$q", 2) || !strncmp(kept, "+q", 2);
    if (introducer != ']')
        return false;
    char *field = strchr(kept, ';');
    for (; field; field = strchr(field + 1, ';'))
        if (field[1] == '?' && (field[2] == ';' || field[2] == 0))
            return true;
    return false;
}

static void start(enum state next)
{
    state = next;
    length = 0;
    memset(kept, 0, sizeof kept);
}

static bool step(uint8_t byte)
{
    if (byte == 0x1b) {
        if (state == STRING)
            state = STRING_ESCAPE;
        else
            start(ESCAPE);
        return false;
    }
    if (byte == 0x18 || byte == 0x1a) { /* CAN, SUB */
        state = TEXT;
        return false;
    }
    switch (state) {
    case TEXT:
        return false;
    case ESCAPE:
        introducer = (char)byte;
        if (byte == '[')
            start(CONTROL);
        else if (strchr("]P^_X", byte) && byte)
            start(STRING);
        else
            state = TEXT;
        return byte == 'Z'; /* DECID */
    case CONTROL:
        if (byte >= 0x40 && byte <= 0x7e) {
            state = TEXT;
            return control_asks((char)byte);
        }
        break;
    case STRING:
        if (byte == 0x07) {
            state = TEXT;
            return string_asks();
        }
        break;
    case STRING_ESCAPE:
        state = TEXT;
        return byte == '\\' && string_asks();
    }
    if (byte >= 0x20 && length < sizeof kept - 1)
        kept[length++] = (char)byte;
    return false;
}

bool asks(const uint8_t *data, size_t count)
{
    bool asked = false;
    for (size_t i = 0; i < count; i++)
        asked |= step(data[i]);
    return asked;
}

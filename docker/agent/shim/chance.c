/* Random numbers that are the same in each run: a counter-based generator (SplitMix64: Steele, Lea and Flood, 2014),
 * seeded by the run's seed, the process's number and the instant. Where no agent runs, the kernel's. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STEP 0x9e3779b97f4a7c15ULL
#define RANDOM_FILLED (1 << 20)
#define RANDOM_BYTES (1L << 30)

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    return x ^ x >> 31;
}

uint64_t draw(void)
{
    static _Atomic uint64_t drawn;
    struct clock_page *page = shared_page();
    uint64_t place = page->seed + mix((uint64_t)getpid() * STEP) + mix((uint64_t)page->now_ns + 1);
    return mix(mix(place) + (drawn += STEP));
}

void draw_bytes(void *into, size_t length)
{
    for (size_t done = 0; done < length; done += sizeof(uint64_t)) {
        uint64_t number = draw();
        memcpy((char *)into + done, &number, length - done < sizeof number ? length - done : sizeof number);
    }
}

/* A file in place of /dev/urandom: as long as anybody reads, of chance in the beginning and then zero. */
int open_random(int flags)
{
    static uint64_t filled[RANDOM_FILLED / sizeof(uint64_t)];
    int file = memfd_create("random", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    if (file < 0 || ftruncate(file, RANDOM_BYTES))
        return file;
    uint64_t place = draw();
    for (size_t i = 0; i < sizeof filled / sizeof *filled; i++)
        filled[i] = mix(place += STEP);
    ssize_t put = pwrite(file, filled, sizeof filled, 0);
    madvise(filled, sizeof filled, MADV_DONTNEED);
    if (put == (ssize_t)sizeof filled)
        return file;
    close(file);
    errno = ENFILE;
    return -1;
}

PUBLIC ssize_t getrandom(void *into, size_t length, unsigned flags)
{
    if (!shared_page())
        return NEXT(getrandom)(into, length, flags);
    draw_bytes(into, length);
    return (ssize_t)length;
}

PUBLIC int getentropy(void *into, size_t length)
{
    if (!shared_page() || length > 256)
        return NEXT(getentropy)(into, length);
    draw_bytes(into, length);
    return 0;
}

PUBLIC uint32_t arc4random(void)
{
    return shared_page() ? (uint32_t)draw() : NEXT(arc4random)();
}

PUBLIC void arc4random_buf(void *into, size_t length)
{
    if (shared_page())
        draw_bytes(into, length);
    else
        NEXT(arc4random_buf)(into, length);
}

PUBLIC uint32_t arc4random_uniform(uint32_t bound)
{
    if (!shared_page())
        return NEXT(arc4random_uniform)(bound);
    return bound ? (uint32_t)((unsigned __int128)draw() * bound >> 64) : 0;
}

#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_LOOKS 1000

static struct clock_page *page;

/* Programs whose output tells how much others have worked. */
static const char *const METERS[] = {"atop", "btop", "htop", "iostat", "pidstat", "ps", "top", "vmstat"};

void *next_symbol(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* The loader runs this before the program, but other libraries' constructors may come first and ask for the time. */
__attribute__((constructor)) static void open_page(void)
{
    static bool tried;
    if (tried)
        return;
    tried = true;
    int kept = errno;
    long file = syscall(SYS_openat, AT_FDCWD, CLOCK_PAGE, O_RDWR | O_CLOEXEC);
    errno = kept;
    if (file < 0)
        return;
    void *found = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, (int)file, 0);
    syscall(SYS_close, file);
    if (found == MAP_FAILED || ((struct clock_page *)found)->layout != CLOCK_PAGE_LAYOUT)
        return;
    page = found;
    for (size_t i = 0; i < sizeof METERS / sizeof *METERS; i++)
        if (!strcmp(program_invocation_short_name, METERS[i]))
            note(NOTES_PROCESS_TIMES);
    for (struct timer *timer = page->timers; timer < page->timers + TIMERS; timer++)
        if (timer->kind != INTERVAL_TIMER && timer->pid == getpid())
            timer->pid = 0; /* of the program that this one has replaced; alarms live on */
    start_in_turn();
}

struct clock_page *shared_page(void)
{
    open_page();
    return page;
}

struct clock_page *virtual_page(void)
{
    open_page();
    return page && page->is_virtual ? page : NULL;
}

void note(uint32_t what)
{
    if (virtual_page())
        page->notes |= what;
}

void spin(void)
{
    static __thread int64_t instant_ns;
    static __thread int looks;
    if (page->now_ns != instant_ns) {
        instant_ns = page->now_ns;
        looks = 0;
    }
    if (++looks < MOST_LOOKS)
        return;
    looks = 0;
    int kept = errno;
    struct wait wait = {{FOREVER_S, 0}, WAIT_MARK, page->now_ns + NS_PER_S / 1000};
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &wait.kernel, NULL);
    errno = kept;
}

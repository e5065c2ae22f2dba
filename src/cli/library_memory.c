#include "cli/library_memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

/* std::set_new_handler of the C++ standard library ([alloc.errors]): what operator new calls when
 * there is no memory. The handler may end the program. */
typedef void new_handler(void);
extern new_handler *set_new_handler(new_handler *handler) __asm__("_ZSt15set_new_handlerPFvvE");

static void end_without_memory(void)
{
    static const char line[] = "weir: memory ran out in a library. Try: fewer files at a time, or "
                               "more memory\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
    (void)written;
    _exit(1);
}

static void *take(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL)
        end_without_memory();
    return memory;
}

void library_memory_setup(void)
{
    json_set_alloc_funcs(take, free);
    set_new_handler(end_without_memory);
}

#include "batch/told_command.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define COUNT_SIZE 48

/* How many words stand within the bound, and the room behind them. */
static size_t count_whole(const char *const *arguments, size_t *ret_room)
{
    size_t count = 0, room = TOLD_COMMAND_MOST;
    for (; arguments[count] != NULL; count++) {
        size_t size = strnlen(arguments[count], room) + 1;
        if (size > room)
            break;
        room -= size;
    }
    *ret_room = room;
    return count;
}

static enum error_code cut_word(const char *word, size_t room, struct mem_arena *arena,
                                const char **ret, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc(arena, room + 4, &memory, error));
    *ret = utf8_shorten(word, room, memory);
    return ERROR_NONE;
}

static enum error_code tell_missing(size_t missing, struct mem_arena *arena, const char **ret,
                                    struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc(arena, COUNT_SIZE, &memory, error));
    snprintf(memory, COUNT_SIZE, "(%zu more)", missing);
    *ret = memory;
    return ERROR_NONE;
}

enum error_code told_command(const char *const *arguments, struct mem_arena *arena,
                             const char *const **ret, struct error *error)
{
    size_t room, whole = count_whole(arguments, &room), missing = 0;
    void *memory;
    *ret = arguments;
    if (arguments[whole] == NULL)
        return ERROR_NONE;
    while (arguments[whole + 1 + missing] != NULL)
        missing++;
    TRY(mem_arena_alloc_array(arena, whole + 3, sizeof(char *), &memory, error));
    const char **told = memory;
    memcpy(told, arguments, whole * sizeof *told);
    TRY(cut_word(arguments[whole], room, arena, &told[whole], error));
    told[whole + 1] = told[whole + 2] = NULL;
    if (missing > 0)
        TRY(tell_missing(missing, arena, &told[whole + 1], error));
    *ret = told;
    return ERROR_NONE;
}

/* Commands, sizes and ways of keeping limits in words. */
#include <string.h>

#include "base/utf8.h"
#include "explain/explain.h"
#include "term/text.h"

char *explain_command(const char *const *arguments, char *buffer, size_t size)
{
    char word[EXPLAIN_COMMAND_WIDTH * 4];
    size_t used = 0, most = size < EXPLAIN_COMMAND_WIDTH ? size : EXPLAIN_COMMAND_WIDTH;
    buffer[0] = '\0';
    for (; *arguments != NULL && used < most; arguments++) {
        text_escape(*arguments, word, sizeof word);
        used += (size_t)snprintf(buffer + used, most - used, "%s%s", used > 0 ? " " : "", word);
    }
    if (used >= most || *arguments != NULL) { /* cut before a character, not within one */
        size_t cut = utf8_cut(buffer, most > 4 ? most - 4 : 0);
        snprintf(buffer + cut, size - cut, "...");
    }
    return buffer;
}

const char *explain_watch_name(enum cell_watch watch)
{
    static const char *const names[] = {
        [CELL_WATCH_V2] = "v2", [CELL_WATCH_V1] = "v1", [CELL_WATCH_POLL] = "watching"};
    return names[watch];
}

char *explain_size_option(uint64_t bytes, char *buffer, size_t size)
{
    uint64_t mib = bytes / (1 << 20) + (bytes % (1 << 20) != 0);
    if (mib % 1024 == 0 && mib > 0)
        snprintf(buffer, size, "%lluGiB", (unsigned long long)(mib / 1024));
    else
        snprintf(buffer, size, "%lluMiB", (unsigned long long)mib);
    return buffer;
}

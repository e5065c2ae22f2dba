/*
 * Bytes taken for the memory of an attempt over time, in both forms in which it is kept: an error
 * that says where, or points in their order, few of them, that can be added up and read again.
 */
#include <math.h>
#include <stdio.h>

#include "explain/memory_history.h"
#include "memory.h"

static void check_points(const struct memory_history *history)
{
    size_t count = memory_history_count(history);
    demand(count <= MEMORY_HISTORY_POINTS);
    for (size_t i = 1; i < count; i++)
        demand(memory_history_at(history, i - 1)->at_ms <= memory_history_at(history, i)->at_ms);
    double sum = memory_history_integral(history, UINT64_MAX);
    demand(isfinite(sum) && sum >= 0);
}

/* The same points as pairs, as the ledger keeps them. */
static void read_again(const struct memory_history *history, struct mem_account *account)
{
    struct memory_history again;
    struct error error;
    char *text;
    size_t size, count = memory_history_count(history);
    FILE *stream = open_memstream(&text, &size);
    demand(stream != NULL);
    fputc('[', stream);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%s[%llu,%llu]", i > 0 ? "," : "",
                (unsigned long long)memory_history_at(history, i)->at_ms,
                (unsigned long long)memory_history_at(history, i)->memory);
    fputc(']', stream);
    fclose(stream);
    memory_history_init(&again, account);
    demand(memory_history_read_pairs(&again, text, &error) == ERROR_NONE);
    demand(memory_history_count(&again) == count);
    for (size_t i = 0; i < count; i++)
        demand(memcmp(memory_history_at(&again, i), memory_history_at(history, i),
                      sizeof(struct memory_point)) == 0);
    memory_history_release(&again);
    free(text);
}

static void check(enum error_code code, const struct memory_history *history,
                  const struct error *error, struct mem_account *account)
{
    if (code == ERROR_NONE) {
        check_points(history);
        read_again(history, account);
    } else {
        demand(code == ERROR_INPUT && error->what[0] != '\0');
    }
}

static void read_lines(const uint8_t *data, size_t size, struct mem_account *account)
{
    struct memory_history history;
    struct error error;
    FILE *stream = fmemopen((void *)data, size, "r");
    demand(stream != NULL);
    error_init(&error);
    memory_history_init(&history, account);
    enum error_code code = memory_history_read_lines(&history, stream, &error);
    check(code, &history, &error, account);
    memory_history_release(&history);
    fclose(stream);
}

static void read_pairs(const uint8_t *data, size_t size, struct mem_account *account)
{
    struct memory_history history;
    struct error error;
    char *text = malloc(size + 1);
    demand(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    error_init(&error);
    memory_history_init(&history, account);
    enum error_code code = memory_history_read_pairs(&history, text, &error);
    demand(code == ERROR_NONE || (error.offset >= 0 && error.offset <= (int64_t)size));
    check(code, &history, &error, account);
    memory_history_release(&history);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    if (size > 0) {
        read_lines(data, size, &account);
        read_pairs(data, size, &account);
    }
    demand(atomic_load(&account.used) == 0);
    return 0;
}

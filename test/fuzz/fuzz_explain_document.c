/*
 * Bytes taken for the JSON of an end: an error, or a report that can be printed and whose own JSON
 * can be read.
 */
#include <stdio.h>

#include "explain/explain_document_read.h"
#include "memory.h"

static void print(const struct explain_record *record)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    demand(stream != NULL);
    explain_write_summary(stream, &record->report);
    explain_write_failure(stream, &record->facts, &record->report);
    fclose(stream);
    demand(size > 0 && memchr(text, '\033', size) == NULL);
    free(text);
}

static void read_again(const struct explain_record *record, struct mem_arena *arena)
{
    struct explain_record again;
    struct error error;
    json_t *document = explain_document(&record->facts, &record->report);
    char *text = json_dumps(document, 0);
    demand(text != NULL);
    demand(explain_document_read(text, strlen(text), arena, &again, &error) == ERROR_NONE);
    demand(again.report.verdict == record->report.verdict);
    demand(again.report.peak == record->report.peak);
    free(text);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct mem_arena arena;
    struct explain_record record;
    struct error error;
    error_init(&error);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    mem_arena_init(&arena, &account);
    enum error_code code = explain_document_read((const char *)data, size, &arena, &record, &error);
    if (code == ERROR_NONE) {
        print(&record);
        read_again(&record, &arena);
    } else {
        demand(code == ERROR_INPUT && error.what[0] != '\0');
    }
    mem_arena_release(&arena);
    demand(atomic_load(&account.used) == 0);
    return 0;
}

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cell/said.h"
#include "mem/mem.h"

/* Lines looked at from the end, those of stacks and empty ones not counted, and all in all. */
#define LINES_COUNTED 12
#define LINES_MOST    400

/* Words that programs use for nothing else, each with where it comes from. */
static const char *const WORDS[] = {
    "std::bad_alloc",                 /* C++ */
    "St9bad_alloc",                   /* the same, mangled */
    "Cannot allocate memory",         /* ENOMEM */
    "cannot allocate memory",         /* shells, Go */
    "Out of Memory Error",            /* DuckDB */
    "OutOfMemoryException",           /* DuckDB, .NET */
    "java.lang.OutOfMemoryError",     /* Java */
    "OutOfMemoryError",               /* Julia, CUDA, Spark */
    "JavaScript heap out of memory",  /* Node */
    "runtime: out of memory",         /* Go */
    "memory allocation of ",          /* Rust, and with it Polars and DataFusion */
    "MemoryError",                    /* Python and what derives from it */
    "cannot allocate vector of size", /* R */
    "Out of memory!",                 /* Perl */
    "memory exhausted",               /* GNU tools */
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct line {
    const char *start;
    size_t size;
};

static const char *find(struct line line, const char *word)
{
    size_t size = strlen(word);
    for (size_t at = 0; at + size <= line.size; at++)
        if (memcmp(line.start + at, word, size) == 0)
            return line.start + at;
    return NULL;
}

static bool speaks_of_memory(struct line line)
{
    for (size_t i = 0; i < COUNT(WORDS); i++)
        if (find(line, WORDS[i]) != NULL)
            return true;
    return false;
}

static bool ends_with(struct line name, const char *word)
{
    size_t size = strlen(word);
    return name.size >= size && memcmp(name.start + name.size - size, word, size) == 0;
}

/* "package.SomeError: text", as Python ends a traceback. */
static bool is_exception(struct line line)
{
    struct line name = {line.start, 0};
    while (name.size < line.size && (isalnum((unsigned char)line.start[name.size]) ||
                                     line.start[name.size] == '.' || line.start[name.size] == '_'))
        name.size++;
    if (name.size == 0 || (name.size < line.size && line.start[name.size] != ':'))
        return false;
    return ends_with(name, "Error") || ends_with(name, "Exception") ||
           ends_with(name, "Interrupt") || ends_with(name, "Exit");
}

/* The line that ends at *end, which moves before it. */
static struct line take_last_line(const char *text, size_t *end)
{
    size_t stop = *end;
    size_t start = stop;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    *end = start > 0 ? start - 1 : 0;
    while (stop > start && isspace((unsigned char)text[stop - 1]))
        stop--;
    return (struct line){text + start, stop - start};
}

static void copy_line(struct line line, char ret[static 200])
{
    size_t size = 0;
    while (line.size > 0 && isspace((unsigned char)*line.start)) {
        line.start++;
        line.size--;
    }
    for (size_t i = 0; i < line.size && size < 199; i++)
        if ((unsigned char)line.start[i] >= 0x20 && line.start[i] != 0x7f)
            ret[size++] = line.start[i];
    ret[size] = '\0';
}

/* "Unable to allocate 8.00 GiB for", "failed to allocate data of size 16.0 GiB", "allocation of
 * 800000 bytes failed", "vector of size 1.5 Gb": the first number behind such a word. */
static uint64_t bytes_at(const char *text)
{
    char *rest;
    double number = strtod(text, &rest);
    rest += *rest == ' ';
    static const char LETTERS[] = "KMGTP";
    const char *letter = *rest == '\0' ? NULL : strchr(LETTERS, toupper((unsigned char)*rest));
    if (letter != NULL && strchr("iBb", rest[1]) != NULL && rest[1] != '\0')
        for (const char *at = LETTERS; at <= letter; at++)
            number *= 1024;
    return number >= 1 && number < 1e18 ? (uint64_t)number : 0;
}

static uint64_t requested_in(const char *line)
{
    static const char *const BEFORE[] = {"llocate ", "of size ", "llocation of "};
    for (size_t i = 0; i < COUNT(BEFORE); i++)
        for (const char *at = line; (at = strstr(at, BEFORE[i])) != NULL;) {
            at += strlen(BEFORE[i]);
            if (isdigit((unsigned char)*at))
                return bytes_at(at);
        }
    return 0;
}

static bool is_stack(struct line line)
{
    return line.size == 0 || *line.start == ' ' || *line.start == '\t';
}

void said_read(const char *text, size_t size, struct said *ret)
{
    *ret = (struct said){.requested = 0};
    int counted = 0;
    for (int i = 0; i < LINES_MOST && size > 0 && counted < LINES_COUNTED; i++) {
        struct line line = take_last_line(text, &size);
        if (ret->last[0] == '\0')
            copy_line(line, ret->last);
        if (speaks_of_memory(line)) {
            ret->out_of_memory = true;
            copy_line(line, ret->line);
            ret->requested = requested_in(ret->line);
            return;
        }
        /* An error that came later than any word of memory is the reason. */
        if (is_exception(line))
            return;
        counted += !is_stack(line);
    }
}

/*
 * What decoding alone costs: reads every value of a file's only column as slices, again and again,
 * and tells the processor time of each time. Nothing is done with the values but to look at them.
 *
 * Paths come one a line on stdin, so that a script can let another reader take turns with this one.
 * For each path one line: values, rows, a sum of what was seen, then the nanoseconds of each
 * repeat. A repeat opens the file, reads its footer, decodes everything and closes it again. usage:
 * bench_decode REPEATS <PATHS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "parquet/column_reader.h"

#define LIMIT     ((size_t)1 << 30) /* a page and its dictionary */
#define MOST_ROWS 65536             /* of a slice */

struct seen {
    uint64_t rows, values, sum;
};

static uint64_t processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Every byte of the slice is loaded, a word at a time, so that nothing given can be left unread. */
static uint64_t sum_of_words(const uint8_t *bytes, size_t size)
{
    uint64_t sum = 0, word;
    size_t at = 0;
    for (; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        sum += word;
    }
    for (; at < size; at++)
        sum += bytes[at];
    return sum;
}

/* Of texts, which a slice points to: the lengths and the first bytes. */
static uint64_t sum_of_texts(const struct column_bytes *texts, uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += texts[i].size > 0 ? texts[i].size + texts[i].data[0] : 0;
    return sum;
}

static void look_at(const struct column_slice *slice, const struct column_type *type,
                    struct seen *seen)
{
    seen->rows += slice->row_count;
    seen->values += slice->value_count;
    if (slice->present != NULL)
        seen->sum += sum_of_words(slice->present, slice->row_count);
    if (type->physical == COLUMN_BYTE_ARRAY)
        seen->sum += sum_of_texts(slice->values, slice->value_count);
    else
        seen->sum += sum_of_words(slice->values, slice->value_count * column_value_size(type));
}

static enum error_code read_column(const struct store_object *object,
                                   const struct parquet_metadata *metadata,
                                   struct mem_account *account, struct seen *seen,
                                   struct error *error)
{
    struct parquet_column_reader reader;
    struct column_slice slice = {.row_count = 1};
    enum error_code code = ERROR_NONE;
    TRY(parquet_column_reader_open(&reader, object, metadata, 0, account, LIMIT, error));
    while (code == ERROR_NONE && slice.row_count > 0) {
        code = parquet_column_reader_next(&reader, MOST_ROWS, &slice, error);
        if (code == ERROR_NONE && slice.row_count > 0)
            look_at(&slice, &metadata->columns[0].type, seen);
    }
    parquet_column_reader_close(&reader);
    return code;
}

static enum error_code read_file(const char *path, struct mem_account *account, struct seen *seen,
                                 struct error *error)
{
    struct store_object object;
    struct parquet_metadata metadata;
    TRY(store_open(&object, path, error));
    enum error_code code = parquet_metadata_read(&object, account, &metadata, error);
    if (code == ERROR_NONE) {
        code = read_column(&object, &metadata, account, seen, error);
        parquet_metadata_release(&metadata);
    }
    store_close(&object);
    return code;
}

static bool measure(const char *path, unsigned long repeats, struct mem_account *account)
{
    struct error error;
    char line[2048];
    error_init(&error);
    for (unsigned long i = 0; i < repeats; i++) {
        struct seen seen = {0};
        uint64_t begin = processor_time();
        if (read_file(path, account, &seen, &error) != ERROR_NONE) {
            printf("error %s\n", error_render(&error, line, sizeof line));
            return false;
        }
        uint64_t took = processor_time() - begin;
        if (i == 0)
            printf("%llu %llu %llu", (unsigned long long)seen.values, (unsigned long long)seen.rows,
                   (unsigned long long)seen.sum);
        printf(" %llu", (unsigned long long)took);
    }
    printf("\n");
    return true;
}

int main(int argc, char **argv)
{
    struct mem_account account;
    char path[4096];
    bool good = true;
    unsigned long repeats = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (repeats == 0) {
        fputs("usage: bench_decode REPEATS <PATHS\n", stderr);
        return 2;
    }
    mem_account_init(&account, "decode", NULL, MEM_NO_LIMIT);
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        good = measure(path, repeats, &account) && good;
        fflush(stdout);
    }
    return good ? 0 : 1;
}

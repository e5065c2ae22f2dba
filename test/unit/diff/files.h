/* Small Parquet files for the comparison: a test fills columns and writes them. */
#ifndef TEST_DIFF_FILES_H
#define TEST_DIFF_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "diff/diff.h"
#include "parquet/writer.h"

#define FILE_COLUMNS 4

static char files_folder[64];
static char files_left[96], files_right[96];
static struct error error;

static inline int files_make(void **state)
{
    (void)state;
    memcpy(files_folder, "/tmp/weir-unit-XXXXXX", 22);
    if (mkdtemp(files_folder) == NULL)
        return -1;
    snprintf(files_left, sizeof files_left, "%s/left.parquet", files_folder);
    snprintf(files_right, sizeof files_right, "%s/right.parquet", files_folder);
    return 0;
}

static inline int files_remove(void **state)
{
    (void)state;
    unlink(files_left);
    unlink(files_right);
    return rmdir(files_folder);
}

/* A file of a few columns; slices as the writer takes them, group_rows a row group. */
struct file_columns {
    uint32_t count;
    struct column_field fields[FILE_COLUMNS];
    struct column_slice slices[FILE_COLUMNS];
};

static inline void file_add(struct file_columns *file, const char *name, struct column_type type,
                            uint32_t rows, const void *values, const uint8_t *present)
{
    uint32_t count = rows;
    for (uint32_t i = 0; present != NULL && i < rows; i++)
        count -= present[i] == 0;
    file->fields[file->count] =
        (struct column_field){.name = name, .type = type, .nullable = present != NULL};
    file->slices[file->count++] = (struct column_slice){rows, count, present, values};
}

static inline void file_write(const struct file_columns *file, const char *path)
{
    struct mem_account account;
    struct output output;
    struct parquet_writer *writer;
    struct parquet_writer_options options = parquet_writer_defaults();
    /* Pages of columns of other widths end at other rows. */
    options.page_bytes = 3000;
    mem_account_init(&account, "file", NULL, MEM_NO_LIMIT);
    assert_int_equal(output_open(&output, path, true, &account, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_create(&account, &output, file->fields, file->count, &options,
                                           &writer, &error),
                     ERROR_NONE);
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    for (uint32_t i = 0; i < file->count; i++)
        assert_int_equal(parquet_writer_append(writer, i, &file->slices[i], &error), ERROR_NONE);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_NONE);
    parquet_writer_destroy(writer);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    assert_int_equal(atomic_load(&account.used), 0);
}

#endif

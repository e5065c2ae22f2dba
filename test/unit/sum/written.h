/*
 * Parquet files of one column for tests: written by weir's own writer into the test's folder, then
 * opened.
 */
#ifndef WEIR_TEST_SUM_WRITTEN_H
#define WEIR_TEST_SUM_WRITTEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/writer.h"
#include "store/folder.h"

#define OK(call) assert_int_equal((call), ERROR_NONE)

static struct mem_account account;
static struct error error;

struct written {
    char path[512]; /* the object borrows it */
    struct column_field field;
    struct store_object object;
    struct parquet_metadata metadata;
};

/* How the file is laid out. */
struct written_layout {
    bool dictionary;
    uint32_t dictionary_bytes; /* 0: as much as there is */
    uint32_t group_rows;
};

static inline int written_set_up(void **state)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return folder_make(state);
}

static inline int written_tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

/* Rows begin..begin+count-1 of a slice of the whole file. */
static inline struct column_slice written_part(const struct column_slice *all, size_t width,
                                               uint32_t begin, uint32_t count)
{
    struct column_slice part = *all;
    uint32_t before = 0, values = 0;
    for (uint32_t row = 0; row < begin + count; row++) {
        bool there = all->present == NULL || all->present[row] != 0;
        before += there && row < begin;
        values += there && row >= begin;
    }
    part.values = (const uint8_t *)all->values + before * width;
    part.present = all->present != NULL ? all->present + begin : NULL;
    part.row_count = count;
    part.value_count = values;
    return part;
}

static inline void written_make(struct written *file, const char *name,
                                const struct column_slice *all, const struct written_layout *layout)
{
    const struct parquet_column_options column = {.dictionary = layout->dictionary,
                                                  .value_encoding = PARQUET_PLAIN};
    struct parquet_writer_options options = parquet_writer_defaults();
    struct parquet_writer *writer;
    struct output output;
    options.columns = &column;
    options.page_rows = 250;
    if (layout->dictionary_bytes > 0)
        options.dictionary_bytes = layout->dictionary_bytes;
    snprintf(file->path, sizeof file->path, "%s", folder_file(name));
    OK(output_open(&output, file->path, true, &account, &error));
    OK(parquet_writer_create(&account, &output, &file->field, 1, &options, &writer, &error));
    size_t width = column_value_size(&file->field.type);
    for (uint32_t row = 0; row < all->row_count; row += layout->group_rows) {
        uint32_t left = all->row_count - row;
        struct column_slice part =
            written_part(all, width, row, left < layout->group_rows ? left : layout->group_rows);
        OK(parquet_writer_begin_row_group(writer, &error));
        OK(parquet_writer_append(writer, 0, &part, &error));
        OK(parquet_writer_end_row_group(writer, &error));
    }
    OK(parquet_writer_finish(writer, NULL, 0, &error));
    OK(output_commit(&output, &error));
    parquet_writer_destroy(writer);
    OK(store_open(&file->object, file->path, &error));
    OK(parquet_metadata_read(&file->object, &account, &file->metadata, &error));
}

static inline void written_close(struct written *file)
{
    parquet_metadata_release(&file->metadata);
    store_close(&file->object);
}

#endif

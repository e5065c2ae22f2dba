/* A profile made ahead of a copy, from slices of an odd size. */
#ifndef TEST_PARQUET_PROFILE_H
#define TEST_PARQUET_PROFILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parquet/writer.h"

static inline struct parquet_chunk_profile profile_of(struct parquet_page_reader *reader,
                                                      const struct store_object *object,
                                                      const struct parquet_column *column,
                                                      const struct parquet_chunk *chunk,
                                                      struct spool *pages)
{
    struct error error;
    struct parquet_profiler *profiler;
    struct parquet_chunk_profile profile;
    struct column_slice slice = {.row_count = 1};
    enum error_code code = parquet_page_reader_open(reader, object, column, chunk, NULL, &error);
    code |= parquet_profiler_create(pages->memory.account, pages, &profiler, &error);
    while (code == ERROR_NONE && slice.row_count > 0) {
        code = parquet_page_reader_next(reader, 77, &slice, &error);
        if (code == ERROR_NONE && slice.row_count > 0)
            code = parquet_profiler_take(profiler, &column->type, parquet_page_reader_page(reader),
                                         &slice, &error);
    }
    code |= parquet_profiler_end(profiler, &profile, &error);
    parquet_profiler_destroy(profiler);
    assert_int_equal(code, ERROR_NONE);
    return profile;
}

#endif

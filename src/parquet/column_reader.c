#include "parquet/column_reader.h"

enum error_code parquet_column_reader_open(struct parquet_column_reader *ret,
                                           const struct store_object *object,
                                           const struct parquet_metadata *metadata, uint32_t column,
                                           struct mem_account *account, size_t limit,
                                           struct error *error)
{
    struct parquet_column_reader reader = {
        .object = object, .metadata = metadata, .column = column};
    TRY(parquet_page_reader_create(account, limit, &reader.pages, error));
    *ret = reader;
    return ERROR_NONE;
}

void parquet_column_reader_close(struct parquet_column_reader *reader)
{
    parquet_page_reader_destroy(reader->pages);
    *reader = (struct parquet_column_reader){0};
}

static enum error_code located(const struct parquet_column_reader *reader, enum error_code code,
                               struct error *error)
{
    if (code != ERROR_NONE) {
        error_in_file(error, reader->object->path);
        error_in_column(error, reader->metadata->columns[reader->column].path);
        error_in_row_group(error, reader->row_group);
    }
    return code;
}

/* Opens the chunk of the row group that the next row is in, if it is not open. */
static enum error_code need_chunk(struct parquet_column_reader *reader, struct error *error)
{
    const struct parquet_metadata *metadata = reader->metadata;
    if (reader->open)
        return ERROR_NONE;
    TRY(parquet_page_reader_open(reader->pages, reader->object, &metadata->columns[reader->column],
                                 &metadata->row_groups[reader->row_group].chunks[reader->column],
                                 NULL, error));
    reader->open = true;
    return ERROR_NONE;
}

static void end_chunk(struct parquet_column_reader *reader)
{
    reader->open = false;
    reader->row_group++;
}

static enum error_code next_slice(struct parquet_column_reader *reader, uint32_t max_rows,
                                  struct column_slice *ret, struct error *error)
{
    while (reader->row_group < reader->metadata->row_group_count) {
        TRY(need_chunk(reader, error));
        TRY(parquet_page_reader_next(reader->pages, max_rows, ret, error));
        reader->row += ret->row_count;
        if (ret->row_count > 0)
            return ERROR_NONE;
        end_chunk(reader);
    }
    *ret = (struct column_slice){.values = reader};
    return ERROR_NONE;
}

enum error_code parquet_column_reader_next(struct parquet_column_reader *reader, uint32_t max_rows,
                                           struct column_slice *ret, struct error *error)
{
    return located(reader, next_slice(reader, max_rows, ret, error), error);
}

/* Rows of the current row group that have not been given. */
static uint64_t rows_left(const struct parquet_column_reader *reader)
{
    uint64_t before = 0;
    for (uint32_t i = 0; i < reader->row_group; i++)
        before += reader->metadata->row_groups[i].row_count;
    return before + reader->metadata->row_groups[reader->row_group].row_count - reader->row;
}

static enum error_code skip_rows(struct parquet_column_reader *reader, uint64_t rows,
                                 struct error *error)
{
    while (rows > 0) {
        if (reader->row_group == reader->metadata->row_group_count)
            return error_set(error, ERROR_INTERNAL, "rows passed over beyond the file's end");
        uint64_t left = rows_left(reader);
        uint64_t now = rows < left ? rows : left;
        if (now < left) {
            TRY(need_chunk(reader, error));
            TRY(parquet_page_reader_skip(reader->pages, now, error));
        } else {
            end_chunk(reader);
        }
        reader->row += now;
        rows -= now;
    }
    return ERROR_NONE;
}

enum error_code parquet_column_reader_skip(struct parquet_column_reader *reader, uint64_t rows,
                                           struct error *error)
{
    return located(reader, skip_rows(reader, rows, error), error);
}

#include "diff/file.h"

#include "os/os.h"

#define BATCH_ROWS 4096

enum error_code diff_file_open(struct diff_file *file, const char *path,
                               struct mem_account *account, struct error *error)
{
    *file = (struct diff_file){.account = account};
    enum error_code code = store_open(&file->object, path, error);
    if (code == ERROR_NONE)
        code = parquet_metadata_read(&file->object, account, &file->metadata, error);
    file->open = code == ERROR_NONE;
    if (code != ERROR_NONE)
        error_in_file(error, path);
    return code;
}

void diff_file_close(struct diff_file *file)
{
    diff_file_stop(file);
    if (file->open)
        parquet_metadata_release(&file->metadata);
    if (file->object.driver != NULL)
        store_close(&file->object);
    *file = (struct diff_file){0};
}

enum error_code diff_file_choose(struct diff_file *file, const struct diff_columns *columns,
                                 enum diff_side side, struct mem_arena *arena, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(arena, columns->count, sizeof *file->fields, &memory, error));
    file->fields = memory;
    TRY(mem_arena_alloc_array(arena, columns->count, sizeof *file->readers, &memory, error));
    file->readers = memory;
    TRY(mem_arena_alloc_array(arena, columns->count, sizeof *file->slices, &memory, error));
    file->slices = memory;
    TRY(mem_arena_alloc_array(arena, columns->count, sizeof *file->given, &memory, error));
    file->given = memory;
    file->column_count = columns->count;
    for (uint32_t i = 0; i < columns->count; i++)
        file->fields[i] = columns->columns[i].field[side];
    return ERROR_NONE;
}

enum error_code diff_file_start(struct diff_file *file, const struct diff_columns *columns,
                                enum diff_side side, struct error *error)
{
    diff_file_stop(file);
    file->given_rows = 0;
    for (uint32_t i = 0; i < columns->count; i++) {
        TRY(parquet_column_reader_open(&file->readers[i], &file->object, &file->metadata,
                                       columns->columns[i].index[side], file->account,
                                       file->account->limit, error));
        file->reader_count++;
        file->slices[i] = (struct column_slice){0};
        file->given[i] = (struct column_slice){0};
    }
    return ERROR_NONE;
}

void diff_file_stop(struct diff_file *file)
{
    while (file->reader_count > 0)
        parquet_column_reader_close(&file->readers[--file->reader_count]);
}

/* Passes over what was given, and asks the reader for more where nothing is left. */
static enum error_code advance(struct diff_file *file, uint32_t column, struct error *error)
{
    struct column_slice *slice = &file->slices[column];
    size_t size = column_value_size(&file->fields[column].type);
    slice->row_count -= file->given_rows;
    slice->value_count -= file->given[column].value_count;
    if (slice->row_count == 0)
        return parquet_column_reader_next(&file->readers[column], BATCH_ROWS, slice, error);
    slice->values = (const uint8_t *)slice->values + file->given[column].value_count * size;
    if (slice->present != NULL)
        slice->present += file->given_rows;
    return ERROR_NONE;
}

/* The first rows of a slice. */
static struct column_slice head_of(const struct column_slice *slice, uint32_t rows)
{
    struct column_slice head = {rows, rows, slice->present, slice->values};
    if (rows == slice->row_count)
        head.value_count = slice->value_count;
    else if (slice->present != NULL)
        head.value_count = 0;
    for (uint32_t i = 0; slice->present != NULL && rows < slice->row_count && i < rows; i++)
        head.value_count += slice->present[i] != 0;
    return head;
}

static enum error_code check_lengths(const struct diff_file *file, uint32_t rows,
                                     struct error *error)
{
    for (uint32_t i = 0; rows == 0 && i < file->column_count; i++) {
        if (file->slices[i].row_count == 0)
            continue;
        error_set(error, ERROR_INPUT, "columns have different numbers of rows");
        error_in_file(error, file->object.path);
        return ERROR_INPUT;
    }
    return ERROR_NONE;
}

enum error_code diff_file_next(struct diff_file *file, struct column_batch *ret,
                               struct error *error)
{
    uint32_t rows = UINT32_MAX;
    TRY(os_check_stop(error));
    for (uint32_t i = 0; i < file->column_count; i++) {
        TRY(advance(file, i, error));
        if (file->slices[i].row_count < rows)
            rows = file->slices[i].row_count;
    }
    TRY(check_lengths(file, rows, error));
    file->given_rows = rows;
    for (uint32_t i = 0; i < file->column_count; i++)
        file->given[i] = head_of(&file->slices[i], rows);
    *ret = (struct column_batch){rows, file->column_count, file->fields, file->given};
    return ERROR_NONE;
}

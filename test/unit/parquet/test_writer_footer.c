/* The footer's own pieces have a size that is held: names too long for it are an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/writer_footer.h"
#include "store/folder.h"

#define COLUMNS 3
#define GROUPS  2

static struct mem_account account;
static struct error error;

static const struct column_field fields[COLUMNS] = {
    {"path", {.physical = COLUMN_INT64}, false, {0}},
    {"value", {.physical = COLUMN_DOUBLE}, true, {0}},
    {"a name that is rather long for a column", {.physical = COLUMN_BYTE_ARRAY}, true, {0}},
};

/* A footer over chunks that nobody wrote. */
struct parts {
    struct output output;
    struct spool chunks;
    struct column_writer columns[COLUMNS];
    struct page_press press;
    struct parquet_writer_options options;
    struct footer_writer footer;
};

static enum error_code add_entries(struct parts *parts, uint32_t column)
{
    for (uint64_t i = 0; i < 40; i++) {
        struct page_entry entry = {.offset = i, .rows = 10, .has_bounds = true};
        entry.least.size = entry.greatest.size = 8;
        TRY(spool_append(&parts->columns[column].entries, &entry, sizeof entry, &error));
    }
    return ERROR_NONE;
}

static enum error_code add_chunks(struct parts *parts)
{
    for (uint32_t i = 0; i < GROUPS * COLUMNS; i++) {
        struct chunk_record record = {.codec = CODEC_SNAPPY,
                                      .encodings = 1u << PARQUET_PLAIN,
                                      .rows = 400,
                                      .first_entry = i / COLUMNS * 40,
                                      .entry_count = 40};
        record.page_counts[0][PARQUET_PLAIN] = 40;
        TRY(spool_append(&parts->chunks, &record, sizeof record, &error));
        TRY(add_entries(parts, i % COLUMNS));
    }
    return ERROR_NONE;
}

static void open_parts(struct parts *parts, size_t room)
{
    const struct parquet_column_options plain = {false, PARQUET_PLAIN};
    parts->options = parquet_writer_defaults();
    assert_int_equal(output_open(&parts->output, folder_file("x"), true, &account, &error), 0);
    spool_init(&parts->chunks, &account, (size_t)1 << 20, folder_path);
    page_press_init(&parts->press, CODEC_SNAPPY, 0, true, &account);
    for (uint32_t i = 0; i < COLUMNS; i++)
        column_writer_init(&parts->columns[i], &fields[i], plain, &parts->options, &parts->press,
                           &parts->output, &account);
    parts->footer = (struct footer_writer){.output = &parts->output,
                                           .chunks = &parts->chunks,
                                           .columns = parts->columns,
                                           .field_count = COLUMNS,
                                           .row_group_count = GROUPS,
                                           .row_count = 800};
    mem_buffer_init(&parts->footer.piece, &account, room);
    assert_int_equal(add_chunks(parts), ERROR_NONE);
}

static void close_parts(struct parts *parts)
{
    mem_buffer_release(&parts->footer.piece);
    for (uint32_t i = 0; i < COLUMNS; i++)
        column_writer_release(&parts->columns[i]);
    page_press_release(&parts->press);
    spool_release(&parts->chunks);
    output_abort(&parts->output);
    assert_int_equal(account.used, 0);
}

static enum error_code write_footer(struct parts *parts)
{
    struct parquet_key_value entries[] = {{"a key", "and its value", 13},
                                          {"a key that is so long that it needs room", "", 0}};
    return footer_write(&parts->footer, entries, 2, &error);
}

static void a_piece_without_room_is_an_error(void **state)
{
    (void)state;
    unsigned failures = 0;
    enum error_code code = ERROR_MEMORY;
    for (size_t room = 0; code != ERROR_NONE; room++, failures++) {
        struct parts parts;
        open_parts(&parts, room);
        code = write_footer(&parts);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        close_parts(&parts);
        assert_true(room < FOOTER_PIECE_BYTES);
    }
    assert_true(failures > 40);
}

static void an_index_without_room_is_an_error(void **state)
{
    (void)state;
    unsigned failures = 0;
    enum error_code code = ERROR_MEMORY;
    for (size_t room = 0; code != ERROR_NONE; room += 7, failures++) {
        struct parts parts;
        open_parts(&parts, room);
        code = footer_write_indexes(&parts.footer, &error);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        close_parts(&parts);
        assert_true(room < FOOTER_PIECE_BYTES);
    }
    assert_true(failures > 50);
}

/* What the spools do not hold is a defect, and told. */
static void missing_records_are_told(void **state)
{
    (void)state;
    struct parts parts;
    open_parts(&parts, FOOTER_PIECE_BYTES);
    parts.footer.row_group_count = GROUPS + 1;
    assert_int_equal(footer_write_indexes(&parts.footer, &error), ERROR_INTERNAL);
    assert_int_equal(write_footer(&parts), ERROR_INTERNAL);
    close_parts(&parts);
}

static int set_up(void **state)
{
    mem_account_init(&account, "writer", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return folder_make(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_without_room_is_an_error),
        cmocka_unit_test(an_index_without_room_is_an_error),
        cmocka_unit_test(missing_records_are_told),
    };
    return cmocka_run_group_tests(tests, set_up, folder_remove);
}

/*
 * Footers for tests, put together field by field and read at once.
 *
 * A test begins one, writes what it wants with bytes.h, finishes it, looks at metadata and releases
 * it.
 */
#ifndef WEIR_TEST_PARQUET_FOOTERS_H
#define WEIR_TEST_PARQUET_FOOTERS_H

#include "bytes.h"

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct parquet_metadata metadata;
static size_t start; /* of the footer */

static inline int setup(void **state)
{
    (void)state;
    file.size = 0;
    mem_account_init(&account, "test", NULL, (size_t)256 << 20);
    error_init(&error);
    return 0;
}

/* A file with room for 96 bytes of pages; the footer's fields follow. */
static inline void begin(void)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    for (int i = 0; i < 96; i++)
        put_u8(&file, 0);
    start = file.size;
}

static inline enum error_code finish(void)
{
    put_stop(&file);
    put_ending(&file, start);
    struct memory_object memory = memory_object_over(&file);
    error_init(&error);
    return parquet_metadata_read(&memory.object, &account, &metadata, &error);
}

static inline void release(void)
{
    parquet_metadata_release(&metadata);
    assert_int_equal(account.used, 0);
}

/* No rows and no row groups. */
static inline enum error_code finish_empty(void)
{
    put_i64(&file, 3, 0);
    put_list(&file, 4, THRIFT_STRUCT, 0);
    return finish();
}

enum { REQUIRED = 0, OPTIONAL = 1, REPEATED = 2 };

/* A group; converted and logical are left out when negative. */
static inline void put_group(const char *name, int repetition, int children, int converted,
                             int logical)
{
    put_i32(&file, 3, repetition);
    put_text(&file, 4, name);
    put_i32(&file, 5, children);
    if (converted >= 0)
        put_i32(&file, 6, converted);
    if (logical >= 0) {
        put_struct(&file, 10);
        put_struct(&file, logical);
        put_stop(&file);
        put_stop(&file);
    }
    put_stop(&file);
}

static inline void put_int(const char *name, int repetition)
{
    put_leaf(&file, name, COLUMN_INT32, repetition, -1, -1);
}

static inline void put_string(const char *name, int repetition)
{
    put_leaf(&file, name, COLUMN_BYTE_ARRAY, repetition, -1, 0);
}

static inline void begin_schema(size_t elements, int fields)
{
    begin();
    put_list(&file, 2, THRIFT_STRUCT, elements);
    put_root(&file, fields);
}

#endif

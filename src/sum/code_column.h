/*
 * A key column of one file as parts of codes: the number that its domain gives to each row's value,
 * times the column's stride (key/space.h).
 *
 * Where pages are encoded by a dictionary its values are looked up once a chunk, and each row costs
 * one look into that table; a run of equal rows costs one in all. Other values are looked up one by
 * one. A value that the domain does not have is no error of the file's: the column stops in front
 * of it and says so.
 */
#ifndef WEIR_SUM_CODE_COLUMN_H
#define WEIR_SUM_CODE_COLUMN_H

#include "key/cast.h"
#include "key/domain.h"
#include "parquet/indexes.h"

struct code_column {
    struct parquet_page_reader *pages;
    const struct store_object *object;
    const struct parquet_metadata *metadata;
    uint32_t column;
    const struct key_domain *domain;
    uint64_t stride;
    struct key_cast cast;
    struct mem_buffer cast_values;
    struct mem_buffer table;  /* uint64_t an entry of the chunk's dictionary */
    uint32_t row_group;       /* of the next row */
    uint64_t row_group_begin; /* rows before it */
    uint64_t row;             /* next to be given */
    bool open;                /* a chunk is open in pages */
};

/* What a column of this type may take beside its pages. */
size_t code_column_size(const struct column_type *type, uint64_t dictionary_entries);

/* type: that of the domain. All is borrowed until close. limit: bytes for pages. */
CHECKED enum error_code code_column_open(struct code_column *ret, const struct store_object *object,
                                         const struct parquet_metadata *metadata, uint32_t column,
                                         const struct key_domain *domain,
                                         const struct column_type *type, uint64_t stride,
                                         size_t limit, struct mem_account *account,
                                         struct error *error);
void code_column_close(struct code_column *column);

/* Passes over rows. */
CHECKED enum error_code code_column_skip(struct code_column *column, uint64_t rows,
                                         struct error *error);

/* Adds the parts of the next count rows, which the file must have, to codes. *ret_outside: a value
 * is not in the domain; the column is good for nothing then but closing. */
CHECKED enum error_code code_column_add(struct code_column *column, uint32_t count, uint64_t *codes,
                                        bool *ret_outside, struct error *error);
#endif

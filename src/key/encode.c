/*
 * Writes column by column, so that what a type asks for is decided once a column. Where no row of
 * any column is NULL and all have a fixed width, a value's place follows from its row; else places
 * are kept in the array in which the hashes end up.
 */
#include "key/encode.h"

#include "key/bytes.h"
#include "key/encode_layout.h"
#include "key/form.h"

#define BYTES_MOST ((uint64_t)1 << 31)
#define BLOCK      128
/* The longest value that has to be made canonical: INT96. */
#define CANONICAL_MOST 12

uint64_t key_hash(const uint8_t *bytes, size_t size)
{
    return bytes_hash(bytes, size);
}

/* A batch on its way to bytes. */
struct encoding {
    const struct column_type *types;
    const struct column_slice *slices;
    uint32_t column_count, row_count;
    size_t mask_size;
    uint8_t *bytes;
    uint32_t *offsets;
    uint64_t *places; /* sizes of rows first, then where the next value of each goes */
};

static bool has_nulls(const struct column_slice *slice)
{
    return slice->present != NULL && slice->value_count < slice->row_count;
}

static bool is_fixed(const struct column_type *type)
{
    return type->physical != COLUMN_BYTE_ARRAY;
}

/* Room for size bytes and some more, as the next batch will be about as long. */
static enum error_code make_room(struct mem_buffer *bytes, uint64_t size, struct error *error)
{
    bytes->size = 0;
    if (size > BYTES_MOST) {
        char text[24];
        return error_set(error, ERROR_MEMORY, "the keys of some rows take %s, where 2 GiB can be",
                         mem_format_size(size, text));
    }
    if (size >= bytes->capacity) {
        size_t more = size + size / 4 + MEM_ALIGNMENT;
        TRY(mem_buffer_renew(bytes, more <= bytes->maximum ? more : size, error));
    }
    bytes->size = size;
    return ERROR_NONE;
}

/* The bits of columns in which every row has a value, in one byte of the mask. */
static uint8_t full_mask(const struct encoding *encoding, size_t byte)
{
    unsigned mask = 0;
    for (unsigned bit = 0; bit < 8 && byte * 8 + bit < encoding->column_count; bit++)
        mask |= (unsigned)!has_nulls(&encoding->slices[byte * 8 + bit]) << bit;
    return (uint8_t)mask;
}

/* Up to BLOCK canonical values: those given, where they are canonical, or in scratch. */
static const uint8_t *canonical_values(enum key_form form, const uint8_t *values, size_t count,
                                       uint8_t *scratch)
{
    if (key_form_is_plain(form))
        return values;
    key_form_canonical(form, values, count, scratch);
    return scratch;
}

static void hash_rows(const struct encoding *encoding, uint64_t *hashes)
{
    for (uint32_t i = 0; i < encoding->row_count; i++)
        hashes[i] = bytes_hash(encoding->bytes + encoding->offsets[i],
                               encoding->offsets[i + 1] - encoding->offsets[i]);
}

/* ---- rows that are all equally long ---- */

/* Bytes a row; 0: rows differ. */
static uint64_t equal_size(const struct encoding *encoding)
{
    uint64_t size = encoding->mask_size;
    for (uint32_t i = 0; i < encoding->column_count; i++) {
        if (!is_fixed(&encoding->types[i]) || has_nulls(&encoding->slices[i]))
            return 0;
        size += column_value_size(&encoding->types[i]);
    }
    return size;
}

BYTES_INLINE void write_apart(const uint8_t *values, size_t size, size_t count, uint8_t *to,
                              size_t stride)
{
    for (size_t i = 0; i < count; i++)
        memcpy(to + i * stride, values + i * size, size);
}

static void write_block_apart(const uint8_t *values, size_t size, size_t count, uint8_t *to,
                              size_t stride)
{
    if (size == 8)
        write_apart(values, 8, count, to, stride);
    else if (size == 4)
        write_apart(values, 4, count, to, stride);
    else
        write_apart(values, size, count, to, stride);
}

static void write_column_apart(const struct encoding *encoding, uint32_t column, uint8_t *to,
                               size_t stride)
{
    uint8_t scratch[BLOCK * CANONICAL_MOST];
    enum key_form form = key_form_of(&encoding->types[column]);
    size_t size = column_value_size(&encoding->types[column]);
    const uint8_t *values = encoding->slices[column].values;
    for (size_t done = 0, block; size > 0 && done < encoding->row_count; done += block) {
        block = encoding->row_count - done < BLOCK ? encoding->row_count - done : BLOCK;
        const uint8_t *ready = canonical_values(form, values + done * size, block, scratch);
        write_block_apart(ready, size, block, to + done * stride, stride);
    }
}

static void write_equal_rows(const struct encoding *encoding, size_t stride)
{
    uint8_t *to = encoding->bytes;
    for (size_t byte = 0; byte < encoding->mask_size; byte++, to++) {
        uint8_t mask = full_mask(encoding, byte);
        for (size_t i = 0; i < encoding->row_count; i++)
            to[i * stride] = mask;
    }
    for (uint32_t i = 0; i < encoding->column_count; i++) {
        write_column_apart(encoding, i, to, stride);
        to += column_value_size(&encoding->types[i]);
    }
    for (size_t i = 0; i <= encoding->row_count; i++)
        encoding->offsets[i] = (uint32_t)(i * stride);
}

/* ---- rows of any length: sizes, then places, then values ---- */

BYTES_INLINE struct column_bytes text_at(const uint8_t *values, size_t i, bool decimal)
{
    struct column_bytes text;
    memcpy(&text, values + i * sizeof text, sizeof text);
    return decimal ? key_form_minimal(text) : text;
}

BYTES_INLINE void measure_texts(const struct column_slice *slice, bool decimal,
                                const uint8_t *present, uint64_t *sizes)
{
    const uint8_t *values = slice->values;
    for (size_t row = 0, i = 0; row < slice->row_count; row++) {
        if (present == NULL || present[row] != 0)
            sizes[row] += ENCODED_LENGTH + text_at(values, i++, decimal).size;
    }
}

static void measure_column(const struct encoding *encoding, uint32_t column)
{
    const struct column_slice *slice = &encoding->slices[column];
    const uint8_t *present = has_nulls(slice) ? slice->present : NULL;
    enum key_form form = key_form_of(&encoding->types[column]);
    size_t size = column_value_size(&encoding->types[column]);
    if (form == KEY_FORM_TEXT && present == NULL)
        measure_texts(slice, false, NULL, encoding->places);
    else if (key_form_is_bytes(form))
        measure_texts(slice, form == KEY_FORM_DECIMAL, present, encoding->places);
    else
        for (size_t row = 0; row < slice->row_count; row++)
            encoding->places[row] += present == NULL || present[row] != 0 ? size : 0;
}

/* Turns sizes into offsets and places behind the masks; returns the bytes of all. */
static uint64_t place_rows(const struct encoding *encoding)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < encoding->row_count; i++) {
        uint64_t size = encoding->places[i];
        encoding->offsets[i] = (uint32_t)sum;
        encoding->places[i] = sum + encoding->mask_size;
        sum += size;
    }
    encoding->offsets[encoding->row_count] = (uint32_t)sum;
    return sum;
}

static void write_masks(const struct encoding *encoding)
{
    for (size_t byte = 0; byte < encoding->mask_size; byte++) {
        uint8_t mask = full_mask(encoding, byte);
        for (uint32_t i = 0; i < encoding->row_count; i++)
            encoding->bytes[encoding->offsets[i] + byte] = mask;
    }
}

static void mark_present(const struct encoding *encoding, uint32_t column)
{
    const uint8_t *present = encoding->slices[column].present;
    uint8_t *bytes = encoding->bytes + column / 8;
    for (uint32_t i = 0; i < encoding->row_count; i++)
        bytes[encoding->offsets[i]] |= (uint8_t)((present[i] != 0) << column % 8);
}

BYTES_INLINE void write_texts(const struct encoding *encoding, const struct column_slice *slice,
                              bool decimal, const uint8_t *present)
{
    const uint8_t *values = slice->values;
    for (size_t row = 0, i = 0; row < slice->row_count; row++) {
        if (present != NULL && present[row] == 0)
            continue;
        struct column_bytes text = text_at(values, i++, decimal);
        uint8_t *to = encoding->bytes + encoding->places[row];
        memcpy(to, &text.size, ENCODED_LENGTH);
        bytes_copy(to + ENCODED_LENGTH, text.data, text.size);
        encoding->places[row] += ENCODED_LENGTH + text.size;
    }
}

/* Writes values to rows from *row on, until they are used up; NULLs are passed over. */
BYTES_INLINE void write_placed(const struct encoding *encoding, const uint8_t *values, size_t size,
                               size_t count, const uint8_t *present, size_t *row)
{
    for (size_t i = 0; i < count; (*row)++) {
        if (present != NULL && present[*row] == 0)
            continue;
        memcpy(encoding->bytes + encoding->places[*row], values + i * size, size);
        encoding->places[*row] += size;
        i++;
    }
}

static void write_fixed(const struct encoding *encoding, uint32_t column, const uint8_t *present)
{
    uint8_t scratch[BLOCK * CANONICAL_MOST];
    enum key_form form = key_form_of(&encoding->types[column]);
    size_t size = column_value_size(&encoding->types[column]);
    size_t count = encoding->slices[column].value_count, row = 0;
    const uint8_t *values = encoding->slices[column].values;
    for (size_t done = 0, block; size > 0 && done < count; done += block) {
        block = count - done < BLOCK ? count - done : BLOCK;
        const uint8_t *ready = canonical_values(form, values + done * size, block, scratch);
        if (size == 8)
            write_placed(encoding, ready, 8, block, present, &row);
        else if (size == 4)
            write_placed(encoding, ready, 4, block, present, &row);
        else
            write_placed(encoding, ready, size, block, present, &row);
    }
}

static void write_column(const struct encoding *encoding, uint32_t column)
{
    const struct column_slice *slice = &encoding->slices[column];
    const uint8_t *present = has_nulls(slice) ? slice->present : NULL;
    enum key_form form = key_form_of(&encoding->types[column]);
    if (present != NULL)
        mark_present(encoding, column);
    if (form == KEY_FORM_TEXT && present == NULL)
        write_texts(encoding, slice, false, NULL);
    else if (key_form_is_bytes(form))
        write_texts(encoding, slice, form == KEY_FORM_DECIMAL, present);
    else
        write_fixed(encoding, column, present);
}

static enum error_code write_rows(struct encoding *encoding, struct mem_buffer *bytes,
                                  struct error *error)
{
    for (uint32_t i = 0; i < encoding->row_count; i++)
        encoding->places[i] = encoding->mask_size;
    for (uint32_t i = 0; i < encoding->column_count; i++)
        measure_column(encoding, i);
    TRY(make_room(bytes, place_rows(encoding), error));
    encoding->bytes = bytes->data;
    write_masks(encoding);
    for (uint32_t i = 0; i < encoding->column_count; i++)
        write_column(encoding, i);
    return ERROR_NONE;
}

enum error_code key_encode(const struct column_type *types, uint32_t column_count,
                           const struct column_slice *slices, uint32_t row_count,
                           struct mem_buffer *bytes, uint32_t *offsets, uint64_t *hashes,
                           struct error *error)
{
    struct encoding encoding = {.types = types,
                                .slices = slices,
                                .column_count = column_count,
                                .row_count = row_count,
                                .mask_size = encoded_mask_size(column_count),
                                .offsets = offsets,
                                .places = hashes};
    uint64_t size = equal_size(&encoding);
    if (size > 0) {
        TRY(make_room(bytes, size * row_count, error));
        encoding.bytes = bytes->data;
        write_equal_rows(&encoding, size);
    } else {
        TRY(write_rows(&encoding, bytes, error));
    }
    hash_rows(&encoding, hashes);
    return ERROR_NONE;
}

#include "parquet/gather.h"
#include "parquet/values.h"

/* Indices looked up at once, so that they stay in the level-1 cache beside their values. */
#define INDEX_BATCH 1024

static void look_up(const struct value_reader *values, const uint32_t *indices, size_t count,
                    uint8_t *out)
{
    const struct dictionary *dictionary = values->dictionary;
    if (values->type->physical == COLUMN_BYTE_ARRAY)
        gather_bytes(dictionary->page, dictionary->offsets, indices, count,
                     (struct column_bytes *)(void *)out);
    else
        gather_fixed(dictionary->page, indices, count, values->width, out);
}

/* A repeated index is looked up once, and its value copied. */
static void look_up_repeated(const struct value_reader *values, uint32_t index, size_t count,
                             uint8_t *out)
{
    look_up(values, &index, 1, out);
    gather_repeated(out, count - 1, values->width, out + values->width);
}

/* Reads and looks up the next indices, count at most. */
static enum error_code look_up_some(struct value_reader *values, size_t count, uint8_t *out,
                                    size_t *ret_count, struct error *error)
{
    uint32_t indices[INDEX_BATCH];
    bool repeated;
    count = count < INDEX_BATCH ? count : INDEX_BATCH;
    if (!hybrid_read_some(&values->hybrid, indices, count, ret_count, &repeated))
        return value_damaged(error, "its dictionary indices end too early");
    if (gather_greatest(indices, repeated ? 1 : *ret_count) >= values->dictionary->count)
        return value_damaged(error, "an index lies outside its dictionary");
    if (repeated)
        look_up_repeated(values, indices[0], *ret_count, out);
    else
        look_up(values, indices, *ret_count, out);
    return ERROR_NONE;
}

static enum error_code read_looked_up(struct value_reader *values, uint32_t count, const void **ret,
                                      uint32_t *ret_count, struct error *error)
{
    void *room;
    count = count < values->most ? count : values->most;
    TRY(value_room(values, count, &room, error));
    uint8_t *out = room;
    for (size_t done = 0, now; done < count; done += now)
        TRY(look_up_some(values, count - done, out + done * values->width, &now, error));
    *ret = out;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code skip_indices(struct value_reader *values, uint32_t count,
                                    struct error *error)
{
    if (!hybrid_skip(&values->hybrid, count))
        return value_damaged(error, "its dictionary indices end too early");
    return ERROR_NONE;
}

static const struct value_kind dictionary_kind = {read_looked_up, skip_indices};

bool values_are_indexes(const struct value_reader *values)
{
    return values->kind == &dictionary_kind;
}

enum error_code values_dictionary_open(struct value_reader *values,
                                       const struct value_source *source, struct error *error)
{
    uint8_t width = 0;
    (void)source;
    /* A page of nulls may have nothing, not even a width. */
    if (cursor_left(&values->bytes) > 0 && !cursor_u8(&values->bytes, &width))
        return value_damaged(error, "its dictionary indices have no width");
    if (width > 32)
        return value_damaged(error, "its dictionary indices are too wide");
    hybrid_init(&values->hybrid, values->bytes.at, cursor_left(&values->bytes), width);
    values->kind = &dictionary_kind;
    return ERROR_NONE;
}

static enum error_code read_runs(struct value_reader *values, uint32_t count, const void **ret,
                                 uint32_t *ret_count, struct error *error)
{
    void *out;
    count = count < values->most ? count : values->most;
    TRY(value_room(values, count, &out, error));
    if (!hybrid_read_bits(&values->hybrid, out, count))
        return value_damaged(error, "its runs of booleans end too early");
    *ret = out;
    *ret_count = count;
    return ERROR_NONE;
}

static const struct value_kind runs_kind = {read_runs, NULL};

/* Booleans as runs, behind their length. */
enum error_code values_runs_open(struct value_reader *values, const struct value_source *source,
                                 struct error *error)
{
    uint32_t size = 0;
    const uint8_t *bytes = source->bytes;
    if (cursor_left(&values->bytes) > 0 &&
        (!cursor_u32(&values->bytes, &size) || !cursor_bytes(&values->bytes, size, &bytes)))
        return value_damaged(error, "its runs of booleans end too early");
    hybrid_init(&values->hybrid, bytes, size, 1);
    values->kind = &runs_kind;
    return ERROR_NONE;
}

static enum error_code read_split(struct value_reader *values, uint32_t count, const void **ret,
                                  uint32_t *ret_count, struct error *error)
{
    void *out;
    count = count < values->most ? count : values->most;
    if (count > values->stride - values->taken)
        return value_damaged(error, "its values end too early");
    TRY(value_room(values, count, &out, error));
    gather_split(values->bytes.at, values->stride, values->taken, count, values->width, out);
    values->taken += count;
    *ret = out;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code skip_split(struct value_reader *values, uint32_t count, struct error *error)
{
    if (count > values->stride - values->taken)
        return value_damaged(error, "its values end too early");
    values->taken += count;
    return ERROR_NONE;
}

static const struct value_kind split_kind = {read_split, skip_split};

/* The first bytes of all values, then the second bytes, and so on: only the right number of values
 * tells where each of these streams begins. */
enum error_code values_split_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error)
{
    if (source->size != (uint64_t)source->value_count * values->width)
        return value_damaged(error, "its split values have the wrong size");
    values->stride = source->value_count;
    values->kind = &split_kind;
    return ERROR_NONE;
}

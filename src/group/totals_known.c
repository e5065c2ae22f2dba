/* Adding a part of the rows: a few at a time are moved together. */
#include <string.h>

#include "group/totals.h"

#define PIECE_ROWS  256
#define PIECE_BYTES ((size_t)8 << 10)

struct piece {
    uint32_t numbers[PIECE_ROWS];
    uint8_t present[PIECE_ROWS];
    _Alignas(64) uint8_t values[PIECE_BYTES];
    uint32_t row_count, value_count;
};

/* Bytes a value takes in the slices that come, which are those of readers or those of blocks; 0: it
 * is not looked at. */
static size_t slice_width(const struct aggregate_value *value)
{
    if (group_value_width(value) == 0)
        return 0;
    return value->widened ? sizeof(struct column_bytes) : value->width;
}

/* Rows first.. that have a number; *from is moved on behind their values. */
static void fill_piece(struct piece *piece, const struct column_slice *slice,
                       const uint32_t *numbers, uint32_t first, uint32_t count, size_t width,
                       const uint8_t **from)
{
    uint32_t rows = 0, values = 0;
    for (uint32_t i = first; i < first + count; i++) {
        bool known = numbers[i] != 0;
        bool present = slice->present == NULL || slice->present[i] != 0;
        piece->numbers[rows] = numbers[i];
        piece->present[rows] = present;
        if (present) {
            if (known && width > 0)
                memcpy(piece->values + values * width, *from, width);
            *from += width;
            values += known;
        }
        rows += known;
    }
    piece->row_count = rows;
    piece->value_count = values;
}

/* Values so long that not one fits a piece are added where they are. */
static enum error_code add_long(struct value_groups *groups, const struct column_slice *slice,
                                const uint32_t *numbers, size_t width, struct error *error)
{
    const uint8_t *from = slice->values;
    for (uint32_t i = 0; i < slice->row_count; i++) {
        uint8_t present = slice->present == NULL || slice->present[i] != 0;
        struct column_slice one = {1, present, &present, from};
        if (numbers[i] != 0)
            TRY(value_groups_add(groups, &numbers[i], &one, error));
        from += present ? width : 0;
    }
    return ERROR_NONE;
}

static enum error_code add_column(struct value_groups *groups, const struct column_slice *slice,
                                  const uint32_t *numbers, size_t width, struct error *error)
{
    struct piece piece;
    const uint8_t *from = slice->values;
    size_t fit = width > 0 ? PIECE_BYTES / width : PIECE_ROWS;
    uint32_t most = fit < PIECE_ROWS ? (uint32_t)fit : PIECE_ROWS;
    if (most == 0)
        return add_long(groups, slice, numbers, width, error);
    for (uint32_t first = 0; first < slice->row_count; first += most) {
        uint32_t left = slice->row_count - first, count = left < most ? left : most;
        fill_piece(&piece, slice, numbers, first, count, width, &from);
        bool gaps = piece.value_count < piece.row_count;
        struct column_slice known = {piece.row_count, piece.value_count,
                                     gaps ? piece.present : NULL, piece.values};
        if (piece.row_count > 0)
            TRY(value_groups_add(groups, piece.numbers, &known, error));
    }
    return ERROR_NONE;
}

enum error_code group_totals_add_known(struct group_totals *totals, uint32_t row_count,
                                       const uint32_t *numbers, const struct column_slice *values,
                                       struct error *error)
{
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        TRY(add_column(totals->values[i], &values[i], numbers,
                       slice_width(&totals->shape->values[i]), error));
    for (uint32_t row = 0; totals->rows != NULL && row < row_count; row++)
        totals->rows[numbers[row]] += numbers[row] != 0;
    return ERROR_NONE;
}

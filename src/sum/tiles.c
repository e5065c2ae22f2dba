/* Where tiles begin: on page borders of the first file, so that little is read twice. */
#include "sum/sum_int.h"

struct tiling {
    struct mem_buffer starts; /* uint64_t rows */
    uint64_t start;           /* of the tile under construction */
    uint64_t rows;            /* wished for */
    uint64_t rows_most;
};

static enum error_code begin_tile(struct tiling *tiling, uint64_t row, struct error *error)
{
    tiling->start = row;
    return mem_buffer_append(&tiling->starts, &row, sizeof row, error);
}

/* Cuts [start, end) into pieces that fit, when nothing speaks for one place or another. */
static enum error_code divide(struct tiling *tiling, uint64_t end, uint64_t rows,
                              struct error *error)
{
    while (end - tiling->start > rows)
        TRY(begin_tile(tiling, tiling->start + rows, error));
    return ERROR_NONE;
}

/* Takes the page [border->row, end) into the tile, or begins a new one with it. */
static enum error_code place_page(struct tiling *tiling, const struct page_border *border,
                                  bool shares_dictionary, uint64_t end, struct error *error)
{
    uint64_t most = shares_dictionary ? tiling->rows_most : tiling->rows;
    if (end - tiling->start > most && border->row > tiling->start && !border->divisible)
        TRY(begin_tile(tiling, border->row, error));
    return divide(tiling, end, border->divisible ? tiling->rows : tiling->rows_most, error);
}

static enum error_code place_pages(struct sum *sum, struct tiling *tiling, struct error *error)
{
    const struct page_border *borders = (const struct page_border *)sum->facts.borders.data;
    size_t count = sum->facts.borders.size / sizeof *borders;
    for (size_t i = 0; i < count; i++) {
        uint64_t end = i + 1 < count ? borders[i + 1].row : sum->first.row_count;
        bool shares = borders[i].dictionary && !borders[i].fresh_chunk;
        /* The first page of a large dictionary had better begin a tile. */
        bool opens = borders[i].dictionary && borders[i].fresh_chunk &&
                     tiling->rows_most > tiling->rows && borders[i].row > tiling->start;
        if (opens)
            TRY(begin_tile(tiling, borders[i].row, error));
        TRY(place_page(tiling, &borders[i], shares, end, error));
    }
    return divide(tiling, sum->first.row_count, tiling->rows_most, error);
}

enum error_code sum_plan_tiles(struct sum *sum, uint64_t rows, uint64_t rows_most,
                               struct error *error)
{
    struct tiling tiling = {.rows = rows < 1 ? 1 : rows,
                            .rows_most = rows_most < 1 ? 1 : rows_most};
    mem_buffer_init(&tiling.starts, &sum->account, SIZE_MAX / 2);
    enum error_code code = ERROR_NONE;
    if (sum->first.row_count > 0)
        code = begin_tile(&tiling, 0, error);
    if (code == ERROR_NONE)
        code = place_pages(sum, &tiling, error);
    sum->plan.tile_count = tiling.starts.size / sizeof(uint64_t);
    uint64_t end = sum->first.row_count;
    if (code == ERROR_NONE)
        code = mem_buffer_append(&tiling.starts, &end, sizeof end, error);
    void *starts = NULL;
    if (code == ERROR_NONE)
        code = mem_arena_alloc(&sum->arena, tiling.starts.size, &starts, error);
    if (code == ERROR_NONE) {
        sum->tile_starts = starts;
        for (size_t i = 0; i <= sum->plan.tile_count; i++)
            sum->tile_starts[i] = ((const uint64_t *)tiling.starts.data)[i];
    }
    mem_buffer_release(&tiling.starts);
    return code;
}

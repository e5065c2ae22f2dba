#include "synth/layout.h"

#include <string.h>

/*
 * pyarrow looks at its dictionary every 1,024 rows, so it passes 1 MiB by up to 8 KiB: after 11,264
 * rows of the seventh page for distinct doubles, which are 131,264 values.
 */
#define ARROW_DICTIONARY_BYTES (131264 * 8)

#define MIB (1U << 20)

#define DICTIONARY                                                                                 \
    {                                                                                              \
        true, PARQUET_PLAIN                                                                        \
    }
#define VALUES                                                                                     \
    {                                                                                              \
        false, PARQUET_PLAIN                                                                       \
    }

static const struct layout layouts[] = {
    [SYNTH_PYARROW] = {.name = "pyarrow",
                       .row_group_rows = 1048576,
                       .unit = COLUMN_MICROSECONDS,
                       .options = {.codec = CODEC_SNAPPY,
                                   .page_rows = 20000,
                                   .page_bytes = MIB,
                                   .dictionary_bytes = ARROW_DICTIONARY_BYTES,
                                   .page_version = 1},
                       .columns = {DICTIONARY, DICTIONARY, DICTIONARY}},
    [SYNTH_PLAIN] = {.name = "plain",
                     .row_group_rows = UINT64_MAX,
                     .unit = COLUMN_MICROSECONDS,
                     .options = {.codec = CODEC_UNCOMPRESSED,
                                 .page_rows = UINT32_MAX,
                                 .page_bytes = 1024 * MIB,
                                 .page_version = 1},
                     .columns = {VALUES, VALUES, VALUES}},
    [SYNTH_ZSTD] = {.name = "zstd",
                    .row_group_rows = 1048576,
                    .unit = COLUMN_MICROSECONDS,
                    .options = {.codec = CODEC_ZSTD,
                                .level = 1,
                                .page_rows = 20000,
                                .page_bytes = MIB,
                                .dictionary_bytes = ARROW_DICTIONARY_BYTES,
                                .page_version = 1,
                                .page_index = true},
                    .columns = {DICTIONARY, DICTIONARY, DICTIONARY}},
    [SYNTH_POLARS] = {.name = "polars",
                      .row_group_rows = 122880,
                      .even = true,
                      .unit = COLUMN_MICROSECONDS,
                      .options = {.codec = CODEC_ZSTD,
                                  .page_rows = UINT32_MAX,
                                  .page_bytes = 116508 * 8,
                                  .dictionary_bytes = MIB,
                                  .page_version = 1,
                                  .page_index = true},
                      .columns = {DICTIONARY, DICTIONARY, VALUES}},
    [SYNTH_SPARK] = {.name = "spark",
                     .row_group_rows = UINT64_MAX,
                     .unit = COLUMN_MICROSECONDS,
                     .utc_adjusted = true,
                     .options = {.codec = CODEC_SNAPPY,
                                 .page_rows = UINT32_MAX,
                                 .page_bytes = MIB,
                                 .dictionary_bytes = MIB,
                                 .page_version = 1,
                                 .page_index = true,
                                 .page_crc = true},
                     .columns = {DICTIONARY, DICTIONARY, DICTIONARY}},
};

#define LAYOUTS (sizeof layouts / sizeof layouts[0])

bool synth_layout_from_name(const char *name, enum synth_layout *ret)
{
    for (size_t i = 0; i < LAYOUTS; i++) {
        if (strcmp(layouts[i].name, name) == 0) {
            *ret = (enum synth_layout)i;
            return true;
        }
    }
    return false;
}

struct layout layout_of(enum synth_layout layout)
{
    struct layout ret = layouts[layout];
    ret.options.columns = layouts[layout].columns;
    return ret;
}

uint64_t layout_row_group_rows(const struct layout *layout, uint64_t rows)
{
    if (!layout->even || rows <= layout->row_group_rows)
        return layout->row_group_rows;
    uint64_t groups = (rows - 1) / layout->row_group_rows + 1;
    return (rows - 1) / groups + 1;
}

void layout_fields(const struct layout *layout, struct column_field ret[static SYNTH_COLUMNS])
{
    memset(ret, 0, SYNTH_COLUMNS * sizeof *ret);
    ret[0].name = "path";
    ret[0].type.physical = COLUMN_INT64;
    ret[1].name = "Date";
    ret[1].type = (struct column_type){.physical = COLUMN_INT64,
                                       .logical = COLUMN_TIMESTAMP,
                                       .unit = layout->unit,
                                       .utc_adjusted = layout->utc_adjusted};
    ret[2].name = "value";
    ret[2].type.physical = COLUMN_DOUBLE;
    for (size_t i = 0; i < SYNTH_COLUMNS; i++)
        ret[i].nullable = true;
}

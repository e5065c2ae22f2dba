#include "parquet/gather.h"

#include "parquet/kernels.h"

uint32_t gather_greatest(const uint32_t *indices, size_t count)
{
    return parquet_kernels_chosen()->greatest(indices, count);
}

void gather_fixed(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                  uint8_t *out)
{
    if (width == 8)
        parquet_kernels_chosen()->gather_8(dictionary, indices, count, out);
    else if (width == 4)
        parquet_kernels_chosen()->gather_4(dictionary, indices, count, out);
    else
        gather_any(dictionary, indices, count, width, out);
}

/* Wide values are put together eight bytes at once, as many values as fit the level-1 cache. */
#define TILE_VALUES 512

static void split_tile(const uint8_t *streams, size_t stride, size_t count, size_t width,
                       uint8_t *out)
{
    uint8_t eights[TILE_VALUES * 8];
    size_t byte = 0;
    for (; byte + 8 <= width; byte += 8) {
        parquet_kernels_chosen()->split_8(streams + byte * stride, stride, count, eights);
        gather_spread(eights, count, 8, width, out + byte);
    }
    for (; byte < width; byte++)
        gather_spread(streams + byte * stride, count, 1, width, out + byte);
}

static void split_wide(const uint8_t *streams, size_t stride, size_t count, size_t width,
                       uint8_t *out)
{
    for (size_t done = 0, now; done < count; done += now) {
        now = count - done < TILE_VALUES ? count - done : TILE_VALUES;
        split_tile(streams + done, stride, now, width, out + done * width);
    }
}

void gather_split(const uint8_t *streams, size_t stride, size_t first, size_t count, size_t width,
                  uint8_t *out)
{
    streams += first;
    if (width == 8)
        parquet_kernels_chosen()->split_8(streams, stride, count, out);
    else if (width == 4)
        parquet_kernels_chosen()->split_4(streams, stride, count, out);
    else if (width == 2)
        gather_split_2(streams, stride, count, out);
    else
        split_wide(streams, stride, count, width, out);
}

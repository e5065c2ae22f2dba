/* What a result says about where it comes from: the footer's key-value metadata. */
#ifndef WEIR_SUM_PROVENANCE_H
#define WEIR_SUM_PROVENANCE_H

#include "sum/sum_int.h"

#define PROVENANCE_ENTRIES 5

struct provenance {
    struct mem_buffer arrow, pandas, inputs;
    struct parquet_key_value entries[PROVENANCE_ENTRIES];
    uint32_t count;
};

/* Bytes it may hold. */
#define PROVENANCE_BYTES ((size_t)1 << 20)

/* Fills the entries; release also after a failure. */
CHECKED enum error_code provenance_make(struct sum *sum, struct provenance *ret,
                                        struct error *error);
void provenance_release(struct provenance *provenance);
#endif

/* Bytes taken for a dictionary page and the indices of a data page. Behind the common head stand 16
 * bits each of the dictionary's entries and of its bytes. */
#include "decode.h"

#define HEAD (DECODE_HEAD + 4)

/* Entries lie within the dictionary's page. */
static void check_entries(const struct column_type *type, const struct dictionary *dictionary,
                          size_t size)
{
    for (uint32_t i = 0; i < dictionary->count && !value_is_fixed(type); i++)
        demand(dictionary->offsets[i] <= size && dictionary->offsets[i] >= 4);
}

static void look_up(struct decoding *decoding, struct dictionary *dictionary, const uint8_t *page,
                    size_t size)
{
    struct error error;
    uint32_t *offsets = calloc(dictionary->count + 1, sizeof *offsets);
    uint8_t *bytes = malloc(size);
    error_init(&error);
    if (size > 0)
        memcpy(bytes, page, size);
    dictionary->page = bytes;
    dictionary->offsets = offsets;
    if (dictionary_index(&decoding->type, bytes, size, dictionary->count, offsets, &error) ==
        ERROR_NONE) {
        check_entries(&decoding->type, dictionary, size);
        decoding->dictionary = dictionary;
        decode_and_compare(decoding);
    }
    free(bytes);
    free(offsets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoding decoding;
    if (size < HEAD || !decoding_init(&decoding, data, size, PARQUET_RLE_DICTIONARY,
                                      0xffu & ~(1u << COLUMN_BOOLEAN)))
        return 0;
    struct dictionary dictionary = {.count = decode_u16(data + DECODE_HEAD)};
    size_t page_size = decode_u16(data + DECODE_HEAD + 2);
    page_size = page_size < size - HEAD ? page_size : size - HEAD;
    decoding.source.bytes = data + HEAD + page_size;
    decoding.source.size = size - HEAD - page_size;
    look_up(&decoding, &dictionary, data + HEAD, page_size);
    return 0;
}

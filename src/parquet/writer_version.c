/*
 * Writers whose files are other than they say, by the name and version they gave themselves.
 * Source of the form "application version 1.2.3 (build abc)": created_by in parquet.thrift.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parquet/footer.h"

/* Bytes by which a chunk may be too short, as other readers have it. */
#define DICTIONARY_HEADER_MOST 100

struct version {
    unsigned long part[3];
};

static bool parse_number(const char **text, unsigned long *ret)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    *ret = strtoul(*text, &end, 10); /* far too long ones stay at the greatest */
    *text = end;
    return true;
}

/* Parts that are not there are zero. */
static struct version parse_version(const char *text)
{
    struct version version = {{0}};
    for (int i = 0; i < 3 && parse_number(&text, &version.part[i]) && *text == '.'; i++)
        text++;
    return version;
}

static bool is_less(const struct version *a, const struct version *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i];
    }
    return false;
}

/* Whether an application wrote the file in a version before one; without a number it counts as old.
 */
static bool written_before(const char *created_by, const char *application, struct version version)
{
    static const char word[] = " version ";
    size_t size = strlen(application);
    if (created_by == NULL || strncasecmp(created_by, application, size) != 0)
        return false;
    if (strncasecmp(created_by + size, word, sizeof word - 1) != 0)
        return created_by[size] == '\0' || strncmp(created_by + size, " (build", 7) == 0;
    struct version found = parse_version(created_by + size + sizeof word - 1);
    return is_less(&found, &version);
}

/* The dictionary's header was left out of the length; what follows the last page is not read. */
static void lengthen(const struct footer *footer, struct parquet_chunk *chunk)
{
    const uint32_t dictionary = 1u << PARQUET_PLAIN_DICTIONARY | 1u << PARQUET_RLE_DICTIONARY;
    if ((chunk->encodings & dictionary) == 0 || chunk->elsewhere || chunk->length == 0)
        return;
    uint64_t left = footer->data_end - chunk->offset - chunk->length;
    chunk->lengthened = (uint8_t)(left < DICTIONARY_HEADER_MOST ? left : DICTIONARY_HEADER_MOST);
    chunk->length += chunk->lengthened;
}

/*
 * Arrow before 3.0, which called itself parquet-cpp, wrote v2 pages that were compressed and said
 * that they were not (ARROW-10353). parquet-mr before 1.2.9 gave lengths without the header of the
 * dictionary (PARQUET-816).
 */
void footer_settle_writer(struct footer *footer)
{
    struct parquet_metadata *metadata = footer->metadata;
    const char *writer = metadata->created_by;
    bool compressed = writer != NULL && strncmp(writer, "parquet-cpp version ", 20) == 0;
    bool shortened = written_before(writer, "parquet-mr", (struct version){{1, 2, 9}});
    if (!compressed && !shortened)
        return;
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < metadata->column_count; j++) {
            struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[j];
            chunk->always_compressed = compressed;
            if (shortened)
                lengthen(footer, chunk);
        }
    }
}

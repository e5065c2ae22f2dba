#include "parquet/foreign.h"

#include <stdbool.h>
#include <string.h>

struct magic {
    const char *bytes;
    size_t size;
    size_t offset;
    const char *name;
};

#define MAGIC(text, name)                                                                          \
    {                                                                                              \
        (text), sizeof(text) - 1, 0, (name)                                                        \
    }
#define MAGIC_AT(at, text, name)                                                                   \
    {                                                                                              \
        (text), sizeof(text) - 1, (at), (name)                                                     \
    }

static const struct magic magics[] = {
    MAGIC("PAR1", "the beginning of a Parquet file that was cut off or is still being written"),
    MAGIC("PARE", "the beginning of an encrypted Parquet file that was cut off"),
    MAGIC("\x1f\x8b", "gzip"),
    MAGIC("PK\x03\x04", "a zip archive"),
    MAGIC("PK\x05\x06", "a zip archive"),
    MAGIC("\x28\xb5\x2f\xfd", "zstd"),
    MAGIC("\x04\x22\x4d\x18", "lz4"),
    MAGIC("BZh", "bzip2"),
    MAGIC("\xfd"
          "7zXZ",
          "xz"),
    MAGIC("\xff\x06\x00\x00sNaPpY", "Snappy"),
    MAGIC("ARROW1", "an Arrow (Feather) file"),
    MAGIC("FEA1", "a Feather file"),
    MAGIC("\xff\xff\xff\xff", "an Arrow stream"),
    MAGIC("ORC", "an ORC file"),
    MAGIC("Obj\x01", "an Avro file"),
    MAGIC("SQLite format 3", "an SQLite database"),
    MAGIC_AT(8, "DUCK", "a DuckDB database"),
    MAGIC("\x89HDF\r\n\x1a\n", "an HDF5 file"),
    MAGIC("SEQ", "a Hadoop sequence file"),
    MAGIC("RCF", "an RC file"),
    MAGIC("\x93NUMPY", "a NumPy array"),
    MAGIC("\x80\x04\x95", "a Python pickle"),
    MAGIC("\x80\x05\x95", "a Python pickle"),
    MAGIC("\x7f"
          "ELF",
          "a program"),
    MAGIC("%PDF", "a PDF document"),
    MAGIC("version https://git-lfs", "a Git LFS pointer, whose file was not fetched"),
};

/* UTF-8 bytes above 0x7f count as text, control characters do not. */
static bool is_text(const uint8_t *head, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool blank = head[i] == '\t' || head[i] == '\n' || head[i] == '\r';
        if ((head[i] < 0x20 && !blank) || head[i] == 0x7f)
            return false;
    }
    return size > 0;
}

static const char *describe_text(const uint8_t *head, size_t size)
{
    size_t at = 0;
    if (size >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < size && (head[at] <= ' '))
        at++;
    if (at < size && (head[at] == '{' || head[at] == '['))
        return "JSON text";
    if (at < size && head[at] == '<')
        return "XML or HTML text";
    return "text, perhaps CSV";
}

static bool all_zero(const uint8_t *head, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (head[i] != 0)
            return false;
    }
    return size > 0;
}

const char *foreign_describe(const uint8_t *head, size_t size)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *magic = &magics[i];
        if (size >= magic->offset + magic->size &&
            memcmp(head + magic->offset, magic->bytes, magic->size) == 0)
            return magic->name;
    }
    if (is_text(head, size))
        return describe_text(head, size);
    return all_zero(head, size) ? "zeros, as a failed copy leaves them" : NULL;
}

/*
 * The least that anybody must do to use these files: reads the same column chunks and decompresses
 * each page, and nothing else. What weir takes beyond this is what its work costs.
 *
 * The footers are read by weir's own library; the pages are walked and decompressed here, with one
 * buffer for each, as a careful C programmer would write it in an afternoon.
 * usage: bench_decompress COLUMN[,COLUMN...] FILE...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <snappy-c.h>
#include <zstd.h>

#include "parquet/metadata.h"
#include "parquet/page_reader.h"

struct job {
    uint8_t *chunk; /* one column chunk, as it is on disk */
    uint8_t *page;  /* one page, decompressed */
    size_t chunk_size, page_size;
    ZSTD_DCtx *zstd;
    enum codec codec;
    uint64_t decoded; /* bytes so far */
};

static void grow(uint8_t **block, size_t *size, size_t wanted)
{
    if (wanted <= *size)
        return;
    free(*block);
    *block = malloc(wanted);
    *size = wanted;
    if (*block == NULL) {
        fputs("no memory\n", stderr);
        exit(1);
    }
}

static bool decompress(struct job *job, const uint8_t *in, size_t size, size_t out_size)
{
    size_t written = out_size;
    grow(&job->page, &job->page_size, out_size);
    switch (job->codec) {
    case CODEC_UNCOMPRESSED:
        memcpy(job->page, in, size < out_size ? size : out_size);
        return true;
    case CODEC_SNAPPY:
        return snappy_uncompress((const char *)in, size, (char *)job->page, &written) == SNAPPY_OK;
    case CODEC_ZSTD:
        written = ZSTD_decompressDCtx(job->zstd, job->page, out_size, in, size);
        return ZSTD_isError(written) == 0;
    default:
        return false;
    }
}

static enum error_code visit(void *context, const struct parquet_page *page, struct error *error)
{
    struct job *job = context;
    size_t levels = page->levels_size;
    const uint8_t *body = job->chunk + page->offset + page->header_size + levels;
    size_t out_size = page->uncompressed_size - levels;
    if (page->compressed && !decompress(job, body, page->compressed_size - levels, out_size))
        return error_set(error, ERROR_INPUT, "cannot decompress a page");
    job->decoded += page->uncompressed_size;
    return ERROR_NONE;
}

static enum error_code read_chunk(struct job *job, const struct store_object *object,
                                  const struct parquet_column *column,
                                  const struct parquet_chunk *chunk, struct error *error)
{
    grow(&job->chunk, &job->chunk_size, chunk->length);
    TRY(store_read(object, chunk->offset, job->chunk, chunk->length, error));
    job->codec = chunk->codec;
    return parquet_visit_pages(object, column, chunk, visit, job, error);
}

static bool is_wanted(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

static enum error_code read_columns(struct job *job, const struct store_object *object,
                                    const struct parquet_metadata *metadata, const char *names,
                                    struct error *error)
{
    for (uint32_t group = 0; group < metadata->row_group_count; group++)
        for (uint32_t i = 0; i < metadata->column_count; i++)
            if (is_wanted(names, metadata->columns[i].name))
                TRY(read_chunk(job, object, &metadata->columns[i],
                               &metadata->row_groups[group].chunks[i], error));
    return ERROR_NONE;
}

static enum error_code read_file(struct job *job, const char *path, const char *names,
                                 struct mem_account *account, struct error *error)
{
    struct store_object object;
    struct parquet_metadata metadata;
    TRY(store_open(&object, path, error));
    enum error_code code = parquet_metadata_read(&object, account, &metadata, error);
    if (code == ERROR_NONE) {
        code = read_columns(job, &object, &metadata, names, error);
        parquet_metadata_release(&metadata);
    }
    store_close(&object);
    return code;
}

int main(int argc, char **argv)
{
    struct mem_account account;
    struct error error;
    char line[2048];
    if (argc < 3) {
        fputs("usage: bench_decompress COLUMN[,COLUMN...] FILE...\n", stderr);
        return 2;
    }
    struct job job = {.zstd = ZSTD_createDCtx()};
    mem_account_init(&account, "footers", NULL, MEM_NO_LIMIT);
    error_init(&error);
    for (int i = 2; i < argc; i++) {
        if (read_file(&job, argv[i], argv[1], &account, &error) != ERROR_NONE) {
            fprintf(stderr, "%s: %s\n", argv[i], error_render(&error, line, sizeof line));
            return 1;
        }
    }
    printf("%llu bytes decompressed\n", (unsigned long long)job.decoded);
    free(job.chunk);
    free(job.page);
    ZSTD_freeDCtx(job.zstd);
    return 0;
}

/*
 * The proof which files hold the same keys in the same order as the first.
 *
 * Cheapest first: key chunks of the same type, codec, encodings and lengths whose bytes are equal
 * hold equal values. Files are compared a few at a time against one reading of the first file's
 * bytes. Where bytes differ the decoded keys are compared.
 */
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "sum/known_keys.h"
#include "sum/match.h"

#define BLOCK_BYTES   ((size_t)128 << 10)
#define FILES_AT_ONCE 8
/* Asked for of the keys of one file, of those that are compared at once. */
#define PREFETCH_BYTES ((uint64_t)4 << 20)
/* Files of which the first values are asked for during the proof: they are wanted right after it.
 */
#define VALUES_AHEAD 16

/* A file of the batch under comparison. */
struct candidate {
    struct mem_buffer buffer;
    struct catalog_record record;
    struct store_object object;
    uint64_t file;
    bool equal;   /* so far, byte for byte */
    bool aligned; /* so far, by what was looked at */
    bool known;   /* from an earlier run: nothing is looked at */
};

struct proof {
    struct sum *sum;
    struct failure failure;
    atomic_uint_fast64_t next_file;
    atomic_uint_fast64_t identical;
    atomic_uint_fast64_t decoded;
    atomic_uint_fast64_t known;
    atomic_bool refuted; /* a file is not aligned */
    struct known_keys *earlier;
    struct key_digest digest; /* of the first file's keys; under the mutex */
    pthread_mutex_t mutex;
    bool open[ORDER_FORMS]; /* orders that no part of the first file's keys has refuted */
};

/* What one thread works with. */
struct prover {
    struct proof *proof;
    struct mem_buffer first_buffer;
    struct catalog_record first;
    struct store_object first_object;
    struct candidate candidates[FILES_AT_ONCE];
    uint8_t *expected;
    uint8_t *found;
};

/* ---- byte for byte ---- */

static bool same_form(const struct sum *sum, const struct catalog_record *a,
                      const struct catalog_record *b)
{
    if (a->head->row_group_count != b->head->row_group_count)
        return false;
    for (uint32_t group = 0; group < a->head->row_group_count; group++) {
        for (uint32_t key = 0; key < sum->key_count; key++) {
            size_t index = (size_t)group * sum->catalog.column_count + key;
            const struct catalog_chunk *x = &a->chunks[index], *y = &b->chunks[index];
            if (x->length != y->length || x->decoded_length != y->decoded_length ||
                x->value_count != y->value_count || x->codec != y->codec ||
                x->encodings != y->encodings || x->max_definition != y->max_definition)
                return false;
        }
    }
    return true;
}

static enum error_code compare_block(struct prover *prover, size_t index, uint64_t at, size_t size,
                                     uint32_t count, struct error *error)
{
    TRY(store_read(&prover->first_object, prover->first.chunks[index].offset + at, prover->expected,
                   size, error));
    for (uint32_t i = 0; i < count; i++) {
        struct candidate *candidate = &prover->candidates[i];
        if (!candidate->equal)
            continue;
        uint64_t offset = candidate->record.chunks[index].offset + at;
        TRY(store_read(&candidate->object, offset, prover->found, size, error));
        candidate->equal = memcmp(prover->expected, prover->found, size) == 0;
        atomic_fetch_add(&prover->proof->sum->progress->bytes_done, size);
    }
    return ERROR_NONE;
}

static bool any_equal(const struct prover *prover, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (prover->candidates[i].equal)
            return true;
    }
    return false;
}

/* Lets the disk work on all keys of a file while those of others are compared, and on its first
 * values. */
static void prefetch_file(const struct sum *sum, const struct candidate *candidate)
{
    const struct catalog_position start = {0};
    uint64_t most = PREFETCH_BYTES;
    for (uint32_t key = 0; key < sum->key_count; key++) {
        double share = (double)most / (double)(sum->facts.columns[key].bytes + 1);
        double rows = share * (double)sum->facts.row_count / sum->key_count;
        uint64_t all = candidate->record.head->row_count;
        catalog_prefetch(&sum->catalog, &candidate->record, &candidate->object, key, &start,
                         rows < (double)all ? (uint64_t)rows : all);
    }
    for (uint32_t value = 0; candidate->file < VALUES_AHEAD && value < sum->value_count; value++)
        catalog_prefetch(&sum->catalog, &candidate->record, &candidate->object,
                         sum->key_count + value, &start, sum->plan.tile_rows);
}

static enum error_code compare_chunk(struct prover *prover, size_t index, uint32_t count,
                                     struct error *error)
{
    uint64_t length = prover->first.chunks[index].length;
    for (uint64_t at = 0; at < length && any_equal(prover, count); at += BLOCK_BYTES) {
        size_t size = length - at < BLOCK_BYTES ? (size_t)(length - at) : BLOCK_BYTES;
        TRY(compare_block(prover, index, at, size, count, error));
        TRY(os_check_stop(error));
    }
    return ERROR_NONE;
}

static enum error_code compare_bytes(struct prover *prover, uint32_t count, struct error *error)
{
    const struct sum *sum = prover->proof->sum;
    for (uint32_t group = 0; group < prover->first.head->row_group_count; group++) {
        for (uint32_t key = 0; key < sum->key_count; key++) {
            size_t index = (size_t)group * sum->catalog.column_count + key;
            TRY(compare_chunk(prover, index, count, error));
        }
    }
    return ERROR_NONE;
}

/* ---- value by value ---- */

/* The end of a path that is long: its beginning says least. */
static const char *tail_of(const char *path)
{
    const size_t most = 60;
    size_t length = strlen(path);
    return length > most ? path + length - most : path;
}

/* The first row that differs in two slices of equal length, or their length. */
static uint32_t first_difference(const struct column_type *type, const struct column_slice *a,
                                 const struct column_slice *b)
{
    size_t width = column_value_size(type);
    if (a->present == NULL && b->present == NULL && type->physical != COLUMN_BYTE_ARRAY &&
        memcmp(a->values, b->values, a->row_count * width) == 0)
        return a->row_count;
    const uint8_t *x = a->values, *y = b->values;
    for (uint32_t row = 0; row < a->row_count; row++) {
        bool in_a = a->present == NULL || a->present[row] != 0;
        bool in_b = b->present == NULL || b->present[row] != 0;
        if (in_a != in_b || (in_a && column_value_compare(type, x, y) != 0))
            return row;
        x += in_a ? width : 0;
        y += in_b ? width : 0;
    }
    return a->row_count;
}

/* Says why a file is not aligned; of several that are not, one is told. */
static void note_difference(struct proof *proof, const struct store_object *object,
                            const struct batch_reader *first, const struct batch_reader *other,
                            uint32_t row)
{
    char expected[80], found[80];
    batch_reader_describe(first, row, expected, sizeof expected);
    batch_reader_describe(other, row, found, sizeof found);
    struct sum_report *report = &proof->sum->report;
    pthread_mutex_lock(&proof->mutex);
    snprintf(report->way_reason, sizeof report->way_reason,
             "files are not aligned: row %llu has %s in %s, %s in the first file",
             (unsigned long long)(first->first_row + row), found, tail_of(object->path), expected);
    pthread_mutex_unlock(&proof->mutex);
}

static enum error_code compare_readers(struct proof *proof, struct candidate *candidate,
                                       struct batch_reader *first, struct batch_reader *other,
                                       struct error *error)
{
    do {
        TRY(batch_reader_next(first, BATCH_ROWS, error));
        TRY(batch_reader_next(other, BATCH_ROWS, error));
        if (first->row_count != other->row_count)
            return error_set(error, ERROR_CHANGED, "the files have different numbers of rows");
        uint32_t row = first->row_count;
        for (uint32_t i = 0; i < proof->sum->key_count; i++) {
            uint32_t here =
                first_difference(&first->columns[i].type, &first->slices[i], &other->slices[i]);
            row = here < row ? here : row;
        }
        candidate->aligned = row == first->row_count;
        if (!candidate->aligned)
            note_difference(proof, &candidate->object, first, other, row);
        TRY(os_check_stop(error));
    } while (candidate->aligned && first->row_count > 0);
    return ERROR_NONE;
}

static enum error_code find_keys(const struct sum *sum, const struct parquet_metadata *metadata,
                                 struct mem_buffer *columns, struct error *error)
{
    TRY(mem_buffer_renew(columns, sum->key_count * sizeof(uint32_t), error));
    for (uint32_t i = 0; i < sum->key_count; i++)
        TRY(sum_find_column(sum, metadata, sum->options.keys[i], (uint32_t *)columns->data + i,
                            error));
    return ERROR_NONE;
}

static enum error_code compare_decoded(struct prover *prover, struct candidate *candidate,
                                       const struct parquet_metadata *metadata,
                                       const uint32_t *columns, struct error *error)
{
    struct sum *sum = prover->proof->sum;
    struct batch_reader first = {0}, other = {0};
    enum error_code code =
        batch_reader_open(&first, &prover->first_object, &sum->first, sum->columns, sum->key_count,
                          sum->key_page_limit, &sum->account, error);
    if (code == ERROR_NONE)
        code = batch_reader_open(&other, &candidate->object, metadata, columns, sum->key_count,
                                 sum->key_page_limit, &sum->account, error);
    if (code == ERROR_NONE)
        code = compare_readers(prover->proof, candidate, &first, &other, error);
    batch_reader_close(&first);
    batch_reader_close(&other);
    return code;
}

static enum error_code decode_and_compare(struct prover *prover, struct candidate *candidate,
                                          struct error *error)
{
    struct sum *sum = prover->proof->sum;
    struct parquet_metadata metadata;
    struct mem_buffer columns;
    TRY(parquet_metadata_read(&candidate->object, &sum->account, &metadata, error));
    mem_buffer_init(&columns, &sum->account, SIZE_MAX / 2);
    enum error_code code = ERROR_NONE;
    if (metadata.footer_hash != candidate->record.head->footer_hash)
        code = error_set(error, ERROR_CHANGED, "the file has changed since its footer was read");
    if (code == ERROR_NONE)
        code = find_keys(sum, &metadata, &columns, error);
    if (code == ERROR_NONE)
        code = compare_decoded(prover, candidate, &metadata, (uint32_t *)columns.data, error);
    mem_buffer_release(&columns);
    parquet_metadata_release(&metadata);
    return code;
}

/* ---- one batch of files ---- */

static enum error_code open_batch(struct prover *prover, uint64_t first, uint32_t count,
                                  struct error *error)
{
    struct proof *proof = prover->proof;
    const struct sum *sum = proof->sum;
    for (uint32_t i = 0; i < count; i++) {
        struct candidate *candidate = &prover->candidates[i];
        candidate->file = first + i;
        candidate->known = false;
        candidate->equal = false;
        candidate->aligned = sum_is_aligned(sum, candidate->file);
        if (!candidate->aligned)
            continue;
        TRY(catalog_load(&sum->catalog, candidate->file, &candidate->buffer, &candidate->record,
                         error));
        candidate->known = known_keys_same(proof->earlier, &candidate->record);
        if (candidate->known)
            continue;
        TRY(sum_open_file(&candidate->record, &candidate->object, error));
        candidate->equal = same_form(sum, &prover->first, &candidate->record);
        prefetch_file(sum, candidate);
    }
    return ERROR_NONE;
}

static enum error_code finish_batch(struct prover *prover, uint32_t count, struct error *error)
{
    struct proof *proof = prover->proof;
    for (uint32_t i = 0; i < count; i++) {
        struct candidate *candidate = &prover->candidates[i];
        if (candidate->aligned && !candidate->equal && !candidate->known) {
            enum error_code code = decode_and_compare(prover, candidate, error);
            if (code != ERROR_NONE) {
                error_in_file(error, candidate->record.path);
                return code;
            }
        }
        if (candidate->aligned)
            atomic_fetch_add(candidate->known   ? &proof->known
                             : candidate->equal ? &proof->identical
                                                : &proof->decoded,
                             1);
        proof->sum->aligned.data[candidate->file] = candidate->aligned;
        if (!candidate->aligned)
            atomic_store(&proof->refuted, true);
        atomic_fetch_add(&proof->sum->progress->files_done, 1);
    }
    return ERROR_NONE;
}

static enum error_code prove_batch(struct prover *prover, uint64_t first, uint32_t count,
                                   struct error *error)
{
    enum error_code code = open_batch(prover, first, count, error);
    if (code == ERROR_NONE)
        code = compare_bytes(prover, count, error);
    if (code == ERROR_NONE)
        code = finish_batch(prover, count, error);
    for (uint32_t i = 0; i < count; i++)
        store_close(&prover->candidates[i].object);
    return code;
}

/* ---- threads ---- */

static enum error_code prover_open(struct prover *prover, struct proof *proof, struct error *error)
{
    struct sum *sum = proof->sum;
    prover->proof = proof;
    mem_buffer_init(&prover->first_buffer, &sum->account, SIZE_MAX / 2);
    for (uint32_t i = 0; i < FILES_AT_ONCE; i++)
        mem_buffer_init(&prover->candidates[i].buffer, &sum->account, SIZE_MAX / 2);
    TRY(mem_alloc(&sum->account, BLOCK_BYTES, (void **)&prover->expected, error));
    TRY(mem_alloc(&sum->account, BLOCK_BYTES, (void **)&prover->found, error));
    TRY(catalog_load(&sum->catalog, 0, &prover->first_buffer, &prover->first, error));
    return sum_open_file(&prover->first, &prover->first_object, error);
}

static void prover_close(struct prover *prover)
{
    store_close(&prover->first_object);
    mem_buffer_release(&prover->first_buffer);
    for (uint32_t i = 0; i < FILES_AT_ONCE; i++)
        mem_buffer_release(&prover->candidates[i].buffer);
    mem_free(prover->expected);
    mem_free(prover->found);
}

static enum error_code prove_all(struct prover *prover, struct error *error)
{
    struct proof *proof = prover->proof;
    uint32_t most = (uint32_t)sum_files_a_thread(proof->sum, FILES_AT_ONCE);
    while (!atomic_load(&proof->failure.stop)) {
        uint64_t first = atomic_fetch_add(&proof->next_file, most);
        uint64_t file_count = proof->sum->catalog.file_count;
        if (first >= file_count)
            break;
        uint64_t left = file_count - first;
        TRY(prove_batch(prover, first, left < most ? (uint32_t)left : most, error));
    }
    return ERROR_NONE;
}

/* This thread's part of the first file's keys. */
static enum error_code prove_order(struct prover *prover, unsigned part, struct error *error)
{
    struct proof *proof = prover->proof;
    bool open[ORDER_FORMS];
    struct key_digest digest = {0, 0};
    if (proof->earlier->first_is_known)
        return ERROR_NONE;
    TRY(sum_follow_order(proof->sum, &prover->first_object, part, open,
                         proof->earlier->cache != NULL ? &digest : NULL, error));
    pthread_mutex_lock(&proof->mutex);
    proof->digest.low += digest.low;
    proof->digest.high += digest.high;
    for (size_t form = 0; form < ORDER_FORMS; form++)
        proof->open[form] = proof->open[form] && open[form];
    pthread_mutex_unlock(&proof->mutex);
    return ERROR_NONE;
}

static void prove_thread(void *context, unsigned index)
{
    struct proof *proof = context;
    struct prover prover;
    struct error error;
    memset(&prover, 0, sizeof prover);
    error_init(&error);
    enum error_code code = prover_open(&prover, proof, &error);
    if (code == ERROR_NONE)
        code = prove_all(&prover, &error);
    /* The order of keys matters only where they are those of all files. */
    if (code == ERROR_NONE && !atomic_load(&proof->refuted))
        code = prove_order(&prover, index, &error);
    prover_close(&prover);
    failure_report(&proof->failure, code, &error);
}

/* What is known of the first file is not found out again. */
static void believe(struct sum *sum, const struct known_keys *known)
{
    sum->ordered = known->first.strict_order;
    if (known->first.unique)
        sum->report.uniqueness = "known from an earlier run";
}

static void count_aligned(struct sum *sum)
{
    sum->aligned_count = 0;
    for (uint64_t file = 0; file < sum->catalog.file_count; file++)
        sum->aligned_count += sum->aligned.data[file];
}

enum error_code sum_prove_aligned(struct sum *sum, struct known_keys *known,
                                  struct key_digest *ret_digest, struct error *error)
{
    struct proof proof = {.sum = sum, .earlier = known, .open = {true, true, true, true}};
    failure_init(&proof.failure, error);
    pthread_mutex_init(&proof.mutex, NULL);
    atomic_store(&proof.refuted, sum->aligned_count < sum->catalog.file_count);
    /* The first file is what the others are compared with. */
    atomic_store(&proof.next_file, 1);
    atomic_fetch_add(&sum->progress->files_done, 1);
    if (!known->first_is_known && !atomic_load(&proof.refuted))
        TRY(sum_open_profiles(sum, error));
    TRY(os_run_threads(sum->plan.threads, prove_thread, &proof, &proof.failure.stop, error));
    if (known->first_is_known) {
        memcpy(&proof.digest, known->first.digest, sizeof proof.digest);
        believe(sum, known);
    } else if (!atomic_load(&proof.refuted)) {
        for (size_t form = 0; form < ORDER_FORMS; form++)
            sum->ordered = sum->ordered || proof.open[form];
    }
    count_aligned(sum);
    sum->report.files_identical = atomic_load(&proof.identical);
    sum->report.files_decoded = atomic_load(&proof.decoded);
    sum->report.files_known = atomic_load(&proof.known) + known->first_is_known;
    *ret_digest = proof.digest;
    return proof.failure.code;
}

/*
 * Running a scene: rows into a grouping on several threads, results held against what is expected.
 */
#include "rows.h"

#include "store/folder.h"

static const struct column_type scene_types[VALUES] = {
    {.physical = COLUMN_DOUBLE},
    {.physical = COLUMN_INT64},
    {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 20, .scale = 2},
    {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}};

struct wanted {
    uint32_t value;
    enum aggregate_function function;
};

static const struct wanted scene_wanted[] = {{0, AGGREGATE_SUM}, {1, AGGREGATE_SUM},
                                             {1, AGGREGATE_MIN}, {1, AGGREGATE_MAX},
                                             {2, AGGREGATE_SUM}, {3, AGGREGATE_COUNT}};
#define WANTED (sizeof scene_wanted / sizeof scene_wanted[0])

/* Everything a run has; made once, as it is large. */
struct run {
    struct scene scene;
    struct mem_account account;
    struct aggregate_value values[VALUES];
    struct column_field fields[WANTED];
    struct exact_grids grids[VALUES];
    struct group_options options;
    struct grouping *grouping;
    struct expected *expected[THREADS];
    struct batch *batches[THREADS];
    struct error errors[THREADS];
    enum error_code codes[THREADS];
    struct group_report report;
    uint32_t met;
};

static struct run run;

static void prepare(const struct scene *scene)
{
    struct error error;
    run.scene = *scene;
    mem_account_init(&run.account, "test", NULL, MEM_NO_LIMIT);
    for (int v = 0; v < VALUES; v++) {
        aggregate_value_init(&run.values[v], "v", (uint32_t)v, &scene_types[v]);
        run.grids[v] = exact_grids_for(1024.0);
    }
    for (size_t w = 0; w < WANTED; w++) {
        struct aggregate aggregate = {scene_wanted[w].function, "v", "r"};
        struct column_field source = {.name = "v", .type = scene_types[scene_wanted[w].value]};
        assert_int_equal(aggregate_value_want(&run.values[scene_wanted[w].value], &aggregate,
                                              &source, &run.fields[w], &error),
                         ERROR_NONE);
    }
    run.options = (struct group_options){.keys = scene->kind,
                                         .span = scene->keys,
                                         .values = run.values,
                                         .grids = run.grids,
                                         .value_count = VALUES,
                                         .wants_rows = true,
                                         .expected_keys = scene->expected,
                                         .threads = scene->threads,
                                         .limit = scene->limit,
                                         .folder = folder_path};
    for (unsigned t = 0; t < THREADS; t++) {
        run.expected[t] = calloc(scene->keys, sizeof(struct expected));
        run.batches[t] = calloc(1, sizeof(struct batch));
        assert_true(run.expected[t] != NULL && run.batches[t] != NULL);
    }
}

static void forget(void)
{
    for (unsigned t = 0; t < THREADS; t++) {
        free(run.expected[t]);
        free(run.batches[t]);
    }
    assert_int_equal(atomic_load(&run.account.used), 0);
    assert_int_equal(folder_count(), 0);
}

static enum error_code feed_batch(struct group_feed *feed, const struct batch *batch,
                                  struct error *error)
{
    if (run.scene.kind == GROUP_BYTES)
        return group_feed_bytes(feed, batch->count, batch->bytes, batch->offsets, batch->hashes,
                                batch->slices, error);
    return group_feed_codes(feed, batch->count, batch->codes, batch->slices, error);
}

static void feed_thread(void *context, unsigned index)
{
    (void)context;
    struct batch *batch = run.batches[index];
    struct group_feed *feed;
    struct error *error = &run.errors[index];
    uint64_t state = run.scene.seed + index * UINT64_C(7919);
    enum error_code code = group_feed_open(run.grouping, &feed, error);
    for (uint32_t row = 0; code == ERROR_NONE && row < run.scene.rows; row += batch->count) {
        make_batch(&run.scene, &state, row, batch, run.expected[index]);
        code = feed_batch(feed, batch, error);
        if (code != ERROR_NONE)
            group_feed_abort(feed);
    }
    if (code == ERROR_NONE)
        code = group_feed_close(feed, error);
    run.codes[index] = code;
}

/* ---- checks ---- */

static void merge_expected(void)
{
    run.met = 0;
    for (uint32_t k = 0; k < run.scene.keys; k++) {
        struct expected *all = &run.expected[0][k];
        for (unsigned t = 1; t < run.scene.threads; t++) {
            const struct expected *one = &run.expected[t][k];
            if (!one->met)
                continue;
            bool first = !all->met;
            all->minimum = first || one->minimum < all->minimum ? one->minimum : all->minimum;
            all->maximum = first || one->maximum > all->maximum ? one->maximum : all->maximum;
            all->met = true;
            all->rows += one->rows;
            for (int v = 0; v < VALUES; v++)
                all->counts[v] += one->counts[v];
            for (int v = 0; v < 3; v++)
                all->sums[v] += one->sums[v];
        }
        run.met += all->met;
    }
}

static uint32_t key_of_code(uint64_t code)
{
    if (run.scene.kind == GROUP_DENSE)
        return (uint32_t)code;
    uint32_t key =
        run.scene.pattern == SAME_BITS ? (uint32_t)group_hash(code) : (uint32_t)(code >> 33);
    assert_true(code_of(&run.scene, key) == code);
    return key;
}

static uint32_t key_of_text(struct key_bytes bytes)
{
    char digits[16] = {0}, text[TEXT_MOST * 4];
    for (uint32_t i = 0; i < bytes.size && i < 15 && bytes.data[i] != '.'; i++)
        digits[i] = (char)bytes.data[i];
    uint32_t key = (uint32_t)strtoul(digits, NULL, 10);
    assert_true(key < run.scene.keys);
    assert_int_equal(text_of(&run.scene, key, text), bytes.size);
    assert_memory_equal(text, bytes.data, bytes.size);
    return key;
}

/* One key after another: ascending codes, else by hash, then by bytes. */
static void check_order(const struct group_rows *rows, uint32_t i, uint32_t key,
                        uint64_t *last_hash, char *last_text, uint32_t *last_size, bool first)
{
    char text[TEXT_MOST * 4];
    uint32_t size = 0;
    uint64_t hash = run.scene.kind == GROUP_DENSE ? key : 0;
    if (run.scene.kind == GROUP_CODES)
        hash = group_hash(rows->codes[i]);
    if (run.scene.kind == GROUP_BYTES) {
        size = text_of(&run.scene, key, text);
        hash = hash_of_text(&run.scene, key, text, size);
    }
    if (!first) {
        int order = (hash > *last_hash) - (hash < *last_hash);
        if (order == 0)
            order = memcmp(text, last_text, size < *last_size ? size : *last_size);
        if (order == 0)
            order = size > *last_size ? 1 : -1;
        assert_true(order > 0);
    }
    *last_hash = hash;
    *last_size = size;
    if (size > 0)
        memcpy(last_text, text, size);
}

static void check_value(const struct wanted *wanted, const struct expected *expected, bool there,
                        const uint8_t *value)
{
    double number = (double)expected->sums[0] / (1 << FRACTION);
    assert_int_equal(there,
                     wanted->function == AGGREGATE_COUNT || expected->counts[wanted->value] > 0);
    if (!there)
        return;
    int64_t integer = (int64_t)expected->sums[1];
    if (wanted->function == AGGREGATE_MIN)
        integer = expected->minimum;
    if (wanted->function == AGGREGATE_MAX)
        integer = expected->maximum;
    if (wanted->function == AGGREGATE_COUNT)
        integer = (int64_t)expected->counts[3];
    if (wanted->value == 0) {
        assert_memory_equal(value, &number, sizeof number);
    } else if (wanted->value == 2) {
        for (int b = 0; b < 16; b++)
            assert_int_equal(value[b], (uint8_t)(expected->sums[2] >> (8 * (15 - b))));
    } else {
        assert_memory_equal(value, &integer, sizeof integer);
    }
}

static enum error_code check_window(const struct group_rows *rows, const uint32_t *keys,
                                    struct error *error)
{
    static uint8_t values[VALUE_TILE_WINDOW * 16] __attribute__((aligned(64)));
    static uint8_t present[VALUE_TILE_WINDOW];
    for (size_t w = 0; w < WANTED; w++) {
        struct column_slice slice;
        size_t index, width = scene_wanted[w].value == 2 ? 16 : 8, at = 0;
        TRY(group_result(run.grouping, scene_wanted[w].value, scene_wanted[w].function,
                         &run.fields[w].type, values, present, &slice, &index, error));
        assert_int_equal(slice.row_count, rows->row_count);
        for (uint32_t i = 0; i < rows->row_count; i++) {
            bool there = slice.present == NULL || slice.present[i] != 0;
            check_value(&scene_wanted[w], &run.expected[0][keys[i]], there,
                        (const uint8_t *)slice.values + at * width);
            at += there;
        }
        assert_int_equal(at, slice.value_count);
    }
    return ERROR_NONE;
}

static enum error_code check_results(struct error *error)
{
    static uint32_t keys[VALUE_TILE_WINDOW];
    struct group_rows rows;
    uint64_t last_hash = 0;
    char last_text[TEXT_MOST * 4];
    uint32_t last_size = 0, seen = 0;
    for (;;) {
        TRY(group_next(run.grouping, &rows, error));
        if (rows.row_count == 0)
            break;
        assert_true(rows.row_count <= VALUE_TILE_WINDOW);
        for (uint32_t i = 0; i < rows.row_count; i++) {
            keys[i] = run.scene.kind == GROUP_BYTES ? key_of_text(rows.keys[i])
                                                    : key_of_code(rows.codes[i]);
            assert_true(run.expected[0][keys[i]].met);
            assert_int_equal(rows.rows[i], run.expected[0][keys[i]].rows);
            check_order(&rows, i, keys[i], &last_hash, last_text, &last_size, seen == 0);
            seen++;
        }
        TRY(check_window(&rows, keys, error));
    }
    assert_int_equal(seen, run.met);
    return ERROR_NONE;
}

/* A whole run; what fails is told by the code, what is wrong by an assertion. */
static enum error_code run_once(struct error *error)
{
    atomic_bool abandoned = false;
    for (unsigned t = 0; t < THREADS; t++)
        memset(run.expected[t], 0, run.scene.keys * sizeof(struct expected));
    TRY(group_create(&run.account, &run.options, &run.grouping, error));
    enum error_code code = os_run_threads(run.scene.threads, feed_thread, NULL, &abandoned, error);
    for (unsigned t = 0; t < run.scene.threads && code == ERROR_NONE; t++) {
        code = run.codes[t];
        if (code != ERROR_NONE)
            *error = run.errors[t];
    }
    merge_expected();
    if (code == ERROR_NONE)
        code = check_results(error);
    group_report(run.grouping, &run.report);
    if (code == ERROR_NONE)
        assert_true(atomic_load(&run.account.peak) / 2 <= (run.options.limit + MIB / 16) / 2 ||
                    run.options.limit == MEM_NO_LIMIT);
    group_destroy(run.grouping);
    return code;
}

static inline void run_scene(struct scene scene)
{
    struct error error;
    error_init(&error);
    prepare(&scene);
    size_t least = group_size_least(&run.options);
    if (run.options.limit < least)
        run.options.limit = least;
    enum error_code code = run_once(&error);
    if (code != ERROR_NONE)
        print_message("seed %llu: %s\n", (unsigned long long)scene.seed, error.what);
    assert_int_equal(code, ERROR_NONE);
    forget();
}

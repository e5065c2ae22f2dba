/* Tiles follow each other over the files: no tile touches a file before the tile before has left
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "os/os.h"
#include "sum/wave.h"

#define FILES 37
#define TILES 101

struct course {
    struct wave wave;
    atomic_bool stop;
    atomic_uint left[FILES]; /* tiles that have left the file */
    atomic_uint finished;
    atomic_uint wrong;
};

static void walk(void *context, unsigned index)
{
    (void)index;
    struct course *course = context;
    for (;;) {
        uint64_t tile = wave_take(&course->wave);
        if (tile >= TILES)
            return;
        for (uint64_t file = 0; file < FILES; file++) {
            if (!wave_wait(&course->wave, tile, file))
                return;
            if (atomic_load(&course->left[file]) != tile)
                atomic_fetch_add(&course->wrong, 1);
            atomic_fetch_add(&course->left[file], 1);
            wave_leave(&course->wave, tile, file);
            wave_leave(&course->wave, tile, file); /* a tile that is begun again says so twice */
        }
        if (!wave_wait_finished(&course->wave, tile))
            return;
        if (atomic_load(&course->finished) != tile)
            atomic_fetch_add(&course->wrong, 1);
        atomic_fetch_add(&course->finished, 1);
        wave_finish(&course->wave, tile);
    }
}

static void run_course(unsigned threads)
{
    static struct course course;
    struct error error;
    error_init(&error);
    course = (struct course){0};
    wave_init(&course.wave, FILES, threads, &course.stop);
    assert_int_equal(os_run_threads(threads, walk, &course, &course.stop, &error), ERROR_NONE);
    assert_int_equal(atomic_load(&course.wrong), 0);
    assert_int_equal(atomic_load(&course.finished), TILES);
}

static void test_order_is_kept(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++)
        run_course(threads);
}

static void stop_or_walk(void *context, unsigned index)
{
    struct course *course = context;
    if (index == 0) {
        /* Takes the first tile and gives up in the middle of it. */
        (void)wave_take(&course->wave);
        wave_leave(&course->wave, 0, 0);
        atomic_store(&course->stop, true);
        wave_wake(&course->wave);
        return;
    }
    while (!atomic_load(&course->stop) && atomic_load(&course->wave.next_tile) == 0)
        continue;
    walk(course, index);
}

static void test_a_stop_wakes_everybody(void **state)
{
    (void)state;
    static struct course course;
    struct error error;
    error_init(&error);
    course = (struct course){0};
    wave_init(&course.wave, FILES, 4, &course.stop);
    assert_int_equal(os_run_threads(4, stop_or_walk, &course, &course.stop, &error), ERROR_NONE);
    assert_true(atomic_load(&course.finished) < TILES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_is_kept),
        cmocka_unit_test(test_a_stop_wakes_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

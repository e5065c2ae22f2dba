#include <pthread.h>

#include "os/os.h"

#define STACK_BYTES  ((size_t)256 << 10)
#define MOST_THREADS 256

struct thread_start {
    void (*body)(void *context, unsigned index);
    void *context;
    unsigned index;
};

static void *run_body(void *argument)
{
    struct thread_start *start = argument;
    start->body(start->context, start->index);
    return NULL;
}

enum error_code os_run_threads(unsigned count, void (*body)(void *context, unsigned index),
                               void *context, atomic_bool *abandoned, struct error *error)
{
    pthread_t threads[MOST_THREADS];
    struct thread_start starts[MOST_THREADS];
    pthread_attr_t attributes;
    unsigned started = 1;
    int failure = 0;
    if (count > MOST_THREADS)
        count = MOST_THREADS;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (; started < count && failure == 0; started += failure == 0) {
        starts[started] = (struct thread_start){body, context, started};
        failure = pthread_create(&threads[started], &attributes, run_body, &starts[started]);
    }
    pthread_attr_destroy(&attributes);
    if (failure != 0)
        atomic_store(abandoned, true);
    else
        body(context, 0);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    if (failure != 0)
        return error_set_errno(error, failure, "cannot start thread %u of %u", started + 1, count);
    return ERROR_NONE;
}

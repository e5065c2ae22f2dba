#include "batch/remover.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "cell/folder_tree.h"

#define STACK_BYTES ((size_t)256 << 10)

/* A path that waits. */
struct entry {
    struct entry *next;
    char path[];
};

struct remover {
    struct mem_account *account;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct entry *first, *last;
    uint32_t waiting; /* the one that is being removed included */
    bool ending;
};

/* The next path, taken off the list; NULL once there will be none any more. */
static struct entry *take(struct remover *remover)
{
    pthread_mutex_lock(&remover->lock);
    while (remover->first == NULL && !remover->ending)
        pthread_cond_wait(&remover->changed, &remover->lock);
    struct entry *entry = remover->first;
    if (entry != NULL)
        remover->first = entry->next;
    pthread_mutex_unlock(&remover->lock);
    return entry;
}

static void *work(void *context)
{
    struct remover *remover = context;
    for (struct entry *entry; (entry = take(remover)) != NULL;) {
        folder_tree_remove(entry->path); /* what stays goes with the folder around it */
        mem_free(entry);
        pthread_mutex_lock(&remover->lock);
        remover->waiting--;
        pthread_mutex_unlock(&remover->lock);
    }
    return NULL;
}

/* A thread has the mask of the one that makes it, so no signal can come in between. */
static int start_thread(struct remover *remover)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&remover->thread, &attributes, work, remover);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failure;
}

static void release(struct remover *remover)
{
    pthread_cond_destroy(&remover->changed);
    pthread_mutex_destroy(&remover->lock);
    mem_free(remover);
}

enum error_code remover_start(struct mem_account *account, struct remover **ret,
                              struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof(struct remover), &memory, error));
    struct remover *remover = memory;
    remover->account = account;
    pthread_mutex_init(&remover->lock, NULL);
    pthread_cond_init(&remover->changed, NULL);
    int failure = start_thread(remover);
    if (failure != 0) {
        release(remover);
        return error_set_errno(error, failure, "cannot start the thread that removes folders");
    }
    *ret = remover;
    return ERROR_NONE;
}

static void append(struct remover *remover, struct entry *entry)
{
    pthread_mutex_lock(&remover->lock);
    if (remover->first == NULL)
        remover->first = entry;
    else
        remover->last->next = entry;
    remover->last = entry;
    remover->waiting++;
    pthread_cond_signal(&remover->changed);
    pthread_mutex_unlock(&remover->lock);
}

void remover_add(struct remover *remover, const char *path)
{
    struct error ignored;
    size_t size = strlen(path) + 1;
    void *memory;
    if (mem_alloc(remover->account, sizeof(struct entry) + size, &memory, &ignored) != ERROR_NONE) {
        folder_tree_remove(path);
        return;
    }
    struct entry *entry = memory;
    memcpy(entry->path, path, size);
    append(remover, entry);
}

uint32_t remover_waiting(struct remover *remover)
{
    pthread_mutex_lock(&remover->lock);
    uint32_t waiting = remover->waiting;
    pthread_mutex_unlock(&remover->lock);
    return waiting;
}

void remover_end(struct remover *remover)
{
    if (remover == NULL)
        return;
    pthread_mutex_lock(&remover->lock);
    remover->ending = true;
    pthread_cond_signal(&remover->changed);
    pthread_mutex_unlock(&remover->lock);
    pthread_join(remover->thread, NULL);
    release(remover);
}

#include "batch/jobs_names.h"

#include <string.h>
#include <xxhash.h>

#include "base/suggest.h"

/* A search for the nearest name looks at all of them, for each wrong one. */
#define SUGGEST_AMONG 5000

struct jobs_names_slot {
    uint32_t tag;  /* of the name's hash: most other names need not be compared */
    uint32_t next; /* number of the job plus one, 0 where free */
};

static uint64_t hash_of(const char *name)
{
    return XXH3_64bits(name, strlen(name));
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* The slot of that name, or the free one in which it would stand. */
static struct jobs_names_slot *slot_of(const struct jobs_names *names, const char *name,
                                       uint64_t hash)
{
    for (uint32_t at = (uint32_t)hash & names->mask;; at = (at + 1) & names->mask) {
        struct jobs_names_slot *slot = &names->slots[at];
        if (slot->next == 0)
            return slot;
        if (slot->tag == tag_of(hash) && strcmp(names->items[slot->next - 1].name, name) == 0)
            return slot;
    }
}

static void complain_of_second(const struct job *first, const struct job *second,
                               struct jobs_problems *problems)
{
    struct error error;
    error_init(&error);
    error_set(&error, ERROR_INPUT, "the job of line %u is called \"%s\" already", first->line,
              second->name);
    error_hint(&error, "another \"name\"; a line without one is called job- and its number");
    jobs_problems_tell(problems, second->line, &error);
}

static void insert(struct jobs_names *names, uint32_t number, struct jobs_problems *problems)
{
    const struct job *job = &names->items[number];
    uint64_t hash = hash_of(job->name);
    struct jobs_names_slot *slot = slot_of(names, job->name, hash);
    if (slot->next != 0)
        complain_of_second(&names->items[slot->next - 1], job, problems);
    else
        *slot = (struct jobs_names_slot){tag_of(hash), number + 1};
}

enum error_code jobs_names_build(struct jobs_names *ret, const struct job *items, uint32_t count,
                                 struct mem_account *account, struct jobs_problems *problems,
                                 struct error *error)
{
    void *slots;
    uint32_t capacity = 16;
    while (capacity / 2 < count) /* JOBS_MOST is far below 2^31 */
        capacity *= 2;
    TRY(mem_alloc_array(account, capacity, sizeof *ret->slots, &slots, error));
    *ret = (struct jobs_names){items, count, capacity - 1, slots};
    for (uint32_t i = 0; i < count; i++)
        insert(ret, i, problems);
    return ERROR_NONE;
}

void jobs_names_release(struct jobs_names *names)
{
    mem_free(names->slots);
    names->slots = NULL;
}

uint32_t jobs_names_find(const struct jobs_names *names, const char *name)
{
    uint32_t next = slot_of(names, name, hash_of(name))->next;
    return next == 0 ? JOBS_NOBODY : next - 1;
}

void jobs_names_complain(const struct jobs_names *names, const char *wrong, uint32_t line,
                         struct jobs_problems *problems)
{
    struct error error;
    struct suggest suggest = suggest_begin(wrong);
    bool looks = jobs_problems_will_tell(problems) && names->count <= SUGGEST_AMONG;
    for (uint32_t i = 0; looks && i < names->count; i++)
        suggest_try(&suggest, names->items[i].name);
    error_init(&error);
    error_set(&error, ERROR_INPUT, "after: no job is called \"%.*s\"", (int)JOBS_NAME_MOST, wrong);
    if (suggest.name != NULL)
        suggest_ask_back(&error, "", suggest.name);
    else
        error_hint(&error, "the \"name\" of a job of this file");
    jobs_problems_tell(problems, line, &error);
}

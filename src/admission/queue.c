#include "admission/queue.h"

#define SMALLEST_CAPACITY 16
/* Far more than a search needs where memory and processors go together. */
#define NODES_VISITED_MOST 512

/* More than any pool has, so it never fits. */
static const struct room hidden = {UINT64_MAX, UINT64_MAX};

void queue_init(struct queue *queue, struct mem_account *account)
{
    *queue = (struct queue){.account = account};
}

void queue_release(struct queue *queue)
{
    mem_free(queue->nodes);
    mem_free(queue->tickets);
    queue_init(queue, queue->account);
}

static struct room least_of(struct room a, struct room b)
{
    return (struct room){a.memory < b.memory ? a.memory : b.memory,
                         a.milli_cpus < b.milli_cpus ? a.milli_cpus : b.milli_cpus};
}

static void update_node(struct queue *queue, uint32_t node)
{
    const struct queue_node *below = &queue->nodes[(size_t)2 * node];
    queue->nodes[node].least = least_of(below[0].least, below[1].least);
}

static void set_place(struct queue *queue, uint32_t place, struct room wanted)
{
    uint32_t node = queue->capacity + place;
    queue->nodes[node].least = wanted;
    while ((node /= 2) > 0)
        update_node(queue, node);
}

static void clear(struct queue *queue)
{
    for (size_t node = 0; node < (size_t)2 * queue->capacity; node++)
        queue->nodes[node] = (struct queue_node){.least = hidden};
    for (uint32_t place = 0; place < queue->capacity; place++)
        queue->tickets[place] = QUEUE_NOBODY;
}

static enum error_code create_line(const struct queue *from, uint32_t capacity, struct queue *ret,
                                   struct error *error)
{
    struct queue line = {.account = from->account, .capacity = capacity};
    void *memory;
    TRY(mem_alloc_array(from->account, (size_t)2 * capacity, sizeof *line.nodes, &memory, error));
    line.nodes = memory;
    enum error_code code =
        mem_alloc_array(from->account, capacity, sizeof *line.tickets, &memory, error);
    if (code != ERROR_NONE) {
        queue_release(&line);
        return code;
    }
    line.tickets = memory;
    clear(&line);
    *ret = line;
    return ERROR_NONE;
}

/* All who wait, in order, without the free places between them. */
static void move_into(const struct queue *from, struct queue *to)
{
    for (uint32_t place = 0; place < from->used; place++) {
        if (from->tickets[place] == QUEUE_NOBODY)
            continue;
        struct queue_node *node = &to->nodes[to->capacity + to->used];
        *node = from->nodes[from->capacity + place];
        node->overtaken = queue_overtaken(from, place);
        to->tickets[to->used++] = from->tickets[place];
    }
    to->waiting = to->used;
    for (uint32_t node = to->capacity - 1; node > 0; node--)
        update_node(to, node);
}

enum error_code queue_reserve(struct queue *queue, bool *ret_moved, struct error *error)
{
    bool full = queue->used == queue->capacity;
    if (full) {
        uint32_t capacity = queue->capacity > 0 ? queue->capacity : SMALLEST_CAPACITY;
        if (queue->waiting > capacity / 2)
            capacity *= 2;
        struct queue line;
        if (capacity > UINT32_MAX / 4)
            return error_set(error, ERROR_MEMORY, "more than %u steps wait", capacity / 2);
        TRY(create_line(queue, capacity, &line, error));
        move_into(queue, &line);
        queue_release(queue);
        *queue = line;
    }
    *ret_moved = full;
    return ERROR_NONE;
}

uint32_t queue_add(struct queue *queue, uint32_t ticket)
{
    queue->tickets[queue->used] = ticket;
    queue->waiting++;
    return queue->used++;
}

void queue_show(struct queue *queue, uint32_t place, struct room wanted)
{
    set_place(queue, place, wanted);
}

void queue_remove(struct queue *queue, uint32_t place)
{
    set_place(queue, place, hidden);
    queue->tickets[place] = QUEUE_NOBODY;
    queue->waiting--;
}

/* The node that follows a whole part of the tree in the order of the line; 0 behind the last. */
static uint32_t next_part(uint32_t node)
{
    while (node & 1)
        node /= 2;
    return node == 0 ? 0 : node + 1;
}

uint32_t queue_first(const struct queue *queue, struct room room)
{
    uint32_t node = queue->capacity > 0 ? 1 : 0;
    for (int visited = 0; node > 0 && visited < NODES_VISITED_MOST; visited++) {
        if (!room_holds(room, queue->nodes[node].least))
            node = next_part(node);
        else if (node >= queue->capacity)
            return queue->tickets[node - queue->capacity];
        else
            node *= 2;
    }
    return QUEUE_NOBODY;
}

void queue_overtake(struct queue *queue, uint32_t place)
{
    for (uint32_t node = queue->capacity + place; node > 1; node /= 2) {
        if (node & 1)
            queue->nodes[node - 1].overtaken++;
    }
}

uint32_t queue_overtaken(const struct queue *queue, uint32_t place)
{
    uint32_t sum = 0;
    for (uint32_t node = queue->capacity + place; node > 0; node /= 2)
        sum += queue->nodes[node].overtaken;
    return sum;
}

#include "load.h"

struct draw {
    uint64_t state;
};

/* SplitMix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014. */
static uint64_t draw_bits(struct draw *draw)
{
    uint64_t z = draw->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t draw_between(struct draw *draw, uint64_t low, uint64_t high)
{
    return low + draw_bits(draw) % (high - low + 1);
}

static bool draw_chance(struct draw *draw, uint64_t percent)
{
    return draw_between(draw, 1, 100) <= percent;
}

/* As likely between 1 and 2 as between 512 and 1024: magnitudes are even. */
static uint64_t draw_magnitude(struct draw *draw, uint64_t low, uint64_t high)
{
    uint64_t doublings = 0;
    while (low << (doublings + 1) <= high)
        doublings++;
    uint64_t base = low << draw_between(draw, 0, doublings);
    return draw_between(draw, base, 2 * base - 1 < high ? 2 * base - 1 : high);
}

/* Heavy tail with exponent 1: half of all above twice the least, a hundredth above 100 times it. */
static uint64_t draw_heavy(struct draw *draw, uint64_t least, uint64_t most)
{
    uint64_t value = least * 1000 / draw_between(draw, 1, 1000);
    return value < most ? value : most;
}

/* How the steps of one load are made. */
enum size_kind { SIZE_HEAVY, SIZE_EVEN, SIZE_SMALL_AND_LARGE, SIZE_KINDS };
enum duration_kind {
    DURATION_ALIKE,
    DURATION_EVEN,
    DURATION_BY_SIZE,
    DURATION_HEAVY,
    DURATION_KINDS
};
enum shape { SHAPE_LOOSE, SHAPE_GROUPS, SHAPE_GRAPH, SHAPE_KINDS };

struct kind {
    enum size_kind size;
    enum duration_kind duration;
    enum shape shape;
    bool with_cpus;
    uint64_t span; /* arrivals between 0 and here */
};

static uint64_t draw_memory(struct draw *draw, const struct kind *kind, uint64_t pool)
{
    switch (kind->size) {
    case SIZE_EVEN:
        return draw_between(draw, pool / 64 + 1, pool / 2);
    case SIZE_SMALL_AND_LARGE:
        return draw_chance(draw, 10) ? draw_between(draw, pool / 2, pool)
                                     : draw_between(draw, 1, pool / 16);
    default:
        return draw_heavy(draw, pool / 64 + 1, pool);
    }
}

static uint64_t draw_duration(struct draw *draw, const struct kind *kind, uint64_t memory,
                              uint64_t pool)
{
    switch (kind->duration) {
    case DURATION_ALIKE:
        return draw_between(draw, 900, 1100);
    case DURATION_EVEN:
        return draw_between(draw, 100, 2000);
    case DURATION_BY_SIZE:
        return 100 + memory * 2000 / pool * draw_between(draw, 50, 200) / 100;
    default:
        return draw_heavy(draw, 200, 4000);
    }
}

static void draw_step(struct draw *draw, const struct kind *kind, struct load *load, uint32_t i)
{
    struct load_step *step = &load->steps[i];
    uint64_t memory = draw_memory(draw, kind, load->pool.memory);
    uint64_t cpus = load->pool.milli_cpus;
    *step = (struct load_step){
        .request = {.memory = memory, .group = ADMISSION_NO_GROUP},
        .duration = draw_duration(draw, kind, memory, load->pool.memory),
        .arrival = kind->span > 0 ? draw_between(draw, 0, kind->span) : 0,
        .first_after = LOAD_NOBODY,
    };
    if (kind->with_cpus)
        step->request.milli_cpus =
            draw_chance(draw, 80) || cpus < 4000 ? 1000 : draw_between(draw, 1, cpus / 2000) * 1000;
}

static void add_edge(struct load *load, uint32_t from, uint32_t to)
{
    load->edges[load->edge_count] = (struct load_edge){to, load->steps[from].first_after};
    load->steps[from].first_after = load->edge_count++;
    load->steps[to].needs++;
}

/* Runs of leaves, each with its reducer behind it. */
static void make_groups(struct draw *draw, struct load *load)
{
    uint64_t leaves_most = draw_magnitude(draw, 2, 64);
    uint32_t first = 0;
    for (uint32_t name = 0; first + 2 < load->count; name++) {
        uint32_t last = first + (uint32_t)draw_between(draw, 1, leaves_most);
        if (last >= load->count)
            last = load->count - 1;
        struct load_step *reducer = &load->steps[last];
        reducer->request.group = name;
        reducer->request.is_reducer = true;
        for (uint32_t leaf = first; leaf < last; leaf++) {
            load->steps[leaf].request.group = name;
            load->steps[leaf].request.reducer_memory = reducer->request.memory;
            add_edge(load, leaf, last);
        }
        first = last + 1;
    }
}

static void make_graph(struct draw *draw, struct load *load)
{
    uint64_t reach = draw_magnitude(draw, 4, 64);
    for (uint32_t to = 1; to < load->count; to++) {
        uint64_t needs = draw_between(draw, 0, 3);
        for (uint64_t i = 0; i < needs; i++)
            add_edge(load, to - 1 - (uint32_t)(draw_bits(draw) % (to < reach ? to : reach)), to);
    }
}

/* Work that would keep the pool busy for as long: arrivals are spread over a part of that. */
static uint64_t draw_span(struct draw *draw, const struct load *load)
{
    return draw_chance(draw, 50) ? 0 : load->count * draw_between(draw, 10, 200);
}

void load_draw(struct load *load, uint64_t seed)
{
    struct draw draw = {seed};
    load->seed = seed;
    load->edge_count = 0;
    load->count = (uint32_t)draw_between(&draw, 1, LOAD_STEPS_MOST);
    load->pool.memory = draw_magnitude(&draw, (uint64_t)1 << 28, (uint64_t)1 << 38);
    load->pool.milli_cpus = draw_magnitude(&draw, 1, 64) * 1000;
    struct kind kind = {
        .size = (enum size_kind)draw_between(&draw, 0, SIZE_KINDS - 1),
        .duration = (enum duration_kind)draw_between(&draw, 0, DURATION_KINDS - 1),
        .shape = (enum shape)draw_between(&draw, 0, SHAPE_KINDS - 1),
        .with_cpus = draw_chance(&draw, 50),
        .span = draw_span(&draw, load),
    };
    for (uint32_t i = 0; i < load->count; i++)
        draw_step(&draw, &kind, load, i);
    if (kind.shape == SHAPE_GROUPS)
        make_groups(&draw, load);
    if (kind.shape == SHAPE_GRAPH)
        make_graph(&draw, load);
}

bool load_has_groups(const struct load *load)
{
    for (uint32_t i = 0; i < load->count; i++) {
        if (load->steps[i].request.group != ADMISSION_NO_GROUP)
            return true;
    }
    return false;
}

void load_chains(const struct load *load, uint64_t ret[static LOAD_STEPS_MOST])
{
    for (uint32_t i = load->count; i-- > 0;) {
        const struct load_step *step = &load->steps[i];
        uint64_t longest = 0;
        for (uint32_t e = step->first_after; e != LOAD_NOBODY; e = load->edges[e].next) {
            if (ret[load->edges[e].to] > longest)
                longest = ret[load->edges[e].to];
        }
        ret[i] = step->duration + longest;
    }
}

uint64_t load_lower_bound(const struct load *load)
{
    uint64_t chains[LOAD_STEPS_MOST], bound = 0;
    double memory = 0, cpus = 0;
    load_chains(load, chains);
    for (uint32_t i = 0; i < load->count; i++) {
        const struct load_step *step = &load->steps[i];
        if (step->arrival + chains[i] > bound)
            bound = step->arrival + chains[i];
        memory += (double)step->request.memory * (double)step->duration;
        cpus += (double)step->request.milli_cpus * (double)step->duration;
    }
    memory /= (double)load->pool.memory;
    cpus /= (double)load->pool.milli_cpus;
    if (memory > (double)bound)
        bound = (uint64_t)memory;
    return cpus > (double)bound ? (uint64_t)cpus : bound;
}

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "mem/mem.h"

char *mem_format_size(uint64_t bytes, char buffer[static 24])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    bool whole = unit == 0 || value >= 99.95 || value == (double)(uint64_t)value;
    snprintf(buffer, 24, whole ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return buffer;
}

static bool unit_factor(const char *unit, double *ret)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {
        {"", 1},         {"B", 1},      {"K", 0x1p10},   {"KB", 1e3},     {"KiB", 0x1p10},
        {"M", 0x1p20},   {"MB", 1e6},   {"MiB", 0x1p20}, {"G", 0x1p30},   {"GB", 1e9},
        {"GiB", 0x1p30}, {"T", 0x1p40}, {"TB", 1e12},    {"TiB", 0x1p40},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcasecmp(unit, units[i].name) == 0) {
            *ret = units[i].factor;
            return true;
        }
    }
    return false;
}

bool mem_parse_size(const char *text, uint64_t *ret)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *unit;
    errno = 0;
    double number = strtod(text, &unit);
    double factor;
    while (*unit == ' ')
        unit++;
    if (errno != 0 || !unit_factor(unit, &factor))
        return false;
    double bytes = number * factor;
    if (!(bytes >= 1) || bytes > 0x1p60)
        return false;
    *ret = (uint64_t)bytes;
    return true;
}

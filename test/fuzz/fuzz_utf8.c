/*
 * Bytes taken for text: whether they are UTF-8 is what Jansson says, which has a decoder of its
 * own; character by character says the same, and no cut goes through a character.
 */
#include <jansson.h>

#include "base/utf8.h"
#include "memory.h"

static bool jansson_takes(const uint8_t *data, size_t size)
{
    json_t *string = json_stringn((const char *)data, size);
    json_decref(string);
    return string != NULL;
}

static bool all_are_characters(const uint8_t *data, size_t size)
{
    bool all = true;
    for (size_t at = 0; at < size;) {
        uint32_t character;
        size_t taken = utf8_next(data + at, size - at, &character);
        bool known = character != UTF8_INVALID;
        demand(taken > 0 && taken <= size - at && (known || taken == 1));
        demand(jansson_takes(data + at, taken) || !known);
        all = all && known;
        at += taken;
    }
    return all;
}

static void cut(const uint8_t *data, size_t most, bool valid)
{
    size_t at = utf8_cut(data, most), other = utf8_cut_bytes(data, most);
    demand(at <= most && (other == at || other == most));
    demand(!valid || (at == other && most - at < 4 && utf8_is_valid(data, at)));
}

static void begin(const uint8_t *data, size_t size, bool valid)
{
    size_t passed = utf8_first(data, size);
    demand(passed <= size && (!valid || passed < 4));
    demand(!valid || utf8_is_valid(data + passed, size - passed));
}

static void shorten(const uint8_t *data, size_t size, size_t most, bool valid)
{
    char *text = malloc(size + 1), *buffer = malloc(most + 4);
    demand(text != NULL && buffer != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    demand(utf8_shorten(text, most, buffer) == buffer && strlen(buffer) < most + 4);
    demand(strlen(text) > most || strcmp(text, buffer) == 0);
    demand(!valid || utf8_is_valid(buffer, strlen(buffer)));
    free(buffer);
    free(text);
}

/* The first byte says where to cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t at = data[0] % (size - 1);
    data++, size--;
    bool valid = utf8_is_valid(data, size);
    demand(valid == jansson_takes(data, size));
    demand(valid == all_are_characters(data, size));
    cut(data, at, valid);
    begin(data + at, size - at, valid);
    shorten(data, size, at, valid);
    return 0;
}

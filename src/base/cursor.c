#include "base/cursor.h"

bool cursor_varint(struct cursor *cursor, uint64_t *ret)
{
    uint64_t value = 0;
    const uint8_t *at = cursor->at;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (at == cursor->end)
            return false;
        uint8_t byte = *at++;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            cursor->at = at;
            *ret = value;
            return true;
        }
    }
    return false;
}

bool cursor_zigzag(struct cursor *cursor, int64_t *ret)
{
    uint64_t value;
    if (!cursor_varint(cursor, &value))
        return false;
    *ret = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    return true;
}

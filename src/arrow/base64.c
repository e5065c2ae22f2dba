#include "arrow/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum error_code base64_encode(const void *bytes, size_t size, struct mem_buffer *ret,
                              struct error *error)
{
    const uint8_t *at = bytes;
    if (size > SIZE_MAX / 2)
        return error_set(error, ERROR_MEMORY, "too many bytes for Base64");
    TRY(mem_buffer_reserve(ret, ret->size + (size + 2) / 3 * 4, error));
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)at[i] << 16;
        three |= i + 1 < size ? (uint32_t)at[i + 1] << 8 : 0;
        three |= i + 2 < size ? at[i + 2] : 0;
        ret->data[ret->size++] = (uint8_t)alphabet[three >> 18];
        ret->data[ret->size++] = (uint8_t)alphabet[three >> 12 & 63];
        ret->data[ret->size++] = (uint8_t)(i + 1 < size ? alphabet[three >> 6 & 63] : '=');
        ret->data[ret->size++] = (uint8_t)(i + 2 < size ? alphabet[three & 63] : '=');
    }
    return ERROR_NONE;
}

/* Six bits, or -1 for a character outside the alphabet. */
static int bits_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

enum error_code base64_decode(const char *text, size_t size, struct mem_buffer *ret,
                              struct error *error)
{
    while (size > 0 && text[size - 1] == '=')
        size--;
    if (size % 4 == 1)
        return error_set(error, ERROR_INPUT, "Base64 text of %zu characters", size);
    TRY(mem_buffer_reserve(ret, ret->size + size / 4 * 3 + 3, error));
    uint32_t gathered = 0;
    unsigned count = 0; /* bits in gathered that are not written yet */
    for (size_t i = 0; i < size; i++) {
        int bits = bits_of(text[i]);
        if (bits < 0)
            return error_set(error, ERROR_INPUT, "character %zu is not Base64", i);
        gathered = gathered << 6 | (uint32_t)bits;
        count += 6;
        if (count >= 8) {
            count -= 8;
            ret->data[ret->size++] = (uint8_t)(gathered >> count);
        }
    }
    return ERROR_NONE;
}

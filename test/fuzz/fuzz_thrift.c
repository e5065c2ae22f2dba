/*
 * Bytes taken for a Thrift struct: going through it and passing over it must end at the same byte,
 * and every beginning of a good struct must say that more bytes are needed.
 */
#include "walk.h"

static bool skip_over(const uint8_t *data, size_t size, size_t *ret_end, bool *ret_exhausted)
{
    struct error error;
    error_init(&error);
    struct thrift_reader thrift = thrift_reader_over(data, size, 0, "the footer", &error);
    enum error_code code = thrift_skip(&thrift, THRIFT_STRUCT);
    *ret_end = cursor_offset(&thrift.cursor);
    *ret_exhausted = thrift.exhausted;
    demand(code == ERROR_NONE || error.offset >= 0);
    demand(*ret_end <= size);
    return code == ERROR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;
    size_t end, cut_end;
    bool exhausted;
    error_init(&error);
    bool good = skip_over(data, size, &end, &exhausted);
    struct thrift_reader thrift = thrift_reader_over(data, size, 0, "the footer", &error);
    bool walked = walk_struct(&thrift) == ERROR_NONE;
    /* Passing over counts lists as depth, and may give up where going through does not. */
    demand(!walked || !good || cursor_offset(&thrift.cursor) == end);
    size_t step = end / 64 + 1;
    for (size_t cut = 0; good && cut < end; cut += step)
        demand(!skip_over(data, cut, &cut_end, &exhausted) && exhausted);
    return 0;
}

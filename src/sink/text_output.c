#include "sink/text_output.h"

#include <errno.h>
#include <stdio.h>

enum error_code text_output_open(struct text_output *ret, const struct sink *sink,
                                 struct error *error)
{
    void *data;
    TRY(mem_alloc(sink->account, TEXT_OUTPUT_BYTES, &data, error));
    *ret = (struct text_output){sink->output, data, 0};
    return ERROR_NONE;
}

void text_output_close(struct text_output *text)
{
    mem_free(text->data);
    text->data = NULL;
}

static enum error_code write_out(struct text_output *text, const void *bytes, size_t size,
                                 struct error *error)
{
    if (text->output != NULL)
        return output_write(text->output, bytes, size, error);
    if (fwrite(bytes, 1, size, stdout) != size || fflush(stdout) != 0)
        return error_set_errno(error, errno, "cannot write to standard output");
    return ERROR_NONE;
}

enum error_code text_output_flush(struct text_output *text, struct error *error)
{
    size_t size = text->size;
    text->size = 0;
    return size > 0 ? write_out(text, text->data, size, error) : ERROR_NONE;
}

enum error_code text_output_long(struct text_output *text, const void *bytes, size_t size,
                                 struct error *error)
{
    TRY(text_output_flush(text, error));
    if (size > TEXT_OUTPUT_BYTES)
        return write_out(text, bytes, size, error);
    memcpy(text->data, bytes, size);
    text->size = size;
    return ERROR_NONE;
}

enum error_code text_put_hex(struct text_output *text, const uint8_t *bytes, size_t size,
                             struct error *error)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        const char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        TRY(text_put(text, pair, sizeof pair, error));
    }
    return ERROR_NONE;
}

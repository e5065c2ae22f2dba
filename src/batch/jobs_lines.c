#include "batch/jobs_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "os/os.h"

#define CHUNK_BYTES ((size_t)64 << 10)

static const uint8_t BYTE_ORDER_MARK[] = {0xef, 0xbb, 0xbf};

void jobs_lines_init(struct jobs_lines *lines, const void *bytes, size_t size, size_t most,
                     struct mem_account *account)
{
    *lines = (struct jobs_lines){
        .descriptor = -1, .most = most, .rest = cursor_over(size > 0 ? bytes : "", size)};
    mem_buffer_init(&lines->line, account, most);
    mem_buffer_init(&lines->chunk, account, CHUNK_BYTES);
}

enum error_code jobs_lines_open(struct jobs_lines *lines, const char *path, size_t most,
                                struct mem_account *account, struct error *error)
{
    jobs_lines_init(lines, "", 0, most, account);
    TRY(mem_buffer_reserve(&lines->chunk, CHUNK_BYTES, error));
    lines->own_descriptor = strcmp(path, "-") != 0;
    lines->descriptor = lines->own_descriptor ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (lines->descriptor >= 0)
        return ERROR_NONE;
    int reason = errno;
    jobs_lines_close(lines);
    return error_set_errno(error, reason, "cannot open the jobs");
}

void jobs_lines_close(struct jobs_lines *lines)
{
    if (lines->own_descriptor && lines->descriptor >= 0)
        close(lines->descriptor);
    lines->descriptor = -1;
    mem_buffer_release(&lines->line);
    mem_buffer_release(&lines->chunk);
}

/* Nothing at hand afterwards: that was all. */
static enum error_code fill(struct jobs_lines *lines, struct error *error)
{
    ssize_t size;
    while ((size = read(lines->descriptor, lines->chunk.data, CHUNK_BYTES)) < 0) {
        if (errno == EISDIR)
            return error_set(error, ERROR_INPUT, "a folder is no file of jobs");
        if (errno != EINTR)
            return error_set_errno(error, errno, "cannot read the jobs");
        TRY(os_check_stop(error));
    }
    lines->rest = cursor_over(lines->chunk.data, (size_t)size);
    return ERROR_NONE;
}

/* What is at hand up to the newline, which is taken as well; ret_whole: there was one. */
static struct jobs_text take_piece(struct jobs_lines *lines, bool *ret_whole)
{
    const uint8_t *start = lines->rest.at;
    size_t left = cursor_left(&lines->rest);
    const uint8_t *newline = memchr(start, '\n', left);
    size_t size = newline != NULL ? (size_t)(newline - start) : left;
    lines->rest.at += size + (newline != NULL);
    *ret_whole = newline != NULL;
    return (struct jobs_text){(const char *)start, size};
}

/* A line of which parts come one after the other. */
struct gathering {
    bool begun, too_long;
};

static enum error_code gather(struct jobs_lines *lines, struct gathering *gathering,
                              struct jobs_text piece, struct error *error)
{
    gathering->begun = true;
    gathering->too_long = gathering->too_long || piece.size > lines->most - lines->line.size;
    return gathering->too_long ? ERROR_NONE
                               : mem_buffer_append(&lines->line, piece.text, piece.size, error);
}

static struct jobs_text gathered(const struct jobs_lines *lines, const struct gathering *gathering)
{
    if (gathering->too_long)
        return (struct jobs_text){NULL, 0};
    return (struct jobs_text){lines->line.size > 0 ? (const char *)lines->line.data : "",
                              lines->line.size};
}

static enum error_code next_line(struct jobs_lines *lines, struct jobs_text *ret, bool *ret_found,
                                 struct error *error)
{
    struct gathering gathering = {false, false};
    bool whole = false;
    lines->line.size = 0;
    while (!whole) {
        if (cursor_left(&lines->rest) == 0 && lines->descriptor >= 0)
            TRY(fill(lines, error));
        if (cursor_left(&lines->rest) == 0)
            break;
        struct jobs_text piece = take_piece(lines, &whole);
        if (whole && !gathering.begun && piece.size <= lines->most) {
            *ret = piece;
            *ret_found = true;
            return ERROR_NONE;
        }
        TRY(gather(lines, &gathering, piece, error));
    }
    *ret = gathered(lines, &gathering);
    *ret_found = gathering.begun;
    return ERROR_NONE;
}

static void pass_over_mark(struct jobs_text *text)
{
    if (text->size < sizeof BYTE_ORDER_MARK ||
        memcmp(text->text, BYTE_ORDER_MARK, sizeof BYTE_ORDER_MARK) != 0)
        return;
    text->text += sizeof BYTE_ORDER_MARK;
    text->size -= sizeof BYTE_ORDER_MARK;
}

enum error_code jobs_lines_next(struct jobs_lines *lines, struct jobs_text *ret, bool *ret_found,
                                struct error *error)
{
    struct jobs_text text;
    bool found;
    TRY(next_line(lines, &text, &found, error));
    if (found && lines->number == UINT32_MAX)
        return error_set(error, ERROR_INPUT, "more than %u lines", UINT32_MAX);
    lines->number += found;
    if (found && lines->number == 1)
        pass_over_mark(&text);
    *ret = text;
    *ret_found = found;
    return ERROR_NONE;
}

#include "cell/progress_file.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cell/plain_text.h"

/* ---- a line, word by word ---- */

struct words {
    const char *at, *end;
};

static void skip_blanks(struct words *words)
{
    while (words->at < words->end && (*words->at == ' ' || *words->at == '\t'))
        words->at++;
}

/* Takes the word where it is the next one, up to a blank or the end. */
static bool take_word(struct words *words, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(words);
    if ((size_t)(words->end - words->at) < length || memcmp(words->at, word, length) != 0)
        return false;
    const char *behind = words->at + length;
    if (behind < words->end && *behind != ' ' && *behind != '\t')
        return false;
    words->at = behind;
    return true;
}

static bool take_number(struct words *words, uint64_t *ret)
{
    uint64_t number = 0;
    skip_blanks(words);
    const char *begin = words->at;
    for (; words->at < words->end && isdigit((unsigned char)*words->at); words->at++)
        if (__builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*words->at - '0'), &number))
            return false;
    *ret = number;
    return words->at > begin;
}

/* The rest of the line, as far as it fits. */
static void take_rest(struct words *words, char *ret, size_t size)
{
    skip_blanks(words);
    size_t length = (size_t)(words->end - words->at);
    length = length < size ? length : size - 1;
    memcpy(ret, words->at, length);
    ret[length] = '\0';
    for (size_t i = 0; i < length; i++) /* text ends at the first NUL otherwise */
        ret[i] = ret[i] != '\0' ? ret[i] : '?';
    plain_text(ret);
}

/* ---- the file ---- */

static void read_amount(struct words *words, struct cell_progress *ret)
{
    uint64_t read, of = 0;
    if (!take_number(words, &read) || (take_word(words, "of") && !take_number(words, &of)))
        return;
    ret->has_read = true;
    ret->read = read;
    ret->of = of;
    take_rest(words, ret->unit, sizeof ret->unit);
}

static void read_line(const char *begin, const char *end, struct cell_progress *ret)
{
    struct words words = {begin, end};
    if (take_word(&words, "phase"))
        take_rest(&words, ret->phase, sizeof ret->phase);
    else if (take_word(&words, "read"))
        read_amount(&words, ret);
}

void progress_file_parse(const char *text, size_t size, struct cell_progress *ret)
{
    const char *end = text + size;
    *ret = (struct cell_progress){.has_read = false};
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        read_line(text, stop, ret);
        text = stop < end ? stop + 1 : end;
    }
}

static size_t read_tail(int descriptor, char *text, size_t size)
{
    struct stat file;
    if (fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode))
        return 0;
    off_t from = file.st_size > (off_t)size ? file.st_size - (off_t)size : 0;
    ssize_t got = pread(descriptor, text, size, from);
    return got > 0 ? (size_t)got : 0;
}

void progress_file_read(const char *folder, struct cell_progress *ret)
{
    char path[4096], text[PROGRESS_FILE_MOST];
    *ret = (struct cell_progress){.has_read = false};
    int length = snprintf(path, sizeof path, "%s/" PROGRESS_FILE_NAME, folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return;
    progress_file_parse(text, read_tail(descriptor, text, sizeof text), ret);
    close(descriptor);
}

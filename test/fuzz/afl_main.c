/*
 * Runs a fuzz target without libFuzzer.
 *
 * Built with afl-clang-fast it is AFL++'s persistent mode: inputs come through shared memory, many
 * to a process. Built with any other compiler it replays: files and folders named on the command
 * line, or standard input when there are none. Every input stands in a block of exactly its size,
 * so that a sanitizer sees the first byte read too much.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The longest input that is taken. */
#define INPUT_MOST ((size_t)1 << 20)

static void try_input(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size);
    if (size > 0)
        memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void try_stream(FILE *stream)
{
    uint8_t *bytes = malloc(INPUT_MOST);
    size_t size = fread(bytes, 1, INPUT_MOST, stream);
    try_input(bytes, size);
    free(bytes);
}

static unsigned try_file(const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        perror(path);
        exit(2);
    }
    /* A crash in what follows must be found by its file. */
    if (getenv("FUZZ_VERBOSE") != NULL)
        fprintf(stderr, "%s\n", path);
    try_stream(stream);
    fclose(stream);
    return 1;
}

static unsigned try_folder(const char *path)
{
    unsigned tried = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char name[4096];
        int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length < (int)sizeof name)
            tried += try_file(name);
    }
    if (folder != NULL)
        closedir(folder);
    return tried;
}

static unsigned try_path(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? try_folder(path) : try_file(path);
}

static int replay(int count, char **paths)
{
    unsigned tried = 0;
    for (int i = 0; i < count; i++)
        tried += try_path(paths[i]);
    printf("%u inputs\n", tried);
    return 0;
}

#ifdef __AFL_HAVE_MANUAL_CONTROL

__AFL_FUZZ_INIT();

static int fuzz(void)
{
    __AFL_INIT();
    const uint8_t *bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000))
        try_input(bytes, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
}

#else

static int fuzz(void)
{
    try_stream(stdin);
    return 0;
}

#endif

int main(int argc, char **argv)
{
    return argc > 1 ? replay(argc - 1, argv + 1) : fuzz();
}

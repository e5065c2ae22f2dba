/* Takes memory, touches every page of it, keeps it for a while: allocate BYTES SECONDS. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    size_t size = (size_t)strtoull(argv[1], NULL, 10);
    double seconds = strtod(argv[2], NULL);
    volatile char *memory = malloc(size);
    if (memory == NULL) {
        fputs("allocate: std::bad_alloc\n", stderr);
        return 1;
    }
    for (size_t i = 0; i < size; i += 4096)
        memory[i] = 1;
    struct timespec wait = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&wait, NULL);
    return 0;
}

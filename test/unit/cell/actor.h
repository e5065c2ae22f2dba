/*
 * What the programs of the tests do: the test program runs itself with the name of a part.
 */
#ifndef TEST_CELL_ACTOR_H
#define TEST_CELL_ACTOR_H

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ACTOR_MEBIBYTE ((size_t)1 << 20)

static inline void actor_sleep(unsigned milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000L}, NULL);
}

/* Waits until whoever holds the other end of its standard input lets go of it. */
static inline void actor_wait_for_leave(void)
{
    char byte;
    while (read(0, &byte, 1) > 0)
        continue;
}

/* Touches so many mebibytes in steps, with a pause behind each. */
static inline void actor_take(size_t mebibytes, unsigned pause, int flags)
{
    for (size_t i = 0; i < mebibytes; i++) {
        volatile char *block =
            mmap(NULL, ACTOR_MEBIBYTE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            exit(3);
        for (size_t at = 0; at < ACTOR_MEBIBYTE; at += 4096)
            block[at] = 1;
        if (pause > 0)
            actor_sleep(pause);
    }
}

/* A process of its own session, whose parent has gone. */
static inline void actor_daemon(void)
{
    if (fork() > 0)
        return;
    setsid();
    if (fork() > 0)
        _exit(0);
    for (;;)
        pause();
}

/* Leaves its session twice, keeps nothing open, and stands in the root folder. */
static inline void actor_hide(void)
{
    for (int i = 0; i < 2; i++) {
        if (fork() > 0)
            _exit(0);
        setsid();
    }
    for (int i = 0; i < 256; i++)
        close(i);
    if (chdir("/") != 0)
        _exit(1);
    for (;;)
        pause();
}

/* Every child forks on as well. Ends by itself after so many, should nobody stop it. */
static inline void actor_bomb(unsigned most)
{
    volatile unsigned *count =
        mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (__atomic_fetch_add(count, 1, __ATOMIC_RELAXED) < most)
        if (fork() < 0)
            actor_sleep(10);
    actor_sleep(100000);
}

/* Its working directory is gone. */
static inline void actor_lose_directory(const char *path)
{
    char directory[512];
    if (mkdir(path, 0700) != 0 || chdir(path) != 0 || getcwd(directory, sizeof directory) == NULL ||
        rmdir(directory) != 0)
        exit(7);
    printf("in %s\n", getcwd(directory, sizeof directory) == NULL ? "nowhere" : directory);
}

/* Children whose status nobody asks for, and one that leaves more of them. */
static inline void actor_leave_zombies(size_t count)
{
    pid_t child = fork();
    for (size_t i = 0; i < count; i++)
        if (fork() == 0)
            _exit(0);
    actor_sleep(child == 0 ? 50 : 150);
    _exit(0);
}

/* Children of sessions of their own, as many as can be had. */
static inline void actor_forks(size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fork() == 0) {
            setsid();
            actor_sleep(100000);
        }
    actor_sleep(500);
    _exit(0);
}

static inline void actor_flood(size_t mebibytes)
{
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    for (size_t i = 0; i < mebibytes * 16; i++)
        for (size_t done = 0; done < sizeof block;) {
            ssize_t got = write(1, block + done, sizeof block - done);
            if (got <= 0)
                exit(4);
            done += (size_t)got;
        }
}

static inline void actor_fork_and_wait(size_t mebibytes)
{
    pid_t child = fork();
    if (child == 0) {
        actor_take(mebibytes, 0, MAP_PRIVATE);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    exit(WIFEXITED(status) ? 0 : 5);
}

/* Pages that a fork shares count once: four children over one block of memory. */
static inline void actor_share(size_t mebibytes)
{
    actor_take(mebibytes, 0, MAP_PRIVATE);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            actor_wait_for_leave();
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
}

static inline void actor_fill_file(const char *path, size_t mebibytes)
{
    static char block[1 << 20];
    memset(block, 'y', sizeof block);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (size_t i = 0; i < mebibytes; i++)
        if (write(file, block, sizeof block) < 0)
            exit(6);
}

/* Open descriptors above the standard three. */
static inline int actor_count_descriptors(void)
{
    int count = 0;
    for (int i = 3; i < 1024; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static inline void actor_tell_itself(void)
{
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    struct sigaction pipe_action;
    sigaction(SIGPIPE, NULL, &pipe_action);
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    char badness[16] = "", directory[512];
    int file = open("/proc/self/oom_score_adj", O_RDONLY);
    if (read(file, badness, sizeof badness - 1) > 0)
        badness[strcspn(badness, "\n")] = '\0';
    close(file);
    printf("session %d group %d descriptors %d blocked %d pipe %d core %d badness %s in %s\n",
           getsid(0) == getpid(), getpgrp() == getpid(), actor_count_descriptors(),
           sigismember(&blocked, SIGUSR1), pipe_action.sa_handler == SIG_DFL, (int)core.rlim_cur,
           badness, getcwd(directory, sizeof directory));
}

static inline int actor_play(int count, char **arguments)
{
    const char *part = arguments[1];
    size_t number = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;
    if (strcmp(part, "leak") == 0)
        actor_take(number, 2, MAP_PRIVATE);
    else if (strcmp(part, "burst") == 0)
        actor_take(number, 0, MAP_PRIVATE);
    else if (strcmp(part, "shared") == 0)
        actor_take(number, 0, MAP_SHARED);
    else if (strcmp(part, "hold") == 0)
        actor_take(number, 0, MAP_PRIVATE), actor_wait_for_leave();
    else if (strcmp(part, "child") == 0)
        actor_fork_and_wait(number);
    else if (strcmp(part, "share") == 0)
        actor_share(number);
    else if (strcmp(part, "daemon") == 0)
        actor_daemon();
    else if (strcmp(part, "forks") == 0)
        actor_forks(number);
    else if (strcmp(part, "hide") == 0)
        actor_hide();
    else if (strcmp(part, "bomb") == 0)
        actor_bomb((unsigned)number);
    else if (strcmp(part, "zombies") == 0)
        actor_leave_zombies(number);
    else if (strcmp(part, "nowhere") == 0)
        actor_lose_directory(arguments[3]);
    else if (strcmp(part, "flood") == 0)
        actor_flood(number);
    else if (strcmp(part, "file") == 0)
        actor_fill_file(arguments[3], number);
    else if (strcmp(part, "itself") == 0)
        actor_tell_itself();
    else if (strcmp(part, "fault") == 0)
        signal(SIGSEGV, SIG_DFL), raise(SIGSEGV);
    else
        return 99;
    fflush(stdout);
    return 0;
}

#endif

/*
 * What the kernel asks for a command: posix_spawn with two pipes, both read to their ends, and wait4, in a loop.
 * Two of these processes at once are the yardstick of SpawnBenchmark. Usage: spawn SECONDS
 * [DESCRIPTORS], which are open meanwhile.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void drain(int fd) {
    char buffer[65536];
    while (read(fd, buffer, sizeof buffer) > 0) { }
    close(fd);
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 5;
    char *command[] = {"/bin/true", NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = argc > 2 ? atoi(argv[2]) : 0; i > 0; i--) {
        if (fcntl(null, F_DUPFD_CLOEXEC, 3) < 0) return 1;
    }
    long count = 0;
    double start = now();
    do {
        int out[2], err[2];
        if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) return 1;
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, null, 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        posix_spawn_file_actions_adddup2(&actions, err[1], 2);
        posix_spawn_file_actions_addclosefrom_np(&actions, 3);
        pid_t pid;
        if (posix_spawn(&pid, command[0], &actions, &attributes, command, environment)) return 1;
        posix_spawn_file_actions_destroy(&actions);
        close(out[1]);
        close(err[1]);
        drain(out[0]);
        drain(err[0]);
        int status;
        wait4(pid, &status, 0, NULL);
        if (status) return 1;
        count++;
    } while (now() - start < seconds);
    printf("%.1f\n", count / (now() - start));
    return 0;
}

/* The bare cost of a script, with no HTTP at all: posix_spawn with a pipe, read to its end, wait.
   Usage: spawn-loop WORKERS SECONDS PROGRAM; prints runs per second. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

static char *const ENVIRONMENT[] = {
    "GATEWAY_INTERFACE=CGI/1.1", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_NAME=localhost", "SERVER_PORT=80",
    "REQUEST_METHOD=GET", "QUERY_STRING=name=world", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int run_once(char *program) {
  int ends[2], status;
  pid_t pid;
  char buffer[4096];
  char *const arguments[] = {program, NULL};
  posix_spawn_file_actions_t actions;
  if (pipe2(ends, O_CLOEXEC) != 0) return 0;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  int error = posix_spawn(&pid, program, &actions, NULL, arguments, ENVIRONMENT);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  ssize_t total = 0, count;
  while (error == 0 && (count = read(ends[0], buffer, sizeof buffer)) > 0) total += count;
  close(ends[0]);
  return error == 0 && waitpid(pid, &status, 0) == pid && status == 0 && total > 0;
}

static long run_until(double end, char *program) {
  long runs = 0;
  while (now() < end) {
    if (!run_once(program)) exit(1);
    runs++;
  }
  return runs;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int workers = atoi(argv[1]), results[2], status;
  double start = now(), end = start + atof(argv[2]);
  if (pipe2(results, O_CLOEXEC) != 0) return 1;
  for (int worker = 0; worker < workers; worker++) {
    if (fork() == 0) {
      long runs = run_until(end, argv[3]);
      _exit(write(results[1], &runs, sizeof runs) != sizeof runs);
    }
  }
  close(results[1]);
  long total = 0, runs;
  while (read(results[0], &runs, sizeof runs) == sizeof runs) total += runs;
  double seconds = now() - start;
  while (wait(&status) > 0)
    if (status != 0) return 1;
  printf("%.1f\n", total / seconds);
  return 0;
}

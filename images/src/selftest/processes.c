// SPDX-License-Identifier: Apache-2.0
// Processes that do not end, and memory that does.
#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

static int hang(void) {
  say_ok(1);
  for (;;) pause();
  return 0;
}

// Names the task for whoever lists tasks.
static void call_me(const char *name) { prctl(PR_SET_NAME, name); }

static void take_both(pthread_mutex_t *locks, int first) {
  call_me(first ? "holds-b" : "holds-a");
  pthread_mutex_lock(&locks[first]);
  usleep(200000);
  pthread_mutex_lock(&locks[!first]);
  _exit(0);
}

// Two processes, each with the lock that the other one waits for, and one that only computes.
static int deadlock(void) {
  pthread_mutex_t *locks = mmap(NULL, sizeof *locks * 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (locks == MAP_FAILED) give_up("map memory");
  pthread_mutexattr_t shared;
  pthread_mutexattr_init(&shared);
  pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  for (int number = 0; number < 2; number++) pthread_mutex_init(&locks[number], &shared);
  for (int number = 0; number < 2; number++) {
    if (fork() == 0) take_both(locks, number);
  }
  if (fork() == 0) {
    call_me("computes");
    for (volatile int round = 0;; round++) continue;
  }
  while (wait(NULL) > 0) continue;
  say_ok(1);
  return 0;
}

// The child of vfork does not end, and its parent cannot be interrupted until it does: a task in D state. Both go by
// SIGKILL.
static int wait_in_d_state(void) {
  call_me("vfork-parent");
  signal(SIGTERM, SIG_IGN);
  if (vfork() == 0) {
    for (;;) pause();
  }
  say_ok(1);
  return 0;
}

// The guest's first process, ktest's agent, is stopped: nobody answers the host any more, though the kernel is well.
static int stop_agent(void) {
  if (ptrace(PTRACE_SEIZE, 1, NULL, NULL) || ptrace(PTRACE_INTERRUPT, 1, NULL, NULL)) give_up("stop the first process");
  call_me("agent-stopper");
  for (;;) pause();
  return 0;
}

static int hang_stubbornly(void) {
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  return hang();
}

// The daemon keeps the case's pipes open, has a session of its own and does not listen.
static int background(void) {
  if (fork() == 0) {
    setsid();
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (;;) pause();
  }
  say_ok(1);
  return 0;
}

// Programs have a command line, threads of the kernel have none.
static int is_program(const char *pid) {
  char path[64], byte;
  snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  int has = fread(&byte, 1, 1, file) == 1;
  fclose(file);
  return has;
}

// Passes where no program runs but the guest's first one and this.
static int alone(void) {
  DIR *processes = opendir("/proc");
  if (!processes) give_up("open /proc");
  int others = 0;
  for (struct dirent *entry = readdir(processes); entry; entry = readdir(processes)) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    int pid = atoi(entry->d_name);
    if (pid == 1 || pid == getpid() || !is_program(entry->d_name)) continue;
    printf("# process %d is still there\n", pid);
    others++;
  }
  closedir(processes);
  printf("KTAP version 1\n1..1\n%s 1 alone\n", others ? "not ok" : "ok");
  return others > 0;
}

// All memory there is, page by page, until somebody stops it.
static int eat_memory(void) {
  say_ok(1);
  size_t size = 16 << 20;
  for (;;) {
    char *piece = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) give_up("map memory");
    memset(piece, 1, size);
  }
  return 0;
}

// Whether others want every processor for a while, as /proc/loadavg counts them: this process is one of those that run.
static int processors_are_busy(long wanted) {
  for (int sample = 0; sample < 20; sample++) {
    FILE *file = fopen("/proc/loadavg", "r");
    long running = 0;
    if (!file || fscanf(file, "%*s %*s %*s %ld/", &running) != 1) give_up("read /proc/loadavg");
    fclose(file);
    if (running <= wanted) return 0;
    usleep(10000);
  }
  return 1;
}

// Whether most of the memory is taken at the moment.
static int memory_is_taken(void) {
  FILE *file = fopen("/proc/meminfo", "r");
  long total = 0, available = 0;
  if (!file || fscanf(file, "MemTotal: %ld kB MemFree: %*d kB MemAvailable: %ld kB", &total, &available) != 2) {
    give_up("read /proc/meminfo");
  }
  fclose(file);
  return available * 5 < total;
}

// Waits until something else has kept the processors busy and has taken the memory; for a minute, which only a guest
// without a load needs.
static int under_load(void) {
  int busy = 0, taken = 0;
  for (int look = 0; look < 3000 && !(busy && taken); look++) {
    if (!taken) taken = memory_is_taken();
    if (!busy) busy = processors_are_busy(sysconf(_SC_NPROCESSORS_ONLN));
    usleep(20000);
  }
  printf("KTAP version 1\n1..2\n%sok 1 processors-are-busy\n%sok 2 memory-is-taken\n", busy ? "" : "not ",
         taken ? "" : "not ");
  return !busy || !taken;
}

const struct behaviour process_behaviours[] = {
    {"hang", hang},
    {"hang-stubbornly", hang_stubbornly},
    {"deadlock", deadlock},
    {"wait-in-d-state", wait_in_d_state},
    {"stop-agent", stop_agent},
    {"background", background},
    {"alone", alone},
    {"eat-memory", eat_memory},
    {"under-load", under_load},
    {0}};

// SPDX-License-Identifier: Apache-2.0
// Processes that do not end, and memory that does.
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

static int hang(void) {
  say_ok(1);
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

const struct behaviour process_behaviours[] = {
    {"hang", hang},   {"hang-stubbornly", hang_stubbornly}, {"background", background},
    {"alone", alone}, {"eat-memory", eat_memory},           {0}};

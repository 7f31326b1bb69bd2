// SPDX-License-Identifier: Apache-2.0
// mthp-sizes: runs a test once for each size of transparent huge pages below that of a page table entry which the kernel
// offers.
//
//   mthp-sizes [--in FOLDER] [--of FILE] [--grows COUNTER]… [--stays COUNTER]… PROGRAM ARGUMENT…
//
// The sizes are the folders hugepages-*kB in FOLDER (default: /sys/kernel/mm/transparent_hugepage) that have FILE
// (default: enabled).
// {order} in an argument is the size as an order of pages. What the program prints, KTAP, is the subtests of the result
// "SIZEkB". A second result says whether the size's COUNTERs in stats grew, or did not, while the program ran: pages of
// another size would not show. Exit code: 0 no failure, 1 a failure, 4 no size or nothing but skips, 64 usage.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SIZES = 32, MOST_COUNTERS = 8, SKIP_CODE = 4 };

struct counter {
  const char *name;
  int grows;
  long long before;
};
static const char *thp = "/sys/kernel/mm/transparent_hugepage";
static struct counter counters[MOST_COUNTERS];
static int counter_count, number, failures, passes;

static long long read_number(const char *path) {
  char text[64] = "";
  FILE *file = fopen(path, "re");
  if (!file) return -1;
  long long value = fgets(text, sizeof text, file) ? strtoll(text, NULL, 10) : -1;
  fclose(file);
  return value;
}

static long long read_counter(long kib, const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/hugepages-%ldkB/stats/%s", thp, kib, name);
  return read_number(path);
}

static int compare(const void *left, const void *right) {
  long a = *(const long *)left, b = *(const long *)right;
  return (a > b) - (a < b);
}

// Sizes in KiB, the least first.
static int find_sizes(const char *wanted, long sizes[MOST_SIZES]) {
  char path[512];
  snprintf(path, sizeof path, "%s/hpage_pmd_size", thp);
  long long whole = read_number(path) / 1024;
  DIR *folder = opendir(thp);
  int count = 0;
  for (struct dirent *entry; folder && count < MOST_SIZES && (entry = readdir(folder));) {
    long kib;
    if (sscanf(entry->d_name, "hugepages-%ldkB", &kib) != 1 || kib >= whole) continue;
    snprintf(path, sizeof path, "%s/%s/%s", thp, entry->d_name, wanted);
    if (access(path, F_OK) == 0) sizes[count++] = kib;
  }
  if (folder) closedir(folder);
  qsort(sizes, (size_t)count, sizeof *sizes, compare);
  return count;
}

// The argument with the order in place of {order}; of memory that is never freed.
static char *with_order(const char *argument, int order) {
  static const char mark[] = "{order}";
  const char *at = strstr(argument, mark);
  char *text = NULL;
  if (!at) return strdup(argument);
  if (asprintf(&text, "%.*s%d%s", (int)(at - argument), argument, order, at + sizeof mark - 1) < 0) exit(1);
  return text;
}

// The program's output, one level deeper. Returns its status as of waitpid(2), or -1.
static int run(char *const program[]) {
  int ends[2], status = 0;
  if (pipe(ends)) return -1;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(program[0], program);
    fprintf(stderr, "mthp-sizes: %s: %s\n", program[0], strerror(errno));
    _exit(127);
  }
  close(ends[1]);
  FILE *output = fdopen(ends[0], "r");
  char *line = NULL;
  size_t room = 0;
  while (output && getline(&line, &room, output) > 0) {
    line[strcspn(line, "\n")] = 0;
    printf("    %s\n", line);
    fflush(stdout);
  }
  free(line);
  if (output) fclose(output);
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  return child > 0 ? status : -1;
}

static void judge_counters(long kib) {
  const char *missing = NULL, *wrong = NULL;
  for (int index = 0; index < counter_count; index++) {
    struct counter *counter = &counters[index];
    long long now = read_counter(kib, counter->name);
    if (now < 0 || counter->before < 0) {
      missing = counter->name;
      continue;
    }
    printf("# %s of %ld kB: %lld more\n", counter->name, kib, now - counter->before);
    if (counter->grows ? now <= counter->before : now != counter->before) wrong = counter->name;
  }
  printf("%s %d pages of %ldkB", wrong ? "not ok" : "ok", ++number, kib);
  if (!wrong && missing) printf(" # SKIP the kernel does not count %s of a size", missing);
  printf("\n");
  failures += wrong != NULL;
}

static void run_size(long kib, char *const program[], int count) {
  char **arguments = calloc((size_t)count + 1, sizeof *arguments);
  int order = __builtin_ctzl((unsigned long)kib * 1024 / (unsigned long)sysconf(_SC_PAGESIZE));
  for (int index = 0; arguments && index < count; index++) arguments[index] = with_order(program[index], order);
  for (int index = 0; index < counter_count; index++) counters[index].before = read_counter(kib, counters[index].name);
  printf("# Subtest: %ldkB\n", kib);
  int status = arguments ? run(arguments) : -1;
  int is_skip = WIFEXITED(status) && WEXITSTATUS(status) == SKIP_CODE;
  if (status && !is_skip) printf("# %s: status %#x\n", program[0], (unsigned)status);
  printf("%s %d %ldkB%s\n", status && !is_skip ? "not ok" : "ok", ++number, kib,
         is_skip ? " # SKIP the program skipped itself" : "");
  failures += status && !is_skip;
  passes += !is_skip;
  if (is_skip)
    printf("ok %d pages of %ldkB # SKIP the program skipped itself\n", ++number, kib);
  else
    judge_counters(kib);
}

static void usage(void) {
  fprintf(stderr, "usage: mthp-sizes [--in FOLDER] [--of FILE] [--grows COUNTER]... [--stays COUNTER]... PROGRAM ARGUMENT...\n");
  exit(64);
}

int main(int argc, char *argv[]) {
  const char *wanted = "enabled";
  long sizes[MOST_SIZES];
  int next = 1;
  for (; next + 1 < argc && !strncmp(argv[next], "--", 2); next += 2) {
    int is_file = !strcmp(argv[next], "--of");
    if (is_file || !strcmp(argv[next], "--in")) {
      *(is_file ? &wanted : &thp) = argv[next + 1];
      continue;
    }
    int grows = !strcmp(argv[next], "--grows");
    if ((!grows && strcmp(argv[next], "--stays")) || counter_count == MOST_COUNTERS) usage();
    counters[counter_count++] = (struct counter){.name = argv[next + 1], .grows = grows};
  }
  if (next >= argc) usage();
  int count = find_sizes(wanted, sizes);
  printf("KTAP version 1\n");
  if (!count) {
    printf("1..0 # SKIP the kernel offers no huge pages of a smaller size (%s)\n", wanted);
    return SKIP_CODE;
  }
  printf("1..%d\n", 2 * count);
  for (int index = 0; index < count; index++) run_size(sizes[index], argv + next, argc - next);
  return failures ? 1 : passes ? 0 : SKIP_CODE;
}

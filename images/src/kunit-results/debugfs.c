// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kunit.h"

static const char directory[] = "/sys/kernel/debug/kunit";

struct suite *suite_named(struct suites *suites, const char *name) {
  for (size_t i = 0; i < suites->count; i++)
    if (!strcmp(suites->list[i].name, name)) return &suites->list[i];
  if (suites->count == SUITES) return NULL;
  struct suite *new = &suites->list[suites->count++];
  *new = (struct suite){0};
  snprintf(new->name, sizeof new->name, "%s", name);
  return new;
}

enum result read_result(const char *line, char *name) {
  enum result result = OK;
  if (!strncmp(line, "not ", 4)) {
    result = NOT_OK;
    line += 4;
  }
  int start = 0;
  if (sscanf(line, "ok %*u %n", &start) != 0 || start == 0) return UNKNOWN;
  line += start;
  if (!strncmp(line, "- ", 2)) line += 2;
  size_t length = strcspn(line, "#\n");
  while (length > 0 && line[length - 1] == ' ') length--;
  if (length == 0 || length >= NAME) return UNKNOWN;
  memcpy(name, line, length);
  name[length] = 0;
  return result;
}

static int read_results(struct suite *suite, FILE *file) {
  char *line = NULL;
  size_t room = 0, length = 0;
  FILE *body = open_memstream(&suite->body, &length);
  if (!body) return -1;
  while (getline(&line, &room, file) >= 0) {
    char name[NAME];
    sscanf(line, " # module: %255s", suite->module);
    if (line[0] == ' ' || line[0] == '#') {
      fputs(line, body);
      continue;
    }
    enum result result = read_result(line, name);
    if (result != UNKNOWN) suite->in_debugfs = result;
  }
  free(line);
  return fclose(body) || ferror(file) ? -1 : 0;
}

int read_debugfs(struct suites *suites) {
  struct dirent **entries;
  int count = scandir(directory, &entries, NULL, alphasort), failed = 0;
  if (count < 0) return -1;
  for (int i = 0; i < count; i++) {
    char path[sizeof directory + NAME + sizeof "//results"];
    snprintf(path, sizeof path, "%s/%s/results", directory, entries[i]->d_name);
    FILE *file = entries[i]->d_name[0] == '.' ? NULL : fopen(path, "re");
    struct suite *suite = file ? suite_named(suites, entries[i]->d_name) : NULL;
    if (suite && read_results(suite, file)) failed = errno ? errno : EIO;
    if (file) fclose(file);
    free(entries[i]);
  }
  free(entries);
  errno = failed;
  return failed ? -1 : 0;
}

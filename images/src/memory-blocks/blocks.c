// SPDX-License-Identifier: Apache-2.0
#include "blocks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool read_line(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
  if (file >= 0) close(file);
  text[length < 0 ? 0 : length] = 0;
  text[strcspn(text, "\n")] = 0;
  return length >= 0;
}

int write_line(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  int error = write(file, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : errno;
  close(file);
  return error;
}

uint64_t block_bytes(void) {
  char text[32];
  return read_line(MEMORY "/block_size_bytes", text, sizeof text) ? strtoull(text, NULL, 16) : 0;
}

static int ascending(const void *left, const void *right) {
  unsigned first = *(const unsigned *)left, second = *(const unsigned *)right;
  return first < second ? -1 : first > second;
}

size_t list_blocks(unsigned *blocks, size_t most) {
  DIR *entries = opendir(MEMORY);
  size_t count = 0;
  for (struct dirent *entry; entries && count < most && (entry = readdir(entries));) {
    unsigned block;
    if (sscanf(entry->d_name, "memory%u", &block) == 1) blocks[count++] = block;
  }
  if (entries) closedir(entries);
  qsort(blocks, count, sizeof *blocks, ascending);
  return count;
}

static void attribute(unsigned block, const char *name, char *text, size_t size) {
  char path[128];
  snprintf(path, sizeof path, MEMORY "/memory%u/%s", block, name);
  if (!read_line(path, text, size)) text[0] = 0;
}

bool block_is_online(unsigned block) {
  char state[32];
  attribute(block, "state", state, sizeof state);
  return !strcmp(state, "online");
}

void block_zones(unsigned block, char *text, size_t size) { attribute(block, "valid_zones", text, size); }

bool block_is_in(unsigned block, const char *zone) {
  char zones[64];
  block_zones(block, zones, sizeof zones);
  return block_is_online(block) && !strcmp(zones, zone);
}

int set_block(unsigned block, const char *state) {
  char path[128];
  snprintf(path, sizeof path, MEMORY "/memory%u/state", block);
  return write_line(path, state);
}

long meminfo(const char *field) {
  FILE *lines = fopen("/proc/meminfo", "r");
  char line[128];
  long value = -1;
  size_t length = strlen(field);
  while (lines && value < 0 && fgets(line, sizeof line, lines))
    if (!strncmp(line, field, length) && line[length] == ':') value = strtol(line + length + 1, NULL, 10);
  if (lines) fclose(lines);
  return value;
}

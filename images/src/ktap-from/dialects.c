// SPDX-License-Identifier: Apache-2.0
#include "dialect.h"

#include <stdio.h>
#include <string.h>

static void set(char *text, const char *value, size_t length) {
  if (length > 255) length = 255;
  memcpy(text, value, length);
  text[length] = 0;
}

// khugepaged: "Run test: NAME (CONTEXT:MEMORY)", then lines that end with a word in green, yellow or red.
static struct reading running;

static void read_khugepaged(const char *line, struct reading *reading) {
  static const char start[] = "Run test: ", red[] = "\033[31m", yellow[] = "\033[33m", green[] = "\033[32m";
  const char *name = line ? strstr(line, start) : NULL;
  if (!line || name || strstr(line, "Restore THP and khugepaged settings")) {
    if (running.name[0]) *reading = running;  // the one before has ended
    running = (struct reading){0};
    if (name) snprintf(running.name, sizeof running.name, "%s", name + sizeof start - 1);
    return;
  }
  const char *bad = strstr(line, red);
  if (!bad && !strstr(line, green) && !strstr(line, yellow)) return;
  if (!running.name[0]) snprintf(running.name, sizeof running.name, "before the first test");
  if (running.outcome == FAIL) return;
  if (bad) {
    running.outcome = FAIL;
    set(running.detail, line, (size_t)(bad - line));
  } else if (strstr(line, green)) {
    running.outcome = PASS;
  } else if (running.outcome == NOTHING) {
    running.outcome = SKIP;
  }
}

// uffd-unit-tests: "Testing NAME... done|skipped [reason: …]|failed [reason: …]".
static void read_uffd(const char *line, struct reading *reading) {
  const char *end = line && !strncmp(line, "Testing ", 8) ? strstr(line, "... ") : NULL;
  if (!end) return;
  set(reading->name, line + 8, (size_t)(end - line - 8));
  const char *word = end + 4;
  reading->outcome = !strcmp(word, "done") ? PASS : !strncmp(word, "skipped", 7) ? SKIP : FAIL;
  if (reading->outcome != PASS) set(reading->detail, word, strlen(word));
}

// hugetlb-read-hwpoison: "Write/read chunk size=SIZE", then "… NAME...TEST_PASSED|TEST_FAILED|TEST_SKIPPED".
static void read_hwpoison(const char *line, struct reading *reading) {
  static char size[32];
  const char *word = line ? strstr(line, "...TEST_") : NULL, *value = line ? strstr(line, "size=") : NULL;
  if (value) set(size, value + 5, strlen(value + 5) < sizeof size ? strlen(value + 5) : sizeof size - 1);
  if (!word) return;
  while (*line == ' ' || *line == '.') line++;
  snprintf(reading->name, sizeof reading->name, "%.*s, size %s", (int)(word - line), line, size);
  word += strlen("...TEST_");
  reading->outcome = !strcmp(word, "PASSED") ? PASS : !strcmp(word, "SKIPPED") ? SKIP : FAIL;
}

// va_high_addr_switch: "CALL: ADDRESS - OK|FAILED".
static void read_address(const char *line, struct reading *reading) {
  const char *word = NULL;  // the last one: the call may have one too
  for (const char *at = line; at && (at = strstr(at, " - ")); at++) word = at;
  const char *name_end = word;
  while (name_end && name_end > line && *name_end != ':') name_end--;
  if (!word || name_end == line) return;
  set(reading->name, line, (size_t)(name_end - line));
  reading->outcome = !strcmp(word + 3, "OK") ? PASS : FAIL;
  if (reading->outcome == FAIL) set(reading->detail, name_end, strlen(name_end));
}

const struct dialect khugepaged_dialect = {"khugepaged", read_khugepaged, 1},
                     uffd_dialect = {"uffd-unit-tests", read_uffd, 0},
                     hwpoison_dialect = {"hugetlb-read-hwpoison", read_hwpoison, 0},
                     address_dialect = {"va_high_addr_switch", read_address, 0};

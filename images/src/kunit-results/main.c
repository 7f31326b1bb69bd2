// SPDX-License-Identifier: Apache-2.0
// kunit-results: prints as one KTAP document what the KUnit suites of the running kernel have found.
//
//   kunit-results builtin           the suites that ran at boot
//   kunit-results module NAME       the suites of a module, which has been loaded
//   kunit-results check GLOB        prints nothing; fails if no suite ran at boot, because GLOB matches none
//
// Each suite comes from debugfs (KUNIT_DEBUGFS) and is compared with its result in the kernel log.
// Exit code: 0 no suite failed, 1 one did or there is none, 64 usage.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kunit.h"

static struct suites suites;

static int bail_out(const char *format, const char *what) {
  printf("Bail out! ");
  printf(format, what);
  printf("\n");
  return 1;
}

// Module names in messages and in sysfs have underscores.
static void underscore(char *name) {
  for (; *name; name++)
    if (*name == '-') *name = '_';
}

// Whether the suite belongs to a module that was loaded; a built-in one has no state.
static bool is_loaded(const struct suite *suite) {
  char path[NAME + 32];
  snprintf(path, sizeof path, "/sys/module/%s/initstate", suite->module);
  return suite->module[0] && access(path, F_OK) == 0;
}

static bool print(const struct suite *suite, size_t number) {
  enum result result = suite->in_debugfs;
  printf("%s", suite->body ? suite->body : "");
  if (!suite->body) {
    printf("# the log has a result of this suite, and debugfs has none\n");
    result = NOT_OK;
  } else if (suite->in_log == UNKNOWN && !suites.log_overflowed) {
    printf("# the log has no result of this suite\n");
    result = NOT_OK;
  } else if (suite->in_log != UNKNOWN && suite->in_log != suite->in_debugfs) {
    printf("# the log says '%s'\n", suite->in_log == OK ? "ok" : "not ok");
    result = NOT_OK;
  }
  printf("%s %zu %s\n", result == OK ? "ok" : "not ok", number, suite->name);
  return result == OK;
}

int main(int count, char **words) {
  bool builtin = count == 2 && !strcmp(words[1], "builtin"), check = count == 3 && !strcmp(words[1], "check");
  char *module = count == 3 && !strcmp(words[1], "module") ? words[2] : NULL;
  if (!builtin && !check && !module) {
    fprintf(stderr, "usage: kunit-results builtin | module NAME | check GLOB\n");
    return 64;
  }
  if (module) underscore(module);
  if (!check) printf("KTAP version 1\n");
  if (read_debugfs(&suites)) return bail_out("/sys/kernel/debug/kunit: %s", strerror(errno));
  if (read_log(&suites)) return bail_out("/dev/kmsg: %s", strerror(errno));

  size_t chosen = 0, named = 0;
  for (size_t i = 0; i < suites.count; i++) {
    struct suite *suite = &suites.list[i];
    bool wanted = module ? !strcmp(suite->module, module) : !is_loaded(suite);
    if (suite->module[0]) named++;
    if (wanted) suites.list[chosen++] = *suite;
  }
  if (chosen == 0 && check) {
    fprintf(stderr, "kunit.filter_glob=%s matches no test that is built into this kernel\n", words[2]);
    return 1;
  }
  if (check) return 0;
  if (chosen == 0 && module && suites.count > 0 && named == 0)
    return bail_out("this kernel does not say which suites belong to the module %s; 6.6 and newer do", module);
  if (chosen == 0 && module)
    return bail_out("the module %s has run no suite: it has none, or kunit.filter_glob excludes them", module);
  if (chosen == 0) return bail_out("%s", "no test is built into this kernel");

  printf("1..%zu\n", chosen);
  size_t bad = 0;
  for (size_t i = 0; i < chosen; i++) bad += !print(&suites.list[i], i + 1);
  return bad > 0;
}

// SPDX-License-Identifier: Apache-2.0
// dax-exercise: turns a legacy persistent memory namespace into device-dax and proves what such a device promises.
//
//   dax-exercise --align 4KiB|2MiB|1GiB [--tests GROUP,…] [--namespace namespaceX.Y] [--map dev|mem]
//
// KTAP on standard output. Exit code: 0 no subtest failed, 1 one failed, 64 usage. Destroys what the namespace holds.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "exercise.h"

enum { GROUPS = 7, SUBTEST_SECONDS = 60 };
static const struct group {
  const char *name;
  const struct subtest *subtests;
} groups[GROUPS] = {
    {"map", map_subtests},         {"io", io_subtests},         {"fork", fork_subtests},
    {"smaps", smaps_subtests},     {"offline", offline_subtests}, {"poison", poison_subtests},
    {"destroy", destroy_subtests},
};

static _Noreturn void usage(const char *problem, const char *value) {
  if (problem) fprintf(stderr, "dax-exercise: %s: %s\n", problem, value);
  fprintf(stderr,
          "usage: dax-exercise --align 4KiB|2MiB|1GiB [--tests GROUP,...] [--namespace namespaceX.Y] [--map dev|mem]\n"
          "groups: map io fork smaps offline poison destroy (all when not given)\n");
  exit(64);
}

static uint64_t parse_align(const char *text) {
  if (!strcmp(text, "4KiB")) return PAGE;
  if (!strcmp(text, "2MiB")) return 2 * MIB;
  if (!strcmp(text, "1GiB")) return GIB;
  usage("no such alignment", text);
}

static void parse_groups(char *text, bool chosen[GROUPS]) {
  for (char *name = strtok(text, ","); name; name = strtok(NULL, ",")) {
    int index = 0;
    while (index < GROUPS && strcmp(name, groups[index].name)) index++;
    if (index == GROUPS) usage("no such group of tests", name);
    chosen[index] = true;
  }
}

static size_t count(const struct subtest *subtests) {
  size_t number = 0;
  while (subtests[number].name) number++;
  return number;
}

static bool run_all(const struct subtest *subtests, struct device *device) {
  bool good = true;
  for (; subtests->name; subtests++) good &= ktap_run(subtests, device, SUBTEST_SECONDS) != FAIL;
  return good;
}

static bool run_group(const struct group *group, struct device *device) {
  bool good = true;
  for (const struct subtest *subtest = group->subtests; subtest->name; subtest++) {
    // A subtest leaves the namespace as it needs it; the next one starts from device-dax.
    if (!ensure_devdax(device)) diagnose("%s did not come back as device-dax", device->namespace);
    good &= ktap_run(subtest, device, SUBTEST_SECONDS) != FAIL;
  }
  return good;
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {{"align", required_argument, NULL, 'a'},
                                          {"tests", required_argument, NULL, 't'},
                                          {"namespace", required_argument, NULL, 'n'},
                                          {"map", required_argument, NULL, 'm'},
                                          {0}};
  struct device *device = mmap(NULL, sizeof *device, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (device == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  const char *namespace = NULL;
  bool chosen[GROUPS] = {0}, all = true;
  device->map = "dev";
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 'a') {
      device->align = parse_align(optarg);
    } else if (option == 't') {
      all = false;
      parse_groups(optarg, chosen);
    } else if (option == 'n') {
      namespace = optarg;
    } else if (option == 'm') {
      if (strcmp(optarg, "dev") && strcmp(optarg, "mem")) usage("no such place for the page map", optarg);
      device->map = optarg;
    } else {
      usage(NULL, NULL);
    }
  }
  if (optind < argc) usage("unexpected", argv[optind]);
  if (!device->align) usage("missing", "--align");

  size_t planned = count(setup_subtests) + count(teardown_subtests);
  for (int index = 0; index < GROUPS; index++)
    if (all || chosen[index]) planned += count(groups[index].subtests);
  ktap_begin(planned);
  uint64_t taint = 0;
  read_number("/proc/sys/kernel/tainted", &taint);
  device->taint = (unsigned long)taint;
  if (!find_legacy_namespace(device, namespace)) {
    ktap_bail_out("no legacy persistent memory namespace");
    return 1;
  }
  if (!run_all(setup_subtests, device)) {
    ktap_bail_out("the namespace does not become device-dax");
    return 1;
  }
  bool good = true;
  for (int index = 0; index < GROUPS; index++)
    if (all || chosen[index]) good &= run_group(&groups[index], device);
  ensure_devdax(device);
  good &= run_all(teardown_subtests, device);
  return good ? 0 : 1;
}

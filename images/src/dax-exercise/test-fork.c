// SPDX-License-Identifier: Apache-2.0
// The mapping across fork, and what is left after all or a part of it is unmapped.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"

// Runs the body in a child; its outcome.
static enum outcome in_child(struct device *device, uint8_t *memory, enum outcome (*body)(struct device *, uint8_t *)) {
  int status;
  pid_t child = fork();
  if (child == 0) _exit((int)body(device, memory));
  CHECK(child > 0 && waitpid(child, &status, 0) == child, "child: %s", strerror(errno));
  CHECK(WIFEXITED(status), "child killed by signal %d", WTERMSIG(status));
  return (enum outcome)WEXITSTATUS(status);
}

// Seeds: of the first unit, of the second, and of what a child writes.
static uint64_t from_parent, from_parent_second, from_child;

static uint8_t *map_filled(const struct device *device) {
  from_parent = fresh_seed();
  from_parent_second = from_parent + 1;
  from_child = from_parent + 2;
  uint8_t *memory = map_device(device, 0, 2 * device->align);
  if (memory) fill(memory, PAGE, from_parent);
  if (memory) fill(memory + device->align, PAGE, from_parent_second);
  return memory;
}

static enum outcome child_reads_and_writes(struct device *device, uint8_t *memory) {
  ssize_t wrong = difference(memory, PAGE, from_parent);
  CHECK(wrong < 0, "the child sees another byte at %zd", wrong);
  wrong = difference(memory + device->align, PAGE, from_parent_second);
  CHECK(wrong < 0, "the child sees another byte in the second unit at %zd", wrong);
  fill(memory + device->align, PAGE, from_child);
  return PASS;
}

static enum outcome shared_with_child(void *context) {
  struct device *device = context;
  uint8_t *memory = map_filled(device);
  CHECK(memory, "mapping");
  CHECK(in_child(device, memory, child_reads_and_writes) == PASS, "child");
  ssize_t wrong = difference(memory + device->align, PAGE, from_child);
  CHECK(wrong < 0, "the parent does not see the child's byte at %zd", wrong);
  return PASS;
}

static enum outcome child_unmaps(struct device *device, uint8_t *memory) {
  CHECK(munmap(memory, 2 * device->align) == 0, "munmap: %s", strerror(errno));
  struct fault fault = trap_read(memory);
  CHECK(fault.signal == SIGSEGV && fault.code == SEGV_MAPERR, "signal %d code %d", fault.signal, fault.code);
  return PASS;
}

static enum outcome unmapped_in_child(void *context) {
  struct device *device = context;
  uint8_t *memory = map_filled(device);
  CHECK(memory, "mapping");
  CHECK(in_child(device, memory, child_unmaps) == PASS, "child");
  struct fault fault = trap_read(memory);
  CHECK(fault.signal == 0, "the parent's mapping went too: signal %d", fault.signal);
  ssize_t wrong = difference(memory, PAGE, from_parent);
  CHECK(wrong < 0, "the parent's data differs at %zd", wrong);
  fault = trap_write(memory + device->align, 1);
  CHECK(fault.signal == 0, "signal %d on a write", fault.signal);
  return PASS;
}

static enum outcome unmapped(void *context) {
  struct device *device = context;
  uint8_t *memory = map_filled(device);
  CHECK(memory, "mapping");
  CHECK(munmap(memory, 2 * device->align) == 0, "munmap: %s", strerror(errno));
  struct fault fault = trap_read(memory + device->align);
  CHECK(fault.signal == SIGSEGV && fault.code == SEGV_MAPERR, "signal %d code %d", fault.signal, fault.code);
  CHECK(fault.address == memory + device->align, "address %p", fault.address);
  memory = map_device(device, 0, device->align);
  CHECK(memory, "mapping again");
  ssize_t wrong = difference(memory, PAGE, from_parent);
  CHECK(wrong < 0, "the data did not outlive the mapping: byte %zd", wrong);
  return PASS;
}

// A mapping may be cut only between units.
static enum outcome cut(void *context) {
  struct device *device = context;
  uint8_t *memory = map_filled(device);
  CHECK(memory, "mapping");
  if (device->align > PAGE) {
    CHECK(munmap(memory, PAGE) == -1 && errno == EINVAL, "munmap of one page of the first unit: %s", strerror(errno));
    ssize_t wrong = difference(memory, PAGE, from_parent);
    CHECK(wrong < 0, "the refused cut changed byte %zd", wrong);
  }
  CHECK(munmap(memory, device->align) == 0, "munmap of the first unit: %s", strerror(errno));
  struct fault fault = trap_read(memory);
  CHECK(fault.signal == SIGSEGV, "signal %d", fault.signal);
  ssize_t wrong = difference(memory + device->align, PAGE, from_parent_second);
  CHECK(wrong < 0, "the second unit differs at %zd", wrong);
  return PASS;
}

const struct subtest fork_subtests[] = {
    {"fork-shares-mapping", shared_with_child},
    {"fork-child-unmaps", unmapped_in_child},
    {"unmap", unmapped},
    {"unmap-part", cut},
    {0},
};

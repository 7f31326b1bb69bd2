// SPDX-License-Identifier: Apache-2.0
// What the subtests share: the device under test, and the verbs they are written with.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../ktap/ktap.h"

enum { PAGE = 4096 };
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

// The device under test. Lives in memory shared with the subtests' processes, because a subtest that reconfigures the
// namespace may find the device under another name or at another address.
struct device {
  uint64_t align;               // bytes: the alignment asked for, 4 KiB, 2 MiB or 1 GiB
  char namespace[32];           // as ndctl calls it: "namespace0.0"
  uint64_t namespace_resource;  // bytes: physical address of the namespace's first byte
  uint64_t namespace_size;      // bytes
  const char *map;              // where the page map lives: "dev" or "mem"
  char name[32];                // the device-dax instance: "dax0.0"; empty while there is none
  uint64_t resource;            // bytes: physical address of the first byte that can be mapped
  uint64_t size;                // bytes that can be mapped
  unsigned long taint;          // /proc/sys/kernel/tainted when the program started
};

// namespace.c: all return false after saying why in a diagnostic.
bool find_legacy_namespace(struct device *device, const char *wanted);
bool make_devdax(struct device *device);  // reconfigures and waits for the character device
bool make_raw(struct device *device);     // reconfigures and waits for the block device
bool wait_devdax(struct device *device);  // until the character device can be opened, some seconds at most
bool locate_devdax(struct device *device);
bool ensure_devdax(struct device *device);  // make_devdax unless it can be opened already
bool namespace_block_path(const struct device *device, char *path, size_t size);

// sysfs.c
bool read_text(const char *path, char *text, size_t size);  // first line, without its end
bool read_number(const char *path, uint64_t *value);        // any base
bool write_text(const char *path, const char *text);
bool wait_for(bool (*condition)(void *), void *context, unsigned milliseconds);

// process.c: runs a program to its end, its standard error as diagnostics; true when it exits with 0.
bool run_program(char *const arguments[]);

// memory.c
int open_device(const struct device *device);  // read-write, -1 on failure
// Shared, read-write, at this offset (bytes) of the device, aligned to it; NULL after a diagnostic.
uint8_t *map_device(const struct device *device, uint64_t offset, uint64_t length);
// The device keeps its bytes from run to run: data that must have come here now needs a seed no run had before.
uint64_t fresh_seed(void);
void fill(void *memory, size_t bytes, uint64_t seed);
// Offset of the first byte that differs from what fill() wrote, or -1.
ssize_t difference(const void *memory, size_t bytes, uint64_t seed);

// trap.c
struct fault {
  int signal;     // 0: none
  int code;       // si_code
  void *address;  // si_addr
  int lsb;        // si_addr_lsb: log2 of the bytes lost, for a memory error
};
struct fault trap_read(const volatile uint8_t *address);
struct fault trap_write(volatile uint8_t *address, uint8_t value);
struct fault trap_madvise(void *address, size_t length, int advice, int *error);

// scratch.c: a directory on a file system whose O_DIRECT really pins the caller's pages; false with the reason.
bool mount_scratch(char *reason, size_t size);
void unmount_scratch(void);
#define SCRATCH "scratch"

// The groups, each ended by an entry without a name.
extern const struct subtest map_subtests[], io_subtests[], fork_subtests[], smaps_subtests[], offline_subtests[],
    poison_subtests[], destroy_subtests[], setup_subtests[], teardown_subtests[];

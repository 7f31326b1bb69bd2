// SPDX-License-Identifier: Apache-2.0
// Finds the namespace of a legacy (e820, "memmap=") persistent memory range and changes its mode with ndctl.
// Only that kind is ever touched: a namespace of real hardware may hold somebody's data.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exercise.h"

#define ND "/sys/bus/nd/devices"
#define DAX "/sys/bus/dax/devices"
enum { DEVICE_TIMEOUT = 10 * 1000 };  // milliseconds

// The entry with this prefix and the lowest number after it.
static bool lowest_entry(const char *directory, const char *prefix, char *name, size_t size) {
  DIR *entries = opendir(directory);
  long lowest = LONG_MAX;
  for (struct dirent *entry; entries && (entry = readdir(entries));) {
    if (strncmp(entry->d_name, prefix, strlen(prefix))) continue;
    char *end;
    long number = strtol(entry->d_name + strlen(prefix), &end, 10);
    if (end == entry->d_name + strlen(prefix) || *end || number >= lowest) continue;
    lowest = number;
    snprintf(name, size, "%s%ld", prefix, number);
  }
  if (entries) closedir(entries);
  return lowest != LONG_MAX;
}

static bool is_legacy(const char *bus) {
  char path[PATH_MAX], provider[64];
  snprintf(path, sizeof path, ND "/%s/provider", bus);
  return read_text(path, provider, sizeof provider) && !strcmp(provider, "e820");
}

bool find_legacy_namespace(struct device *device, const char *wanted) {
  char path[PATH_MAX], bus[32] = "", region[32], prefix[64], name[32];
  DIR *entries = opendir(ND);
  for (struct dirent *entry; entries && (entry = readdir(entries));)
    if (!strncmp(entry->d_name, "ndbus", 5) && is_legacy(entry->d_name))
      snprintf(bus, sizeof bus, "%.31s", entry->d_name);
  if (entries) closedir(entries);
  snprintf(path, sizeof path, ND "/%s", bus);
  if (!bus[0] || !lowest_entry(path, "region", region, sizeof region)) {
    diagnose("no e820 region under " ND ": boot with memmap=SIZE!START and load nd_e820");
    return false;
  }
  if (wanted && sscanf(wanted, "namespace%31[0-9].", prefix) == 1)
    snprintf(region, sizeof region, "region%.24s", prefix);
  snprintf(prefix, sizeof prefix, "namespace%s.", region + strlen("region"));
  snprintf(path, sizeof path, ND "/%s/%s", bus, region);
  if (wanted)
    snprintf(name, sizeof name, "%.31s", wanted);
  else if (!lowest_entry(path, prefix, name, sizeof name))
    name[0] = 0;
  snprintf(device->namespace, sizeof device->namespace, "%s", name);
  char attribute[PATH_MAX + 64];
  snprintf(attribute, sizeof attribute, "%s/%s/resource", path, name);
  bool found = name[0] && read_number(attribute, &device->namespace_resource);
  snprintf(attribute, sizeof attribute, "%s/%s/size", path, name);
  found = found && read_number(attribute, &device->namespace_size) && device->namespace_size;
  if (!found) diagnose("no legacy namespace %s in %s", wanted ? wanted : "", path);
  return found;
}

static bool reconfigure(struct device *device, bool devdax) {
  char reconfig[64], mode[32], align[64], map[32];
  snprintf(reconfig, sizeof reconfig, "--reconfig=%s", device->namespace);
  snprintf(mode, sizeof mode, "--mode=%s", devdax ? "devdax" : "raw");
  snprintf(align, sizeof align, "--align=%llu", (unsigned long long)device->align);
  snprintf(map, sizeof map, "--map=%s", device->map);
  device->name[0] = 0;
  char *arguments[] = {"ndctl", "create-namespace", "--force", reconfig, mode, NULL, NULL, NULL};
  if (devdax) {  // ndctl refuses both for the raw mode
    arguments[5] = align;
    arguments[6] = map;
  }
  return run_program(arguments);
}

// The instance is the one that lies inside the namespace: names and their numbers are the kernel's own business.
bool locate_devdax(struct device *device) {
  DIR *entries = opendir(DAX);
  bool found = false;
  for (struct dirent *entry; !found && entries && (entry = readdir(entries));) {
    char path[PATH_MAX];
    uint64_t resource, size;
    snprintf(path, sizeof path, DAX "/%s/resource", entry->d_name);
    if (!read_number(path, &resource)) continue;
    snprintf(path, sizeof path, DAX "/%s/size", entry->d_name);
    if (!read_number(path, &size) || size == 0) continue;
    if (resource < device->namespace_resource) continue;
    if (resource - device->namespace_resource >= device->namespace_size) continue;
    snprintf(device->name, sizeof device->name, "%.31s", entry->d_name);
    device->resource = resource;
    device->size = size;
    found = true;
  }
  if (entries) closedir(entries);
  return found;
}

static bool can_open_devdax(void *context) {
  struct device *device = context;
  if (!locate_devdax(device)) return false;
  int file = open_device(device);
  if (file >= 0) close(file);
  return file >= 0;
}

bool wait_devdax(struct device *device) {
  if (wait_for(can_open_devdax, device, DEVICE_TIMEOUT)) return true;
  diagnose("no character device for %s: is device_dax or dax_pmem not loaded?", device->namespace);
  return false;
}

bool make_devdax(struct device *device) { return reconfigure(device, true) && wait_devdax(device); }

bool ensure_devdax(struct device *device) { return can_open_devdax(device) || make_devdax(device); }

bool namespace_block_path(const struct device *device, char *path, size_t size) {
  char directory[PATH_MAX], name[32] = "";
  snprintf(directory, sizeof directory, ND "/%s/block", device->namespace);
  if (!lowest_entry(directory, "pmem", name, sizeof name)) return false;
  snprintf(path, size, "/dev/%s", name);
  return true;
}

static bool can_open_block(void *context) {
  char path[64];
  if (!namespace_block_path(context, path, sizeof path)) return false;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file >= 0) close(file);
  return file >= 0;
}

bool make_raw(struct device *device) {
  if (!reconfigure(device, false)) return false;
  if (wait_for(can_open_block, device, DEVICE_TIMEOUT)) return true;
  diagnose("no block device for %s: is nd_pmem not loaded?", device->namespace);
  return false;
}

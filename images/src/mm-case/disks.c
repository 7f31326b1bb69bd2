// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prepare.h"

enum { PAGE = 4096, MOST = 4 };
static const char *swaps[MOST], *mounts[MOST];
static int swap_count, mount_count;

// The header of union swap_header, include/linux/swap.h of the kernel.
void start_swap(const char *device) {
  uint32_t page[PAGE / sizeof(uint32_t)] = {0};
  const size_t info = 1024 / sizeof(uint32_t);  // after the boot bits: version, last page, bad pages
  uint64_t bytes = 0;
  int file = open(device, O_WRONLY | O_CLOEXEC);
  if (file < 0 || ioctl(file, BLKGETSIZE64, &bytes) || bytes < 16 * PAGE) give_up("no room for swap on", device);
  page[info] = 1;
  page[info + 1] = (uint32_t)(bytes / PAGE - 1);
  memcpy((char *)page + PAGE - 10, "SWAPSPACE2", 10);
  if (write(file, page, PAGE) != PAGE || fsync(file)) give_up("write", device);
  close(file);
  if (swap_count == MOST || swapon(device, 0)) give_up("swapon", device);
  swaps[swap_count++] = device;
}

static void make_ext4(const char *device) {
  pid_t child = fork();
  if (child == 0) {
    execlp("mke2fs", "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", device, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) give_up("mke2fs", device);
}

void mount_ext4(char *device_and_directory) {
  char *directory = strchr(device_and_directory, '=');
  if (!directory || mount_count == MOST) {
    errno = EINVAL;
    give_up("--ext4", device_and_directory);
  }
  *directory++ = 0;
  make_ext4(device_and_directory);
  mkdir(directory, 0755);
  if (mount(device_and_directory, directory, "ext4", 0, NULL)) give_up("mount on", directory);
  if (chmod(directory, 01777)) give_up("chmod", directory);
  mounts[mount_count++] = directory;
}

void mount_tmpfs(char *options_and_directory) {
  char *directory = strrchr(options_and_directory, '=');
  if (!directory || mount_count == MOST) {
    errno = EINVAL;
    give_up("--tmpfs", options_and_directory);
  }
  *directory++ = 0;
  mkdir(directory, 0755);
  if (mount("tmpfs", directory, "tmpfs", 0, options_and_directory)) give_up("mount on", directory);
  mounts[mount_count++] = directory;
}

void release_disks(void) {
  if (chdir("/")) give_up("chdir", "/");
  // Detached: what the test left behind may still have files open, and is killed when this program has ended.
  while (mount_count > 0)
    if (umount2(mounts[--mount_count], MNT_DETACH)) give_up("unmount", mounts[mount_count]);
  while (swap_count > 0)
    if (swapoff(swaps[--swap_count])) give_up("swapoff", swaps[swap_count]);
}

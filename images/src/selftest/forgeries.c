// SPDX-License-Identifier: Apache-2.0
// What a program that is root can forge: the agent's messages, its lines in the kernel's log, the kernel's own lines.
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "selftest.h"

// The number of the first process's descriptor for the port to the host.
static int port_of_agent(void) {
  DIR *descriptors = opendir("/proc/1/fd");
  if (!descriptors) give_up("open /proc/1/fd");
  int found = -1;
  for (struct dirent *entry = readdir(descriptors); entry && found < 0; entry = readdir(descriptors)) {
    char path[300], target[256] = "";
    snprintf(path, sizeof path, "/proc/1/fd/%s", entry->d_name);
    if (readlink(path, target, sizeof target - 1) > 0 && !strncmp(target, "/dev/vport", 10)) found = atoi(entry->d_name);
  }
  closedir(descriptors);
  return found;
}

// The agent's message that a case has ended with exit status 0, for this case and those that follow. The fields are
// those of CaseEnd in Sources/GuestProtocol; a key that nobody knows is 0 here.
static void forge_ends(int port) {
  for (uint32_t number = 1; number <= 100; number++) {
    uint8_t frame[6 + 86] = {0xb7, 71, sizeof frame - 6};
    memcpy(frame + 6, &number, sizeof number);
    if (write(port, frame, sizeof frame) != sizeof frame) give_up("write to the agent's port");
  }
}

// Takes the agent's way to the host, says that this case and those after it have ended well, and fails.
static int forged_end(void) {
  int agent = (int)syscall(SYS_pidfd_open, 1, 0);
  int port = (int)syscall(SYS_pidfd_getfd, agent, port_of_agent(), 0);
  if (port < 0) give_up("take the agent's port");
  printf("KTAP version 1\n1..1\nok 1 forged\n");
  fflush(stdout);
  forge_ends(port);
  return 1;
}

// The last line that the agent wrote when a case began, out of the kernel's log.
static void find_begin(char *line, size_t size) {
  char record[2048];
  int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (log < 0) give_up("open /dev/kmsg");
  *line = 0;
  for (ssize_t length; (length = read(log, record, sizeof record - 1)) > 0;) {
    record[length] = 0;
    char *mark = strstr(record, "ktest[");
    if (mark && strstr(mark, "]: begin ")) snprintf(line, size, "<6>%.*s\n", (int)strcspn(mark, "\n"), mark);
  }
  close(log);
  if (!*line) give_up("find the agent's line");
}

// A warning, and then once more the line with which this case began, so that the warning seems to be of no case.
static int forged_begin(void) {
  char line[256];
  find_begin(line, sizeof line);
  say_warning();
  if (!say_to_kernel_log(line)) give_up("write to /dev/kmsg");
  say_ok(1);
  return 0;
}

static int log_line(void) {
  if (!say_to_kernel_log("<6>selftest: the line that is waited for\n")) give_up("write to /dev/kmsg");
  say_ok(1);
  return 0;
}

// With a time in front it looks on the console like the kernel's own.
static int console_line(void) {
  static const char line[] = "[    9.123456] selftest: the line that is waited for\r\n";
  int console = open("/dev/ttyS0", O_WRONLY | O_NOCTTY);
  if (console < 0 || write(console, line, sizeof line - 1) != sizeof line - 1) give_up("write to /dev/ttyS0");
  close(console);
  say_ok(1);
  return 0;
}

const struct behaviour forgery_behaviours[] = {
    {"forged-end", forged_end},
    {"forged-begin", forged_begin},
    {"log-line", log_line},
    {"console-line", console_line},
    {0}};

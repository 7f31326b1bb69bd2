// SPDX-License-Identifier: Apache-2.0
// module-test: loads a module of the kernel that tests when it is loaded, and says in KTAP what the kernel log says.
//
//   module-test vmalloc|page-frag FILE.ko [NAME=VALUE…]
//
// Such a module refuses to stay (EAGAIN) when it is done, whatever it has found, so that its result is only in the log.
// Exit code: 0 nothing failed, 1 something did, 64 usage.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int number, failures;
static bool is_done;

static void result(bool is_good, const char *name) {
  printf("%s %d %s\n", is_good ? "ok" : "not ok", ++number, name);
  if (!is_good) failures++;
}

// Reads "… Summary: NAME passed: 3 failed: 0 xfailed: 0 repeat: 3 …"; the module of 6.12 has no xfailed.
static void read_vmalloc(const char *text) {
  if (strstr(text, "All test took worker")) is_done = true;
  const char *found = strstr(text, "Summary: ");
  char name[80];
  int passed, failed, expected = 0, repeat;
  if (!found) return;
  if (sscanf(found, "Summary: %79s passed: %d failed: %d xfailed: %d repeat: %d", name, &passed, &failed, &expected,
             &repeat) != 5) {
    expected = 0;
    if (sscanf(found, "Summary: %79s passed: %d failed: %d repeat: %d", name, &passed, &failed, &repeat) != 4) return;
  }
  printf("# %s\n", found);
  result(failed == 0 && passed + expected == repeat, name);
}

static void read_page_frag(const char *text) {
  if (strstr(text, "page_frag_test failed:")) {
    printf("# %s\n", text);
    result(false, "page_frag_test");
  }
  if (strstr(text, "testing took:")) {
    printf("# %s\n", text);
    result(true, strstr(text, "for aligned") ? "aligned" : "non-aligned");
    is_done = true;
  }
}

// Reads the records that the kernel itself has written since.
static void read_log(int log, void (*read_line)(const char *)) {
  char record[8192];
  for (;;) {
    ssize_t length = read(log, record, sizeof record - 1);
    if (length < 0 && (errno == EPIPE || errno == EINTR)) continue;
    if (length <= 0) return;
    record[length] = 0;
    char *text = strchr(record, ';');
    if (!text || strtoul(record, NULL, 10) >= 8) continue;  // no facility: not from a program
    text[strcspn(text, "\n")] = 0;
    read_line(text + 1);
  }
}

int main(int argc, char *argv[]) {
  void (*read_line)(const char *) = NULL;
  if (argc > 2 && !strcmp(argv[1], "vmalloc")) read_line = read_vmalloc;
  if (argc > 2 && !strcmp(argv[1], "page-frag")) read_line = read_page_frag;
  if (!read_line) {
    fprintf(stderr, "usage: module-test vmalloc|page-frag FILE.ko [NAME=VALUE...]\n");
    return 64;
  }
  char parameters[1024] = "";
  for (int place = 3; place < argc; place++) {
    size_t used = strlen(parameters);
    snprintf(parameters + used, sizeof parameters - used, "%s%s", place > 3 ? " " : "", argv[place]);
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("KTAP version 1\n");
  int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  int file = open(argv[2], O_RDONLY | O_CLOEXEC);
  if (log < 0 || lseek(log, 0, SEEK_END) < 0 || file < 0) {
    printf("Bail out! %s: %s\n", file < 0 ? argv[2] : "/dev/kmsg", strerror(errno));
    return 1;
  }
  long loaded = syscall(SYS_finit_module, file, parameters, 0);
  int error = loaded ? errno : 0;
  read_log(log, read_line);
  // A test that was not run, or that did not come to its end, is a failure, whatever else the log says.
  if (error != EAGAIN) printf("# finit_module: %s\n", error ? strerror(error) : "the module stayed loaded");
  result(error == EAGAIN && is_done, "the module came to its end");
  printf("1..%d\n", number);
  return failures ? 1 : 0;
}

import Glibc

/// The file systems that every case may count on. What a small kernel has not is left out without a word: a suite
/// that needs one says so by the configuration symbol.
func mountFileSystems() {
  let wanted: [(type: String, path: String, options: String)] = [
    ("proc", "/proc", ""),
    ("sysfs", "/sys", ""),
    ("devtmpfs", "/dev", ""),
    ("devpts", "/dev/pts", "mode=620,ptmxmode=666"),
    ("tmpfs", "/dev/shm", "mode=1777"),
    ("tmpfs", "/tmp", "mode=1777"),
    ("tmpfs", "/run", "mode=755"),
    ("debugfs", "/sys/kernel/debug", ""),
    ("tracefs", "/sys/kernel/tracing", ""),
    ("cgroup2", "/sys/fs/cgroup", ""),
    ("hugetlbfs", "/dev/hugepages", ""),
  ]
  for entry in wanted {
    // Fails where it exists already or where sysfs, not we, makes the mount point: the mount then tells.
    mkdir(entry.path, 0o755)
    mount(entry.type, entry.path, entry.type, 0, entry.options)
  }
  let links = [("/proc/self/fd", "/dev/fd"), ("/proc/self/fd/0", "/dev/stdin"), ("/proc/self/fd/1", "/dev/stdout")]
  for (target, path) in links + [("/proc/self/fd/2", "/dev/stderr")] { symlink(target, path) }
  sethostname("ktest", 5)
}

import Glibc

/// Mounts the file systems that every case can expect. Those that a small kernel lacks are skipped silently: a suite
/// that needs one requires its configuration symbol.
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
    // This fails if it exists or if sysfs makes the mount point; the mount then shows whether it exists.
    mkdir(entry.path, 0o755)
    mount(entry.type, entry.path, entry.type, 0, entry.options)
  }
  let links = [("/proc/self/fd", "/dev/fd"), ("/proc/self/fd/0", "/dev/stdin"), ("/proc/self/fd/1", "/dev/stdout")]
  for (target, path) in links + [("/proc/self/fd/2", "/dev/stderr")] { symlink(target, path) }
  sethostname("ktest", 5)
}

/// The version that `ktest --version` prints and that manifests carry.
public let ktestVersion = "0.1.0"

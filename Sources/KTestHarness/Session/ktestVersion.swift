/// The version in `ktest --version` and in manifests.
public let ktestVersion = "0.1.0"

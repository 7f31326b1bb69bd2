/// The version in `ktest --version` and in manifests.
package let ktestVersion = "0.1.0"

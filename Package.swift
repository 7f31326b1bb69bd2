// swift-tools-version: 6.2
import PackageDescription

// CI sets KTEST_WERROR=1: there a warning is an error, at a developer's desk it is a warning.
let strict: [SwiftSetting] = Context.environment["KTEST_WERROR"] == "1" ? [.treatAllWarnings(as: .error)] : []

let swift: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + strict

let package = Package(
  name: "ktest",
  products: [
    .executable(name: "ktest", targets: ["ktest"]),
    .executable(name: "ktest-agent", targets: ["ktest-agent"]),
    .library(name: "ktest-plugin", type: .dynamic, targets: ["ktest-plugin"]),
    .library(name: "KTestHarness", targets: ["KTestHarness", "KTestGuests", "KTestHost", "KTestValues"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    .systemLibrary(name: "CVirt", pkgConfig: "libvirt", providers: [.apt(["libvirt-dev"])]),
    .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "GuestProtocol", swiftSettings: swift),
    .executableTarget(
      name: "ktest-agent",
      dependencies: ["CLinux", "GuestProtocol"],
      swiftSettings: swift + [.unsafeFlags(["-static-stdlib"])],
      // PID 1 of a guest that has no libraries: everything it needs is inside the one file.
      linkerSettings: [.unsafeFlags(["-static-executable"])]
    ),
    .target(name: "CQemuPlugin"),
    .target(
      name: "ktest-plugin",
      dependencies: ["CQemuPlugin", "GuestProtocol"],
      swiftSettings: swift + [.unsafeFlags(["-static-stdlib"])],
      // QEMU loads it, on a host where nobody installed Swift's libraries.
      linkerSettings: [.unsafeFlags(["-static-stdlib"])]
    ),
    // The rings of the house, from the inside out (docs/architecture.md): each knows those before it, and none behind it.
    .target(name: "KTestValues", dependencies: ["CNettle", "CYaml", "GuestProtocol"], swiftSettings: swift),
    .target(
      name: "KTestHost",
      dependencies: [
        "KTestValues", "CLinux",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: swift
    ),
    .target(
      name: "KTestGuests", dependencies: ["KTestHost", "KTestValues", "CLinux", "CVirt", "GuestProtocol"],
      swiftSettings: swift),
    .target(
      name: "KTestHarness",
      dependencies: [
        "KTestGuests", "KTestHost", "KTestValues", "GuestProtocol",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "ktest",
      dependencies: [
        "KTestHarness", "KTestGuests", "KTestHost", "KTestValues", "GuestProtocol",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: swift
    ),
    .target(
      name: "Fuzzing",
      dependencies: [
        "KTestHarness", "KTestGuests", "KTestHost", "KTestValues", "GuestProtocol",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      path: "Tests/Fuzzing",
      swiftSettings: swift
    ),
    .executableTarget(name: "fuzz", dependencies: ["Fuzzing"], path: "Tests/FuzzProgram", swiftSettings: swift),
    // What both test targets share. Not a test target itself: one cannot be used by another.
    .target(name: "TestGate", path: "Tests/TestGate", swiftSettings: swift),
    .testTarget(
      name: "KTestHarnessTests",
      dependencies: [
        "KTestHarness", "KTestGuests", "KTestHost", "KTestValues", "GuestProtocol", "Fuzzing", "TestGate",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Fixtures"],
      swiftSettings: swift
    ),
    // Runs the built programs as a user does. A build with tests builds them; as dependencies they would be linked into
    // the test bundle, and the agent's static libraries do not go in there.
    .testTarget(
      name: "KTestCommandTests",
      dependencies: [
        "KTestHarness", "KTestGuests", "KTestHost", "KTestValues", "TestGate",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Fixtures"],
      swiftSettings: swift
    ),
  ]
)

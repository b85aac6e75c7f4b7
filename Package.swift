// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Libraries of Debian, reached through a module map and a shim of static-inline functions.
let systemLibraries: [Target] = [
  .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
  .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
  .systemLibrary(
    name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  // Without pkg-config, whose flags for libstrophe SwiftPM does not take.
  .systemLibrary(name: "CStrophe", providers: [.apt(["libstrophe-dev"])]),
  .systemLibrary(name: "CMosquitto", providers: [.apt(["libmosquitto-dev"])]),
  .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
  name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
/// What counts and measures; where it is shown is the program's choice.
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioConcurrencyHelpers: Target.Dependency = .product(
  name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(
  name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let swiftProtobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil)
  -> Target
{
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil)
  -> Target
{
  .testTarget(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "fairlead",
  products: [
    .executable(name: "acsd", targets: ["acsd"]),
    .executable(name: "acsctl", targets: ["acsctl"]),
    .executable(name: "cpesim", targets: ["cpesim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: systemLibraries + [
    // Wire formats and state machines: no I/O.
    library("XML", ["CLibXML2"]),
    library("CWMP", ["XML"]),
    library("DeviceModel", ["XML"]),
    library("Cryptography", ["CLibCrypto"]),
    library("HTTPAuthentication", ["Cryptography"]),
    library("ContentCoding", ["CZlib"]),
    library("STUN", ["Cryptography"]),
    .target(
      name: "USP", dependencies: ["DeviceModel", "Cryptography", swiftProtobuf],
      exclude: ["Protocol"], swiftSettings: strict),
    library("STOMP"),

    // The domain: no I/O.
    library("Fleet", ["DeviceModel", yams]),

    // The store.
    library("Postgres", ["CLibPQ", "Cryptography", logging]),
    .target(
      name: "Migrations", path: "Migrations",
      resources: [
        .embedInCode("0001-initial.sql"), .embedInCode("0002-live-events.sql"),
        .embedInCode("0003-device-credentials.sql"), .embedInCode("0004-operations.sql"),
        .embedInCode("0005-switches-and-traces.sql"), .embedInCode("0006-taken-answers.sql"),
        .embedInCode("0007-data-models.sql"), .embedInCode("0008-supported-models.sql"),
        .embedInCode("0009-diagnosis-reports.sql"), .embedInCode("0010-common-facts.sql"),
        .embedInCode("0011-agent-addresses.sql"),
        .embedInCode("0012-rollout-preparation.sql"),
        .embedInCode("0013-agent-presence.sql"),
      ],
      swiftSettings: strict),
    // The data models that come with the programs.
    .target(
      name: "CDataModels", path: "DataModels",
      exclude: [
        "README.md", "tr-098-1-8-0.xml", "tr-181-2-19-1-cwmp.xml", "tr-181-2-19-1-usp.xml",
      ]),
    library("ShippedModels", ["CDataModels", "DeviceModel"]),
    library(
      "FleetStore",
      ["Fleet", "Postgres", "Migrations", "CZstd", "Cryptography", metrics, logging]),

    // Doors.
    library("HTTPClient", ["CLibCurl"]),
    library("XMPP", ["CStrophe"]),
    library("MQTT", ["CMosquitto"]),
    library("Refusals", [nioConcurrencyHelpers, nioCore, logging]),
    library("TLSIdentity", ["Cryptography", nioConcurrencyHelpers, nioCore, nioSSL, logging]),
    // How Records go between endpoints, for the controller and for simulated agents.
    library(
      "USPTransports",
      [
        "USP", "MQTT", "STOMP", "Cryptography", "Refusals", "TLSIdentity", nioConcurrencyHelpers,
        nioCore, nioPosix, nioHTTP1, nioSSL, nioTLS, nioWebSocket, logging,
      ]),
    library(
      "ConnectionRequests",
      [
        "Fleet", "HTTPAuthentication", "HTTPClient", "STUN", "XMPP", "Cryptography", nioCore,
        nioPosix, nioConcurrencyHelpers, logging,
      ]),
    library(
      "CWMPServer",
      [
        "CWMP", "ContentCoding", "DeviceModel", "Fleet", "FleetStore", "HTTPAuthentication",
        "Cryptography", "Refusals", "TLSIdentity", nioCore, nioPosix, nioConcurrencyHelpers,
        nioHTTP1, nioTLS, nioSSL, metrics, logging,
      ]),
    library(
      "USPController",
      [
        "USP", "USPTransports", "DeviceModel", "Fleet", "FleetStore", "HTTPAuthentication",
        "Cryptography", "Refusals", "TLSIdentity", nioCore, nioPosix, nioConcurrencyHelpers,
        swiftProtobuf, metrics, logging,
      ]),
    library(
      "FileServer",
      [
        "Cryptography", hummingbird, hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTPTypes,
        logging,
      ]),
    library("ManagementTypes", ["DeviceModel"]),
    library(
      "ManagementAPI",
      [
        "ManagementTypes", "DeviceModel", "Fleet", "FleetStore", "FileServer", "Postgres",
        "Cryptography", hummingbird, hummingbirdCore, httpTypes, nioCore, lifecycle,
        metrics, logging,
      ]),

    // Assembly.
    library("Telemetry", [metrics]),
    library("Release"),
    library("ServerConfiguration", ["USP", argumentParser, yams]),
    library(
      "DeviceSimulator",
      [
        "CWMP", "ContentCoding", "STUN", "HTTPAuthentication", "Cryptography", "USP",
        "USPTransports", "MQTT", "TLSIdentity", "DeviceModel", "ShippedModels", nioCore, nioPosix,
        nioHTTP1, nioSSL, yams, logging,
      ],
      resources: [
        .embedInCode("Models/tr098.yaml"), .embedInCode("Models/tr098-complete.yaml"),
        .embedInCode("Models/tr181.yaml"), .embedInCode("Models/tr181-complete.yaml"),
      ]),
    executable(
      "acsd",
      [
        "CWMP", "CWMPServer", "ManagementAPI", "FileServer", "ConnectionRequests", "DeviceModel",
        "Fleet", "FleetStore", "HTTPClient", "MQTT", "ShippedModels", "Postgres", "Refusals",
        "Release", "ServerConfiguration", "Cryptography", "HTTPAuthentication", "TLSIdentity",
        "USP", "USPController", "USPTransports", "Telemetry", "XMPP", argumentParser, lifecycle,
        unixSignals, metrics, logging, nioCore, nioPosix,
      ]),
    library(
      "OperatorCommands",
      [
        "DeviceModel", "ShippedModels", "ManagementTypes", "HTTPClient", "Cryptography", "Release",
        yams, argumentParser,
      ]),
    executable("acsctl", ["OperatorCommands"]),
    executable("cpesim", ["DeviceSimulator", "Release", "USP", argumentParser, logging]),

    // Measures.
    .executableTarget(
      name: "modelbench", dependencies: ["DeviceModel", "CLibXML2"],
      path: "Benchmarks/ModelCompilation", swiftSettings: strict),

    // Tests.
    .target(
      name: "LogRecording", dependencies: [nioConcurrencyHelpers, logging],
      path: "Tests/LogRecording", swiftSettings: strict),
    tests("XMLTests", ["XML"]),
    tests("CWMPTests", ["CWMP"]),
    tests("DeviceModelTests", ["DeviceModel"]),
    tests("ShippedModelsTests", ["ShippedModels", "DeviceModel", "Fleet"]),
    tests("HTTPAuthenticationTests", ["HTTPAuthentication", "Cryptography"]),
    tests("STUNTests", ["STUN", "Cryptography"]),
    tests("XMPPTests", ["XMPP", "ConnectionRequests", logging]),
    tests("ContentCodingTests", ["ContentCoding"]),
    tests("FleetTests", ["DeviceModel", "Fleet"]),
    tests("PostgresTests", ["Postgres"]),
    tests("FleetStoreTests", ["FleetStore", "Fleet", "Postgres", logging]),
    tests("ServerConfigurationTests", ["ServerConfiguration", "Fleet", argumentParser]),
    tests(
      "CWMPServerTests",
      [
        "CWMPServer", "LogRecording", "CWMP", "ContentCoding", "Cryptography", "Fleet",
        "FleetStore",
        "HTTPAuthentication", "Postgres", "Refusals", "TLSIdentity", nioCore, nioPosix,
        nioConcurrencyHelpers, nioHTTP1, nioTLS, nioSSL, logging,
      ]),
    tests("RefusalsTests", ["Refusals", "LogRecording", nioCore, logging]),
    tests("TelemetryTests", ["Telemetry", metrics]),
    tests("USPTests", ["USP", "Cryptography", swiftProtobuf]),
    tests("STOMPTests", ["STOMP"]),
    tests("MQTTTests", ["MQTT"]),
    tests(
      "USPTransportsTests",
      [
        "USPTransports", "LogRecording", "Refusals", "USP", "MQTT", "STOMP", "Cryptography",
        "TLSIdentity", nioCore, nioPosix, nioConcurrencyHelpers, nioHTTP1, nioSSL, nioWebSocket,
        logging,
      ]),
    tests(
      "USPControllerTests",
      [
        "USPController", "Refusals", "USP", "USPTransports", "DeviceModel", "Fleet", "FleetStore",
        "Postgres", "Cryptography", "TLSIdentity", nioCore, nioPosix, nioConcurrencyHelpers,
        logging,
      ]),
    tests(
      "ConnectionRequestsTests",
      [
        "ConnectionRequests", "Fleet", "HTTPAuthentication", "HTTPClient", "STUN", "Cryptography",
        nioCore, nioPosix, logging,
      ]),
    tests(
      "OperatorCommandsTests",
      ["OperatorCommands", "DeviceModel", "ManagementTypes", "Cryptography"]),
    tests(
      "ManagementAPITests",
      [
        "DeviceModel", "ManagementAPI", "ManagementTypes", "FileServer", "FleetStore", "Fleet",
        "Postgres", "Cryptography", hummingbird, hummingbirdCore, httpTypes, nioCore, nioPosix,
        nioEmbedded, nioHTTPTypes, logging,
      ]),
    tests(
      "EndToEndTests",
      [
        "acsd", "acsctl", "cpesim", "CLibPQ", "CWMP", "DeviceModel", "DeviceSimulator", "Fleet",
        "MQTT", "ServerConfiguration", "ShippedModels", "TLSIdentity", "USP", "USPController",
        "USPTransports", nioCore,
      ]),
    tests(
      "DeviceSimulatorTests",
      [
        "DeviceSimulator", "CWMP", "ContentCoding", "STUN", "HTTPAuthentication", "USP",
        "USPTransports", "MQTT", nioCore, nioPosix, nioHTTP1, nioSSL, logging,
      ]),
  ]
)

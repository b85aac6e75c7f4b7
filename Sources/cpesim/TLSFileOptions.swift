import ArgumentParser

/// The PEM files for https:// URLs.
struct TLSFileOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "A PEM file with the authorities that devices trust; without it, those of the system.")
  var ca: String?

  @Option(name: .long, help: "A PEM file with the certificate by which devices show who they are.")
  var certificate: String?

  @Option(name: .long, help: "A PEM file with its private key.")
  var key: String?
}

import Cryptography

/// The documents of one data model, as they are kept: all in one, compressed together.
package struct ModelBundle: Sendable, Equatable {
  package struct Document: Sendable, Equatable {
    /// The name under which others import it.
    package var file: String
    package var content: [UInt8]

    package init(file: String, content: [UInt8]) {
      self.file = file
      self.content = content
    }
  }

  /// In the order of their names.
  package let documents: [Document]

  package init(_ documents: [Document]) {
    self.documents = documents.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
  }

  /// Bytes of all documents.
  package var size: Int { documents.reduce(0) { $0 + $1.content.count } }

  // MARK: As it is kept

  /// Each document's name and content after their lengths, compressed with zstd.
  static let codec: Int16 = 1
  private static let maxNameLength = 1_000
  /// No row expands to more than this, so that a damaged one can't exhaust memory.
  static let maxExpandedSize = 1 << 30

  private var plain: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + documents.count * 64)
    for document in documents {
      bytes.append(unsigned: UInt64(document.file.utf8.count))
      bytes.append(contentsOf: document.file.utf8)
      bytes.append(unsigned: UInt64(document.content.count))
      bytes.append(contentsOf: document.content)
    }
    return bytes
  }

  /// What is kept, and the digest by which two bundles are told apart.
  func packed() throws(TreeCodecError) -> (content: [UInt8], sha256: [UInt8]) {
    let plain = plain
    let digest = SHA256()
    digest.update(plain)
    return (try Compressor().compress(plain, dictionary: nil), digest.finish())
  }

  init(packed content: [UInt8], codec: Int16) throws(TreeCodecError) {
    guard codec == Self.codec else { throw .unknownCodec(codec) }
    var reader = ByteReader(
      try Compressor().expand(content, dictionary: nil, limit: Self.maxExpandedSize))
    var documents: [Document] = []
    while reader.offset < reader.count {
      let file = try reader.string(try reader.count(atMost: Self.maxNameLength))
      var bytes: [UInt8] = []
      try reader.append(try reader.count(atMost: Self.maxExpandedSize), to: &bytes)
      documents.append(Document(file: file, content: bytes))
    }
    self.init(documents)
  }
}

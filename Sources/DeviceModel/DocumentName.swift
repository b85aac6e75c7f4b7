/// What the name of a published document says: `tr-181-2-19-1-usp.xml` is issue 2, amendment 19, corrigendum 1 of TR-181, with a label.
struct DocumentName: Equatable {
  /// For example `tr-181`.
  var series: String
  /// Issue, amendment, corrigendum, as far as they are told.
  var numbers: [Int]
  /// What follows them, for example `usp`; empty where nothing does.
  var label: String

  /// - Parameter text: a file's name, or a URN's last part.
  init?(_ text: some StringProtocol) {
    var name = Substring(text)
    if name.hasSuffix(".xml") { name = name.dropLast(4) }
    var parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[1].allSatisfy(\.isNumber) else { return nil }
    series = "\(parts[0])-\(parts[1])"
    parts.removeFirst(2)
    numbers = []
    while let number = parts.first.flatMap({ Int($0) }), numbers.count < 3 {
      numbers.append(number)
      parts.removeFirst()
    }
    label = parts.joined(separator: "-")
  }

  /// - Parameter urn: for example `urn:broadband-forum-org:tr-181-2-19-common`.
  init?(urn: String) {
    guard let last = urn.split(separator: ":").last else { return nil }
    self.init(last)
  }

  /// What an import means: the file's name, with the numbers that only its `spec` has.
  func completed(by spec: DocumentName?) -> DocumentName {
    guard let spec, spec.series == series, spec.numbers.count > numbers.count,
      spec.numbers.starts(with: numbers)
    else { return self }
    var name = self
    name.numbers = spec.numbers
    return name
  }

  /// Whether another document is meant by this name; numbers that it does not tell are any.
  func means(_ other: DocumentName) -> Bool {
    series == other.series && label == other.label && other.numbers.starts(with: numbers)
  }
}

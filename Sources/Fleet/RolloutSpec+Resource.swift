import DeviceModel

extension RolloutSpec {
  /// Reads the `spec` of a document of the kind FirmwareRollout; nil where it is not in order, which the reader tells.
  init?(of document: ResourceReader.Members, reader: inout ResourceReader) {
    let problemsBefore = reader.diagnostics.count
    guard
      let spec = reader.members(
        "spec", of: document,
        known: [
          "selector", "image", "concurrency", "maxFailures", "retries", "verify", "transfer",
          "deadline", "prepare",
        ], isRequired: true)
    else { return nil }
    let selector = Selector(
      of: spec,
      hint: "write for example DeviceInfo.ModelName=FL-100,tag=pilot; name=* means every device",
      reader: &reader)
    let image = Self.image(of: spec, reader: &reader)
    let concurrency = reader.integer("concurrency", of: spec, in: Self.concurrencyRange)
    let maxFailures = Self.maxFailures(of: spec, reader: &reader)
    let retries = reader.integer("retries", of: spec, in: Self.retriesRange)
    let verifyWithin = Self.within("verify", of: spec, reader: &reader)
    let transferWithin = Self.within("transfer", of: spec, reader: &reader)
    let deadline = Self.deadline(of: spec, reader: &reader)
    let prepare = Self.preparation(of: spec, reader: &reader)
    guard reader.diagnostics.count == problemsBefore, let selector, let image else { return nil }
    self.init(
      selector: selector, image: image, concurrency: concurrency ?? Self.defaultConcurrency,
      maxFailures: maxFailures ?? Self.defaultMaxFailures, retries: retries ?? Self.defaultRetries,
      verifyWithin: verifyWithin ?? Self.defaultVerifyWithin,
      transferWithin: transferWithin ?? Self.defaultTransferWithin, deadline: deadline,
      prepare: prepare)
  }

  private static func preparation(
    of spec: ResourceReader.Members, reader: inout ResourceReader
  ) -> Preparation? {
    guard
      let members = reader.members(
        "prepare", of: spec, known: ["within", "concurrency"], isRequired: false)
    else { return nil }
    let concurrency = reader.integer("concurrency", of: members, in: concurrencyRange)
    guard let within = reader.duration("within", of: members, in: withinRange, isRequired: true)
    else { return nil }
    return Preparation(
      within: within, concurrency: concurrency ?? Preparation.defaultConcurrency)
  }

  private static func image(
    of spec: ResourceReader.Members, reader: inout ResourceReader
  ) -> Image? {
    guard
      let image = reader.members(
        "image", of: spec, known: ["file", "version", "sha256", "fileType", "targetFileName"],
        isRequired: true)
    else { return nil }
    let limits = OperationLimits.standard
    let file = reader.text("file", of: image)
    if let file { checkLength(file, atMost: maxFileCharacters, reader: &reader) }
    let version = reader.text(
      "version", of: image, isRequired: true,
      hint: "write the SoftwareVersion that devices report once they run the image")
    if let version { checkLength(version, atMost: limits.maxVersionCharacters, reader: &reader) }
    let sha256 = reader.text(
      "sha256", of: image, isRequired: true,
      hint: "write what “sha256sum \(file?.value.clipped(to: 64) ?? "FILE")” prints")
    let digits = sha256?.value.lowercased()
    if let sha256, sha256.value.utf8.count != 64 || !sha256.value.utf8.allSatisfy(\.isHexDigit) {
      reader.problem(
        "“\(sha256.value.clipped(to: 72))” is not a SHA-256.",
        hint:
          "write the 64 hexadecimal digits that “sha256sum \(file?.value.clipped(to: 64) ?? "FILE")” prints",
        at: sha256)
    }
    let fileType = reader.text("fileType", of: image)
    if let fileType { checkLength(fileType, atMost: limits.maxFileTypeCharacters, reader: &reader) }
    let targetFileName = reader.text("targetFileName", of: image)
    if let targetFileName, !targetFileName.value.isEmpty {
      checkLength(targetFileName, atMost: limits.maxTargetFileNameCharacters, reader: &reader)
    }
    guard let version, let digits else { return nil }
    return Image(
      file: file?.value, version: version.value, sha256: digits,
      fileType: fileType?.value ?? DownloadOrder.firmwareUpgradeImage,
      targetFileName: targetFileName?.value ?? "")
  }

  private static let maxFileCharacters = 1024

  private static func checkLength(
    _ text: ResourceReader.Text, atMost limit: Int, reader: inout ResourceReader
  ) {
    if text.value.isEmpty {
      reader.problem("The text is empty.", at: text)
    } else if text.value.unicodeScalars.count > limit {
      reader.problem("The text is longer than \(limit) characters.", at: text)
    } else if text.value.contains(where: \.isNewline) {
      reader.problem("The text has several lines.", at: text)
    }
  }

  private static func maxFailures(
    of spec: ResourceReader.Members, reader: inout ResourceReader
  ) -> FailureLimit? {
    guard let text = reader.text("maxFailures", of: spec) else { return nil }
    guard let limit = FailureLimit(text.value) else {
      reader.problem(
        "“\(text.value.clipped(to: 64))” is neither a number of devices nor a percentage.",
        hint: "write for example 3 or 1.5%", at: text)
      return nil
    }
    return limit
  }

  private static func within(
    _ name: String, of spec: ResourceReader.Members, reader: inout ResourceReader
  ) -> Double? {
    guard let members = reader.members(name, of: spec, known: ["within"], isRequired: false) else {
      return nil
    }
    return reader.duration("within", of: members, in: withinRange, isRequired: true)
  }

  private static func deadline(
    of spec: ResourceReader.Members, reader: inout ResourceReader
  ) -> Double? {
    guard let text = reader.text("deadline", of: spec) else { return nil }
    guard let seconds = TimestampText.seconds(text.value) else {
      reader.problem(
        "“\(text.value.clipped(to: 64))” is not a point in time with its offset.",
        hint: "write for example 2026-12-31T04:00:00Z", at: text)
      return nil
    }
    return seconds
  }
}

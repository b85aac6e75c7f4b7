import DeviceModel
import Yams

/// A YAML file with things that an operator declares.
package struct ResourceFile: Sendable, Equatable {
  /// Those that are in order, as they come in the file.
  package var resources: [Resource]
  /// All that is wrong with the file; resources are to be applied only where none of it is an error.
  package var diagnostics: [Diagnostic]

  package static let apiVersion = "fairlead/v1"

  package struct Resource: Sendable, Equatable {
    package var name: String
    package var content: Content
    /// The text of the resource's document.
    package var source: String
    package var location: Diagnostic.Location

    package var kind: Kind {
      switch content {
      case .firmwareRollout: .firmwareRollout
      case .deviceSwitches: .deviceSwitches
      }
    }
  }

  package enum Kind: String, Sendable, CaseIterable, Codable {
    case firmwareRollout = "FirmwareRollout"
    case deviceSwitches = "DeviceSwitches"
  }

  package enum Content: Sendable, Equatable {
    case firmwareRollout(RolloutSpec)
    case deviceSwitches(DeviceSwitchesSpec)
  }

  /// Reads a file, with all that is wrong with it at once.
  ///
  /// - Parameter file: What diagnostics call the file.
  package init(_ text: String, file: String = "", limits: ResourceLimits = .standard) {
    let (documents, flaws) = YAMLDocument.documents(in: text, file: file, limits: limits)
    resources = []
    diagnostics = flaws
    var places: [String: Diagnostic.Location] = [:]
    for document in documents {
      var reader = ResourceReader(file: file, lineOffset: document.lineOffset)
      let resource = Self.resource(of: document, reader: &reader)
      diagnostics += reader.diagnostics
      guard let resource, !reader.diagnostics.containsError else { continue }
      let identity = "\(resource.kind.rawValue) “\(resource.name)”"
      if let first = places[identity] {
        diagnostics.append(
          Diagnostic(
            "The \(identity) is in the file twice, first in line \(first.line).",
            hint: "give one of them another name", field: "metadata.name",
            location: resource.location))
      } else {
        places[identity] = resource.location
        resources.append(resource)
      }
    }
    if documents.isEmpty, flaws.isEmpty {
      diagnostics = [
        Diagnostic(
          "The file is empty.", hint: "write apiVersion, kind, metadata and spec",
          location: Diagnostic.Location(file: file, line: 1, column: 1))
      ]
    }
    diagnostics.sort {
      ($0.location?.line ?? 0, $0.location?.column ?? 0) < (
        $1.location?.line ?? 0, $1.location?.column ?? 0
      )
    }
  }

  private static func resource(of document: YAMLDocument, reader: inout ResourceReader) -> Resource?
  {
    guard
      let members = reader.members(
        of: document.root, field: "", known: ["apiVersion", "kind", "metadata", "spec"])
    else { return nil }
    if let version = reader.text(
      "apiVersion", of: members, isRequired: true, hint: "write apiVersion: \(apiVersion)"),
      version.value != apiVersion
    {
      reader.problem(
        "“\(version.value.clipped(to: 64))” is not known.", hint: "write \(apiVersion)", at: version
      )
    }
    let name = name(of: members, reader: &reader)
    guard let kind = kind(of: members, reader: &reader) else { return nil }
    let content: Content?
    switch kind {
    case .firmwareRollout:
      content = RolloutSpec(of: members, reader: &reader).map(Content.firmwareRollout)
    case .deviceSwitches:
      content = DeviceSwitchesSpec(of: members, reader: &reader).map(Content.deviceSwitches)
    }
    guard let name, let content else { return nil }
    let mark = document.root.mark
    return Resource(
      name: name, content: content, source: document.source,
      location: Diagnostic.Location(
        file: reader.file, line: (mark?.line ?? 1) + reader.lineOffset, column: mark?.column ?? 1))
  }

  private static func kind(of members: ResourceReader.Members, reader: inout ResourceReader)
    -> Kind?
  {
    let known = Kind.allCases.map(\.rawValue)
    guard
      let text = reader.text(
        "kind", of: members, isRequired: true,
        hint: "write kind: \(known.joined(separator: " or "))")
    else { return nil }
    guard let kind = Kind(rawValue: text.value) else {
      reader.problem(
        "There is no kind “\(text.value.clipped(to: 64))”.",
        hint: "write \(known.nearest(to: text.value) ?? known.joined(separator: " or "))", at: text)
      return nil
    }
    return kind
  }

  private static func name(of members: ResourceReader.Members, reader: inout ResourceReader)
    -> String?
  {
    guard
      let metadata = reader.members(
        "metadata", of: members, known: ["name"], isRequired: true),
      let name = reader.text("name", of: metadata, isRequired: true)
    else { return nil }
    guard isName(name.value) else {
      reader.problem(
        "“\(name.value.clipped(to: 64))” is not a name.",
        hint: "write 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last",
        at: name)
      return nil
    }
    return name.value
  }

  /// Whether a text is a label of a DNS name (RFC 1123, 2.1) in lower case.
  package static func isName(_ text: String) -> Bool {
    let bytes = text.utf8
    let hyphen = UInt8(ascii: "-")
    return (1...63).contains(bytes.count) && bytes.first != hyphen && bytes.last != hyphen
      && bytes.allSatisfy { byte in
        byte == hyphen || byte.isASCIIDigit || (byte.isASCIILetter && byte >= UInt8(ascii: "a"))
      }
  }
}

/// How large a ``ResourceFile`` may be.
package struct ResourceLimits: Sendable, Equatable {
  /// UTF-8 bytes of the file.
  package var maxBytes = 256 << 10
  package var maxDocuments = 100

  package init() {}

  package static let standard = ResourceLimits()
}

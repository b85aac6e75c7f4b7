import DeviceModel

/// What an operation asked a device for: a device has no business elsewhere in the tree.
///
/// A path that ends with a dot stands for all below it, `*` for any instance. In place of an alias a device may name the
/// instance's number (TR-069 3.6.1).
struct AskedPaths: Sendable {
  private var names: Set<String> = []
  private var prefixes: [String] = []
  private var patterns: [InstancePath] = []

  init(_ paths: [String]) {
    for path in paths {
      if path.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "[") }) {
        if let pattern = try? InstancePath(path, taking: [.aliases, .wildcards]) {
          patterns.append(pattern)
        }
      } else if path.isEmpty || path.hasSuffix(".") {
        prefixes.append(path)
      } else {
        names.insert(path)
      }
    }
  }

  /// Whether nothing but an answer with something in it can be right: a plain parameter was asked for.
  var namesParameter: Bool { !names.isEmpty }

  func contains(_ name: String) -> Bool {
    if names.contains(name) || prefixes.contains(where: name.hasPrefix) { return true }
    guard !patterns.isEmpty, let path = try? InstancePath(name, taking: .cwmp) else { return false }
    return patterns.contains {
      $0.covers(path) && !(path.ending == .object && $0.parts.count == path.parts.count)
    }
  }
}

extension Substring {
  /// Whether a part of a path is an instance's number or its alias in brackets.
  var isInstance: Bool { isInstanceNumber || (first == "[" && last == "]") }

  var isInstanceNumber: Bool {
    !isEmpty && utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
  }
}

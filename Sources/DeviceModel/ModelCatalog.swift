/// A data model under the name by which people and settings mean it.
package struct CatalogedModel: Sendable {
  package enum Origin: Int, Sendable, Comparable {
    /// Came with the program; without descriptions.
    case shipped
    /// An operator brought it.
    case imported

    package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  /// For example `tr-181-2-19-1-cwmp`.
  package let name: String
  package let origin: Origin
  package let model: DataModel

  package init(_ model: DataModel, name: String? = nil, origin: Origin) {
    self.name = name ?? Self.name(of: model)
    self.origin = origin
    self.model = model
  }

  /// What a model is called unless somebody says otherwise: the last part of its document's URN, else its own name.
  package static func name(of model: DataModel) -> String {
    model.spec.split(separator: ":").last.map(String.init) ?? model.name
  }
}

/// The data models that are known at a moment; an imported one hides the shipped one of its name.
package struct ModelCatalog: Sendable {
  /// Sorted by name.
  package let models: [CatalogedModel]

  package init(_ models: [CatalogedModel] = []) {
    var chosen: [String: CatalogedModel] = [:]
    for model in models.sorted(by: { $0.origin < $1.origin }) { chosen[model.name] = model }
    self.models = chosen.values.sorted { $0.name < $1.name }
  }

  package subscript(_ name: String) -> CatalogedModel? { models.first { $0.name == name } }

  /// The model by which a device is understood where nothing names one: the newest published one of its root and protocol.
  ///
  /// - Parameters:
  ///   - root: `Device.` or `InternetGatewayDevice.`.
  ///   - protocolName: `cwmp` or `usp`.
  package func model(root: String, protocolName: String) -> CatalogedModel? {
    let prefix = root.dropLast() + ":"
    let fitting = models.filter {
      $0.model.isPublished && $0.model.name.hasPrefix(prefix)
        && $0.model.isForUSP == (protocolName == "usp")
    }
    return fitting.max {
      $0.model.numbers != $1.model.numbers
        ? $0.model.numbers.lexicographicallyPrecedes($1.model.numbers) : $0.origin < $1.origin
    }
  }
}

extension DataModel {
  /// Whether its document calls itself one of the Broadband Forum's.
  package var isPublished: Bool { spec.hasPrefix("urn:broadband-forum-org:tr-") }

  /// Whether it is of the flavour that USP has: with commands and events.
  package var isForUSP: Bool { items.contains { $0.kind == .command || $0.kind == .event } }

  /// The numbers in its document's URN: issue, amendment, corrigendum.
  var numbers: [Int] { DocumentName(urn: spec)?.numbers ?? [] }
}

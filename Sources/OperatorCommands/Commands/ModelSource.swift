import ArgumentParser
import DeviceModel
import Foundation
import ManagementTypes
import ShippedModels

/// Where a data model comes from that is looked into: files, the server, or this program.
enum ModelSource {
  case local(DataModel, name: String)
  /// - reason: why it is this one, where the server has chosen.
  case server(ManagementClient, name: String, reason: ModelReason? = nil)

  /// - Parameter path: empty: the model as a whole.
  func item(_ path: String, isRecursive: Bool = false) async throws -> ModelItemDetail {
    switch self {
    case .local(let model, let name):
      guard !path.isEmpty else {
        return ModelItemDetail(nil, of: model, isRecursive: isRecursive)
      }
      guard let place = model.browse(path) else {
        let near = model.nearPaths(path)
        throw CommandFailure(
          .notFound,
          DisplayText.escaped(
            "\(name) has no “\(path)”\(near.isEmpty ? "" : "; near it: \(near.joined(separator: ", "))")"
          ))
      }
      return ModelItemDetail(place, of: model, isRecursive: isRecursive)
    case .server(let client, let name, _):
      return try await client.get(
        ["models", name],
        .init(["path": path.isEmpty ? nil : path, "recursive": isRecursive ? "true" : nil]))
    }
  }

  func search(_ query: String, limit: Int) async throws -> (
    items: [ModelItemSummary], hasMore: Bool
  ) {
    switch self {
    case .local(let model, _):
      let hits = DeviceModel.ModelSearch.hits(query, in: model)
      let shown = limit == 0 ? hits[...] : hits.prefix(limit)
      return (shown.map { ModelItemSummary($0.place, of: model) }, shown.count < hits.count)
    case .server(let client, let name, _):
      return try await client.list(
        ["models", name, "search"], .init(["q": query]), limit: limit)
    }
  }

  /// The model's name, for people.
  var title: String {
    switch self {
    case .local(_, let name), .server(_, let name, nil): name
    case .server(_, let name, let reason?): "\(name) (\(reason.words))"
    }
  }
}

extension ModelSource {
  /// Why the server can't be asked.
  static func words(_ failure: CommandFailure) -> String {
    failure.kind == .unreachable ? "the server does not answer" : "the server lets nobody in"
  }
}

/// Which data model is looked into.
struct ModelSourceOptions: ParsableArguments {
  @Option(
    name: .customLong("file"),
    help: ArgumentHelp(
      "Look into this document instead of a model of the server; may be given more than once.",
      valueName: "file"), completion: .file(extensions: ["xml"]))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "The data model; without it the newest one that fits the path. “acsctl model list” shows them.",
      valueName: "name"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Take the data model by which the server understands this device.", valueName: "name"))
  var device: String?

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard device == nil || (model == nil && files.isEmpty) else {
      throw ValidationError("--device says which model it is; leave out --model and --file")
    }
  }

  /// - Parameter text: a path, or words; what is in it tells which model fits.
  func source(for text: String) async throws -> ModelSource {
    guard files.isEmpty else {
      let compiled = try ModelFiles.compile(files, model: model)
      return .local(compiled, name: CatalogedModel.name(of: compiled))
    }
    let client = try connection.client()
    if let device {
      let chosen: ChosenModelDetail = try await client.get(["devices", device, "model"])
      for remark in chosen.reason.remarks {
        Terminal.note(DisplayText.escaped("acsctl: \(remark)"))
      }
      return .server(client, name: chosen.name, reason: chosen.reason)
    }
    do {
      if let model { return try await named(model, client) }
      let page: Page<ModelDetail> = try await client.get(["models"])
      guard let choice = ModelChoice(text).choose(among: page.items) else {
        throw CommandFailure(
          .notFound, "the server knows no data model that fits; name one with --model")
      }
      return .server(client, name: choice)
    } catch let failure as CommandFailure
      where failure.kind == .unreachable || failure.kind == .unauthorized
    {
      // What comes with this program needs no server.
      guard let shipped = ShippedModels.model(named: model ?? ModelChoice(text).shipped) else {
        throw failure
      }
      Terminal.note(
        "acsctl: \(ModelSource.words(failure)); this is what acsctl brings along, without descriptions"
      )
      return .local(shipped.model, name: shipped.name)
    }
  }

  private func named(_ name: String, _ client: ManagementClient) async throws -> ModelSource {
    let page: Page<ModelDetail> = try await client.get(["models"])
    guard page.items.contains(where: { $0.name == name }) else {
      throw CommandFailure(
        .notFound,
        DisplayText.escaped(
          "there is no data model “\(name)”; known are \(page.items.map(\.name).joined(separator: ", "))"
        ))
    }
    return .server(client, name: name)
  }
}

/// Which data model a path belongs to.
struct ModelChoice {
  private let root: String
  private let isForUSP: Bool

  init(_ text: String) {
    root = text.hasPrefix("InternetGatewayDevice") ? "InternetGatewayDevice:" : "Device:"
    isForUSP = text.contains("()") || text.contains("!")
  }

  /// The name of the newest published one; of those alike, one with descriptions.
  func choose(among models: [ModelDetail]) -> String? {
    let fitting = models.filter {
      $0.spec.hasPrefix("urn:broadband-forum-org:tr-") && $0.model.hasPrefix(root)
        && ($0.commands + $0.events > 0) == isForUSP
    }
    return fitting.max { one, other in
      switch one.spec.compare(other.spec, options: .numeric) {
      case .orderedSame: !one.hasDescriptions && other.hasDescriptions
      case let order: order == .orderedAscending
      }
    }?.name
  }

  /// The name of the one that comes with this program.
  var shipped: String {
    let names = ShippedModels.names
    let prefix = root == "Device:" ? "tr-181-" : "tr-098-"
    let fitting = names.filter { $0.hasPrefix(prefix) }
    return fitting.last { $0.hasSuffix(isForUSP ? "-usp" : "-cwmp") } ?? fitting.last ?? ""
  }
}

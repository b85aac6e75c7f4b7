import Fleet
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes

extension ManagementAPI {
  private static let documentTypes: Set = ["application/yaml", "application/x-yaml", "text/yaml"]

  /// The one resource that a body of YAML declares, and warnings about it.
  ///
  /// - Throws: ``Refusal`` with all that is wrong, also where the resource is of another kind.
  func resource(_ kind: ResourceFile.Kind, from request: Request) async throws
    -> (ResourceFile.Resource, [Problem.Diagnostic])
  {
    guard let mediaType = request.mediaType, Self.documentTypes.contains(mediaType) else {
      throw Refusal(.unsupportedMediaType, "The body has to be application/yaml.")
    }
    let data = try await request.body(atMost: configuration.maximumDocumentSize)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Refusal(.invalidBody, "The document is not UTF-8.")
    }
    let file = ResourceFile(text)
    let diagnostics = file.diagnostics.map(Problem.Diagnostic.init)
    guard !file.diagnostics.containsError, let resource = file.resources.first else {
      throw Refusal(.invalidDocument, "The document has errors.", diagnostics: diagnostics)
    }
    guard file.resources.count == 1 else {
      throw Refusal(
        .invalidDocument, "There is more than one resource; send one at a time.",
        diagnostics: [
          .init(error: "A second resource begins here.", at: file.resources[1].location)
        ])
    }
    guard resource.kind == kind else {
      throw Refusal(
        .invalidDocument, "This route takes the kind \(kind.rawValue).",
        diagnostics: [
          .init(
            error: "kind: \(resource.kind.rawValue) is taken by another route",
            at: resource.location)
        ])
    }
    return (resource, diagnostics)
  }
}

extension Problem.Diagnostic {
  init(error message: String, at location: Diagnostic.Location) {
    self.init(
      severity: "error", message: message, line: location.line, column: location.column)
  }
}

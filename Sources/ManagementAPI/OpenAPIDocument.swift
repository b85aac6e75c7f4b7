import HTTPTypes
import ManagementTypes

/// The description of the API in OpenAPI 3.1.
struct OpenAPIDocument: Sendable {
  let value: JSONValue

  init(routes: [Route], version: String) {
    var paths: [String: JSONValue] = [:]
    for route in routes {
      var item: [String: JSONValue]
      if case .object(let members)? = paths[route.path] { item = members } else { item = [:] }
      item[route.method.rawValue.lowercased()] = Self.operation(route)
      paths[route.path] = .object(item)
    }
    value = .object([
      "openapi": "3.1.0",
      "info": [
        "title": "Fairlead management API",
        "version": .string(version),
        "description":
          "Manages a fleet of devices that speak TR-069. Names of devices are percent-encoded texts themselves and have to be encoded again as a segment of a path.",
      ],
      "servers": [["url": .string(Route.prefix)]],
      "paths": .object(paths),
      "components": [
        "schemas": .object(OpenAPISchemas.all),
        "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
      ],
    ])
  }

  private static func operation(_ route: Route) -> JSONValue {
    var operation: [String: JSONValue] = ["summary": .string(route.summary)]
    let parameters =
      route.path.split(separator: "/").filter { $0.first == "{" }.map { segment in
        parameter(String(segment.dropFirst().dropLast()), in: "path", of: route)
      } + route.query.map { parameter($0, in: "query", of: route) }
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    switch route.body {
    case nil: break
    case let type? where type.contains("/"):
      operation["requestBody"] = [
        "required": true, "content": .object([type: .object([:])]),
      ]
    case let schema?:
      operation["requestBody"] = [
        "required": true, "content": ["application/json": ["schema": reference(schema)]],
      ]
    }
    var responses: [String: JSONValue] = [
      "default": [
        "description": "A problem",
        "content": ["application/problem+json": ["schema": reference("Problem")]],
      ]
    ]
    for (status, schema) in route.answers {
      var response: [String: JSONValue] = ["description": .string(description(of: status))]
      switch schema {
      case nil: break
      case let type? where type.contains("/"):
        response["content"] = .object([type: .object([:])])
      case let schema?:
        response["content"] = .object([
          route.isStream ? "text/event-stream" : "application/json": ["schema": reference(schema)]
        ])
      }
      responses[String(status)] = .object(response)
    }
    operation["responses"] = .object(responses)
    switch route.access {
    case .anyone: operation["security"] = .array([])
    case .atLeast(let role):
      operation["security"] = [["token": []]]
      operation["x-role"] = .string(role.rawValue)
    }
    return .object(operation)
  }

  private static func description(of status: Int) -> String {
    switch status {
    case 201: "Created"
    case 202: "Accepted"
    case 204: "Done"
    case 304: "Unchanged since the entity tag"
    default: "Success"
    }
  }

  private static func reference(_ schema: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/\(schema)")]
  }

  private static func parameter(_ name: String, in place: String, of route: Route) -> JSONValue {
    let schema: JSONValue =
      switch name {
      case "limit": ["type": "integer", "minimum": 1]
      case "wait": ["type": "integer", "minimum": 0]
      case "id": ["type": "integer", "format": "int64"]
      case "dryRun", "recursive": ["type": "boolean"]
      case "path" where route.path.hasPrefix("/models/"): ["type": "string"]
      case "path", "device", "kind": ["type": "array", "items": ["type": "string"]]
      case "sha256": ["type": "string", "pattern": "^[0-9a-fA-F]{64}$"]
      default: ["type": "string"]
      }
    return [
      "name": .string(name), "in": .string(place), "required": .bool(place == "path"),
      "schema": schema,
    ]
  }
}

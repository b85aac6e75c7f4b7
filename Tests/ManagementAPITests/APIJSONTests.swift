import Foundation
import ManagementTypes
import Testing

@testable import ManagementAPI

/// What a person reads whose body is not what a route takes.
@Suite struct APIJSONTests {
  private func detail<Body: RequestMembers>(_ type: Body.Type, _ json: String) -> String? {
    do {
      _ = try APIJSON.decode(type, from: Data(json.utf8))
      return nil
    } catch {
      #expect((error as? Refusal)?.problem.status == 400)
      return (error as? Refusal)?.problem.detail
    }
  }

  @Test(arguments: [
    (#"{"name":"n","role":"root"}"#, "“role” is one of viewer, operator, admin."),
    (#"{"name":"n","role":7}"#, "“role” has to be a string."),
    (#"{"name":"n","role":null}"#, "“role” has to be a string, not null."),
    (#"{"name":"n"}"#, "The body lacks the member “role”."),
    (#"{"name":["n"],"role":"viewer"}"#, "“name” has to be a string."),
    (
      #"{"name":"n","role":"viewer","expiresAt":"tomorrow"}"#,
      "“expiresAt” is a time as in 2026-01-31T12:00:00Z."
    ),
    ("[]", "The body has to be an object."), ("", "The body is not JSON."),
    ("{", "The body is not JSON."), ("null", "The body has to be an object, not null."),
  ]) func aTokensBody(json: String, expected: String) {
    #expect(detail(NewToken.self, json) == expected)
  }

  @Test(arguments: [
    (#"{"order":{}}"#, "“order” lacks the member “kind”."),
    (#"{"order":[]}"#, "“order” has to be an object."),
    (#"{"order":{"kind":["get"]}}"#, "“order.kind” has to be a string."),
    (#"{"order":{"kind":"reboot"},"connect":"yes"}"#, "“connect” has to be true or false."),
    (#"{"order":{"kind":"reboot"},"expiresIn":"1h"}"#, "“expiresIn” has to be a whole number."),
    (
      #"{"order":{"kind":"reboot"},"expiresIn":1.5}"#,
      "A number in the body is not whole, or too large, where a whole number has to be."
    ),
    (
      #"{"order":{"kind":"reboot"},"expiresIn":1e30}"#,
      "A number in the body is not whole, or too large, where a whole number has to be."
    ),
    (
      #"{"order":{"kind":"reboot"},"expiresIn":1e999}"#,
      "“expiresIn” holds a number that is too large."
    ),
  ]) func anOrdersBody(json: String, expected: String) {
    #expect(detail(NewTask.self, json) == expected)
  }

  @Test(arguments: [
    (#"{"kind":"get","paths":"Device."}"#, "paths: An array is wanted here."),
    (#"{"kind":"get","paths":["a",1]}"#, "paths[1]: A string is wanted here."),
    (
      #"{"kind":"set","values":[{"path":"a","value":"1"},{"path":"b"}]}"#,
      "values[1]: The member “value” is missing."
    ),
    (
      #"{"kind":"download","url":"http://a/","pasword":"p"}"#,
      "There is no member “pasword” here. – did you mean “password”?"
    ),
  ]) func anOrder(json: String, expected: String) throws {
    let order = try JSONDecoder().decode(TaskOrder.self, from: Data(json.utf8))
    let refusal = #expect(throws: Refusal.self) { try ManagementAPI.operation(order) }
    #expect(refusal?.problem.diagnostics?.first?.message == expected)
  }
}

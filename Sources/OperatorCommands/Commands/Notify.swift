import ArgumentParser
import ManagementTypes

struct Notify: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells devices which changes of parameters to report, and how.",
    usage:
      "acsctl notify NAME PATH=MODE ... [--access-list LIST]\nacsctl notify --selector SELECTOR PATH=MODE ...",
    discussion: """
      A device reports changes of a parameter that is “passive” with its next call, and calls at once for one that is \
      “active”; “off” ends that. For devices with lightweight notifications there are passiveLightweight, \
      passiveAndLightweight, activeLightweight and passiveAndActiveLightweight. A path that ends with a dot \
      stands for all parameters below it.

        acsctl notify NAME Device.WiFi.=passive Device.IP.Interface.1.Status=active
        acsctl notify NAME Device.WiFi.SSID.1.SSID --access-list Subscriber
        acsctl read NAME Device.WiFi. --attributes
      """)

  @Argument(
    help: "The device's name (without --selector) and PATH=MODE.", completion: PathCompletion.paths)
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "Who else may write all of these parameters, separated by commas, for example Subscriber; '' for nobody. A PATH needs no MODE then.",
      valueName: "list"))
  var accessList: String?

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard !target.rest.isEmpty else { throw ValidationError("no PATH=MODE given") }
    let entities = accessList.map { JSONValue.texts($0.split(separator: ",").map(String.init)) }
    var changes: [JSONValue] = []
    for word in target.rest {
      var change: [String: JSONValue] = [:]
      if let equals = word.lastIndex(of: "=") {
        let name = String(word[word.index(after: equals)...])
        guard let mode = NotificationText.word(like: name) else {
          throw ValidationError(
            DisplayText.escaped(
              "“\(name)” is no mode: write one of \(NotificationText.words.joined(separator: ", "))"
            ))
        }
        change["path"] = .string(String(word[..<equals]))
        change["notification"] = .string(mode)
      } else if entities != nil {
        change["path"] = .string(word)
      } else {
        throw ValidationError(DisplayText.escaped("“\(word)” has no mode: write PATH=active"))
      }
      change["accessList"] = entities
      changes.append(.object(change))
    }
    return (TaskOrder(kind: "setAttributes", ["attributes": .array(changes)]), target.target)
  }
}

/// How a device reports changes of a parameter, in the words of the management API.
enum NotificationText {
  /// By their numbers on the wire.
  static let words = [
    "off", "passive", "active", "passiveLightweight", "passiveAndLightweight",
    "activeLightweight", "passiveAndActiveLightweight",
  ]

  static func word(_ number: Int) -> String {
    words.indices.contains(number) ? words[number] : String(number)
  }

  /// The word in any case.
  static func word(like name: String) -> String? {
    words.first { $0.lowercased() == name.lowercased() }
  }
}

/// The literals of xsd:boolean, as devices and people write them.
enum Boolean {
  /// `1` and `true` in any case are true, `0` and `false` are false, all else is nil.
  static func parse(_ text: String) -> Bool? {
    switch text {
    case "1", "true": true
    case "0", "false": false
    default:
      switch text.utf8.count {
      case 4...5: parse(lowercase: text.lowercased())
      default: nil
      }
    }
  }

  private static func parse(lowercase text: String) -> Bool? {
    text == "true" ? true : text == "false" ? false : nil
  }
}

/// The text of a bar that shows how much of a whole is done.
package enum ProgressBar {
  /// For example `[#####.....]  50%  5.0 MiB of 10.0 MiB`.
  package static func text(label: String, done: Int64, total: Int64, width: Int = 30) -> String {
    let share = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
    let filled = Int((share * Double(width)).rounded(.down))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let percent = String(Int((share * 100).rounded(.down)))
    let padding = String(repeating: " ", count: 3 - percent.count)
    return
      "\(label) [\(bar)] \(padding)\(percent)%  \(SizeText.bytes(done)) of \(SizeText.bytes(total))"
  }
}

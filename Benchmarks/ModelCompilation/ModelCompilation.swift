import CLibXML2
import DeviceModel
import Foundation

/// Measures how long documents of a data model take to become a model, and compares that with a pass of libxml2 over the same
/// bytes that does nothing with them: CPU time, the median of several runs. Then how long a look-up takes, and what memory
/// a model holds once its documents are gone.
///
/// modelbench FILE…    the first is compiled, with all that it imports among the others
@main
struct ModelCompilation {
  private typealias File = (name: String, content: [UInt8])

  static func main() throws {
    let paths = CommandLine.arguments.dropFirst()
    guard !paths.isEmpty else {
      print("usage: modelbench FILE...")
      exit(2)
    }
    let files = try paths.map { path -> File in
      let url = URL(fileURLWithPath: path)
      return (url.lastPathComponent, [UInt8](try Data(contentsOf: url)))
    }
    let compiled = DataModel.compile(files[0].name, in: try read(files))
    guard let model = compiled.model else {
      for diagnostic in compiled.diagnostics { print(diagnostic) }
      exit(1)
    }
    let bare = median(of: 15) { for file in files { pass(over: file.content) } }
    let reading = try median(of: 15) { _ = try read(files) }
    let whole = try median(of: 15) { _ = DataModel.compile(files[0].name, in: try read(files)) }
    let instances = model.items.map { $0.path.replacing("{i}", with: "12") }
    let rounds = 20
    let lookUps = median(of: 5) {
      for _ in 0..<rounds { for path in instances where model.place(of: path) == nil { exit(1) } }
    }
    let memory = try memory(of: 4) {
      DataModel.compile(files[0].name, in: try read(files)).model
    }
    let size = files.reduce(0) { $0 + $1.content.count }
    print("\(model.name): \(model.items.count) items of \(files.count) documents, \(size) bytes")
    print("libxml2 alone   \(milliseconds(bare))")
    print("read            \(milliseconds(reading)), \(ratio(reading, bare)) times that")
    print("and compiled    \(milliseconds(whole)), \(ratio(whole, bare)) times that")
    print("look-up         \(Int(lookUps / Double(rounds * instances.count) * 1e9)) ns")
    print("memory          \(String(format: "%.1f", memory / 1e6)) MB")
  }

  /// Seconds of CPU that this thread has had.
  private static func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func median(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<runs {
      let start = threadTime()
      try body()
      times.append(threadTime() - start)
    }
    return times.sorted()[runs / 2]
  }

  /// Bytes by which the process is larger for each of several things, when what was freed has been given back.
  private static func memory<Thing>(of count: Int, _ make: () throws -> Thing) rethrows -> Double {
    var things: [Thing] = []
    things.reserveCapacity(count)
    let before = residentBytes()
    for _ in 0..<count { things.append(try make()) }
    let after = residentBytes()
    return withExtendedLifetime(things) { Double(after - before) / Double(count) }
  }

  private static func residentBytes() -> Int {
    typealias Trim = @convention(c) (Int) -> Int32
    if let symbol = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(symbol, to: Trim.self)(0) }
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(
      separator: " ")
    return (fields.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0)
      * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func read(_ files: [File]) throws -> ModelLibrary {
    var library = ModelLibrary()
    for file in files { library.add(try ModelDocument(file.content, file: file.name)) }
    return library
  }

  /// libxml2 with callbacks that are not there.
  private static func pass(over content: [UInt8]) {
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    content.withUnsafeBytes { bytes in
      _ = xmlSAXUserParseMemory(
        &handler, nil, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
    }
  }

  private static func ratio(_ one: Double, _ other: Double) -> String {
    String(format: "%.1f", one / other)
  }

  private static func milliseconds(_ seconds: Double) -> String {
    String(format: "%.1f ms", seconds * 1e3)
  }
}

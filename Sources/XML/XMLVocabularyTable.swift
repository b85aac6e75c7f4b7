import CLibXML2

/// The words of a vocabulary by the addresses that a context's dictionary gave them.
///
/// libxml2 hands out every name as the one pointer under which its dictionary keeps it, so that an element is recognised by comparing addresses. The table is only valid as long as that dictionary.
struct XMLVocabularyTable {
  private let words: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  private let wordCount: Int
  // Open addressing over the addresses; a slot holds the word's place plus one, 0 where it is free.
  private let slots: UnsafeMutablePointer<(pointer: UnsafePointer<UInt8>?, place: Int)>
  private let mask: Int

  /// Enters the words into the dictionary.
  init(_ vocabulary: [String], dictionary: xmlDictPtr?) {
    wordCount = vocabulary.count
    words = .allocate(capacity: max(vocabulary.count, 1))
    var capacity = 16
    while capacity < vocabulary.count * 4 { capacity *= 2 }
    mask = capacity - 1
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: (nil, 0), count: capacity)
    for (place, word) in vocabulary.enumerated() {
      let pointer = xmlDictLookup(dictionary, word, Int32(word.utf8.count))
      (words + place).initialize(to: pointer)
      guard let pointer else { continue }
      var slot = Self.hash(pointer) & mask
      while slots[slot].place != 0 { slot = (slot + 1) & mask }
      slots[slot] = (pointer, place + 1)
    }
  }

  func deallocate() {
    words.deallocate()
    slots.deallocate()
  }

  func word(at pointer: UnsafePointer<UInt8>) -> Int? {
    var slot = Self.hash(pointer) & mask
    while slots[slot].place != 0 {
      if slots[slot].pointer == pointer { return slots[slot].place - 1 }
      slot = (slot + 1) & mask
    }
    return nil
  }

  func pointer(toWord word: Int) -> UnsafePointer<UInt8>? {
    word >= 0 && word < wordCount ? words[word] : nil
  }

  private static func hash(_ pointer: UnsafePointer<UInt8>) -> Int {
    let bits = UInt(bitPattern: pointer)
    return Int(truncatingIfNeeded: (bits &* 0x9E37_79B9_7F4A_7C15) >> 40)
  }
}

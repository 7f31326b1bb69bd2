/// One counter for each instruction of the kernel that was ever translated, and one for all of user space.
///
/// Translated code adds to a counter by its address, so none of them ever moves.
struct InstructionCounters: ~Copyable {
  private var memory: UnsafeMutablePointer<UInt64>
  private let capacity: Int
  /// The addresses of the counters' instructions; 0 for user space.
  private(set) var addresses: [UInt64] = [0]
  private var places: [UInt64: Int] = [0: 0]

  /// - Parameter capacity: more than any kernel has instructions. Memory that is not touched costs nothing.
  init(capacity: Int) {
    self.capacity = capacity
    memory = .allocate(capacity: capacity)
    // A large block is new memory of the kernel's, which is zero; the first page may be older.
    memory[0] = 0
  }

  /// Returns the counter of the instruction at that address of the guest.
  mutating func counter(of address: UInt64) -> UnsafeMutablePointer<UInt64> {
    let key = address >> 63 == 0 ? 0 : address
    if let place = places[key] { return memory + place }
    // The last one takes what does not fit.
    guard addresses.count < capacity else { return memory + (capacity - 1) }
    let place = addresses.count
    addresses.append(key)
    places[key] = place
    memory[place] = 0
    return memory + place
  }

  var counts: UnsafeBufferPointer<UInt64> { UnsafeBufferPointer(start: memory, count: addresses.count) }
}

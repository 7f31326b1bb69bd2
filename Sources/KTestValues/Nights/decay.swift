import Glibc

/// Returns the weight of a run of this age: 2^(−age/30 days).
func decay(_ days: Double) -> Double { days > 0 ? exp2(-days / 30) : 1 }

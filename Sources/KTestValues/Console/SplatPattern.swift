/// A kind of report that kernels print when something is wrong. Recognition is data: a row has the text that identifies
/// it, the text that only looks like it, and the rules for its title.
package struct SplatPattern: Sendable {
  /// The text that makes a line the first line of a splat.
  package let header: String
  /// Lines that contain the text but are not splats; compared in lower case.
  var ignored: [TextPattern] = []
  /// Whether it may be inside another splat without ending it.
  var goesOn = false
  /// The headers with which the code that prints this report brings a stack trace. They do not begin another splat.
  var brings: [TextPattern] = []
  /// Whether only the lines of these forms are splats; otherwise any line with the header is.
  var onlyForms = false
  /// Whether it is printed by code that runs before or outside of the kernel and never has a prefix.
  var isUnstamped = false
  /// Whether it counts only after a kernel has run.
  var needsBoot = false
  /// The rules for titles; the first form that matches is used.
  let forms: [SplatForm]
}

/// A rule for the title of a splat.
struct SplatForm: Sendable {
  /// The header line must match one of these; `{1}`, `{2}` in titles stand for the captures.
  let header: [TextPattern]
  /// The title in syzkaller's naming. `{frame}` and `{frame2}` are the functions to blame, `{access}` is Read or Write.
  let title: String
  var alternatives: [String] = []
  /// The steps that lead to the functions to blame. If the first way finds none, the second is tried.
  var way: [SplatStep] = []
  var otherWay: [SplatStep] = []
  /// Functions to skip here, in addition to those that are always skipped.
  var passOver: [FramePattern] = []
  var choice: FrameChoice = .first
  /// The report must match these, one after the other; their captures follow those of the header.
  var body: [TextPattern] = []
  var needsAccess = false
  /// Whether the splat is corrupted if it has no stack trace.
  var needsStack = true
  /// Whether it only reports that memory ran out, which is not a bug.
  var isSuppressed = false
  /// Whether the form is for the rest of a torn splat.
  var isTorn = false
}

/// One step through the lines of a splat. Every step continues after the line where the previous one ended.
package enum SplatStep: Sendable {
  /// The line with the instruction pointer; its function is a frame.
  case instructionPointer
  /// The same, or the line where PowerPC shows what a WARN interrupted.
  case trap
  case callTrace
  /// The next line that matches one of these; its captures are frames.
  case line([TextPattern])
  /// The frames up to the next trace, or up to the target of the next step.
  case stack
}

/// The rule that chooses the frame that represents the bug.
enum FrameChoice: Sendable {
  /// The first frame that is not skipped.
  case first
  /// The last frame before a general entry point, because a stalled CPU is caught anywhere in its loop.
  case stall
  /// Like `first`, but waiting for RCU or the RTNL lock is one bug, wherever it is seen.
  case hang
}

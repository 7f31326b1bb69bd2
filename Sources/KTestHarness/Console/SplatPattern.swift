/// One kind of thing that kernels print when something is wrong. Recognition is data: a row says by which text it is
/// known, what only looks like it, and how its title is made.
struct SplatPattern: Sendable {
  /// The text by which a line becomes the first of a splat.
  let header: String
  /// Lines that have the text and mean nothing; held against the line in lower case.
  var ignored: [TextPattern] = []
  /// Whether it may stand inside another splat without ending it.
  var goesOn = false
  /// Only the lines of these forms are splats; else any line with the header is.
  var onlyForms = false
  /// It is printed by what runs before or beside the kernel, and never carries a prefix.
  var isUnstamped = false
  /// It means something only after a kernel has run.
  var needsBoot = false
  /// How titles are made; the first form that fits says.
  let forms: [SplatForm]
}

/// How a title is made of a splat.
struct SplatForm: Sendable {
  /// The header line has to have one of these; `{1}`, `{2}` in titles are what its placeholders stand for.
  let header: [TextPattern]
  /// Titles by syzkaller's naming. `{frame}` and `{frame2}` are the functions to blame, `{access}` is Read or Write.
  let title: String
  var alternatives: [String] = []
  /// The way to the functions to blame. Where the first way leads nowhere, the second is tried.
  var way: [SplatStep] = []
  var otherWay: [SplatStep] = []
  /// Functions passed over here, besides those that are passed over everywhere.
  var passOver: [FramePattern] = []
  var choice: FrameChoice = .first
  /// The whole report has to have these, one after the other; captures go on after those of the header.
  var body: [TextPattern] = []
  var needsAccess = false
  /// Whether the splat is corrupted where it has no stack trace.
  var needsStack = true
  /// It says that memory was used up, which is no bug.
  var isSuppressed = false
  /// A form for what is left of a torn splat.
  var isTorn = false
}

/// One step on the way through a splat's lines. Every step goes on after the line where the one before it ended.
enum SplatStep: Sendable {
  /// The line with the instruction pointer; its function counts.
  case instructionPointer
  /// The same, or where PowerPC says what a WARN interrupted.
  case trap
  case callTrace
  /// The next line that has one of these; what they capture counts as frames.
  case line([TextPattern])
  /// The frames until the next trace begins, or until what the next step looks for.
  case stack
}

/// Which frame of a stack stands for the bug.
enum FrameChoice: Sendable {
  /// The first that is not passed over.
  case first
  /// The last before a general entry point, because a stalled CPU is caught anywhere in its loop.
  case stall
  /// As `first`, but waiting for RCU or the RTNL lock is one bug, wherever it is seen.
  case hang
}

import KTestHost
import KTestValues

// The kinds of the errors of other rooms.

extension PlanError: ClassifiedError {
  package var failureKind: Failure.Kind { isSelection ? .usage : isUsage ? .data : .host }
}

extension ExplanationError: ClassifiedError {
  package var failureKind: Failure.Kind { isUsage ? .usage : .data }
}

extension SymbolError: ClassifiedError {
  package var failureKind: Failure.Kind { isUsage ? .usage : .host }
}

extension LogError: ClassifiedError {
  package var failureKind: Failure.Kind { isUsage ? .usage : .host }
}

extension GitFailure: ClassifiedError {
  package var failureKind: Failure.Kind { isUsage ? .usage : .host }
}

extension HTTPProblem: ClassifiedError {
  package var failureKind: Failure.Kind { isUsage ? .usage : .host }
}

extension OutputProblem: ClassifiedError {
  package var failureKind: Failure.Kind { wasChecked ? .host : .usage }
}

extension KernelError: ClassifiedError {
  package var failureKind: Failure.Kind {
    switch self {
    // What the user asked for is wrong.
    case .badSource, .notFound, .notAKernel, .wrongArchitecture, .notBootable, .truncated, .notBuilt, .noKernelIn,
      .severalKernelsIn, .notInstalled, .badPackage, .noSuchPackage, .noSuchSuite, .partMissing,
      .badCommandLine:
      .usage
    // The image or package is damaged, or contradicts itself.
    case .badImage, .tooLarge: .data
    default: .host
    }
  }
}

extension KernelBuildError: ClassifiedError {
  package var failureKind: Failure.Kind {
    switch kind {
    case .usage: .usage
    case .configuration: .data
    case .source: .failed
    case .host: .host
    }
  }
}

extension ImageError: ClassifiedError {
  package var failureKind: Failure.Kind {
    switch self {
    case .parameterInvalid, .placeUnfit, .folderMissing: .usage
    // The recipe is correct, but this host lacks something.
    case .inRecipe(_, _, _, .programMissing): .host
    case .inRecipe: .data
    default: .host
    }
  }
}

extension JournalError: ClassifiedError {
  package var failureKind: Failure.Kind {
    switch self {
    // There is no such run; nothing is wrong with this host.
    case .notARun, .noRuns, .noSuchRun, .ambiguous: .usage
    default: .host
    }
  }
}

extension PageProblem: ClassifiedError {
  package var failureKind: Failure.Kind {
    switch self {
    case .foreign: .usage
    case .unwritable: .host
    }
  }
}

extension MailProblem: ClassifiedError {
  package var failureKind: Failure.Kind {
    switch self {
    case .badAddress: .usage
    case .noProgram, .refused, .unwritable: .host
    }
  }
}

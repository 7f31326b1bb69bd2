import KTestValues

// The kinds of this room's errors.

extension GitProblem: ClassifiedError {
  package var failureKind: Failure.Kind { .usage }
}

extension CommitGraphProblem: ClassifiedError {
  package var failureKind: Failure.Kind { .usage }
}
